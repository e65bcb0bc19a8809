/* The few things that all files of the forge ask of libcrypto. */
#ifndef TLSMATRIX_HARNESS_PKI_CRYPTO_H
#define TLSMATRIX_HARNESS_PKI_CRYPTO_H

#include "harness/error.h"
#include "harness/limits.h"
#include "harness/pki/files.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/* ERROR_HARNESS with ": " and libcrypto's reason appended, whose error queue is then empty. */
int crypto_error(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

int sha256(uint8_t out[SHA256_LEN], const void *data, size_t len, struct error *err);
/* Of the certificate's DER, and of its SubjectPublicKeyInfo's. */
int certificate_sha256(uint8_t out[SHA256_LEN], X509 *certificate, struct error *err);
int spki_sha256(uint8_t out[SHA256_LEN], X509 *certificate, struct error *err);

/* The first certificate in a PEM file, which the caller owns; NULL with ERROR_USAGE if there is
 * none. */
X509 *certificate_read(const char *path, struct error *err);
/* Of that one; `spki` may be NULL. */
int leaf_sha256(uint8_t leaf[SHA256_LEN], uint8_t *spki, const char *path, struct error *err);

/* Lower-case hexadecimal with a NUL. */
void hex_format(char out[2 * SHA256_LEN + 1], const uint8_t bytes[SHA256_LEN]);

/* Copies what a memory BIO holds; a NUL stands behind it. */
int bytes_from_bio(struct bytes *out, BIO *bio, struct error *err);

/* For readers of PEM: answers a request for a password with none, where libcrypto's default would
 * ask the terminal. */
int no_password(char *buffer, int size, int writing, void *context);

/* PKCS#8, without a password. */
int key_to_pem(struct bytes *out, EVP_PKEY *key, struct error *err);
/* A private key in PEM, which the caller owns; NULL if it is none. */
EVP_PKEY *key_from_pem(const struct bytes *pem);

/* One certificate after the other. */
int certificates_to_pem(struct bytes *out, X509 *const *certificates, size_t num,
                        struct error *err);
/* The first certificate in PEM, which the caller owns; NULL if there is none. */
X509 *certificate_from_pem(const struct bytes *pem);

#endif
