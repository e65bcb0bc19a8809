/* The planner: the blocks of a profile one after the other, each case once, cut to a selection. */
#include "matrix/plan.h"

#include "matrix/plan_parts.h"

#include <stdlib.h>
#include <string.h>

/* A block on its way: `walk` with full coverage, else `cover` and a position in it. */
struct stream {
    const struct block *block;
    struct walk walk;
    struct cover cover;
    size_t position;
};

struct plan {
    const struct profile *profile;
    const struct stack_set *stacks;
    char **globs;
    size_t num_globs;
    struct selection selection; /* its globs are the ones above */
    struct stream *streams;     /* one for each block */
    size_t current;
    struct row row;  /* of the case delivered last */
    uint32_t repeat; /* 1: the plain case; 0: a new row is due */
    struct plan_counts counts;
};

static int copy_globs(struct plan *plan, const struct selection *selection, struct error *err)
{
    plan->globs = calloc(selection->num_globs + 1, sizeof *plan->globs);
    if (plan->globs == NULL)
        return error_errno(err, "plan");
    for (size_t i = 0; i < selection->num_globs; i++) {
        plan->globs[i] = strdup(selection->globs[i]);
        if (plan->globs[i] == NULL)
            return error_errno(err, "plan");
        plan->num_globs++;
    }
    return 0;
}

static int take_selection(struct plan *plan, const struct selection *selection, struct error *err)
{
    static const struct selection everything = { .num_shards = 1, .repeats = 1 };
    if (selection == NULL)
        selection = &everything;
    if (selection->num_shards == 0 || selection->shard >= selection->num_shards)
        return error_set(err, ERROR_USAGE, "there is no shard %u of %u",
                         (unsigned)selection->shard + 1, (unsigned)selection->num_shards);
    if (selection->repeats == 0)
        return error_set(err, ERROR_USAGE, "no repeats: a case runs once at least");
    if (copy_globs(plan, selection, err) < 0)
        return -1;
    plan->selection = *selection;
    plan->selection.globs = NULL;
    return 0;
}

static int open_stream(struct plan *plan, struct stream *stream, const struct block *block,
                       struct error *err)
{
    stream->block = block;
    if (block->coverage == COVERAGE_FULL) {
        walk_init(&stream->walk, plan->profile, block);
        return 0;
    }
    if (cover_init(&stream->cover, plan->profile, block, plan->stacks, err) < 0)
        return error_prefix(err, "%s", profile_path(plan->profile));
    plan->counts.combinations += stream->cover.combinations;
    plan->counts.impossible_combinations += stream->cover.impossible_combinations;
    return 0;
}

static int open_streams(struct plan *plan, struct error *err)
{
    const struct profile *profile = plan->profile;
    plan->streams = calloc(profile->num_blocks, sizeof *plan->streams);
    plan->counts.per_rule = calloc(num_exclusion_rules, sizeof *plan->counts.per_rule);
    if (plan->streams == NULL || plan->counts.per_rule == NULL)
        return error_errno(err, "plan");
    for (size_t i = 0; i < profile->num_blocks; i++)
        if (open_stream(plan, &plan->streams[i], &profile->blocks[i], err) < 0)
            return -1;
    return 0;
}

int plan_new(struct plan **out, const struct profile *profile, const struct stack_set *stacks,
             const struct selection *selection, struct error *err)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL)
        return error_errno(err, "plan");
    plan->profile = profile;
    plan->stacks = stacks;
    if (take_selection(plan, selection, err) < 0 || open_streams(plan, err) < 0) {
        plan_free(plan);
        return -1;
    }
    *out = plan;
    return 0;
}

void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; plan->streams != NULL && i < plan->profile->num_blocks; i++)
        cover_fini(&plan->streams[i].cover);
    for (size_t i = 0; i < plan->num_globs; i++)
        free(plan->globs[i]);
    free(plan->globs);
    free(plan->streams);
    free(plan->counts.per_rule);
    free(plan);
}

/* ---- from block to block ---- */

static bool stream_next(struct plan *plan, struct stream *stream, struct row *row)
{
    if (stream->block->coverage == COVERAGE_FULL)
        return walk_next(&stream->walk, row, &plan->counts);
    if (stream->position >= stream->cover.num_rows)
        return false;
    *row = stream->cover.rows[stream->position++];
    return true;
}

static bool stream_has(const struct plan *plan, const struct stream *stream, const struct row *row)
{
    for (int axis = 0; axis < NUM_AXES; axis++)
        if (!block_has(stream->block, (enum axis)axis, row->values[axis]))
            return false;
    if (stream->block->coverage != COVERAGE_FULL)
        return cover_has(&stream->cover, row);
    const struct value_list *axes = plan->profile->axes;
    return block_wants_pair(stream->block, axes[AXIS_CLIENT].values[row->values[AXIS_CLIENT]].v[0],
                            axes[AXIS_SERVER].values[row->values[AXIS_SERVER]].v[0]);
}

/* A case belongs to the first block that has it. */
static bool was_in_earlier_block(const struct plan *plan, const struct row *row)
{
    for (size_t i = 0; i < plan->current; i++)
        if (stream_has(plan, &plan->streams[i], row))
            return true;
    return false;
}

static bool next_row(struct plan *plan)
{
    while (plan->current < plan->profile->num_blocks) {
        if (!stream_next(plan, &plan->streams[plan->current], &plan->row))
            plan->current++;
        else if (!was_in_earlier_block(plan, &plan->row))
            return true;
    }
    return false;
}

/* ---- selection ---- */

/* By the plain id or by that of the repeat. */
static bool matches_globs(const struct plan *plan, const char *id)
{
    char plain[CASE_ID_MAX];
    size_t len = strcspn(id, "#");
    memcpy(plain, id, len);
    plain[len] = '\0';
    for (size_t i = 0; i < plan->num_globs; i++)
        if (case_id_matches(plan->globs[i], plain) || case_id_matches(plan->globs[i], id))
            return true;
    return plan->num_globs == 0;
}

static bool is_selected(const struct plan *plan, const struct matrix_case *c)
{
    char id[CASE_ID_MAX];
    if (plan->num_globs == 0 && plan->selection.num_shards == 1)
        return true;
    case_id(id, c, plan->stacks);
    return case_hash(id) % plan->selection.num_shards == plan->selection.shard &&
           matches_globs(plan, id);
}

/* The next case before selection: another repeat of the last one, or the next row. */
static bool next_case(struct plan *plan, struct matrix_case *out, bool *unsupported,
                      char reason[TEXT_LEN])
{
    if (plan->repeat == 0 || plan->repeat >= plan->selection.repeats) {
        if (!next_row(plan))
            return false;
        plan->repeat = 1;
    } else {
        plan->repeat++;
    }
    row_to_case(out, &plan->row, plan->profile);
    out->repeat = plan->repeat > 1 ? plan->repeat : 0;
    *unsupported = case_unsupported(reason, out, plan->stacks);
    if (*unsupported)
        plan->repeat = 0; /* once says it all */
    return true;
}

int plan_next(struct plan *plan, struct matrix_case *out, bool *unsupported, char reason[TEXT_LEN])
{
    struct matrix_case c;
    while (next_case(plan, &c, unsupported, reason)) {
        if (!is_selected(plan, &c))
            continue;
        *(*unsupported ? &plan->counts.unsupported : &plan->counts.cases) += 1;
        *out = c;
        return 1;
    }
    return 0;
}

const struct plan_counts *plan_counts(const struct plan *plan)
{
    return &plan->counts;
}

const struct row *plan_row(const struct plan *plan)
{
    return &plan->row;
}
