/* What was seen, for people and for programs. */
#include "harness/terminal.h"
#include "matrix/probe/survey.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { TITLE_COLUMN = 20, DAY_S = 24 * 60 * 60 };

static const char *const order_names[] = {
    [ORDER_UNKNOWN] = "unknown", [ORDER_SERVER] = "server", [ORDER_CLIENT] = "client"
};
static const char *const yes_no_names[] = {
    [ANSWER_NOT_TRIED] = "not-tried", [ANSWER_YES] = "yes", [ANSWER_NO] = "no"
};

/* RFC 9846 section 1.3 and appendix "Backward Compatibility Security". */
const char *version_weakness(uint16_t version)
{
    return version == TLS10 || version == TLS11 ? "deprecated, RFC 8996" : NULL;
}

static bool has(const struct suite *suite, const char *word)
{
    return strstr(suite->name, word) != NULL;
}

const char *suite_weakness(const struct suite *suite)
{
    if (suite->cipher == CIPHER_NULL)
        return "no encryption";
    if (suite->auth == AUTH_ANON)
        return "no authentication";
    if (has(suite, "EXPORT"))
        return "export-grade key";
    if (has(suite, "_RC4_"))
        return "RC4, RFC 7465";
    if (has(suite, "3DES") || has(suite, "_IDEA_"))
        return "64-bit blocks";
    if (has(suite, "_DES_") || has(suite, "_DES40_") || has(suite, "_RC2_"))
        return "short key";
    if (suite->kx == KX_RSA || suite->kx == KX_DH || suite->kx == KX_ECDH)
        return "no forward secrecy";
    return NULL;
}

static const char *suite_text(uint16_t id)
{
    const struct suite *suite = suite_by_id(id);
    return suite != NULL ? suite->name : "-";
}

static const char *group_text(uint16_t id)
{
    const struct group *group = group_by_id(id);
    return group != NULL ? group->name : "-";
}

static const char *scheme_text(uint16_t id)
{
    const struct signature_scheme *scheme = signature_scheme_by_id(id);
    return scheme != NULL ? scheme->name : "-";
}

static const char *version_text(uint16_t version)
{
    const char *name = version_name(version);
    return name != NULL ? name : "-";
}

static const char *stack_of(const struct probe *probe, size_t stack)
{
    return probe->stacks->set.stacks[stack].stack;
}

static void title(FILE *out, const char *text)
{
    fprintf(out, "%s%-*s%s", ink(out, INK_TITLE), TITLE_COLUMN, text, ink_end(out));
}

static void line(FILE *out, const char *name, const char *text)
{
    title(out, name);
    print_wrapped(out, TITLE_COLUMN, TITLE_COLUMN, text);
}

static void day(char out[16], int64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm broken;
    strftime(out, 16, "%Y-%m-%d", gmtime_r(&moment, &broken));
}

/* ---- the first attempt ---- */

static void print_certificate(FILE *out, const struct certificate_view *view, size_t index)
{
    char name[32], text[4 * STORY_TEXT_MAX], from[16], until[16];
    int64_t left = (view->not_after - (int64_t)time(NULL)) / DAY_S;
    day(from, view->not_before);
    day(until, view->not_after);
    snprintf(name, sizeof name, "certificate %zu", index + 1);
    line(out, name, view->subject);
    snprintf(text, sizeof text, "issued by %s%s", view->issuer,
             view->self_signed ? " (itself)" : "");
    line(out, "", text);
    if (view->expired)
        snprintf(text, sizeof text, "%sexpired%s on %s (valid from %s)", ink(out, INK_BAD),
                 ink_end(out), until, from);
    else
        snprintf(text, sizeof text, "%s%s to %s, %" PRId64 " days left; %s%s",
                 view->not_yet_valid ? "not yet valid: " : "valid ", from, until, left, view->key,
                 view->weak ? ", weak" : "");
    line(out, "", text);
    if (view->names[0] != '\0') {
        snprintf(text, sizeof text, "names: %s", view->names);
        line(out, "", text);
    }
}

