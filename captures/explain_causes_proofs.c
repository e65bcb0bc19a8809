/* Causes that lie in shared keys and in the proofs of keys: signatures, Finished, records. */
#include "captures/explain_causes.h"

/* Is the key that both ends must know no certificate's? */
static bool by_shared_key(const struct story *story)
{
    const struct suite *suite = suite_by_id(story->facts->suite);
    bool by_suite = suite != NULL &&
                    (suite->auth == AUTH_PSK || suite->kx == KX_RSA_PSK || suite->kx == KX_SRP);
    return by_suite || story->facts->resumed ||
           (story->offer.shared_key && story->stage == REACHED_CLIENT_HELLO);
}
static bool identity_unknown(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_UNKNOWN_PSK_IDENTITY);
}
static bool shared_key_wrong(const struct story *story)
{
    return story->alert.seen && !story->alert.hidden && story->stage < REACHED_DATA &&
           by_shared_key(story) &&
           (story->alert.description == ALERT_DECRYPT_ERROR ||
            story->alert.description == ALERT_BAD_RECORD_MAC);
}
static bool proof_failed(const struct story *story)
{
    return story->alert.seen && !story->alert.hidden &&
           story->alert.description == ALERT_DECRYPT_ERROR;
}
static bool record_damaged(const struct story *story)
{
    return story->alert.seen && !story->alert.hidden &&
           story->alert.description == ALERT_BAD_RECORD_MAC;
}

const struct cause causes_proofs[] = {
    {
        .row = { "identity-unknown", CONFIDENCE_CERTAIN,
                 "The server does not know the identity or user name that the client gives for a "
                 "shared key or password." },
        .holds = identity_unknown,
        .why = "The alert says so: {alert}.",
        .references =
            "RFC 8446 section 6.2; RFC 9846 section 6.2; RFC 4279 section 2; RFC 5054 section 2.9",
    },
    {
        .row = { "shared-key-wrong", CONFIDENCE_LIKELY,
                 "The two ends do not have the same shared key or password, or the {by} does not "
                 "know the identity and hides that." },
        .holds = shared_key_wrong,
        .why = "The handshake rests on a shared key, and {alert} is what a wrong one leads to; a "
               "change on the way does too.",
        .references = "RFC 8446 section 4.2.11; RFC 9846 section 4.3.11; RFC 4279 section 2; RFC "
                      "5054 section 2.9",
    },
    {
        .row = { "proof-failed", CONFIDENCE_LIKELY,
                 "The {by} could not verify a signature or the Finished of the {other}'s: the "
                 "{other} does not hold the key of its certificate, a shared key is wrong, or "
                 "somebody changed the handshake on its way." },
        .holds = proof_failed,
        .why = "The alert {alert} says so much; which of these is a guess.",
        .references =
            "RFC 8446 sections 4.4.3, 4.4.4 and 6.2; RFC 9846 sections 4.5.2, 4.5.3 and 6.2",
    },
    {
        .row = { "record-damaged", CONFIDENCE_LIKELY,
                 "The {by} could not decrypt a record of the {other}'s: it was changed on its way, "
                 "or the two ends came to different keys." },
        .holds = record_damaged,
        .why = "The alert {alert} says so much; which of these is a guess.",
        .references = "RFC 8446 sections 5.2 and 6.2; RFC 9846 sections 5.2 and 6.2",
    },
    { .holds = NULL },
};
