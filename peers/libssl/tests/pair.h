/* A client and a server of the stack under test in one process, over a socket pair. */
#ifndef TLSMATRIX_PEERS_LIBSSL_TESTS_PAIR_H
#define TLSMATRIX_PEERS_LIBSSL_TESTS_PAIR_H

#include "peers/common/stack.h"

/* One end. Fill `endpoint` (pair_init() has set defaults), then pair_connect(). */
struct end {
    struct endpoint endpoint;
    struct facts facts;
    struct stack_credential *credential;
    struct stack_trust *trust;
    struct stack_context *context;
    struct stack_connection *connection;
    enum io_status status; /* of the last operation */
    bool declined;         /* the stack would not be configured so; `err` says why */
    struct error err;
};

struct pair {
    struct end ends[2]; /* [enum role] */
    int sockets[2];
};

/* Both ends at one version (TLS10 …), one suite (0: the library's own list), the credential's
 * files below `directory` (the forge's layout) at the server, verified by the client. */
void pair_init(struct pair *pair, const char *directory, uint16_t version, uint16_t suite,
               enum credential credential);
/* The client has a credential too, and the server requires it. */
void pair_make_mutual(struct pair *pair, const char *directory, enum credential credential);
/* Both ends offer this group only. */
void pair_set_group(struct pair *pair, uint16_t group);
/* Both ends share a PSK / an SRP user; nobody verifies a certificate. */
void pair_set_psk(struct pair *pair);
void pair_set_srp(struct pair *pair);

/* Configures both ends, shakes hands and sends a byte each way (a TLS 1.3 client learns of its
 * refusal only there). True if all of it went well. Facts are filled either way. */
bool pair_connect(struct pair *pair);

/* The same again with new connections of the same contexts, after a pair_connect() that was not
 * declined. */
bool pair_reconnect(struct pair *pair);

/* Runs one operation of both ends until neither can go on. */
void pair_step(struct pair *pair, enum io_status (*operation)(struct end *end));

/* Do both ends report the same parameters, exporter value and keys, and no resumption? */
bool pair_ends_agree(const struct pair *pair);

/* Returns `right`; if it is false, prints what both ends know, under the heading VERSION WHAT. */
bool pair_expect(const struct pair *pair, bool right, const char *what, uint16_t version);

void pair_fini(struct pair *pair);

#endif
