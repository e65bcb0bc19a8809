/* What the files of this peer share: one connection, and the steps of its handshake.
 *
 * The handshake is a table (handshake.c): in which state which message may come, and who reads it.
 * Everything that a careful end has to look at is one call of demand(), which names the
 * carelessness (plants.h) that would let it pass. */
#ifndef TLSMATRIX_PEERS_CARELESS_CARELESS_H
#define TLSMATRIX_PEERS_CARELESS_CARELESS_H

#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"
#include "peers/careless/crypto.h"
#include "peers/careless/plants.h"
#include "peers/careless/protection.h"
#include "peers/careless/tamper.h"
#include "peers/common/stack.h"

#include <openssl/x509.h>

struct stack_credential {
    STACK_OF(X509) * chain; /* leaf first */
    EVP_PKEY *key;
};

struct stack_trust {
    X509_STORE *store; /* anchors and CRLs */
};

/* What a client has kept of a connection. */
struct session {
    struct writer ticket; /* empty: nothing yet */
    uint8_t psk[HASH_LEN];
    uint32_t age_add;
};

struct stack_context {
    struct endpoint endpoint; /* with its suites, groups and versions narrowed to what there is */
    const struct stack_credential *credential; /* may be NULL */
    const struct stack_trust *trust;           /* likewise */
    struct session *session;                   /* NULL: none is kept */
};

/* What is waited for. */
enum state {
    WAIT_SERVER_HELLO,
    WAIT_13_EXTENSIONS, /* EncryptedExtensions */
    WAIT_13_REQUEST,    /* CertificateRequest or Certificate */
    WAIT_13_CERTIFICATE,
    WAIT_13_VERIFY, /* CertificateVerify */
    WAIT_13_FINISHED,
    WAIT_12_CERTIFICATE,
    WAIT_12_KEY_EXCHANGE,
    WAIT_12_REQUEST, /* CertificateRequest or ServerHelloDone */
    WAIT_12_DONE,
    WAIT_CLIENT_HELLO,
    WAIT_SECOND_HELLO,
    WAIT_12_CLIENT_CERTIFICATE,
    WAIT_12_CLIENT_KEY,
    WAIT_12_VERIFY,
    WAIT_12_CHANGE,
    WAIT_12_FINISHED,
    CONNECTED,
    NUM_STATES,
};

enum {
    TRANSCRIPT_MAX = 1 << 20, /* a few messages of HANDSHAKE_BODY_MAX */
    OUT_MAX = 1 << 20,        /* a flight with the longest chain */
    DATA_MAX = 1 << 20,       /* far more than one read of the socket brings */
    IDLE_RECORDS_MAX = 16,    /* in a row that bring nothing: empty ones, warnings, … */
};

struct stack_connection {
    const struct stack_context *context;
    struct endpoint endpoint; /* with what a context has not */
    enum role role;
    int socket;
    struct facts *facts;
    enum plant plant;
    struct tamper *tamper; /* NULL: nobody changes what is said */

    struct splitter in;
    struct assembler messages;
    struct writer out; /* records on their way to the socket */
    size_t out_at;
    struct writer data; /* application data that came, from data_at on */
    size_t data_at;
    struct protection reading, writing;
    unsigned idle_records;
    bool received_protected; /* some record of the other end's could be opened */
    bool begun;              /* the other end has said something */
    int send_errno;          /* the socket takes no more */

    enum state state;
    bool failed;
    bool closed;      /* the other end's close_notify has come */
    bool close_sent;  /* ours has gone into `out` */
    bool change_sent; /* ChangeCipherSpec, in TLS 1.3 */
    bool started;
    bool asked;               /* the client: CertificateRequest came; the server: it sent one */
    bool retried;             /* a HelloRetryRequest came, or was sent */
    bool extended;            /* extended master secret (RFC 7627) */
    bool mac_last;            /* encrypt-then-MAC (RFC 7366) */
    bool renegotiable;        /* the client has renegotiation_info */
    uint16_t version;         /* 0: not negotiated */
    uint16_t offered_version; /* legacy_version of the ClientHello */
    uint16_t suite, group, scheme;

