/* Cases side by side: those of one pair of stacks in one run, and those of a pair in the same or
 * another run, walked together in the order of ids. Memory does not grow with the cases. */
#ifndef TLSMATRIX_MATRIX_REPORT_JOIN_H
#define TLSMATRIX_MATRIX_REPORT_JOIN_H

#include "matrix/results.h"

/* Strings are valid during the visit. */
struct joined_case {
    const char *id;
    enum verdict verdict;
    const char *kind, *reason, *deviation;
    const char *facts[2]; /* JSON, by role; NULL: none */
    uint64_t us[2];       /* as each end says */
    struct result_wire wire;
    uint32_t sequence;
};

/* `rest` is the id without the pair; `a` or `b` is NULL where only the other has the case. */
typedef int join_visit(void *context, const char *rest, const struct joined_case *a,
                       const struct joined_case *b, struct error *err);

/* Planned cases only. Stops at the first visit that returns -1. */
int join_pairs(struct results *a, const char *pair_a, struct results *b, const char *pair_b,
               join_visit *visit, void *context, struct error *err);

#endif
