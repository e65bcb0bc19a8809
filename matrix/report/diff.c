#include "matrix/report/diff.h"

#include "matrix/report/causes.h"
#include "matrix/report/join.h"
#include "matrix/report/pairs.h"

#include <stdlib.h>
#include <string.h>

enum { ORDINARY_SLASHES = 5 /* version/suite/group/credential/auth/pin: no attack, no delivery */ };

/* ---- one case ---- */

/* A case in which times mean something: ordinary, accepted, and right. */
static bool is_timed(const char *rest, const struct joined_case *c)
{
    size_t slashes = 0;
    for (const char *at = rest; (at = strchr(at, '/')) != NULL; at++)
        slashes++;
    static const char accepted[] = "{\"result\":\"accepted\"";
    return slashes == ORDINARY_SLASHES && c->verdict == VERDICT_PASS && c->facts[0] != NULL &&
           c->facts[1] != NULL && strncmp(c->facts[0], accepted, strlen(accepted)) == 0 &&
           strncmp(c->facts[1], accepted, strlen(accepted)) == 0;
}

/* The negotiated suite, out of facts as they are stored: within a JSON string the quotation marks
 * of this key would be escaped. */
static void suite_of(char out[NAME_MAX_LEN], const char *facts)
{
    static const char key[] = ",\"suite\":\"";
    const char *at = strstr(facts, key);
    const char *word = at == NULL ? "" : at + strlen(key);
    snprintf(out, NAME_MAX_LEN, "%.*s", (int)strcspn(word, "\""), word);
}

/* By the wire's clock where both have it, else by the client's. */
static double time_ratio(const struct joined_case *a, const struct joined_case *b)
{
    uint64_t before = a->wire.handshake_us, after = b->wire.handshake_us;
    if (before == 0 || after == 0) {
        before = a->us[ROLE_CLIENT];
        after = b->us[ROLE_CLIENT];
    }
    return before == 0 || after == 0 ? 0 : (double)after / (double)before;
}

struct visit {
    struct diff *diff;
    char client[NAME_MAX_LEN], server[NAME_MAX_LEN]; /* of b */
};

/* Only stacks that meet themselves show their own speed. */
static int note_speed(struct visit *visit, const char *rest, const struct joined_case *a,
                      const struct joined_case *b, struct error *err)
{
    char suite[NAME_MAX_LEN], other[NAME_MAX_LEN];
    if (strcmp(visit->client, visit->server) != 0 || !is_timed(rest, a) || !is_timed(rest, b))
        return 0;
    double ratio = time_ratio(a, b);
    suite_of(suite, a->facts[ROLE_CLIENT]);
    suite_of(other, b->facts[ROLE_CLIENT]);
    if (ratio == 0 || strcmp(suite, other) != 0)
        return 0;
    visit->diff->num_timed++;
    return speed_note(visit->diff->speed, visit->client, suite, ratio, b->sequence, err);
}

/* What the end sends that is another stack's. */
static int note_bytes(struct diff *diff, const char *rest, const struct joined_case *a,
                      const struct joined_case *b, struct error *err)
{
    enum role role = diff->roles == 1u << ROLE_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
    uint64_t left = a->wire.bytes[role], right = b->wire.bytes[role];
    if (diff->roles == 0 || !is_timed(rest, a) || !is_timed(rest, b) || left == 0 || right == 0)
        return 0;
    return speed_note(diff->bytes, role_name(role), "", (double)right / (double)left, b->sequence,
                      err);
}

static void verdict_words(char *out, size_t len, const struct joined_case *c)
{
    snprintf(out, len, "%s%s%s", verdict_name(c->verdict), c->kind[0] == '\0' ? "" : " ", c->kind);
}

/* A reason in two: what stands before the library's own words, and what stands behind them.
 * "server: refused with decode_error (No certificate was found.); expected: handshake_failure". */
struct reason_parts {
    size_t before_len; /* of all, where a library says nothing in it */
    const char *behind;
};

static struct reason_parts parts_of(const char *reason)
{
    const char *words = strstr(reason, " (");
    const char *behind = words == NULL ? NULL : strstr(words, "); expected");
    if (behind == NULL)
        return (struct reason_parts){ strlen(reason), "" };
    return (struct reason_parts){ (size_t)(words - reason), behind };
}

/* A library's words change with a patch, and are no other cause. */
static bool same_reason(const char *a, const char *b)
{
    struct reason_parts x = parts_of(a), y = parts_of(b);
    return x.before_len == y.before_len && memcmp(a, b, x.before_len) == 0 &&
           strcmp(x.behind, y.behind) == 0;
}

static bool same_cause(const struct joined_case *a, const struct joined_case *b)
{
    return a->verdict == b->verdict && strcmp(a->kind, b->kind) == 0 &&
           same_reason(a->reason, b->reason);
}

