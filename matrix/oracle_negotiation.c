/* What two ends can agree on: suites that fit key and authentication, groups that fit suites,
 * signature schemes that fit keys. All of it is tables. */
#include "matrix/case_judged.h"
#include "matrix/oracle_parts.h"

#define BIT(value) (1u << (value))
#define ANY_BIT    (~0u)

enum {
    RSA_KEYS = BIT(CREDENTIAL_RSA2048) | BIT(CREDENTIAL_RSA3072) | BIT(CREDENTIAL_RSA4096),
    RSAPSS_KEYS = BIT(CREDENTIAL_RSAPSS2048),
    ECDSA_KEYS =
        BIT(CREDENTIAL_ECDSA_P256) | BIT(CREDENTIAL_ECDSA_P384) | BIT(CREDENTIAL_ECDSA_P521),
    EDDSA_KEYS = BIT(CREDENTIAL_ED25519) | BIT(CREDENTIAL_ED448),
    DSA_KEYS = BIT(CREDENTIAL_DSA2048),
    NO_KEY = BIT(CREDENTIAL_NONE),

    PSK_MODES = BIT(AUTH_MODE_PSK),
    SRP_MODES = BIT(AUTH_MODE_SRP),
    NO_AUTH_MODES = BIT(AUTH_MODE_NONE),
};
/* Everything else authenticates by certificate, if at all. */
#define CERTIFICATE_MODES (~(unsigned)(PSK_MODES | SRP_MODES))

/* Which kinds of suite a key and an authentication allow from which version on: RFC 5246 section
 * 7.4.2 and RFC 4492 section 5.3 for keys, RFC 8446 sections 4.1.1 and 4.2.3 for TLS 1.3.
 * RSASSA-PSS keys sign nothing that TLS 1.1 knows, and EdDSA needs the schemes of TLS 1.2 (RFC 8446
 * section 4.2.3). No row for static DH nor for ECDH_RSA: their certificates hold a key of another
 * kind than the one that signed them, and the forge makes none such. */
static const struct suite_fit {
    enum key_exchange kx;
    enum suite_auth auth;
    unsigned keys;  /* bits of enum credential */
    unsigned modes; /* bits of enum auth */
    uint16_t min_version;
} suite_fits[] = {
    { KX_TLS13, AUTH_TLS13, RSA_KEYS | RSAPSS_KEYS | ECDSA_KEYS | EDDSA_KEYS, CERTIFICATE_MODES,
      TLS13 },
    { KX_TLS13, AUTH_TLS13, ANY_BIT, PSK_MODES, TLS13 },
    { KX_RSA, AUTH_RSA, RSA_KEYS, CERTIFICATE_MODES, TLS10 },
    { KX_DHE, AUTH_RSA, RSA_KEYS, CERTIFICATE_MODES, TLS10 },
    { KX_DHE, AUTH_RSA, RSAPSS_KEYS, CERTIFICATE_MODES, TLS12 },
    { KX_DHE, AUTH_DSS, DSA_KEYS, CERTIFICATE_MODES, TLS10 },
    { KX_ECDHE, AUTH_RSA, RSA_KEYS, CERTIFICATE_MODES, TLS10 },
    { KX_ECDHE, AUTH_RSA, RSAPSS_KEYS, CERTIFICATE_MODES, TLS12 },
    { KX_ECDHE, AUTH_ECDSA, ECDSA_KEYS, CERTIFICATE_MODES, TLS10 },
    { KX_ECDHE, AUTH_ECDSA, EDDSA_KEYS, CERTIFICATE_MODES, TLS12 },
    { KX_ECDH, AUTH_ECDSA, ECDSA_KEYS, CERTIFICATE_MODES, TLS10 },
    { KX_DHE, AUTH_ANON, NO_KEY, NO_AUTH_MODES, TLS10 },
    { KX_ECDHE, AUTH_ANON, NO_KEY, NO_AUTH_MODES, TLS10 },
    { KX_PSK, AUTH_PSK, ANY_BIT, PSK_MODES, TLS10 },
    { KX_DHE, AUTH_PSK, ANY_BIT, PSK_MODES, TLS10 },
    { KX_ECDHE, AUTH_PSK, ANY_BIT, PSK_MODES, TLS10 },
    { KX_RSA_PSK, AUTH_RSA, RSA_KEYS, PSK_MODES, TLS10 },
    { KX_SRP, AUTH_ANON, ANY_BIT, SRP_MODES, TLS10 },
    { KX_SRP, AUTH_RSA, RSA_KEYS, SRP_MODES, TLS10 },
    { KX_SRP, AUTH_DSS, DSA_KEYS, SRP_MODES, TLS10 },
};

