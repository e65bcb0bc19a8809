/* The imposters' files: each is wrong in one thing, and sets on disk are whole or refused. */
#include "harness/pki/tests/imposters_fixture.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

/* ---- what is particular ---- */

static X509 *leaf_of(const char *name, enum credential kind)
{
    return load_chain(NULL, imposter_of((size_t)identity_by_name(name), 0, kind)->chain_file);
}

static const char *key_of(const struct imposter *imposter, size_t side, enum credential kind)
{
    const struct forged *genuine = &forge.kinds[kind];
    if (imposter->key_file[0] != '\0')
        return imposter->key_file;
    return side == 0 ? genuine->server_key : genuine->client_key;
}

static void keys_belong_to_leaves_except_the_wrong_one(void **state)
{
    (void)state;
    FOR_EACH_IMPOSTER(row, side, kind)
    {
        const struct imposter *imposter = imposter_of(row, side, kind);
        struct bytes pem;
        assert_int_equal(file_read(&pem, key_of(imposter, side, kind), NULL), 0);
        EVP_PKEY *key = key_from_pem(&pem);
        X509 *leaf = load_chain(NULL, imposter->chain_file);
        assert_int_equal(X509_check_private_key(leaf, key), !identities[row].wrong_key);
        ERR_clear_error();
        X509_free(leaf);
        EVP_PKEY_free(key);
        free(pem.data);
    }
}

static void hashes_are_true(void **state)
{
    (void)state;
    FOR_EACH_IMPOSTER(row, side, kind)
    {
        const struct imposter *imposter = imposter_of(row, side, kind);
        uint8_t leaf_hash[SHA256_LEN], spki_hash[SHA256_LEN];
        X509 *leaf = load_chain(NULL, imposter->chain_file);
        assert_int_equal(certificate_sha256(leaf_hash, leaf, NULL), 0);
        assert_int_equal(spki_sha256(spki_hash, leaf, NULL), 0);
        assert_memory_equal(leaf_hash, imposter->leaf_sha256, SHA256_LEN);
        assert_memory_equal(spki_hash, imposter->spki_sha256, SHA256_LEN);
        X509_free(leaf);
    }
}

static void chains_are_as_long_as_the_row_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int len;
    } chains[] = {
        { "genuine", 2 },           { "self-signed", 1 },
        { "unknown-ca", 2 },        { "missing-intermediate", 1 },
        { "two-intermediates", 3 }, { "wrong-order", 3 },
        { "root-included", 3 },     { "superfluous-certificates", 3 },
        { "long-chain", 31 },
    };
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
        size_t row = (size_t)identity_by_name(chains[i].name);
        STACK_OF(X509) *others = sk_X509_new_null();
        X509 *leaf = load_chain(others, imposter_of(row, 0, CREDENTIAL_ECDSA_P256)->chain_file);
        assert_int_equal(1 + sk_X509_num(others), chains[i].len);
        bool in_order = sk_X509_num(others) == 0 || /* alone, or certified by the next */
                        X509_NAME_cmp(X509_get_issuer_name(leaf),
                                      X509_get_subject_name(sk_X509_value(others, 0))) == 0;
        assert_int_equal(in_order, strcmp(chains[i].name, "wrong-order") != 0 &&
                                       strcmp(chains[i].name, "superfluous-certificates") != 0);
        sk_X509_pop_free(others, X509_free);
        X509_free(leaf);
    }
}

static void the_name_with_a_nul_holds_one(void **state)
{
    (void)state;
    static const char name[] = FORGE_SERVER_NAME "\0.evil.example";
    X509 *leaf = leaf_of("embedded-nul", CREDENTIAL_ED25519);
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 0), NULL);
    assert_int_equal(ASN1_STRING_length(value), sizeof name - 1);
    assert_memory_equal(ASN1_STRING_get0_data(value), name, sizeof name - 1);
    GENERAL_NAMES_free(names);
    X509_free(leaf);
}

static void the_huge_certificate_is_huge(void **state)
{
    (void)state;
    X509 *leaf = leaf_of("huge-certificate", CREDENTIAL_ECDSA_P256);
    assert_in_range(i2d_X509(leaf, NULL), 60000, 65535);
    X509_free(leaf);
}

static void only_the_anchors_at_fault_replace_the_genuine_one(void **state)
{
    (void)state;
    FOR_EACH_IMPOSTER(row, side, kind)
    assert_int_equal(imposter_of(row, side, kind)->trust_file[0] != '\0',
                     strstr(identities[row].name, "-root") != NULL ||
                         strncmp(identities[row].name, "root-without", 12) == 0);
}

/* ---- OCSP ---- */

struct reading {
    bool signature; /* is the issuer's */
    bool current;   /* the frozen time is within its time */
    int status;
};

static OCSP_RESPONSE *load_staple(const char *path)
{
    BIO *bio = BIO_new_file(path, "rb");
    assert_non_null(bio);
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE_bio(bio, NULL);
    assert_non_null(response);
    BIO_free(bio);
    return response;
}