static enum difference by_verdict(const struct joined_case *a, const struct joined_case *b,
                                  bool comparing)
{
    if (comparing)
        return same_cause(a, b) ? DIFFERENCE_NONE : DIFFERENCE_VERDICT;
    bool red_a = cause_is_red(a->verdict, a->deviation);
    bool red_b = cause_is_red(b->verdict, b->deviation);
    if (red_b && !red_a)
        return DIFFERENCE_NEW_FAILURE;
    if (red_a && !red_b)
        return DIFFERENCE_FIXED;
    if (red_a)
        return same_cause(a, b) ? DIFFERENCE_NONE : DIFFERENCE_OTHER_FAILURE;
    return a->verdict == b->verdict ? DIFFERENCE_NONE : DIFFERENCE_VERDICT;
}

/* A case whose verdict changed is told by that, with what changed in its facts; one whose verdict
 * stayed, by the facts alone. */
static int note_both(struct diff *diff, const struct joined_case *a, const struct joined_case *b,
                     struct error *err)
{
    struct facts_difference facts;
    char was[NAME_MAX_LEN * 2], is[NAME_MAX_LEN * 2], title[TEXT_LEN * 2];
    enum difference difference = by_verdict(a, b, diff->comparing);
    facts_differ(&facts, b->id, a->facts, b->facts, diff->roles);
    diff->num_compared++;
    diff->found.num_timing += difference == DIFFERENCE_NONE && facts.timing;
    if (difference == DIFFERENCE_NONE && facts.difference == DIFFERENCE_NONE)
        return 0;
    verdict_words(was, sizeof was, a);
    verdict_words(is, sizeof is, b);
    const struct joined_case *told = difference == DIFFERENCE_FIXED ? a : b;
    if (difference == DIFFERENCE_NONE) {
        snprintf(title, sizeof title, "%s", facts.text);
        return difference_note(&diff->found, facts.difference, title, "", b->id, err);
    }
    snprintf(title, sizeof title, "%s -> %s%s%s", was, is, told->reason[0] == '\0' ? "" : ": ",
             told->reason);
    return difference_note(&diff->found, difference, title, facts.text, b->id, err);
}

/* A case that is there only once: red, and it is a failure that was not there before. */
static int note_one(struct diff *diff, const struct joined_case *a, const struct joined_case *b,
                    struct error *err)
{
    char verdict[NAME_MAX_LEN * 2], title[TEXT_LEN * 2];
    const struct joined_case *c = a != NULL ? a : b;
    bool red = cause_is_red(c->verdict, c->deviation);
    verdict_words(verdict, sizeof verdict, c);
    snprintf(title, sizeof title, "%s%s%s%s", verdict, a != NULL ? "" : " (a new case)",
             red ? ": " : "", red ? c->reason : "");
    enum difference difference = a != NULL ? DIFFERENCE_VANISHED
                                 : red     ? DIFFERENCE_NEW_FAILURE
                                           : DIFFERENCE_NEW_CASE;
    return difference_note(&diff->found, difference, title, "", c->id, err);
}

static int on_case(void *context, const char *rest, const struct joined_case *a,
                   const struct joined_case *b, struct error *err)
{
    struct visit *visit = context;
    bool both = a != NULL && b != NULL;
    if (!both)
        return visit->diff->comparing ? 0 : note_one(visit->diff, a, b, err);
    if (visit->diff->roles != 0 && note_both(visit->diff, a, b, err) < 0)
        return -1;
    if (visit->diff->comparing && note_bytes(visit->diff, rest, a, b, err) < 0)
        return -1;
    return note_speed(visit, rest, a, b, err);
}

/* ---- pairs ---- */

static const char *mapped(const struct diff *diff, const char *stack)
{
    for (size_t i = 0; i < diff->num_maps; i++)
        if (strcmp(diff->maps[i].a, stack) == 0)
            return diff->maps[i].b;
    return stack;
}

int diff_pair(struct diff *diff, const char *pair_a, const char *pair_b, struct error *err)
{
    struct visit visit = { .diff = diff };
    struct error ignored;
    if (pair_split(visit.client, visit.server, pair_b, diff->stacks_b, &ignored) < 0)
        visit.client[0] = '\0', visit.server[0] = '\1'; /* only in a: it has no speed */
    return join_pairs(diff->a.results, pair_a, diff->b.results, pair_b, on_case, &visit, err);
}

/* Does the pair of b come of some pair of a? */
static int has_origin(bool *out, struct diff *diff, const char *pair_b, struct error *err)
{
    char pair[PAIR_MAX] = "", client[NAME_MAX_LEN], server[NAME_MAX_LEN], name[PAIR_MAX];
    int more;
    *out = false;
    while ((more = pairs_next(pair, diff->a.results, err)) > 0 && !*out) {
        if (pair_split(client, server, pair, diff->stacks_a, err) < 0)
            return -1;
        snprintf(name, sizeof name, "%s-%s", mapped(diff, client), mapped(diff, server));
        *out = strcmp(name, pair_b) == 0;
    }
    return more < 0 ? -1 : 0;
}

