/* The table of identity faults. RFC 8446 section 6.2 and RFC 5246 section 7.2.2 say what each alert
 * is for; a row allows those whose words fit it, and no others. */
#include "harness/pki/identities.h"
#include "harness/pki/forgeries.h"

#include <string.h>

#define KIND(name) (1u << CREDENTIAL_##name)
#define RSA_KINDS  (KIND(RSA2048) | KIND(RSA3072) | KIND(RSA4096))
#define EDDSA      (KIND(ED25519) | KIND(ED448))
#define ALL_KINDS  (((1u << NUM_CREDENTIALS) - 1) & ~KIND(NONE))

#define COUNT(...)  (sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define ALERTS(...) .alerts = { __VA_ARGS__ }, .num_alerts = COUNT(__VA_ARGS__)

/* What stands in most rows. */
#define GENUINE_TWIN  .twin = "genuine", .credentials = ALL_KINDS
#define ACCEPTED      .accepted = true, .twin = "genuine", .credentials = ALL_KINDS
#define PROBLEM(name) .problem = VERIFY_PROBLEM_##name

/* "The CA certificate could not be located or could not be matched with a known trust anchor";
 * where no acceptable chain can be constructed, RFC 8446 section 4.4.2.2 has a default too. */
#define ALERTS_TRUST ALERTS(ALERT_UNKNOWN_CA, ALERT_UNSUPPORTED_CERTIFICATE)
/* "Contained signatures that did not verify correctly"; "being unable to correctly verify a
 * signature"; and the anchor that was found does not match. */
#define ALERTS_SIGNATURE                                                                           \
    ALERTS(ALERT_BAD_CERTIFICATE, ALERT_DECRYPT_ERROR, ALERT_UNKNOWN_CA,                           \
           ALERT_UNSUPPORTED_CERTIFICATE)
/* No alert is for names: "some other (unspecified) issue", or "corrupt …, etc."; or "a valid
 * certificate", "but when access control was applied, the sender decided not to proceed". */
#define ALERTS_NAME ALERTS(ALERT_BAD_CERTIFICATE, ALERT_CERTIFICATE_UNKNOWN, ALERT_ACCESS_DENIED)
/* "Has expired or is not currently valid". */
#define ALERTS_TIME ALERTS(ALERT_CERTIFICATE_EXPIRED)
/* No acceptable chain: none is specific. */
#define ALERTS_CHAIN                                                                               \
    ALERTS(ALERT_BAD_CERTIFICATE, ALERT_UNSUPPORTED_CERTIFICATE, ALERT_CERTIFICATE_UNKNOWN,        \
           ALERT_UNKNOWN_CA)
/* A certificate for something else, or in a form that the verifier does not take. */
#define ALERTS_USAGE                                                                               \
    ALERTS(ALERT_UNSUPPORTED_CERTIFICATE, ALERT_BAD_CERTIFICATE, ALERT_CERTIFICATE_UNKNOWN)
/* More than the verifier takes: no fault of the peer's, and of no specific kind. */
#define ALERTS_LIMIT                                                                               \
    ALERTS(ALERT_BAD_CERTIFICATE, ALERT_UNSUPPORTED_CERTIFICATE, ALERT_CERTIFICATE_UNKNOWN,        \
           ALERT_UNKNOWN_CA, ALERT_ILLEGAL_PARAMETER, ALERT_INTERNAL_ERROR)
#define ALERTS_REVOKED ALERTS(ALERT_CERTIFICATE_REVOKED)
#define ALERTS_STATUS  ALERTS(ALERT_BAD_CERTIFICATE_STATUS_RESPONSE)

/* Sections that many rows cite. RFC 9846 is RFC 8446 anew. */
#define REF_ALERTS    "RFC 8446 section 6.2; RFC 9846 section 6.2; RFC 5246 section 7.2.2"
#define REF_LIST      "RFC 8446 section 4.4.2; RFC 9846 section 4.5.1; RFC 5246 section 7.4.2"
#define REF_SELECTION "RFC 8446 section 4.4.2.2; RFC 9846 section 4.5.1.2; RFC 5246 section 7.4.2"
#define REF_HASH      "RFC 8446 section 4.4.2.4; RFC 9846 section 4.5.1.3"
#define REF_TRUST     "RFC 5280 section 6.1; " REF_SELECTION "; " REF_ALERTS
#define REF_SIGNATURE "RFC 5280 sections 4.2.1.1 and 6.1.3; " REF_ALERTS
#define REF_NAME      "RFC 9525; RFC 6125 section 6.4"
#define REF_TIME      "RFC 5280 sections 4.1.2.5 and 6.1.3; " REF_ALERTS
#define REF_CRL       "RFC 5280 sections 5, 6.1.3 and 6.3; " REF_ALERTS
#define REF_STAPLE                                                                                 \
    "RFC 6066 section 8; RFC 6960; RFC 8446 section 4.4.2.1; RFC 9846 section 4.5.1.1"

