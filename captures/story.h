/* What one connection of a capture has to tell, gathered from what passes in the analysis: the
 * offers, the choice, the certificates, the shape of what was encrypted, the clear dialogue. The
 * causes (explain_causes.c) are predicates over it. Plain data, of bounded size. */
#ifndef TLSMATRIX_CAPTURES_STORY_H
#define TLSMATRIX_CAPTURES_STORY_H

#include "captures/case_comment.h"
#include "captures/wire_facts.h"
#include "harness/wire/registry.h"

#include <netinet/in.h>

enum {
    STORY_IDS_MAX = 48,      /* of one list of a hello; more than that are counted only */
    STORY_NAME_MAX = 256,    /* a DNS name has 255 */
    STORY_TEXT_MAX = 160,    /* what is quoted of a distinguished name or of a clear dialogue */
    STORY_RECORDS_KEPT = 12, /* of each end under protection: beyond every stack's flight */
    STORY_CHAIN_KEPT = 4,    /* certificates of which the signature is looked at */
    STORY_ADDRESSES_MAX = 8, /* of a certificate's names; more than that are counted only */
    STORY_CLEAR_KEPT = 1024, /* of what each end said first: greetings, capabilities, STARTTLS */
};

/* A list of a hello without GREASE (RFC 8701) and signalling suites, in its order. */
struct id_list {
    uint16_t ids[STORY_IDS_MAX];
    size_t num_ids; /* kept */
    size_t total;
};

/* What the client said it can do. */
struct offer {
    bool seen;
    bool cut; /* not seen whole; what is below is read of what there is */
    struct place place;
    struct id_list versions, suites, groups, schemes;
    struct id_list certificate_schemes; /* signature_algorithms_cert; empty: as `schemes` */
    char server_name[STORY_NAME_MAX];   /* empty: none was sent */
    char protocols[STORY_TEXT_MAX];     /* ALPN, "h2, http/1.1"; empty: none */
    bool fallback;                      /* TLS_FALLBACK_SCSV (RFC 7507) */
    bool shared_key;                    /* pre_shared_key of TLS 1.3, from outside or a ticket's */
};

/* What the server said of the certificate that it asked for. */
struct request {
    bool seen;
    struct id_list schemes, certificate_schemes; /* as in an offer */
};

enum key_kind { KEY_OTHER, KEY_RSA, KEY_RSA_PSS, KEY_DSA, KEY_EC, KEY_ED25519, KEY_ED448 };

struct signing_key {
    enum key_kind kind;
    uint16_t group; /* of KEY_EC; 0: none of P-256, P-384, P-521 */
};

/* The leaf that an end presented, as far as it could be read, and what is wrong above it. */
struct certificate_view {
    bool seen;
    struct place place;
    char subject[STORY_TEXT_MAX];
    char issuer[STORY_TEXT_MAX];
    char names[STORY_TEXT_MAX];                     /* its DNS names and IP addresses */
    struct in6_addr addresses[STORY_ADDRESSES_MAX]; /* the latter, IPv4 as IPv4-mapped */
    size_t num_addresses;                           /* with those beyond the bound */
    char key[32];                                   /* "RSA 1024" */
    struct signing_key signing_key;
    uint16_t signed_by[STORY_CHAIN_KEPT]; /* the leaf first; 0: self-signed, or unknown */
    int64_t not_before, not_after;
    bool self_signed;
    bool weak;          /* by today's least: RSA 2048, EC 224, no MD5 or SHA-1 (NIST SP 800-131A) */
    bool wrong_purpose; /* its extended key usage has not the one that its holder's role asks for */
    bool name_matches;  /* the server name that the client sent; true if it sent none */
    bool expired, not_yet_valid;               /* at the time of judgement */
    bool chain_expired, chain_not_yet_valid;   /* one above the leaf is */
    char chain_subject[STORY_TEXT_MAX];        /* the first that has expired, else not begun */
    int64_t chain_not_before, chain_not_after; /* that one's */
};

/* A record under protection that nobody could open. */
struct opaque_record {
    uint8_t type;
    size_t len;
    struct place place;
};

struct opaque_list {
    struct opaque_record first[STORY_RECORDS_KEPT];
    struct opaque_record last;
    size_t total;
    size_t behind, behind_len; /* records, and their bytes, after the other end's first */
};

