#include "harness/pki/crypto.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int crypto_error(struct error *err, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    error_set(err, ERROR_HARNESS, "%s: %s", text, reason != NULL ? reason : "libcrypto failed");
    ERR_clear_error();
    return -1;
}

int sha256(uint8_t out[SHA256_LEN], const void *data, size_t len, struct error *err)
{
    if (EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) != 1)
        return crypto_error(err, "SHA-256");
    return 0;
}

int certificate_sha256(uint8_t out[SHA256_LEN], X509 *certificate, struct error *err)
{
    if (X509_digest(certificate, EVP_sha256(), out, NULL) != 1)
        return crypto_error(err, "hash of a certificate");
    return 0;
}

int spki_sha256(uint8_t out[SHA256_LEN], X509 *certificate, struct error *err)
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (len < 0)
        return crypto_error(err, "public key of a certificate");
    int result = sha256(out, der, (size_t)len, err);
    OPENSSL_free(der);
    return result;
}

void hex_format(char out[2 * SHA256_LEN + 1], const uint8_t bytes[SHA256_LEN])
{
    for (size_t i = 0; i < SHA256_LEN; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

int bytes_from_bio(struct bytes *out, BIO *bio, struct error *err)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    unsigned char *copy = malloc((size_t)len + 1);
    if (copy == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    memcpy(copy, data, (size_t)len);
    copy[len] = '\0';
    *out = (struct bytes){ copy, (size_t)len };
    return 0;
}

int key_to_pem(struct bytes *out, EVP_PKEY *key, struct error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int result = -1;
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        crypto_error(err, "cannot write a private key");
    else
        result = bytes_from_bio(out, bio, err);
    BIO_free(bio);
    return result;
}

int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

EVP_PKEY *key_from_pem(const struct bytes *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

int certificates_to_pem(struct bytes *out, X509 *const *certificates, size_t num, struct error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL;
    for (size_t i = 0; i < num && ok; i++)
        ok = PEM_write_bio_X509(bio, certificates[i]) == 1;
    int result =
        ok ? bytes_from_bio(out, bio, err) : crypto_error(err, "cannot write a certificate");
    BIO_free(bio);
    return result;
}

X509 *certificate_from_pem(const struct bytes *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_password, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

X509 *certificate_read(const char *path, struct error *err)
{
    struct bytes pem;
    if (file_read(&pem, path, err) < 0)
        return NULL;
    X509 *certificate = certificate_from_pem(&pem);
    free(pem.data);
    if (certificate == NULL)
        error_set(err, ERROR_USAGE, "%s: holds no certificate", path);
    return certificate;
}

int leaf_sha256(uint8_t leaf[SHA256_LEN], uint8_t *spki, const char *path, struct error *err)
{
    X509 *certificate = certificate_read(path, err);
    if (certificate == NULL)
        return -1;
    int result = certificate_sha256(leaf, certificate, err);
    if (result == 0 && spki != NULL)
        result = spki_sha256(spki, certificate, err);
    X509_free(certificate);
    return result;
}
