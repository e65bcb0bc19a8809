/* What a passive observer sees of TLS connections without keys. Secrets that the capture itself
 * carries are left aside on purpose; they serve for the positive control alone: the same packets,
 * opened with them, show what stays hidden without. */
#ifndef TLSMATRIX_CAPTURES_OBSERVE_H
#define TLSMATRIX_CAPTURES_OBSERVE_H

#include "captures/analysis.h"
#include "captures/keys_given.h"
#include "captures/observe_lengths.h"
#include "harness/wire/hello.h"

/* ---- in clear ---- */

struct id_list {
    uint16_t ids[HELLO_SUITES_MAX];
    size_t num_ids;
    size_t num_grease; /* RFC 8701; they are among the ids */
};

/* Texts of peers have been made printable ASCII. */
struct observed_client_hello {
    struct place place; /* packet 0: none was seen */
    uint16_t record_version, legacy_version;
    struct id_list suites, groups, versions, schemes, key_shares;
    bool has_versions; /* supported_versions; else `versions` is what legacy_version allows */
    size_t num_extensions;
    char server_name[OBSERVE_TEXT_MAX];  /* empty: absent */
    char protocols[OBSERVE_TEXT_MAX];    /* ALPN, with commas; empty: absent */
    char psk_identity[OBSERVE_TEXT_MAX]; /* the first; a ticket or a name. Empty: absent */
    char user[OBSERVE_TEXT_MAX];         /* SRP; empty: absent */
    size_t session_id_len, ticket_len;   /* with which sessions are linked */
    bool early_data;
};

/* RFC 8446 section 4.1.3: the last eight bytes of the random. */
enum downgrade_sentinel { SENTINEL_NONE, SENTINEL_TLS12, SENTINEL_BELOW };

struct observed_server_hello {
    struct place place;
    uint16_t legacy_version;
    uint8_t random[HELLO_RANDOM_LEN];
    enum downgrade_sentinel sentinel;
    char protocol[OBSERVE_TEXT_MAX]; /* before TLS 1.3 */
    bool pre_shared_key;
    size_t session_id_len;
};

struct observed_certificate {
    char subject[OBSERVE_TEXT_MAX], issuer[OBSERVE_TEXT_MAX];
    char names[OBSERVE_TEXT_MAX]; /* subjectAltName: DNS, addresses; with commas */
    char not_before[24], not_after[24];
    char key[64];
    size_t der_len;
    bool unreadable; /* then there is der_len only */
};

/* A Certificate message in clear. */
struct observed_chain {
    struct place place; /* packet 0: none */
    size_t message_len; /* without its header */
    size_t num_certificates;
    size_t num_kept;
    struct observed_certificate certificates[OBSERVE_CERTIFICATES_MAX];
};

struct observed_key_exchange {
    struct place place;
    size_t message_len;
    unsigned prime_bits; /* DHE; 0 else */
};

/* ---- sizes and order ---- */

struct observed_record {
    uint8_t from; /* enum role */
    uint8_t type; /* as on the wire */
    bool under_protection;
    bool inferable;   /* `content` says something */
    bool alert_sized; /* under protection, and an alert or as long as one */
    uint32_t fragment_len;
    struct length_range content;
    struct place place;
};

enum burst_kind {
    BURST_DATA,   /* application data, as far as an observer can know */
    BURST_UNASKED /* from a TLS 1.3 server before any client data: tickets, or it speaks first */
};

/* Records of one direction until the other sends. Alert-sized ones are left out. */
struct observed_burst {
    enum role from;
    enum burst_kind kind;
    size_t first_record; /* index */
    size_t num_records;
    struct length_range content; /* the sum; valid where inferable */
    bool inferable;
    struct place first, last;
};

/* ---- what is inferred ---- */

enum knowledge { KNOWLEDGE_NONE, KNOWLEDGE_INFERRED, KNOWLEDGE_CLEAR };

enum mutual { MUTUAL_UNKNOWN, MUTUAL_NO, MUTUAL_NONE_SENT, MUTUAL_YES };

