/* What the project promises to cover, row by row: matrix/acceptance.yaml, for `list --acceptance`.
 */
#ifndef TLSMATRIX_MATRIX_ACCEPTANCE_H
#define TLSMATRIX_MATRIX_ACCEPTANCE_H

#include "matrix/case.h"

/* Prints every row, or with `id` that one and the commands that run it again. ERROR_USAGE: no such
 * row (with the nearest), or something wrong in the file. */
int acceptance_list(const char *id, const struct stack_set *stacks, bool json, struct error *err);

#endif
