/* Credentials, trust anchors and CRLs from PEM files, staples from DER files. */
#include "peers/libssl/libssl.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { STAPLE_MAX = 64 * 1024 }; /* far above a response with a chain of certificates */

/* Files are the user's, so every complaint about one is ERROR_USAGE. */
static BIO *open_file(const char *path, struct error *err)
{
    ERR_clear_error();
    BIO *bio = BIO_new_file(path, "r");
    if (bio == NULL) {
        error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
        ERR_clear_error();
    }
    return bio;
}

/* Nothing is encrypted here; without this a library would ask the terminal for a password. */
static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

/* Reads every certificate of the file; NULL with *err filled if there is none or one is broken. */
static STACK_OF(X509) * read_certificates(const char *path, struct error *err)
{
    BIO *bio = open_file(path, err);
    if (bio == NULL)
        return NULL;
    STACK_OF(X509) *certificates = sk_X509_new_null();
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL)
        sk_X509_push(certificates, certificate);
    BIO_free(bio);
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (at_end && sk_X509_num(certificates) > 0) {
        ERR_clear_error();
        return certificates;
    }
    libssl_error(err, ERROR_USAGE, "%s: no readable certificate", path);
    sk_X509_pop_free(certificates, X509_free);
    return NULL;
}

static EVP_PKEY *read_key(const char *path, struct error *err)
{
    BIO *bio = open_file(path, err);
    if (bio == NULL)
        return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    if (key == NULL)
        libssl_error(err, ERROR_USAGE, "%s: no readable private key", path);
    return key;
}

/* A staple is sent as it is, so nothing is asked of what it says: a broken one is a fault too. */
static int read_staple(struct stack_credential *credential, const char *path, struct error *err)
{
    BIO *bio = open_file(path, err);
    if (bio == NULL)
        return -1;
    credential->staple = malloc(STAPLE_MAX);
    int len = credential->staple != NULL ? BIO_read(bio, credential->staple, STAPLE_MAX) : -1;
    BIO_free(bio);
    if (len <= 0 || len == STAPLE_MAX)
        return error_set(err, ERROR_USAGE, "%s: not an OCSP response of at most %d bytes", path,
                         STAPLE_MAX - 1);
    credential->staple_len = (size_t)len;
    return 0;
}

static int load_credential(struct stack_credential *credential, const struct endpoint *endpoint,
                           struct error *err)
{
    credential->wrong_key = endpoint->wrong_key;
    credential->intermediates = read_certificates(endpoint->chain_file, err);
    if (credential->intermediates == NULL)
        return -1;
    credential->leaf = sk_X509_shift(credential->intermediates);
    credential->key = read_key(endpoint->key_file, err);
    if (credential->key == NULL)
        return -1;
    if (!endpoint->wrong_key && X509_check_private_key(credential->leaf, credential->key) != 1)
        return libssl_error(err, ERROR_USAGE, "%s does not fit %s", endpoint->key_file,
                            endpoint->chain_file);
    return endpoint->staple_file[0] == '\0' ? 0
                                            : read_staple(credential, endpoint->staple_file, err);
}

int libssl_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                          struct error *err)
{
    struct stack_credential *credential = calloc(1, sizeof *credential);
    if (credential == NULL)
        return error_errno(err, "credential");
    if (load_credential(credential, endpoint, err) != 0) {
        libssl_credential_free(credential);
        return -1;
    }
    *out = credential;
    return 0;
}

void libssl_credential_free(struct stack_credential *credential)
{
    if (credential == NULL)
        return;
    X509_free(credential->leaf);
    sk_X509_pop_free(credential->intermediates, X509_free);
    EVP_PKEY_free(credential->key);
    free(credential->staple);
    free(credential);
}

static int add_anchors(X509_STORE *store, const char *path, struct error *err)
{
    STACK_OF(X509) *anchors = read_certificates(path, err);
    if (anchors == NULL)
        return -1;
    bool added = true;
    for (size_t i = 0; added && i < (size_t)sk_X509_num(anchors); i++)
        added = X509_STORE_add_cert(store, sk_X509_value(anchors, i)) == 1;
    sk_X509_pop_free(anchors, X509_free);
    return added ? 0 : libssl_error(err, ERROR_HARNESS, "%s: cannot be made trust anchors", path);
}

static int add_crls(X509_STORE *store, const char *path, struct error *err)
{
    size_t num = 0;
    X509_CRL *crl;
    BIO *bio = open_file(path, err);
    if (bio == NULL)
        return -1;
    while ((crl = PEM_read_bio_X509_CRL(bio, NULL, no_password, NULL)) != NULL) {
        num += X509_STORE_add_crl(store, crl) == 1;
        X509_CRL_free(crl);
    }
    BIO_free(bio);
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end || num == 0)
        return libssl_error(err, ERROR_USAGE, "%s: no readable CRL", path);
    ERR_clear_error();
    return 0;
}

int libssl_trust_new(struct stack_trust **out, const struct endpoint *endpoint, struct error *err)
{
    X509_STORE *store = X509_STORE_new();
    struct stack_trust *trust = calloc(1, sizeof *trust);
    int result = store == NULL || trust == NULL ? error_errno(err, "trust anchors")
                                                : add_anchors(store, endpoint->trust_file, err);
    if (result == 0 && endpoint->crl_file[0] != '\0')
        result = add_crls(store, endpoint->crl_file, err);
    if (result != 0) {
        X509_STORE_free(store);
        free(trust);
        return -1;
    }
    trust->store = store;
    *out = trust;
    return 0;
}

void libssl_trust_free(struct stack_trust *trust)
{
    if (trust == NULL)
        return;
    X509_STORE_free(trust->store);
    free(trust);
}
