/* The objects behind the stack vtable (peers/common/stack.h), for the files of this directory.
 *
 * credential.c  files into parsed keys, chains and anchors
 * context.c     one configuration: priorities and the library's credential objects
 * transport.c   the socket, and what alerts go through it in clear
 * connection.c  handshake, data, close, and the alerts that GnuTLS leaves to its caller
 * verify.c      judging the other end's certificate at a frozen time, inside the handshake
 * facts.c       what the library knows of a connection
 * describe.c    by hand: suites, certificates and keys as text
 * features.c    what the library can do */
#ifndef TLSMATRIX_PEERS_GNUTLS_INTERNAL_H
#define TLSMATRIX_PEERS_GNUTLS_INTERNAL_H

#include "peers/common/stack.h"
#include "peers/gnutls/library.h"
#include "peers/gnutls/selection.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum {
    CHAIN_MAX = 40,          /* certificates in one chain; the forge's longest has 31 */
    HELLO_SUITES_MAX = 1024, /* of a ClientHello that are looked at; more is not a real client */
    WARNINGS_MAX = 32,       /* warning alerts and such read over in one call */
};

struct stack_credential {
    gnutls_privkey_t key;
    gnutls_pcert_st chain[CHAIN_MAX]; /* in the order of the file */
    unsigned num_chain;
    gnutls_ocsp_data_st staple; /* of the leaf */
    unsigned num_staples;       /* 0 or 1 */
};

struct stack_trust {
    gnutls_x509_crt_t *anchors;
    unsigned num_anchors;
    gnutls_x509_crl_t *crls;
    unsigned num_crls;
};

struct stack_context {
    struct endpoint endpoint;
    struct selection selection;
    gnutls_datum_t session; /* a client's; empty: none, or none is kept */
    bool exact;             /* the priorities stand for the asked suites and no other */
    struct stack_credential *credential; /* may be NULL */
    gnutls_priority_t priorities;
    gnutls_dh_params_t dh;
    gnutls_certificate_credentials_t certificates;
    gnutls_anon_client_credentials_t anon_client;
    gnutls_anon_server_credentials_t anon_server;
    gnutls_psk_client_credentials_t psk_client;
    gnutls_psk_server_credentials_t psk_server;
    gnutls_srp_client_credentials_t srp_client;
    gnutls_srp_server_credentials_t srp_server;
};

/* Reads the type and the two bytes of cleartext alert records out of a stream of records. */
struct alert_watch {
    uint8_t head[7]; /* record header and, for an alert, its two bytes */
    size_t num_head;
    size_t remaining; /* bytes of the record's body that are still to come */
};

struct stack_connection {
    gnutls_session_t session;
    struct stack_context *context;
    struct facts *facts;
    int socket;
    bool handshake_done;
    bool reset;       /* the socket said ECONNRESET or EPIPE */
    int failure;      /* the library's error code that ended the connection; 0 none */
    bool alert_due;   /* the alert for `failure` is still to be sent */
    bool ended_early; /* TCP ended without close_notify */
    struct alert_watch watch;
    bool verify_known;
    unsigned verify_status;
    char verify_text[TEXT_LEN];
};

extern const struct tls_stack tls_stack_gnutls;

int gnutls_stack_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                                struct error *err);
void gnutls_stack_credential_free(struct stack_credential *credential);
int gnutls_stack_trust_new(struct stack_trust **out, const struct endpoint *endpoint,
                           struct error *err);
void gnutls_stack_trust_free(struct stack_trust *trust);
/* Reads a whole PEM file; free with gnutls_free(). ERROR_USAGE where it cannot be read or holds no
 * "-----BEGIN". */
int pem_read(gnutls_datum_t *out, const char *path, struct error *err);
/* Parses every certificate of a PEM file; free each, and the array with gnutls_free(). */
int certificates_read(gnutls_x509_crt_t **out, unsigned *num_out, const char *path,
                      struct error *err);

int gnutls_stack_context_new(struct stack_context **out, const struct endpoint *endpoint,
                             struct stack_credential *credential, struct stack_trust *trust,
                             struct error *err);
void gnutls_stack_context_free(struct stack_context *context);
/* Sets the session's credentials, priorities and demands. */
int context_apply(struct stack_context *context, gnutls_session_t session, struct error *err);

/* The SRP verifier of the endpoint's one user: the library's callback type. */
int srp_lookup(gnutls_session_t session, const char *user, gnutls_datum_t *salt,
               gnutls_datum_t *verifier, gnutls_datum_t *generator, gnutls_datum_t *prime);
/* The endpoint's one PSK: the library's callback type. */
int psk_lookup(gnutls_session_t session, const char *identity, gnutls_datum_t *key);

int gnutls_stack_connection_new(struct stack_connection **out, struct stack_context *context,
                                const struct endpoint *endpoint, int socket, struct facts *facts,
                                struct error *err);
void gnutls_stack_connection_free(struct stack_connection *connection);
enum io_status gnutls_stack_handshake(struct stack_connection *connection);
enum io_status gnutls_stack_read(struct stack_connection *connection, void *buffer,
                                 size_t *num_done, size_t len);
enum io_status gnutls_stack_write(struct stack_connection *connection, size_t *num_done,
                                  const void *data, size_t len);
enum io_status gnutls_stack_close_notify(struct stack_connection *connection);

/* Does this alert end the connection, by the version that it has negotiated? */
bool ends_connection(const struct stack_connection *connection, int level, int alert);

/* Makes the session read and write the connection's socket. */
void transport_attach(struct stack_connection *connection);

/* Makes the library verify the other end's certificate by verify_peer(). */
void verify_attach(gnutls_certificate_credentials_t certificates);
/* From now on the library's clock shows this moment (one thread, one clock). */
void verify_set_time(int64_t seconds);

void gnutls_stack_connection_facts(struct stack_connection *connection, struct facts *facts);
int gnutls_stack_peer_hashes(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                             uint8_t spki[SHA256_LEN]);

void gnutls_stack_describe_peer(struct stack_connection *connection, struct peer_description *out);
int gnutls_stack_print_ciphers(FILE *out, const char *selection, struct error *err);
int gnutls_stack_describe_file(FILE *out, const char *path, struct error *err);
int gnutls_stack_capabilities(struct capabilities *out, struct error *err);

#endif
