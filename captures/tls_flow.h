/* TLS over the two byte streams of a connection: records, handshake messages, alerts, under
 * protection too where the key log has the secrets.
 *
 * Streaming, like the flow below it. A dialogue in clear before TLS (STARTTLS, HTTP CONNECT, PROXY)
 * is passed over and its beginning kept. Records that are captured before the hello that explains
 * them wait for it. After a gap in the stream, records go on where the length of the one that was
 * hurt says, or where a segment begins like a record; else the direction is lost. */
#ifndef TLSMATRIX_CAPTURES_TLS_FLOW_H
#define TLSMATRIX_CAPTURES_TLS_FLOW_H

#include "captures/flow.h"
#include "captures/keylog.h"
#include "captures/limits.h"

enum protection {
    PROTECTION_NONE,      /* in clear */
    PROTECTION_DECRYPTED, /* the content is known, and authentic where the suite says so */
    PROTECTION_OPAQUE,    /* not decrypted because `why` */
};

struct tls_record {
    enum role from;
    uint8_t type;            /* ContentType as on the wire */
    uint16_t version;        /* likewise; 0x0002 for a hello in SSLv2 format */
    const uint8_t *fragment; /* behind the header; bytes that were not captured are 0 */
    size_t fragment_len;
    struct place first, last; /* the packets that carried its first and last byte */
    bool hurt;                /* bytes of it are missing in the capture */
    enum protection protection;
    const char *why;        /* PROTECTION_OPAQUE; a static text */
    bool early;             /* decrypted with the secret of early data */
    uint8_t content_type;   /* of the content; as `type`, but for decrypted TLS 1.3; opaque TLS 1.3
                                 records are what they pretend to be, application_data */
    const uint8_t *content; /* in clear or decrypted, without MAC and padding; NULL: opaque */
    size_t content_len;
    size_t padding_len; /* zeros behind the content in TLS 1.3; padding of CBC */
};

struct tls_message {
    enum role from;
    uint8_t type; /* HandshakeType */
    const uint8_t *body;
    size_t len;
    struct place first, last; /* the packets of its first and last record */
    bool under_protection;
};

struct tls_alert {
    enum role from;
    uint8_t level; /* 1 warning, 2 fatal */
    uint8_t description;
    struct place place;
    bool under_protection;
};

/* What the hellos and the course of the connection have said so far. Ids are 0 while unknown. */
struct tls_state {
    bool is_tls;        /* a record of TLS was seen */
    bool sslv2_hello;   /* the client's hello was in SSLv2 format */
    bool roles_swapped; /* hellos show that the flow's guess of roles was wrong; the records,
                           messages and alerts given out have the right ones */
    bool retried;       /* HelloRetryRequest */
    bool early_data;    /* offered */
    bool has_client_hello, has_server_hello;
    uint8_t client_random[KEYLOG_RANDOM_LEN];
    uint8_t server_random[KEYLOG_RANDOM_LEN];
    uint16_t version; /* negotiated */
    uint16_t suite;
    bool encrypt_then_mac; /* RFC 7366 */
    bool extended_master_secret;
    bool protected[2]; /* by role: what comes next from it is under protection */
    bool lost[2];      /* by role: record boundaries are lost behind a gap, or it is not TLS any
                          more */
    size_t waiting[2]; /* by role: bytes of a record that is not complete */
    uint8_t preamble[2][TLS_PREAMBLE_KEPT]; /* by role: the clear dialogue before TLS, or all that
                                               there is where no TLS came */
    uint64_t preamble_len[2];               /* all of it; what is kept may be less */
};

/* Any may be NULL. Contents are valid during the call. */
struct tls_sink {
    void (*record)(void *context, const struct tls_record *record);
    void (*message)(void *context, const struct tls_message *message); /* after its record */
    void (*alert)(void *context, const struct tls_alert *alert);       /* likewise */
};

struct tls_flow;

/* `keys` may be NULL and may grow while the flow lives. NULL: out of memory. */
struct tls_flow *tls_flow_new(const struct keylog *keys, const struct tls_sink *sink,
                              void *context);
void tls_flow_free(struct tls_flow *flow);

/* What the flow's sink is told; `from` is the flow's guess of the role. */
void tls_flow_data(struct tls_flow *flow, enum role from, const uint8_t *data, size_t len,
                   struct place place);
void tls_flow_gap(struct tls_flow *flow, enum role from, uint64_t len, struct place place);

/* Nothing more will come: gives out what is held. */
void tls_flow_finish(struct tls_flow *flow);

const struct tls_state *tls_flow_state(const struct tls_flow *flow);

#endif