/* clang-format off */
const struct identity identities[] = {
    [IDENTITY_GENUINE] = { "genuine", "The right certificate, with its key and its chain.",
      "RFC 5280 section 6.1; " REF_LIST,
      IDENTITY_BOTH, ACCEPTED },

    /* Who vouches for it. */
    { "self-signed", "The leaf is signed with its own key.",
      REF_TRUST,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_TRUST, .build = build_self_signed },
    { "unknown-ca", "A whole chain, from a root that the verifier does not know.",
      REF_TRUST,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_TRUST, .build = build_unknown_ca },
    { "forged-ca", "A chain from a root with the trusted one's name and another key.",
      REF_SIGNATURE,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_SIGNATURE, .build = build_forged_ca },
    { "forged-ca-same-id",
      "A chain from a root with the trusted one's name and key identifier, and another key: only "
      "the signature tells.",
      REF_SIGNATURE,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_SIGNATURE,
      .build = build_forged_ca_same_id },
    { "tampered", "One bit of the signature on the leaf is turned.",
      REF_SIGNATURE,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_SIGNATURE, .build = build_tampered },
    { "wrong-key", "The genuine certificate, presented by somebody who has another key.",
      "RFC 8446 section 4.4.3; RFC 9846 section 4.5.2; RFC 5246 sections 7.4.3 and 7.4.8; "
      REF_ALERTS,
      IDENTITY_BOTH, GENUINE_TWIN, ALERTS(ALERT_DECRYPT_ERROR), .wrong_key = true,
      .build = build_wrong_key },

    /* Its name. A client certificate has none that TLS would compare. */
    { "wrong-host", "A certificate for another host of the same domain.",
      REF_NAME, IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME,
      .build = build_wrong_host },
    { "look-alike", "One letter of the name is another that looks like it.",
      REF_NAME, IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME,
      .build = build_look_alike },
    { "name-as-prefix", "The name goes on after the right one, in another domain.",
      REF_NAME, IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME,
      .build = build_name_as_prefix },
    { "name-as-suffix", "The name ends like the right one, within a label.",
      REF_NAME, IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME,
      .build = build_name_as_suffix },
    { "parent-domain", "The name is that of the domain above.", REF_NAME,
      IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME, .build = build_parent_domain },
    { "name-upper-case", "The right name in other letters' case, which does not count.",
      "RFC 9525; RFC 6125 section 6.4.1", IDENTITY_SERVER, ACCEPTED, .build = build_upper_case },
    { "name-last-of-many", "The right name stands behind names of other hosts and other types.",
      "RFC 5280 section 4.2.1.6; RFC 9525", IDENTITY_SERVER, ACCEPTED,
      .build = build_last_of_many },
    { "ip-san", "The client demands an IP address, and the certificate has it.",
      "RFC 5280 section 4.2.1.6; RFC 9525", IDENTITY_SERVER, ACCEPTED, .peer_name = "127.0.0.1",
      .build = build_address_only },
    { "ip-instead-of-name",
      "The client demands an IP address, and the certificate has a name only.",
      "RFC 5280 section 4.2.1.6; RFC 9525", IDENTITY_SERVER, .twin = "ip-san",
      .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME, .peer_name = "127.0.0.1",
      .build = build_name_only },
    { "ip-other", "The client demands an IP address, and the certificate has another one.",
      "RFC 5280 section 4.2.1.6; RFC 9525", IDENTITY_SERVER, .twin = "ip-san",
      .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME, .peer_name = "127.0.0.1",
      .build = build_address_other },
    { "ip-as-dns-name",
      "The client demands an IP address, and the certificate has it as text in a dNSName.",
      "RFC 5280 section 4.2.1.6; RFC 9525", IDENTITY_SERVER, .twin = "ip-san",
      .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME, .peer_name = "127.0.0.1",
      .build = build_address_as_name },
    { "cn-only",
      "The name stands in the subject's common name only; RFC 6125 still let a client fall back on "
      "it, and OpenSSL, BoringSSL and GnuTLS do.",
      "RFC 9525; RFC 6125 section 6.4.4 (obsolete)", IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME),
      ALERTS_NAME, .build = build_common_name_only },
    { "cn-right-san-other", "The common name is right, but there is a dNSName and it is another.",
      "RFC 9525; RFC 6125 section 6.4.4", IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME,
      .build = build_common_name_beside_other },
    { "wildcard-one-label", "The asterisk stands for the one label that it may stand for.",
      "RFC 9525; RFC 6125 section 6.4.3", IDENTITY_SERVER, ACCEPTED, .build = build_wildcard },
    { "wildcard-two-labels", "The asterisk would have to stand for two labels.",
      "RFC 9525; RFC 6125 section 6.4.3", IDENTITY_SERVER, .twin = "wildcard-one-label",
      .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME,
      .peer_name = "www." FORGE_SERVER_NAME, .build = build_wildcard },
    { "wildcard-no-label", "The asterisk would have to stand for nothing.",
      "RFC 9525; RFC 6125 section 6.4.3", IDENTITY_SERVER, .twin = "wildcard-one-label",
      .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME, .build = build_wildcard_below },
    { "wildcard-partial",
      "The asterisk is a part of a label; RFC 6125 let a client accept that, RFC 9525 does not.",
      "RFC 9525; RFC 6125 section 6.4.3 (obsolete)", IDENTITY_SERVER,
      .twin = "wildcard-one-label", .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME,
      .build = build_wildcard_partial },
    { "wildcard-inside", "The asterisk is not the leftmost label.",
      "RFC 9525; RFC 6125 section 6.4.3", IDENTITY_SERVER, .twin = "wildcard-one-label",
      .credentials = ALL_KINDS, PROBLEM(NAME), ALERTS_NAME, .build = build_wildcard_inside },
    { "name-trailing-dot",
      "The dNSName ends in a dot, which its preferred name syntax does not know; whether it is the "
      "same name nobody says.",
      "RFC 5280 section 4.2.1.6; RFC 9525; RFC 6066 section 3", IDENTITY_SERVER, .open = true,
      GENUINE_TWIN, PROBLEM(NAME), ALERTS_NAME, .build = build_trailing_dot },
    { "embedded-nul", "The right name, a NUL, and the rest of a name in another domain.",
      "RFC 5280 section 4.2.1.6; RFC 9525", IDENTITY_SERVER, GENUINE_TWIN, PROBLEM(NAME),
      ALERTS_USAGE, .build = build_embedded_nul },

    /* When. */
    { "expired-leaf", "The leaf's time was over a day ago.",
      REF_TIME,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(TIME), ALERTS_TIME, .build = build_expired_leaf },
    { "expired-intermediate", "The intermediate's time was over a day ago.",
      REF_TIME,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(TIME), ALERTS_TIME,
      .build = build_expired_intermediate },
    { "expired-root",
      "The trust anchor's time was over a day ago: path validation takes an anchor's name and key "
      "and not its time.",
      "RFC 5280 sections 6.1.1 and 6.1.3", IDENTITY_BOTH, .open = true, GENUINE_TWIN,
      PROBLEM(TIME), ALERTS(ALERT_CERTIFICATE_EXPIRED, ALERT_UNKNOWN_CA),
      .build = build_expired_root },
    { "not-yet-valid-leaf", "The leaf's time begins in a day.",
      REF_TIME,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(TIME), ALERTS_TIME, .build = build_future_leaf },
    { "not-yet-valid-intermediate", "The intermediate's time begins in a day.",
      REF_TIME,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(TIME), ALERTS_TIME, .build = build_future_intermediate },
    { "not-yet-valid-root",
      "The trust anchor's time begins in a day; as with one that is over, nobody says.",
      "RFC 5280 sections 6.1.1 and 6.1.3", IDENTITY_BOTH, .open = true, GENUINE_TWIN,
      PROBLEM(TIME), ALERTS(ALERT_CERTIFICATE_EXPIRED, ALERT_UNKNOWN_CA),
      .build = build_future_root },
    { "expired-by-a-second", "The leaf's time was over a second ago.",
      REF_TIME,
      IDENTITY_BOTH, .twin = "begins-now", .credentials = ALL_KINDS, PROBLEM(TIME), ALERTS_TIME,
      .build = build_expired_by_a_second },
    { "expires-now",
      "This second is the leaf's last, and still belongs to its time; OpenSSL and BoringSSL end it "
      "a second earlier.",
      "RFC 5280 section 4.1.2.5", IDENTITY_BOTH, ACCEPTED, .build = build_expires_now },
    { "begins-now", "This second is the leaf's first.", "RFC 5280 section 4.1.2.5", IDENTITY_BOTH,
      ACCEPTED, .build = build_begins_now },

    /* The chain. */
    { "missing-intermediate", "The leaf comes alone, and the verifier knows its root only.",
      REF_TRUST "; " REF_LIST,
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_TRUST,
      .build = build_missing_intermediate },
    { "two-intermediates", "A chain that is one longer, within its path length.",
      "RFC 5280 sections 4.2.1.9 and 6.1", IDENTITY_BOTH, ACCEPTED,
      .build = build_two_intermediates },
    { "wrong-order",
      "Two intermediates the wrong way round: TLS 1.2 forbids to send that, TLS 1.3 advises every "
      "receiver to put up with it.",
      REF_LIST, IDENTITY_BOTH, .accepted = true,
      .open = true, .twin = "two-intermediates", .credentials = ALL_KINDS, PROBLEM(CHAIN),
      ALERTS_CHAIN, .build = build_wrong_order },
    { "root-included", "The chain ends in the root, which may be left out but need not.",
      REF_LIST, IDENTITY_BOTH, ACCEPTED,
      .build = build_with_root },
    { "superfluous-certificates",
      "Between leaf and intermediate stands a root that has nothing to do with them.",
      "RFC 8446 section 4.4.2 (SHOULD, for any TLS version); RFC 9846 section 4.5.1",
      IDENTITY_BOTH, .accepted = true, .open = true, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_CHAIN,
      .build = build_superfluous },
    { "intermediate-not-ca", "The intermediate says that it is no CA.",
      "RFC 5280 sections 4.2.1.9 and 6.1.4", IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN),
      ALERTS_CHAIN, .build = build_intermediate_not_ca },
    { "intermediate-without-basic-constraints", "The intermediate does not say that it is a CA.",
      "RFC 5280 sections 4.2.1.9 and 6.1.4", IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN),
      ALERTS_CHAIN, .build = build_intermediate_without_constraints },
    { "intermediate-without-cert-sign", "The intermediate's key is not to sign certificates.",
      "RFC 5280 sections 4.2.1.3 and 6.1.4", IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN),
      ALERTS_CHAIN, .build = build_intermediate_without_cert_sign },
    { "intermediate-version-1",
      "The intermediate is of X.509 version 1, where nothing says that it is a CA.",
      "RFC 5280 section 6.1.4", IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_CHAIN,
      .build = build_intermediate_version_1 },
    { "path-length-exceeded", "An intermediate below one that allows none below it.",
      "RFC 5280 sections 4.2.1.9 and 6.1.4", IDENTITY_BOTH, .twin = "two-intermediates",
      .credentials = ALL_KINDS, PROBLEM(CHAIN), ALERTS_CHAIN, .build = build_path_too_long },
    { "name-constraint-kept",
      "The intermediate may name this domain only, and the leaf is in it; a verifier that does not "
      "know the constraint must refuse.",
      "RFC 5280 sections 4.2.1.10 and 6.1.3", IDENTITY_BOTH, .accepted = true, .open = true,
      GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_CHAIN,
      .build = build_names_permitted },
    { "name-constraint-broken", "The intermediate may name another domain only.",
      "RFC 5280 sections 4.2.1.10 and 6.1.3", IDENTITY_BOTH, GENUINE_TWIN,
      PROBLEM(CHAIN), ALERTS_CHAIN, .build = build_names_not_permitted },
    { "name-constraint-excluded", "The intermediate must not name this domain.",
      "RFC 5280 sections 4.2.1.10 and 6.1.3", IDENTITY_BOTH, GENUINE_TWIN,
      PROBLEM(CHAIN), ALERTS_CHAIN, .build = build_names_excluded },
    { "root-without-basic-constraints",
      "The trust anchor is a version 3 certificate that does not say it is a CA: a conforming CA "
      "would, but path validation takes an anchor's name and key only.",
      "RFC 5280 sections 4.2.1.9 and 6.1.1", IDENTITY_BOTH, .open = true, GENUINE_TWIN,
      PROBLEM(CHAIN), ALERTS_CHAIN, .build = build_root_without_constraints },
    { "long-chain", "Thirty intermediates: all in order, but a verifier may have its limit.",
      "RFC 5280 section 6.1; " REF_LIST, IDENTITY_BOTH, .accepted = true,
      .open = true, .twin = "two-intermediates", .credentials = ALL_KINDS, PROBLEM(CHAIN),
      ALERTS_LIMIT, .build = build_long_chain },

    /* What it may be used for, and what else it says. */
    { "wrong-extended-key-usage", "The leaf is for the other end's part only.",
      "RFC 5280 section 4.2.1.12", IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(USAGE), ALERTS_USAGE,
      .build = build_wrong_purpose },
    { "no-extended-key-usage",
      "The leaf does not say what it is for, and so is for all; a verifier that wants it said may "
      "refuse.",
      "RFC 5280 section 4.2.1.12", IDENTITY_BOTH, .accepted = true, .open = true, GENUINE_TWIN,
      PROBLEM(USAGE), ALERTS_USAGE, .build = build_no_purpose },
    { "any-extended-key-usage",
      "The leaf is for any purpose and names none; a verifier that wants its own named may refuse.",
      "RFC 5280 section 4.2.1.12", IDENTITY_BOTH, .accepted = true, .open = true,
      GENUINE_TWIN, PROBLEM(USAGE), ALERTS_USAGE,
      .build = build_any_purpose },
    { "intermediate-extended-key-usage",
      "The intermediate is for the other end's part only: what that means for those below it is "
      "custom and not in RFC 5280.",
      "RFC 5280 sections 4.2.1.12 and 6.1", IDENTITY_BOTH, .open = true,
      GENUINE_TWIN, PROBLEM(USAGE), ALERTS_USAGE,
      .build = build_intermediate_purpose },
    { "wrong-key-usage", "The leaf's key is neither to sign handshakes nor to carry keys.",
      "RFC 5280 section 4.2.1.3; " REF_SELECTION "; RFC 5246 section 7.4.8",
      IDENTITY_BOTH, GENUINE_TWIN, PROBLEM(USAGE),
      ALERTS(ALERT_UNSUPPORTED_CERTIFICATE, ALERT_BAD_CERTIFICATE, ALERT_CERTIFICATE_UNKNOWN,
             ALERT_ILLEGAL_PARAMETER /* inconsistent with the key exchange */),
      .build = build_wrong_usage },
    { "no-key-usage", "The leaf does not limit what its key is for.", "RFC 5280 section 4.2.1.3",
      IDENTITY_BOTH, ACCEPTED, .build = build_no_usage },
    { "unknown-critical-extension", "The leaf has a critical extension that nobody knows.",
      "RFC 5280 sections 4.2 and 6.1.5", IDENTITY_BOTH, .twin = "unknown-noncritical-extension",
      .credentials = ALL_KINDS, PROBLEM(CHAIN), ALERTS_USAGE, .build = build_unknown_critical },
    { "unknown-critical-extension-intermediate",
      "The intermediate has a critical extension that nobody knows.",
      "RFC 5280 sections 4.2 and 6.1.4", IDENTITY_BOTH, .twin = "unknown-noncritical-extension",
      .credentials = ALL_KINDS, PROBLEM(CHAIN), ALERTS_CHAIN,
      .build = build_unknown_critical_intermediate },
    { "unknown-noncritical-extension", "The leaf has an extension that nobody knows or need know.",
      "RFC 5280 section 4.2", IDENTITY_BOTH, ACCEPTED, .build = build_unknown },
    { "version-1",
      "The leaf is of X.509 version 1, and its name therefore a common name only.",
      "RFC 9525; " REF_SELECTION, IDENTITY_SERVER, GENUINE_TWIN,
      PROBLEM(NAME), ALERTS_USAGE, .build = build_version_1 },
    { "huge-certificate", "A leaf of 60 KB, with 2400 names: in order, but a verifier may have its "
      "limit.",
      REF_LIST, IDENTITY_SERVER, .accepted = true,
      .open = true, GENUINE_TWIN, PROBLEM(CHAIN), ALERTS_LIMIT, .build = build_huge },

    /* Whether it still holds. */
    { "not-revoked", "The verifier has CRLs, and the certificate is on none of them.",
      "RFC 5280 sections 5 and 6.3", IDENTITY_BOTH, ACCEPTED, .uses_crl = true, .build = build_not_revoked },
    { "revoked", "The verifier has CRLs, and the leaf is on its issuer's.",
      REF_CRL,
      IDENTITY_BOTH, .twin = "not-revoked", .credentials = ALL_KINDS, PROBLEM(REVOKED),
      ALERTS_REVOKED, .uses_crl = true, .build = build_revoked },
    { "revoked-intermediate", "The verifier has CRLs, and the intermediate is on the root's.",
      REF_CRL,
      IDENTITY_BOTH, .twin = "not-revoked", .credentials = ALL_KINDS, PROBLEM(REVOKED),
      ALERTS_REVOKED, .uses_crl = true, .build = build_revoked_intermediate },
    { "ocsp-stapled-good", "A stapled OCSP response says that the leaf is good.",
      REF_STAPLE, IDENTITY_SERVER, ACCEPTED,
      .uses_staple = true, .build = build_staple_good },
    { "ocsp-stapled-revoked", "A stapled OCSP response says that the leaf is revoked.",
      REF_STAPLE "; " REF_ALERTS, IDENTITY_SERVER,
      .twin = "ocsp-stapled-good", .credentials = ALL_KINDS, PROBLEM(REVOKED),
      ALERTS(ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, ALERT_CERTIFICATE_REVOKED),
      .uses_staple = true, .build = build_staple_revoked },
    { "ocsp-stapled-forged",
      "A stapled OCSP response says good, signed by somebody with the CA's name and another key.",
      REF_STAPLE "; " REF_ALERTS, IDENTITY_SERVER,
      .twin = "ocsp-stapled-good", .credentials = ALL_KINDS, PROBLEM(REVOKED), ALERTS_STATUS,
      .uses_staple = true, .build = build_staple_forged },
    { "ocsp-stapled-stale", "A stapled OCSP response says good, and is weeks out of date.",
      REF_STAPLE "; " REF_ALERTS, IDENTITY_SERVER,
      .twin = "ocsp-stapled-good", .credentials = ALL_KINDS, PROBLEM(REVOKED), ALERTS_STATUS,
      .uses_staple = true, .build = build_staple_stale },

    /* How strong it is. */
    { "rsa1024", "The leaf has an RSA key of 1024 bits, which is a matter of policy.",
      "RFC 9325 section 4.5", IDENTITY_BOTH, .open = true, .twin = "genuine",
      .credentials = KIND(RSA2048), PROBLEM(WEAK), ALERTS_USAGE, .build = build_rsa1024 },
    { "sha1-signature", "The leaf is signed with SHA-1, which it is recommended to refuse.",
      REF_HASH, IDENTITY_BOTH, .open = true, .twin = "genuine",
      .credentials = ALL_KINDS & ~EDDSA, PROBLEM(WEAK), ALERTS(ALERT_BAD_CERTIFICATE),
      .build = build_sha1 },
    { "md5-signature",
      "The leaf is signed with MD5, which TLS 1.3 forbids to accept; before, nobody did.",
      REF_HASH, IDENTITY_BOTH, .open_below = TLS13, .twin = "genuine", .credentials = RSA_KINDS, PROBLEM(WEAK), ALERTS(ALERT_BAD_CERTIFICATE),
      .build = build_md5 },
};
/* clang-format on */

const size_t num_identities = sizeof identities / sizeof identities[0];
_Static_assert(sizeof identities / sizeof identities[0] <= IDENTITIES_MAX, "room for every row");

int identity_by_name(const char *name)
{
    for (size_t i = 0; i < num_identities; i++)
        if (strcmp(identities[i].name, name) == 0)
            return (int)i;
    return -1;
}

bool identity_applies(const struct identity *identity, enum identity_side side,
                      enum credential kind)
{
    return (identity->sides & side) != 0 && (identity->credentials & (1u << kind)) != 0;
}
