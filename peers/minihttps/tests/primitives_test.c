/* Known answers and properties of the cryptography, and each way in which input can be wrong. */
#include "peers/minihttps/tests/fixture.h"

#include <openssl/crypto.h>

/* ---- HKDF ---- */

static void hkdf_gives_the_answers_of_rfc_5869(void **state)
{
    (void)state;
    static const struct {
        const char *salt, *info, *out; /* appendix A.1 and A.3 */
    } rows[] = {
        { "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865" },
        { "", "",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t secret[22], salt[16], info[16], wanted[42], got[42];
        memset(secret, 0x0B, sizeof secret);
        size_t salt_len = unhex(salt, rows[i].salt), info_len = unhex(info, rows[i].info);
        assert_int_equal(unhex(wanted, rows[i].out), sizeof wanted);
        assert_fault(
            hkdf_sha256(got, sizeof got, secret, sizeof secret, salt, salt_len, info, info_len),
            FAULT_NONE);
        assert_memory_equal(got, wanted, sizeof wanted);
    }
}

/* ---- ECDH ---- */

/* RFC 5903 section 8.2; the X coordinate there is 11187331…70f59746. */
#define SECRET_I                                                                                   \
    "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783a" \
    "b"                                                                                            \
    "194"
#define SECRET_R                                                                                   \
    "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a74" \
    "4"                                                                                            \
    "8fc"
#define SPKI_R                                                                                     \
    "3076301006072a8648ce3d020106052b8104002203620004e558dbef53eecde3d3fccfc1aea08a89a987475d12fd" \
    "9"                                                                                            \
    "50d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571dcfbec7aacf3196472169e838430367f66eebe3c6" \
    "e"                                                                                            \
    "70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c"
#define SESSION_KEY "977394797e3e80ff96495fc1a44a2cb153e99f47a59d72ee97cb0beae40fc333"

/* SEC1 ECPrivateKey without the public half, which libcrypto computes. */
static EVP_PKEY *key_of_secret(const char *secret_hex)
{
    uint8_t der[64] = { 0x30, 0x3E, 0x02, 0x01, 0x01, 0x04, 0x30 };
    static const uint8_t curve[] = { 0xA0, 0x07, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22 };
    assert_int_equal(unhex(der + 7, secret_hex), 48);
    memcpy(der + 55, curve, sizeof curve);
    const unsigned char *next = der;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &next, sizeof der);
    assert_non_null(key);
    return key;
}

static void key_exchange_gives_the_known_answer_from_both_ends(void **state)
{
    (void)state;
    uint8_t wanted[KEY_LEN], wanted_spki[SPKI_LEN], spki[SPKI_LEN], key[KEY_LEN];
    EVP_PKEY *i = key_of_secret(SECRET_I), *r = key_of_secret(SECRET_R);
    unhex(wanted, SESSION_KEY);
    unhex(wanted_spki, SPKI_R);
    assert_fault(spki_encode(spki, r), FAULT_NONE);
    assert_memory_equal(spki, wanted_spki, SPKI_LEN);
    assert_fault(key_exchange(key, i, r), FAULT_NONE);
    assert_memory_equal(key, wanted, KEY_LEN);
    assert_fault(key_exchange(key, r, i), FAULT_NONE);
    assert_memory_equal(key, wanted, KEY_LEN);
    EVP_PKEY_free(i);
    EVP_PKEY_free(r);
}

static void another_peer_means_another_session_key(void **state)
{
    (void)state;
    uint8_t one[KEY_LEN], two[KEY_LEN];
    EVP_PKEY *own = key_generate(), *a = key_generate(), *b = key_generate();
    assert_fault(key_exchange(one, own, a), FAULT_NONE);
    assert_fault(key_exchange(two, own, b), FAULT_NONE);
    assert_memory_not_equal(one, two, KEY_LEN);
    EVP_PKEY_free(own);
    EVP_PKEY_free(a);
    EVP_PKEY_free(b);
}

