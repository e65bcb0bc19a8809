/* What one connection was seen to do, by somebody who stood at the wire: the judge's third opinion.
 * Plain data. Facts only; what they mean is for whoever reads them. */
#ifndef TLSMATRIX_CAPTURES_WIRE_FACTS_H
#define TLSMATRIX_CAPTURES_WIRE_FACTS_H

#include "captures/tls_flow.h"
#include "harness/limits.h"

#include <jansson.h>

struct wire_alert {
    struct place place; /* packet 0: there was none */
    uint8_t level;
    uint8_t description;
    bool under_protection;
};

enum wire_certificate {
    CERTIFICATE_UNSEEN, /* none in what could be read */
    CERTIFICATE_EMPTY,  /* the message came and held none */
    CERTIFICATE_SENT,
};

/* What one end sent. */
struct wire_end {
    struct flow_sender tcp;
    bool sent_hello, sent_finished, sent_change_cipher_spec;
    struct wire_alert alert; /* the one that ended it: the first that is fatal or, in TLS 1.3, is
                                neither close_notify nor user_canceled */
    struct wire_alert close_notify;
    uint64_t num_alerts;
    enum wire_certificate certificate;
    uint8_t certificate_sha256[SHA256_LEN]; /* of the leaf, where CERTIFICATE_SENT */
    uint32_t num_certificates;
    uint64_t num_records;         /* all */
    uint64_t num_opaque;          /* under protection and not decrypted */
    uint64_t num_hurt;            /* with bytes missing */
    uint64_t application_records; /* with at least a byte; of TLS 1.3 only where decrypted */
    uint64_t application_bytes;   /* of content; only where decrypted */
    uint64_t early_bytes;         /* of these, in early data */
    uint64_t opaque_bytes;        /* of fragments that were not decrypted, handshake included */
    struct place first_application;
    bool record_left;  /* the stream ended within a record */
    bool framing_lost; /* see tls_state.lost */
};

enum wire_close {
    WIRE_CLOSE_NONE, /* the capture ends before */
    WIRE_CLOSE_NOTIFY,
    WIRE_CLOSE_ALERT,
    WIRE_CLOSE_FIN, /* without either of these before it */
    WIRE_CLOSE_RST,
};

struct wire_facts {
    uint64_t number;               /* of the connection in the capture, from 1 */
    struct tcp_address address[2]; /* by role, as the hellos or else the SYN show the roles */
    bool start_seen;
    enum flow_end flow_end;
    struct place first, last;
    uint64_t num_packets;

    bool is_tls;
    bool sslv2_hello;
    uint64_t preamble_len[2];  /* clear bytes before TLS, by role */
    uint16_t version, suite;   /* as the server's hello chose; 0: none seen */
    uint16_t group;            /* likewise; of TLS 1.2 by ServerKeyExchange; 0: none or unknown */
    uint16_t signature_scheme; /* of the server, where it could be read */
    bool retried, certificate_requested;
    bool early_accepted; /* the server took the client's early data */
    bool resumed; /* an abbreviated handshake; in TLS 1.3 the server chose a PSK, which may also be
                     one from outside */

    struct wire_end end[2]; /* by role */

    bool closed; /* somebody did */
    enum role closed_first;
    enum wire_close closed_how;
    struct place closed_at;
    bool complete;     /* from the SYN on, and no byte is missing */
    bool decrypted;    /* no record under protection was left opaque (also where none was there) */
    char why_not[128]; /* else the first reason */
};

const char *wire_close_name(enum wire_close close);
const char *wire_certificate_name(enum wire_certificate certificate);

/* As JSON; names where the registry has them. The caller owns it; NULL: out of memory. */
json_t *wire_facts_to_json(const struct wire_facts *facts);

#endif
