#include "fuzz/differential/compare.h"

#include "fuzz/differential/rules.h"
#include "harness/wire/registry.h"

#include <stdarg.h>
#include <string.h>

const char *const difference_names[NUM_DIFFERENCES] = {
    [DIFFERENCE_BROKEN] = "broken", [DIFFERENCE_ACCEPTED] = "accepted",
    [DIFFERENCE_TOLD] = "told",     [DIFFERENCE_WAITED] = "waited",
    [DIFFERENCE_ENDING] = "ending", [DIFFERENCE_DELIVERED] = "delivered",
    [DIFFERENCE_ALERT] = "alert",   [DIFFERENCE_PARAMETERS] = "parameters",
    [DIFFERENCE_MOMENT] = "moment",
};

static enum fate fate_of(const struct outcome *o)
{
    if (o->waited) /* what comes then is about the end of TCP */
        return o->accepted ? FATE_TAKEN : FATE_WAITED;
    if (o->ending == ENDING_REFUSED)
        return FATE_REFUSED;
    if (o->ending == ENDING_TOLD)
        return FATE_TOLD;
    if (o->accepted)
        return FATE_TAKEN;
    return FATE_CUT;
}

void reduce(struct reduced *out, const struct outcome *o)
{
    *out = (struct reduced){
        .fate = fate_of(o),
        .accepted = o->accepted,
        .orderly = o->ending == ENDING_CLOSED,
        .alert = fate_of(o) == FATE_REFUSED ? o->alert_sent : -1,
        .version = o->version,
        .suite = o->suite,
        .group = o->group,
        .scheme = o->signature_scheme,
        .num_in = o->num_in,
    };
}

/* 0: one of them does not say. */
static bool contradict(uint16_t a, uint16_t b)
{
    return a != 0 && b != 0 && a != b;
}

static enum difference among_taken(const struct reduced *a, const struct reduced *b)
{
    if (a->orderly != b->orderly)
        return DIFFERENCE_ENDING;
    if (a->num_in != b->num_in)
        return DIFFERENCE_DELIVERED;
    if (contradict(a->version, b->version) || contradict(a->suite, b->suite) ||
        contradict(a->group, b->group) || contradict(a->scheme, b->scheme))
        return DIFFERENCE_PARAMETERS;
    return DIFFERENCE_NONE;
}

enum difference difference_of(const struct reduced *a, const struct reduced *b)
{
    if (a->fate == b->fate) {
        if (a->fate == FATE_TAKEN)
            return among_taken(a, b);
        if (a->alert != b->alert)
            return DIFFERENCE_ALERT;
        return a->accepted != b->accepted ? DIFFERENCE_MOMENT : DIFFERENCE_NONE;
    }
    enum fate low = a->fate < b->fate ? a->fate : b->fate;
    enum fate high = a->fate < b->fate ? b->fate : a->fate;
    if (high >= FATE_WAITED)
        return DIFFERENCE_WAITED;
    return low == FATE_TAKEN && high == FATE_REFUSED ? DIFFERENCE_ACCEPTED : DIFFERENCE_TOLD;
}

uint16_t script_version(const struct script *script)
{
    return script->versions == VERSIONS_12 || script->versions == VERSIONS_LOWER ? TLS12 : TLS13;
}

/* ---- in words ---- */

static void append(char *out, size_t len, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void append(char *out, size_t len, const char *format, ...)
{
    size_t at = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + at, len - at, format, args);
    va_end(args);
}

void reduced_text(char *out, size_t len, const struct reduced *r, enum difference difference)
{
    static const char *const names[] = { "taken", "refused", "told", "waited", "cut" };
    bool late = r->accepted && r->fate != FATE_TAKEN;
    snprintf(out, len, "%s%s", late ? "done+" : "", names[r->fate]);
    if (r->fate == FATE_REFUSED)
        append(out, len, "/%s", r->alert >= 0 ? alert_text(r->alert) : "silent");
    if (difference == DIFFERENCE_ENDING)
        append(out, len, "/%s", r->orderly ? "close_notify" : "cut");
    if (difference == DIFFERENCE_DELIVERED)
        append(out, len, "/%zu", r->num_in);
    if (difference == DIFFERENCE_PARAMETERS)
        append(out, len, "/%04x,%04x,%04x,%04x", r->version, r->suite, r->group, r->scheme);
}

