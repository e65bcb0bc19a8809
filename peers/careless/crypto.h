/* What libcrypto does for this peer: one hash (SHA-256), two AEADs and CBC, two groups, three
 * signature schemes, RSA encryption. Every function returns 0, or -1 where libcrypto or the other
 * end's bytes do not allow it. Secrets are plain bytes: this is a test instrument that hides
 * nothing. */
#ifndef TLSMATRIX_PEERS_CARELESS_CRYPTO_H
#define TLSMATRIX_PEERS_CARELESS_CRYPTO_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HASH_LEN = 32,
    MASTER_SECRET_LEN = 48, /* RFC 5246 section 8.1 */
    KEY_MAX = 32,
    NONCE_LEN = 12,
    SEQUENCE_LEN = 8,
    TAG_LEN = 16,
    BLOCK_LEN = 16,     /* of AES */
    MAC_LEN = 20,       /* HMAC-SHA1, and its key */
    PREMASTER_LEN = 48, /* of RSA (RFC 5246 section 7.4.7.1) */
    SHARE_MAX = 65,     /* an uncompressed point of P-256 (RFC 8446 section 4.2.8.2) */
    SIGNATURE_MAX = 512 /* RSA-4096 */
};

enum { GROUP_P256 = 0x0017, GROUP_X25519 = 0x001D };

enum {
    SCHEME_RSA_PKCS1_SHA256 = 0x0401, /* in TLS 1.3 for certificates only */
    SCHEME_ECDSA_P256_SHA256 = 0x0403,
    SCHEME_RSA_PSS_SHA256 = 0x0804,
};

int hash(uint8_t out[HASH_LEN], const void *data, size_t len);
int mac(uint8_t out[HASH_LEN], const void *key, size_t key_len, const void *data, size_t len);

/* RFC 8446 section 7.1, RFC 5869. `out_len` is at most HASH_LEN. */
int hkdf_expand_label(uint8_t *out, size_t out_len, const uint8_t secret[HASH_LEN],
                      const char *label, const void *context, size_t context_len);

/* RFC 5246 section 5. */
int prf(uint8_t *out, size_t out_len, const void *secret, size_t secret_len, const char *label,
        const void *seed, size_t seed_len);

/* HMAC-SHA1, for records only. */
int mac_sha1(uint8_t out[MAC_LEN], const uint8_t key[MAC_LEN], const void *data, size_t len);

int seal(uint8_t *out, const EVP_CIPHER *aead, const uint8_t *key, const uint8_t nonce[NONCE_LEN],
         const void *extra, size_t extra_len, const void *plain, size_t len);

/* `sealed` is `len` bytes and the tag behind them. What was decrypted is in `out` even where the
 * tag does not fit and -1 is returned. */
int open_sealed(uint8_t *out, const EVP_CIPHER *aead, const uint8_t *key,
                const uint8_t nonce[NONCE_LEN], const void *extra, size_t extra_len,
                const uint8_t *sealed, size_t len);

/* Whole blocks, no padding, there or back. */
int cbc(uint8_t *out, const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t iv[BLOCK_LEN],
        const uint8_t *in, size_t len, bool encrypt);

/* A fresh key of the group; NULL on failure or for another group. */
EVP_PKEY *share_new(uint16_t group);
/* Writes its public share. */
int share_write(uint8_t out[SHARE_MAX], size_t *out_len, EVP_PKEY *own);
/* The shared secret with the other end's share, which is judged: form, a point on the curve, not
 * all zero (RFC 8446 sections 4.2.8.2 and 7.4.2). With `any_share` a secret of zeros is one too. */
int share_derive(uint8_t out[HASH_LEN], EVP_PKEY *own, uint16_t group, const uint8_t *share,
                 size_t share_len, bool any_share);

/* RSA key exchange (RFC 5246 section 7.4.7.1). A premaster secret that does not open, or is of
 * another version, gives random bytes in its place, and no error. */
int premaster_seal(uint8_t out[SIGNATURE_MAX], size_t *out_len, EVP_PKEY *key,
                   const uint8_t premaster[PREMASTER_LEN]);
int premaster_open(uint8_t out[PREMASTER_LEN], EVP_PKEY *key, uint16_t version,
                   const uint8_t *sealed, size_t len);

/* Is this a scheme of the key's kind? */
bool scheme_fits(uint16_t scheme, const EVP_PKEY *key);
int sign(uint8_t out[SIGNATURE_MAX], size_t *out_len, uint16_t scheme, EVP_PKEY *key,
         const void *data, size_t len);
int verify(uint16_t scheme, EVP_PKEY *key, const void *signature, size_t signature_len,
           const void *data, size_t len);

#endif
