/* Carrying out the steps of a story, and what came of each for one pair of stacks, in words. */
#ifndef TLSMATRIX_MATRIX_STORY_STEP_H
#define TLSMATRIX_MATRIX_STORY_STEP_H

#include "harness/pki/forge.h"
#include "matrix/results.h"
#include "matrix/stacks.h"
#include "matrix/story.h"

enum told_outcome {
    TOLD_AS_STATED,
    TOLD_DEVIATES,    /* otherwise, and known to be: matrix/deviations */
    TOLD_UNSUPPORTED, /* a stack declares that it cannot */
    TOLD_WRONG,
    NUM_TOLD_OUTCOMES,
};
/* "as stated", "known deviation", "unsupported", "WRONG". */
const char *told_outcome_name(enum told_outcome outcome);

enum { TOLD_LEN = 4096 };

struct told {
    enum told_outcome outcome;
    char text[TOLD_LEN];  /* sentences */
    char id[CASE_ID_MAX]; /* of a case; "" else */
};

/* What steps that are no cases work with. */
struct story_place {
    const struct stack_list *stacks;
    struct forge forge;
    char directory[PATH_LEN]; /* scratch, emptied by whoever made it */
};

/* A case that is in the results (with its documents): who showed what, who refused and why in the
 * library's own words, what crossed; and the judge's reason where it is not as stated. */
int story_tell_case(struct told *out, const struct story_step *step, const char *id,
                    struct results *results, const struct stack_set *stacks, struct error *err);

/* STORY_HAND, STORY_COMPARE with a pair of stacks; STORY_RUN (`client` and `server` do not
 * matter). -1 only if it could not be done at all. */
int story_do_hand(struct told *out, const struct story_step *step, struct story_place *place,
                  size_t client, size_t server, struct error *err);
int story_do_run(struct told *out, const struct story_step *step, struct story_place *place,
                 struct error *err);
int story_do_compare(struct told *out, struct story_place *place, size_t client, size_t server);

/* Adds a sentence; what does not fit is cut. */
void told_add(struct told *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
