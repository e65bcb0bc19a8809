/* Two GnuTLS ends over a socket pair in one process, stepped in turn. */
#ifndef TLSMATRIX_PEERS_GNUTLS_TESTS_PAIR_H
#define TLSMATRIX_PEERS_GNUTLS_TESTS_PAIR_H

#include "harness/pki/forge.h"
#include "peers/common/stack.h"

struct pair {
    struct endpoint endpoint[2]; /* [enum role] */
    struct facts facts[2];
    enum io_status status[2]; /* of the last step */
    bool accepted;            /* both handshakes done and data crossed in both directions */
    int socket[2];
    struct stack_credential *credential[2];
    struct stack_trust *trust[2];
    struct stack_context *context[2];
    struct stack_connection *connection[2];
};

/* Two endpoints for one suite, group and version that verify nothing and have nothing. */
void pair_init(struct pair *pair, uint16_t version, uint16_t suite, uint16_t group);
/* Gives the server this credential, and the client its root, its name and the forge's time. */
void pair_use(struct pair *pair, const struct forged *forged);
/* Likewise for the client, required by the server. */
void pair_use_mutual(struct pair *pair, const struct forged *forged);
void pair_use_psk(struct pair *pair);
void pair_use_srp(struct pair *pair);

/* Builds both ends; -1 when one declines. */
int pair_open(struct pair *pair, struct error *err);
/* Steps both handshakes until neither moves. */
void pair_handshake(struct pair *pair);
/* Client sends, server answers; facts are filled; sets `accepted`. */
void pair_exchange(struct pair *pair);
/* All of it. Asserts that it can be configured. pair_fini() afterwards. */
void pair_run(struct pair *pair);
void pair_fini(struct pair *pair);

/* One step of reading at one end. */
enum io_status pair_read(struct pair *pair, enum role role);

#endif
