/* Causes that lie in certificates and in the proofs of their keys: who did not believe whom. An
 * alert of one end is about the certificate of the other. */
#include "captures/explain_causes.h"

/* Alerts by which verifiers refuse a certificate; which one fits, stacks see differently. */
static bool is_about_certificates(uint8_t description)
{
    switch (description) {
    case ALERT_BAD_CERTIFICATE:
    case ALERT_UNSUPPORTED_CERTIFICATE:
    case ALERT_CERTIFICATE_REVOKED:
    case ALERT_CERTIFICATE_EXPIRED:
    case ALERT_CERTIFICATE_UNKNOWN:
    case ALERT_UNKNOWN_CA:
    case ALERT_ACCESS_DENIED:
    case ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return true;
    default:
        return false;
    }
}

/* The client refuses the server's certificate: by a fitting alert; by an encrypted one in answer to
 * the server's flight; without an alert, by leaving where the certificate may be why. */
static bool client_alerts(const struct story *story)
{
    bool fits = story->alert.hidden ? story->stage == REACHED_SERVER_FLIGHT
                                    : is_about_certificates(story->alert.description);
    return story->alert.seen && story->alert.from == ROLE_CLIENT && fits &&
           story->stage >= REACHED_SERVER_FLIGHT;
}

static bool client_leaves(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return !story->alert.seen && !story->used && facts->closed && facts->complete &&
           story->closed_first == ROLE_CLIENT && story->stage >= REACHED_SERVER_FLIGHT &&
           story->stage < REACHED_DATA;
}

/* A client that has sent its Finished had no objection so far: it may check the certificate only
 * now, or be a probe that never does. */
static bool client_leaves_finished(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return !story->alert.seen && !story->used && facts->closed && facts->complete &&
           facts->start_seen && story->closed_first == ROLE_CLIENT &&
           story->stage == REACHED_DATA && story->certificate[ROLE_SERVER].seen;
}

static bool client_refuses(const struct story *story)
{
    return client_alerts(story) || client_leaves(story);
}

static const struct certificate_view *of_server(const struct story *story)
{
    return &story->certificate[ROLE_SERVER];
}
static const struct certificate_view *of_client(const struct story *story)
{
    return &story->certificate[ROLE_CLIENT];
}

static bool server_expired_said(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_EXPIRED) && of_server(story)->expired;
}
static bool server_chain_expired(const struct story *story)
{
    return client_refuses(story) && of_server(story)->chain_expired && !of_server(story)->expired &&
           (!story->alert.seen || story->alert.hidden ||
            story->alert.description != ALERT_UNKNOWN_CA);
}
static bool server_expired_clock(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_EXPIRED) && of_server(story)->seen &&
           !of_server(story)->not_yet_valid;
}
static bool server_expired_unseen(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_EXPIRED) && !of_server(story)->seen;
}
static bool server_expired(const struct story *story)
{
    return client_refuses(story) && of_server(story)->expired;
}
static bool server_not_yet_valid(const struct story *story)
{
    return client_refuses(story) && of_server(story)->not_yet_valid;
}
static bool server_revoked(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_REVOKED);
}
/* The alert and the certificate agree on it, so that nothing else is looked for. */
static bool server_purpose_said(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_UNSUPPORTED_CERTIFICATE) &&
           of_server(story)->wrong_purpose;
}
static bool server_wrong_name(const struct story *story)
{
    return client_refuses(story) && of_server(story)->seen && !of_server(story)->name_matches &&
           !story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA) && !server_purpose_said(story);
}
static bool server_weak(const struct story *story)
{
    return client_alerts(story) && of_server(story)->seen && of_server(story)->weak &&
           !story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA) && !server_purpose_said(story);
}
static bool server_wrong_purpose(const struct story *story)
{
    return client_alerts(story) && of_server(story)->seen && of_server(story)->wrong_purpose &&
           !story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA);
}
static bool server_status(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE);
}
static bool server_self_signed(const struct story *story)
{
    return client_alerts(story) && of_server(story)->seen && of_server(story)->self_signed;
}
static bool server_self_signed_left(const struct story *story)
{
    return client_leaves(story) && of_server(story)->seen && of_server(story)->self_signed;
}
static bool server_expired_later(const struct story *story)
{
    return client_leaves_finished(story) && of_server(story)->expired;
}
static bool server_not_yet_valid_later(const struct story *story)
{
    return client_leaves_finished(story) && of_server(story)->not_yet_valid;
}
static bool server_chain_expired_later(const struct story *story)
{
    return client_leaves_finished(story) && of_server(story)->chain_expired;
}
static bool server_wrong_name_later(const struct story *story)
{
    return client_leaves_finished(story) && !of_server(story)->name_matches;
}
static bool server_self_signed_later(const struct story *story)
{
    return client_leaves_finished(story) && of_server(story)->self_signed;
}
static bool server_unknown_ca(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA) && of_server(story)->seen;
}
static bool server_unknown_ca_unseen(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA);
}
static bool server_refused_seen(const struct story *story)
{
    return client_alerts(story) && of_server(story)->seen;
}
static bool server_refused_said(const struct story *story)
{
    return client_alerts(story) && !story->alert.hidden;
}
static bool server_refused_hidden(const struct story *story)
{
    return client_alerts(story) && story->stage == REACHED_SERVER_FLIGHT;
}

