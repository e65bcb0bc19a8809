/* The requirements that expectations rest on: our own ids, one sentence each, and where it stands.
 * Sections were looked up in the texts themselves; RFC 9846 (TLS 1.3 anew) numbers differently
 * from RFC 8446. Adding a row here and naming it in oracle.c is the whole change. */
#include "matrix/oracle.h"

#include <string.h>

/* clang-format off */
const struct requirement requirements[] = {
    { "version.highest-common",
      "The negotiated version is the highest that both ends allow.",
      "RFC 8446 sections 4.1.3, 4.2.1, D.1 and D.2; RFC 9846 sections 4.2.3, 4.3.1, E.1 and E.2; "
      "RFC 5246 section 7.4.1.3 and E.1" },
    { "version.none-common",
      "Without a common version the server refuses the ClientHello with protocol_version.",
      "RFC 8446 sections 4.2.1, 6.2 and D.2; RFC 9846 sections 4.3.1, 6.2 and E.2; "
      "RFC 5246 section 7.2.2 and E.1" },
    { "version.older-server",
      "A server that ignores supported_versions answers a newer client with its own highest "
      "version, and the client refuses that with protocol_version.",
      "RFC 5246 E.1; RFC 8446 D.1; RFC 9846 E.1" },
    { "suite.both-offer",
      "The negotiated suite is one that both ends offer and that fits version, key and "
      "authentication.",
      "RFC 8446 sections 4.1.1 and 4.1.3; RFC 9846 sections 4.2.1 and 4.2.3; RFC 5246 sections "
      "7.4.1.3 and 7.4.2" },
    { "suite.none-common",
      "Without a common suite the server refuses with handshake_failure or insufficient_security.",
      "RFC 8446 section 4.1.1; RFC 9846 section 4.2.1; RFC 5246 sections 7.2.2 and 7.4.1.3" },
    { "group.both-offer",
      "The negotiated group is one that both ends offer.",
      "RFC 8446 sections 4.1.1, 4.2.7 and 4.2.8; RFC 9846 sections 4.2.1, 4.3.7 and 4.3.8; "
      "RFC 4492 sections 4 and 5.1; RFC 7919 section 4" },
    { "group.server-choice",
      "A TLS <= 1.2 server may take a DHE group of its own where not both ends know the named ones.",
      "RFC 7919 sections 3 and 4; RFC 5246 section 7.4.3" },
    { "group.none-common",
      "Without a common group the TLS 1.3 server refuses with handshake_failure or "
      "insufficient_security.",
      "RFC 8446 section 4.1.1; RFC 9846 section 4.2.1" },
    { "group.none-common-ecdhe",
      "Without a common curve a TLS <= 1.2 server cannot choose an ECC suite, and refuses with "
      "handshake_failure.",
      "RFC 4492 sections 4 and 5.1; RFC 5246 section 7.4.1.3" },
    { "certificate.required-by-suite",
      "The server sends a certificate whose key fits, unless the suite or a PSK does without.",
      "RFC 8446 sections 4.1.1 and 4.4.2.2; RFC 9846 sections 4.2.1 and 4.5.1.2; RFC 5246 section "
      "7.4.2; RFC 4492 section 5.3" },
    { "certificate.verified",
      "An end that demands a certificate accepts only one that its own verification passes.",
      "RFC 8446 section 4.4.2.4; RFC 9846 section 4.5.1.3; RFC 5246 sections 7.4.2 and 7.4.6" },
    { "signature-scheme.fits-key",
      "The server signs with a scheme that fits its key and the version.",
      "RFC 8446 sections 4.2.3 and 4.4.3; RFC 9846 sections 4.3.3 and 4.5.2; RFC 5246 sections "
      "7.4.1.4.1 and 7.4.3" },
    { "client-certificate.sent",
      "A client that has a fitting certificate sends it when asked, and the server sees that one.",
      "RFC 8446 sections 4.3.2 and 4.4.2.3; RFC 9846 sections 4.4.2 and 4.5.1.2; RFC 5246 sections "
      "7.4.4 and 7.4.6" },
    { "client-certificate.missing",
      "A server that demands a certificate refuses a client without: certificate_required in TLS "
      "1.3, handshake_failure before.",
      "RFC 8446 sections 4.4.2.4 and 6.2; RFC 9846 sections 4.5.1.3 and 6.2; RFC 5246 section "
      "7.4.6; RFC 4492 section 3" },
    { "client-certificate.optional",
      "A server that only asks for a certificate continues with a client that sends none.",
      "RFC 8446 section 4.4.2.4; RFC 9846 section 4.5.1.3; RFC 5246 section 7.4.6" },
    { "psk.external",
      "Both ends of an external PSK authenticate by it; no certificate is needed (TLS 1.3: psk_dhe_ke).",
      "RFC 8446 sections 4.1.1, 4.2.9 and 4.2.11; RFC 9846 sections 4.2.1, 4.3.9 and 4.3.11" },
    { "psk.wrong-key",
      "A server aborts where the client has another key than its own: the binder does not validate "
      "in TLS 1.3, the client's Finished cannot be read before.",
      "RFC 8446 sections 4.2.11 and 6.2; RFC 9846 sections 4.3.11 and 6.2; RFC 5246 section 7.2.2; "
      "RFC 4279 section 2" },
    { "psk.unknown-identity",
      "A server that knows none of the client's PSK identities and has no certificate either aborts; "
      "it may say so, or answer as if the key were wrong.",
      "RFC 8446 sections 4.1.1 and 6.2; RFC 9846 sections 4.2.1 and 6.2; RFC 4279 section 2" },
    { "srp.wrong-password",
      "A server aborts where the client has another password: its Finished cannot be read.",
      "RFC 5054 section 2.9; RFC 5246 section 7.2.2" },
    { "srp.unknown-user",
      "A server that does not know the user aborts; it may say so, or answer as if the password were "
      "wrong.",
      "RFC 5054 sections 2.5.1.3 and 2.9" },
    { "exporter.equal",
      "Both ends derive the same exporter value.",
      "RFC 8446 section 7.5 (and RFC 5705, which it carries on); RFC 9846 section 7.5" },
    { "application-data.whole",
      "Every application byte sent is received, once, after the handshake only.",
      "RFC 8446 sections 2, 4.4.4 and 5; RFC 9846 sections 2, 4.5.3 and 5; RFC 5246 sections 7.4.9 "
      "and 10" },
    { "close-notify",
      "Each end sends close_notify before it closes, so that truncation shows.",
      "RFC 8446 section 6.1; RFC 9846 section 6.1; RFC 5246 section 7.2.1" },
    { "alert.sent",
      "An end that refuses says why with a fatal alert.",
      "RFC 8446 section 6.2; RFC 9846 section 6.2; RFC 5246 section 7.2.2" },
    { "pin.before-data",
      "A certificate that does not match the pin is refused after the handshake and before any "
      "application byte.",
      "ours; the handshake that must come first: RFC 8446 section 4.4.4; RFC 9846 section 4.5.3; "
      "RFC 5246 section 7.4.9" },
    { "pin.match",
      "A certificate that matches the pin is accepted.",
      "ours" },
    { "tofu.first",
      "The first certificate is accepted, and its hash stored.",
      "ours" },
    { "tofu.known",
      "The stored certificate is accepted, and the store left as it is.",
      "ours" },
    { "tofu.changed",
      "Another certificate than the stored one is refused before any application byte, and the "
      "store left as it is.",
      "ours" },
};
/* clang-format on */

const size_t num_requirements = sizeof requirements / sizeof requirements[0];

const struct requirement *requirement_by_id(const char *id)
{
    for (size_t i = 0; i < num_requirements; i++)
        if (strcmp(requirements[i].id, id) == 0)
            return &requirements[i];
    return NULL;
}
