/* What fails by certificates, and by proofs of keys. */
#include "stories.h"

#include <string.h>

/* IPv4-mapped, of the addresses for documentation (RFC 5737). */
#define ADDRESS_192_0_2(last)                                                                      \
    {                                                                                              \
        [10] = 0xFF, [11] = 0xFF, [12] = 192, [13] = 0, [14] = 2, [15] = last                      \
    }

static void server_seen(struct made *made)
{
    certificate(made, ROLE_SERVER);
}
static void server_chain_expired(struct made *made)
{
    certificate(made, ROLE_SERVER)->chain_expired = true;
}
static void server_too_new(struct made *made)
{
    certificate(made, ROLE_SERVER)->not_yet_valid = true;
}
static void server_chain_too_new(struct made *made)
{
    certificate(made, ROLE_SERVER)->chain_not_yet_valid = true;
}
static void no_name(struct made *made)
{
    made->story.offer.server_name[0] = '\0';
    made->facts.address[ROLE_SERVER] = (struct tcp_address){ ADDRESS_192_0_2(7), 443 };
}
static void server_elsewhere(struct made *made)
{
    struct certificate_view *view = certificate(made, ROLE_SERVER);
    no_name(made);
    view->addresses[view->num_addresses++] = (struct in6_addr){ { ADDRESS_192_0_2(8) } };
}
/* What the server's address is has no part in it where a name was asked for. */
static void server_elsewhere_named(struct made *made)
{
    server_elsewhere(made);
    strcpy(made->story.offer.server_name, "name.example");
}
static void server_here(struct made *made)
{
    server_elsewhere(made);
    struct certificate_view *view = &made->story.certificate[ROLE_SERVER];
    view->addresses[view->num_addresses++] = (struct in6_addr){ { ADDRESS_192_0_2(7) } };
}
static void server_weak(struct made *made)
{
    certificate(made, ROLE_SERVER)->weak = true;
}
static void server_purpose(struct made *made)
{
    certificate(made, ROLE_SERVER)->wrong_purpose = true;
}
static void server_sealed(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
}
static void client_seen(struct made *made)
{
    certificate(made, ROLE_CLIENT);
}
static void client_expired(struct made *made)
{
    certificate(made, ROLE_CLIENT)->expired = true;
}
/* ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256; a certificate above is signed by rsa_pkcs1_sha512.
 */
static void server_signed_otherwise(struct made *made)
{
    ids(&made->story.offer.schemes, 2, (const uint16_t[]){ 0x0403, 0x0804 });
    certificate(made, ROLE_SERVER)->signed_by[1] = 0x0601;
}
static void server_signed_as_allowed(struct made *made)
{
    server_signed_otherwise(made);
    ids(&made->story.offer.certificate_schemes, 1, (const uint16_t[]){ 0x0601 });
}
static void server_signed_by_pss(struct made *made)
{
    server_signed_otherwise(made);
    ids(&made->story.offer.schemes, 1, (const uint16_t[]){ 0x0809 });
    made->story.certificate[ROLE_SERVER].signed_by[1] = 0x0804;
}
static void request(struct made *made, uint16_t first, uint16_t second)
{
    made->story.request.seen = true;
    ids(&made->story.request.schemes, 2, (const uint16_t[]){ first, second });
}
static void client_key_unasked(struct made *made)
{
    certificate(made, ROLE_CLIENT)->signing_key.kind = KEY_ED25519;
    request(made, 0x0403, 0x0804);
}
static void client_key_asked(struct made *made)
{
    client_key_unasked(made);
    request(made, 0x0403, 0x0807);
}
static void client_empty_one_kind(struct made *made)
{
    client_empty(made);
    request(made, 0x0403, 0x0503);
}
static void client_empty_two_kinds(struct made *made)
{
    client_empty(made);
    request(made, 0x0403, 0x0804);
}
static void client_too_new(struct made *made)
{
    certificate(made, ROLE_CLIENT)->not_yet_valid = true;
}
static void client_chain_expired(struct made *made)
{
    certificate(made, ROLE_CLIENT)->chain_expired = true;
}
static void client_chain_too_new(struct made *made)
{
    certificate(made, ROLE_CLIENT)->chain_not_yet_valid = true;
}
static void client_weak(struct made *made)
{
    certificate(made, ROLE_CLIENT)->weak = true;
}
static void client_purpose(struct made *made)
{
    certificate(made, ROLE_CLIENT)->wrong_purpose = true;
}
static void server_purpose_misnamed(struct made *made)
{
    certificate(made, ROLE_SERVER)->wrong_purpose = true;
    certificate(made, ROLE_SERVER)->name_matches = false;
}
static void with_key(struct made *made)
{
    made->story.offer.shared_key = true;
}
static void psk_suite(struct made *made)
{
    made->facts.suite = 0x00A8; /* TLS_PSK_WITH_AES_128_GCM_SHA256 */
}