static void a_key_of_another_curve_is_no_partner(void **state)
{
    (void)state;
    uint8_t key[KEY_LEN];
    EVP_PKEY *own = key_generate(), *other = EVP_EC_gen("P-256");
    assert_fault(key_exchange(key, own, other), FAULT_KEY);
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
}

/* ---- SubjectPublicKeyInfo ---- */

static void spki_decodes_to_what_was_encoded(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        uint8_t once[SPKI_LEN], twice[SPKI_LEN];
        EVP_PKEY *key = key_generate(), *decoded = NULL;
        assert_fault(spki_encode(once, key), FAULT_NONE);
        assert_fault(spki_decode(&decoded, once, sizeof once), FAULT_NONE);
        assert_int_equal(EVP_PKEY_eq(key, decoded), 1);
        assert_fault(spki_encode(twice, decoded), FAULT_NONE);
        assert_memory_equal(once, twice, SPKI_LEN);
        EVP_PKEY_free(key);
        EVP_PKEY_free(decoded);
    }
}

static void spki_with_any_bit_flipped_is_refused(void **state)
{
    (void)state;
    uint8_t spki[SPKI_LEN];
    EVP_PKEY *decoded = NULL;
    unhex(spki, SPKI_R);
    for (size_t bit = 0; bit < 8 * SPKI_LEN; bit++) {
        spki[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_fault(spki_decode(&decoded, spki, sizeof spki), FAULT_KEY);
        assert_null(decoded);
        spki[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_fault(spki_decode(&decoded, spki, sizeof spki), FAULT_NONE);
    EVP_PKEY_free(decoded);
}

static void spki_of_any_other_length_is_refused(void **state)
{
    (void)state;
    uint8_t spki[SPKI_LEN + 1] = { 0 };
    EVP_PKEY *decoded = NULL;
    unhex(spki, SPKI_R);
    for (size_t len = 0; len <= sizeof spki; len++)
        if (len != SPKI_LEN)
            assert_fault(spki_decode(&decoded, spki, len), FAULT_KEY);
    assert_null(decoded);
}

static void spki_of_another_kind_of_key_is_refused(void **state)
{
    (void)state;
    static const char *const kinds[] = { "P-256", "P-521", "X25519" };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        EVP_PKEY *key = strcmp(kinds[i], "X25519") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519")
                                                        : EVP_EC_gen(kinds[i]);
        EVP_PKEY *decoded = NULL;
        unsigned char *der = NULL;
        uint8_t spki[SPKI_LEN];
        int len = i2d_PUBKEY(key, &der);
        assert_true(len > 0);
        assert_fault(spki_decode(&decoded, der, (size_t)len), FAULT_KEY);
        assert_fault(spki_encode(spki, key), FAULT_KEY);
        OPENSSL_free(der);
        EVP_PKEY_free(key);
    }
}

/* ---- AES-256-GCM ---- */

static void gcm_gives_the_known_answers(void **state)
{
    (void)state;
    static const struct {
        const char *key, *nonce, *plain, *out; /* test cases 14 and 15 of the GCM submission */
    } rows[] = {
        { "0000000000000000000000000000000000000000000000000000000000000000",
          "000000000000000000000000", "00000000000000000000000000000000",
          "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919" },
        { "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
          "cafebabefacedbaddecaf888",
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e"
          "2449a6b525b16aedf5aa0de657ba637b391aafd255",
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b"
          "1056828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t key[KEY_LEN], nonce[NONCE_LEN], plain[64], wanted[80], got[64 + SEAL_OVERHEAD];
        unhex(key, rows[i].key);
        unhex(nonce, rows[i].nonce);
        size_t len = unhex(plain, rows[i].plain);
        assert_int_equal(unhex(wanted, rows[i].out), len + TAG_LEN);
        assert_fault(seal_with_nonce(got, key, nonce, plain, len), FAULT_NONE);
        assert_memory_equal(got, nonce, NONCE_LEN);
        assert_memory_equal(got + NONCE_LEN, wanted, len + TAG_LEN);
    }
}

static void unsealing_gives_what_was_sealed(void **state)
{
    (void)state;
    uint8_t key[KEY_LEN] = { 7 }, plain[300], sealed[300 + SEAL_OVERHEAD], opened[300];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 31);
    for (size_t len = 0; len <= sizeof plain; len++) {
        assert_fault(seal(sealed, key, plain, len), FAULT_NONE);
        assert_fault(unseal(opened, key, sealed, len + SEAL_OVERHEAD), FAULT_NONE);
        assert_memory_equal(opened, plain, len);
    }
}

static void sealing_twice_uses_two_nonces(void **state)
{
    (void)state;
    uint8_t key[KEY_LEN] = { 7 }, one[SEAL_OVERHEAD + 5], two[SEAL_OVERHEAD + 5];
    assert_fault(seal(one, key, (const uint8_t *)READY_TEXT, 5), FAULT_NONE);
    assert_fault(seal(two, key, (const uint8_t *)READY_TEXT, 5), FAULT_NONE);
    assert_memory_not_equal(one, two, NONCE_LEN);
}

static void a_sealed_message_with_any_bit_flipped_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static const uint8_t nothing[5];
    uint8_t key[KEY_LEN] = { 7 }, sealed[CLIENT_READY_LEN], opened[5];
    assert_fault(seal(sealed, key, (const uint8_t *)READY_TEXT, 5), FAULT_NONE);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_fault(unseal(opened, key, sealed, sizeof sealed), FAULT_TAG);
        assert_memory_equal(opened, nothing, sizeof opened);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_fault(unseal(opened, key, sealed, sizeof sealed), FAULT_NONE);
}

static void a_sealed_message_cut_anywhere_is_refused(void **state)
{
    (void)state;
    uint8_t key[KEY_LEN] = { 7 }, sealed[CLIENT_READY_LEN], opened[5];
    assert_fault(seal(sealed, key, (const uint8_t *)READY_TEXT, 5), FAULT_NONE);
    for (size_t len = 0; len < sizeof sealed; len++)
        assert_fault(unseal(opened, key, sealed, len), FAULT_TAG);
    assert_fault(unseal(opened, key, sealed, sizeof sealed), FAULT_NONE);
}

static void another_key_opens_nothing(void **state)
{
    (void)state;
    uint8_t key[KEY_LEN] = { 7 }, other[KEY_LEN] = { 8 }, sealed[CLIENT_READY_LEN], opened[5];
    assert_fault(seal(sealed, key, (const uint8_t *)READY_TEXT, 5), FAULT_NONE);
    assert_fault(unseal(opened, other, sealed, sizeof sealed), FAULT_TAG);
    assert_fault(unseal(opened, key, sealed, sizeof sealed), FAULT_NONE);
}

/* ---- padding ---- */

static void unpadding_gives_what_was_padded(void **state)
{
    (void)state;
    uint8_t data[80], padded[96];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i % 17); /* looks like padding itself */
    for (size_t len = 0; len <= sizeof data; len++) {
        size_t got = 0, padded_len = pkcs7_pad(padded, data, len);
        assert_int_equal(padded_len % PAD_BLOCK, 0);
        assert_in_range(padded_len - len, 1, PAD_BLOCK);
        assert_fault(pkcs7_unpad(&got, padded, padded_len), FAULT_NONE);
        assert_int_equal(got, len);
        assert_memory_equal(padded, data, len);
    }
}