/* The records of one end's handshake that TLS 1.3 protects. */
struct observed_flight {
    size_t first_record, num_records; /* index; alerts left out */
    size_t content_len;               /* the sum */
    enum knowledge certificate;       /* INFERRED: `certificate_len` means something */
    size_t certificate_len;           /* of the message with its header … */
    bool at_most;                     /* … or no more than that */
};

/* An end closed with FIN and sent no alert before (RFC 8446 section 6.1, RFC 5246 section 7.2.1).
 */
enum truncation {
    TRUNCATION_NO,
    TRUNCATION_PERHAPS, /* the other end's alert came first: where that was fatal, all is well */
    TRUNCATION_YES,
};

struct observed_end {
    struct observed_chain *chain; /* NULL: none in clear */
    struct observed_flight flight;
    uint64_t num_protected, protected_bytes; /* of all records, also those that are not kept */
    struct observed_record last;             /* the last; fragment_len 0: none */
    bool has_last;
    struct place alert; /* the first in clear or of that size; of TLS 1.3 the size counts in the
                           last record only. Packet 0: none */
    enum truncation truncated;
};

/* The same packets with keys. */
struct observed_control {
    bool has_keys;                 /* there are secrets at all */
    bool keys_fit;                 /* observe_file() was given some of it */
    bool opened;                   /* every record under protection */
    uint64_t application_bytes[2]; /* by role */
    uint64_t in_clear[2];          /* … of them that stand in their record as they are */
    char why_not[128];
};

struct observation {
    const struct wire_facts *facts; /* without keys */
    struct record_shape shape;
    bool encrypt_then_mac, extended_master_secret;

    struct observed_client_hello client;
    struct observed_server_hello server;
    struct observed_key_exchange server_exchange, client_exchange; /* before TLS 1.3 */
    char psk_identity[OBSERVE_TEXT_MAX]; /* in ClientKeyExchange; empty: none */
    struct place ticket;                 /* NewSessionTicket in clear */
    size_t ticket_len;
    bool certificate_requested; /* in clear */
    struct wire_alert alerts[OBSERVE_ALERTS_MAX];
    uint8_t alerts_from[OBSERVE_ALERTS_MAX];
    size_t num_alerts;

    struct observed_record *records; /* by packet; the first OBSERVE_RECORDS_MAX, of those in clear
                                        half as many */
    size_t num_records, records_room;
    uint64_t records_left_out;
    struct observed_burst *bursts;
    size_t num_bursts;
    struct observed_end end[2]; /* by role */

    /* Who closed first, and how: a record as long as an alert counts too. */
    bool closed;
    enum role closed_by;
    const char *closed_how; /* as wire_close_name(), or "alert-sized" */
    struct place closed_at;

    enum mutual mutual;
    enum knowledge mutual_knowledge;
    const char *mutual_why; /* a static text */

    /* Content that a suite without encryption shows. */
    uint64_t readable[2];
    char sample[2][OBSERVE_SAMPLE_MAX + 1];

    struct place dns; /* the query that came before; packet 0: none */
    char dns_name[OBSERVE_TEXT_MAX];

    struct observed_control control;
};

struct observe_totals {
    uint64_t connections, tls;
    uint64_t broken_off; /* a client begins a record of TLS, and does not end it */
    uint64_t dropped;    /* as the capture itself says */
    uint64_t dns_queries;
    struct keys_given given;      /* of `keys`: the counts */
    char warning[ERROR_TEXT_MAX]; /* of the file; empty: none */
};

/* Told of each connection of TLS when it is over; what it gets is valid during the call. */
typedef void observe_sink(void *context, const struct observation *seen);

/* Reads a whole capture, "-" for standard input. `keys` (may be NULL) is a key log for the control.
 */
int observe_file(struct observe_totals *out, observe_sink *sink, void *context, const char *path,
                 const char *keys, struct error *err);

const char *mutual_name(enum mutual mutual);
const char *knowledge_name(enum knowledge knowledge);
const char *sentinel_name(enum downgrade_sentinel sentinel);
const char *burst_kind_name(enum burst_kind kind);
const char *truncation_name(enum truncation truncation);

/* A block for people. */
void observe_print(FILE *out, const struct observation *seen);
/* The same as data. The caller owns it; NULL: out of memory. */
json_t *observe_to_json(const struct observation *seen);

#endif
