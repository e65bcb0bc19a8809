/* Checks of what an end trusts: certificates against the ones that were handed out, its own
 * verification result, and the first-use store. */
#include "matrix/judge_checks.h"

#include <string.h>

static bool must_see_certificate(const struct trial *t, enum role role)
{
    return role == ROLE_CLIENT ? t->e->client_sees_certificate : t->e->server_sees_certificate;
}

/* In the case itself, whether or not a refusal comes before the certificate does. */
static bool other_end_presents(const struct trial *t, enum role role)
{
    return role == ROLE_CLIENT ? case_server_has_certificate(t->c)
                               : case_client_sends_certificate(t->c);
}

bool verify_ignored(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    bool found_wrong =
        f->verify_problem != VERIFY_PROBLEM_NONE || (f->verify_known && f->verify_code != 0);
    if (f->result != RESULT_ACCEPTED || !t->e->verifies[role] || !must_see_certificate(t, role) ||
        !found_wrong)
        return false;
    return say(reason,
               "%s: accepted although its own verification said %ld (%.300s); expected: "
               "accepted only with a verified certificate",
               role_name(role), f->verify_code, f->verify_text);
}

/* Only its own verdict shows that it looked: in a case without a fault, an end that verifies
 * nothing accepts what one that verifies accepts. */
bool verify_not_done(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (f->result != RESULT_ACCEPTED || !t->e->verifies[role] || !must_see_certificate(t, role) ||
        !f->peer_leaf_known || f->verify_known)
        return false;
    return say(reason,
               "%s: accepted without a verification of the %s's certificate; expected: its own "
               "verdict on it",
               role_name(role), role_name(other_end(role)));
}

bool verify_no_certificate(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (f->result != RESULT_ACCEPTED || !t->e->verifies[role] || !must_see_certificate(t, role) ||
        f->peer_leaf_known)
        return false;
    return say(reason,
               "%s: accepted without having seen the %s's certificate; expected: to verify "
               "it",
               role_name(role), role_name(other_end(role)));
}

bool tofu_not_stored(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (role != ROLE_CLIENT || t->c->pinning != PINNING_TOFU_FIRST ||
        facts_of(t, role)->result != RESULT_ACCEPTED || t->evidence->tofu_stored)
        return false;
    return say(reason,
               "client: accepted at first use and stored nothing; expected: the hash stored, "
               "for any certificate would be a first one again");
}

bool tofu_wrong_hash(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct evidence *v = t->evidence;
    if (role != ROLE_CLIENT || t->c->pinning != PINNING_TOFU_FIRST || !v->tofu_stored ||
        memcmp(v->tofu_sha256, v->leaf_sha256[ROLE_SERVER], SHA256_LEN) == 0)
        return false;
    return say(reason, "client: stored another hash at first use than that of the server's "
                       "certificate; expected: that one");
}

/* A first use is remembered only after the chain has been checked. */
bool tofu_imposter_stored(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (role != ROLE_CLIENT || t->c->pinning != PINNING_TOFU_FIRST ||
        t->e->fault != FAULT_IDENTITY || case_identity_role(t->c) != ROLE_SERVER ||
        !t->evidence->tofu_stored)
        return false;
    return say(reason, "client: stored the hash of a certificate that it refused; expected: "
                       "nothing stored");
}

bool tofu_overwritten(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct evidence *v = t->evidence;
    if (role != ROLE_CLIENT ||
        (t->c->pinning != PINNING_TOFU_KNOWN && t->c->pinning != PINNING_TOFU_CHANGED) ||
        (v->tofu_stored && memcmp(v->tofu_sha256, v->tofu_before, SHA256_LEN) == 0))
        return false;
    return say(reason, "client: %s the stored hash; expected: the store left as it is",
               v->tofu_stored ? "overwrote" : "removed");
}

bool certificate_other(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (!f->peer_leaf_known || !other_end_presents(t, role) ||
        memcmp(f->peer_leaf_sha256, t->evidence->leaf_sha256[other_end(role)], SHA256_LEN) == 0)
        return false;
    return say(reason,
               "%s: saw another certificate than the one that the %s was given; expected: "
               "that one",
               role_name(role), role_name(other_end(role)));
}

bool certificate_from_nowhere(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!facts_of(t, role)->peer_leaf_known || other_end_presents(t, role))
        return false;
    return say(reason, "%s: saw a certificate; expected: none, for the %s has none",
               role_name(role), role_name(other_end(role)));
}

bool certificate_unseen(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    bool role_decided = f->result == RESULT_ACCEPTED || f->stage == STAGE_PIN;
    if (!role_decided || !must_see_certificate(t, role) || f->peer_leaf_known)
        return false;
    return say(reason, "%s: saw no certificate; expected: the %s's", role_name(role),
               role_name(other_end(role)));
}

/* The end that has to refuse the imposter, if it answered. */
static bool is_verifier_of_imposter(const struct trial *t, enum role role)
{
    return t->e->fault == FAULT_IDENTITY && role != case_identity_role(t->c) &&
           t->evidence->outcome[role] == PEER_ANSWERED;
}

/* A refusal shows something about a certificate only if the certificate came. */
bool identity_unseen(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!is_verifier_of_imposter(t, role) || facts_of(t, role)->peer_leaf_known)
        return false;
    return say(reason,
               "%s: refused without having seen the %s's certificate; expected: refused "
               "because of it",
               role_name(role), role_name(other_end(role)));
}

bool identity_other_reason(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (!is_verifier_of_imposter(t, role) || f->verify_problem == t->e->verify_problem)
        return false;
    return say(reason, "%s: its verification names %s (%.300s); expected: %s", role_name(role),
               verify_problem_name(f->verify_problem), f->verify_text,
               verify_problem_name(t->e->verify_problem));
}
