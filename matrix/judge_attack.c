/* Checks for cases with an attacker in the path: what the attack's row allows each end. */
#include "matrix/judge_checks.h"

#include <stdio.h>

static const struct attack_end *end_of(const struct trial *t, enum role role)
{
    return &t->e->attack->ends[role];
}

static bool must_refuse(const struct trial *t)
{
    enum attack_outcome outcome = t->e->attack->outcome;
    return outcome == ATTACK_REFUSED || outcome == ATTACK_EITHER;
}

bool attack_unchanged(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (role != ROLE_CLIENT || t->e->attack == NULL || t->evidence->relay.changed)
        return false;
    return say(reason, "the attack changed nothing on the wire, so nothing was tried");
}

bool attack_accepted(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    bool may = t->e->attack->outcome == ATTACK_TRUNCATED ||
               (t->e->attack->outcome == ATTACK_CUT && end_of(t, role)->may_receive);
    if (may || !t->evidence->relay.changed || t->evidence->outcome[role] != PEER_ANSWERED ||
        facts_of(t, role)->result != RESULT_ACCEPTED)
        return false; /* what was not attacked may be accepted: attack.unchanged */
    return say(reason, "%s: accepted; expected: refused, as %s", role_name(role), fault_text(t));
}

bool attack_handshake_finished(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!must_refuse(t) || end_of(t, role)->handshake_may_finish ||
        !facts_of(t, role)->handshake_done)
        return false;
    return say(reason, "%s: completed the handshake; expected: not, as %s", role_name(role),
               fault_text(t));
}

bool attack_stage(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    enum stage stage = facts_of(t, role)->stage;
    if (!must_refuse(t) || stage <= end_of(t, role)->stage)
        return false;
    return say(reason, "%s: came to stage %s; expected: no further than %s, as %s", role_name(role),
               stage_name(stage), stage_name(end_of(t, role)->stage), fault_text(t));
}

bool attack_data_received(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    size_t bytes_in = facts_of(t, role)->bytes_in;
    if (!must_refuse(t) || end_of(t, role)->may_receive || bytes_in == 0)
        return false;
    return say(reason, "%s: received %zu application bytes; expected: none, as %s", role_name(role),
               bytes_in, fault_text(t));
}

/* More than the other end said: from the attacker, or for the second time. */
bool attack_data_added(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    size_t in = facts_of(t, role)->bytes_in, out = facts_of(t, other_end(role))->bytes_out;
    if (in <= out)
        return false;
    return say(reason,
               "%s: received %zu application bytes; expected: at most the %zu that the %s sent, as "
               "%s",
               role_name(role), in, out, role_name(other_end(role)), fault_text(t));
}

bool attack_not_truncated(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (t->e->attack->outcome != ATTACK_TRUNCATED || !end_of(t, role)->truncated ||
        (f->result == RESULT_ACCEPTED && f->close == CLOSE_TRUNCATED))
        return false;
    return say(reason,
               "%s: %s, and saw the other end's sending end %s; expected: accepted, and the "
               "truncation reported, as %s",
               role_name(role), result_name(f->result), close_kind_name(f->close), fault_text(t));
}

/* What this end was to hear last never came, or not as it was said. */
bool attack_taken_for_clean(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (t->e->attack->outcome != ATTACK_CUT || !end_of(t, role)->may_refuse ||
        facts_of(t, role)->close != CLOSE_CLEAN)
        return false;
    return say(reason, "%s: took the close for a clean one; expected: not, as %s", role_name(role),
               fault_text(t));
}

/* The alert with which an end gave up: by its own word, else by the other end's, unless that can be
 * one that the attacker put there; -1: none. */
static int alert_of(const struct trial *t, enum role role)
{
    const struct relay_facts *relay = &t->evidence->relay;
    int received = facts_of(t, other_end(role))->alert_received;
    if (facts_of(t, role)->alert_sent > 0)
        return facts_of(t, role)->alert_sent;
    bool spoke = relay->num_clear_alerts[role] + relay->num_sealed_alerts[role] > 0;
    return spoke && received > 0 ? received : -1;
}

static bool refused_as_allowed(const struct trial *t, enum role role)
{
    const struct attack_end *end = end_of(t, role);
    int alert = alert_of(t, role);
    if (!end->may_refuse)
        return false;
    for (size_t i = 0; i < ATTACK_ALERTS_MAX && end->alerts[i] != 0; i++)
        if (end->alerts[i] == alert)
            return true;
    return end->silent && alert < 0;
}

static const char *alert_or_none(int alert)
{
    return alert < 0 ? "no alert" : alert_text(alert);
}

bool attack_alert(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    /* An end that was cut off when all was said may call that a success, but has to say why it ends
     * the connection all the same. */
    bool must_say = must_refuse(t) || t->e->attack->outcome == ATTACK_CUT;
    if (role != ROLE_CLIENT || !must_say || refused_as_allowed(t, ROLE_CLIENT) ||
        refused_as_allowed(t, ROLE_SERVER))
        return false;
    char client[NAME_MAX_LEN];
    snprintf(client, sizeof client, "%s", alert_or_none(alert_of(t, ROLE_CLIENT)));
    return say(reason, "client: %s, server: %s; expected: an alert that fits, as %s", client,
               alert_or_none(alert_of(t, ROLE_SERVER)), fault_text(t));
}
