/* A case in words that somebody understands who has not read the RFCs. */
#include "harness/control/exchanges.h"
#include "matrix/story_step.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *told_outcome_name(enum told_outcome outcome)
{
    static const char *const names[NUM_TOLD_OUTCOMES] = { "as stated", "known deviation",
                                                          "unsupported", "WRONG" };
    return names[outcome];
}

void told_add(struct told *out, const char *format, ...)
{
    size_t used = strlen(out->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->text + used, sizeof out->text - used, format, arguments);
    va_end(arguments);
}

/* ---- who shows what ---- */

static void tell_certificate(struct told *out, const struct matrix_case *c, enum role role)
{
    const struct identity *identity = case_identity(c);
    bool imposter = c->identity != IDENTITY_GENUINE && case_identity_role(c) == role;
    if (imposter)
        told_add(out, "The %s shows the certificate '%s': %s ", role_name(role), identity->name,
                 identity->text);
    else
        told_add(out, "The %s shows its own %s certificate. ", role_name(role),
                 credential_name(c->credential));
}

static void tell_presented(struct told *out, const struct matrix_case *c)
{
    static const char *const pins[NUM_PINNINGS] = {
        [PINNING_LEAF] = "The client has pinned this certificate. ",
        [PINNING_LEAF_WRONG] = "The client has pinned another certificate. ",
        [PINNING_SPKI] = "The client has pinned this public key. ",
        [PINNING_SPKI_WRONG] = "The client has pinned another public key. ",
        [PINNING_TOFU_FIRST] = "The client sees this server for the first time. ",
        [PINNING_TOFU_KNOWN] = "The client has stored this certificate at its first use. ",
        [PINNING_TOFU_CHANGED] = "The client has stored another certificate at its first use. ",
    };
    const struct attack *attack = case_attack(c);
    if (case_server_has_certificate(c))
        tell_certificate(out, c, ROLE_SERVER);
    if (case_client_sends_certificate(c))
        tell_certificate(out, c, ROLE_CLIENT);
    if (c->auth == AUTH_MODE_MUTUAL_NONE_SENT || c->auth == AUTH_MODE_OPTIONAL_NONE_SENT)
        told_add(out, "The server asks for a client certificate, and the client sends none. ");
    if (c->auth == AUTH_MODE_NONE && case_server_has_certificate(c))
        told_add(out, "The client verifies nothing. ");
    if (pins[c->pinning] != NULL)
        told_add(out, "%s", pins[c->pinning]);
    if (attack != NULL)
        told_add(out, "In the path: %s ", attack->text);
}

/* ---- what came of it ---- */

static void tell_acceptance(struct told *out, const struct matrix_case *c, const struct facts *f)
{
    const struct suite *suite = suite_by_id(f[ROLE_CLIENT].suite);
    const struct group *group = group_by_id(f[ROLE_CLIENT].group);
    const char *version = version_name(f[ROLE_CLIENT].version);
    told_add(out, "They agree on %s with %s%s%s. ", version != NULL ? version : "?",
             suite != NULL ? suite->name : "?", group != NULL ? " and " : "",
             group != NULL ? group->name : "");
    told_add(out, "Crossed: %s. ", exchanges[c->exchange].told);
    if (f[ROLE_CLIENT].close == CLOSE_CLEAN && f[ROLE_SERVER].close == CLOSE_CLEAN)
        told_add(out, "Both close with close_notify.");
    else
        told_add(out, "The client sees the close as %s, the server as %s.",
                 close_kind_name(f[ROLE_CLIENT].close), close_kind_name(f[ROLE_SERVER].close));
}

