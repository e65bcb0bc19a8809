/* What the words of a profile stand for. `all` of suites and groups is what at least one stack of
 * the run declares, so that the axes grow with the stacks; a word of the registry that none
 * declares may still be named, and its cases come out as unsupported. */
#include "matrix/profile.h"

#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static int add_value(struct value_list *list, struct axis_value value, struct error *err)
{
    if (list->num >= PROFILE_VALUES_MAX)
        return error_set(err, ERROR_USAGE, "more than %d values", PROFILE_VALUES_MAX);
    struct axis_value *values = realloc(list->values, (list->num + 1) * sizeof *values);
    if (values == NULL)
        return error_errno(err, "list of axis values");
    list->values = values;
    values[list->num++] = value;
    return 0;
}

static int num_declaring_suite(const struct stack_set *stacks, uint16_t suite)
{
    int num = 0;
    for (size_t i = 0; i < stacks->num_stacks; i++)
        num += capabilities_have_suite(&stacks->stacks[i], suite);
    return num;
}

/* Counts versions apart, so that the group of more versions is the better partner. */
static int num_declaring_group(const struct stack_set *stacks, uint16_t group)
{
    int num = 0;
    for (size_t i = 0; i < stacks->num_stacks; i++)
        for (uint16_t v = TLS10; v <= TLS13; v++)
            num += capabilities_have_group(&stacks->stacks[i], v, group);
    return num;
}

/* How many values of its own the axis has, without "any" and "none" of suites and groups. */
static size_t num_own_words(enum axis axis, const struct stack_set *stacks)
{
    switch (axis) {
    case AXIS_CLIENT:
    case AXIS_SERVER:
        return stacks->num_stacks;
    case AXIS_VERSION:
        return NUM_TLS_VERSIONS;
    case AXIS_SUITE:
        return num_suites;
    case AXIS_GROUP:
        return num_groups;
    case AXIS_CREDENTIAL:
        return NUM_CREDENTIALS;
    case AXIS_AUTH:
        return NUM_AUTH_MODES;
    case AXIS_IDENTITY:
        return 2 * num_identities - 1;
    case AXIS_ATTACK:
        return 1 + num_attacks();
    case AXIS_DELIVERY:
        return NUM_DELIVERIES;
    case AXIS_HELLO:
        return 1 + num_hellos();
    case AXIS_EXCHANGE:
        return NUM_EXCHANGES;
    default:
        return NUM_PINNINGS;
    }
}

static bool is_declared(enum axis axis, size_t index, const struct stack_set *stacks)
{
    if (axis == AXIS_SUITE)
        return num_declaring_suite(stacks, suites[index].id) > 0;
    return axis != AXIS_GROUP || num_declaring_group(stacks, groups[index].id) > 0;
}

/* Appends what is declared of the words that match; *matched: whether any word did. */
static int add_matching(struct value_list *list, enum axis axis, const char *glob, bool *matched,
                        const struct stack_set *stacks, struct error *err)
{
    size_t num = num_own_words(axis, stacks);
    for (size_t i = 0; i < num; i++) {
        const char *word = axis_word(axis, i, stacks);
        struct axis_value value;
        if (fnmatch(glob, word, 0) != 0)
            continue;
        *matched = true;
        if (!is_declared(axis, i, stacks))
            continue;
        if (axis_value_parse(&value, axis, word, stacks, err) < 0 ||
            add_value(list, value, err) < 0)
            return -1;
    }
    return 0;
}

typedef int word_function(struct value_list *list, enum axis axis, const struct stack_set *stacks,
                          struct error *err);

static int expand_all(struct value_list *list, enum axis axis, const struct stack_set *stacks,
                      struct error *err)
{
    bool matched = false;
    return add_matching(list, axis, "*", &matched, stacks, err);
}

enum { NUM_RANGES = NUM_TLS_VERSIONS * (NUM_TLS_VERSIONS + 1) / 2 };

/* The index-th range of versions: by first, then by last version. */
static void range_at(uint16_t range[2], size_t index)
{
    uint16_t first = TLS10;
    for (size_t num = NUM_TLS_VERSIONS; index >= num; num--) {
        index -= num;
        first++;
    }
    range[0] = first;
    range[1] = (uint16_t)(first + index);
}

static bool ranges_meet(const struct axis_value *value)
{
    return value->v[0] <= value->v[3] && value->v[2] <= value->v[1];
}

static int add_ranges(struct value_list *list, bool only_mismatched, struct error *err)
{
    for (size_t i = 0; i < NUM_RANGES * NUM_RANGES; i++) {
        struct axis_value value;
        range_at(value.v, i / NUM_RANGES);
        range_at(value.v + 2, i % NUM_RANGES);
        if (only_mismatched && ranges_meet(&value))
            continue;
        if (add_value(list, value, err) < 0)
            return -1;
    }
    return 0;
}

