/* The table of identities, held against libcrypto's verifier in its strict mode: it must object to
 * the very thing that the row is about, and must accept the healthy variants. */
#include "harness/pki/tests/imposters_fixture.h"

#include <openssl/x509v3.h>

/* ---- asking libcrypto ---- */

static const char *trust_of(const struct imposter *imposter, enum credential kind)
{
    return imposter->trust_file[0] != '\0' ? imposter->trust_file : forge.kinds[kind].trust_file;
}

static void load_crls(X509_STORE *store, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    X509_CRL *crl;
    while ((crl = PEM_read_X509_CRL(file, NULL, NULL, NULL)) != NULL) {
        X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
    }
    fclose(file);
    ERR_clear_error();
}

/* A client's demands on the name; a server has none. */
static void demand_name(X509_VERIFY_PARAM *param, const struct identity *identity, unsigned flags)
{
    const char *name = identity->peer_name != NULL ? identity->peer_name : FORGE_SERVER_NAME;
    X509_VERIFY_PARAM_set_hostflags(param, flags);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, name) != 1)
        assert_int_equal(X509_VERIFY_PARAM_set1_host(param, name, 0), 1);
    ERR_clear_error();
}

enum { SECURITY_LEVEL = 2 }; /* 112 bits and no SHA-1: what Debian sets for TLS */