/* The server refuses what the client sent behind its flight. */
static bool server_alerts(const struct story *story)
{
    return story->alert.seen && story->alert.from == ROLE_SERVER &&
           story->stage >= REACHED_SERVER_FLIGHT;
}
static bool client_required(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_CERTIFICATE_REQUIRED);
}
static bool client_missing(const struct story *story)
{
    return server_alerts(story) && story->client_certificate_empty && !story->by_size;
}
static bool client_missing_by_size(const struct story *story)
{
    return server_alerts(story) && story->client_certificate_empty && !story->alert.doubted;
}
static bool client_missing_perhaps(const struct story *story)
{
    return server_alerts(story) && story->client_certificate_empty && story->alert.doubted;
}
static bool client_expired_seen(const struct story *story)
{
    return server_alerts(story) && of_client(story)->expired;
}
static bool client_expired(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_CERTIFICATE_EXPIRED) && server_alerts(story);
}
static bool client_revoked(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_CERTIFICATE_REVOKED);
}
static bool client_unknown_ca(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_UNKNOWN_CA) && of_client(story)->seen;
}
static bool client_unknown_ca_unseen(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_UNKNOWN_CA);
}
static bool client_weak(const struct story *story)
{
    return server_alerts(story) && of_client(story)->seen && of_client(story)->weak;
}
static bool client_wrong_purpose(const struct story *story)
{
    return server_alerts(story) && of_client(story)->seen && of_client(story)->wrong_purpose &&
           !story_said(story, ROLE_SERVER, ALERT_UNKNOWN_CA);
}
static bool client_refused(const struct story *story)
{
    return server_alerts(story) && !story->alert.hidden &&
           is_about_certificates(story->alert.description);
}
static bool client_refused_by_size(const struct story *story)
{
    return server_alerts(story) && story->alert.hidden && story->client_certificate_sent &&
           !story->alert.doubted;
}
static bool client_refused_perhaps(const struct story *story)
{
    return server_alerts(story) && story->client_certificate_sent && story->alert.doubted;
}

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

#define VERIFY                                                                                     \
    "RFC 8446 sections 4.4.2.4 and 6.2; RFC 9846 sections 4.5.1.3 and 6.2; RFC 5246 section 7.2.2"
#define PERIOD "RFC 5280 sections 4.1.2.5 and 6.1.3; RFC 8446 section 6.2; RFC 9846 section 6.2"
#define NAMES  "RFC 9525 section 6; RFC 2818 section 3.1"
#define MUTUAL                                                                                     \
    "RFC 8446 sections 4.4.2.4 and 6.2; RFC 9846 sections 4.5.1.3 and 6.2; RFC 5246 section 7.4.6"

#define DOUBTED                                                                                    \
    "A guess by size: a close_notify or an answer of two bytes looks the same, and then all went " \
    "well. Keys would show which it is."
#define LATER                                                                                      \
    "The certificate is in the capture; but the client finished the handshake in spite of it: a "  \
    "probe that verifies nothing leaves so too."