/* What each stack did, under the name of one difference. */
static void tell_facts(char out[SIGNATURE_LEN], enum difference difference,
                       const struct compared compared[], const struct reduced reduced[], size_t num,
                       const struct script *script)
{
    snprintf(out, SIGNATURE_LEN, "%s %s %s", script->victim == ROLE_CLIENT ? "client" : "server",
             version_name(script_version(script)), difference_names[difference]);
    for (size_t i = 0; i < num; i++) {
        char word[64];
        reduced_text(word, sizeof word, &reduced[i], difference);
        append(out, SIGNATURE_LEN, " %s=%s%s", compared[i].name,
               compared[i].outcome.broken != NULL ? "BROKEN/" : "", word);
    }
}

static void sign(struct disagreement *out, const struct compared compared[],
                 const struct reduced reduced[], size_t num, const struct script *script,
                 const struct touched *touched)
{
    tell_facts(out->signature, out->worst, compared, reduced, num, script);
    append(out->signature, SIGNATURE_LEN, ":");
    for (size_t i = 0; i < touched->num_words; i++)
        append(out->signature, SIGNATURE_LEN, " %s", touched->words[i]);
}

/* ---- all pairs ---- */

static bool offered_by_one(const struct compared *a, const struct compared *b,
                           const struct touched *touched)
{
    for (size_t i = 0; i < touched->num_extensions && a->offered != NULL && b->offered != NULL; i++)
        if (id_listed(a->offered, a->num_offered, touched->extensions[i]) !=
            id_listed(b->offered, b->num_offered, touched->extensions[i]))
            return true;
    return false;
}

static void compare_pair(struct disagreement *out, const struct pair *pair)
{
    const struct rule *rule = rule_for(pair);
    if (rule != NULL) {
        out->num_covered++;
        out->covered_by = (size_t)(rule - rules);
    } else if (pair->difference < out->worst) {
        out->worst = pair->difference;
    }
}

void compare(struct disagreement *out, const struct compared compared[], size_t num,
             const struct script *script, const struct touched *touched, bool minimal)
{
    struct reduced reduced[COMPARED_MAX];
    enum difference worst = DIFFERENCE_NONE;
    *out = (struct disagreement){ .worst = DIFFERENCE_NONE };
    for (size_t i = 0; i < num; i++) {
        reduce(&reduced[i], &compared[i].outcome);
        if (compared[i].outcome.broken != NULL)
            out->worst = worst = DIFFERENCE_BROKEN;
    }
    for (size_t i = 0; i < num; i++)
        for (size_t j = i + 1; j < num; j++) {
            if (compared[i].outcome.spared || compared[j].outcome.spared)
                continue;
            bool swap = reduced[j].fate < reduced[i].fate;
            struct pair pair = {
                .difference = difference_of(&reduced[i], &reduced[j]),
                .script = script,
                .touched = touched,
                .version = script_version(script),
                .first = &reduced[swap ? j : i],
                .second = &reduced[swap ? i : j],
                .offered_by_one = offered_by_one(&compared[i], &compared[j], touched),
                .minimal = minimal,
            };
            if (pair.difference < worst)
                worst = pair.difference;
            if (pair.difference != DIFFERENCE_NONE)
                compare_pair(out, &pair);
        }
    if (worst != DIFFERENCE_NONE)
        tell_facts(out->facts, worst, compared, reduced, num, script);
    if (out->worst != DIFFERENCE_NONE)
        sign(out, compared, reduced, num, script, touched);
}