static void print_trust(FILE *out, const struct survey *survey, const struct probe *probe)
{
    char text[2 * TEXT_LEN];
    if (probe->target->anchors == NULL) {
        line(out, "trust", "not tried: no anchors here (--ca FILE)");
        return;
    }
    for (size_t i = 0; i < probe->stacks->set.num_stacks; i++) {
        const struct seen *seen = &survey->verified[i];
        if (!survey->has_verified[i])
            continue;
        if (seen->outcome != ATTEMPT_ACCEPTED || !seen->chain_judged)
            snprintf(text, sizeof text, "%s: not tried: %s", stack_of(probe, i), seen->why);
        else
            snprintf(text, sizeof text, "%s: %s%s%s%s%s", stack_of(probe, i),
                     ink(out, seen->trusted ? INK_GOOD : INK_BAD),
                     seen->trusted ? "trusted" : "not trusted", ink_end(out),
                     seen->trusted ? "" : ": ", seen->trusted ? "" : seen->verdict);
        line(out, "trust", text);
    }
    snprintf(text, sizeof text, "the anchors are those of %s", probe->target->anchors);
    line(out, "", text);
}

static void print_base(FILE *out, const struct survey *survey, const struct probe *probe)
{
    const struct seen *base = &survey->base;
    const struct probe_target *target = probe->target;
    char text[4 * TEXT_LEN];
    snprintf(text, sizeof text, "%s %s %s %s (%s)", version_text(base->version),
             suite_text(base->suite), group_text(base->group), scheme_text(base->signature_scheme),
             stack_of(probe, base->stack));
    line(out, "negotiated", text);
    if (!base->completed) {
        snprintf(text, sizeof text, "not by us: %s", base->why);
        line(out, "completed", text);
    }
    if (probe->stacks->set.stacks[base->stack].features[FEATURE_ALPN] &&
        target->protocols[0] != '\0') {
        snprintf(text, sizeof text, "%s (of %s)",
                 base->chosen_protocol[0] != '\0' ? base->chosen_protocol : "none",
                 target->protocols);
        line(out, "protocol (ALPN)", text);
    }
    for (size_t i = 0; i < base->num_certificates; i++)
        print_certificate(out, &base->chain[i], i);
    if (base->num_certificates > 0) {
        bool matches = base->chain[0].name_matches;
        snprintf(text, sizeof text, "%s%s%s: %s", ink(out, matches ? INK_GOOD : INK_BAD),
                 matches ? "matches" : "does not match", ink_end(out), target->name);
        line(out, "name", text);
    }
    print_trust(out, survey, probe);
    line(out, "client certificate", base->asked_for_client ? "asked for" : "not asked for");
    snprintf(text, sizeof text, "%u issued; resuming is not tried", base->num_tickets);
    line(out, "session tickets", text);
}

/* ---- what it accepts ---- */

static size_t count(const struct choices *choices, enum attempt answer)
{
    size_t num = 0;
    for (size_t i = 0; i < choices->num; i++)
        num += choices->rows[i].answer == answer;
    return num;
}

static void print_version(FILE *out, const struct survey *survey, const struct probe *probe,
                          uint16_t version)
{
    const struct choice *row = survey_version(survey, version);
    const char *weakness = version_weakness(version);
    char text[2 * TEXT_LEN];
    bool accepted = row->answer == ATTEMPT_ACCEPTED;
    if (accepted)
        snprintf(text, sizeof text, "%saccepted%s%s%s (%s)",
                 ink(out, weakness != NULL ? INK_BAD : INK_GOOD), weakness != NULL ? ", " : "",
                 weakness != NULL ? weakness : "", ink_end(out), stack_of(probe, row->stack));
    else if (row->answer == ATTEMPT_NOT_TRIED)
        snprintf(text, sizeof text, "not tried: no stack here offers it");
    else
        snprintf(text, sizeof text, "%s: %s (%s)", attempt_name(row->answer), row->why,
                 stack_of(probe, row->stack));
    line(out, version_text(version), text);
}

