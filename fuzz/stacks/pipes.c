#include "fuzz/stacks/pipes.h"

#include <errno.h>
#include <string.h>

/* What one end has sent. */
struct pipe_end {
    uint8_t bytes[PIPE_ROOM];
    size_t len, at; /* the other end has received up to `at` */
    bool ended;
};

static struct pipe_end ends[NUM_PIPE_ENDS];
static size_t victim_segment;

static struct pipe_end *sender(int end)
{
    return &ends[end - PIPE_VICTIM];
}

static struct pipe_end *receiver(int end)
{
    return &ends[1 - (end - PIPE_VICTIM)];
}

void pipes_reset(size_t segment)
{
    for (size_t i = 0; i < NUM_PIPE_ENDS; i++) {
        ends[i].len = ends[i].at = 0;
        ends[i].ended = false;
    }
    victim_segment = segment;
}

ssize_t pipes_recv(int end, void *buffer, size_t len)
{
    struct pipe_end *pipe = receiver(end);
    size_t some = pipe->len - pipe->at;
    if (some == 0 && pipe->ended)
        return 0;
    if (some == 0) {
        errno = EAGAIN;
        return -1;
    }
    if (end == PIPE_VICTIM && victim_segment > 0 && some > victim_segment)
        some = victim_segment;
    if (some > len)
        some = len;
    memcpy(buffer, pipe->bytes + pipe->at, some);
    pipe->at += some;
    return (ssize_t)some;
}

ssize_t pipes_send(int end, const void *data, size_t len)
{
    struct pipe_end *pipe = sender(end);
    if (pipe->ended || len > PIPE_ROOM - pipe->len) {
        errno = EPIPE;
        return -1;
    }
    memcpy(pipe->bytes + pipe->len, data, len);
    pipe->len += len;
    return (ssize_t)len;
}

void pipes_end(int end)
{
    sender(end)->ended = true;
}

size_t pipes_waiting(int end)
{
    return receiver(end)->len - receiver(end)->at;
}

size_t pipes_sent(int end)
{
    return sender(end)->len;
}

uint64_t pipes_hash(int end)
{
    const struct pipe_end *pipe = sender(end);
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < pipe->len; i++)
        hash = (hash ^ pipe->bytes[i]) * UINT64_C(0x100000001B3);
    return hash;
}

const uint8_t *pipes_bytes(int end, size_t *len)
{
    *len = sender(end)->len;
    return sender(end)->bytes;
}

/* ---- as the wrapped socket calls want it ---- */

static ssize_t receive(void *context, int descriptor, void *out, size_t len)
{
    (void)context;
    return pipes_recv(descriptor, out, len);
}

static ssize_t give(void *context, int descriptor, const void *data, size_t len)
{
    (void)context;
    return pipes_send(descriptor, data, len);
}

const struct fuzz_transport pipes_transport = { .receive = receive, .send = give };