/* X509_V_OK, or what the verifier objects to first. */
static int verify(size_t row, size_t side, enum credential kind, unsigned host_flags)
{
    const struct imposter *imposter = imposter_of(row, side, kind);
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *leaf = load_chain(others, imposter->chain_file);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_load_file(store, trust_of(imposter, kind));
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE_CTX_init(ctx, store, leaf, others);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    if (imposter->crl_file[0] != '\0') {
        load_crls(store, imposter->crl_file);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    X509_VERIFY_PARAM_set_time(param, FORGE_TIME);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_purpose(param,
                                  side == 0 ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
    if (side == 0)
        demand_name(param, &identities[row], host_flags);
    int result = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    ERR_clear_error();
    return result;
}

/* Names by RFC 9525: no common names, asterisks as whole labels only. */
#define STRICT_NAMES (X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)

/* ---- what libcrypto says to each row ---- */

static const struct {
    const char *name;
    int code;
} objections[] = {
    { "self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT },
    { "unknown-ca", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
    { "forged-ca", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
    { "forged-ca-same-id", X509_V_ERR_CERT_SIGNATURE_FAILURE },
    { "tampered", X509_V_ERR_CERT_SIGNATURE_FAILURE },
    { "wrong-host", X509_V_ERR_HOSTNAME_MISMATCH },
    { "look-alike", X509_V_ERR_HOSTNAME_MISMATCH },
    { "name-as-prefix", X509_V_ERR_HOSTNAME_MISMATCH },
    { "name-as-suffix", X509_V_ERR_HOSTNAME_MISMATCH },
    { "parent-domain", X509_V_ERR_HOSTNAME_MISMATCH },
    { "ip-instead-of-name", X509_V_ERR_IP_ADDRESS_MISMATCH },
    { "ip-other", X509_V_ERR_IP_ADDRESS_MISMATCH },
    { "ip-as-dns-name", X509_V_ERR_IP_ADDRESS_MISMATCH },
    { "cn-only", X509_V_ERR_HOSTNAME_MISMATCH },
    { "cn-right-san-other", X509_V_ERR_HOSTNAME_MISMATCH },
    { "wildcard-two-labels", X509_V_ERR_HOSTNAME_MISMATCH },
    { "wildcard-no-label", X509_V_ERR_HOSTNAME_MISMATCH },
    { "wildcard-partial", X509_V_ERR_HOSTNAME_MISMATCH },
    { "wildcard-inside", X509_V_ERR_HOSTNAME_MISMATCH },
    { "name-trailing-dot", X509_V_ERR_HOSTNAME_MISMATCH },
    { "embedded-nul", X509_V_ERR_HOSTNAME_MISMATCH },
    { "expired-leaf", X509_V_ERR_CERT_HAS_EXPIRED },
    { "expired-intermediate", X509_V_ERR_CERT_HAS_EXPIRED },
    { "expired-root", X509_V_ERR_CERT_HAS_EXPIRED },
    { "not-yet-valid-leaf", X509_V_ERR_CERT_NOT_YET_VALID },
    { "not-yet-valid-intermediate", X509_V_ERR_CERT_NOT_YET_VALID },
    { "not-yet-valid-root", X509_V_ERR_CERT_NOT_YET_VALID },
    { "expired-by-a-second", X509_V_ERR_CERT_HAS_EXPIRED },
    { "expires-now", X509_V_ERR_CERT_HAS_EXPIRED }, /* a second too early: see below */
    { "missing-intermediate", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
    { "intermediate-not-ca", X509_V_ERR_INVALID_CA },
    { "intermediate-without-basic-constraints", X509_V_ERR_INVALID_CA },
    { "intermediate-without-cert-sign", X509_V_ERR_INVALID_CA },
    { "intermediate-version-1", X509_V_ERR_INVALID_CA },
    { "path-length-exceeded", X509_V_ERR_PATH_LENGTH_EXCEEDED },
    { "name-constraint-broken", X509_V_ERR_PERMITTED_VIOLATION },
    { "name-constraint-excluded", X509_V_ERR_EXCLUDED_VIOLATION },
    { "root-without-basic-constraints", X509_V_ERR_INVALID_CA },
    { "wrong-extended-key-usage", X509_V_ERR_INVALID_PURPOSE },
    { "any-extended-key-usage", X509_V_ERR_INVALID_PURPOSE },
    { "intermediate-extended-key-usage", X509_V_ERR_INVALID_PURPOSE },
    { "wrong-key-usage", X509_V_ERR_INVALID_PURPOSE },
    { "unknown-critical-extension", X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION },
    { "unknown-critical-extension-intermediate", X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION },
    { "version-1", X509_V_ERR_HOSTNAME_MISMATCH },
    { "revoked", X509_V_ERR_CERT_REVOKED },
    { "revoked-intermediate", X509_V_ERR_CERT_REVOKED },
    { "rsa1024", X509_V_ERR_EE_KEY_TOO_SMALL },
    { "sha1-signature", X509_V_ERR_CA_MD_TOO_WEAK },
    { "md5-signature", X509_V_ERR_CA_MD_TOO_WEAK },
};
static const size_t num_objections = sizeof objections / sizeof objections[0];

static int objection_to(const char *name)
{
    for (size_t i = 0; i < num_objections; i++)
        if (strcmp(objections[i].name, name) == 0)
            return objections[i].code;
    return X509_V_OK;
}

/* The class that a code of the list above belongs to. */
static enum verify_problem class_of(int code)
{
    switch (code) {
    case X509_V_OK:
        return VERIFY_PROBLEM_NONE;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return VERIFY_PROBLEM_NAME;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return VERIFY_PROBLEM_TIME;
    case X509_V_ERR_INVALID_PURPOSE:
        return VERIFY_PROBLEM_USAGE;
    case X509_V_ERR_CERT_REVOKED:
        return VERIFY_PROBLEM_REVOKED;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return VERIFY_PROBLEM_WEAK;
    default:
        return VERIFY_PROBLEM_CHAIN;
    }
}

static void libcrypto_objects_to_what_the_row_is_about(void **state)
{
    (void)state;
    FOR_EACH_IMPOSTER(row, side, kind)
    {
        int code = verify(row, side, kind, STRICT_NAMES);
        if (code != objection_to(identities[row].name))
            fail_msg("%s of %s at side %zu: %s", identities[row].name, credential_name(kind), side,
                     X509_verify_cert_error_string(code));
    }
}

/* Where the certificate alone cannot tell: its holder has no key for it, or its CA took it back. */
static bool shows_elsewhere(const struct identity *identity)
{
    return identity->wrong_key || strncmp(identity->name, "ocsp-", strlen("ocsp-")) == 0;
}

static void rows_expect_what_libcrypto_objects_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_objections; i++)
        assert_true(identity_by_name(objections[i].name) >= 0);
    for (size_t i = 0; i < num_identities; i++) {
        const struct identity *identity = &identities[i];
        int code = objection_to(identity->name);
        /* RFC 5280 section 4.1.2.5 counts the last second in, libcrypto does not. */
        if (strcmp(identity->name, "expires-now") == 0 || shows_elsewhere(identity))
            continue;
        if (code != X509_V_OK)
            assert_int_equal(class_of(code), identity->problem);
        if (!identity->open)
            assert_int_equal(code == X509_V_OK, identity->accepted);
    }
}

/* ---- the table ---- */

static void names_are_unique_and_fit_into_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_identities; i++) {
        const char *name = identities[i].name;
        assert_int_equal(identity_by_name(name), i);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
        assert_true(strlen("client-") + strlen(name) < NAME_MAX_LEN);
        assert_int_not_equal(strncmp(name, "client-", strlen("client-")), 0);
    }
    assert_int_equal(identity_by_name("genuine"), IDENTITY_GENUINE);
    assert_int_equal(identity_by_name("no-such-row"), -1);
}

static void twins_are_accepted_wherever_the_row_applies(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_identities; i++) {
        int twin = identity_by_name(identities[i].twin);
        assert_true(twin >= 0);
        assert_true(identities[twin].accepted && !identities[twin].open);
        assert_int_equal(identities[i].sides & ~identities[twin].sides, 0);
        assert_int_equal(identities[i].credentials & ~identities[twin].credentials, 0);
        assert_int_equal(objection_to(identities[twin].name), X509_V_OK);
    }
}

static void refusals_have_alerts_and_acceptance_has_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_identities; i++) {
        const struct identity *identity = &identities[i];
        bool may_be_refused = identity->open || !identity->accepted;
        assert_int_equal(identity->num_alerts > 0, may_be_refused);
        assert_true(identity->num_alerts <= IDENTITY_ALERTS_MAX);
        for (size_t a = 0; a < identity->num_alerts; a++)
            assert_non_null(alert_by_id(identity->alerts[a]));
        assert_int_equal(identity->problem != VERIFY_PROBLEM_NONE,
                         may_be_refused && !identity->wrong_key);
    }
}