const struct row stories_trust[] = {
    { "server-certificate-expired", "CN=leaf", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0,
      server_expired },
    { "server-certificate-expired", "above the server's own", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0,
      server_chain_expired },
    { "server-certificate-expired", "clock", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0, server_seen },
    { "server-certificate-expired", "client says", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0, NULL },
    { "server-certificate-expired", "CN=leaf", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_expired },
    { "server-certificate-expired", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_expired },
    { "server-certificate-expired", "perhaps because a ", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_chain_expired },
    { "server-certificate-not-yet-valid", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_too_new },
    { "server-certificate-wrong-name", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_misnamed },
    { "server-certificate-unknown-ca", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_self_signed },
    { "server-certificate-not-yet-valid", "perhaps because a ", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_chain_too_new },
    { "server-certificate-not-yet-valid", "CN=leaf", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0,
      server_too_new },
    { "server-certificate-not-yet-valid", "above the server's own", SERVER_FLIGHT, ROLE_CLIENT, 45,
      0, 0, server_chain_too_new },
    { "server-certificate-not-yet-valid", "above the server's own", SERVER_FLIGHT, ROLE_CLIENT, 42,
      0, 0, server_chain_too_new },
    { "server-certificate-unknown-ca", "issued by", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      server_chain_too_new },
    { "server-certificate-wrong-name", "192.0.2.7", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_elsewhere },
    { "server-certificate-wrong-name", "perhaps because it asked", FINISHED, NOBODY, 0,
      WIRE_CLOSE_FIN, ROLE_CLIENT, server_elsewhere },
    { "server-certificate-unsuitable", "signed by", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_signed_otherwise },
    { "server-certificate-refused", "in its period", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_signed_as_allowed },
    { "server-certificate-refused", "in its period", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_signed_by_pss },
    { "server-certificate-unknown-ca", "issued by", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      server_signed_otherwise },
    { "server-certificate-refused", "the name asked for", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_elsewhere_named },
    { "server-certificate-refused", "the server's address", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_here },
    { "server-certificate-revoked", "", SERVER_FLIGHT, ROLE_CLIENT, 44, 0, 0, NULL },
    { "server-certificate-not-yet-valid", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_too_new },
    { "server-certificate-wrong-name", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0, server_misnamed },
    { "server-certificate-weak", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0, server_weak },
    { "server-certificate-wrong-purpose", "", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_purpose },
    { "server-certificate-wrong-purpose", "", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_purpose_misnamed },
    { "server-certificate-wrong-name", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_purpose_misnamed },
    { "server-certificate-status", "", SERVER_FLIGHT, ROLE_CLIENT, 113, 0, 0, server_seen },
    { "server-certificate-unknown-ca", "self-signed", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      server_self_signed },
    { "server-certificate-unknown-ca", "may not know", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_self_signed },
    { "server-certificate-unknown-ca", "issued by", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      server_seen },
    { "server-certificate-unknown-ca", "does not know the CA", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      NULL },
    { "server-certificate-refused", "in its period", SERVER_FLIGHT, ROLE_CLIENT, 46, 0, 0,
      server_seen },
    { "server-certificate-refused", "among others", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0, NULL },
    { "server-certificate-refused", "encrypted alert", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, client_sealed_alert },
    { "server-certificate-refused", "encrypted alert", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, padded_alert },
    { "closed-mid-handshake", "issued by", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_seen },
    { "cut-by-reset", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST, ROLE_CLIENT, server_seen },
    { "closed-mid-handshake", "self-signed", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_sealed },
    { "client-certificate-missing", "certificate_required", FINISHED, ROLE_SERVER, 116, 0, 0,
      NULL },
    { "client-certificate-missing", "handshake_failure", CLIENT_FLIGHT, ROLE_SERVER, 40, 0, 0,
      client_empty },
    { "client-certificate-missing", "one: an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, empty_asked_alert },
    { "client-certificate-missing", "one: an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST,
      ROLE_SERVER, empty_then_alert },
    { "client-certificate-missing", "one: an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST,
      ROLE_SERVER, empty_sent_left },
    { "client-certificate-missing", "one: an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, padded_empty_asked },
    { "client-certificate-missing", "one: an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, server_padded_refuses },
    { "client-certificate-missing", "may be", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      empty_then_alert },
    { "client-certificate-missing", "one kind", CLIENT_FLIGHT, ROLE_SERVER, 40, 0, 0,
      client_empty_one_kind },
    { "client-certificate-missing", "requires one: handshake_failure.", CLIENT_FLIGHT, ROLE_SERVER,
      40, 0, 0, client_empty_two_kinds },
    { "client-certificate-unsuitable", "ecdsa_secp256r1", CLIENT_FLIGHT, ROLE_SERVER, 47, 0, 0,
      client_key_unasked },
    { "client-certificate-unsuitable", "ecdsa_secp256r1", CLIENT_FLIGHT, ROLE_SERVER, 43, 0, 0,
      client_key_unasked },
    { "client-certificate-refused", "unsupported_certificate", CLIENT_FLIGHT, ROLE_SERVER, 43, 0, 0,
      client_key_asked },
    { "client-certificate-expired", "CN=leaf", CLIENT_FLIGHT, ROLE_SERVER, 42, 0, 0,
      client_expired },
    { "client-certificate-expired", "CN=leaf", CLIENT_FLIGHT, ROLE_SERVER, 45, 0, 0,
      client_expired },
    { "client-certificate-expired", "above the client's own", CLIENT_FLIGHT, ROLE_SERVER, 45, 0, 0,
      client_chain_expired },
    { "client-certificate-expired", "clock", CLIENT_FLIGHT, ROLE_SERVER, 45, 0, 0, client_seen },
    { "client-certificate-not-yet-valid", "CN=leaf", CLIENT_FLIGHT, ROLE_SERVER, 45, 0, 0,
      client_too_new },
    { "client-certificate-not-yet-valid", "CN=leaf", CLIENT_FLIGHT, ROLE_SERVER, 46, 0, 0,
      client_too_new },
    { "client-certificate-not-yet-valid", "above the client's own", CLIENT_FLIGHT, ROLE_SERVER, 45,
      0, 0, client_chain_too_new },
    { "client-certificate-unknown-ca", "issued by", CLIENT_FLIGHT, ROLE_SERVER, 48, 0, 0,
      client_too_new },
    { "client-certificate-expired", "server says", CLIENT_FLIGHT, ROLE_SERVER, 45, 0, 0, NULL },
    { "client-certificate-revoked", "", CLIENT_FLIGHT, ROLE_SERVER, 44, 0, 0, NULL },
    { "client-certificate-unknown-ca", "issued by", CLIENT_FLIGHT, ROLE_SERVER, 48, 0, 0,
      client_seen },
    { "client-certificate-unknown-ca", "", CLIENT_FLIGHT, ROLE_SERVER, 48, 0, 0, NULL },
    { "client-certificate-weak", "", CLIENT_FLIGHT, ROLE_SERVER, 42, 0, 0, client_weak },
    { "client-certificate-wrong-purpose", "", CLIENT_FLIGHT, ROLE_SERVER, 43, 0, 0,
      client_purpose },
    { "client-certificate-refused", "certificate_unknown", CLIENT_FLIGHT, ROLE_SERVER, 46, 0, 0,
      client_seen },
    { "client-certificate-refused", "with an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, chain_asked_alert },
    { "client-certificate-refused", "with an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST,
      ROLE_SERVER, chain_asked_alerts },
    { "client-certificate-refused", "with an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, chain_alerts_crossing },
    { "client-certificate-refused", "with an encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, chain_alerts_crossing },
    { "client-certificate-refused", "may be", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      chain_then_alerts },
    { "client-certificate-refused", "may be", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      chain_then_alert },
    { "shared-key-refused", "", HELLO, ROLE_SERVER, 40, 0, 0, with_key },
    { "identity-unknown", "", HELLO, ROLE_SERVER, 115, 0, 0, with_key },
    { "shared-key-wrong", "", HELLO, ROLE_SERVER, 51, 0, 0, with_key },
    { "shared-key-wrong", "", CLIENT_FLIGHT, ROLE_SERVER, 20, 0, 0, psk_suite },
    { "proof-failed", "", SERVER_FLIGHT, ROLE_CLIENT, 51, 0, 0, NULL },
    { "record-damaged", "", USED, ROLE_SERVER, 20, 0, 0, NULL },
    { .far = END },
};
