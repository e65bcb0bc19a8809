/* What the files of captures/cipher.h share: a cipher as a row, and libcrypto's side of it. */
#ifndef TLSMATRIX_CAPTURES_CIPHER_PARTS_H
#define TLSMATRIX_CAPTURES_CIPHER_PARTS_H

#include "captures/cipher.h"

enum mode { MODE_NULL, MODE_STREAM, MODE_CBC, MODE_GCM, MODE_CCM, MODE_POLY1305, MODE_OWN_GCM };

struct cipher {
    const char *name;      /* as in the names of suites */
    const char *algorithm; /* as libcrypto names it; of MODE_OWN_GCM: CTR, which it is built on */
    enum mode mode;
    uint8_t key_len;
    uint8_t block_len; /* CBC */
    uint8_t tag_len;   /* AEAD */
};

enum {
    NONCE_LEN = 12,
    IMPLICIT_IV_LEN = 4, /* of GCM and CCM in TLS 1.2 (RFC 5288 section 3) … */
    EXPLICIT_IV_LEN = 8, /* … and what each record carries */
};

/* Of the process, made at first use: a library context of our own, in which the legacy provider
 * does nobody harm. What libcrypto does not have is NULL. */
OSSL_LIB_CTX *cipher_library(void);
EVP_CIPHER *cipher_algorithm(const struct cipher *cipher);
EVP_KDF *cipher_prf(void);
EVP_KDF *cipher_hkdf(void);

#endif
