/* Constraints compiled into tables, so that narrowing a domain is an AND of a few words. */
#include "matrix/covering_filter.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a constraint's axes up to which it is tabulated: the two- and three-axis constraints of
 * a full registry are below it; larger ones come into play when most axes are set, and are asked
 * one value at a time. */
enum { TABLE_ROWS_MAX = 512 * 1024 };

static size_t num_rows(const struct covering_model *model, unsigned axes)
{
    size_t rows = 1;
    for (size_t axis = 0; axis < model->num_axes; axis++)
        if ((axes & 1u << axis) != 0) {
            if (rows > TABLE_ROWS_MAX)
                return rows;
            rows *= model->num_values[axis];
        }
    return rows;
}

static size_t table_index(const struct filter *filter, const uint16_t *row)
{
    size_t index = 0;
    for (unsigned i = 0; i < filter->num_others; i++)
        index += row[filter->others[i]] * filter->strides[i];
    return index;
}

/* Lists the other axes and their strides; returns the number of sets in the table. */
static size_t lay_out(struct filter *filter, const struct covering_model *model)
{
    size_t sets = 1;
    for (unsigned axis = 0; axis < model->num_axes; axis++) {
        if ((filter->constraint->axes & 1u << axis) == 0 || axis == filter->target)
            continue;
        filter->strides[filter->num_others] = sets;
        filter->others[filter->num_others++] = axis;
        sets *= model->num_values[axis];
    }
    return sets;
}

/* Steps `row` over all values of the axes in the mask; false after the last. */
static bool next_row(uint16_t *row, const struct covering_model *model, unsigned axes)
{
    for (size_t axis = 0; axis < model->num_axes; axis++) {
        if ((axes & 1u << axis) == 0)
            continue;
        if (++row[axis] < model->num_values[axis])
            return true;
        row[axis] = 0;
    }
    return false;
}

/* Asks the constraint once for each row and enters the answer on all sides. */
static void tabulate(struct filters *filters, struct filter *sides, size_t num_sides)
{
    const struct covering_constraint *constraint = sides->constraint;
    uint16_t row[COVERING_AXES_MAX] = { 0 };
    do {
        if (constraint->forbids(filters->model->context, constraint->rule, row))
            continue;
        for (size_t i = 0; i < num_sides; i++) {
            const struct filter *side = &sides[i];
            uint64_t *set = side->table + table_index(side, row) * filters->words[side->target];
            uint16_t value = row[side->target];
            set[value / 64] |= UINT64_C(1) << value % 64;
        }
    } while (next_row(row, filters->model, constraint->axes));
}

static int add_constraint(struct filters *filters, const struct covering_constraint *constraint,
                          struct error *err)
{
    const struct covering_model *model = filters->model;
    struct filter *sides = &filters->all[filters->num];
    size_t num_sides = 0;
    bool is_small = num_rows(model, constraint->axes) <= TABLE_ROWS_MAX;
    for (unsigned axis = 0; axis < model->num_axes; axis++) {
        if ((constraint->axes & 1u << axis) == 0)
            continue;
        struct filter *side = &sides[num_sides++];
        *side = (struct filter){ .constraint = constraint, .target = axis };
        filters->num++;
        size_t sets = lay_out(side, model);
        if (!is_small)
            continue;
        side->table = calloc(sets * filters->words[axis], sizeof *side->table);
        if (side->table == NULL)
            return error_errno(err, "covering array");
    }
    if (is_small)
        tabulate(filters, sides, num_sides);
    return 0;
}

int filters_init(struct filters *filters, const struct covering_model *model, struct error *err)
{
    *filters = (struct filters){ .model = model };
    for (size_t axis = 0; axis < model->num_axes; axis++) {
        filters->words[axis] = (model->num_values[axis] + 63) / 64;
        filters->offsets[axis] = filters->total_words;
        filters->total_words += filters->words[axis];
    }
    filters->all = calloc(model->num_constraints * model->num_axes + 1, sizeof *filters->all);
    if (filters->all == NULL)
        return error_errno(err, "covering array");
    for (size_t i = 0; i < model->num_constraints; i++)
        if (add_constraint(filters, &model->constraints[i], err) < 0)
            return -1;
    return 0;
}

void filters_fini(struct filters *filters)
{
    for (size_t i = 0; i < filters->num; i++)
        free(filters->all[i].table);
    free(filters->all);
    *filters = (struct filters){ 0 };
}

void filters_fill(const struct filters *filters, uint64_t *domains)
{
    const struct covering_model *model = filters->model;
    memset(domains, 0, filters->total_words * sizeof *domains);
    for (size_t axis = 0; axis < model->num_axes; axis++) {
        uint64_t *domain = domains + filters->offsets[axis];
        int held = model->fixed != NULL ? model->fixed[axis] : -1;
        for (size_t value = 0; value < model->num_values[axis]; value++)
            if (held < 0 || value == (size_t)held)
                domain[value / 64] |= UINT64_C(1) << value % 64;
    }
}

static bool narrow_by_table(const struct filter *filter, uint64_t *domain, size_t words,
                            const uint16_t *row)
{
    const uint64_t *set = filter->table + table_index(filter, row) * words;
    uint64_t left = 0;
    for (size_t i = 0; i < words; i++)
        left |= domain[i] &= set[i];
    return left != 0;
}

static bool narrow_by_asking(const struct filters *filters, const struct filter *filter,
                             uint64_t *domain, const uint16_t *row)
{
    const struct covering_model *model = filters->model;
    uint16_t trial[COVERING_AXES_MAX];
    bool left = false;
    memcpy(trial, row, model->num_axes * sizeof *trial);
    for (size_t value = 0; value < model->num_values[filter->target]; value++) {
        if (!domain_has(domain, value))
            continue;
        trial[filter->target] = (uint16_t)value;
        if (filter->constraint->forbids(model->context, filter->constraint->rule, trial))
            domain[value / 64] &= ~(UINT64_C(1) << value % 64);
        else
            left = true;
    }
    return left;
}

static bool narrow(const struct filters *filters, const struct filter *filter, uint64_t *domains,
                   const uint16_t *row)
{
    uint64_t *domain = domains + filters->offsets[filter->target];
    if (filter->table != NULL)
        return narrow_by_table(filter, domain, filters->words[filter->target], row);
    return narrow_by_asking(filters, filter, domain, row);
}

bool filters_apply(const struct filters *filters, uint64_t *domains, const uint16_t *row,
                   unsigned open, unsigned axis, bool with_preferences)
{
    for (size_t i = 0; i < filters->num; i++) {
        const struct filter *filter = &filters->all[i];
        unsigned axes = filter->constraint->axes;
        if ((axes & 1u << axis) == 0 || (axes & open) != 1u << filter->target ||
            (filter->constraint->is_preference && !with_preferences))
            continue;
        if (!narrow(filters, filter, domains, row))
            return false;
    }
    return true;
}

bool filters_apply_single(const struct filters *filters, uint64_t *domains, bool with_preferences)
{
    const uint16_t row[COVERING_AXES_MAX] = { 0 };
    for (size_t i = 0; i < filters->num; i++) {
        const struct filter *filter = &filters->all[i];
        if (filter->num_others > 0 || (filter->constraint->is_preference && !with_preferences))
            continue;
        if (!narrow(filters, filter, domains, row))
            return false;
    }
    return true;
}
