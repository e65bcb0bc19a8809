/* What is read of chains: their periods, all along; the addresses that they name. */
#include "captures/story.h"
#include "harness/wire/writer.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1767225600, DAY = 86400, CHAIN_BYTES_MAX = 16384 };

struct made_certificate {
    const char *subject;
    const char *names;        /* subjectAltName in OpenSSL's words; NULL: none */
    int begin_days, end_days; /* from NOW on */
};

static X509 *make(const struct made_certificate *made, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)made->subject, -1,
                               -1, 0);
    ASN1_TIME_set(X509_getm_notBefore(certificate), NOW + (time_t)made->begin_days * DAY);
    ASN1_TIME_set(X509_getm_notAfter(certificate), NOW + (time_t)made->end_days * DAY);
    X509_set_pubkey(certificate, key);
    name = X509_get_issuer_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"issuer", -1, -1,
                               0);
    if (made->names != NULL) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, made->names);
        assert_non_null(extension);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

/* The view of a Certificate message of TLS 1.2 with this chain, the leaf first. */
static void view(struct certificate_view *out, const struct made_certificate chain[], size_t num,
                 const char *server_name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct writer writer;
    writer_init(&writer, CHAIN_BYTES_MAX);
    size_t list = writer_open(&writer, 3);
    for (size_t i = 0; i < num; i++) {
        unsigned char *der = NULL;
        X509 *certificate = make(&chain[i], key);
        int len = i2d_X509(certificate, &der);
        size_t one = writer_open(&writer, 3);
        assert_true(len > 0);
        writer_bytes(&writer, der, (size_t)len);
        writer_close(&writer, one, 3);
        OPENSSL_free(der);
        X509_free(certificate);
    }
    writer_close(&writer, list, 3);
    const struct tls_message message = {
        .from = ROLE_SERVER, .type = HANDSHAKE_CERTIFICATE, .body = writer.data, .len = writer.len
    };
    memset(out, 0, sizeof *out);
    certificate_view_read(out, &message, false, server_name, NOW);
    assert_true(out->seen);
    writer_fini(&writer);
    EVP_PKEY_free(key);
}

static void a_chain_in_its_period_is_not_accused(void **state)
{
    static const struct made_certificate chain[] = { { "leaf", NULL, -1, 1 },
                                                     { "above", NULL, -1, 1 } };
    struct certificate_view got;
    (void)state;
    view(&got, chain, 2, "");
    assert_false(got.expired || got.not_yet_valid || got.chain_expired || got.chain_not_yet_valid);
    assert_string_equal(got.chain_subject, "");
}

static void what_is_not_yet_valid_above_the_leaf_is_seen(void **state)
{
    static const struct made_certificate chain[] = { { "leaf", NULL, -1, 1 },
                                                     { "above", NULL, -1, 1 },
                                                     { "begins", NULL, 1, 3 } };
    struct certificate_view got;
    (void)state;
    view(&got, chain, 3, "");
    assert_true(got.chain_not_yet_valid);
    assert_false(got.chain_expired || got.expired || got.not_yet_valid);
    assert_string_equal(got.chain_subject, "CN=begins");
    assert_int_equal(got.chain_not_before, NOW + DAY);
}

static void what_has_expired_counts_before_what_has_not_begun(void **state)
{
    static const struct made_certificate chain[] = { { "leaf", NULL, -1, 1 },
                                                     { "begins", NULL, 1, 3 },
                                                     { "ended", NULL, -3, -1 } };
    struct certificate_view got;
    (void)state;
    view(&got, chain, 3, "");
    assert_true(got.chain_not_yet_valid && got.chain_expired);
    assert_string_equal(got.chain_subject, "CN=ended");
    assert_int_equal(got.chain_not_after, NOW - DAY);
}

static void addresses_are_names_too(void **state)
{
    static const struct made_certificate leaf = { "leaf",
                                                  "DNS:a.example,IP:192.0.2.7,IP:2001:db8::7", -1,
                                                  1 };
    struct certificate_view got;
    (void)state;
    view(&got, &leaf, 1, "192.0.2.7");
    assert_true(got.name_matches);
    assert_string_equal(got.names, "a.example, 192.0.2.7, 2001:db8::7");
    assert_int_equal(got.num_addresses, 2);
    assert_true(IN6_IS_ADDR_V4MAPPED(&got.addresses[0]));
    view(&got, &leaf, 1, "2001:db8::7");
    assert_true(got.name_matches);
    view(&got, &leaf, 1, "a.example");
    assert_true(got.name_matches);
    view(&got, &leaf, 1, "192.0.2.8");
    assert_false(got.name_matches);
}

static void keys_and_signatures_have_their_numbers(void **state)
{
    static const struct made_certificate chain[] = { { "leaf", NULL, -1, 1 },
                                                     { "issuer", NULL, -1, 1 } };
    struct certificate_view got;
    (void)state;
    view(&got, chain, 2, "");
    assert_int_equal(got.signing_key.kind, KEY_EC);
    assert_int_equal(got.signing_key.group, group_by_name("secp256r1")->id);
    assert_int_equal(got.signed_by[0], signature_scheme_by_name("ecdsa_secp256r1_sha256")->id);
    assert_int_equal(got.signed_by[1], 0); /* its subject is its issuer */
}

static void more_addresses_than_are_kept_are_counted(void **state)
{
    char names[256] = "";
    struct certificate_view got;
    (void)state;
    for (int i = 0; i < STORY_ADDRESSES_MAX + 2; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%sIP:192.0.2.%d",
                 i == 0 ? "" : ",", i);
    const struct made_certificate leaf = { "leaf", names, -1, 1 };
    view(&got, &leaf, 1, "");
    assert_int_equal(got.num_addresses, STORY_ADDRESSES_MAX + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_in_its_period_is_not_accused),
        cmocka_unit_test(what_is_not_yet_valid_above_the_leaf_is_seen),
        cmocka_unit_test(what_has_expired_counts_before_what_has_not_begun),
        cmocka_unit_test(addresses_are_names_too),
        cmocka_unit_test(keys_and_signatures_have_their_numbers),
        cmocka_unit_test(more_addresses_than_are_kept_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
