/* Causes that lie in the server's certificate: the client did not believe it. */
#include "captures/explain_causes_trust.h"
#include "captures/explain_schemes.h"

#include <string.h>

/* The client refuses the server's certificate: by a fitting alert; by an encrypted one in answer to
 * the server's flight; without an alert, by leaving where the certificate may be why. */
static bool client_alerts(const struct story *story)
{
    bool fits = story->alert.hidden ? story->stage == REACHED_SERVER_FLIGHT
                                    : alert_is_about_certificates(story->alert.description);
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

/* Behind a server's flight that nobody could read, without what looks like an alert. */
static bool client_leaves_unread(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return client_leaves(story) && story->tls13 && !story->certificate[ROLE_SERVER].seen &&
           story->stage == REACHED_SERVER_FLIGHT && facts->closed_how != WIRE_CLOSE_RST &&
           !facts->end[ROLE_SERVER].record_left && story->opaque[ROLE_SERVER].total > 0 &&
           story->opaque[ROLE_CLIENT].total == 0;
}

static bool client_leaves_seen(const struct story *story)
{
    return client_leaves(story) && story->certificate[ROLE_SERVER].seen &&
           story->stage == REACHED_SERVER_FLIGHT && story->facts->closed_how != WIRE_CLOSE_RST &&
           !story->facts->end[ROLE_SERVER].record_left;
}

static bool client_refuses(const struct story *story)
{
    return client_alerts(story) || client_leaves(story);
}

static const struct certificate_view *of_server(const struct story *story)
{
    return &story->certificate[ROLE_SERVER];
}

static bool server_expired_said(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_EXPIRED) && of_server(story)->expired;
}
static bool server_not_yet_valid_said(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_EXPIRED) &&
           of_server(story)->not_yet_valid;
}
static bool server_chain_expired(const struct story *story)
{
    return client_refuses(story) && of_server(story)->chain_expired && !of_server(story)->expired &&
           !of_server(story)->not_yet_valid && !story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA);
}
static bool server_chain_not_yet_valid(const struct story *story)
{
    return client_refuses(story) && of_server(story)->chain_not_yet_valid &&
           !of_server(story)->expired && !of_server(story)->not_yet_valid &&
           !story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA);
}
static bool server_expired_clock(const struct story *story)
{
    return story_said(story, ROLE_CLIENT, ALERT_CERTIFICATE_EXPIRED) && of_server(story)->seen;
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
/* A certificate that is verified is signed by what the client named for certificates, else for all
 * (RFC 8446 section 4.2.3). */
static bool chain_unoffered(const struct story *story)
{
    const struct offer *offer = &story->offer;
    const struct id_list *schemes =
        offer->certificate_schemes.total > 0 ? &offer->certificate_schemes : &offer->schemes;
    for (size_t i = 0; i < STORY_CHAIN_KEPT; i++)
        if (!schemes_allow_signature(schemes, of_server(story)->signed_by[i]))
            return true;
    return false;
}
static bool server_signature_unoffered(const struct story *story)
{
    return client_alerts(story) && of_server(story)->seen && chain_unoffered(story) &&
           story->facts->version >= TLS12 && !story_said(story, ROLE_CLIENT, ALERT_UNKNOWN_CA);
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
static bool server_chain_not_yet_valid_later(const struct story *story)
{
    return client_leaves_finished(story) && of_server(story)->chain_not_yet_valid;
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
/* A client that was given an address and no name sends none (RFC 6066 section 3), and wants to find
 * the address in the certificate (RFC 2818 section 3.1). */
static bool lacks_address(const struct story *story)
{
    const struct certificate_view *view = of_server(story);
    const struct tcp_address *server = &story->facts->address[ROLE_SERVER];
    if (story->offer.server_name[0] != '\0' || !view->seen ||
        view->num_addresses > STORY_ADDRESSES_MAX)
        return false;
    for (size_t i = 0; i < view->num_addresses; i++)
        if (memcmp(view->addresses[i].s6_addr, server->ip, sizeof server->ip) == 0)
            return false;
    return true;
}
static bool server_other_address(const struct story *story)
{
    return client_alerts(story) && lacks_address(story);
}
static bool server_other_address_later(const struct story *story)
{
    return client_leaves_finished(story) && lacks_address(story);
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

#define NAMES "RFC 9525 section 6; RFC 2818 section 3.1"

#define LATER                                                                                      \
    "The certificate is in the capture; but the client finished the handshake in spite of it: a "  \
    "probe that verifies nothing leaves so too."

const struct cause causes_server[] = {
    {
        .row = { "server-certificate-expired", CONFIDENCE_CERTAIN,
                 "The server's certificate ({cert.subject}) expired on {cert.not_after}." },
        .holds = server_expired_said,
        .why = "The certificate and the alert {alert} both say so; {judged}.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-not-yet-valid", CONFIDENCE_CERTAIN,
                 "The server's certificate ({cert.subject}) is not valid before "
                 "{cert.not_before}." },
        .holds = server_not_yet_valid_said,
        .why =
            "The certificate says so and {judged}; the alert {alert} stands for every certificate "
            "that is not valid now.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_LIKELY,
                 "A certificate above the server's own ({chain.subject}) expired on "
                 "{chain.not_after}." },
        .holds = server_chain_expired,
        .why = "The certificate is in the capture, and {judged}; that it is why the client said "
               "{alert} is a guess.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-not-yet-valid", CONFIDENCE_LIKELY,
                 "A certificate above the server's own ({chain.subject}) is not valid before "
                 "{chain.not_before}." },
        .holds = server_chain_not_yet_valid,
        .why = "The certificate is in the capture, and {judged}; that it is why the client said "
               "{alert} is a guess.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_LIKELY,
                 "The client holds the server's certificate for expired or not yet valid, but it "
                 "is valid from {cert.not_before} until {cert.not_after}: the client's clock may "
                 "be wrong, or its own copy of a certificate above has expired." },
        .holds = server_expired_clock,
        .why = "The alert {alert} is evidence, the certificate contradicts it: {judged}.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-expired", CONFIDENCE_CERTAIN,
                 "The client says that the server's certificate, or one above it, has expired or "
                 "is not yet valid." },
        .holds = server_expired_unseen,
        .why = "The alert {alert} says so, which means both; the certificate itself {unread}.",
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
        .why =
            "The certificate says so and {judged}; the client left with {alert}, which alone does "
            "not tell why.",
        .references = PERIOD,
    },
    {
        .row = { "server-certificate-not-yet-valid", CONFIDENCE_LIKELY,
                 "The server's certificate ({cert.subject}) is not valid before "
                 "{cert.not_before}." },
        .holds = server_not_yet_valid,
        .why = "The certificate says so and {judged}; the client left with {alert}.",
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
        .row = { "server-certificate-unsuitable", CONFIDENCE_LIKELY,
                 "A certificate of the server's chain is signed by an algorithm that is not among "
                 "those that the client takes." },
        .holds = server_signature_unoffered,
        .why = "The hello and the chain are in the capture; that it is why the client said {alert} "
               "is a guess.",
        .references = "RFC 8446 sections 4.2.3 and 4.4.2.2; RFC 9846 sections 4.3.3 and 4.5.1.2; "
                      "RFC 5246 section 7.4.2",
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
        .row = { "server-certificate-wrong-name", CONFIDENCE_POSSIBLE,
                 "The server's certificate does not carry its address {host}: it names "
                 "{cert.names}. The client sent no name, and perhaps asked for the address." },
        .holds = server_other_address,
        .why = "The certificate is in the capture; which name the client wants to see is not, and "
               "the alert {alert} alone does not tell why it left.",
        .references = NAMES,
    },
    {
        .row = { "server-certificate-refused", CONFIDENCE_POSSIBLE,
                 "The client refuses the server's certificate ({cert.subject}, issued by "
                 "{cert.issuer}). It is in its period, {named} and is not weak: "
                 "an unknown CA or a wrong purpose remain." },
        .holds = server_refused_seen,
        .why = "The alert {alert} does not tell why; what the certificate says was checked: "
               "{judged}.",
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
        .row = { "closed-mid-handshake", CONFIDENCE_POSSIBLE,
                 "The client left behind the server's encrypted flight without an alert, as "
                 "clients do that do not accept the certificate (self-signed, unknown CA, wrong "
                 "name), among others." },
        .holds = client_leaves_unread,
        .why = "That it closed and sent no record as long as an alert is evidence, why is a guess: "
               "behind the ServerHello certificates and alerts are encrypted. A key log (--keys) "
               "would show the certificate.",
        .references = VERIFY,
    },
    {
        .row = { "closed-mid-handshake", CONFIDENCE_POSSIBLE,
                 "The client left behind the server's flight without an alert. The certificate "
                 "({cert.subject}, issued by {cert.issuer}) is in its period, {named} and is not "
                 "weak: an unknown CA or a wrong purpose remain, among others." },
        .holds = client_leaves_seen,
        .why = "That it closed is evidence, why is a guess; what the certificate says was checked: "
               "{judged}.",
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
        .row = { "server-certificate-not-yet-valid", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because a "
                 "certificate above the server's own ({chain.subject}) is not yet valid." },
        .holds = server_chain_not_yet_valid_later,
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
        .row = { "server-certificate-wrong-name", CONFIDENCE_POSSIBLE,
                 "The handshake was completed and the client left without data: perhaps because it "
                 "asked for the address {host}, which the server's certificate does not carry; it "
                 "names {cert.names}." },
        .holds = server_other_address_later,
        .why = LATER,
        .references = NAMES,
        .outcome = OUTCOME_UNUSED,
    },
    { .holds = NULL },
};
