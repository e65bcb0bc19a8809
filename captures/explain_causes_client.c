/* Causes that lie in the client's certificate, or in that it sent none: the server did not believe
 * it. */
#include "captures/explain_causes_trust.h"
#include "captures/explain_schemes.h"

static const struct certificate_view *of_client(const struct story *story)
{
    return &story->certificate[ROLE_CLIENT];
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
static bool expired_said(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_CERTIFICATE_EXPIRED) && server_alerts(story);
}
/* By an alert that leaves open what is wrong with it. */
static bool refused_somehow(const struct story *story)
{
    bool fits = story->alert.hidden || story->alert.description == ALERT_HANDSHAKE_FAILURE ||
                alert_is_about_certificates(story->alert.description);
    return server_alerts(story) && of_client(story)->seen && fits &&
           !story_said(story, ROLE_SERVER, ALERT_CERTIFICATE_REVOKED) &&
           !story_said(story, ROLE_SERVER, ALERT_UNKNOWN_CA);
}
static bool client_expired_said(const struct story *story)
{
    return expired_said(story) && of_client(story)->expired;
}
static bool client_not_yet_valid_said(const struct story *story)
{
    return expired_said(story) && of_client(story)->not_yet_valid;
}
static bool client_expired(const struct story *story)
{
    return refused_somehow(story) && of_client(story)->expired;
}
static bool client_not_yet_valid(const struct story *story)
{
    return refused_somehow(story) && of_client(story)->not_yet_valid;
}
static bool client_chain_expired(const struct story *story)
{
    return refused_somehow(story) && of_client(story)->chain_expired;
}
static bool client_chain_not_yet_valid(const struct story *story)
{
    return refused_somehow(story) && of_client(story)->chain_not_yet_valid;
}
static bool client_expired_clock(const struct story *story)
{
    return expired_said(story) && of_client(story)->seen;
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
/* Its CertificateVerify is signed by what the server asked for (RFC 8446 section 4.4.3; RFC 5246
 * section 7.4.8). */
static bool client_key_unasked(const struct story *story)
{
    return (refused_somehow(story) || story_said(story, ROLE_SERVER, ALERT_ILLEGAL_PARAMETER)) &&
           of_client(story)->seen &&
           !schemes_allow_key(&story->request.schemes, &of_client(story)->signing_key,
                              story->facts->version);
}
/* A client that has no such key sends no certificate. */
static bool client_missing_one_kind(const struct story *story)
{
    return (client_required(story) || client_missing(story)) &&
           schemes_of_one_kind(&story->request.schemes);
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
           alert_is_about_certificates(story->alert.description);
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

#define MUTUAL                                                                                     \
    "RFC 8446 sections 4.4.2.4 and 6.2; RFC 9846 sections 4.5.1.3 and 6.2; RFC 5246 section 7.4.6"

#define DOUBTED                                                                                    \
    "A guess by size: a close_notify or an answer of two bytes looks the same, and then all went " \
    "well. Keys would show which it is."
const struct cause causes_client[] = {
    {
        .row = { "client-certificate-missing", CONFIDENCE_CERTAIN,
                 "The client sent no certificate and the server requires one: {alert}; it takes "
                 "keys "
                 "of one kind only ({request.schemes}), of which the client may have none." },
        .holds = client_missing_one_kind,
        .why = "The alert answers that none was sent, and the server's request is in the capture; "
               "what the client has is not.",
        .references = MUTUAL,
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
        .why =
            "Inferred from the sizes of encrypted records: the client's flight begins with what "
            "is as long as an empty Certificate, and the server answers with nothing but a record "
            "as long as an alert, and closes. A close_notify or an answer of two bytes looks "
            "the same; keys would show which it is.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-missing", CONFIDENCE_POSSIBLE,
                 "The client sent no certificate, and it may be that the server requires one: all "
                 "that it sent then is encrypted and as long as an alert, or two." },
        .holds = client_missing_perhaps,
        .why = DOUBTED,
        .references = MUTUAL,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_CERTAIN,
                 "The client's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = client_expired_said,
        .why = "The certificate and the alert {alert} both say so; {judged}.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-not-yet-valid", CONFIDENCE_CERTAIN,
                 "The client's certificate ({cert.subject}) is not valid before "
                 "{cert.not_before}." },
        .holds = client_not_yet_valid_said,
        .why =
            "The certificate says so and {judged}; the alert {alert} stands for every certificate "
            "that is not valid now.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_LIKELY,
                 "The client's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = client_expired,
        .why =
            "The certificate says so and {judged}; the server's {alert} alone does not tell why.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-not-yet-valid", CONFIDENCE_LIKELY,
                 "The client's certificate ({cert.subject}) is not valid before "
                 "{cert.not_before}." },
        .holds = client_not_yet_valid,
        .why =
            "The certificate says so and {judged}; the server's {alert} alone does not tell why.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_LIKELY,
                 "A certificate above the client's own ({chain.subject}) expired on "
                 "{chain.not_after}." },
        .holds = client_chain_expired,
        .why = "The certificate is in the capture, and {judged}; that it is why the server said "
               "{alert} is a guess.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-not-yet-valid", CONFIDENCE_LIKELY,
                 "A certificate above the client's own ({chain.subject}) is not valid before "
                 "{chain.not_before}." },
        .holds = client_chain_not_yet_valid,
        .why = "The certificate is in the capture, and {judged}; that it is why the server said "
               "{alert} is a guess.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_LIKELY,
                 "The server holds the client's certificate for expired or not yet valid, but it "
                 "is valid from {cert.not_before} until {cert.not_after}: the server's clock may "
                 "be wrong, or its own copy of a certificate above has expired." },
        .holds = client_expired_clock,
        .why = "The alert {alert} is evidence, the certificate contradicts it: {judged}.",
        .references = PERIOD,
    },
    {
        .row = { "client-certificate-expired", CONFIDENCE_CERTAIN,
                 "The server says that the client's certificate, or one above it, has expired or "
                 "is not yet valid." },
        .holds = expired_said,
        .why = "The alert {alert} says so, which means both.",
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
        .row = { "client-certificate-unsuitable", CONFIDENCE_LIKELY,
                 "The client's certificate has a key ({cert.key}) that can sign by none of the "
                 "signature algorithms that the server asks for: {request.schemes}." },
        .holds = client_key_unasked,
        .why = "The request and the certificate are in the capture, and {alert} answers it.",
        .references = "RFC 8446 sections 4.3.2 and 4.4.2.3; RFC 9846 sections 4.4.2 and 4.5.1.2; "
                      "RFC 5246 sections 7.4.4 and 7.4.6",
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
               "one with a certificate, and the server answers with nothing but what is as long as "
               "alerts, and closes. A close_notify, an answer of two "
               "bytes, or an alert about something damaged on the way looks the same; keys would "
               "show which it is.",
        .references = MUTUAL,
    },
    {
        .row = { "client-certificate-refused", CONFIDENCE_POSSIBLE,
                 "The client sent a certificate, and it may be that the server refused it: all "
                 "that it sent then is encrypted and as long as an alert, or two." },
        .holds = client_refused_perhaps,
        .why = DOUBTED,
        .references = MUTUAL,
        .outcome = OUTCOME_UNUSED,
    },
    { .holds = NULL },
};
