/* Checks of a case that must be refused: nobody accepts, no byte crosses, and the refusal comes
 * from an end that may give it, with an alert that the RFC allows there. */
#include "matrix/judge_checks.h"

#include <stdio.h>

bool refusal_accepted(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (t->e->accepted || t->evidence->outcome[role] != PEER_ANSWERED ||
        facts_of(t, role)->result != RESULT_ACCEPTED)
        return false;
    return say(reason, "%s: accepted; expected: refused, as %s", role_name(role), fault_text(t));
}

bool refusal_handshake_finished(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (t->e->accepted || t->e->handshake_may_finish[role] || !facts_of(t, role)->handshake_done)
        return false;
    return say(reason, "%s: completed the handshake; expected: not, as %s", role_name(role),
               fault_text(t));
}

bool refusal_stage(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    enum stage stage = facts_of(t, role)->stage;
    if (t->e->accepted || stage <= t->e->refusal[role].stage)
        return false;
    return say(reason, "%s: came to stage %s; expected: no further than %s, as %s", role_name(role),
               stage_name(stage), stage_name(t->e->refusal[role].stage), fault_text(t));
}

bool refusal_data_received(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    size_t allowed = role == ROLE_SERVER ? t->e->bytes_to_server : t->e->bytes_to_client;
    if (t->e->accepted || facts_of(t, role)->bytes_in <= allowed)
        return false;
    return say(reason, "%s: received %zu application bytes; expected: %zu, as %s", role_name(role),
               facts_of(t, role)->bytes_in, allowed, fault_text(t));
}

bool refusal_data_sent(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (t->e->accepted || facts_of(t, role)->bytes_out <= t->e->may_write[role])
        return false;
    return say(reason, "%s: sent %zu application bytes; expected: at most %zu, as %s",
               role_name(role), facts_of(t, role)->bytes_out, t->e->may_write[role], fault_text(t));
}

/* The pin is looked at when TLS is content; an end that stops before has refused sound TLS. */
bool refusal_pin_not_reached(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (t->e->accepted || t->e->refusal[role].stage != STAGE_PIN || f->stage == STAGE_PIN)
        return false;
    return say(reason,
               "%s: ended at stage %s (%.300s); expected: a whole handshake, then the pin "
               "refused",
               role_name(role), stage_name(f->stage), f->error_text);
}

/* Did the other end read all that came, to the FIN, and find no alert? One that was still reading:
 * an end that sent an alert of its own may have left something unread. */
static bool nothing_came(const struct trial *t, enum role role)
{
    const struct facts *reader = facts_of(t, other_end(role));
    return (reader->close == CLOSE_TRUNCATED || reader->close == CLOSE_CLEAN) &&
           reader->alert_sent <= 0 && reader->alert_received <= 0;
}

/* The alert with which an end gave up: what crossed the wire; else by its own word, unless the
 * other end knows better, else by the other end's; -1: none known. */
static int alert_of(const struct trial *t, enum role role)
{
    int crossed = wire_alert_of(t, role);
    if (crossed >= 0)
        return crossed;
    if (nothing_came(t, role))
        return -1;
    if (facts_of(t, role)->alert_sent > 0)
        return facts_of(t, role)->alert_sent;
    int received = facts_of(t, other_end(role))->alert_received;
    return received > 0 ? received : -1;
}

/* Alerts that answer what the other end did wrong on its way out, such as an alert that could not
 * be decrypted (a client may send its own in plaintext before it has switched keys) or a connection
 * closed in silence. */
static bool is_reaction(int alert)
{
    static const int reactions[] = { ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC,
                                     ALERT_DECODE_ERROR };
    for (size_t i = 0; i < sizeof reactions / sizeof reactions[0]; i++)
        if (reactions[i] == alert)
            return true;
    return false;
}

/* Did this end close without a word, and the other complain about that? */
static bool closed_in_silence(const struct trial *t, enum role role)
{
    enum close_kind seen = facts_of(t, other_end(role))->close;
    return alert_of(t, role) < 0 && is_reaction(alert_of(t, other_end(role))) &&
           (seen == CLOSE_TRUNCATED || seen == CLOSE_RESET);
}

/* Did this end only follow the other's refusal? */
static bool reacted(const struct trial *t, enum role role)
{
    enum role other = other_end(role);
    int own = alert_of(t, role);
    int theirs = alert_of(t, other);
    if (theirs < 0)
        return closed_in_silence(t, other);
    if (own < 0)
        return !closed_in_silence(t, role);
    if (is_reaction(own) != is_reaction(theirs))
        return is_reaction(own);
    return facts_of(t, role)->alert_received > 0 && facts_of(t, other)->alert_received <= 0;
}

static bool alert_is_allowed(const struct expected_refusal *refusal, int alert)
{
    for (size_t i = 0; i < refusal->num_alerts; i++)
        if (refusal->alerts[i] == alert)
            return true;
    return false;
}

/* Did this end refuse first, and as it may? An end that stands at the pin decided so itself. */
static bool refused_properly(const struct trial *t, enum role role)
{
    const struct expected_refusal *refusal = &t->e->refusal[role];
    if (!refusal->may_refuse)
        return false;
    if (refusal->alert_may_be_absent)
        return refusal->stage == facts_of(t, role)->stage;
    return !reacted(t, role) && alert_is_allowed(refusal, alert_of(t, role));
}

static bool properly_refused(const struct trial *t)
{
    return t->e->accepted || refused_properly(t, ROLE_CLIENT) || refused_properly(t, ROLE_SERVER);
}

bool refusal_wrong_end(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    int alert = alert_of(t, role);
    if (properly_refused(t) || t->e->refusal[role].may_refuse || alert < 0 || reacted(t, role))
        return false;
    return say(reason, "%s: refused with %s (%.200s); expected: the %s to refuse, as %s",
               role_name(role), alert_text(alert), facts_of(t, role)->error_text,
               role_name(other_end(role)), fault_text(t));
}

/* "handshake_failure or insufficient_security". */
static void list_alerts(char out[TEXT_LEN], const struct expected_refusal *refusal)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < refusal->num_alerts && len < TEXT_LEN; i++)
        len += (size_t)snprintf(out + len, TEXT_LEN - len, "%s%s", i > 0 ? " or " : "",
                                alert_text(refusal->alerts[i]));
}

static bool no_alert_from_refusers(const struct trial *t)
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (t->e->refusal[role].may_refuse && alert_of(t, role) >= 0)
            return false;
    return true;
}

bool refusal_alert_absent(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    char allowed[TEXT_LEN];
    if (properly_refused(t) || !t->e->refusal[role].may_refuse || !no_alert_from_refusers(t))
        return false;
    list_alerts(allowed, &t->e->refusal[role]);
    return say(reason, "%s: no alert (%.200s); expected: %.100s, as %s", role_name(role),
               facts_of(t, role)->error_text, allowed, fault_text(t));
}

bool refusal_alert_unexpected(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    char allowed[TEXT_LEN];
    int alert = alert_of(t, role);
    if (properly_refused(t) || !t->e->refusal[role].may_refuse || alert < 0)
        return false;
    list_alerts(allowed, &t->e->refusal[role]);
    return say(reason, "%s: refused with %s (%.200s); expected: %.100s, as %s", role_name(role),
               alert_text(alert), facts_of(t, role)->error_text, allowed, fault_text(t));
}
