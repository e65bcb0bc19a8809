/* Checks of a handshake that comes about: that it does, and with what it had to. */
#include "matrix/judge_checks.h"

#include "matrix/oracle_parts.h"

#include <stdio.h>

/* "refused at handshake, alert sent unknown_ca: its own words". */
static void describe_end(char out[TEXT_LEN], const struct facts *f)
{
    char alert[NAME_MAX_LEN * 2] = "";
    if (f->alert_sent > 0)
        snprintf(alert, sizeof alert, ", sent %s", alert_text(f->alert_sent));
    else if (f->alert_received > 0)
        snprintf(alert, sizeof alert, ", received %s", alert_text(f->alert_received));
    snprintf(out, TEXT_LEN, "refused at stage %s%s (%.150s)", stage_name(f->stage), alert,
             f->error_text);
}

bool acceptance_refused(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!t->e->accepted || facts_of(t, role)->result != RESULT_REFUSED)
        return false;
    char client[TEXT_LEN], server[TEXT_LEN];
    describe_end(client, facts_of(t, ROLE_CLIENT));
    describe_end(server, facts_of(t, ROLE_SERVER));
    return say(reason, "client: %.230s; server: %.230s; expected: accepted", client, server);
}

/* Is there a handshake to look at, and one with an expectation? */
static bool negotiated(const struct trial *t, enum role role)
{
    return t->e->version != 0 && facts_of(t, role)->handshake_done;
}

bool version_unexpected(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    uint16_t version = facts_of(t, role)->version;
    if (!negotiated(t, role) || version == t->e->version)
        return false;
    return say(reason, "%s: negotiated %s; expected: %s", role_name(role),
               version_name(version) != NULL ? version_name(version) : "an unknown version",
               version_name(t->e->version));
}

bool suite_unexpected(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct suite *suite = suite_by_id(facts_of(t, role)->suite);
    if (!negotiated(t, role) || id_listed(t->e->suites, t->e->num_suites, facts_of(t, role)->suite))
        return false;
    return say(reason, "%s: negotiated %s; expected: %s%s", role_name(role),
               suite != NULL ? suite->name : "an unknown suite", suite_by_id(t->e->suites[0])->name,
               t->e->num_suites > 1 ? " or another that both ends offer" : "");
}

/* Does the suite that was negotiated use a group that the oracle has an opinion on? */
static bool group_matters(const struct trial *t, const struct suite *suite)
{
    return suite_uses_group(suite) && !(suite->kx == KX_DHE && t->e->dhe_group_free);
}

bool group_unexpected(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    uint16_t id = facts_of(t, role)->group;
    const struct suite *suite = suite_by_id(facts_of(t, role)->suite);
    if (!negotiated(t, role) || id == 0 || suite == NULL ||
        (suite_uses_group(suite) && !group_matters(t, suite)))
        return false;
    const struct group *group = group_by_id(id);
    const char *name = group != NULL ? group->name : "an unknown group";
    if (!suite_uses_group(suite))
        return say(reason, "%s: negotiated %s; expected: no group, for %s uses none",
                   role_name(role), name, suite->name);
    if (id_listed(t->e->groups, t->e->num_groups, id))
        return false;
    const struct group *first = t->e->num_groups > 0 ? group_by_id(t->e->groups[0]) : NULL;
    return say(reason, "%s: negotiated %s; expected: %s%s", role_name(role), name,
               first != NULL ? first->name : "none",
               t->e->num_groups > 1 ? " or another that both ends offer" : "");
}

/* One end that knows is enough; if neither does, nothing shows that the group under test ran. */
bool group_unknown(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct suite *suite = suite_by_id(facts_of(t, role)->suite);
    if (!t->e->accepted || !negotiated(t, role) || suite == NULL || !group_matters(t, suite) ||
        facts_of(t, ROLE_CLIENT)->group != 0 || facts_of(t, ROLE_SERVER)->group != 0)
        return false;
    return say(reason,
               "%s: does not know the group, nor does the %s; expected: one of them to, for "
               "%s uses one",
               role_name(role), role_name(other_end(role)), suite->name);
}

bool scheme_unexpected(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    uint16_t id = facts_of(t, role)->signature_scheme;
    const struct suite *suite = suite_by_id(facts_of(t, role)->suite);
    if (!negotiated(t, role) || id == 0 || suite == NULL ||
        !suite_is_signed(suite, t->e->version) || t->e->num_signature_schemes == 0 ||
        id_listed(t->e->signature_schemes, t->e->num_signature_schemes, id))
        return false;
    const struct signature_scheme *scheme = signature_scheme_by_id(id);
    return say(reason, "%s: the server signed with %s; expected: %s%s", role_name(role),
               scheme != NULL ? scheme->name : "an unknown scheme",
               signature_scheme_by_id(t->e->signature_schemes[0])->name,
               t->e->num_signature_schemes > 1 ? " or another that fits its key" : "");
}

/* As with the group: one end that knows is enough. */
bool scheme_unknown(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct suite *suite = suite_by_id(facts_of(t, role)->suite);
    if (!t->e->accepted || !negotiated(t, role) || suite == NULL ||
        !suite_is_signed(suite, t->e->version) || t->e->num_signature_schemes == 0 ||
        facts_of(t, ROLE_CLIENT)->signature_scheme != 0 ||
        facts_of(t, ROLE_SERVER)->signature_scheme != 0)
        return false;
    return say(reason,
               "%s: does not know with what the server signed, nor does the %s; expected: one of "
               "them to, for %s has a signature",
               role_name(role), role_name(other_end(role)), suite->name);
}

bool session_resumed(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!negotiated(t, role) || !facts_of(t, role)->resumed)
        return false;
    return say(reason, "%s: resumed a session; expected: a full handshake", role_name(role));
}
