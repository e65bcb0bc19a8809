/* The relay: an attacker in the path between two real peers, on real sockets.
 *
 *   client <--TCP--> client_fd [relay] server_fd <--TCP--> server
 *
 * It takes both directions apart into records and, while they are in clear, handshake messages;
 * lets one attack (attacks.h) change what passes; hands everything on as one delivery says; and
 * notes what it saw. It holds no keys. It never blocks: its owner waits for what relay_waits() and
 * relay_timeout_ms() say, then calls relay_step(), until that says that it is done or the case is
 * over. All buffers are bounded: an end that does not read stops the other end's bytes. */
#ifndef TLSMATRIX_MATRIX_RELAY_RELAY_H
#define TLSMATRIX_MATRIX_RELAY_RELAY_H

#include "harness/control/endpoint.h"
#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attack;
struct relay;
struct synthetic;

/* How bytes are handed on. All are benign: a healthy case must succeed under each. */
enum delivery {
    DELIVERY_WHOLE,            /* as they come */
    DELIVERY_ONE_BYTE_SEGMENT, /* each byte in a TCP segment of its own */
    DELIVERY_ONE_BYTE_RECORD,  /* each byte of a handshake message in clear in a record of its own
                                  (RFC 8446 section 5.1; RFC 5246 section 6.2.1) */
    DELIVERY_COALESCED, /* each flight in one segment: all that an end says before it waits */
    DELIVERY_PAUSED,    /* the first flights come late, well within the deadline */
    NUM_DELIVERIES,
};

struct delivery_row {
    const char *name; /* "whole", "one-byte-segment", … as in ids and profiles */
    const char *text; /* one sentence for people */
    const char *references;
};
extern const struct delivery_row deliveries[NUM_DELIVERIES];

/* -1 if unknown. */
int delivery_by_name(const char *name);

struct relay_setting {
    const struct attack *attack; /* NULL: none */
    enum delivery delivery;
    int client_fd; /* connected, non-blocking; the relay owns both from relay_new() on, which */
    int server_fd; /* closes them when it fails, too */
    size_t application_len; /* bytes of request and of answer (CASE_REQUEST_LEN): tells records of
                               application data from others under TLS 1.3 protection */
    /* A certificate of the attacker's, who has no right to it: DER, for attacks that swap it in;
     * must live as long as the relay. NULL: those attacks change nothing. */
    const uint8_t *certificate;
    size_t certificate_len;
    /* Gets what passes at either side (captures/synthetic.h), as two connections; must live as long
     * as the relay. Where there is no attack and the delivery is whole, the relay then looks into
     * nothing and notes nothing, but hands on each byte at once. NULL: none. */
    struct synthetic *recorder;
};

/* Who ended the connection first, as seen in the path. */
enum relay_end {
    RELAY_END_NONE,   /* nobody has */
    RELAY_END_ALERT,  /* a fatal alert in clear */
    RELAY_END_SEALED, /* a record that holds an alert under protection: fatal or close_notify */
    RELAY_END_FIN,
    RELAY_END_RST,
    RELAY_END_RELAY, /* the attack cut the connection */
};

/* "none", "alert", "sealed-alert", "fin", "rst", "relay". */
const char *relay_end_name(enum relay_end end);

enum { RELAY_TEXT_LEN = 256 };

/* What was seen and done in the path. Arrays are by enum role of the end that sent. Records are
 * counted as the ends sent them, not as they were handed on. */
struct relay_facts {
    bool changed;            /* the attack changed bytes, order or end of what went over the wire */
    unsigned num_steps_done; /* of the attack's steps, that did so */
    enum role changed_from;  /* the direction of the first change: from this end */
    unsigned changed_record; /* its number among that end's records, from 0 */
    char what[RELAY_TEXT_LEN]; /* "ServerHello from the server, record 0: 87 bytes became 87" */
    uint16_t version;          /* of the last ServerHello that the server sent, 0: none */
    uint16_t suite;
    bool hello_retry; /* the server sent a HelloRetryRequest */
    unsigned num_records[2];
    int clear_alert[2]; /* the first fatal alert in clear, -1: none; 256 + number: a warning */
    unsigned num_clear_alerts[2];  /* records, warnings too */
    unsigned num_sealed_alerts[2]; /* records that hold an alert under protection, told by type
                                      (TLS <= 1.2) or length (TLS 1.3) */
    bool certificate_in_clear[2];  /* a Certificate message passed unencrypted */
    /* Records of application data that were handed on, before and after the first change. In TLS
     * 1.3 told by their length, and from the server only once the client's have passed. */
    unsigned num_application[2][2]; /* [role][0 before, 1 after] */
    enum relay_end first_end;       /* the first sign of an end */
    enum role first_end_from;       /* where it came from; of RELAY_END_RELAY: without meaning */
};

enum relay_status {
    RELAY_GOING,
    RELAY_DONE, /* both ends have closed and nothing is left to hand on */
};

/* NULL only when out of memory. */
struct relay *relay_new(const struct relay_setting *setting, struct error *err);
void relay_free(struct relay *relay);

struct relay_wait {
    int fd;
    bool readable; /* what to wait for; both false: leave it out altogether, as hang-ups of an end
                      that is done with would be reported without end */
    bool writable;
};

/* What the relay waits for now: [ROLE_CLIENT] and [ROLE_SERVER]; changes with every step. */
void relay_waits(const struct relay *relay, struct relay_wait out[2]);

/* After how many milliseconds it wants a step in any case; -1: not at all. */
int relay_timeout_ms(const struct relay *relay);

/* Moves what can be moved. May be called at any time. */
enum relay_status relay_step(struct relay *relay);

/* Valid while the relay lives; complete once it is done or both peers have answered. */
const struct relay_facts *relay_facts(const struct relay *relay);

#endif
