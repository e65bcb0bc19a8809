/* The pairs of stacks that a run has cases of: the first segment of the ids. */
#ifndef TLSMATRIX_MATRIX_REPORT_PAIRS_H
#define TLSMATRIX_MATRIX_REPORT_PAIRS_H

#include "matrix/results.h"

enum { PAIR_MAX = 2 * NAME_MAX_LEN };

/* What selects the cases of the pair ?1 in SQL: '0' comes behind '/'. */
#define PAIR_IS_SQL "(id >= ?1 || '/' AND id < ?1 || '0')"

/* The pair that comes next behind the one in `pair` ("" for the first): 1, 0 if there is none, -1
 * on error. Looks at one case for each pair. */
int pairs_next(char pair[PAIR_MAX], struct results *results, struct error *err);

/* The two stacks of a pair, whose names may have dashes in them, by the stacks that the results
 * have and the raw end. ERROR_USAGE: it is of others. */
int pair_split(char client[NAME_MAX_LEN], char server[NAME_MAX_LEN], const char *pair,
               const struct stack_set *stacks, struct error *err);

#endif