/* What an end sent first, TLS or not, and how its segments came. */
struct speech {
    uint8_t clear[STORY_CLEAR_KEPT];
    size_t clear_len;
    struct place first, last; /* segments with payload */
};

/* The alert that ended it; `hidden` if it must be there although it could not be read. */
struct last_alert {
    bool seen;
    bool hidden;  /* `level` and `description` are unknown */
    bool doubted; /* hidden, and as well a close_notify or two bytes of data */
    enum role from;
    uint8_t level;
    uint8_t description;
    struct place place;
};

enum reached {
    REACHED_TCP,           /* no connection came about */
    REACHED_BEFORE_TLS,    /* a clear dialogue, or silence, but no hello */
    REACHED_CLIENT_HELLO,  /* the server did not answer with its hello */
    REACHED_SERVER_FLIGHT, /* the client did not answer the server's flight */
    REACHED_CLIENT_FLIGHT, /* the server did not accept the client's flight */
    REACHED_DATA,          /* the handshake was complete */
};

struct story {
    const struct wire_facts *facts; /* while it is being told */
    struct case_comment recorded;   /* what its file says of the case; empty: nothing */
    struct speech speech[2];        /* by role */
    struct offer offer;
    bool has_choice;
    struct place choice_place;
    char chosen_protocol[STORY_TEXT_MAX];
    struct request request;
    struct certificate_view certificate[2]; /* by role */
    int dh_bits;                            /* of the server's Diffie-Hellman prime; 0: none seen */
    struct opaque_list opaque[2];           /* by role */
    bool changed_cipher[2];                 /* by role, before TLS 1.3 */
    bool shook[2];                          /* by role: a handshake record was seen, be it cut */
    uint64_t
        sealed_alert[2]; /* by role: the packet of an alert that is too long for one in clear */
    bool tls13;
    uint16_t suite;
    bool has_random;
    uint8_t client_random[KEYLOG_RANDOM_LEN];
    uint64_t num_early; /* records of early data (TLS 1.3) that nobody could open */
    bool early_ended;   /* the client ended its early data, as it does where the server took it */
    uint64_t capture_end_ns; /* of the last packet so far */

    /* Concluded by story_conclude(). */
    enum reached stage;
    bool finished[2]; /* by role: it ended its part of the handshake */
    struct last_alert alert;
    bool closed; /* as the facts have it, or earlier by a close_notify that could not be read */
    enum role closed_first;
    struct place closed_at;
    bool client_certificate_empty; /* by what was read, or by sizes */
    bool client_certificate_sent;  /* likewise */
    bool by_size;                  /* concluded from the sizes of encrypted records */
    bool early_sent, early_taken;  /* the client sent early data, and the server accepted it */
    bool used;                     /* application data crossed, or may have */
};

/* From the analysis. Bodies of messages are read as far as they are well-formed. */
void story_message(struct story *story, const struct tls_message *message,
                   const struct tls_state *state);
void story_record(struct story *story, const struct tls_record *record,
                  const struct tls_state *state);

/* The time by which its certificates are judged, in seconds since 1970: that of its verifiers where
 * the file says it, else the packet's. */
int64_t story_time(const struct story *story, uint64_t packet_ns);

/* When all is told, with facts and speeches in place. */
void story_conclude(struct story *story);

/* What each reads of a hello and of a CertificateRequest (explain_hello.c) and of a certificate
 * (explain_certificate.c); `now` is the time of judgement, in seconds since 1970. */
void offer_read(struct offer *out, const struct tls_message *message);
/* Of one that is cut: `stream` begins with the header of its first record. Leaves *out alone where
 * that is no handshake record, or no ClientHello in it. */
void offer_read_cut(struct offer *out, const uint8_t *stream, size_t len);
void request_read(struct request *out, const struct tls_message *message, uint16_t version);
void certificate_view_read(struct certificate_view *out, const struct tls_message *message,
                           bool tls13, const char *server_name, int64_t now);

const char *reached_name(enum reached stage);

/* The text of foreign bytes for a terminal: no control characters, ASCII. Returns `out`. */
char *text_of(char *out, size_t out_len, const void *bytes, size_t len);

#endif
