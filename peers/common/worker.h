/* `tlspeer-X worker`: cases from the control socket, facts back. peers/README.md has the contract.
 */
#ifndef TLSMATRIX_PEERS_COMMON_WORKER_H
#define TLSMATRIX_PEERS_COMMON_WORKER_H

#include "peers/common/stack.h"

/* Where the peer `liar` departs from honesty. */
struct worker_hooks {
    int contract;                              /* the number that it claims to speak */
    const char *(*fault_at)(size_t index);     /* the names that it knows; NULL past their end */
    void (*before)(struct endpoint *endpoint); /* may change what it is told to do */
    void (*after)(struct facts *facts);        /* or what it reports */
};

/* Serves the control socket CONTROL_FD until `quit` or its end. Returns the exit status: 0, or
 * ERROR_HARNESS with a line on stderr when the other end breaks the contract. `hooks`: NULL for
 * an honest worker, which knows no fault. A case with an unknown fault is declined. */
int worker_main(const struct tls_stack *stack, const struct worker_hooks *hooks);

#endif
