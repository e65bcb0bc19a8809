/* Greedy covering arrays, one row at a time (see covering.h). */
#include "matrix/covering.h"
#include "matrix/covering_filter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COMBINATIONS_MAX = 560 }; /* 3 of COVERING_AXES_MAX */

/* `strength` axes, and which of their tuples of values no row holds yet. */
struct combination {
    unsigned axes; /* bit mask */
    unsigned list[COVERING_STRENGTH_MAX];
    size_t strides[COVERING_STRENGTH_MAX];
    size_t num_tuples;
    uint64_t *uncovered; /* a bit for each tuple */
};

struct builder {
    const struct covering_model *model;
    struct filters filters;
    unsigned strength;
    struct combination combinations[COMBINATIONS_MAX];
    size_t num_combinations;
    uint64_t *levels; /* the domains at each depth of the search: [num_axes + 1][total_words] */
    uint32_t *gains;  /* scratch: [num_axes][largest number of values] */
    size_t gains_len;
    uint16_t row[COVERING_AXES_MAX];
    bool with_preferences;
    size_t capacity;
    struct covering_array array;
};

/* ---- combinations ---- */

static size_t tuple_index(const struct combination *combination, unsigned strength,
                          const uint16_t *row)
{
    size_t index = 0;
    for (unsigned i = 0; i < strength; i++)
        index += row[combination->list[i]] * combination->strides[i];
    return index;
}

static void tuple_values(const struct combination *combination, unsigned strength, size_t index,
                         uint16_t *row)
{
    for (unsigned i = strength; i-- > 0;) {
        row[combination->list[i]] = (uint16_t)(index / combination->strides[i]);
        index %= combination->strides[i];
    }
}

/* Is every value of the tuple one that the model does not hold at another? */
static bool is_asked_for(const struct covering_model *model, const struct combination *combination,
                         unsigned strength, const uint16_t *row)
{
    for (unsigned i = 0; i < strength; i++) {
        unsigned axis = combination->list[i];
        if (model->fixed != NULL && model->fixed[axis] >= 0 && row[axis] != model->fixed[axis])
            return false;
    }
    return true;
}

static void ask_for_tuples(struct builder *b, struct combination *combination)
{
    uint16_t row[COVERING_AXES_MAX];
    for (size_t tuple = 0; tuple < combination->num_tuples; tuple++) {
        tuple_values(combination, b->strength, tuple, row);
        if (!is_asked_for(b->model, combination, b->strength, row))
            continue;
        combination->uncovered[tuple / 64] |= UINT64_C(1) << tuple % 64;
        b->array.num_tuples++;
    }
}

static int add_combination(struct builder *b, unsigned axes, struct error *err)
{
    assert(b->num_combinations < COMBINATIONS_MAX);
    struct combination *combination = &b->combinations[b->num_combinations];
    unsigned num = 0;
    *combination = (struct combination){ .axes = axes, .num_tuples = 1 };
    for (unsigned axis = 0; axis < b->model->num_axes; axis++) {
        if ((axes & 1u << axis) == 0)
            continue;
        combination->list[num] = axis;
        combination->strides[num++] = combination->num_tuples;
        combination->num_tuples *= b->model->num_values[axis];
        if (combination->num_tuples > COVERING_TUPLES_MAX)
            return error_set(err, ERROR_USAGE, "too many combinations of values to cover");
    }
    combination->uncovered = calloc((combination->num_tuples + 63) / 64, sizeof(uint64_t));
    if (combination->uncovered == NULL)
        return error_errno(err, "covering array");
    b->num_combinations++;
    ask_for_tuples(b, combination);
    return 0;
}

static int by_size(const void *a, const void *b)
{
    const struct combination *left = a, *right = b;
    if (left->num_tuples != right->num_tuples)
        return left->num_tuples > right->num_tuples ? -1 : 1;
    return left->axes < right->axes ? -1 : left->axes > right->axes;
}

/* The largest first: its tuples decide how many rows there are, and leave the most to choose. */
static int add_combinations(struct builder *b, struct error *err)
{
    for (unsigned axes = 0; axes < 1u << b->model->num_axes; axes++)
        if ((unsigned)__builtin_popcount(axes) == b->strength && add_combination(b, axes, err) < 0)
            return -1;
    qsort(b->combinations, b->num_combinations, sizeof b->combinations[0], by_size);
    return 0;
}

