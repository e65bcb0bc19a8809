/* From secrets to keys (captures/cipher.h): the PRF of TLS 1.2 and before, the labels of 1.3. */
#include "captures/cipher_parts.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <string.h>

enum { LABEL_MAX = 64, SEED_MAX = 128 }; /* labels and seeds are ours, none is longer */

static bool derive(EVP_KDF *kdf, uint8_t *out, size_t len, const OSSL_PARAM params[])
{
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool derived = context != NULL && EVP_KDF_derive(context, out, len, params) == 1;
    EVP_KDF_CTX_free(context);
    return derived;
}

bool tls12_prf(uint8_t *out, size_t len, const char *hash, const uint8_t *secret, size_t secret_len,
               const char *label, const uint8_t *seed, size_t seed_len)
{
    uint8_t input[LABEL_MAX + SEED_MAX];
    size_t label_len = strlen(label);
    assert(label_len <= LABEL_MAX && seed_len <= SEED_MAX);
    memcpy(input, label, label_len);
    memcpy(input + label_len, seed, seed_len);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         (char *)(hash == NULL ? "MD5-SHA1" : hash), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, input, label_len + seed_len),
        OSSL_PARAM_construct_end(),
    };
    return derive(cipher_prf(), out, len, params);
}

bool tls12_key_block(uint8_t *out, size_t len, const char *hash, const uint8_t *master,
                     size_t master_len, const uint8_t server_random[32],
                     const uint8_t client_random[32])
{
    uint8_t seed[64];
    memcpy(seed, server_random, 32);
    memcpy(seed + 32, client_random, 32);
    return tls12_prf(out, len, hash, master, master_len, "key expansion", seed, sizeof seed);
}

bool tls13_expand_label_of(uint8_t *out, size_t len, const char *hash, const uint8_t *secret,
                           size_t secret_len, const char *label, const uint8_t *context,
                           size_t context_len)
{
    uint8_t info[10 + LABEL_MAX + CIPHER_HASH_MAX];
    size_t label_len = strlen(label);
    assert(label_len <= LABEL_MAX && context_len <= CIPHER_HASH_MAX);
    info[0] = (uint8_t)(len >> 8);
    info[1] = (uint8_t)len;
    info[2] = (uint8_t)(6 + label_len);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    info[9 + label_len] = (uint8_t)context_len;
    memcpy(info + 10 + label_len, context, context_len);
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, 10 + label_len + context_len),
        OSSL_PARAM_construct_end(),
    };
    return derive(cipher_hkdf(), out, len, params);
}

bool tls13_expand_label(uint8_t *out, size_t len, const char *hash, const uint8_t *secret,
                        size_t secret_len, const char *label)
{
    return tls13_expand_label_of(out, len, hash, secret, secret_len, label, (const uint8_t *)"", 0);
}
