/* Which suites, groups and versions a server accepts. All that is left is offered, what it chooses
 * is taken off the list, until it refuses the rest: a handshake for each that it accepts, and one
 * for all that it does not. What was offered is read off our own hello. */
#include "matrix/probe/survey.h"

#include <stdio.h>
#include <string.h>

enum {
    STALLS_MAX = 3, /* then it does not answer any more, and waiting for it has no end */
};

/* One list that is being asked for. */
struct inquiry {
    struct survey *survey;
    struct probe *probe;
    size_t stack;
    uint16_t version;
    bool groups; /* else suites */
    struct choices *choices;
    /* Before TLS 1.3 a client's groups are also the curves of certificates that it takes (RFC 4492
     * section 5.3): this one stays at the end of every offer. 0: no such. */
    uint16_t kept;
    bool follows; /* the server has been seen to take the client's first, kept or not */
};

static struct choice *choice_of(struct choices *choices, uint16_t id)
{
    for (size_t i = 0; i < choices->num; i++)
        if (choices->rows[i].id == id)
            return &choices->rows[i];
    return NULL;
}

/* A row of its own for each; what was accepted stays so, whoever tries it later. */
static void note(struct inquiry *inquiry, uint16_t id, enum attempt answer, const struct seen *seen)
{
    struct choices *choices = inquiry->choices;
    struct choice *row = choice_of(choices, id);
    if (row != NULL && row->answer == ATTEMPT_ACCEPTED)
        return;
    if (row != NULL && answer == ATTEMPT_NOT_TRIED && row->answer != ATTEMPT_NOT_TRIED)
        return;
    if (row != NULL) /* behind those that were chosen before */
        memmove(row, row + 1, (size_t)(choices->rows + choices->num-- - row - 1) * sizeof *row);
    if (choices->num == CHOICES_MAX)
        return;
    row = &choices->rows[choices->num++];
    *row = (struct choice){
        .id = id, .answer = answer, .stack = inquiry->stack, .completed = seen->completed
    };
    snprintf(row->why, sizeof row->why, "%.*s", WHY_MAX - 1, seen->why);
}

static bool has_been_accepted(const struct inquiry *inquiry, uint16_t id)
{
    const struct choice *row = choice_of(inquiry->choices, id);
    return row != NULL && row->answer == ATTEMPT_ACCEPTED;
}

/* Whoever needs a secret that we do not have cannot be tried. */
static bool can_offer_suite(const struct suite *suite, uint16_t version)
{
    return suite != NULL && suite_allows_version(suite, version) && suite->kx != KX_PSK &&
           suite->kx != KX_RSA_PSK && suite->kx != KX_SRP;
}

/* ---- a list ---- */

static int offer(struct seen *seen, const struct inquiry *inquiry, const uint16_t ids[], size_t num,
                 struct error *err)
{
    struct endpoint endpoint = probe_endpoint(inquiry->probe, inquiry->version, inquiry->version);
    if (inquiry->groups) {
        memcpy(endpoint.groups, ids, num * sizeof *ids);
        endpoint.num_groups = num;
        if (inquiry->kept != 0 && endpoint.num_groups < CONFIG_GROUPS_MAX)
            endpoint.groups[endpoint.num_groups++] = inquiry->kept;
    } else {
        memcpy(endpoint.suites, ids, num * sizeof *ids);
        endpoint.num_suites = num;
    }
    const struct choices *known = &inquiry->survey->suites[inquiry->version - TLS10];
    const struct capabilities *caps = &inquiry->probe->stacks->set.stacks[inquiry->stack];
    for (size_t i = 0; inquiry->groups && inquiry->version < TLS13 && i < known->num; i++) {
        const struct suite *suite = suite_by_id(known->rows[i].id);
        if (known->rows[i].answer == ATTEMPT_ACCEPTED && suite->kx == KX_ECDHE &&
            capabilities_have_suite(caps, suite->id) && endpoint.num_suites < CONFIG_SUITES_MAX)
            endpoint.suites[endpoint.num_suites++] = suite->id;
    }
    return probe_attempt(seen, inquiry->probe, inquiry->stack, &endpoint, err);
}