/* ---- the search for one row ---- */

static size_t domain_size(const struct builder *b, const uint64_t *domains, unsigned axis)
{
    size_t size = 0;
    for (size_t i = 0; i < b->filters.words[axis]; i++)
        size += (size_t)__builtin_popcountll(domains[b->filters.offsets[axis] + i]);
    return size;
}

static unsigned most_constrained(const struct builder *b, const uint64_t *domains, unsigned open)
{
    unsigned best = 0;
    size_t smallest = SIZE_MAX;
    for (unsigned axis = 0; axis < b->model->num_axes; axis++) {
        if ((open & 1u << axis) == 0)
            continue;
        size_t size = domain_size(b, domains, axis);
        if (size < smallest) {
            smallest = size;
            best = axis;
        }
    }
    return best;
}

/* Adds to gains[value] the uncovered tuples that each value of `axis` would complete. */
static void add_gains(const struct builder *b, const struct combination *combination, unsigned axis,
                      uint32_t *gains)
{
    size_t index = 0;
    size_t stride = 0;
    for (unsigned i = 0; i < b->strength; i++)
        if (combination->list[i] == axis)
            stride = combination->strides[i];
        else
            index += b->row[combination->list[i]] * combination->strides[i];
    for (size_t value = 0; value < b->model->num_values[axis]; value++, index += stride)
        gains[value] += (uint32_t)(combination->uncovered[index / 64] >> index % 64 & 1);
}

static void count_gains(const struct builder *b, unsigned axis, unsigned open, uint32_t *gains)
{
    memset(gains, 0, b->model->num_values[axis] * sizeof *gains);
    for (size_t i = 0; i < b->num_combinations; i++)
        if ((b->combinations[i].axes & open) == 1u << axis)
            add_gains(b, &b->combinations[i], axis, gains);
}

/* Takes the value of the largest gain out of the domain; -1 if it is empty. Among equals the
 * search begins elsewhere for each row, so that rows differ where nothing else makes them. */
static int take_best(const struct builder *b, uint64_t *domain, unsigned axis,
                     const uint32_t *gains)
{
    size_t num = b->model->num_values[axis];
    size_t value = b->array.num_rows * 7 % num;
    int best = -1;
    for (size_t i = 0; i < num; i++, value = value + 1 == num ? 0 : value + 1)
        if (domain_has(domain, value) && (best < 0 || gains[value] > gains[best]))
            best = (int)value;
    if (best >= 0)
        domain[best / 64] &= ~(UINT64_C(1) << best % 64);
    return best;
}

/* Completes b->row on the axes that are open; complete search. */
static bool complete_row(struct builder *b, unsigned open, unsigned depth)
{
    if (open == 0)
        return true;
    size_t words = b->filters.total_words;
    uint64_t *domains = b->levels + depth * words;
    unsigned axis = most_constrained(b, domains, open);
    uint32_t *gains = b->gains + depth * b->gains_len;
    int value;
    count_gains(b, axis, open, gains);
    while ((value = take_best(b, domains + b->filters.offsets[axis], axis, gains)) >= 0) {
        b->row[axis] = (uint16_t)value;
        memcpy(domains + words, domains, words * sizeof *domains);
        if (filters_apply(&b->filters, domains + words, b->row, open & ~(1u << axis), axis,
                          b->with_preferences) &&
            complete_row(b, open & ~(1u << axis), depth + 1))
            return true;
    }
    return false;
}

/* Finds a row that holds the tuple. */
static bool find_row(struct builder *b, const struct combination *combination, size_t tuple)
{
    unsigned open = (1u << b->model->num_axes) - 1;
    filters_fill(&b->filters, b->levels);
    tuple_values(combination, b->strength, tuple, b->row);
    if (!filters_apply_single(&b->filters, b->levels, b->with_preferences))
        return false;
    for (unsigned i = 0; i < b->strength; i++) {
        unsigned axis = combination->list[i];
        open &= ~(1u << axis);
        if (!domain_has(b->levels + b->filters.offsets[axis], b->row[axis]) ||
            !filters_apply(&b->filters, b->levels, b->row, open, axis, b->with_preferences))
            return false;
    }
    return complete_row(b, open, 0);
}

