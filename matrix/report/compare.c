/* Two stacks in one run: the cases of each with the same partner, so that what differs is theirs.
 */
#include "harness/nearest.h"
#include "matrix/report/diff.h"
#include "matrix/report/pairs.h"

#include <string.h>

static int known_stack(const struct diff *diff, const char *name, struct error *err)
{
    int index = stack_index(diff->stacks_a, name);
    if (index >= 0)
        return index;
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < diff->stacks_a->num_stacks; i++)
        nearest_offer(&nearest, stack_name(diff->stacks_a, i));
    return error_set(err, ERROR_USAGE, "%s has no stack '%s'%s", diff->a.directory, name,
                     nearest_hint(&nearest));
}

/* The stack at one end, each partner in turn at the other. */
static int compare_role(struct diff *diff, enum role role, const char *a, const char *b,
                        struct error *err)
{
    char pair_a[PAIR_MAX], pair_b[PAIR_MAX];
    diff->roles = 1u << role;
    for (size_t i = 0; i <= diff->stacks_a->num_stacks; i++) {
        bool raw = i == diff->stacks_a->num_stacks;
        const char *partner = stack_name(diff->stacks_a, raw ? RAW_STACK : i);
        bool client = role == ROLE_CLIENT;
        snprintf(pair_a, sizeof pair_a, "%s-%s", client ? a : partner, client ? partner : a);
        snprintf(pair_b, sizeof pair_b, "%s-%s", client ? b : partner, client ? partner : b);
        if (diff_pair(diff, pair_a, pair_b, err) < 0)
            return -1;
    }
    return 0;
}

/* Each with itself: its own speed. */
static int compare_speed(struct diff *diff, const char *a, const char *b, struct error *err)
{
    char pair_a[PAIR_MAX], pair_b[PAIR_MAX];
    snprintf(pair_a, sizeof pair_a, "%s-%s", a, a);
    snprintf(pair_b, sizeof pair_b, "%s-%s", b, b);
    diff->roles = 0;
    return diff_pair(diff, pair_a, pair_b, err);
}

int diff_stacks(struct diff *diff, const char *directory, const char *a, const char *b,
                struct error *err)
{
    if (diff_open(diff, directory, directory, err) < 0)
        return -1;
    diff->comparing = true;
    int left = known_stack(diff, a, err), right = left < 0 ? -1 : known_stack(diff, b, err);
    if (left < 0 || right < 0)
        return -1;
    if (left == right)
        return error_set(err, ERROR_USAGE, "'%s' is to be compared with another stack", a);
    if (compare_role(diff, ROLE_CLIENT, a, b, err) < 0 ||
        compare_role(diff, ROLE_SERVER, a, b, err) < 0 || compare_speed(diff, a, b, err) < 0 ||
        diff_capabilities(diff, &diff->stacks_a->stacks[left], &diff->stacks_a->stacks[right],
                          err) < 0)
        return -1;
    return diff_finish(diff, err);
}
