/* Full coverage: an odometer over a block's axes that asks each exclusion rule as soon as all of
 * its axes are set, so that what is impossible is counted by the subtree and never visited. */
#include "matrix/plan_parts.h"

/* Most rules look at the first axes, one at the stacks. */
static const enum axis axis_order[NUM_AXES] = {
    AXIS_VERSION,  AXIS_SUITE,    AXIS_GROUP,  AXIS_CREDENTIAL, AXIS_AUTH,
    AXIS_PIN,      AXIS_IDENTITY, AXIS_ATTACK, AXIS_DELIVERY,   AXIS_HELLO,
    AXIS_EXCHANGE, AXIS_CLIENT,   AXIS_SERVER,
};

enum { NUM_PROTOCOL_AXES = NUM_AXES - 2 }; /* those before the stacks */

void row_to_case(struct matrix_case *out, const struct row *row, const struct profile *profile)
{
    *out = (struct matrix_case){ 0 };
    for (int axis = 0; axis < NUM_AXES; axis++)
        axis_value_put(out, (enum axis)axis, profile->axes[axis].values[row->values[axis]]);
}

static struct axis_value value_at(const struct profile *profile, const struct block *block,
                                  enum axis axis, size_t position)
{
    return profile->axes[axis].values[block->axes[axis].indices[position]];
}

static bool wants_stacks(const struct profile *profile, const struct block *block,
                         const struct row *row)
{
    return block_wants_pair(block, profile->axes[AXIS_CLIENT].values[row->values[AXIS_CLIENT]].v[0],
                            profile->axes[AXIS_SERVER].values[row->values[AXIS_SERVER]].v[0]);
}

static uint64_t num_pairs(const struct profile *profile, const struct block *block)
{
    uint64_t num = 0;
    for (size_t client = 0; client < block->axes[AXIS_CLIENT].num; client++)
        for (size_t server = 0; server < block->axes[AXIS_SERVER].num; server++)
            num += block_wants_pair(block, value_at(profile, block, AXIS_CLIENT, client).v[0],
                                    value_at(profile, block, AXIS_SERVER, server).v[0]);
    return num;
}

void walk_init(struct walk *walk, const struct profile *profile, const struct block *block)
{
    *walk = (struct walk){ .profile = profile, .block = block };
    uint64_t below = num_pairs(profile, block);
    walk->remaining[NUM_AXES - 1] = 1;
    for (int depth = NUM_PROTOCOL_AXES - 1; depth >= 0; depth--) {
        walk->remaining[depth] = below;
        below *= block->axes[axis_order[depth]].num;
    }
}

/* The mask of the axes that are set when the walk stands at this depth. */
static unsigned axes_set(int depth)
{
    unsigned mask = 0;
    for (int i = 0; i <= depth; i++)
        mask |= 1u << axis_order[i];
    return mask;
}

/* Asks the rules whose last axis has just been set; -1: none excludes. */
static int excluding_rule(const struct walk *walk)
{
    unsigned set = axes_set(walk->depth);
    unsigned last = 1u << axis_order[walk->depth];
    for (size_t i = 0; i < num_exclusion_rules; i++) {
        const struct exclusion_rule *rule = &exclusion_rules[i];
        if ((rule->axes & last) != 0 && (rule->axes & ~set) == 0 && rule->excludes(&walk->current))
            return (int)i;
    }
    return -1;
}

/* Sets the next value at the depth where the walk stands; false if there is no more. */
static bool step(struct walk *walk)
{
    enum axis axis = axis_order[walk->depth];
    const struct block_axis *values = &walk->block->axes[axis];
    if (walk->positions[walk->depth] >= values->num)
        return false;
    size_t position = walk->positions[walk->depth]++;
    walk->row.values[axis] = values->indices[position];
    axis_value_put(&walk->current, axis, value_at(walk->profile, walk->block, axis, position));
    return true;
}

static bool is_excluded(struct walk *walk, struct plan_counts *counts)
{
    bool whole = walk->depth == NUM_AXES - 1;
    if (walk->depth >= NUM_PROTOCOL_AXES && !whole)
        return false;
    if (whole && !wants_stacks(walk->profile, walk->block, &walk->row))
        return false;
    int rule = excluding_rule(walk);
    if (rule < 0)
        return false;
    counts->excluded += walk->remaining[walk->depth];
    counts->per_rule[rule] += walk->remaining[walk->depth];
    return true;
}

bool walk_next(struct walk *walk, struct row *out, struct plan_counts *counts)
{
    while (walk->depth >= 0) {
        if (!step(walk)) {
            walk->positions[walk->depth--] = 0;
        } else if (!is_excluded(walk, counts)) {
            if (walk->depth < NUM_AXES - 1) {
                walk->depth++;
            } else if (wants_stacks(walk->profile, walk->block, &walk->row)) {
                *out = walk->row;
                return true;
            }
        }
    }
    return false;
}