/* `follows`: the other end was named before. */
static void tell_end(struct told *out, const struct facts *f, enum role role, bool follows)
{
    if (f->result == RESULT_ACCEPTED) {
        told_add(out, "The %s ACCEPTS. ", role_name(role));
        return;
    }
    told_add(out, "The %s %s%s", role_name(role), follows ? "then " : "",
             f->alert_sent >= 0            ? "refuses"
             : f->result == RESULT_REFUSED ? "ends"
             : f->result == RESULT_TIMEOUT ? "waits until its time is up"
                                           : "declines");
    told_add(out, " at the stage %s", stage_name(f->stage));
    if (f->alert_sent >= 0)
        told_add(out, ", sends alert %d (%s)", f->alert_sent, alert_text(f->alert_sent));
    if (f->alert_received >= 0)
        told_add(out, ", has received alert %d (%s)", f->alert_received,
                 alert_text(f->alert_received));
    if (f->error_text[0] != '\0')
        told_add(out, ": '%s'", f->error_text);
    if (f->verify_problem != VERIFY_PROBLEM_NONE && f->verify_text[0] != '\0')
        told_add(out, " (%s: %s)", verify_problem_name(f->verify_problem), f->verify_text);
    told_add(out, ". ");
}

/* Who refuses first, who follows after. */
static void tell_refusal(struct told *out, const struct facts f[2])
{
    bool server_first = f[ROLE_SERVER].alert_sent >= 0 && f[ROLE_CLIENT].alert_sent < 0;
    enum role first = server_first ? ROLE_SERVER : ROLE_CLIENT;
    size_t crossed = f[ROLE_CLIENT].bytes_in + f[ROLE_SERVER].bytes_in;
    tell_end(out, &f[first], first, false);
    tell_end(out, &f[1 - first], (enum role)(1 - first), true);
    if (crossed == 0)
        told_add(out, "Not a byte of application data reached either.");
    else
        told_add(out, "%zu bytes of application data were received.", crossed);
}

static int read_facts(struct facts *out, const char *text, struct error *err)
{
    json_t *object = text == NULL ? NULL : json_loads(text, 0, NULL);
    facts_init(out);
    int ret = object == NULL ? -1 : facts_from_json(out, object, err);
    json_decref(object);
    return ret;
}

static void tell_facts(struct told *out, const struct matrix_case *c, const struct result_row *row)
{
    struct facts facts[2];
    tell_presented(out, c);
    if (read_facts(&facts[ROLE_CLIENT], row->facts[ROLE_CLIENT], NULL) < 0 ||
        read_facts(&facts[ROLE_SERVER], row->facts[ROLE_SERVER], NULL) < 0)
        told_add(out, "One of the peers gave no answer.");
    else if (facts[ROLE_CLIENT].result == RESULT_ACCEPTED &&
             facts[ROLE_SERVER].result == RESULT_ACCEPTED)
        tell_acceptance(out, c, facts);
    else
        tell_refusal(out, facts);
}

static enum told_outcome outcome_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return TOLD_AS_STATED;
    case VERDICT_XFAIL:
        return TOLD_DEVIATES;
    case VERDICT_UNSUPPORTED:
        return TOLD_UNSUPPORTED;
    default:
        return TOLD_WRONG;
    }
}

int story_tell_case(struct told *out, const struct story_step *step, const char *id,
                    struct results *results, const struct stack_set *stacks, struct error *err)
{
    struct matrix_case c;
    struct result_row row;
    *out = (struct told){ .outcome = TOLD_WRONG };
    snprintf(out->id, sizeof out->id, "%s", id);
    if (case_from_id(&c, id, stacks, err) < 0)
        return yaml_error(step->item, err, "%s", err->text);
    int found = results_find(results, id, true, &row, err);
    if (found < 0)
        return -1;
    if (found == 0) {
        told_add(out, "It was not run.");
        return 0;
    }
    out->outcome = outcome_of(row.verdict);
    /* A refusal whose twin fails for a known reason shows nothing, and nothing that is wrong. */
    if (row.verdict == VERDICT_INCONCLUSIVE && row.deviation[0] != '\0')
        out->outcome = TOLD_DEVIATES;
    if (out->outcome == TOLD_UNSUPPORTED) {
        told_add(out, "%s.", row.reason);
        return 0;
    }
    tell_facts(out, &c, &row);
    if (out->outcome == TOLD_DEVIATES)
        told_add(out, " That is a known deviation (%s): %s.", row.deviation, row.reason);
    else if (out->outcome == TOLD_WRONG)
        told_add(out, " THAT IS WRONG: %s%s%s: %s", verdict_name(row.verdict),
                 row.kind == KIND_NONE ? "" : " ", failure_kind_name(row.kind), row.reason);
    return 0;
}