    struct writer transcript;
    uint8_t randoms[2][HELLO_RANDOM_LEN]; /* [enum role] */
    uint8_t session_id[HELLO_SESSION_ID_MAX];
    size_t session_id_len;
    uint16_t share_group; /* of own_share */
    EVP_PKEY *own_share;
    uint8_t shared_secret[PREMASTER_LEN];
    size_t shared_secret_len;
    uint16_t peer_schemes[HELLO_LIST_MAX]; /* of what the other end accepts */
    size_t num_peer_schemes;

    /* TLS 1.3 */
    bool resumed;
    uint16_t identity;     /* the server: which of the client's is taken up */
    uint8_t psk[HASH_LEN]; /* zeros: none */
    uint8_t resumption_secret[HASH_LEN];
    uint8_t secret[HASH_LEN];               /* of the schedule's present stage */
    uint8_t handshake_secrets[2][HASH_LEN]; /* [enum role] */
    uint8_t traffic_secrets[2][HASH_LEN];
    uint8_t exporter_secret[HASH_LEN];
    /* TLS 1.2 */
    uint8_t master_secret[MASTER_SECRET_LEN];
    struct protection next_reading, next_writing; /* behind ChangeCipherSpec */

    X509 *peer_leaf;
    STACK_OF(X509) * peer_chain; /* leaf and all */
    bool verified;
    bool late; /* the handshake is over, and the caller is asking for data */
    long verify_code;
};

typedef struct stack_connection conn;

/* ---- connection.c ---- */

/* Ends the connection with a fatal alert and a line for facts->error_text. Returns -1. */
int refuse(conn *c, int alert, const char *text);

/* Is this connection careless in this? */
static inline bool plants(const conn *c, enum plant plant)
{
    return c->plant == plant;
}

/* What a careful end looks at: 0 if it holds, or if the connection is careless in it (in this, or
 * by its tamper in all); else as refuse(). `plant` is PLANT_NONE where no row of the table leaves
 * it out. */
static inline int demand(conn *c, bool holds, enum plant plant, int alert, const char *text)
{
    bool lenient = !holds && plant != PLANT_NONE && c->tamper != NULL && c->tamper->lenient;
    if (lenient)
        c->tamper->num_forgiven++;
    return holds || lenient || (plant != PLANT_NONE && plants(c, plant)) ? 0
                                                                         : refuse(c, alert, text);
}

/* ---- suites.c ---- */

/* All that there are; returns their number. */
size_t own_suites(uint16_t out[CONFIG_SUITES_MAX]);
/* What one of them protects with. A careless end that takes another goes on with AES-128-GCM. */
const struct cipher *cipher_of(uint16_t suite);
/* Is a suite with CBC among the endpoint's? */
bool any_cbc(const struct endpoint *e);
/* Is the premaster secret sent, encrypted with the key of the server's certificate? */
bool exchanges_by_rsa(const conn *c);

/* ---- records.c ---- */

/* Puts a record into `out`, protected if writing is. Failures stick in `out`. */
void send_record(conn *c, uint8_t type, const void *data, size_t len);
/* Puts a handshake message into `out` and the transcript. */
void send_message(conn *c, uint8_t type, const struct writer *body);
/* ChangeCipherSpec; in TLS 1.3 at most one, for middleboxes (RFC 8446 appendix D.4). */
void send_change(conn *c);
/* Other keys are about to protect what is sent. */
void announce_keys(conn *c);

/* What is in a record, out of its protection. */
struct content {
    uint8_t type;
    const uint8_t *data; /* in `room` */
    size_t len;
    bool was_protected;
    uint8_t room[RECORD_LEN_MAX];
};
/* 0, or as refuse(). */
int open_record(conn *c, struct content *out, const struct record *record);

/* ---- schedule.c: all return 0, or as refuse() with internal_error ---- */

int transcript_hash(conn *c, uint8_t out[HASH_LEN]);
/* RFC 8446 section 4.4.1: the first ClientHello becomes its hash. */
int transcript_retry(conn *c);

/* From the shared secret to the handshake's keys, which both directions take on. */
int schedule13_handshake(conn *c);
/* From the server's Finished to the traffic secrets; no direction takes them on. */
int schedule13_master(conn *c);
/* This direction takes on the keys of this secret. */
int schedule13_use(conn *c, struct protection *protection, const uint8_t secret[HASH_LEN]);
/* From the client's Finished to the secret of sessions. */
int schedule13_resumption(conn *c);
int schedule13_update(conn *c, enum role sender);
/* verify_data of this end's Finished, over the transcript so far (RFC 8446 section 4.4.4). */
int finished13(conn *c, uint8_t out[HASH_LEN], enum role sender);

