/* Theories about certificates: which fit a recording. */
#include "matrix/reproduce/trust_recipes.h"

static bool about_server(const struct recording *recording)
{
    return gave_up(recording, ROLE_CLIENT) &&
           (cause_begins(recording, "server-certificate-") ||
            (cause_is(recording, "refused-after-handshake") && seen(recording, ROLE_SERVER)));
}

static bool about_client(const struct recording *recording)
{
    return gave_up(recording, ROLE_SERVER) && cause_begins(recording, "client-certificate-") &&
           !cause_is(recording, "client-certificate-missing");
}

static bool has_visible_fault(const struct recording *recording, enum role role)
{
    const struct certificate_view *view = &recording->story.certificate[role];
    return view->expired || view->not_yet_valid || view->chain_expired ||
           view->chain_not_yet_valid || view->weak || view->wrong_purpose ||
           (role == ROLE_SERVER && !view->name_matches);
}

/* So the alert says. */
static bool server_revoked(const struct recording *recording)
{
    return about_server(recording) && said(recording, ALERT_CERTIFICATE_REVOKED);
}

static bool client_revoked(const struct recording *recording)
{
    return about_client(recording) && said(recording, ALERT_CERTIFICATE_REVOKED);
}

/* Refused without a word, when the handshake was done: by a program that looks for itself. */
static bool server_late(const struct recording *recording)
{
    return about_server(recording) && seen(recording, ROLE_SERVER) &&
           has_visible_fault(recording, ROLE_SERVER) && recording->story.stage == REACHED_DATA &&
           !recording->story.alert.seen;
}

static bool server_as_seen(const struct recording *recording)
{
    return !server_late(recording) && about_server(recording) && !server_revoked(recording) &&
           seen(recording, ROLE_SERVER) &&
           (has_visible_fault(recording, ROLE_SERVER) ||
            said(recording, ALERT_CERTIFICATE_EXPIRED)) &&
           !said(recording, ALERT_UNKNOWN_CA);
}

static bool server_without_anchor(const struct recording *recording)
{
    return about_server(recording) && !server_revoked(recording) && seen(recording, ROLE_SERVER) &&
           !server_as_seen(recording) && !server_late(recording) &&
           !cause_is(recording, "refused-after-handshake");
}

static bool client_as_seen(const struct recording *recording)
{
    return about_client(recording) && !client_revoked(recording) && seen(recording, ROLE_CLIENT) &&
           (has_visible_fault(recording, ROLE_CLIENT) ||
            said(recording, ALERT_CERTIFICATE_EXPIRED)) &&
           !said(recording, ALERT_UNKNOWN_CA);
}

static bool client_without_anchor(const struct recording *recording)
{
    return about_client(recording) && !client_revoked(recording) && seen(recording, ROLE_CLIENT) &&
           !client_as_seen(recording);
}

/* What a certificate that nobody saw may have had: what the alert says, or anything. */
static bool may_be(const struct recording *recording, bool named, uint8_t description)
{
    static const uint8_t telling[] = { ALERT_CERTIFICATE_EXPIRED, ALERT_UNKNOWN_CA,
                                       ALERT_CERTIFICATE_REVOKED };
    for (size_t i = 0; i < sizeof telling; i++)
        if (said(recording, telling[i]))
            return telling[i] == description;
    return named;
}

static bool unseen_expired(const struct recording *recording)
{
    return about_server(recording) && !seen(recording, ROLE_SERVER) &&
           may_be(recording, true, ALERT_CERTIFICATE_EXPIRED);
}

static bool unseen_unknown_ca(const struct recording *recording)
{
    return about_server(recording) && !seen(recording, ROLE_SERVER) &&
           may_be(recording, true, ALERT_UNKNOWN_CA);
}

static bool unseen_wrong_name(const struct recording *recording)
{
    return about_server(recording) && !seen(recording, ROLE_SERVER) &&
           recording->story.offer.server_name[0] != '\0' && may_be(recording, true, 0);
}

static bool unseen_client_expired(const struct recording *recording)
{
    return about_client(recording) && !seen(recording, ROLE_CLIENT) &&
           may_be(recording, true, ALERT_CERTIFICATE_EXPIRED);
}

static bool unseen_client_unknown_ca(const struct recording *recording)
{
    return about_client(recording) && !seen(recording, ROLE_CLIENT) &&
           may_be(recording, true, ALERT_UNKNOWN_CA);
}

static bool none_sent(const struct recording *recording)
{
    return cause_is(recording, "client-certificate-missing") && gave_up(recording, ROLE_SERVER);
}

/* A proof by another key than the certificate's. */
static bool server_proof(const struct recording *recording)
{
    return cause_is(recording, "proof-failed") && gave_up(recording, ROLE_CLIENT);
}

static bool pinned(const struct recording *recording)
{
    return cause_is(recording, "refused-after-handshake") && gave_up(recording, ROLE_CLIENT) &&
           !(seen(recording, ROLE_SERVER) && has_visible_fault(recording, ROLE_SERVER));
}

#define SERVER_CERTIFICATE ROLE_CLIENT, PARTNER_STACK
#define CLIENT_CERTIFICATE ROLE_SERVER, PARTNER_STACK

const struct theory theories_trust[] = {
    { "server-revoked", "the client has a CRL by which the server's certificate is revoked",
      SERVER_CERTIFICATE, server_revoked, make_revoked },
    { "client-revoked", "the server has a CRL by which the client's certificate is revoked",
      CLIENT_CERTIFICATE, client_revoked, make_revoked },
    { "server-certificate",
      "the client knows the anchor of the server's chain, and verifies it at "
      "the capture's time for the name that it asked for",
      SERVER_CERTIFICATE, server_as_seen, make_as_seen },
    { "server-certificate-late",
      "the client knows the anchor of the server's chain, and verifies it only when the handshake "
      "is done, at the capture's time for the name that it asked for",
      SERVER_CERTIFICATE, server_late, make_late },
    { "server-unknown-ca", "the client knows none of the CAs in the capture", SERVER_CERTIFICATE,
      server_without_anchor, make_without_anchor },
    { "server-expired", "the client is shown a certificate that ended the day before",
      SERVER_CERTIFICATE, unseen_expired, make_unseen_expired },
    { "server-unseen-ca", "the client is shown a certificate of a CA that it does not know",
      SERVER_CERTIFICATE, unseen_unknown_ca, make_unseen_unknown_ca },
    { "server-wrong-name", "the client is shown a certificate for another name", SERVER_CERTIFICATE,
      unseen_wrong_name, make_unseen_wrong_name },
    { "server-proof", "the client is shown a certificate by somebody who has another key",
      SERVER_CERTIFICATE, server_proof, make_proof },
    { "pin", "the client pins another certificate than the server's", SERVER_CERTIFICATE, pinned,
      make_pin },
    { "client-missing", "the server demands a certificate, and the client has none",
      CLIENT_CERTIFICATE, none_sent, make_none_sent },
    { "client-certificate",
      "the server knows the anchor of the client's chain, and verifies it at "
      "the capture's time",
      CLIENT_CERTIFICATE, client_as_seen, make_as_seen },
    { "client-unknown-ca", "the server knows none of the CAs in the capture", CLIENT_CERTIFICATE,
      client_without_anchor, make_without_anchor },
    { "client-expired", "the server is shown a certificate that ended the day before",
      CLIENT_CERTIFICATE, unseen_client_expired, make_unseen_expired },
    { "client-unseen-ca", "the server is shown a certificate of a CA that it does not know",
      CLIENT_CERTIFICATE, unseen_client_unknown_ca, make_unseen_unknown_ca },
    { 0 },
};