/* ---- all rows ---- */

static int keep_row(struct builder *b, struct error *err)
{
    struct covering_array *array = &b->array;
    if (array->num_rows == b->capacity) {
        size_t capacity = b->capacity == 0 ? 256 : b->capacity * 2;
        uint16_t *rows = realloc(array->rows, capacity * array->num_axes * sizeof *rows);
        if (rows == NULL)
            return error_errno(err, "covering array");
        array->rows = rows;
        b->capacity = capacity;
    }
    memcpy(array->rows + array->num_rows++ * array->num_axes, b->row,
           array->num_axes * sizeof *b->row);
    for (size_t i = 0; i < b->num_combinations; i++) {
        size_t tuple = tuple_index(&b->combinations[i], b->strength, b->row);
        b->combinations[i].uncovered[tuple / 64] &= ~(UINT64_C(1) << tuple % 64);
    }
    return 0;
}

/* Rows for every tuple of the combination that can be covered; *left: those that cannot. */
static int cover_combination(struct builder *b, const struct combination *combination,
                             uint64_t *left, struct error *err)
{
    for (size_t tuple = 0; tuple < combination->num_tuples; tuple++) {
        if ((combination->uncovered[tuple / 64] >> tuple % 64 & 1) == 0)
            continue;
        if (!find_row(b, combination, tuple)) {
            ++*left;
            continue;
        }
        if (keep_row(b, err) < 0)
            return -1;
    }
    return 0;
}

static int cover(struct builder *b, bool with_preferences, uint64_t *left, struct error *err)
{
    *left = 0;
    b->with_preferences = with_preferences;
    for (size_t i = 0; i < b->num_combinations; i++)
        if (cover_combination(b, &b->combinations[i], left, err) < 0)
            return -1;
    return 0;
}

static int builder_init(struct builder *b, const struct covering_model *model, unsigned strength,
                        struct error *err)
{
    assert(model->num_axes <= COVERING_AXES_MAX && strength >= 1 &&
           strength <= COVERING_STRENGTH_MAX && strength <= model->num_axes);
    b->model = model;
    b->strength = strength;
    b->array.num_axes = model->num_axes;
    for (size_t axis = 0; axis < model->num_axes; axis++) {
        assert(model->num_values[axis] > 0 && model->num_values[axis] <= COVERING_VALUES_MAX);
        if (model->num_values[axis] > b->gains_len)
            b->gains_len = model->num_values[axis];
    }
    if (filters_init(&b->filters, model, err) < 0 || add_combinations(b, err) < 0)
        return -1;
    b->levels = calloc((model->num_axes + 1) * b->filters.total_words, sizeof *b->levels);
    b->gains = calloc(model->num_axes * b->gains_len, sizeof *b->gains);
    return b->levels != NULL && b->gains != NULL ? 0 : error_errno(err, "covering array");
}

static void builder_free(struct builder *b)
{
    for (size_t i = 0; i < b->num_combinations; i++)
        free(b->combinations[i].uncovered);
    filters_fini(&b->filters);
    free(b->levels);
    free(b->gains);
    free(b);
}

int covering_make(struct covering_array *out, const struct covering_model *model, unsigned strength,
                  struct error *err)
{
    uint64_t unpreferred = 0;
    uint64_t impossible = 0;
    struct builder *b = calloc(1, sizeof *b);
    if (b == NULL)
        return error_errno(err, "covering array");
    int failed = builder_init(b, model, strength, err);
    if (failed == 0)
        failed = cover(b, true, &unpreferred, err);
    if (failed == 0)
        failed = cover(b, false, &impossible, err);
    if (failed == 0) {
        b->array.num_impossible = impossible;
        b->array.num_unpreferred = unpreferred - impossible;
        *out = b->array;
    } else {
        covering_fini(&b->array);
    }
    builder_free(b);
    return failed;
}

void covering_fini(struct covering_array *array)
{
    free(array->rows);
    *array = (struct covering_array){ 0 };
}