const struct cause causes_trust[] = {
    {
        .row = { "server-certificate-expired", CONFIDENCE_CERTAIN,
                 "The server's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = server_expired_said,
        .why = "The certificate and the alert {alert} both say so; the capture is of {time}.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_LIKELY,
                 "A certificate above the server's own ({chain.subject}) has expired." },
        .holds = server_chain_expired,
        .why = "The certificate is in the capture, which is of {time}; that it is why the client "
               "said {alert} is a guess.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_LIKELY,
                 "The client holds the server's certificate for expired, but it is valid until "
                 "{cert.not_after}: the client's clock may be wrong, or its own copy of a "
                 "certificate above has expired." },
        .holds = server_expired_clock,
        .why = "The alert {alert} is evidence, the certificate contradicts it by the capture's "
               "time {time}.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_CERTAIN,
                 "The client says that the server's certificate, or one above it, has expired." },
        .holds = server_expired_unseen,
        .why = "The alert {alert} says so; the certificate itself {unread}.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-revoked", CONFIDENCE_CERTAIN,
                 "The client says that the server's certificate has been revoked." },
        .holds = server_revoked,
        .why = "The alert says so: {alert}.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_LIKELY,
                 "The server's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = server_expired,
        .why = "The certificate says so and the capture is of {time}; the client left with "
               "{alert}, which alone does not tell why.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-not-yet-valid", CONFIDENCE_LIKELY,
                 "The server's certificate ({cert.subject}) is not valid before "
                 "{cert.not_before}." },
        .holds = server_not_yet_valid,
        .why =
            "The certificate says so and the capture is of {time}; the client left with {alert}.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-wrong-name", CONFIDENCE_LIKELY,
                 "The server's certificate is not for {name}: it names {cert.names}." },
        .holds = server_wrong_name,
        .why = "The name asked for and the certificate are in the capture; the client left with "
               "{alert}, which alone does not tell why.",
        .references = NAMES,
    },
    {
        .row = { "server-certificate-weak", CONFIDENCE_LIKELY,
                 "The server's certificate is too weak for the client: {cert.key}, or signed with "
                 "MD5 or SHA-1." },
        .holds = server_weak,
        .why = "The certificate is in the capture; the client left with {alert}, which alone does "
               "not tell why.",
        .references = "RFC 9325 section 4.5; NIST SP 800-131A",
    },
    {
        .row = { "server-certificate-wrong-purpose", CONFIDENCE_LIKELY,
                 "The server's certificate ({cert.subject}) is not made for servers: its extended "
                 "key usage lacks serverAuth." },
        .holds = server_wrong_purpose,
        .why = "The certificate is in the capture; the alert {alert} alone does not tell why.",
        .references = "RFC 5280 section 4.2.1.12",
    },
    {
        .row = { "server-certificate-status", CONFIDENCE_CERTAIN,
                 "The client does not accept what the server stapled about the state of its "
                 "certificate (OCSP)." },
        .holds = server_status,
        .why = "The alert says so: {alert}.",
        .references = "RFC 6066 section 8; RFC 6960",
    },
    {
        .row = { "server-certificate-unknown-ca", CONFIDENCE_LIKELY,
                 "The server's certificate is self-signed ({cert.subject}), and the client does "
                 "not know it." },
        .holds = server_self_signed,
        .why = "The certificate is in the capture; the client left with {alert}.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-unknown-ca", CONFIDENCE_POSSIBLE,
                 "The server's certificate is self-signed ({cert.subject}), and the client left "
                 "without a byte: it may not know it." },
        .holds = server_self_signed_left,
        .why = "The certificate is in the capture; that it is why the client left is a guess.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-unknown-ca", CONFIDENCE_CERTAIN,
                 "The client does not know the CA of the server's certificate: it was issued by "
                 "{cert.issuer}. Either the client lacks that CA, or the server does not send the "
                 "certificates in between." },
        .holds = server_unknown_ca,
        .why = "The alert says so: {alert}.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-unknown-ca", CONFIDENCE_CERTAIN,
                 "The client does not know the CA of the server's certificate." },
        .holds = server_unknown_ca_unseen,
        .why = "The alert says so: {alert}; the certificate itself {unread}.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-refused", CONFIDENCE_POSSIBLE,
                 "The client refuses the server's certificate ({cert.subject}, issued by "
                 "{cert.issuer}). It is in its period, carries the name asked for and is not weak: "
                 "an unknown CA or a wrong purpose remain." },
        .holds = server_refused_seen,
        .why = "The alert {alert} does not tell why; what the certificate says was checked by the "
               "capture's time.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-refused", CONFIDENCE_LIKELY,
                 "The client refuses the server's certificate: {alert}. Wrong name, weak key or "
                 "unknown CA, among others." },
        .holds = server_refused_said,
        .why = "The alert is evidence, why is a guess: the certificate {unread}.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-refused", CONFIDENCE_POSSIBLE,
                 "The client refuses the server's flight with an encrypted alert, most often "
                 "because of the certificate: expired, wrong name, unknown CA." },
        .holds = server_refused_hidden,
        .why = "Inferred: the client's only encrypted record has the size of an alert, and the "
               "connection ends behind it. Keys would show which it is.",
        .references = VERIFY,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because "
                 "the server's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = server_expired_later,
        .why = LATER,
        .references = PERIOD,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "server-certificate-not-yet-valid", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because "
                 "the server's certificate ({cert.subject}) is not valid before "
                 "{cert.not_before}." },
        .holds = server_not_yet_valid_later,
        .why = LATER,
        .references = PERIOD,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because a "
                 "certificate above the server's own ({chain.subject}) has expired." },
        .holds = server_chain_expired_later,
        .why = LATER,
        .references = PERIOD,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "server-certificate-wrong-name", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because "
                 "the server's certificate is not for {name}; it names {cert.names}." },
        .holds = server_wrong_name_later,
        .why = LATER,
        .references = NAMES,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "server-certificate-unknown-ca", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because "
                 "the server's certificate is self-signed ({cert.subject})." },
        .holds = server_self_signed_later,
        .why = LATER,
        .references = VERIFY,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "client-certificate-missing", CONFIDENCE_CERTAIN,
                 "The client sent no certificate and the server requires one: {alert}." },
        .holds = client_required,
        .why = "The alert says so.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-missing", CONFIDENCE_CERTAIN,
                 "The client sent no certificate and the server requires one: {alert}." },
        .holds = client_missing,
        .why = "The server asked, the client's Certificate message is empty, and the alert answers "
               "it.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-missing", CONFIDENCE_LIKELY,
                 "The client sent no certificate and the server requires one: {alert}." },
        .holds = client_missing_by_size,
        .why = "Inferred from the sizes of encrypted records: the client's flight begins with what "
               "is as long as an empty Certificate, and the server answers what the client asks "
               "with nothing but a record as long as an alert, and closes. A close_notify or an "
               "answer of two bytes looks the same; keys would show which it is.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-missing", CONFIDENCE_POSSIBLE,
                 "The client sent no certificate, and it may be that the server requires one: all "
                 "that it sent then is one encrypted record as long as an alert." },
        .holds = client_missing_perhaps,
        .why = DOUBTED,
        .references = MUTUAL,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_CERTAIN,
                 "The client's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = client_expired_seen,
        .why = "The certificate says so, the capture is of {time}, and the server answers with "
               "{alert}.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_CERTAIN,
                 "The server says that the client's certificate, or one above it, has expired." },
        .holds = client_expired,
        .why = "The alert says so: {alert}.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-revoked", CONFIDENCE_CERTAIN,
                 "The server says that the client's certificate has been revoked." },
        .holds = client_revoked,
        .why = "The alert says so: {alert}.",
        .references = VERIFY,
    },
    {
        .row = { "client-certificate-unknown-ca", CONFIDENCE_CERTAIN,
                 "The server does not know the CA of the client's certificate ({cert.subject}): it "
                 "was issued by {cert.issuer}." },
        .holds = client_unknown_ca,
        .why = "The alert says so: {alert}.",
        .references = VERIFY,
    },
    {
        .row = { "client-certificate-unknown-ca", CONFIDENCE_CERTAIN,
                 "The server does not know the CA of the client's certificate." },
        .holds = client_unknown_ca_unseen,
        .why = "The alert says so: {alert}.",
        .references = VERIFY,
    },
    {
        .row = { "client-certificate-weak", CONFIDENCE_LIKELY,
                 "The client's certificate is too weak for the server: {cert.key}, or signed with "
                 "MD5 or SHA-1." },
        .holds = client_weak,
        .why = "The certificate is in the capture; the alert {alert} alone does not tell why.",
        .references = "RFC 9325 section 4.5; NIST SP 800-131A",
    },
    {
        .row = { "client-certificate-wrong-purpose", CONFIDENCE_LIKELY,
                 "The client's certificate ({cert.subject}) is not made for clients: its extended "
                 "key usage lacks clientAuth." },
        .holds = client_wrong_purpose,
        .why = "The certificate is in the capture; the alert {alert} alone does not tell why.",
        .references = "RFC 5280 section 4.2.1.12",
    },
    {
        .row = { "client-certificate-refused", CONFIDENCE_LIKELY,
                 "The server refuses the client's certificate: {alert}." },
        .holds = client_refused,
        .why = "The alert is evidence; it does not tell why.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-refused", CONFIDENCE_LIKELY,
                 "The server refuses the client's certificate with an encrypted alert." },
        .holds = client_refused_by_size,
        .why = "Inferred from the sizes of encrypted records: the client's flight is as long as "
               "one with a certificate, and the server answers what the client asks with nothing "
               "but a record as long as an alert, and closes. A close_notify, an answer of two "
               "bytes, or an alert about something damaged on the way looks the same; keys would "
               "show which it is.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-refused", CONFIDENCE_POSSIBLE,
                 "The client sent a certificate, and it may be that the server refused it: all "
                 "that it sent then is one encrypted record as long as an alert." },
        .holds = client_refused_perhaps,
        .why = DOUBTED,
        .references = MUTUAL,
        .outcome = OUTCOME_UNUSED,
    },
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