static bool was_offered(const struct inquiry *inquiry, const struct seen *seen, uint16_t id)
{
    return (inquiry->groups ? hello_group_at(seen, id) : hello_suite_at(seen, id)) >= 0;
}

static size_t take_out(uint16_t ids[], size_t num, uint16_t id)
{
    for (size_t i = 0; i < num; i++)
        if (ids[i] == id) {
            memmove(ids + i, ids + i + 1, (num - i - 1) * sizeof *ids);
            return num - 1;
        }
    return num;
}

/* A server that closes without a word may mean that it takes no more connections: does it still
 * answer what it answered at first? */
static int still_answers(bool *out, const struct inquiry *inquiry, struct error *err)
{
    struct seen seen;
    const struct seen *base = &inquiry->survey->base;
    struct endpoint endpoint = probe_endpoint(inquiry->probe, TLS10, TLS13);
    const struct capabilities *caps = &inquiry->probe->stacks->set.stacks[base->stack];
    for (int v = 0; v < NUM_TLS_VERSIONS; v++)
        if (caps->versions[v]) {
            endpoint.min_version = (uint16_t)(TLS10 + v);
            break;
        }
    if (probe_attempt(&seen, inquiry->probe, base->stack, &endpoint, err) < 0)
        return -1;
    *out = seen.outcome == base->outcome;
    return 0;
}

static int note_refusal(struct inquiry *inquiry, const struct seen *seen, const uint16_t ids[],
                        size_t num, struct error *err)
{
    bool answers = true;
    if (seen->outcome == ATTEMPT_CLOSED && still_answers(&answers, inquiry, err) < 0)
        return -1;
    if (!answers) {
        snprintf(inquiry->survey->stopped, TEXT_LEN,
                 "it does not answer any more what it answered at first: it may limit connections "
                 "(--pause-ms)");
        return 0;
    }
    for (size_t i = 0; i < num; i++)
        note(inquiry, ids[i],
             was_offered(inquiry, seen, ids[i]) ? ATTEMPT_REFUSED : ATTEMPT_NOT_TRIED, seen);
    return 0;
}

static void note_all(struct inquiry *inquiry, const struct seen *seen, const uint16_t ids[],
                     size_t num)
{
    for (size_t i = 0; i < num; i++)
        note(inquiry, ids[i], seen->outcome, seen);
}

/* It chose the curve that had to stay. Where it is known to take the client's first, that refuses
 * all before it; else it may just prefer its own. */
static void note_kept(struct inquiry *inquiry, struct seen *seen, const uint16_t ids[], size_t num)
{
    seen->outcome = inquiry->follows ? ATTEMPT_REFUSED : ATTEMPT_NOT_TRIED;
    snprintf(seen->why, TEXT_LEN,
             inquiry->follows ? "it chose its certificate's curve, which stood behind"
                              : "it chose its certificate's curve, which must be offered too");
    for (size_t i = 0; i < num; i++)
        note(inquiry, ids[i], hello_group_at(seen, ids[i]) >= 0 ? seen->outcome : ATTEMPT_NOT_TRIED,
             seen);
}

/* It chose another group, with the kept one behind: does it choose the kept one before that? */
static int ask_whether_it_follows(struct inquiry *inquiry, uint16_t other, struct error *err)
{
    struct seen seen;
    struct inquiry turned = *inquiry;
    const uint16_t ids[] = { inquiry->kept, other };
    turned.kept = 0;
    if (offer(&seen, &turned, ids, 2, err) < 0)
        return -1;
    int first = hello_group_at(&seen, ids[0]), second = hello_group_at(&seen, ids[1]);
    inquiry->follows = seen.outcome == ATTEMPT_ACCEPTED && seen.group == inquiry->kept &&
                       first >= 0 && first < second;
    return 0;
}

