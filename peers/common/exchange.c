/* The application exchange of a case: endpoint.h has the rule. */
#include "peers/common/run.h"

#include <stdlib.h>

/* The client: sends the request, compares the answer. */
static int ask(struct run *run, uint8_t *buffer, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buffer[i] = request_byte(i);
    if (run_write(run, buffer, len) != 0 || run_read(run, buffer, len) != 0)
        return -1;
    for (size_t i = 0; i < len; i++)
        if ((buffer[i] ^ request_byte(i)) != 0xFF)
            return run_refuse(run, "the answer is not the inverted request");
    return 0;
}

static int answer(struct run *run, uint8_t *buffer, size_t len)
{
    if (run_read(run, buffer, len) != 0)
        return -1;
    for (size_t i = 0; i < len; i++)
        buffer[i] ^= 0xFF;
    return run_write(run, buffer, len);
}

static int talk(struct run *run, void *context)
{
    (void)context;
    const struct endpoint *endpoint = run_endpoint(run);
    if (endpoint->request_len == 0)
        return 0;
    uint8_t *buffer = malloc(endpoint->request_len);
    if (buffer == NULL)
        return run_decline(run, "out of memory");
    int (*side)(struct run *, uint8_t *, size_t) = endpoint->role == ROLE_CLIENT ? ask : answer;
    int status = side(run, buffer, endpoint->request_len);
    free(buffer);
    return status;
}

const struct exchange exchange_case = { .talk = talk };
