/* Where the members of the OpenSSL API family differ. peers/libssl/ calls these; each stack's
 * directory defines all of them, and nothing of libssl/ asks which stack it is compiled for.
 *
 * Setters return 0, or -1 with *err filled: ERROR_USAGE where the library cannot do what is
 * asked, ERROR_HARNESS where it failed to. */
#ifndef TLSMATRIX_PEERS_LIBSSL_DIALECT_H
#define TLSMATRIX_PEERS_LIBSSL_DIALECT_H

#include "peers/libssl/libssl.h"

/* "openssl": the directory in peers/ and the stack's name. */
extern const char dialect_name[];

/* A kind of credential and the versions in which this library signs and verifies with it. */
struct dialect_credential {
    int key_type; /* EVP_PKEY_…; EVP_PKEY_NONE: the library has nothing of the kind */
    uint16_t min_version;
    uint16_t max_version;
};
extern const struct dialect_credential dialect_credentials[NUM_CREDENTIALS];

extern const bool dialect_features[NUM_FEATURES];

/* The reason code that this library's error queue holds when TCP ended without close_notify, 0 if
 * it says so by an empty queue. */
extern const int dialect_eof_reason;

/* The reason code for a certificate whose key usage does not fit the handshake, which the library
 * finds apart from verifying the chain; 0 if it does not look. */
extern const int dialect_key_usage_reason;

/* What the library calls itself, and the release that names its expected capability list. */
void dialect_describe_library(char library[NAME_MAX_LEN * 2], char release[NAME_MAX_LEN]);

/* Does the library have this suite at all? */
bool dialect_has_suite(uint16_t suite);
/* Can this group be negotiated in this version, which is one that the registry allows? */
bool dialect_has_group(uint16_t version, uint16_t group);
/* Can it verify this signature scheme in some version? */
bool dialect_has_signature_scheme(uint16_t scheme);
/* Does it have keys of this kind (an EVP_PKEY_… of dialect_credentials)? */
bool dialect_has_key_type(int key_type);

/* Takes the library's policy for connections out of the way: security level, signature
 * preferences. */
int dialect_allow_everything(SSL_CTX *ctx, struct error *err);
/* Called before a chain is verified, whose keys and digests are judged by the library's own
 * measure: an endpoint asks for suites and versions, never for a weak certificate to be accepted.
 */
void dialect_keep_verify_policy(X509_STORE_CTX *store_ctx);
/* Offers and accepts exactly these suites, in this order; every one is known to the library
 * (dialect_has_suite). Keeping TLS 1.3 out or the rest out is the caller's, by version range. */
int dialect_set_suites(SSL_CTX *ctx, const uint16_t *suite_ids, size_t num_ids, struct error *err);
/* Likewise for groups; the empty list leaves the library's own. */
int dialect_set_groups(SSL_CTX *ctx, const uint16_t *group_ids, size_t num_ids, struct error *err);
/* The external PSK of context->endpoint, in TLS 1.3 (TLS <= 1.2 is the family's own). Called
 * only where there is one. */
int dialect_set_psk13(struct stack_context *context, struct error *err);
/* Presents context->credential, whose key is not its certificate's, and signs with that key.
 * Called only where it is so. */
int dialect_set_wrong_key(struct stack_context *context, struct error *err);
/* Staples context->credential->staple where asked. Called only where there is one, at a server. */
int dialect_set_staple(struct stack_context *context, struct error *err);
/* Asks for a staple and judges it, once the chain has been verified against context->trust; what is
 * wrong with it goes to the connection's verify_code. Called at a client only. */
int dialect_check_staples(struct stack_context *context, struct error *err);
/* The SRP user of context->endpoint. Called only where there is one. */
int dialect_set_srp(struct stack_context *context, struct error *err);

/* Called at every step of a server's handshake, for what the library forgets before its end. */
void dialect_note_step(struct stack_connection *connection);
/* The (EC)DHE group of the handshake, 0 if unknown or none: what the library used, never what it
 * was told to use. */
uint16_t dialect_negotiated_group(const struct stack_connection *connection);
/* The scheme of the server's handshake signature, 0 if the library does not tell. Called only
 * where the server signed, in TLS 1.2 or 1.3. */
uint16_t dialect_server_signature_scheme(const struct stack_connection *connection);

#endif
