/* The lies of the peer `liar`: each a row that the harness must see through. */
#ifndef TLSMATRIX_PEERS_LIAR_LIES_H
#define TLSMATRIX_PEERS_LIAR_LIES_H

#include "peers/common/stack.h"

struct lie {
    const char *name;                          /* as in the endpoint's `fault` */
    const char *help;                          /* one line */
    void (*before)(struct endpoint *endpoint); /* changes what it does */
    void (*at_handshake)(void);                /* happens in the middle of the case */
    void (*after)(struct facts *facts);        /* changes what it reports */
    bool every_step;     /* at_handshake happens at each call, not only at the first */
    bool no_close;       /* ends TCP instead of sending close_notify */
    bool data_first;     /* sends the request before the pin is checked */
    bool other_contract; /* claims another contract in its hello */
};

extern const struct lie lies[];
extern const size_t num_lies;

/* NULL if unknown. */
const struct lie *lie_by_name(const char *name);

/* `honest` with every lie wrapped around it; the lie that is told is the one of lie_begin(). */
const struct tls_stack *lying_stack(const struct tls_stack *honest);

/* From here on this lie (NULL: none) is told, in a case of this endpoint. */
void lie_begin(const struct lie *lie, const struct endpoint *endpoint);
const struct lie *lie_current(void);

#endif
