/* What this build of GnuTLS can do, asked of the library itself and mapped to the registry. */
#include "peers/gnutls/internal.h"

#include "harness/wire/registry.h"

#include <stdio.h>
#include <string.h>

struct credential_row {
    gnutls_pk_algorithm_t pk;
    gnutls_sign_algorithm_t sign; /* without which the key is of no use */
    uint16_t min_version;
    uint16_t max_version;
    uint16_t client_min_version; /* to sign with it as a client; 0: the same */
};

/* RSASSA-PSS and EdDSA keys need a signature scheme of their own, which TLS 1.2 was the first to
 * negotiate, and TLS 1.3 has none for DSA (RFC 8446 section 4.2.3). Before TLS 1.2 a GnuTLS
 * client does not sign with a DSA key of 2048 bits (GNUTLS_E_INCOMPAT_DSA_KEY_WITH_TLS_PROTOCOL),
 * though a server does and both ends verify it. */
static const struct credential_row credential_rows[NUM_CREDENTIALS] = {
    [CREDENTIAL_RSA2048] = { GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_SHA256, TLS10, TLS13 },
    [CREDENTIAL_RSA3072] = { GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_SHA256, TLS10, TLS13 },
    [CREDENTIAL_RSA4096] = { GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_SHA256, TLS10, TLS13 },
    [CREDENTIAL_RSAPSS2048] = { GNUTLS_PK_RSA_PSS, GNUTLS_SIGN_RSA_PSS_SHA256, TLS12, TLS13 },
    [CREDENTIAL_ECDSA_P256] = { GNUTLS_PK_ECDSA, GNUTLS_SIGN_ECDSA_SHA256, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P384] = { GNUTLS_PK_ECDSA, GNUTLS_SIGN_ECDSA_SHA384, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P521] = { GNUTLS_PK_ECDSA, GNUTLS_SIGN_ECDSA_SHA512, TLS10, TLS13 },
    [CREDENTIAL_ED25519] = { GNUTLS_PK_EDDSA_ED25519, GNUTLS_SIGN_EDDSA_ED25519, TLS12, TLS13 },
    [CREDENTIAL_ED448] = { GNUTLS_PK_EDDSA_ED448, GNUTLS_SIGN_EDDSA_ED448, TLS12, TLS13 },
    [CREDENTIAL_DSA2048] = { GNUTLS_PK_DSA, GNUTLS_SIGN_DSA_SHA256, TLS10, TLS12, TLS12 },
};

static const bool always[NUM_FEATURES] = {
    [FEATURE_CLIENT_AUTH] = true,
    [FEATURE_EXPORTER] = true,
    [FEATURE_KEYLOG] = true,
    [FEATURE_VERIFY_TIME] = true,
    [FEATURE_TLS13_SUITE_CHOICE] = true,
    [FEATURE_CRL] = true,
    [FEATURE_OCSP_STAPLE] = true,
    [FEATURE_OCSP_VERIFY] = true,
    [FEATURE_WRONG_KEY] = true,
    [FEATURE_SERVED_NAME] = true,
    [FEATURE_ALPN] = true,
    [FEATURE_LATE_VERIFY] = true,
};

static void list_versions(struct capabilities *caps)
{
    for (const gnutls_protocol_t *version = gnutls_protocol_list(); *version != 0; version++) {
        uint16_t id = library_version_id(*version);
        if (id != 0)
            caps->versions[id - TLS10] = true;
    }
}

static void list_suites(struct capabilities *caps)
{
    for (size_t i = 0; i < num_suites && caps->num_suites < CAPABILITY_SUITES_MAX; i++)
        if (library_suite_by_id(suites[i].id) != NULL)
            caps->suites[caps->num_suites++] = suites[i].id;
}

static void list_groups(struct capabilities *caps, uint16_t version)
{
    size_t *num = &caps->num_groups[version - TLS10];
    for (size_t i = 0; i < num_groups && *num < CAPABILITY_NAMES_MAX; i++)
        if (groups[i].min_version <= version && version <= groups[i].max_version &&
            library_group_by_id(groups[i].id) != NULL)
            caps->groups[version - TLS10][(*num)++] = groups[i].id;
}

static void list_credentials(struct capabilities *caps, uint16_t version)
{
    bool *own = caps->credentials[version - TLS10];
    bool *client = caps->client_credentials[version - TLS10];
    for (int kind = 0; kind < NUM_CREDENTIALS; kind++) {
        const struct credential_row *row = &credential_rows[kind];
        own[kind] = kind == CREDENTIAL_NONE ||
                    (row->min_version <= version && version <= row->max_version &&
                     library_has_pk(row->pk) && library_has_sign(row->sign));
        client[kind] = own[kind] && version >= row->client_min_version;
    }
    if (memcmp(own, client, NUM_CREDENTIALS * sizeof own[0]) == 0)
        memset(client, 0, NUM_CREDENTIALS * sizeof client[0]); /* one list for both */
}

static void list_signature_schemes(struct capabilities *caps)
{
    for (size_t i = 0; i < num_signature_schemes; i++)
        for (size_t j = 0; j < num_library_signs; j++)
            if (library_signs[j].id == signature_schemes[i].id &&
                library_has_sign(library_signs[j].sign)) {
                caps->signature_schemes[caps->num_signature_schemes++] = signature_schemes[i].id;
                break;
            }
}

/* A feature that is there as soon as one suite of its kind is. */
static void list_features(struct capabilities *caps)
{
    memcpy(caps->features, always, sizeof caps->features);
    for (size_t i = 0; i < caps->num_suites; i++) {
        const struct suite *suite = suite_by_id(caps->suites[i]);
        caps->features[FEATURE_PSK_TLS12] |= suite->auth == AUTH_PSK;
        caps->features[FEATURE_PSK_TLS13] |= suite->kx == KX_TLS13;
        caps->features[FEATURE_SRP] |= suite->kx == KX_SRP;
        caps->features[FEATURE_ANONYMOUS] |= suite->auth == AUTH_ANON && suite->kx != KX_SRP;
    }
}

int gnutls_stack_capabilities(struct capabilities *out, struct error *err)
{
    if (library_start(err) < 0)
        return -1;
    memset(out, 0, sizeof *out);
    const char *release = gnutls_check_version(NULL);
    snprintf(out->stack, sizeof out->stack, "gnutls");
    snprintf(out->api, sizeof out->api, "gnutls");
    snprintf(out->library, sizeof out->library, "GnuTLS %s", release);
    snprintf(out->release, sizeof out->release, "%s", release);
    list_versions(out);
    list_suites(out);
    for (uint16_t version = TLS10; version <= TLS13; version++) {
        if (!out->versions[version - TLS10])
            continue;
        list_groups(out, version);
        list_credentials(out, version);
    }
    list_signature_schemes(out);
    list_features(out);
    return 0;
}
