/* Domains of values as bit sets, and constraints compiled into filters on them. For covering*.c. */
#ifndef TLSMATRIX_MATRIX_COVERING_FILTER_H
#define TLSMATRIX_MATRIX_COVERING_FILTER_H

#include "matrix/covering.h"

/* One constraint, read from the side of one of its axes: with values on all others, which values
 * of this one are left? */
struct filter {
    const struct covering_constraint *constraint;
    unsigned target;                    /* the axis */
    unsigned others[COVERING_AXES_MAX]; /* the rest of the constraint's axes */
    size_t strides[COVERING_AXES_MAX];  /* of others[] in the table, in sets */
    unsigned num_others;
    uint64_t *table; /* a bit set of the target's values for each row of the others; NULL where
                        that would be too large: then the constraint itself is asked */
};

struct filters {
    const struct covering_model *model;
    struct filter *all;
    size_t num;
    size_t words[COVERING_AXES_MAX];   /* 64-bit words of an axis's domain */
    size_t offsets[COVERING_AXES_MAX]; /* of the axis's domain among all domains, in words */
    size_t total_words;
};

int filters_init(struct filters *filters, const struct covering_model *model, struct error *err);
void filters_fini(struct filters *filters);

/* Fills all domains with every value, or the one that is held. */
void filters_fill(const struct filters *filters, uint64_t *domains);

/* Gives `axis` the value in row[axis] and narrows every domain that this leaves as the last open
 * one of a constraint. `open`: bit mask of the axes without a value, `axis` no longer among them.
 * False if a domain is empty now. */
bool filters_apply(const struct filters *filters, uint64_t *domains, const uint16_t *row,
                   unsigned open, unsigned axis, bool with_preferences);

/* Narrows by the constraints of a single axis. */
bool filters_apply_single(const struct filters *filters, uint64_t *domains, bool with_preferences);

static inline bool domain_has(const uint64_t *domain, size_t value)
{
    return (domain[value / 64] >> value % 64 & 1) != 0;
}

#endif