/* Asks until nothing is left of `ids`. */
static int ask(struct inquiry *inquiry, uint16_t ids[], size_t num, struct error *err)
{
    struct survey *survey = inquiry->survey;
    size_t chunk_max = inquiry->groups ? CONFIG_GROUPS_MAX : CONFIG_SUITES_MAX;
    unsigned num_stalls = 0;
    while (num > 0 && survey->stopped[0] == '\0') {
        struct seen seen;
        size_t chunk = num < chunk_max ? num : chunk_max;
        chunk -= inquiry->kept != 0 && chunk == CONFIG_GROUPS_MAX;
        if (offer(&seen, inquiry, ids, chunk, err) < 0)
            return -1;
        uint16_t chosen = inquiry->groups ? seen.group : seen.suite;
        if (seen.outcome == ATTEMPT_ACCEPTED) {
            size_t left = take_out(ids, num, chosen);
            if (left == num && chosen == inquiry->kept && chosen != 0) {
                note_kept(inquiry, &seen, ids, chunk);
                memmove(ids, ids + chunk, (num - chunk) * sizeof *ids);
                num -= chunk;
                continue;
            }
            if (left == num) { /* nothing of ours: what it says is not about this list */
                seen.outcome = ATTEMPT_NOT_TRIED;
                note_all(inquiry, &seen, ids, chunk);
                return 0;
            }
            note(inquiry, chosen, ATTEMPT_ACCEPTED, &seen);
            num = left;
            if (inquiry->kept != 0 && !inquiry->follows &&
                ask_whether_it_follows(inquiry, chosen, err) < 0)
                return -1;
            continue;
        }
        if (seen.outcome == ATTEMPT_NOT_TRIED && chunk > 1) {
            chunk_max = chunk / 2; /* one that the stack cannot be told spoils the rest */
            continue;
        }
        if (seen.outcome == ATTEMPT_REFUSED || seen.outcome == ATTEMPT_CLOSED) {
            if (note_refusal(inquiry, &seen, ids, chunk, err) < 0)
                return -1;
        } else {
            note_all(inquiry, &seen, ids, chunk);
            num_stalls += seen.outcome != ATTEMPT_NOT_TRIED;
            if (seen.outcome == ATTEMPT_UNREACHABLE || num_stalls == STALLS_MAX)
                snprintf(survey->stopped, TEXT_LEN, "%s", seen.why);
        }
        memmove(ids, ids + chunk, (num - chunk) * sizeof *ids);
        num -= chunk;
    }
    return 0;
}

static int ask_suites(struct inquiry *inquiry, const struct capabilities *caps, struct error *err)
{
    uint16_t ids[CAPABILITY_SUITES_MAX];
    size_t num = 0;
    if (inquiry->version == TLS13 && !caps->features[FEATURE_TLS13_SUITE_CHOICE])
        return 0;
    for (size_t i = 0; i < caps->num_suites; i++)
        if (can_offer_suite(suite_by_id(caps->suites[i]), inquiry->version) &&
            !has_been_accepted(inquiry, caps->suites[i]))
            ids[num++] = caps->suites[i];
    return ask(inquiry, ids, num, err);
}

static bool accepts_ecdhe(const struct choices *known)
{
    for (size_t i = 0; i < known->num; i++)
        if (known->rows[i].answer == ATTEMPT_ACCEPTED &&
            suite_by_id(known->rows[i].id)->kx == KX_ECDHE)
            return true;
    return false;
}

/* The curve of the server's certificate, where TLS 1.3 does not tell it apart from the groups. */
static uint16_t certificate_curve(const struct inquiry *inquiry)
{
    const struct seen *base = &inquiry->survey->base;
    return inquiry->version < TLS13 && base->num_certificates > 0 ? base->chain[0].signing_key.group
                                                                  : 0;
}

/* Before TLS 1.3 the curves: a server without RFC 7919 takes its own finite field, whatever the
 * list says. */
static int ask_groups(struct inquiry *inquiry, const struct capabilities *caps, struct error *err)
{
    uint16_t ids[CAPABILITY_NAMES_MAX], kept = certificate_curve(inquiry);
    size_t num = 0, v = (size_t)(inquiry->version - TLS10);
    if (kept != 0 && capabilities_have_group(caps, inquiry->version, kept)) {
        if (!has_been_accepted(inquiry, kept) && ask(inquiry, &(uint16_t){ kept }, 1, err) < 0)
            return -1;
        inquiry->kept = has_been_accepted(inquiry, kept) ? kept : 0;
        inquiry->follows = false;
    }
    for (size_t i = 0; i < caps->num_groups[v]; i++) {
        const struct group *group = group_by_id(caps->groups[v][i]);
        if (group != NULL && (inquiry->version == TLS13 || group->kind == GROUP_ECDHE) &&
            !has_been_accepted(inquiry, group->id))
            ids[num++] = group->id;
    }
    return ask(inquiry, ids, num, err);
}

