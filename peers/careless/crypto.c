#include "peers/careless/crypto.h"

#include "harness/wire/writer.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

int hash(uint8_t out[HASH_LEN], const void *data, size_t len)
{
    return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

int mac(uint8_t out[HASH_LEN], const void *key, size_t key_len, const void *data, size_t len)
{
    /* A NULL key would mean the previous one. */
    return HMAC(EVP_sha256(), key_len > 0 ? key : "", (int)key_len, data, len, out, NULL) != NULL
               ? 0
               : -1;
}

int hkdf_expand_label(uint8_t *out, size_t out_len, const uint8_t secret[HASH_LEN],
                      const char *label, const void *context, size_t context_len)
{
    enum { INFO_MAX = 2 + 1 + 255 + 1 + 255 + 1 };
    uint8_t block[HASH_LEN];
    struct writer info;
    writer_init(&info, INFO_MAX);
    writer_u16(&info, (uint16_t)out_len);
    size_t mark = writer_open(&info, 1);
    writer_bytes(&info, "tls13 ", 6);
    writer_bytes(&info, label, strlen(label));
    writer_close(&info, mark, 1);
    mark = writer_open(&info, 1);
    writer_bytes(&info, context, context_len);
    writer_close(&info, mark, 1);
    writer_u8(&info, 1); /* the first block of HKDF-Expand, which is all that is ever needed */
    int result = info.failed ? -1 : mac(block, secret, HASH_LEN, info.data, info.len);
    writer_fini(&info);
    if (result == 0)
        memcpy(out, block, out_len);
    return result;
}

int prf(uint8_t *out, size_t out_len, const void *secret, size_t secret_len, const char *label,
        const void *seed, size_t seed_len)
{
    enum { SEED_MAX = 128 };
    uint8_t input[HASH_LEN + SEED_MAX], block[HASH_LEN];
    size_t label_len = strlen(label), len = label_len + seed_len;
    if (len > SEED_MAX)
        return -1;
    memcpy(input + HASH_LEN, label, label_len);
    memcpy(input + HASH_LEN + label_len, seed, seed_len);
    if (mac(input, secret, secret_len, input + HASH_LEN, len) != 0) /* A(1) */
        return -1;
    for (size_t at = 0; at < out_len; at += HASH_LEN) {
        size_t some = out_len - at < HASH_LEN ? out_len - at : HASH_LEN;
        if (mac(block, secret, secret_len, input, HASH_LEN + len) != 0)
            return -1;
        memcpy(out + at, block, some);
        if (mac(block, secret, secret_len, input, HASH_LEN) != 0)
            return -1;
        memcpy(input, block, HASH_LEN);
    }
    return 0;
}

int mac_sha1(uint8_t out[MAC_LEN], const uint8_t key[MAC_LEN], const void *data, size_t len)
{
    return HMAC(EVP_sha1(), key, MAC_LEN, data, len, out, NULL) != NULL ? 0 : -1;
}

int seal(uint8_t *out, const EVP_CIPHER *aead, const uint8_t *key, const uint8_t nonce[NONCE_LEN],
         const void *extra, size_t extra_len, const void *plain, size_t len)
{
    int written;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done = ctx != NULL && EVP_EncryptInit_ex(ctx, aead, NULL, key, nonce) == 1 &&
                EVP_EncryptUpdate(ctx, NULL, &written, extra, (int)extra_len) == 1 &&
                EVP_EncryptUpdate(ctx, out, &written, plain, (int)len) == 1 &&
                EVP_EncryptFinal_ex(ctx, out + len, &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return done ? 0 : -1;
}

int open_sealed(uint8_t *out, const EVP_CIPHER *aead, const uint8_t *key,
                const uint8_t nonce[NONCE_LEN], const void *extra, size_t extra_len,
                const uint8_t *sealed, size_t len)
{
    int written;
    uint8_t none[1];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done =
        ctx != NULL && EVP_DecryptInit_ex(ctx, aead, NULL, key, nonce) == 1 &&
        EVP_DecryptUpdate(ctx, NULL, &written, extra, (int)extra_len) == 1 &&
        EVP_DecryptUpdate(ctx, out, &written, sealed, (int)len) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, (void *)(sealed + len)) == 1 &&
        EVP_DecryptFinal_ex(ctx, none, &written) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return done ? 0 : -1;
}

int cbc(uint8_t *out, const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t iv[BLOCK_LEN],
        const uint8_t *in, size_t len, bool encrypt)
{
    int written;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done = ctx != NULL && EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt) == 1 &&
                EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
                EVP_CipherUpdate(ctx, out, &written, in, (int)len) == 1 && (size_t)written == len;
    EVP_CIPHER_CTX_free(ctx);
    return done ? 0 : -1;
}

/* ---- key exchange ---- */

EVP_PKEY *share_new(uint16_t group)
{
    if (group == GROUP_X25519)
        return EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    return group == GROUP_P256 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") : NULL;
}

int share_write(uint8_t out[SHARE_MAX], size_t *out_len, EVP_PKEY *own)
{
    unsigned char *share = NULL;
    size_t len = EVP_PKEY_get1_encoded_public_key(own, &share);
    bool fits = len > 0 && len <= SHARE_MAX;
    if (fits) {
        memcpy(out, share, len);
        *out_len = len;
    }
    OPENSSL_free(share);
    return fits ? 0 : -1;
}