static void bad_padding_is_one_fault_whatever_is_wrong(void **state)
{
    (void)state;
    static const struct {
        uint8_t last, before; /* the last byte, and the one before it */
        size_t len;
    } rows[] = {
        { 0, 0, 16 }, { 17, 17, 32 }, { 255, 255, 32 }, { 2, 3, 16 }, { 1, 0, 15 }, { 1, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[32];
        size_t got;
        memset(data, rows[i].before, sizeof data);
        if (rows[i].len > 0)
            data[rows[i].len - 1] = rows[i].last;
        assert_fault(pkcs7_unpad(&got, data, rows[i].len), FAULT_PADDING);
    }
}

/* ---- signatures ---- */

/* RFC 6979 appendix A.2.6, SHA-256, message "sample". */
static void a_signature_known_from_elsewhere_verifies(void **state)
{
    (void)state;
    EVP_PKEY *key = key_of_secret("6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
                                  "96d5724e4c70a825f872c9ea60d2edf5");
    uint8_t der[SIGNATURE_DER_MAX], padded[SIGNATURE_DER_MAX + PAD_BLOCK];
    size_t len = unhex(
        der,
        "3065023021b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355"
        "d92fa2b3c36d8fb2cd023100f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1fe"
        "ebefdc63eccd1ac42ec0cb8668a4fa0ab0");
    assert_int_equal(pkcs7_pad(padded, der, len), SIGNATURE_LEN);
    assert_fault(signature_check(padded, key, (const uint8_t *)"sample", 6), FAULT_NONE);
    assert_fault(signature_check(padded, key, (const uint8_t *)"simple", 6), FAULT_SIGNATURE);
    EVP_PKEY_free(key);
}

static void a_signature_verifies_with_its_key_and_data_only(void **state)
{
    (void)state;
    static const uint8_t data[] = "Kp1 Kp2 certificate";
    EVP_PKEY *key = key_generate(), *other = key_generate();
    for (int i = 0; i < 30; i++) {
        uint8_t signature[SIGNATURE_LEN];
        assert_fault(signature_make(signature, key, data, sizeof data), FAULT_NONE);
        assert_fault(signature_check(signature, key, data, sizeof data), FAULT_NONE);
        assert_fault(signature_check(signature, other, data, sizeof data), FAULT_SIGNATURE);
        assert_fault(signature_check(signature, key, data, sizeof data - 1), FAULT_SIGNATURE);
    }
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void a_changed_signature_is_told_from_changed_padding(void **state)
{
    (void)state;
    uint8_t signature[SIGNATURE_LEN], changed[SIGNATURE_LEN];
    EVP_PKEY *key = key_generate();
    assert_fault(signature_make(signature, key, (const uint8_t *)"x", 1), FAULT_NONE);
    size_t der_len = 0;
    assert_fault(pkcs7_unpad(&der_len, signature, SIGNATURE_LEN), FAULT_NONE);
    for (size_t i = 0; i < SIGNATURE_LEN; i++) {
        memcpy(changed, signature, SIGNATURE_LEN);
        changed[i] ^= 0x80;
        assert_fault(signature_check(changed, key, (const uint8_t *)"x", 1),
                     i < der_len ? FAULT_SIGNATURE : FAULT_PADDING);
    }
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hkdf_gives_the_answers_of_rfc_5869),
        cmocka_unit_test(key_exchange_gives_the_known_answer_from_both_ends),
        cmocka_unit_test(another_peer_means_another_session_key),
        cmocka_unit_test(a_key_of_another_curve_is_no_partner),
        cmocka_unit_test(spki_decodes_to_what_was_encoded),
        cmocka_unit_test(spki_with_any_bit_flipped_is_refused),
        cmocka_unit_test(spki_of_any_other_length_is_refused),
        cmocka_unit_test(spki_of_another_kind_of_key_is_refused),
        cmocka_unit_test(gcm_gives_the_known_answers),
        cmocka_unit_test(unsealing_gives_what_was_sealed),
        cmocka_unit_test(sealing_twice_uses_two_nonces),
        cmocka_unit_test(a_sealed_message_with_any_bit_flipped_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_sealed_message_cut_anywhere_is_refused),
        cmocka_unit_test(another_key_opens_nothing),
        cmocka_unit_test(unpadding_gives_what_was_padded),
        cmocka_unit_test(bad_padding_is_one_fault_whatever_is_wrong),
        cmocka_unit_test(a_signature_known_from_elsewhere_verifies),
        cmocka_unit_test(a_signature_verifies_with_its_key_and_data_only),
        cmocka_unit_test(a_changed_signature_is_told_from_changed_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