/* What the server may sign with. TLS 1.3: RFC 8446 sections 4.2.3 and 4.4.3. TLS 1.2: the pairs of
 * RFC 5246 section 7.4.1.4.1 without MD5 and SHA-224, which RFC 8446 section 4.2.3 forbids to
 * everybody, ECDSA with any hash on any curve, and RSASSA-PSS and EdDSA as in TLS 1.3. DSA keeps
 * its old pairs: who asks for a DSS suite asks for DSA. */
static const struct scheme_fit {
    uint16_t scheme;
    unsigned keys;
    uint16_t min_version;
    uint16_t max_version;
} scheme_fits[] = {
    { 0x0804, RSA_KEYS, TLS12, TLS13 }, /* rsa_pss_rsae_sha256 */
    { 0x0805, RSA_KEYS, TLS12, TLS13 },
    { 0x0806, RSA_KEYS, TLS12, TLS13 },
    { 0x0809, RSAPSS_KEYS, TLS12, TLS13 }, /* rsa_pss_pss_sha256 */
    { 0x080A, RSAPSS_KEYS, TLS12, TLS13 },
    { 0x080B, RSAPSS_KEYS, TLS12, TLS13 },
    { 0x0201, RSA_KEYS, TLS12, TLS12 }, /* rsa_pkcs1_sha1 */
    { 0x0401, RSA_KEYS, TLS12, TLS12 },
    { 0x0501, RSA_KEYS, TLS12, TLS12 },
    { 0x0601, RSA_KEYS, TLS12, TLS12 },
    { 0x0203, ECDSA_KEYS, TLS12, TLS12 }, /* ecdsa_sha1 */
    { 0x0403, ECDSA_KEYS, TLS12, TLS12 },
    { 0x0503, ECDSA_KEYS, TLS12, TLS12 },
    { 0x0603, ECDSA_KEYS, TLS12, TLS12 },
    { 0x0403, BIT(CREDENTIAL_ECDSA_P256), TLS13, TLS13 }, /* ecdsa_secp256r1_sha256 */
    { 0x0503, BIT(CREDENTIAL_ECDSA_P384), TLS13, TLS13 },
    { 0x0603, BIT(CREDENTIAL_ECDSA_P521), TLS13, TLS13 },
    { 0x0807, BIT(CREDENTIAL_ED25519), TLS12, TLS13 },
    { 0x0808, BIT(CREDENTIAL_ED448), TLS12, TLS13 },
    { 0x0202, DSA_KEYS, TLS12, TLS12 }, /* dsa_sha1 */
    { 0x0302, DSA_KEYS, TLS12, TLS12 },
    { 0x0402, DSA_KEYS, TLS12, TLS12 },
    { 0x0502, DSA_KEYS, TLS12, TLS12 },
    { 0x0602, DSA_KEYS, TLS12, TLS12 },
};

static bool suite_fits_case(const struct suite *suite, const struct matrix_case *c,
                            uint16_t version)
{
    enum auth auth = auth_healthy(c->auth);
    if (auth == AUTH_MODE_PSK && case_psk_hash_differs(suite))
        return false; /* RFC 8446 section 4.2.11: the server selects a PSK and suite that agree */
    for (size_t i = 0; i < sizeof suite_fits / sizeof suite_fits[0]; i++) {
        const struct suite_fit *fit = &suite_fits[i];
        if (fit->kx == suite->kx && fit->auth == suite->auth && version >= fit->min_version &&
            (fit->keys & BIT(c->credential)) != 0 && (fit->modes & BIT(auth)) != 0)
            return suite_allows_version(suite, version);
    }
    return false;
}