/* The other end's public key; NULL where the bytes are none of this group. */
static EVP_PKEY *read_share(EVP_PKEY *own, uint16_t group, const uint8_t *share, size_t share_len)
{
    enum { X25519_LEN = 32, UNCOMPRESSED = 4 };
    bool form = group == GROUP_X25519 ? share_len == X25519_LEN
                                      : share_len == SHARE_MAX && share[0] == UNCOMPRESSED;
    EVP_PKEY *theirs = form ? EVP_PKEY_new() : NULL;
    if (theirs != NULL && EVP_PKEY_copy_parameters(theirs, own) == 1 &&
        EVP_PKEY_set1_encoded_public_key(theirs, share, share_len) == 1)
        return theirs;
    EVP_PKEY_free(theirs);
    return NULL;
}

int share_derive(uint8_t out[HASH_LEN], EVP_PKEY *own, uint16_t group, const uint8_t *share,
                 size_t share_len, bool any_share)
{
    size_t len = HASH_LEN;
    EVP_PKEY *theirs = read_share(own, group, share, share_len);
    EVP_PKEY_CTX *ctx = theirs != NULL ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    bool done = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
                EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
                EVP_PKEY_derive(ctx, out, &len) == 1 && len == HASH_LEN;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(theirs);
    if (!done && any_share) { /* libcrypto looks by itself, and says no */
        memset(out, 0, HASH_LEN);
        done = true;
    }
    return done ? 0 : -1;
}

int premaster_seal(uint8_t out[SIGNATURE_MAX], size_t *out_len, EVP_PKEY *key,
                   const uint8_t premaster[PREMASTER_LEN])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    *out_len = SIGNATURE_MAX;
    bool done = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_encrypt(ctx, out, out_len, premaster, PREMASTER_LEN) == 1;
    EVP_PKEY_CTX_free(ctx);
    return done ? 0 : -1;
}

int premaster_open(uint8_t out[PREMASTER_LEN], EVP_PKEY *key, uint16_t version,
                   const uint8_t *sealed, size_t len)
{
    unsigned offered = version;
    uint8_t opened[SIGNATURE_MAX];
    size_t opened_len = sizeof opened;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &offered),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool able = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_WITH_TLS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_params(ctx, params) == 1;
    /* Only a length that is none of the key's is an error of libcrypto's here. */
    if (able && (EVP_PKEY_decrypt(ctx, opened, &opened_len, sealed, len) != 1 ||
                 opened_len != PREMASTER_LEN))
        able = RAND_bytes(opened, PREMASTER_LEN) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (able)
        memcpy(out, opened, PREMASTER_LEN);
    return able ? 0 : -1;
}

/* ---- signatures ---- */

bool scheme_fits(uint16_t scheme, const EVP_PKEY *key)
{
    char curve[32];
    size_t len;
    if (scheme != SCHEME_ECDSA_P256_SHA256)
        return EVP_PKEY_is_a(key, "RSA") == 1;
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, curve, sizeof curve, &len) == 1 &&
           strcmp(curve, "prime256v1") == 0;
}

static bool set_scheme(EVP_PKEY_CTX *ctx, uint16_t scheme)
{
    return scheme != SCHEME_RSA_PSS_SHA256 ||
           (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static bool sign_once(uint8_t out[SIGNATURE_MAX], size_t *out_len, uint16_t scheme, EVP_PKEY *key,
                      const void *data, size_t len)
{
    EVP_PKEY_CTX *key_ctx;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    *out_len = SIGNATURE_MAX;
    bool done = ctx != NULL && EVP_DigestSignInit(ctx, &key_ctx, EVP_sha256(), NULL, key) == 1 &&
                set_scheme(key_ctx, scheme) && EVP_DigestSign(ctx, out, out_len, data, len) == 1;
    EVP_MD_CTX_free(ctx);
    return done;
}

/* The two integers of an ECDSA signature are as long as they come, 71 bytes together half of the
 * time. It is signed until they are: then messages have one length, whatever is signed, and what
 * changes a byte of one by its number changes the same byte of another. */
int sign(uint8_t out[SIGNATURE_MAX], size_t *out_len, uint16_t scheme, EVP_PKEY *key,
         const void *data, size_t len)
{
    enum { ECDSA_P256_USUAL = 71, TRIES_MAX = 64 };
    bool done = false;
    for (unsigned i = 0; i < TRIES_MAX; i++) {
        done = sign_once(out, out_len, scheme, key, data, len);
        if (!done || scheme != SCHEME_ECDSA_P256_SHA256 || *out_len == ECDSA_P256_USUAL)
            break;
    }
    return done ? 0 : -1;
}

int verify(uint16_t scheme, EVP_PKEY *key, const void *signature, size_t signature_len,
           const void *data, size_t len)
{
    EVP_PKEY_CTX *key_ctx;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestVerifyInit(ctx, &key_ctx, EVP_sha256(), NULL, key) == 1 &&
                set_scheme(key_ctx, scheme) &&
                EVP_DigestVerify(ctx, signature, signature_len, data, len) == 1;
    EVP_MD_CTX_free(ctx);
    return good ? 0 : -1;
}
