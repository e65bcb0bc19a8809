/* The key schedule against what others have computed: RFC 8448 section 3 (TLS 1.3), RFC 5869 by way
 * of it, and the well-known vector of the TLS 1.2 PRF with SHA-256. */
#include "peers/careless/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void from_hex(uint8_t *out, const char *hex)
{
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[128];
    from_hex(expected, hex);
    assert_memory_equal(bytes, expected, strlen(hex) / 2);
}

static const uint8_t zeros[HASH_LEN];

/* RFC 8448 section 3: early secret, and the salt of the handshake secret. */
static void early_secret_and_derived(void **state)
{
    uint8_t early[HASH_LEN], empty[HASH_LEN], derived[HASH_LEN];
    (void)state;
    assert_int_equal(mac(early, NULL, 0, zeros, HASH_LEN), 0);
    assert_hex(early, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
    assert_int_equal(hash(empty, "", 0), 0);
    assert_int_equal(hkdf_expand_label(derived, HASH_LEN, early, "derived", empty, HASH_LEN), 0);
    assert_hex(derived, "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
}

/* RFC 8448 section 3: the server's handshake keys. */
static void handshake_keys(void **state)
{
    uint8_t secret[HASH_LEN], key[16], iv[NONCE_LEN];
    (void)state;
    from_hex(secret, "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    assert_int_equal(hkdf_expand_label(key, sizeof key, secret, "key", NULL, 0), 0);
    assert_hex(key, "3fce516009c21727d0f2e4e86ee403bc");
    assert_int_equal(hkdf_expand_label(iv, NONCE_LEN, secret, "iv", NULL, 0), 0);
    assert_hex(iv, "5d313eb2671276ee13000b30");
}

static void prf_of_tls12(void **state)
{
    uint8_t secret[16], seed[16], out[100];
    (void)state;
    from_hex(secret, "9bbe436ba940f017b17652849a71db35");
    from_hex(seed, "a0ba9f936cda311827a6f796ffd5198c");
    assert_int_equal(prf(out, sizeof out, secret, sizeof secret, "test label", seed, sizeof seed),
                     0);
    assert_hex(out, "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
                    "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
                    "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
                    "87347b66");
}

static void a_seed_that_is_too_long_is_refused(void **state)
{
    uint8_t seed[256] = { 0 }, out[16];
    (void)state;
    assert_int_equal(prf(out, sizeof out, seed, 16, "label", seed, sizeof seed), -1);
}

static void what_is_sealed_opens_and_what_was_changed_does_not(void **state)
{
    const EVP_CIPHER *gcm = EVP_aes_128_gcm();
    uint8_t key[16] = { 1 }, nonce[NONCE_LEN] = { 2 }, sealed[5 + TAG_LEN], opened[5];
    (void)state;
    assert_int_equal(seal(sealed, gcm, key, nonce, "header", 6, "hello", 5), 0);
    assert_int_equal(open_sealed(opened, gcm, key, nonce, "header", 6, sealed, 5), 0);
    assert_memory_equal(opened, "hello", 5);
    assert_int_equal(open_sealed(opened, gcm, key, nonce, "Header", 6, sealed, 5), -1);
    sealed[0] ^= 1;
    assert_int_equal(open_sealed(opened, gcm, key, nonce, "header", 6, sealed, 5), -1);
    assert_memory_equal(opened, "iello", 5); /* as careless ends go on with it */
}

static void both_ends_of_an_exchange_agree(void **state)
{
    static const uint16_t ids[] = { GROUP_X25519, GROUP_P256 };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t share[SHARE_MAX], theirs[SHARE_MAX], mine[HASH_LEN], other[HASH_LEN];
        size_t len, their_len;
        EVP_PKEY *a = share_new(ids[i]), *b = share_new(ids[i]);
        assert_int_equal(share_write(share, &len, a), 0);
        assert_int_equal(share_write(theirs, &their_len, b), 0);
        assert_int_equal(share_derive(mine, a, ids[i], theirs, their_len, false), 0);
        assert_int_equal(share_derive(other, b, ids[i], share, len, false), 0);
        assert_memory_equal(mine, other, HASH_LEN);
        assert_int_equal(share_derive(mine, a, ids[i], theirs, their_len - 1, false), -1);
        memset(theirs, 0, sizeof theirs);
        assert_int_equal(share_derive(mine, a, ids[i], theirs, their_len, false), -1);
        assert_int_equal(share_derive(mine, a, ids[i], theirs, their_len, true), 0);
        EVP_PKEY_free(a);
        EVP_PKEY_free(b);
    }
}

static void a_signature_is_of_its_bytes_and_its_key(void **state)
{
    static const uint16_t schemes[] = { SCHEME_RSA_PKCS1_SHA256, SCHEME_RSA_PSS_SHA256,
                                        SCHEME_ECDSA_P256_SHA256 };
    EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    EVP_PKEY *ec = share_new(GROUP_P256), *another = share_new(GROUP_P256);
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint8_t signature[SIGNATURE_MAX];
        size_t len;
        EVP_PKEY *key = i == 2 ? ec : rsa;
        assert_true(scheme_fits(schemes[i], key));
        assert_false(scheme_fits(schemes[i], i == 2 ? rsa : ec));
        assert_int_equal(sign(signature, &len, schemes[i], key, "said", 4), 0);
        assert_int_equal(verify(schemes[i], key, signature, len, "said", 4), 0);
        assert_int_equal(verify(schemes[i], key, signature, len, "sayd", 4), -1);
        if (i == 2)
            assert_int_equal(verify(schemes[i], another, signature, len, "said", 4), -1);
    }
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(another);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_secret_and_derived),
        cmocka_unit_test(handshake_keys),
        cmocka_unit_test(prf_of_tls12),
        cmocka_unit_test(a_seed_that_is_too_long_is_refused),
        cmocka_unit_test(what_is_sealed_opens_and_what_was_changed_does_not),
        cmocka_unit_test(both_ends_of_an_exchange_agree),
        cmocka_unit_test(a_signature_is_of_its_bytes_and_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