static int expand_ranges(struct value_list *list, enum axis axis, const struct stack_set *stacks,
                         struct error *err)
{
    (void)axis, (void)stacks;
    return add_ranges(list, false, err);
}

static int mismatched_versions(struct value_list *list, enum axis axis,
                               const struct stack_set *stacks, struct error *err)
{
    (void)axis, (void)stacks;
    return add_ranges(list, true, err);
}

/* Can `other` stand opposite `suite`, so that nothing but the suite is amiss? */
static bool is_suite_partner(const struct suite *suite, const struct suite *other)
{
    return other != suite && other->kx == suite->kx && other->auth == suite->auth &&
           other->min_version <= suite->min_version && other->max_version >= suite->max_version;
}

static bool is_group_partner(const struct group *group, const struct group *other)
{
    bool any_kind = group->kind == GROUP_HYBRID || group->kind == GROUP_KEM;
    return other != group && (other->kind == group->kind || any_kind) &&
           other->min_version <= group->min_version && other->max_version >= group->max_version;
}

/* The partner that most stacks declare, so that the case can run on most pairs; of those, the next
 * in the registry, so that not every value meets the same one. */
static const struct suite *suite_partner(size_t index, const struct stack_set *stacks)
{
    const struct suite *best = NULL;
    int most = 0;
    for (size_t step = 1; step < num_suites; step++) {
        const struct suite *other = &suites[(index + step) % num_suites];
        int num = num_declaring_suite(stacks, other->id);
        if (num > most && is_suite_partner(&suites[index], other)) {
            best = other;
            most = num;
        }
    }
    return best;
}

static const struct group *group_partner(size_t index, const struct stack_set *stacks)
{
    const struct group *best = NULL;
    int most = 0;
    for (size_t step = 1; step < num_groups; step++) {
        const struct group *other = &groups[(index + step) % num_groups];
        int num = num_declaring_group(stacks, other->id);
        if (num > most && is_group_partner(&groups[index], other)) {
            best = other;
            most = num;
        }
    }
    return best;
}

static int mismatched_suites(struct value_list *list, enum axis axis,
                             const struct stack_set *stacks, struct error *err)
{
    for (size_t i = 0; i < num_suites; i++) {
        const struct suite *partner =
            is_declared(axis, i, stacks) ? suite_partner(i, stacks) : NULL;
        if (partner != NULL &&
            add_value(list, (struct axis_value){ { suites[i].id, partner->id } }, err) < 0)
            return -1;
    }
    return 0;
}

static int mismatched_groups(struct value_list *list, enum axis axis,
                             const struct stack_set *stacks, struct error *err)
{
    for (size_t i = 0; i < num_groups; i++) {
        const struct group *partner =
            is_declared(axis, i, stacks) ? group_partner(i, stacks) : NULL;
        if (partner != NULL &&
            add_value(list, (struct axis_value){ { groups[i].id, partner->id } }, err) < 0)
            return -1;
    }
    return 0;
}

#define EVERY_AXIS ((1u << NUM_AXES) - 1)

static const struct {
    const char *word;
    unsigned axes;
    word_function *expand;
} keywords[] = {
    { "all", EVERY_AXIS & ~(1u << AXIS_VERSION), expand_all },
    { "all", 1u << AXIS_VERSION, expand_ranges },
    { "each", 1u << AXIS_VERSION, expand_all },
    { "ranges", 1u << AXIS_VERSION, expand_ranges },
    { "mismatched", 1u << AXIS_VERSION, mismatched_versions },
    { "mismatched", 1u << AXIS_SUITE, mismatched_suites },
    { "mismatched", 1u << AXIS_GROUP, mismatched_groups },
};

int axis_word_expand(struct value_list *list, enum axis axis, const char *word,
                     const struct stack_set *stacks, struct error *err)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if ((keywords[i].axes & 1u << axis) != 0 && strcmp(keywords[i].word, word) == 0)
            return keywords[i].expand(list, axis, stacks, err);
    if (strpbrk(word, "*?[") != NULL) {
        bool matched = false;
        if (add_matching(list, axis, word, &matched, stacks, err) < 0)
            return -1;
        return matched ? 0
                       : error_set(err, ERROR_USAGE, "no %s matches '%s'", axis_name(axis), word);
    }
    struct axis_value value;
    if (axis_value_parse(&value, axis, word, stacks, err) < 0)
        return -1;
    return add_value(list, value, err);
}
