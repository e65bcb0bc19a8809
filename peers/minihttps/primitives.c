#include "peers/minihttps/primitives.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

/* What stands before the 96 bytes of coordinates: SEQUENCE { SEQUENCE { id-ecPublicKey, secp384r1
 * }, BIT STRING { uncompressed point (RFC 5480 section 2.2) … */
static const uint8_t spki_prefix[] = {
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
    0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
};

static const char *const fault_names[NUM_FAULTS] = {
    [FAULT_NONE] = "none",
    [FAULT_KEY] = "key",
    [FAULT_TAG] = "tag",
    [FAULT_PADDING] = "padding",
    [FAULT_SIGNATURE] = "signature",
    [FAULT_ISSUER_UNKNOWN] = "issuer-unknown",
    [FAULT_ISSUER_FORGED] = "issuer-forged",
    [FAULT_CHAIN] = "chain",
    [FAULT_NAME] = "name",
    [FAULT_TIME] = "time",
    [FAULT_DECODE] = "decode",
    [FAULT_READY] = "ready",
    [FAULT_INTERNAL] = "internal",
};

const char *minihttps_fault_name(enum minihttps_fault fault)
{
    return fault_names[fault];
}

/* Faults carry no libcrypto text, so its queue must not grow behind them. */
static enum minihttps_fault result(bool ok, enum minihttps_fault otherwise)
{
    ERR_clear_error();
    return ok ? FAULT_NONE : otherwise;
}

EVP_PKEY *key_generate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");
    ERR_clear_error();
    return key;
}

enum minihttps_fault spki_encode(uint8_t out[SPKI_LEN], EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    bool ok = len == SPKI_LEN && memcmp(der, spki_prefix, sizeof spki_prefix) == 0;
    if (ok)
        memcpy(out, der, SPKI_LEN);
    OPENSSL_free(der);
    return result(ok, FAULT_KEY);
}

enum minihttps_fault spki_decode(EVP_PKEY **out, const uint8_t *data, size_t len)
{
    if (len != SPKI_LEN || memcmp(data, spki_prefix, sizeof spki_prefix) != 0)
        return FAULT_KEY;
    /* libcrypto refuses a point off the curve here. */
    const unsigned char *next = data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &next, (long)len);
    if (key != NULL)
        *out = key;
    return result(key != NULL, FAULT_KEY);
}

enum minihttps_fault hkdf_sha256(uint8_t *out, size_t out_len, const uint8_t *secret,
                                 size_t secret_len, const uint8_t *salt, size_t salt_len,
                                 const uint8_t *info, size_t info_len)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[5], *next = params;
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len);
    if (salt_len > 0)
        *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_len);
    if (info_len > 0)
        *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_len);
    *next = OSSL_PARAM_construct_end();
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    bool ok = ctx != NULL && EVP_KDF_derive(ctx, out, out_len, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return result(ok, FAULT_INTERNAL);
}

static enum minihttps_fault ecdh(uint8_t out[SHARED_LEN], EVP_PKEY *own, EVP_PKEY *peer)
{
    size_t len = SHARED_LEN;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    bool ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
              EVP_PKEY_derive_set_peer(ctx, peer) == 1 && EVP_PKEY_derive(ctx, out, &len) == 1 &&
              len == SHARED_LEN;
    EVP_PKEY_CTX_free(ctx);
    return result(ok, FAULT_KEY);
}

enum minihttps_fault key_exchange(uint8_t out[KEY_LEN], EVP_PKEY *own, EVP_PKEY *peer)
{
    uint8_t shared[SHARED_LEN];
    enum minihttps_fault fault = ecdh(shared, own, peer);
    if (fault == FAULT_NONE)
        fault = hkdf_sha256(out, KEY_LEN, shared, sizeof shared, NULL, 0, NULL, 0);
    OPENSSL_cleanse(shared, sizeof shared);
    return fault;
}

/* ---- AES-256-GCM ---- */

enum minihttps_fault seal_with_nonce(uint8_t *out, const uint8_t key[KEY_LEN],
                                     const uint8_t nonce[NONCE_LEN], const uint8_t *plain,
                                     size_t len)
{
    int done, rest;
    uint8_t *cipher = out + NONCE_LEN;
    memcpy(out, nonce, NONCE_LEN);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx != NULL && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
              EVP_EncryptUpdate(ctx, cipher, &done, plain, (int)len) == 1 &&
              EVP_EncryptFinal_ex(ctx, cipher + done, &rest) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, cipher + len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return result(ok, FAULT_INTERNAL);
}

enum minihttps_fault seal(uint8_t *out, const uint8_t key[KEY_LEN], const uint8_t *plain,
                          size_t len)
{
    uint8_t nonce[NONCE_LEN];
    if (RAND_bytes(nonce, sizeof nonce) != 1)
        return result(false, FAULT_INTERNAL);
    return seal_with_nonce(out, key, nonce, plain, len);
}

enum minihttps_fault unseal(uint8_t *out, const uint8_t key[KEY_LEN], const uint8_t *sealed,
                            size_t len)
{
    if (len < SEAL_OVERHEAD)
        return FAULT_TAG;
    int done = 0, rest;
    size_t plain_len = len - SEAL_OVERHEAD;
    const uint8_t *cipher = sealed + NONCE_LEN;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx != NULL && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed) == 1 &&
              EVP_DecryptUpdate(ctx, out, &done, cipher, (int)plain_len) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN,
                                  (void *)(cipher + plain_len)) == 1 &&
              EVP_DecryptFinal_ex(ctx, out + done, &rest) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        OPENSSL_cleanse(out, plain_len);
    return result(ok, FAULT_TAG);
}

/* ---- signatures ---- */

size_t pkcs7_pad(uint8_t *out, const uint8_t *data, size_t len)
{
    size_t padding = PAD_BLOCK - len % PAD_BLOCK;
    memmove(out, data, len);
    memset(out + len, (int)padding, padding);
    return len + padding;
}

enum minihttps_fault pkcs7_unpad(size_t *out, const uint8_t *data, size_t len)
{
    if (len == 0 || len % PAD_BLOCK != 0)
        return FAULT_PADDING;
    size_t padding = data[len - 1];
    if (padding == 0 || padding > PAD_BLOCK)
        return FAULT_PADDING;
    for (size_t i = len - padding; i < len; i++)
        if (data[i] != padding)
            return FAULT_PADDING;
    *out = len - padding;
    return FAULT_NONE;
}

enum minihttps_fault signature_make(uint8_t out[SIGNATURE_LEN], EVP_PKEY *key, const uint8_t *data,
                                    size_t len)
{
    uint8_t der[SIGNATURE_DER_MAX], padded[SIGNATURE_DER_MAX + PAD_BLOCK];
    size_t der_len = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL &&
              EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
              EVP_DigestSign(ctx, der, &der_len, data, len) == 1 &&
              pkcs7_pad(padded, der, der_len) == SIGNATURE_LEN;
    EVP_MD_CTX_free(ctx);
    if (ok)
        memcpy(out, padded, SIGNATURE_LEN);
    return result(ok, FAULT_INTERNAL);
}

enum minihttps_fault signature_check(const uint8_t signature[SIGNATURE_LEN], EVP_PKEY *key,
                                     const uint8_t *data, size_t len)
{
    size_t der_len;
    if (pkcs7_unpad(&der_len, signature, SIGNATURE_LEN) != FAULT_NONE)
        return FAULT_PADDING;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL &&
              EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
              EVP_DigestVerify(ctx, signature, der_len, data, len) == 1;
    EVP_MD_CTX_free(ctx);
    return result(ok, FAULT_SIGNATURE);
}
