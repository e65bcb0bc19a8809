/* One case at one end: context, handshake, pin check, application exchange, close, each step
 * under the one deadline of the endpoint; and what came of it as facts. */
#ifndef TLSMATRIX_PEERS_COMMON_RUN_H
#define TLSMATRIX_PEERS_COMMON_RUN_H

#include "peers/common/contexts.h"
#include "peers/common/stack.h"

/* A connection in the middle of its life; for application exchanges. */
struct run;

/* What is said inside the connection; `context` is the caller's. Returns 0 if it was completed,
 * else -1 with everything noted in the facts. */
struct exchange {
    int (*talk)(struct run *run, void *context);
    void *context;
};

/* The exchange of a case: endpoint.exchange, as everybody knows it (exchange.h). */
extern const struct exchange exchange_case;

/* Runs one connection over `socket`, which is connected, becomes non-blocking and stays the
 * caller's; afterwards its sending direction is shut down and the other end's is drained, so that
 * closing it destroys nothing that the other end has yet to read. Fills *facts whatever happens. */
void run_connection(struct contexts *contexts, const struct tls_stack *stack,
                    const struct endpoint *endpoint, int socket, const struct exchange *exchange,
                    struct facts *facts);

/* For exchanges. Both return the bytes transferred, or -1 with the failure noted. */
long run_read_some(struct run *run, void *buffer, size_t len); /* 0: the other end closed */
int run_read(struct run *run, void *buffer, size_t len);       /* all of it; closing is a failure */
int run_write(struct run *run, const void *data, size_t len);  /* all of it */
/* Note why the exchange was not completed: the other end's doing, or this machine's. Return -1. */
int run_refuse(struct run *run, const char *reason);
int run_decline(struct run *run, const char *reason);
const struct endpoint *run_endpoint(const struct run *run);
/* What the stack says of the other end; *out is zeroed before. */
void run_describe_peer(struct run *run, struct peer_description *out);

/* Byte `index` of the request of a case: the low byte of the index, XOR the next higher byte, so
 * that neither a lost nor a doubled block goes unnoticed. */
static inline uint8_t request_byte(size_t index)
{
    return (uint8_t)(index ^ index >> 8);
}

#endif
