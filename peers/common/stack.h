/* The one interface behind which every TLS stack stands. A stack's directory ends in one
 * `const struct tls_stack` of these operations; nothing else of it is visible, and no other file
 * includes a TLS library's header.
 *
 * Who calls: peers/common (worker.c, byhand.c, bench.c), always from one thread.
 * Errors: operations return 0 or -1 with one line in *err in the library's own words; class
 * ERROR_USAGE where the configuration asks for what this library cannot do (the worker turns that
 * into "declined"), ERROR_HARNESS otherwise. */
#ifndef TLSMATRIX_PEERS_COMMON_STACK_H
#define TLSMATRIX_PEERS_COMMON_STACK_H

#include "harness/control/capabilities.h"
#include "harness/control/endpoint.h"
#include "harness/control/facts.h"
#include "harness/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The stack's own objects; each stack completes these types. */
struct stack_credential; /* own chain, key and staple, loaded */
struct stack_trust;      /* trust anchors and CRLs, loaded */
struct stack_context;    /* everything that connections of one configuration share */
struct stack_connection; /* one connection */

enum io_status {
    IO_DONE,       /* handshake complete; bytes transferred; close_notify sent or received */
    IO_WANT_READ,  /* poll the socket for reading, then call again */
    IO_WANT_WRITE, /* poll the socket for writing, then call again */
    IO_CLOSED,     /* read only: the other end sent close_notify */
    IO_EOF,        /* read or handshake: TCP ended without close_notify */
    IO_FAILED,     /* fatal; connection_facts() tells what is known, errno is the socket's */
};

/* What people want to know of the other end. */
enum { PEER_NAMES_MAX = 32, PEER_NAME_LEN = 256 /* the longest DNS name and NUL */ };
struct peer_description {
    /* The subject's common name, then the subject alternative names: dNSName as they are, iPAddress
     * as text; control characters as '?', what is longer cut. */
    char names[PEER_NAMES_MAX][PEER_NAME_LEN];
    size_t num_names;
    bool has_common_name;           /* names[0] is one */
    char compression[NAME_MAX_LEN]; /* the library's name for it, "none" */
};

struct tls_stack {
    const char *name; /* the API, and the stack name unless the build gave another */

    /* Asks the library what it can do. Called once, before anything else. */
    int (*capabilities)(struct capabilities *out, struct error *err);

    /* Loading is apart from contexts because it is slow and the same files come again and again;
     * peers/common caches all three, by what they are made of. */
    /* Of chain_file, key_file, staple_file and wrong_key, and nothing else. A key that is not the
     * leaf's is ERROR_USAGE unless wrong_key is set. */
    int (*credential_new)(struct stack_credential **out, const struct endpoint *endpoint,
                          struct error *err);
    void (*credential_free)(struct stack_credential *credential);
    /* Of trust_file and crl_file, and nothing else. */
    int (*trust_new)(struct stack_trust **out, const struct endpoint *endpoint, struct error *err);
    void (*trust_free)(struct stack_trust *trust);

    /* Builds a context from everything in `endpoint` but the pin, the application exchange, the
     * deadline, the key log flag and the paths. No session cache and no tickets unless
     * `sessions` is set, no early data, no renegotiation. The policy of the library (security
     * levels, default lists) must not stand in the way of what the endpoint asks for; how strong a
     * certificate has to be is no such thing, and stays the library's own measure. `credential` and
     * `trust` may be NULL and outlive the context. */
    int (*context_new)(struct stack_context **out, const struct endpoint *endpoint,
                       struct stack_credential *credential, struct stack_trust *trust,
                       struct error *err);
    void (*context_free)(struct stack_context *context);

    /* `socket` is a connected, non-blocking TCP socket that stays the caller's. Key log lines go
     * to `facts->keylog` if `endpoint->keylog`; alerts as they pass to facts->alert_*. `facts`
     * outlives the connection. */
    int (*connection_new)(struct stack_connection **out, struct stack_context *context,
                          const struct endpoint *endpoint, int socket, struct facts *facts,
                          struct error *err);
    void (*connection_free)(struct stack_connection *connection);

    /* Drives the handshake; where the library leaves alerts to its caller (GnuTLS), sends the one
     * that the library proposes. After IO_FAILED, facts->error_text holds the reason. */
    enum io_status (*handshake)(struct stack_connection *connection);
    /* *num_done receives the bytes transferred with IO_DONE. */
    enum io_status (*read)(struct stack_connection *connection, void *buffer, size_t *num_done,
                           size_t len);
    enum io_status (*write)(struct stack_connection *connection, size_t *num_done, const void *data,
                            size_t len);
    /* Sends close_notify; does not wait for the other end's. */
    enum io_status (*close_notify)(struct stack_connection *connection);

    /* Fills what the library knows now: version, suite, group, signature scheme, resumed, verify
     * result, exporter value, peer leaf hash. Harmless before the handshake is done. */
    void (*connection_facts)(struct stack_connection *connection, struct facts *facts);
    /* SHA-256 of the other end's leaf certificate (DER) and of its SubjectPublicKeyInfo (DER).
     * -1 if it presented none. */
    int (*peer_hashes)(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                       uint8_t spki[SHA256_LEN]);

    /* By hand: fills *out, zeroed before, after a handshake. */
    void (*describe_peer)(struct stack_connection *connection, struct peer_description *out);

    /* By hand: the suites that the library's own selection string stands for, one a line; a
     * string that selects nothing is ERROR_USAGE. */
    int (*print_ciphers)(FILE *out, const char *selection, struct error *err);
    /* By hand: a certificate or key in PEM, as a readable text. */
    int (*describe_file)(FILE *out, const char *path, struct error *err);
};

/* A name of the other end's certificate, cut and made harmless; more than PEER_NAMES_MAX are left
 * out. For stacks. */
void peer_add_name(struct peer_description *out, const void *name, size_t len);
/* The same for an address of 4 or 16 bytes; others are left out. */
void peer_add_address(struct peer_description *out, const void *address, size_t len);

/* The one stack of this program: each stack's directory defines it, main() uses it. */
extern const struct tls_stack *const tls_stack;

#endif
