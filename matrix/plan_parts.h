/* The planner's parts, for plan*.c: cases as vectors of value indices into a profile's axes. */
#ifndef TLSMATRIX_MATRIX_PLAN_PARTS_H
#define TLSMATRIX_MATRIX_PLAN_PARTS_H

#include "matrix/covering.h"
#include "matrix/profile.h"

struct row {
    uint16_t values[NUM_AXES]; /* [enum axis], into profile.axes[axis].values */
};

void row_to_case(struct matrix_case *out, const struct row *row, const struct profile *profile);

/* ---- full coverage: an odometer that leaves out whole subtrees (plan_walk.c) ---- */

struct walk {
    const struct profile *profile;
    const struct block *block;
    struct matrix_case current;
    struct row row;
    size_t positions[NUM_AXES];       /* of the next value at each depth */
    uint64_t remaining[NUM_AXES + 1]; /* cases below one node that stands at each depth */
    int depth;                        /* where it stands; -1: at the end */
};

void walk_init(struct walk *walk, const struct profile *profile, const struct block *block);
/* The next possible case, or false. What it leaves out on the way goes to `counts`. */
bool walk_next(struct walk *walk, struct row *out, struct plan_counts *counts);

/* ---- the other coverages: rows made beforehand (plan_cover.c) ---- */

struct cover {
    struct row *rows;   /* in the order in which they were made */
    struct row *sorted; /* the same, for cover_has() */
    size_t num_rows;
    uint64_t combinations;
    uint64_t impossible_combinations;
};

int cover_init(struct cover *cover, const struct profile *profile, const struct block *block,
               const struct stack_set *stacks, struct error *err);
void cover_fini(struct cover *cover);
bool cover_has(const struct cover *cover, const struct row *row);

/* ---- what plan_survey.c needs beyond plan.h ---- */

/* The values of the case that plan_next() delivered last. */
const struct row *plan_row(const struct plan *plan);

#endif
