/* A PEM file's certificates in the form in which TLS sends them. */
#include "harness/pki/crypto.h"
#include "harness/pki/files.h"
#include "harness/pki/forge.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

/* Appends one with its length of three bytes; 0, or -1 when out of memory. */
static int add_certificate(struct bytes *list, X509 *certificate)
{
    enum { PREFIX_LEN = 3 };
    int len = i2d_X509(certificate, NULL);
    unsigned char *data =
        len < 0 ? NULL : realloc(list->data, list->len + PREFIX_LEN + (size_t)len);
    if (data == NULL)
        return -1;
    unsigned char *end = data + list->len;
    *end++ = (unsigned char)(len >> 16);
    *end++ = (unsigned char)(len >> 8);
    *end++ = (unsigned char)len;
    list->data = data;
    list->len += PREFIX_LEN + (size_t)len;
    return i2d_X509(certificate, &end) == len ? 0 : -1;
}

int forge_read_chain(uint8_t **list, size_t *list_len, const char *path, struct error *err)
{
    struct bytes pem, chain = { NULL, 0 };
    X509 *certificate;
    int failed = 0;
    if (file_read(&pem, path, err) < 0)
        return -1;
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
    while (bio != NULL && failed == 0 &&
           (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
        failed = add_certificate(&chain, certificate);
        X509_free(certificate);
    }
    ERR_clear_error(); /* that no more come is how the loop ends */
    BIO_free(bio);
    free(pem.data);
    if (failed < 0 || chain.len == 0) {
        free(chain.data);
        return failed < 0 ? error_set(err, ERROR_HARNESS, "%s: out of memory", path)
                          : error_set(err, ERROR_USAGE, "%s: holds no certificate", path);
    }
    *list = chain.data;
    *list_len = chain.len;
    return 0;
}