static void print_choice(FILE *out, const struct choice *row, bool of_groups,
                         const struct probe *probe)
{
    const char *weakness = of_groups ? NULL : suite_weakness(suite_by_id(row->id));
    fprintf(out, "%*s%s (%s)", TITLE_COLUMN, "",
            of_groups ? group_text(row->id) : suite_text(row->id), stack_of(probe, row->stack));
    if (weakness != NULL)
        fprintf(out, " %s%s%s", ink(out, INK_BAD), weakness, ink_end(out));
    if (!row->completed)
        fprintf(out, ", not completed by us");
    fputc('\n', out);
}

static void print_choices(FILE *out, const struct survey *survey, const struct probe *probe,
                          uint16_t version, bool of_groups)
{
    const struct choices *choices =
        of_groups ? &survey->groups[version - TLS10] : &survey->suites[version - TLS10];
    static const char *const orders[] = { [ORDER_UNKNOWN] = "",
                                          [ORDER_SERVER] = ", by the server's own order",
                                          [ORDER_CLIENT] = ", by the client's order" };
    char text[TEXT_LEN], name[32];
    size_t num_unknown = count(choices, ATTEMPT_STALLED) + count(choices, ATTEMPT_NOT_TLS) +
                         count(choices, ATTEMPT_UNREACHABLE);
    if (choices->num == count(choices, ATTEMPT_NOT_TRIED))
        return;
    snprintf(name, sizeof name, "%s %s", version_text(version), of_groups ? "groups" : "suites");
    snprintf(text, sizeof text, "%zu accepted%s, %zu refused, %zu not tried",
             count(choices, ATTEMPT_ACCEPTED),
             of_groups ? "" : orders[survey->order[version - TLS10]],
             count(choices, ATTEMPT_REFUSED), count(choices, ATTEMPT_NOT_TRIED));
    if (num_unknown > 0)
        snprintf(text + strlen(text), sizeof text - strlen(text), ", %zu without an answer",
                 num_unknown);
    line(out, name, text);
    for (size_t i = 0; i < choices->num; i++)
        if (choices->rows[i].answer == ATTEMPT_ACCEPTED)
            print_choice(out, &choices->rows[i], of_groups, probe);
}

static void print_all(FILE *out, const struct survey *survey, const struct probe *probe)
{
    static const char *const retries[] = {
        "not tried: no hello of ours shares only a group that it refuses",
        "yes, for a key share that it takes", "no: it refused instead"
    };
    static const char *const fallbacks[] = {
        "not tried: it takes one version, or gave no clear answer", "refused, as RFC 7507 has it",
        "accepted: a downgrade would go unnoticed"
    };
    fputc('\n', out);
    for (uint16_t version = TLS10; version <= TLS13; version++)
        print_version(out, survey, probe, version);
    line(out, "SSL 2, SSL 3", "not tried: no stack here has them");
    for (uint16_t version = TLS13; version >= TLS10; version--) {
        print_choices(out, survey, probe, version, false);
        print_choices(out, survey, probe, version, true);
    }
    line(out, "HelloRetryRequest", retries[survey->retries]);
    line(out, "marked fallback", fallbacks[survey->fallback]);
    if (survey->stopped[0] != '\0')
        line(out, "ended early", survey->stopped);
}

void survey_print(FILE *out, const struct survey *survey, const struct probe *probe)
{
    const struct seen *base = &survey->base;
    char text[2 * TEXT_LEN];
    snprintf(text, sizeof text, "%s%s%s%s", probe->target->address,
             probe->connected_to[0] != '\0' ? " (" : "", probe->connected_to,
             probe->connected_to[0] != '\0' ? ")" : "");
    line(out, "server", text);
    if (base->outcome != ATTEMPT_ACCEPTED) {
        snprintf(text, sizeof text, "%s: %s", attempt_name(base->outcome), base->why);
        line(out, "answer", text);
    } else {
        print_base(out, survey, probe);
    }
    if (survey->all)
        print_all(out, survey, probe);
}

/* ---- for programs ---- */

static json_t *certificate_json(const struct certificate_view *view)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:b, s:b, s:b}", "subject", view->subject,
                     "issuer", view->issuer, "names", view->names, "key", view->key, "not_before",
                     (json_int_t)view->not_before, "not_after", (json_int_t)view->not_after,
                     "self_signed", view->self_signed, "weak", view->weak, "expired", view->expired,
                     "not_yet_valid", view->not_yet_valid);
}

