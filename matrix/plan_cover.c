/* The coverages other than full: a block as a model for the covering array. What the protocol
 * excludes is forbidden, what a stack cannot do is avoided. */
#include "matrix/plan_parts.h"

#include "matrix/case_judged.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CONSTRAINTS_MAX = 96 };

/* What forbids() gets to see. */
struct cover_context {
    const struct profile *profile;
    const struct block *block;
    const struct stack_set *stacks;
};

static void set_axes(struct matrix_case *c, const struct cover_context *context, unsigned axes,
                     const uint16_t *positions)
{
    *c = (struct matrix_case){ 0 };
    for (int axis = 0; axis < NUM_AXES; axis++)
        if ((axes & 1u << axis) != 0) {
            uint16_t index = context->block->axes[axis].indices[positions[axis]];
            axis_value_put(c, (enum axis)axis, context->profile->axes[axis].values[index]);
        }
}

static bool forbidden_by_protocol(void *context, const void *rule, const uint16_t *positions)
{
    const struct exclusion_rule *exclusion = rule;
    struct matrix_case c;
    set_axes(&c, context, exclusion->axes, positions);
    return exclusion->excludes(&c);
}

static bool lacked_by_stack(void *context, const void *rule, const uint16_t *positions)
{
    const struct cover_context *cover = context;
    const struct support_rule *support = rule;
    struct matrix_case c;
    set_axes(&c, cover, support->axes, positions);
    return support->lacks(NULL, &c, cover->stacks);
}

static bool unwanted_pair(void *context, const void *rule, const uint16_t *positions)
{
    const struct cover_context *cover = context;
    struct matrix_case c;
    (void)rule;
    set_axes(&c, cover, 1u << AXIS_CLIENT | 1u << AXIS_SERVER, positions);
    return !block_wants_pair(cover->block, c.client, c.server);
}

static size_t list_constraints(struct covering_constraint out[CONSTRAINTS_MAX])
{
    size_t num = 0;
    assert(num_exclusion_rules + num_support_rules + 1 <= CONSTRAINTS_MAX);
    for (size_t i = 0; i < num_exclusion_rules; i++)
        out[num++] = (struct covering_constraint){ .axes = exclusion_rules[i].axes,
                                                   .forbids = forbidden_by_protocol,
                                                   .rule = &exclusion_rules[i] };
    for (size_t i = 0; i < num_support_rules; i++)
        out[num++] = (struct covering_constraint){ .axes = support_rules[i].axes,
                                                   .is_preference = true,
                                                   .forbids = lacked_by_stack,
                                                   .rule = &support_rules[i] };
    out[num++] = (struct covering_constraint){ .axes = 1u << AXIS_CLIENT | 1u << AXIS_SERVER,
                                               .forbids = unwanted_pair };
    return num;
}

static int add_rows(struct cover *cover, const struct block *block,
                    const struct covering_array *array, struct error *err)
{
    struct row *rows = realloc(cover->rows, (cover->num_rows + array->num_rows + 1) * sizeof *rows);
    if (rows == NULL)
        return error_errno(err, "covering array");
    cover->rows = rows;
    for (size_t i = 0; i < array->num_rows; i++)
        for (int axis = 0; axis < NUM_AXES; axis++)
            rows[cover->num_rows + i].values[axis] =
                block->axes[axis].indices[array->rows[i * NUM_AXES + (size_t)axis]];
    cover->num_rows += array->num_rows;
    cover->combinations += array->num_tuples;
    cover->impossible_combinations += array->num_impossible;
    return 0;
}

static int add_array(struct cover *cover, const struct covering_model *model,
                     const struct block *block, unsigned strength, struct error *err)
{
    struct covering_array array;
    if (covering_make(&array, model, strength, err) < 0)
        return error_prefix(err, "block '%s'", block->name);
    int failed = add_rows(cover, block, &array, err);
    covering_fini(&array);
    return failed;
}

/* Smoke: each value of each axis once for each pair of stacks. */
static int add_smoke(struct cover *cover, struct covering_model *model,
                     const struct cover_context *context, struct error *err)
{
    const struct block *block = context->block;
    int fixed[NUM_AXES];
    for (int axis = 0; axis < NUM_AXES; axis++)
        fixed[axis] = -1;
    model->fixed = fixed;
    for (uint16_t client = 0; client < block->axes[AXIS_CLIENT].num; client++)
        for (uint16_t server = 0; server < block->axes[AXIS_SERVER].num; server++) {
            uint16_t positions[NUM_AXES] = { [AXIS_CLIENT] = client, [AXIS_SERVER] = server };
            fixed[AXIS_CLIENT] = client;
            fixed[AXIS_SERVER] = server;
            if (!unwanted_pair(model->context, NULL, positions) &&
                add_array(cover, model, block, 1, err) < 0)
                return -1;
        }
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct row));
}

static int sort_rows(struct cover *cover, struct error *err)
{
    cover->sorted = calloc(cover->num_rows + 1, sizeof *cover->sorted);
    if (cover->sorted == NULL)
        return error_errno(err, "covering array");
    if (cover->num_rows > 0)
        memcpy(cover->sorted, cover->rows, cover->num_rows * sizeof *cover->rows);
    qsort(cover->sorted, cover->num_rows, sizeof *cover->sorted, compare_rows);
    return 0;
}

static const unsigned strengths[] = { [COVERAGE_THREEWISE] = 3, [COVERAGE_PAIRWISE] = 2 };

int cover_init(struct cover *cover, const struct profile *profile, const struct block *block,
               const struct stack_set *stacks, struct error *err)
{
    struct cover_context context = { profile, block, stacks };
    struct covering_constraint constraints[CONSTRAINTS_MAX];
    size_t num_values[NUM_AXES];
    struct covering_model model = { .num_axes = NUM_AXES,
                                    .num_values = num_values,
                                    .constraints = constraints,
                                    .num_constraints = list_constraints(constraints),
                                    .context = &context };
    *cover = (struct cover){ 0 };
    for (int axis = 0; axis < NUM_AXES; axis++) {
        num_values[axis] = block->axes[axis].num;
        if (num_values[axis] == 0) /* a glob of which the stacks declare nothing */
            return sort_rows(cover, err);
    }
    int failed = block->coverage == COVERAGE_SMOKE
                     ? add_smoke(cover, &model, &context, err)
                     : add_array(cover, &model, block, strengths[block->coverage], err);
    return failed < 0 ? -1 : sort_rows(cover, err);
}

void cover_fini(struct cover *cover)
{
    free(cover->rows);
    free(cover->sorted);
    *cover = (struct cover){ 0 };
}

bool cover_has(const struct cover *cover, const struct row *row)
{
    return bsearch(row, cover->sorted, cover->num_rows, sizeof *row, compare_rows) != NULL;
}
