/* What the two ends say to each other once the connection stands: one row for each exchange of
 * harness/control/exchanges.h, and both its ends. */
#ifndef TLSMATRIX_PEERS_COMMON_EXCHANGE_H
#define TLSMATRIX_PEERS_COMMON_EXCHANGE_H

#include "harness/control/exchanges.h"
#include "peers/common/run.h"

enum {
    TALK_MAX = 16 * 1024,       /* what one end keeps of what the other says */
    PRODUCT_NUMBERS_MAX = 1024, /* in one request for a product */
};

/* The part of an exchange that a person may choose, and what a person wants to see of it. Zeroed:
 * as in a case of the matrix. */
struct talk {
    bool by_hand;       /* nobody has agreed on a length: take what comes */
    const uint8_t *say; /* what this end says where it is its turn; NULL: the exchange's own */
    size_t say_len;
    size_t request_len; /* `product`, server: bytes that belong to a request; 0: what comes first */
    char heard[TALK_MAX + 1]; /* for people, control characters made harmless; ends in NUL */
};

/* Plays this end's part of endpoint.exchange; `context` is a struct talk, or NULL for a case. */
int exchange_talk(struct run *run, void *context);

/* What a stack can do, and what every peer that can speak TLS at all can do on top of it. */
int peer_capabilities(const struct tls_stack *stack, struct capabilities *out, struct error *err);

#endif