static bool is_signed_by_issuer(OCSP_BASICRESP *basic, STACK_OF(X509) * chain, const char *trust)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_load_file(store, trust);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), FORGE_TIME);
    bool ok = OCSP_basic_verify(basic, chain, store, 0) == 1;
    X509_STORE_free(store);
    ERR_clear_error();
    return ok;
}

static struct reading read_staple(const char *name, enum credential kind)
{
    const struct imposter *imposter = imposter_of((size_t)identity_by_name(name), 0, kind);
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *leaf = load_chain(chain, imposter->chain_file);
    OCSP_RESPONSE *response = load_staple(imposter->staple_file);
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, sk_X509_value(chain, 0));
    ASN1_GENERALIZEDTIME *from, *to;
    struct reading out = { 0 };
    time_t now = FORGE_TIME;
    assert_int_equal(OCSP_resp_find_status(basic, id, &out.status, NULL, NULL, &from, &to), 1);
    out.current = X509_cmp_time(from, &now) < 0 && X509_cmp_time(to, &now) > 0;
    out.signature = is_signed_by_issuer(basic, chain, forge.kinds[kind].trust_file);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    sk_X509_pop_free(chain, X509_free);
    X509_free(leaf);
    return out;
}

static void staples_are_wrong_in_one_thing_each(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct reading reading;
    } staples[] = {
        { "ocsp-stapled-good", { true, true, V_OCSP_CERTSTATUS_GOOD } },
        { "ocsp-stapled-revoked", { true, true, V_OCSP_CERTSTATUS_REVOKED } },
        { "ocsp-stapled-forged", { false, true, V_OCSP_CERTSTATUS_GOOD } },
        { "ocsp-stapled-stale", { true, false, V_OCSP_CERTSTATUS_GOOD } },
    };
    FOR_EACH_KIND(kind)
    for (size_t i = 0; i < sizeof staples / sizeof staples[0]; i++) {
        struct reading reading = read_staple(staples[i].name, kind);
        assert_int_equal(reading.signature, staples[i].reading.signature);
        assert_int_equal(reading.current, staples[i].reading.current);
        assert_int_equal(reading.status, staples[i].reading.status);
    }
}

/* ---- on disk ---- */

static struct imposters *again(const char *directory, const struct forge *of, struct error *err)
{
    struct imposters *out = malloc(sizeof *out);
    assert_non_null(out);
    if (forge_imposters(out, directory, of, CREDENTIAL_ED25519, err) == 0)
        return out;
    free(out);
    return NULL;
}

static void a_complete_set_is_read_not_made(void **state)
{
    (void)state;
    struct imposters *read = again(below("imposters"), &forge, NULL);
    assert_non_null(read);
    assert_memory_equal(read, all[CREDENTIAL_ED25519], sizeof *read);
    free(read);
}

static void a_changed_file_is_told_by_name(void **state)
{
    (void)state;
    struct error err;
    char command[2 * PATH_LEN];
    struct imposters *made = again(below("spoilt"), &forge, NULL);
    assert_non_null(made);
    snprintf(command, sizeof command, "echo >> %s", made->of[1][1].chain_file);
    assert_int_equal(system(command), 0);
    assert_null(again(below("spoilt"), &forge, &err));
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "client-self-signed-chain.pem: differs from its hash"));
    free(made);
}

static void imposters_of_another_forge_are_refused(void **state)
{
    (void)state;
    struct forge other;
    struct error err;
    char cache[PATH_LEN];
    forge_default_key_cache(cache);
    assert_int_equal(forge_make(&other, below("other"), cache, NULL), 0);
    assert_null(again(below("imposters"), &other, &err));
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "not of these credentials"));
}

static void a_directory_with_other_content_is_refused(void **state)
{
    (void)state;
    struct error err;
    char command[2 * PATH_LEN];
    snprintf(command, sizeof command, "mkdir -p %s && touch %s", below("mine/ed25519"),
             below("mine/ed25519/file"));
    assert_int_equal(system(command), 0);
    assert_null(again(below("mine"), &forge, &err));
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "holds something else"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_belong_to_leaves_except_the_wrong_one),
        cmocka_unit_test(hashes_are_true),
        cmocka_unit_test(chains_are_as_long_as_the_row_says),
        cmocka_unit_test(the_name_with_a_nul_holds_one),
        cmocka_unit_test(the_huge_certificate_is_huge),
        cmocka_unit_test(only_the_anchors_at_fault_replace_the_genuine_one),
        cmocka_unit_test(staples_are_wrong_in_one_thing_each),
        cmocka_unit_test(a_complete_set_is_read_not_made),
        cmocka_unit_test(a_changed_file_is_told_by_name),
        cmocka_unit_test(imposters_of_another_forge_are_refused),
        cmocka_unit_test(a_directory_with_other_content_is_refused),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
