/* What the files of the mutator share: one mutation's means, and the steps that it can make. */
#ifndef TLSMATRIX_FUZZ_STACKS_WORKBENCH_H
#define TLSMATRIX_FUZZ_STACKS_WORKBENCH_H

#include "fuzz/stacks/generate.h"
#include "fuzz/stacks/mutate.h"

struct workbench {
    struct chance chance;
    const struct mutator *mutator;
    struct script script;
    const struct partner_log *log; /* may be NULL */
    struct writer bytes;           /* of new steps; never moves while steps point into it */
};

static inline uint32_t below(struct workbench *w, uint32_t bound)
{
    return chance_below(&w->chance, bound);
}

static inline bool once_in(struct workbench *w, uint32_t times)
{
    return chance_once_in(&w->chance, times);
}

/* Fill *step, and append its bytes to w->bytes: a change of the log's message of this number; of
 * what happens at this record or point. */
void message_step(struct workbench *w, struct step *step, uint8_t number);
void record_step(struct workbench *w, struct step *step, uint8_t at);

/* A step that brings a message or extensions of its own: changes those in their form, as if the
 * partner had said them. False, and the step as it was: it brings none, or there is no room. */
bool change_brought(struct workbench *w, struct step *step);

/* The bytes of w->bytes from `mark` on become the step's. */
void take_bytes(struct workbench *w, struct step *step, size_t mark);

#endif
