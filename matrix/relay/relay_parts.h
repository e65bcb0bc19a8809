/* The relay's inside: what its three files share. relay.c moves bytes between sockets,
 * relay_records.c takes them apart and hands them on, relay_tamper.c lets the attack step in. */
#ifndef TLSMATRIX_MATRIX_RELAY_RELAY_PARTS_H
#define TLSMATRIX_MATRIX_RELAY_RELAY_PARTS_H

#include "captures/synthetic.h"
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

enum {
    /* What may wait for an end that does not read: several flights with the longest chain. */
    QUEUE_MAX = 1024 * 1024,
    /* Beyond this an end is not read from; the rest is room for what one reading can become (each
     * byte in a record of its own: sixfold). */
    QUEUE_HIGH = 256 * 1024,
    STASH_MAX = 64 * 1024, /* a record, or a flight in clear */
    MESSAGE_TYPES = 256,
};

/* One way through: from an end to the other. */
struct direction {
    enum role from;
    int in_fd;
    int out_fd;
    struct splitter splitter;
    struct assembler assembler;
    struct writer unit;    /* records whose handshake messages are not complete yet, as they came */
    uint16_t unit_version; /* of the first of them */
    struct writer delayed; /* FATE_HOLD: goes behind the next record */
    bool delayed_by_attack; /* and counts as a change when it does */
    struct writer queue;
    size_t queue_at;   /* written so far */
    uint64_t ready_ms; /* DELIVERY_COALESCED, _PAUSED: not before */
    unsigned pauses_left;
    bool ended;           /* the sender has closed */
    bool muted;           /* what comes is read and thrown away */
    bool closed;          /* FIN has been handed on */
    bool dead;            /* the receiver is gone */
    bool opaque;          /* not TLS, or beyond our bounds: handed on unread */
    bool messages_opaque; /* another record came within a message (RFC 8446 section 5.1 forbids
                             it): handshake records are handed on as they come from there on */
    bool protected;       /* TLS <= 1.2: behind ChangeCipherSpec */
    bool close_seen;
    unsigned num_protected;
    unsigned num_application;
    uint8_t num_messages[MESSAGE_TYPES];
};

struct relay {
    struct relay_setting setting;
    struct relay_facts facts;
    struct direction directions[2];      /* [enum role] that sends */
    struct synthetic_connection legs[2]; /* setting.recorder: [enum role] of the end at it */
    size_t next_step;
    struct writer stash;
    bool begun;
    bool reset; /* RST to both ends, as soon as what stands before it has gone */
    bool gone;  /* both sockets are closed */
};

static inline struct direction *relay_other(struct relay *relay, const struct direction *direction)
{
    return &relay->directions[direction->from == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT];
}

/* relay_recorder.c: for setting.recorder; nothing without one */
/* Both connections stand. */
void relay_record_start(struct relay *relay);
/* Bytes, or at `len` 0 a FIN, that came from the direction's sender, */
void relay_record_taken(struct relay *relay, const struct direction *direction, const void *bytes,
                        size_t len);
/* … that were handed to its receiver, */
void relay_record_given(struct relay *relay, const struct direction *direction, const void *bytes,
                        size_t len);
/* … a RST from the end at this side, */
void relay_record_reset_from(struct relay *relay, enum role end);
/* … and one to both. */
void relay_record_resets(struct relay *relay);
void relay_record_flush(struct relay *relay);

/* relay.c */
void relay_emit(struct relay *relay, struct direction *direction, const void *bytes, size_t len);
void relay_note_end(struct relay *relay, enum relay_end end, enum role from);

/* relay_records.c */
/* Takes and hands on bytes that came from the direction's sender. */
void relay_take(struct relay *relay, struct direction *direction, const void *bytes, size_t len);
/* The sender has closed: whatever waits is handed on. */
void relay_take_end(struct relay *relay, struct direction *direction);
/* Hands on bytes of whole records, and behind them what was held back. */
void relay_pass(struct relay *relay, struct direction *direction, const void *bytes, size_t len);

/* relay_tamper.c */
/* The points that something in hand stands at; a record may stand at several. */
struct standing {
    struct attack_point points[3];
    size_t num_points;
    uint16_t record_version;
    const char *what; /* for people: "server_hello", "protected record" */
};

/* What became of a unit. `before`, `unit`, `after` are to be handed on in this order unless `fate`
 * says otherwise; if `replaced`, `unit` is whole records whatever it was before. */
struct outcome {
    struct writer before, unit, after;
    bool replaced;
    bool changed;
    enum fate fate;
};
void outcome_fini(struct outcome *outcome);

/* Lets the attack's next step act if it is due here; else the unit stays as it is and false is
 * returned without touching *out. What the step sends back is queued at once. The caller owes
 * outcome_fini() after true. */
bool relay_tamper(struct relay *relay, struct direction *direction, const struct standing *standing,
                  const void *unit, size_t len, struct outcome *out);

/* Carries out FATE_CLOSE, _RESET and _MUTE, when all before it has been queued. */
void relay_carry_out(struct relay *relay, struct direction *direction, enum fate fate);

/* Notes the first change. */
void relay_note_change(struct relay *relay, const struct direction *direction, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

#endif
