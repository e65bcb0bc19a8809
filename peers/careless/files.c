/* Credentials, trust anchors and CRLs from PEM files. */
#include "peers/careless/careless.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

/* Every complaint about a file is the user's to read. */
static int unreadable(struct error *err, const char *path, const char *what)
{
    ERR_clear_error();
    return error_set(err, ERROR_USAGE, "%s: no readable %s", path, what);
}

static STACK_OF(X509) * read_certificates(const char *path, struct error *err)
{
    STACK_OF(X509) *certificates = sk_X509_new_null();
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate;
    while (bio != NULL && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        sk_X509_push(certificates, certificate);
    BIO_free(bio);
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (at_end && sk_X509_num(certificates) > 0)
        return certificates;
    unreadable(err, path, "certificate");
    sk_X509_pop_free(certificates, X509_free);
    return NULL;
}

static int load_credential(struct stack_credential *credential, const struct endpoint *endpoint,
                           struct error *err)
{
    credential->chain = read_certificates(endpoint->chain_file, err);
    if (credential->chain == NULL)
        return -1;
    BIO *bio = BIO_new_file(endpoint->key_file, "r");
    credential->key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
    BIO_free(bio);
    if (credential->key == NULL)
        return unreadable(err, endpoint->key_file, "private key");
    if (!endpoint->wrong_key &&
        X509_check_private_key(sk_X509_value(credential->chain, 0), credential->key) != 1) {
        ERR_clear_error();
        return error_set(err, ERROR_USAGE, "%s does not fit %s", endpoint->key_file,
                         endpoint->chain_file);
    }
    if (endpoint->staple_file[0] != '\0')
        return error_set(err, ERROR_USAGE, "%s: this peer staples nothing", endpoint->staple_file);
    return 0;
}

int careless_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                            struct error *err)
{
    struct stack_credential *credential = calloc(1, sizeof *credential);
    if (credential == NULL)
        return error_errno(err, "credential");
    if (load_credential(credential, endpoint, err) != 0) {
        careless_credential_free(credential);
        return -1;
    }
    *out = credential;
    return 0;
}

void careless_credential_free(struct stack_credential *credential)
{
    if (credential == NULL)
        return;
    sk_X509_pop_free(credential->chain, X509_free);
    EVP_PKEY_free(credential->key);
    free(credential);
}

static int add_anchors(X509_STORE *store, const char *path, struct error *err)
{
    STACK_OF(X509) *anchors = read_certificates(path, err);
    if (anchors == NULL)
        return -1;
    bool added = true;
    for (int i = 0; added && i < sk_X509_num(anchors); i++)
        added = X509_STORE_add_cert(store, sk_X509_value(anchors, i)) == 1;
    sk_X509_pop_free(anchors, X509_free);
    return added ? 0 : unreadable(err, path, "trust anchor");
}

static int add_crls(X509_STORE *store, const char *path, struct error *err)
{
    size_t num = 0;
    X509_CRL *crl;
    BIO *bio = BIO_new_file(path, "r");
    while (bio != NULL && (crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        num += X509_STORE_add_crl(store, crl) == 1;
        X509_CRL_free(crl);
    }
    BIO_free(bio);
    ERR_clear_error();
    return num > 0 ? 0 : unreadable(err, path, "CRL");
}

int careless_trust_new(struct stack_trust **out, const struct endpoint *endpoint, struct error *err)
{
    struct stack_trust *trust = calloc(1, sizeof *trust);
    if (trust != NULL)
        trust->store = X509_STORE_new();
    int result = trust == NULL || trust->store == NULL
                     ? error_errno(err, "trust anchors")
                     : add_anchors(trust->store, endpoint->trust_file, err);
    if (result == 0 && endpoint->crl_file[0] != '\0')
        result = add_crls(trust->store, endpoint->crl_file, err);
    if (result != 0) {
        careless_trust_free(trust);
        return -1;
    }
    *out = trust;
    return 0;
}

void careless_trust_free(struct stack_trust *trust)
{
    if (trust == NULL)
        return;
    X509_STORE_free(trust->store);
    free(trust);
}