/* What the registry has and no stack of ours. */
static void note_untried(struct inquiry *inquiry)
{
    static const struct seen nobody = { .why = "no stack here offers it" };
    for (size_t i = 0; !inquiry->groups && i < num_suites; i++)
        if (suite_allows_version(&suites[i], inquiry->version) &&
            choice_of(inquiry->choices, suites[i].id) == NULL)
            note(inquiry, suites[i].id, ATTEMPT_NOT_TRIED, &nobody);
    for (size_t i = 0; inquiry->groups && i < num_groups; i++)
        if (inquiry->version >= groups[i].min_version &&
            inquiry->version <= groups[i].max_version &&
            (inquiry->version == TLS13 || groups[i].kind == GROUP_ECDHE) &&
            choice_of(inquiry->choices, groups[i].id) == NULL)
            note(inquiry, groups[i].id, ATTEMPT_NOT_TRIED, &nobody);
}

static int ask_everybody(struct survey *survey, struct probe *probe, uint16_t version,
                         bool of_groups, struct error *err)
{
    const struct stack_set *set = &probe->stacks->set;
    size_t v = (size_t)(version - TLS10);
    struct inquiry inquiry = { .survey = survey,
                               .probe = probe,
                               .version = version,
                               .groups = of_groups,
                               .choices = of_groups ? &survey->groups[v] : &survey->suites[v] };
    for (inquiry.stack = 0; inquiry.stack < set->num_stacks; inquiry.stack++) {
        const struct capabilities *caps = &set->stacks[inquiry.stack];
        if (!caps->versions[v] || survey->stopped[0] != '\0')
            continue;
        if ((of_groups ? ask_groups(&inquiry, caps, err) : ask_suites(&inquiry, caps, err)) < 0)
            return -1;
    }
    note_untried(&inquiry);
    return 0;
}

/* ---- whose order ---- */

/* Two accepted suites that one stack completed, offered either way round. */
static int ask_order(struct survey *survey, struct probe *probe, uint16_t version,
                     struct error *err)
{
    const struct choices *choices = &survey->suites[version - TLS10];
    uint16_t pair[2], chosen[2];
    size_t num = 0, stack = STACKS_MAX;
    for (size_t i = 0; i < choices->num && num < 2; i++) {
        const struct choice *row = &choices->rows[i];
        if (row->answer != ATTEMPT_ACCEPTED || (num == 1 && row->stack != stack))
            continue;
        stack = row->stack;
        pair[num++] = row->id;
    }
    if (num < 2 || survey->stopped[0] != '\0')
        return 0;
    for (int i = 0; i < 2; i++) {
        struct seen seen;
        struct inquiry inquiry = { survey, probe, stack, version, false, NULL };
        const uint16_t ids[] = { pair[i], pair[1 - i] };
        if (offer(&seen, &inquiry, ids, 2, err) < 0)
            return -1;
        int first = hello_suite_at(&seen, ids[0]), second = hello_suite_at(&seen, ids[1]);
        if (seen.outcome != ATTEMPT_ACCEPTED || first < 0 || second < first)
            return 0; /* the stack has an order of its own */
        chosen[i] = seen.suite;
    }
    survey->order[version - TLS10] = chosen[0] == chosen[1] ? ORDER_SERVER : ORDER_CLIENT;
    return 0;
}

/* ---- single questions ---- */

static const struct choice *first_with(const struct choices *choices, enum attempt answer)
{
    for (size_t i = 0; i < choices->num; i++)
        if (choices->rows[i].answer == answer)
            return &choices->rows[i];
    return NULL;
}

/* A key share for a group that it refused, and an accepted group behind it (RFC 8446 section
 * 4.1.4). */
