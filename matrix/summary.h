/* The end of a run in words: counts, then what is not as expected, worst first, grouped where one
 * cause explains many cases, each group with the command that runs one of them again. */
#ifndef TLSMATRIX_MATRIX_SUMMARY_H
#define TLSMATRIX_MATRIX_SUMMARY_H

#include "matrix/results.h"
#include "matrix/session.h"

#include <stdio.h>

/* For people. */
int summary_print(FILE *out, struct results *results, const struct session_outcome *outcome,
                  const char *directory, struct error *err);

/* One JSON object on one line: "verdicts", "run" (the folder), "failures" (the groups), …. */
int summary_print_json(FILE *out, struct results *results, const struct session_outcome *outcome,
                       const char *directory, struct error *err);

#endif