static int join_all(struct diff *diff, struct error *err)
{
    char pair[PAIR_MAX] = "", client[NAME_MAX_LEN], server[NAME_MAX_LEN], name[PAIR_MAX];
    int more, ret = 0;
    bool origin;
    while (ret == 0 && (more = pairs_next(pair, diff->a.results, err)) > 0) {
        ret = pair_split(client, server, pair, diff->stacks_a, err);
        snprintf(name, sizeof name, "%s-%s", mapped(diff, client), mapped(diff, server));
        if (ret == 0)
            ret = diff_pair(diff, pair, name, err);
    }
    for (pair[0] = '\0'; ret == 0 && (more = pairs_next(pair, diff->b.results, err)) > 0;)
        if ((ret = has_origin(&origin, diff, pair, err)) == 0 && !origin)
            ret = diff_pair(diff, "", pair, err); /* no case's id begins with a slash */
    return ret < 0 || more < 0 ? -1 : 0;
}

/* ---- the whole ---- */

static int check_maps(const struct diff *diff, struct error *err)
{
    for (size_t i = 0; i < diff->num_maps; i++) {
        const struct stack_map *map = &diff->maps[i];
        if (stack_index(diff->stacks_a, map->a) < 0)
            return error_set(err, ERROR_USAGE, "--map %s=%s: %s has no stack '%s'", map->a, map->b,
                             diff->a.directory, map->a);
        if (stack_index(diff->stacks_b, map->b) < 0)
            return error_set(err, ERROR_USAGE, "--map %s=%s: %s has no stack '%s'", map->a, map->b,
                             diff->b.directory, map->b);
    }
    for (size_t i = 0; i < diff->stacks_a->num_stacks; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(mapped(diff, stack_name(diff->stacks_a, i)),
                       mapped(diff, stack_name(diff->stacks_a, j))) == 0)
                return error_set(err, ERROR_USAGE, "--map: '%s' and '%s' would both be '%s'",
                                 stack_name(diff->stacks_a, i), stack_name(diff->stacks_a, j),
                                 mapped(diff, stack_name(diff->stacks_a, i)));
    return 0;
}

int diff_open(struct diff *diff, const char *a, const char *b, struct error *err)
{
    *diff = (struct diff){ .roles = 1u << ROLE_CLIENT | 1u << ROLE_SERVER, .machine = 1 };
    diff->stacks_a = malloc(sizeof *diff->stacks_a);
    diff->stacks_b = malloc(sizeof *diff->stacks_b);
    if (diff->stacks_a == NULL || diff->stacks_b == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (difference_groups_init(&diff->found, err) < 0 || (diff->speed = speed_new(err)) == NULL ||
        (diff->bytes = speed_new(err)) == NULL || told_run_open(&diff->a, a, err) < 0 ||
        told_run_open(&diff->b, b, err) < 0)
        return -1;
    diff->found.rerun_options = diff->b.rerun_options;
    return results_stacks(diff->a.results, diff->stacks_a, err) < 0 ||
                   results_stacks(diff->b.results, diff->stacks_b, err) < 0
               ? -1
               : 0;
}

static int all_capabilities(struct diff *diff, struct error *err)
{
    for (size_t i = 0; i < diff->stacks_a->num_stacks; i++) {
        const char *name = mapped(diff, stack_name(diff->stacks_a, i));
        int other = stack_index(diff->stacks_b, name);
        if (other >= 0 && diff_capabilities(diff, &diff->stacks_a->stacks[i],
                                            &diff->stacks_b->stacks[other], err) < 0)
            return -1;
    }
    return 0;
}

int diff_finish(struct diff *diff, struct error *err)
{
    double unused;
    diff->num_speeds = speed_findings(&diff->speeds, &diff->machine, diff->speed, !diff->comparing);
    diff->num_byte_ratios = speed_findings(&diff->byte_ratios, &unused, diff->bytes, false);
    for (size_t i = 0; i < diff->num_speeds; i++) {
        const struct speed_finding *one = &diff->speeds[i];
        char title[TEXT_LEN];
        if (!one->beyond_noise)
            continue;
        snprintf(title, sizeof title, "%s%s%s: handshakes take %.2f times as long (%zu samples)",
                 one->stack, one->suite[0] == '\0' ? "" : " ", one->suite, one->ratio,
                 one->num_samples);
        if (difference_note(&diff->found, DIFFERENCE_SPEED, title, "", NULL, err) < 0)
            return -1;
    }
    difference_groups_sort(&diff->found);
    return 0;
}

int diff_run(struct diff *diff, const struct diff_request *request, struct error *err)
{
    if (diff_open(diff, request->a, request->b, err) < 0)
        return -1;
    diff->maps = request->maps;
    diff->num_maps = request->num_maps;
    if (check_maps(diff, err) < 0 || join_all(diff, err) < 0 || all_capabilities(diff, err) < 0)
        return -1;
    return diff_finish(diff, err);
}

void diff_fini(struct diff *diff)
{
    told_run_close(&diff->a);
    told_run_close(&diff->b);
    free(diff->stacks_a);
    free(diff->stacks_b);
    speed_free(diff->speed);
    speed_free(diff->bytes);
    difference_groups_fini(&diff->found);
    *diff = (struct diff){ 0 };
}
