/* One case for a person: what it is, what must happen and why, what both ends saw and said. */
#ifndef TLSMATRIX_MATRIX_SHOW_H
#define TLSMATRIX_MATRIX_SHOW_H

#include "matrix/results.h"

#include <stdio.h>

/* The expectation of a case with its requirements and RFC sections; as JSON if `json`.
 * ERROR_USAGE if the id is none, or the case impossible or unsupported. */
int show_expectation(FILE *out, const char *id, const struct stack_set *stacks, bool json,
                     struct error *err);

/* A stored case: verdict and reason; with `details` also expectation and the facts of both ends
 * side by side. ERROR_USAGE if the results do not hold it. */
int show_result(FILE *out, struct results *results, const char *id, bool details, bool json,
                struct error *err);

#endif