static json_t *trust_json(const struct survey *survey, const struct probe *probe)
{
    json_t *all = json_object();
    for (size_t i = 0; i < probe->stacks->set.num_stacks; i++) {
        const struct seen *seen = &survey->verified[i];
        if (!survey->has_verified[i])
            continue;
        bool known = seen->outcome == ATTEMPT_ACCEPTED && seen->chain_judged;
        json_object_set_new(all, stack_of(probe, i),
                            json_pack("{s:s, s:s}", "answer",
                                      !known          ? "not-tried"
                                      : seen->trusted ? "trusted"
                                                      : "not-trusted",
                                      "why", !known ? seen->why : seen->verdict));
    }
    return all;
}

static json_t *base_json(const struct survey *survey, const struct probe *probe)
{
    const struct seen *base = &survey->base;
    json_t *chain = json_array();
    for (size_t i = 0; i < base->num_certificates; i++)
        json_array_append_new(chain, certificate_json(&base->chain[i]));
    bool matches = base->num_certificates > 0 && base->chain[0].name_matches;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:o, s:b, s:o, s:b, s:i}", "stack",
                     stack_of(probe, base->stack), "version", version_text(base->version), "suite",
                     suite_text(base->suite), "group", group_text(base->group), "signature_scheme",
                     scheme_text(base->signature_scheme), "completed", base->completed, "protocol",
                     base->chosen_protocol, "chain", chain, "name_matches", matches, "trust",
                     trust_json(survey, probe), "client_certificate_asked_for",
                     base->asked_for_client, "tickets", (int)base->num_tickets);
}

static json_t *choices_json(const struct choices *choices, bool of_groups,
                            const struct probe *probe)
{
    json_t *all = json_object();
    for (size_t i = 0; i < choices->num; i++) {
        const struct choice *row = &choices->rows[i];
        const char *weakness = of_groups ? NULL : suite_weakness(suite_by_id(row->id));
        bool tried = row->answer != ATTEMPT_NOT_TRIED;
        json_object_set_new(
            all, of_groups ? group_text(row->id) : suite_text(row->id),
            json_pack("{s:s, s:s, s:s, s:b, s:s}", "answer", attempt_name(row->answer), "stack",
                      tried ? stack_of(probe, row->stack) : "", "why", row->why, "completed",
                      row->completed, "weakness", weakness != NULL ? weakness : ""));
    }
    return all;
}

static json_t *version_json(const struct survey *survey, const struct probe *probe,
                            uint16_t version)
{
    const struct choice *row = survey_version(survey, version);
    const char *weakness = version_weakness(version);
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "answer", attempt_name(row->answer), "why",
                     row->why, "weakness", weakness != NULL ? weakness : "", "order",
                     order_names[survey->order[version - TLS10]], "suites",
                     choices_json(&survey->suites[version - TLS10], false, probe), "groups",
                     choices_json(&survey->groups[version - TLS10], true, probe));
}

json_t *survey_to_json(const struct survey *survey, const struct probe *probe)
{
    const struct seen *base = &survey->base;
    json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "server", probe->target->address,
                            "address", probe->connected_to, "name", probe->target->name, "answer",
                            attempt_name(base->outcome), "why", base->why, "connections",
                            (int)probe->num_attempts);
    if (base->outcome == ATTEMPT_ACCEPTED)
        json_object_set_new(all, "negotiated", base_json(survey, probe));
    if (!survey->all)
        return all;
    json_t *versions = json_object();
    for (uint16_t version = TLS10; version <= TLS13; version++)
        json_object_set_new(versions, version_name(version), version_json(survey, probe, version));
    json_object_set_new(all, "versions", versions);
    json_object_set_new(all, "hello_retry_request", json_string(yes_no_names[survey->retries]));
    json_object_set_new(all, "fallback_refused", json_string(yes_no_names[survey->fallback]));
    json_object_set_new(all, "ended_early", json_string(survey->stopped));
    return all;
}