enum { FINISHED12_LEN = 12 };
/* From the shared secret to keys, which ChangeCipherSpec will turn on (RFC 5246 section 8.1, RFC
 * 7627 section 4). */
int schedule12(conn *c);
int finished12(conn *c, uint8_t out[FINISHED12_LEN], enum role sender);

/* RFC 5705, RFC 8446 section 7.5. -1 without a word. */
int export_value(conn *c, uint8_t out[EXPORTER_LEN]);

/* ---- resumption.c ---- */

bool offers_session(const conn *c);
/* The client's extensions, which have to be the last. */
void add_session(struct hello *hello, const conn *c);
/* Before a ClientHello goes into the transcript: its binder, if it ends in one. What was changed
 * elsewhere in it is thereby bound, too. */
void put_binder(conn *c, uint8_t *message, size_t len);
/* What the server says to them; c->resumed says what came of it. */
int take_session(conn *c, const struct hello *hello);
int choose_session(conn *c, const struct hello *hello);
int send_ticket13(conn *c);

/* ---- certificates.c ---- */

/* Reads the Certificate message's list of the version, and has it verified if the endpoint wants
 * that. `num` receives the number of certificates. */
int certificates_read(conn *c, size_t *num, const struct handshake_message *message);
/* Writes our own list, empty if there is none or none that the other end could verify. */
void certificates_write(conn *c, struct writer *out);
/* May our key sign for the other end; with which scheme? 0: no. */
uint16_t own_scheme(const conn *c);
/* A signature made by the other end, with the key of its leaf. */
int check_signature(conn *c, struct reader *message, const void *signed_data, size_t len,
                    enum plant plant);
int write_signature(conn *c, struct writer *out, const void *signed_data, size_t len);
/* Notes facts->verify_*. */
void verification_facts(const conn *c, struct facts *facts);

/* ---- files.c ---- */

int careless_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                            struct error *err);
void careless_credential_free(struct stack_credential *credential);
int careless_trust_new(struct stack_trust **out, const struct endpoint *endpoint,
                       struct error *err);
void careless_trust_free(struct stack_trust *trust);

/* ---- the messages: each reads one and sends what follows from it; 0, or as refuse() ---- */

typedef int message_handler(conn *c, const struct handshake_message *message);

int client_start(conn *c); /* sends the ClientHello */
message_handler client_hello_back;
message_handler client13_extensions, client13_request, client13_certificate, client13_verify,
    client13_finished;
message_handler client12_certificate, client12_key_exchange, client12_request, client12_done,
    client12_shortcut, client12_finished;
message_handler server_hello, server_second_hello;
message_handler server13_certificate, server13_verify, server13_finished;
message_handler server12_certificate, server12_key, server12_verify, server12_finished;
message_handler ticket13, key_update13;

/* Which of them follow hello; they send the server's flight. */
int server13_flight(conn *c);
int server12_flight(conn *c);

/* ---- tls13.c, hello.c: what both ends share ---- */

/* Is an extension there twice, or in a message of another kind? 0, or as refuse(). */
int extensions_once(conn *c, const struct hello *hello, enum plant plant);
/* Have the client's extensions that are read here their form, to the last byte? 0, or as
 * refuse(). */
int client_forms(conn *c, const struct hello *hello);
/* hello_read(); what is behind it is an error unless this connection takes no notice. */
int read_hello(conn *c, struct hello *out, uint8_t type, const struct handshake_message *message,
               enum plant plant);
int send_certificate13(conn *c);
int send_verify13(conn *c);
int send_finished13(conn *c);
int read_verify13(conn *c, const struct handshake_message *message, enum plant plant);
int read_finished13(conn *c, const struct handshake_message *message);
int send_finished12(conn *c); /* with its ChangeCipherSpec */
int read_finished12(conn *c, const struct handshake_message *message);
/* The share of (EC)DHE: makes ours, or computes the secret from theirs. */
int make_share(conn *c, uint16_t group);
int use_share(conn *c, const uint8_t *share, size_t share_len);

/* ---- handshake.c ---- */

/* Takes one record of the other end's. 0, or as refuse(); c->failed also where it sent an alert. */
int handle_record(conn *c, const struct record *record);
/* Is the handshake done, or taken for done? */
bool handshake_is_over(const conn *c);

#endif
