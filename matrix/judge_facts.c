/* Checks for facts that contradict each other, within one end or between the two. */
#include "matrix/judge_checks.h"

#include <stdio.h>
#include <string.h>

static bool accepted(const struct trial *t, enum role role)
{
    return facts_of(t, role)->result == RESULT_ACCEPTED;
}

bool accepted_unfinished(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!accepted(t, role) || facts_of(t, role)->handshake_done)
        return false;
    return say(reason, "%s: accepted without a completed handshake; expected: a completed one",
               role_name(role));
}

bool accepted_early(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!accepted(t, role) || facts_of(t, role)->stage == STAGE_DONE)
        return false;
    return say(reason, "%s: accepted at stage %s; expected: done", role_name(role),
               stage_name(facts_of(t, role)->stage));
}

bool refused_done(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (facts_of(t, role)->result != RESULT_REFUSED || facts_of(t, role)->stage != STAGE_DONE)
        return false;
    return say(reason, "%s: refused at stage done; expected: an earlier stage or accepted",
               role_name(role));
}

bool stage_contradicts_handshake(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (f->handshake_done == (f->stage > STAGE_HANDSHAKE))
        return false;
    return say(reason, "%s: stage %s with the handshake %s; expected: facts that agree",
               role_name(role), stage_name(f->stage), f->handshake_done ? "done" : "not done");
}

bool data_before_handshake(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (f->handshake_done || f->bytes_in + f->bytes_out == 0)
        return false;
    return say(reason,
               "%s: %zu application bytes in and %zu out without a handshake; expected: none",
               role_name(role), f->bytes_in, f->bytes_out);
}

bool accepted_with_alert(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (!accepted(t, role) || (f->alert_sent <= 0 && f->alert_received <= 0))
        return false;
    bool sent = f->alert_sent > 0;
    return say(reason, "%s: accepted although it %s %s; expected: no fatal alert", role_name(role),
               sent ? "sent" : "received", alert_text(sent ? f->alert_sent : f->alert_received));
}

/* Only where both are known: an alert can get lost in a reset, or be unreadable to the other end.
 */
bool alert_not_sent(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    int received = facts_of(t, role)->alert_received;
    int sent = facts_of(t, other_end(role))->alert_sent;
    if (received <= 0 || sent <= 0 || received == sent)
        return false;
    char received_text[NAME_MAX_LEN];
    snprintf(received_text, sizeof received_text, "%s", alert_text(received));
    return say(reason, "%s: received %s; expected: %s, which the %s sent", role_name(role),
               received_text, alert_text(sent), role_name(other_end(role)));
}

bool results_differ(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (f->result != RESULT_REFUSED || !accepted(t, other_end(role)))
        return false;
    return say(reason,
               "%s: refused at stage %s (%.300s), while the %s accepted; expected: both to "
               "accept",
               role_name(role), stage_name(f->stage), f->error_text, role_name(other_end(role)));
}

/* Compares one negotiated number where both ends know it; the client asks for both. */
static bool values_differ(char reason[TEXT_LEN], const struct trial *t, enum role role,
                          const char *what, uint16_t client, uint16_t server)
{
    bool both_done =
        facts_of(t, ROLE_CLIENT)->handshake_done && facts_of(t, ROLE_SERVER)->handshake_done;
    if (role != ROLE_CLIENT || !both_done || client == 0 || server == 0 || client == server)
        return false;
    return say(reason, "client: %s 0x%04x, server: 0x%04x; expected: the same", what, client,
               server);
}

bool version_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return values_differ(reason, t, role, "version", facts_of(t, ROLE_CLIENT)->version,
                         facts_of(t, ROLE_SERVER)->version);
}

bool suite_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return values_differ(reason, t, role, "suite", facts_of(t, ROLE_CLIENT)->suite,
                         facts_of(t, ROLE_SERVER)->suite);
}

bool group_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return values_differ(reason, t, role, "group", facts_of(t, ROLE_CLIENT)->group,
                         facts_of(t, ROLE_SERVER)->group);
}

bool scheme_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return values_differ(reason, t, role, "signature scheme",
                         facts_of(t, ROLE_CLIENT)->signature_scheme,
                         facts_of(t, ROLE_SERVER)->signature_scheme);
}

bool exporter_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *client = facts_of(t, ROLE_CLIENT);
    const struct facts *server = facts_of(t, ROLE_SERVER);
    if (role != ROLE_CLIENT || !client->exporter_known || !server->exporter_known ||
        memcmp(client->exporter, server->exporter, EXPORTER_LEN) == 0)
        return false;
    return say(reason,
               "client: exporter value %02x%02x%02x%02x…, server: %02x%02x%02x%02x…; "
               "expected: the same",
               client->exporter[0], client->exporter[1], client->exporter[2], client->exporter[3],
               server->exporter[0], server->exporter[1], server->exporter[2], server->exporter[3]);
}

bool data_from_nowhere(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    size_t in = facts_of(t, role)->bytes_in;
    size_t out = facts_of(t, other_end(role))->bytes_out;
    if (in <= out)
        return false;
    return say(reason,
               "%s: received %zu application bytes; expected: at most the %zu that the %s "
               "sent",
               role_name(role), in, out, role_name(other_end(role)));
}

bool data_incomplete(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    size_t to_here = role == ROLE_SERVER ? t->e->bytes_to_server : t->e->bytes_to_client;
    if (!accepted(t, role) || (f->bytes_in == to_here && f->bytes_out == t->e->may_write[role]))
        return false;
    return say(reason,
               "%s: accepted with %zu application bytes in and %zu out; expected: %zu and %zu",
               role_name(role), f->bytes_in, f->bytes_out, to_here, t->e->may_write[role]);
}

bool close_not_clean(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!accepted(t, role) || facts_of(t, role)->close == CLOSE_CLEAN)
        return false;
    return say(reason, "%s: accepted although the %s's sending ended %s; expected: close_notify",
               role_name(role), role_name(other_end(role)),
               close_kind_name(facts_of(t, role)->close));
}
