/* Do the known deviations still happen? */
#ifndef TLSMATRIX_MATRIX_DEVIATIONS_MATCHED_H
#define TLSMATRIX_MATRIX_DEVIATIONS_MATCHED_H

#include "matrix/deviations.h"
#include "matrix/results.h"

/* For each entry whose stack and release are in this run: was it the reason of at least one case?
 * Prints a line to standard error for each that was not. */
int deviations_check_matched(struct results *results, const struct deviations *deviations,
                             const struct stack_set *stacks, uint64_t *num_unmatched,
                             struct error *err);

#endif
