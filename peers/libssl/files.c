/* Credentials and trust anchors from PEM files. */
#include "peers/libssl/libssl.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

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

int libssl_credential_new(struct stack_credential **out, const char *chain_file,
                          const char *key_file, struct error *err)
{
    struct stack_credential *credential = calloc(1, sizeof *credential);
    if (credential == NULL)
        return error_errno(err, "credential");
    credential->intermediates = read_certificates(chain_file, err);
    if (credential->intermediates == NULL)
        goto fail;
    credential->leaf = sk_X509_shift(credential->intermediates);
    credential->key = read_key(key_file, err);
    if (credential->key == NULL)
        goto fail;
    if (X509_check_private_key(credential->leaf, credential->key) != 1) {
        libssl_error(err, ERROR_USAGE, "%s does not fit %s", key_file, chain_file);
        goto fail;
    }
    *out = credential;
    return 0;
fail:
    libssl_credential_free(credential);
    return -1;
}

void libssl_credential_free(struct stack_credential *credential)
{
    if (credential == NULL)
        return;
    X509_free(credential->leaf);
    sk_X509_pop_free(credential->intermediates, X509_free);
    EVP_PKEY_free(credential->key);
    free(credential);
}

int libssl_trust_new(struct stack_trust **out, const char *trust_file, struct error *err)
{
    STACK_OF(X509) *anchors = read_certificates(trust_file, err);
    if (anchors == NULL)
        return -1;
    struct stack_trust *trust = calloc(1, sizeof *trust);
    X509_STORE *store = X509_STORE_new();
    bool filled = trust != NULL && store != NULL;
    for (size_t i = 0; filled && i < (size_t)sk_X509_num(anchors); i++)
        filled = X509_STORE_add_cert(store, sk_X509_value(anchors, i)) == 1;
    sk_X509_pop_free(anchors, X509_free);
    if (!filled) {
        X509_STORE_free(store);
        free(trust);
        return libssl_error(err, ERROR_HARNESS, "%s: cannot be made trust anchors", trust_file);
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