static void rows_say_what_they_are_and_who_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_identities; i++) {
        const char *text = identities[i].text;
        assert_int_equal(text[strlen(text) - 1], '.');
        assert_int_equal(strncmp(identities[i].references, "RFC ", 4), 0);
        assert_true(identities[i].sides != 0 && identities[i].credentials != 0);
        if (identities[i].peer_name != NULL)
            assert_true(strlen(identities[i].peer_name) < NAME_MAX_LEN);
    }
}

static void older_rules_for_names_would_accept_what_RFC_9525_refuses(void **state)
{
    (void)state;
    static const char *const names[] = { "cn-only", "wildcard-partial", "version-1" };
    FOR_EACH_KIND(kind)
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(verify((size_t)identity_by_name(names[i]), 0, kind, 0), X509_V_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_fit_into_ids),
        cmocka_unit_test(twins_are_accepted_wherever_the_row_applies),
        cmocka_unit_test(refusals_have_alerts_and_acceptance_has_none),
        cmocka_unit_test(rows_say_what_they_are_and_who_says_so),
        cmocka_unit_test(rows_expect_what_libcrypto_objects_to),
        cmocka_unit_test(libcrypto_objects_to_what_the_row_is_about),
        cmocka_unit_test(older_rules_for_names_would_accept_what_RFC_9525_refuses),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
