/* GCM (NIST SP 800-38D) on a block cipher that libcrypto has only as CTR: Camellia. GnuTLS
 * negotiates these suites (RFC 6367). For cipher.c. */
#ifndef TLSMATRIX_CAPTURES_GCM_H
#define TLSMATRIX_CAPTURES_GCM_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gcm {
    EVP_CIPHER *counter_mode;
    EVP_CIPHER_CTX *context;
    const uint8_t *key;
};

enum { GCM_NONCE_LEN = 12, GCM_TAG_LEN = 16 };

/* False: it does not authenticate; then `out` is not written. */
bool gcm_open(const struct gcm *gcm, uint8_t *out, const uint8_t nonce[GCM_NONCE_LEN],
              const uint8_t *aad, size_t aad_len, const uint8_t *text, size_t len,
              const uint8_t tag[GCM_TAG_LEN]);

#endif
