/* Keys, chains, trust anchors and CRLs from PEM files, staples from DER files. */
#include "peers/gnutls/internal.h"

#include <stdlib.h>
#include <string.h>

int pem_read(gnutls_datum_t *out, const char *path, struct error *err)
{
    gnutls_datum_t data = { 0 };
    int code = gnutls_load_file(path, &data);
    if (code < 0)
        return error_set(err, ERROR_USAGE, "%s: cannot be read: %s", path, gnutls_strerror(code));
    if (memmem(data.data, data.size, "-----BEGIN ", 11) == NULL) {
        gnutls_free(data.data);
        return error_set(err, ERROR_USAGE, "%s: not a PEM file (no -----BEGIN line)", path);
    }
    *out = data;
    return 0;
}

int certificates_read(gnutls_x509_crt_t **out, unsigned *num_out, const char *path,
                      struct error *err)
{
    gnutls_datum_t pem;
    if (pem_read(&pem, path, err) < 0)
        return -1;
    int code = gnutls_x509_crt_list_import2(out, num_out, &pem, GNUTLS_X509_FMT_PEM, 0);
    gnutls_free(pem.data);
    if (code < 0)
        return error_set(err, ERROR_USAGE, "%s: no certificate can be read from it: %s", path,
                         gnutls_strerror(code));
    return 0;
}

static void certificates_free(gnutls_x509_crt_t *certificates, unsigned num)
{
    for (unsigned i = 0; i < num; i++)
        gnutls_x509_crt_deinit(certificates[i]);
    gnutls_free(certificates);
}

static int load_chain(struct stack_credential *credential, const char *path, struct error *err)
{
    gnutls_x509_crt_t *certificates = NULL;
    unsigned num = 0;
    if (certificates_read(&certificates, &num, path, err) < 0)
        return -1;
    int result = 0;
    if (num > CHAIN_MAX)
        result = error_set(err, ERROR_USAGE, "%s: more than %d certificates", path, CHAIN_MAX);
    for (unsigned i = 0; i < num && result == 0; i++) {
        int code = gnutls_pcert_import_x509(&credential->chain[i], certificates[i], 0);
        if (code < 0)
            result = library_error(err, path, code);
        else
            credential->num_chain++;
    }
    certificates_free(certificates, num);
    return result;
}

static int load_key(struct stack_credential *credential, const char *path, struct error *err)
{
    gnutls_datum_t pem;
    if (pem_read(&pem, path, err) < 0)
        return -1;
    int code = gnutls_privkey_init(&credential->key);
    if (code >= 0)
        code = gnutls_privkey_import_x509_raw(credential->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    if (code < 0)
        return error_set(err, ERROR_USAGE, "%s: no private key can be read from it: %s", path,
                         gnutls_strerror(code));
    return 0;
}

/* The library compares keys by a hash over their public parts (gnutls_pubkey_get_key_id), and does
 * so itself only where it selects among credentials, which is not left to it here. */
static int key_id(uint8_t out[SHA256_LEN], gnutls_pubkey_t key)
{
    size_t len = SHA256_LEN;
    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, out, &len);
}

static int check_key(const struct stack_credential *credential, const struct endpoint *endpoint,
                     struct error *err)
{
    uint8_t own[SHA256_LEN], certified[SHA256_LEN];
    gnutls_pubkey_t key = NULL;
    int code = gnutls_pubkey_init(&key);
    if (code >= 0)
        code = gnutls_pubkey_import_privkey(key, credential->key, 0, 0);
    if (code >= 0)
        code = key_id(own, key);
    if (code >= 0)
        code = key_id(certified, credential->chain[0].pubkey);
    gnutls_pubkey_deinit(key);
    if (code < 0)
        return library_error(err, endpoint->key_file, code);
    if (memcmp(own, certified, SHA256_LEN) == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "%s does not fit %s", endpoint->key_file,
                     endpoint->chain_file);
}

/* Sent as it is, whatever it says. */
static int load_staple(struct stack_credential *credential, const char *path, struct error *err)
{
    int code = gnutls_load_file(path, &credential->staple.response);
    if (code < 0)
        return error_set(err, ERROR_USAGE, "%s: cannot be read: %s", path, gnutls_strerror(code));
    credential->num_staples = 1;
    return 0;
}

static int load_credential(struct stack_credential *credential, const struct endpoint *endpoint,
                           struct error *err)
{
    if (load_chain(credential, endpoint->chain_file, err) < 0 ||
        load_key(credential, endpoint->key_file, err) < 0)
        return -1;
    if (!endpoint->wrong_key && check_key(credential, endpoint, err) < 0)
        return -1;
    return endpoint->staple_file[0] == '\0' ? 0
                                            : load_staple(credential, endpoint->staple_file, err);
}

int gnutls_stack_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                                struct error *err)
{
    if (library_start(err) < 0)
        return -1;
    struct stack_credential *credential = calloc(1, sizeof *credential);
    if (credential == NULL)
        return error_errno(err, "credential");
    if (load_credential(credential, endpoint, err) < 0) {
        gnutls_stack_credential_free(credential);
        return -1;
    }
    *out = credential;
    return 0;
}

void gnutls_stack_credential_free(struct stack_credential *credential)
{
    if (credential == NULL)
        return;
    for (unsigned i = 0; i < credential->num_chain; i++)
        gnutls_pcert_deinit(&credential->chain[i]);
    gnutls_privkey_deinit(credential->key);
    gnutls_free(credential->staple.response.data);
    free(credential);
}

static int load_crls(struct stack_trust *trust, const char *path, struct error *err)
{
    gnutls_datum_t pem;
    if (pem_read(&pem, path, err) < 0)
        return -1;
    int code =
        gnutls_x509_crl_list_import2(&trust->crls, &trust->num_crls, &pem, GNUTLS_X509_FMT_PEM, 0);
    gnutls_free(pem.data);
    if (code < 0)
        return error_set(err, ERROR_USAGE, "%s: no CRL can be read from it: %s", path,
                         gnutls_strerror(code));
    return 0;
}

int gnutls_stack_trust_new(struct stack_trust **out, const struct endpoint *endpoint,
                           struct error *err)
{
    if (library_start(err) < 0)
        return -1;
    struct stack_trust *trust = calloc(1, sizeof *trust);
    if (trust == NULL)
        return error_errno(err, "trust anchors");
    if (certificates_read(&trust->anchors, &trust->num_anchors, endpoint->trust_file, err) < 0 ||
        (endpoint->crl_file[0] != '\0' && load_crls(trust, endpoint->crl_file, err) < 0)) {
        gnutls_stack_trust_free(trust);
        return -1;
    }
    *out = trust;
    return 0;
}

void gnutls_stack_trust_free(struct stack_trust *trust)
{
    if (trust == NULL)
        return;
    certificates_free(trust->anchors, trust->num_anchors);
    for (unsigned i = 0; i < trust->num_crls; i++)
        gnutls_x509_crl_deinit(trust->crls[i]);
    gnutls_free(trust->crls);
    free(trust);
}
