/* Checks for peers that gave no facts, or none that say anything about TLS. */
#include "matrix/judge_checks.h"

static bool outcome_is(char reason[TEXT_LEN], const struct trial *t, enum role role,
                       enum peer_outcome outcome, const char *what)
{
    if (t->evidence->outcome[role] != outcome)
        return false;
    return say(reason, "%s: %s: %.400s", role_name(role), what, t->evidence->reason[role]);
}

static bool answered_with(const struct trial *t, enum role role, enum result result)
{
    return t->evidence->outcome[role] == PEER_ANSWERED && facts_of(t, role)->result == result;
}

bool peer_crashed(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return outcome_is(reason, t, role, PEER_CRASHED, "the peer process ended instead of answering");
}

bool peer_broke_contract(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return outcome_is(reason, t, role, PEER_BROKE_CONTRACT, "the peer broke the control contract");
}

/* Cases beyond a stack's capability list never run, so one that is declined shows that the list
 * promises too much: a person has to mend it, and no verdict about TLS is possible. */
bool peer_declined(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!answered_with(t, role, RESULT_DECLINED))
        return false;
    return say(reason, "%s: declined what its stack declares: %.400s", role_name(role),
               facts_of(t, role)->error_text);
}

bool peer_hung(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    return outcome_is(reason, t, role, PEER_HUNG, "no facts before the deadline");
}

bool peer_timed_out(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!answered_with(t, role, RESULT_TIMEOUT))
        return false;
    return say(reason, "%s: the deadline passed at stage %s while it waited for the other end",
               role_name(role), stage_name(facts_of(t, role)->stage));
}

/* Asked last: everything else about the case is as it must be, but nothing shows that both ends
 * hold the same keys, although the stack says that it can show it. */
bool exporter_missing(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!t->e->accepted || !t->e->exporter_declared[role] || facts_of(t, role)->exporter_known)
        return false;
    return say(reason, "%s: no exporter value, although its stack declares the exporter",
               role_name(role));
}
