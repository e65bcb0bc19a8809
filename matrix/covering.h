/* Covering arrays under constraints: few rows in which every combination of values of any
 * `strength` axes stands at least once, if any row at all can hold it.
 *
 * Rows are built one at a time around a combination that is not covered yet, each further axis by
 * the value that covers the most, with a complete search behind it (most constrained axis first,
 * domains narrowed by every constraint with one open axis). So a combination is left out only after
 * the search has shown that no row can hold it. The same model gives the same rows. */
#ifndef TLSMATRIX_MATRIX_COVERING_H
#define TLSMATRIX_MATRIX_COVERING_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COVERING_AXES_MAX = 16,
    COVERING_STRENGTH_MAX = 3,
    COVERING_VALUES_MAX = 4096,               /* of one axis */
    COVERING_TUPLES_MAX = 1024 * 1024 * 1024, /* 128 MiB of bits */
};

/* What a row may not hold. */
struct covering_constraint {
    unsigned axes; /* bit mask of the axes that it looks at */
    /* A preference is kept wherever that does not leave a combination uncovered. */
    bool is_preference;
    /* `row` has a value on each of `axes`; the rest of it means nothing. Pure. */
    bool (*forbids)(void *context, const void *rule, const uint16_t *row);
    const void *rule;
};

struct covering_model {
    size_t num_axes;
    const size_t *num_values; /* [num_axes], none 0 */
    const struct covering_constraint *constraints;
    size_t num_constraints;
    void *context; /* for forbids() */
    /* NULL, or [num_axes]: the one value that an axis is held at; -1: none */
    const int *fixed;
};

struct covering_array {
    size_t num_axes;
    size_t num_rows;
    uint16_t *rows;           /* [num_rows][num_axes], owned */
    uint64_t num_tuples;      /* combinations asked for */
    uint64_t num_impossible;  /* of them: no row can hold them */
    uint64_t num_unpreferred; /* of them: held only by rows that break a preference */
};

/* ERROR_USAGE if the model is beyond the bounds above. Starts *out anew; free it with _fini. */
int covering_make(struct covering_array *out, const struct covering_model *model, unsigned strength,
                  struct error *err);
void covering_fini(struct covering_array *array);

#endif
