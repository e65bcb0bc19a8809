/* Attacks in the path: one row each, with what it does on the wire and what the RFCs say must
 * happen then. The relay does what a row says; the oracle expects what a row says; people read
 * what a row says. Adding one is adding a row to a family's file. */
#ifndef TLSMATRIX_MATRIX_RELAY_ATTACKS_H
#define TLSMATRIX_MATRIX_RELAY_ATTACKS_H

#include "harness/control/facts.h"
#include "harness/wire/writer.h"
#include "matrix/case.h"

/* ---- where an attack steps in ---- */

enum point_kind {
    POINT_START,       /* the connection stands, nothing has passed yet */
    POINT_MESSAGE,     /* the index-th handshake message in clear of type `message` */
    POINT_CHANGE,      /* ChangeCipherSpec */
    POINT_PROTECTED,   /* the index-th record under this end's protection */
    POINT_APPLICATION, /* the index-th record of application data */
    POINT_CLOSE,       /* the first record with an alert under protection */
};

/* HelloRetryRequest has ServerHello's type on the wire (RFC 8446 section 4.1.4); here it has the
 * number that RFC 8446 section 4 reserves for it. A ServerHello is one that is none. */
enum { MESSAGE_HELLO_RETRY_REQUEST = 6 };

struct attack_point {
    enum role from;
    enum point_kind kind;
    uint8_t message; /* POINT_MESSAGE: HandshakeType */
    uint8_t index;   /* from 0 */
};

/* ---- what it does there ---- */

enum fate {
    FATE_FORWARD,
    FATE_DROP,
    FATE_HOLD,  /* handed on behind the next record of this direction */
    FATE_CLOSE, /* FIN to both ends, in place of it; nothing passes any more */
    FATE_RESET, /* RST likewise */
    FATE_MUTE,  /* FIN to the receiver only, in place of it and all that follows it */
};

/* What an action has in hand. POINT_MESSAGE: `unit` is the message's body, without its header, and
 * is framed again afterwards; else the whole record with its header, handed on as it is left;
 * POINT_START: empty. All writers take bytes as far as their bounds go. */
struct tamper {
    const struct attack_step *step;
    struct writer *unit;
    struct writer *before;      /* bytes to hand on before the unit, same direction */
    struct writer *after;       /* behind it */
    struct writer *back;        /* to the end that it came from */
    struct writer *replace;     /* if not empty: handed on in place of the unit, header and all */
    struct writer *stash;       /* kept from one step of the attack to the next */
    uint16_t record_version;    /* of the record that the unit came in; POINT_START: TLS 1.0 */
    uint16_t version;           /* of the last ServerHello, 0: none yet */
    const uint8_t *certificate; /* the attacker's, DER; NULL: none (see struct relay_setting) */
    size_t certificate_len;
    enum fate fate;
};

struct attack_step {
    struct attack_point at;
    /* An action that finds nothing to change leaves everything as it is: the relay sees that by
     * itself, and the attack has not happened. */
    void (*act)(struct tamper *tamper);
    uint32_t value;   /* what `act` makes of it stands at `act` */
    const void *data; /* likewise */
    size_t data_len;
};

/* ---- what must happen then ---- */

enum attack_outcome {
    ATTACK_REFUSED,   /* neither end accepts; no application byte is received after the attack */
    ATTACK_ACCEPTED,  /* benign: as if nothing had been done */
    ATTACK_TRUNCATED, /* the exchange completes, and the victim reports CLOSE_TRUNCATED */
    ATTACK_CUT,       /* after an end's part of the exchange: an end that may receive may accept or
                         refuse, the other must not accept; who may refuse sees no clean close */
    ATTACK_EITHER,    /* the RFCs leave it open: both accept, or a refusal as below */
};

/* "refused", "accepted", "truncated", "cut", "either". */
const char *attack_outcome_name(enum attack_outcome outcome);

enum { ATTACKS_MAX = 512 }; /* four times as many as there are */

enum { ATTACK_ALERTS_MAX = 6, ATTACK_STEPS_MAX = 5, ATTACK_EXPECTATIONS_MAX = 6 };

/* What one end may do. An end that follows the other's refusal may answer what it cannot decrypt or
 * understand as the judge allows everywhere (unexpected_message, bad_record_mac, decode_error). */
struct attack_end {
    bool may_refuse;                   /* may be the one that gives up first */
    uint8_t alerts[ATTACK_ALERTS_MAX]; /* that it may send then; ends at 0 */
    bool silent;                       /* it may give up without an alert */
    enum stage stage;                  /* the latest at which it may stand in the end */
    bool handshake_may_finish;
    bool may_write;   /* it may have written its application data, received or not */
    bool may_receive; /* the other's may have come before the attack did */
    bool truncated;   /* ATTACK_TRUNCATED: this end must report it */
};

#define VERSION_BIT(version) (1u << ((version)-TLS10))
enum {
    IN_TLS13 = VERSION_BIT(TLS13),
    IN_TLS12 = VERSION_BIT(TLS12),
    BEFORE_TLS13 = VERSION_BIT(TLS10) | VERSION_BIT(TLS11) | VERSION_BIT(TLS12),
    BEFORE_TLS12 = VERSION_BIT(TLS10) | VERSION_BIT(TLS11),
    IN_ALL = BEFORE_TLS13 | IN_TLS13,
};

struct attack_expectation {
    unsigned versions; /* IN_…: that the ends would negotiate, left alone */
    bool (*when)(const struct matrix_case *c, uint16_t version); /* NULL: always */
    enum attack_outcome outcome;
    struct attack_end ends[2]; /* [enum role]; what counts depends on the outcome */
};

struct attack {
    const char *name;                           /* "strip-supported-versions", as in ids */
    const char *text;                           /* one sentence for people */
    const char *references;                     /* RFC sections, from the texts */
    struct attack_step steps[ATTACK_STEPS_MAX]; /* done in this order; ends at act == NULL */
    size_t min_suites; /* that the client has to offer of the version, for there to be anything to
                          choose from; 0: any number */
    /* The first row that fits the case holds; ends at versions == 0. */
    const struct attack_expectation *expectations;
};

/* One family to a file; all of them in `attack_families`. */
struct attack_family {
    const char *name; /* "versions", "hellos", … */
    const struct attack *attacks;
    size_t num_attacks;
};
extern const struct attack_family *const attack_families[];
extern const size_t num_attack_families;

/* Every attack in the order of the families; NULL past the end. The index is stable within a run
 * only; ids carry the name. */
const struct attack *attack_at(size_t index);
size_t num_attacks(void);
/* NULL if unknown. */
const struct attack *attack_by_name(const char *name);

/* What must happen when this healthy case, which left alone negotiates `version`, is attacked so;
 * NULL: the attack does not apply to it (nothing on the wire that it could change). */
const struct attack_expectation *attack_expect(const struct attack *attack,
                                               const struct matrix_case *c, uint16_t version);

#endif