void negotiation_init(struct negotiation *n, const struct matrix_case *c,
                      const struct stack_set *stacks)
{
    *n = (struct negotiation){ .c = c, .version = case_common_version(c) };
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        n->num_suites[role] = case_offered_suites(n->suites[role], c, role, stacks);
        n->num_groups[role] = case_offered_groups(n->groups[role], c, role, stacks);
    }
}

size_t negotiable_suites(uint16_t out[CONFIG_SUITES_MAX], const struct negotiation *n,
                         uint16_t version)
{
    size_t num_suites_out = 0;
    for (size_t i = 0; i < n->num_suites[ROLE_CLIENT]; i++) {
        uint16_t id = n->suites[ROLE_CLIENT][i];
        const struct suite *suite = suite_by_id(id);
        if (suite == NULL || !suite_fits_case(suite, n->c, version) ||
            !id_listed(n->suites[ROLE_SERVER], n->num_suites[ROLE_SERVER], id))
            continue;
        if (out != NULL)
            out[num_suites_out] = id;
        num_suites_out++;
    }
    return num_suites_out;
}

static bool offers_ffdhe(const struct negotiation *n, enum role role)
{
    for (size_t i = 0; i < n->num_groups[role]; i++) {
        const struct group *group = group_by_id(n->groups[role][i]);
        if (group != NULL && group->kind == GROUP_FFDHE)
            return true;
    }
    return false;
}

bool dhe_group_is_free(const struct negotiation *n, const struct suite *suite)
{
    return suite->kx == KX_DHE && !(offers_ffdhe(n, ROLE_CLIENT) && offers_ffdhe(n, ROLE_SERVER));
}

bool group_negotiable(const struct negotiation *n, const struct suite *suite,
                      const struct group *group)
{
    if (!suite_uses_group(suite) || n->version < group->min_version ||
        n->version > group->max_version)
        return false;
    return suite->kx == KX_TLS13 || suite_group_kind(suite) == group->kind;
}

bool suite_has_group(const struct negotiation *n, const struct suite *suite)
{
    if (!suite_uses_group(suite) || dhe_group_is_free(n, suite))
        return true;
    for (size_t i = 0; i < n->num_groups[ROLE_CLIENT]; i++) {
        uint16_t id = n->groups[ROLE_CLIENT][i];
        const struct group *group = group_by_id(id);
        if (group != NULL && group_negotiable(n, suite, group) &&
            id_listed(n->groups[ROLE_SERVER], n->num_groups[ROLE_SERVER], id))
            return true;
    }
    return false;
}

bool suite_is_signed(const struct suite *suite, uint16_t version)
{
    if (suite->kx == KX_TLS13)
        return true;
    bool fresh_key = suite->kx == KX_DHE || suite->kx == KX_ECDHE || suite->kx == KX_SRP;
    bool signing_key =
        suite->auth == AUTH_RSA || suite->auth == AUTH_ECDSA || suite->auth == AUTH_DSS;
    return version == TLS12 && fresh_key && signing_key;
}

static bool any_suite_is_signed(const struct expectation *e)
{
    for (size_t i = 0; i < e->num_suites; i++)
        if (suite_is_signed(suite_by_id(e->suites[i]), e->version))
            return true;
    return false;
}

static bool fits_key(const struct scheme_fit *fit, enum credential credential, uint16_t version)
{
    return (fit->keys & BIT(credential)) != 0 && version >= fit->min_version &&
           version <= fit->max_version;
}

bool scheme_fits_key(uint16_t scheme, enum credential credential, uint16_t version)
{
    for (size_t i = 0; i < sizeof scheme_fits / sizeof scheme_fits[0]; i++)
        if (scheme_fits[i].scheme == scheme && fits_key(&scheme_fits[i], credential, version))
            return true;
    return false;
}

void expect_signature_schemes(struct expectation *e, const struct negotiation *n)
{
    if (!case_server_has_certificate(n->c) || !any_suite_is_signed(e))
        return;
    for (size_t i = 0; i < sizeof scheme_fits / sizeof scheme_fits[0]; i++) {
        const struct scheme_fit *fit = &scheme_fits[i];
        if (fits_key(fit, n->c->credential, n->version))
            e->signature_schemes[e->num_signature_schemes++] = fit->scheme;
    }
    expect_rule(e, "signature-scheme.fits-key");
}
