/* A chain made again says what the original said, verifies by its own anchor, and has other keys.
 */
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"
#include "harness/pki/identities.h"
#include "harness/pki/reissue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct fixture {
    char folder[PATH_LEN];
    struct forge forge;
    struct imposters *imposters;
};

static struct fixture fixture;

static int set_up(void **state)
{
    char path[PATH_LEN], cache[PATH_LEN];
    struct error err;
    (void)state;
    snprintf(fixture.folder, PATH_LEN, "/tmp/reissue-test-XXXXXX");
    forge_default_key_cache(cache);
    fixture.imposters = calloc(1, sizeof *fixture.imposters);
    if (fixture.imposters == NULL || mkdtemp(fixture.folder) == NULL)
        return -1;
    path_format(path, NULL, "%s/pki", fixture.folder);
    if (forge_make(&fixture.forge, path, cache, &err) < 0)
        return -1;
    path_format(path, NULL, "%s/imposters", fixture.folder);
    return forge_imposters(fixture.imposters, path, &fixture.forge, CREDENTIAL_RSA2048, &err);
}

static int tear_down(void **state)
{
    (void)state;
    free(fixture.imposters);
    directory_remove(fixture.folder);
    return 0;
}

static void prefix_of(char out[PATH_LEN])
{
    path_format(out, NULL, "%s/made", fixture.folder);
}

static X509 *made(const char *what)
{
    char path[PATH_LEN];
    path_format(path, NULL, "%s/made-%s.pem", fixture.folder, what);
    X509 *certificate = certificate_read(path, NULL);
    assert_non_null(certificate);
    return certificate;
}

static void reissue(const char *file, struct reissue_order order)
{
    char prefix[PATH_LEN];
    uint8_t *chain;
    struct error err;
    prefix_of(prefix);
    assert_int_equal(forge_read_chain(&chain, &order.chain_len, file, &err), 0);
    order.chain = chain;
    if (reissue_chain(&order, prefix, &err) < 0)
        fail_msg("%s", err.text);
    free(chain);
}

/* libcrypto's verdict on the made chain by the made anchor. */
static int verdict_at(int64_t time)
{
    char path[PATH_LEN];
    path_format(path, NULL, "%s/made-chain.pem", fixture.folder);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *root = made("root"), *certificate;
    BIO *in = BIO_new_file(path, "r");
    while ((certificate = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
        sk_X509_push(chain, certificate);
    BIO_free(in);
    X509_STORE_add_cert(store, root);
    X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)time);
    X509_verify_cert(ctx);
    int verdict = X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    sk_X509_pop_free(chain, X509_free);
    X509_STORE_free(store);
    X509_free(root);
    return verdict;
}

static void test_it_verifies_with_every_kind_of_key(void **state)
{
    (void)state;
    for (int kind = CREDENTIAL_RSA2048; kind < NUM_CREDENTIALS; kind++) {
        reissue(fixture.forge.kinds[kind].server_chain, (struct reissue_order){ 0 });
        if (verdict_at(FORGE_TIME) != X509_V_OK)
            fail_msg("%s: %s", credential_name((enum credential)kind),
                     X509_verify_cert_error_string(verdict_at(FORGE_TIME)));
    }
}

static void test_it_says_what_the_original_said_with_another_key(void **state)
{
    const char *file = fixture.forge.kinds[CREDENTIAL_ECDSA_P384].server_chain;
    (void)state;
    reissue(file, (struct reissue_order){ 0 });
    X509 *original = certificate_read(file, NULL), *copy = made("chain");
    assert_int_equal(X509_NAME_cmp(X509_get_subject_name(original), X509_get_subject_name(copy)),
                     0);
    assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(original), X509_get_issuer_name(copy)), 0);
    assert_int_equal(ASN1_TIME_compare(X509_get0_notAfter(original), X509_get0_notAfter(copy)), 0);
    assert_int_equal(X509_get_ext_count(original), X509_get_ext_count(copy));
    assert_int_equal(X509_check_host(copy, FORGE_SERVER_NAME, 0, 0, NULL), 1);
    assert_int_equal(X509_get_signature_nid(original), X509_get_signature_nid(copy));
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(copy)), 384);
    assert_int_not_equal(EVP_PKEY_eq(X509_get0_pubkey(original), X509_get0_pubkey(copy)), 1);
    X509_free(original);
    X509_free(copy);
}

static void test_an_expired_one_stays_expired(void **state)
{
    int row = identity_by_name("expired-leaf");
    (void)state;
    reissue(fixture.imposters->of[row][0].chain_file, (struct reissue_order){ 0 });
    assert_int_equal(verdict_at(FORGE_TIME), X509_V_ERR_CERT_HAS_EXPIRED);
}

static void test_period_and_name_can_be_others(void **state)
{
    const int64_t now = INT64_C(1900000000), day = 86400;
    (void)state;
    reissue(fixture.forge.kinds[CREDENTIAL_RSA2048].server_chain,
            (struct reissue_order){ .server_name = "a.example",
                                    .set_period = true,
                                    .leaf_period = { now - 2 * day, now - day },
                                    .ca_period = { now - 9 * day, now + 9 * day } });
    assert_int_equal(verdict_at(now), X509_V_ERR_CERT_HAS_EXPIRED);
    assert_int_equal(verdict_at(now - day - 1), X509_V_OK);
    X509 *leaf = made("chain");
    assert_int_equal(X509_check_host(leaf, "a.example", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(leaf, FORGE_SERVER_NAME, 0, 0, NULL), 0);
    X509_free(leaf);
}

static void test_the_key_is_the_leafs(void **state)
{
    char path[PATH_LEN];
    struct bytes pem;
    (void)state;
    reissue(fixture.forge.kinds[CREDENTIAL_RSA2048].server_chain, (struct reissue_order){ 0 });
    path_format(path, NULL, "%s/made-key.pem", fixture.folder);
    assert_int_equal(file_read(&pem, path, NULL), 0);
    EVP_PKEY *key = key_from_pem(&pem);
    X509 *leaf = made("chain");
    assert_int_equal(X509_check_private_key(leaf, key), 1);
    X509_free(leaf);
    EVP_PKEY_free(key);
    free(pem.data);
}

static void test_what_is_no_chain_is_told(void **state)
{
    static const uint8_t texts[][8] = {
        { 0, 0, 5, 1, 2 }, { 0, 0, 4, 0x30, 0x82, 0xFF, 0xFF }, { 0xFF, 0xFF, 0xFF }, { 0, 0, 0 }
    };
    char prefix[PATH_LEN];
    struct error err;
    (void)state;
    prefix_of(prefix);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t len = 0; len <= sizeof texts[i]; len++) {
            const struct reissue_order order = { .chain = texts[i], .chain_len = len };
            assert_int_equal(reissue_chain(&order, prefix, &err), -1);
            assert_int_equal(err.class, ERROR_USAGE);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_verifies_with_every_kind_of_key),
        cmocka_unit_test(test_it_says_what_the_original_said_with_another_key),
        cmocka_unit_test(test_an_expired_one_stays_expired),
        cmocka_unit_test(test_period_and_name_can_be_others),
        cmocka_unit_test(test_the_key_is_the_leafs),
        cmocka_unit_test(test_what_is_no_chain_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
