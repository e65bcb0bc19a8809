/* What the partner's files share: one connection's state, and what its steps do at each depth. */
#ifndef TLSMATRIX_FUZZ_STACKS_PARTNER_STATE_H
#define TLSMATRIX_FUZZ_STACKS_PARTNER_STATE_H

#include "fuzz/stacks/partner.h"
#include "harness/wire/handshake.h"
#include "peers/careless/tamper.h"

/* Bounds, so that no script works for ever. */
enum {
    HELD_MAX = 8,               /* messages at a time */
    PUT_BYTES_MAX = 192 * 1024, /* of all steps together: twelve of the longest records */
};

enum phase { PHASE_HANDSHAKE, PHASE_TALK, PHASE_HEAR };

struct held {
    struct writer message;
    unsigned until; /* behind the message of this number */
    bool is_finished;
};

struct partner {
    const struct script *script;
    struct stack_connection *c;
    struct tamper tamper;
    struct facts facts;
    struct partner_log *log;
    const char *word;
    enum phase phase;

    unsigned num_messages, num_records; /* so far, without those put in */
    bool putting;                       /* what comes is of a step */
    bool wire_due;                      /* the next record on the wire is number num_records - 1 */
    bool stopped, ended;
    bool finished, connected;
    size_t num_put, put_bytes;
    size_t piece_max; /* 0: as long as they are */
    struct writer gathered;
    unsigned gathering; /* so many more records */
    struct held held[HELD_MAX];
    size_t num_held;
    struct writer said;
    bool spares, spared;
    struct assembler half; /* handshake messages under the keys of application data */
};

/* How often a step puts something in. */
unsigned step_times(const struct step *step);
/* Counts what a step puts in; false: it was too much already. */
bool partner_may_put(struct partner *p, size_t len);
/* Replaces what the step says, as far as it is there. */
void step_replace(struct writer *bytes, const struct step *step);

/* ---- the hooks of tamper.h, `state` a struct partner ---- */

bool partner_on_message(void *state, struct writer *message);
bool partner_on_record(void *state, uint8_t *type, struct writer *content);
bool partner_on_wire(void *state, struct writer *record);
void partner_on_keys(void *state);

/* Sends the messages that were held back, and whose turn it is behind message `number`. */
void partner_release(struct partner *p, unsigned number);
/* Puts in what steps have for record `at`, or for that point. */
void partner_put_before(struct partner *p, unsigned at);
/* Sends what records of handshake messages have been gathered into one. */
void partner_flush_gathered(struct partner *p);

#endif
