/* Healthy twins: a refusal proves something only where the same pair accepts the same case without
 * the fault. After the plan is through, the twins that it did not hold are run, and each refusal
 * whose twin was not accepted becomes inconclusive. */
#ifndef TLSMATRIX_MATRIX_TWINS_H
#define TLSMATRIX_MATRIX_TWINS_H

#include "matrix/results.h"

enum { TWINS_RECENT = 256 }; /* more than are under way at once: each twin runs once */

/* A walk over the refusals of a run that yields each twin not yet in the results. */
struct twin_walk {
    struct results *results;
    const struct stack_set *stacks;
    char last[CASE_ID_MAX];        /* the refusal looked at last */
    uint64_t recent[TWINS_RECENT]; /* hashes of the twins handed out last */
    unsigned num_recent;
};

void twins_begin(struct twin_walk *walk, struct results *results, const struct stack_set *stacks);

/* The next twin to run: 1; 0: no more; -1. */
int twins_next(struct twin_walk *walk, struct matrix_case *out, struct error *err);

/* Rejudges every passed refusal by its twin's verdict. One that becomes inconclusive because of a
 * known deviation of its twin carries that deviation's id. */
int twins_judge(struct results *results, const struct stack_set *stacks, struct error *err);

#endif
