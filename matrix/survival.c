/* The bookkeeping of survival: which refusals a server process still owes a good client. */
#include "matrix/survival.h"

#include <stdio.h>

bool survival_is_owed(const struct expectation *e, const struct evidence *evidence)
{
    if (e->hello != NULL && e->hello->to != ROLE_SERVER)
        return false; /* the server is the raw end */
    return !e->accepted && evidence->outcome[ROLE_SERVER] == PEER_ANSWERED &&
           evidence->facts[ROLE_SERVER].result != RESULT_ACCEPTED;
}

uint32_t survival_note(struct survival *survival, const struct matrix_case *c, const char *id,
                       const struct expectation *e, const struct evidence *evidence,
                       const struct judgement *judgement)
{
    uint32_t num_owed = survival->num_owed;
    if (evidence->outcome[ROLE_SERVER] != PEER_ANSWERED) {
        survival->num_owed = 0;
        return 0;
    }
    if (survival_is_owed(e, evidence)) {
        survival->num_owed++;
        survival->claimed = false;
        survival->refused = *c;
        snprintf(survival->refused_id, sizeof survival->refused_id, "%s", id);
        return 0;
    }
    if (!e->accepted || judgement->verdict != VERDICT_PASS)
        return 0;
    survival->num_owed = 0;
    return num_owed;
}

/* A healthy case on the same server. A raw hello's own twin is no handshake: the next good client
 * is one of the server's own stack. */
static bool good_case(struct matrix_case *out, const struct matrix_case *refused)
{
    if (case_hello(refused) == NULL)
        return case_twin(out, refused);
    *out = *refused;
    out->hello = 0;
    out->client = out->server;
    return case_excluded(out) == NULL;
}

bool survival_is_urgent(const struct survival *survival)
{
    return survival->num_owed > 0 && !survival->claimed && case_hash(survival->refused_id) % 2 == 0;
}

bool survival_claim(struct survival *survival, struct matrix_case *out,
                    const struct stack_set *stacks)
{
    char reason[TEXT_LEN];
    bool owed = survival->num_owed > 0 && !survival->claimed;
    survival->claimed = true;
    if (!owed || !good_case(out, &survival->refused))
        return false;
    out->repeat = 0;
    return !case_unsupported(reason, out, stacks);
}