static int ask_retry(struct survey *survey, struct probe *probe, struct error *err)
{
    const struct choices *known = &survey->groups[TLS13 - TLS10];
    const struct choice *taken = first_with(known, ATTEMPT_ACCEPTED);
    const struct stack_set *set = &probe->stacks->set;
    for (size_t i = 0; i < known->num && taken != NULL && survey->stopped[0] == '\0'; i++) {
        const struct choice *row = &known->rows[i];
        struct seen seen;
        if (row->answer != ATTEMPT_REFUSED ||
            !capabilities_have_group(&set->stacks[row->stack], TLS13, taken->id))
            continue;
        struct inquiry inquiry = { survey, probe, row->stack, TLS13, true, NULL };
        const uint16_t ids[] = { row->id, taken->id };
        if (offer(&seen, &inquiry, ids, 2, err) < 0)
            return -1;
        if (seen.outcome == ATTEMPT_ACCEPTED && seen.retried) {
            survey->retries = ANSWER_YES;
            return 0;
        }
        if (seen.outcome == ATTEMPT_REFUSED || seen.outcome == ATTEMPT_CLOSED) {
            survey->retries = ANSWER_NO;
            return 0;
        }
    }
    return 0;
}

/* A hello of an accepted version below the highest one, which says that it is a fallback
 * (RFC 7507). */
static int ask_fallback(struct survey *survey, struct probe *probe, struct error *err)
{
    uint16_t accepted[NUM_TLS_VERSIONS];
    size_t num = 0;
    struct seen seen;
    uint8_t hello[PROBE_HELLO_MAX];
    for (uint16_t version = TLS10; version <= TLS13; version++)
        if (survey_version(survey, version)->answer == ATTEMPT_ACCEPTED)
            accepted[num++] = version;
    if (num < 2 || survey->stopped[0] != '\0')
        return 0;
    uint16_t lower = accepted[num - 2];
    const struct choice *suite = first_with(&survey->suites[lower - TLS10], ATTEMPT_ACCEPTED);
    struct inquiry inquiry = { survey, probe, suite->stack, lower, false, NULL };
    if (offer(&seen, &inquiry, &suite->id, 1, err) < 0)
        return -1;
    size_t len = hello_with_suite(hello, &seen, SCSV_FALLBACK);
    if (seen.outcome != ATTEMPT_ACCEPTED || len == 0)
        return 0;
    if (probe_say(&seen, probe, hello, len, err) < 0)
        return -1;
    if (seen.outcome == ATTEMPT_REFUSED)
        survey->fallback =
            strstr(seen.why, "inappropriate_fallback") != NULL ? ANSWER_YES : ANSWER_NOT_TRIED;
    else if (seen.outcome == ATTEMPT_ACCEPTED)
        survey->fallback = ANSWER_NO;
    return 0;
}

/* ---- all of it ---- */

int survey_all(struct survey *survey, struct probe *probe, struct error *err)
{
    survey->all = true;
    for (uint16_t version = TLS13; version >= TLS10; version--)
        if (ask_everybody(survey, probe, version, false, err) < 0 ||
            ask_order(survey, probe, version, err) < 0)
            return -1;
    if (survey_version(survey, TLS13)->answer == ATTEMPT_ACCEPTED &&
        ask_everybody(survey, probe, TLS13, true, err) < 0)
        return -1;
    if (accepts_ecdhe(&survey->suites[TLS12 - TLS10]) &&
        ask_everybody(survey, probe, TLS12, true, err) < 0)
        return -1;
    if (ask_retry(survey, probe, err) < 0 || ask_fallback(survey, probe, err) < 0)
        return -1;
    return 0;
}

const struct choice *survey_version(const struct survey *survey, uint16_t version)
{
    static const struct choice nothing = { .answer = ATTEMPT_NOT_TRIED };
    static const enum attempt ranks[] = { ATTEMPT_ACCEPTED, ATTEMPT_REFUSED, ATTEMPT_STALLED,
                                          ATTEMPT_NOT_TLS, ATTEMPT_UNREACHABLE };
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
        const struct choice *row = first_with(&survey->suites[version - TLS10], ranks[i]);
        if (row != NULL)
            return row;
    }
    return &nothing;
}
