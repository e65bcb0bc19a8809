/* What the files of peers/libssl/ share: the stack's objects, and the operations that the two
 * stacks of this family put into their `struct tls_stack`. Compiled once per stack against that
 * stack's own headers; only peers/libssl, peers/openssl and peers/boringssl may include it. */
#ifndef TLSMATRIX_PEERS_LIBSSL_LIBSSL_H
#define TLSMATRIX_PEERS_LIBSSL_LIBSSL_H

#include "peers/common/stack.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

struct stack_credential {
    X509 *leaf;
    STACK_OF(X509) * intermediates; /* in the order of the file, without the leaf */
    EVP_PKEY *key;
    bool wrong_key;        /* the key is not the leaf's, and is to be used all the same */
    unsigned char *staple; /* OCSP response, DER; NULL: none */
    size_t staple_len;
};

struct stack_trust {
    X509_STORE *store; /* anchors and CRLs */
};

struct stack_context {
    SSL_CTX *ctx;
    struct endpoint endpoint;                  /* what callbacks need: role, PSK, SRP, groups */
    const struct stack_credential *credential; /* likewise; may be NULL */
    const struct stack_trust *trust;           /* likewise */
    unsigned char *session;                    /* a client's, in DER; NULL: none, or none is kept */
    size_t session_len;
};

struct stack_connection {
    SSL *ssl;
    const struct stack_context *context;
    struct facts *facts;
    bool keylog;
    bool handshake_done; /* facts stay known even if the connection fails afterwards */
    X509 *peer_leaf;     /* what the other end presented, accepted or not */
    bool verified;       /* verify_code means something */
    long verify_code;    /* X509_V_… */
    bool usage_refused;  /* by its key usage, apart from verify_code */
    uint16_t dhe_sent;   /* server, TLS <= 1.2: the group of its DHE key, 0 unknown or none */
};

/* The connection behind an SSL object, for callbacks. */
struct stack_connection *libssl_connection(const SSL *ssl);

/* Is it an IP address, which is compared with another kind of name in the certificate (RFC 5280
 * section 4.2.1.6, iPAddress) and is never sent (RFC 6066 section 3)? */
bool libssl_is_address(const char *name);

/* Sets what the endpoint says of server names and application protocols. */
int libssl_set_names(struct stack_context *context, struct error *err);

/* Empties the library's error queue into one line ("; " between entries); "" if it was empty. */
void libssl_take_errors(char *out, size_t out_len);

/* Fills *err with "format: " and the library's own words, which it takes from the queue.
 * Returns -1. */
int libssl_error(struct error *err, enum error_class class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The operations of struct tls_stack (peers/common/stack.h). */
int libssl_capabilities(struct capabilities *out, struct error *err);
int libssl_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                          struct error *err);
void libssl_credential_free(struct stack_credential *credential);
int libssl_trust_new(struct stack_trust **out, const struct endpoint *endpoint, struct error *err);
void libssl_trust_free(struct stack_trust *trust);
int libssl_context_new(struct stack_context **out, const struct endpoint *endpoint,
                       struct stack_credential *credential, struct stack_trust *trust,
                       struct error *err);
void libssl_context_free(struct stack_context *context);
int libssl_connection_new(struct stack_connection **out, struct stack_context *context,
                          const struct endpoint *endpoint, int socket, struct facts *facts,
                          struct error *err);
void libssl_connection_free(struct stack_connection *connection);
enum io_status libssl_handshake(struct stack_connection *connection);
enum io_status libssl_read(struct stack_connection *connection, void *buffer, size_t *num_done,
                           size_t len);
enum io_status libssl_write(struct stack_connection *connection, size_t *num_done, const void *data,
                            size_t len);
enum io_status libssl_close_notify(struct stack_connection *connection);
void libssl_connection_facts(struct stack_connection *connection, struct facts *facts);
int libssl_peer_hashes(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                       uint8_t spki[SHA256_LEN]);
void libssl_describe_peer(struct stack_connection *connection, struct peer_description *out);
int libssl_print_ciphers(FILE *out, const char *selection, struct error *err);
int libssl_describe_file(FILE *out, const char *path, struct error *err);

/* All members of struct tls_stack but the name. */
#define LIBSSL_OPERATIONS                                                                          \
    .capabilities = libssl_capabilities, .credential_new = libssl_credential_new,                  \
    .credential_free = libssl_credential_free, .trust_new = libssl_trust_new,                      \
    .trust_free = libssl_trust_free, .context_new = libssl_context_new,                            \
    .context_free = libssl_context_free, .connection_new = libssl_connection_new,                  \
    .connection_free = libssl_connection_free, .handshake = libssl_handshake, .read = libssl_read, \
    .write = libssl_write, .close_notify = libssl_close_notify,                                    \
    .connection_facts = libssl_connection_facts, .peer_hashes = libssl_peer_hashes,                \
    .describe_peer = libssl_describe_peer, .print_ciphers = libssl_print_ciphers,                  \
    .describe_file = libssl_describe_file

#endif
