#include "matrix/twins.h"

#include <stdio.h>
#include <string.h>

void twins_begin(struct twin_walk *walk, struct results *results, const struct stack_set *stacks)
{
    *walk = (struct twin_walk){ .results = results, .stacks = stacks };
}

/* Steps to the next passed refusal after *last: 1 with its twin, 0 at the end. */
static int next_refusal(struct results *results, const struct stack_set *stacks,
                        char last[CASE_ID_MAX], struct matrix_case *twin, struct error *err)
{
    struct result_row row;
    int found;
    while ((found = results_next(results, VERDICT_PASS, last, &row, err)) > 0) {
        struct matrix_case c;
        snprintf(last, CASE_ID_MAX, "%s", row.id);
        if (case_from_id(&c, last, stacks, err) < 0)
            return -1;
        if (!case_twin(twin, &c))
            continue;
        twin->repeat = 0; /* one twin serves every repetition */
        return 1;
    }
    return found;
}

static bool is_recent(struct twin_walk *walk, const char *id)
{
    uint64_t hash = case_hash(id);
    for (unsigned i = 0; i < TWINS_RECENT; i++)
        if (walk->recent[i] == hash)
            return true;
    walk->recent[walk->num_recent++ % TWINS_RECENT] = hash;
    return false;
}

int twins_next(struct twin_walk *walk, struct matrix_case *out, struct error *err)
{
    int found;
    while ((found = next_refusal(walk->results, walk->stacks, walk->last, out, err)) > 0) {
        char id[CASE_ID_MAX], reason[TEXT_LEN];
        struct result_row row;
        case_id(id, out, walk->stacks);
        int there = results_find(walk->results, id, false, &row, err);
        if (there < 0)
            return -1;
        if (there == 0 && !is_recent(walk, id) && !case_unsupported(reason, out, walk->stacks))
            return 1;
    }
    return found;
}

/* A refusal passes on if its twin was accepted; a twin that was not run proves nothing. */
static int judge_by_twin(struct results *results, const char *id, const char *twin_id,
                         struct error *err)
{
    struct result_row twin;
    int found = results_find(results, twin_id, false, &twin, err);
    if (found < 0)
        return -1;
    if (found > 0 && twin.verdict == VERDICT_PASS)
        return 0;
    if (found == 0)
        twin = (struct result_row){ .verdict = VERDICT_HARNESS_ERROR,
                                    .reason = "was not run",
                                    .deviation = "" };
    char reason[TEXT_LEN + CASE_ID_MAX], deviation[TEXT_LEN];
    snprintf(reason, sizeof reason, "its healthy twin %s: %s%s%s", twin_id,
             verdict_name(twin.verdict), twin.reason[0] ? ": " : "", twin.reason);
    snprintf(deviation, sizeof deviation, "%s", twin.deviation);
    return results_rejudge(results, id, VERDICT_INCONCLUSIVE, KIND_NONE, reason, deviation, err);
}

int twins_judge(struct results *results, const struct stack_set *stacks, struct error *err)
{
    char id[CASE_ID_MAX] = "", twin_id[CASE_ID_MAX];
    struct matrix_case twin;
    int found;
    while ((found = next_refusal(results, stacks, id, &twin, err)) > 0) {
        case_id(twin_id, &twin, stacks);
        if (judge_by_twin(results, id, twin_id, err) < 0)
            return -1;
    }
    return found;
}
