/* By hand: suites, certificates and keys as readable text. */
#include "peers/gnutls/internal.h"

#include "harness/wire/registry.h"

#include <string.h>

static size_t print_suites(FILE *out, gnutls_priority_t priorities)
{
    size_t num = 0;
    unsigned index;
    int code;
    for (unsigned i = 0; (code = gnutls_priority_get_cipher_suite_index(priorities, i, &index)) !=
                         GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
         i++) {
        unsigned char id[2];
        const char *name = gnutls_cipher_suite_info(index, id, NULL, NULL, NULL, NULL);
        if (code < 0 || name == NULL)
            continue; /* not in this build */
        const struct suite *suite = suite_by_id((uint16_t)(id[0] << 8 | id[1]));
        fprintf(out, "0x%02x%02x  %s\n", id[0], id[1], suite != NULL ? suite->name : name);
        num++;
    }
    return num;
}

int gnutls_stack_print_ciphers(FILE *out, const char *selection, struct error *err)
{
    if (library_start(err) < 0)
        return -1;
    gnutls_priority_t priorities;
    const char *position = NULL;
    int code = gnutls_priority_init(&priorities, selection, &position);
    if (code < 0)
        return error_set(err, ERROR_USAGE, "\"%s\" is no GnuTLS priority string: %s, at \"%s\"",
                         selection, gnutls_strerror(code), position != NULL ? position : "");
    size_t num = print_suites(out, priorities);
    gnutls_priority_deinit(priorities);
    return num > 0 ? 0 : error_set(err, ERROR_USAGE, "\"%s\" selects no cipher suite", selection);
}

static int print_certificate(FILE *out, gnutls_x509_crt_t certificate)
{
    gnutls_datum_t text = { 0 };
    int code = gnutls_x509_crt_print(certificate, GNUTLS_CRT_PRINT_FULL, &text);
    if (code < 0)
        return code;
    fprintf(out, "%s\n", (const char *)text.data);
    gnutls_free(text.data);
    return 0;
}

static int describe_certificates(FILE *out, const char *path, struct error *err)
{
    gnutls_x509_crt_t *certificates = NULL;
    unsigned num = 0;
    if (certificates_read(&certificates, &num, path, err) < 0)
        return -1;
    int code = 0;
    for (unsigned i = 0; i < num; i++) {
        if (code >= 0)
            code = print_certificate(out, certificates[i]);
        gnutls_x509_crt_deinit(certificates[i]);
    }
    gnutls_free(certificates);
    return code < 0 ? library_error(err, path, code) : 0;
}

static void print_hex(FILE *out, const char *name, const unsigned char *data, size_t len)
{
    fprintf(out, "%s", name);
    for (size_t i = 0; i < len; i++)
        fprintf(out, "%02x", data[i]);
    fprintf(out, "\n");
}

/* The public half and its names; the secret stays where it is. */
static int print_key(FILE *out, gnutls_privkey_t key)
{
    unsigned bits = 0;
    int algorithm = gnutls_privkey_get_pk_algorithm(key, &bits);
    gnutls_pubkey_t public = NULL;
    gnutls_datum_t spki = { 0 };
    unsigned char id[SHA256_LEN];
    size_t id_len = sizeof id;
    int code = gnutls_pubkey_init(&public);
    if (code >= 0)
        code = gnutls_pubkey_import_privkey(public, key, 0, 0);
    if (code >= 0)
        code = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, id, &id_len);
    if (code >= 0)
        code = gnutls_pubkey_export2(public, GNUTLS_X509_FMT_PEM, &spki);
    if (code >= 0) {
        fprintf(out, "Private key\n  algorithm    %s, %u bits\n",
                gnutls_pk_get_name((gnutls_pk_algorithm_t)algorithm), bits);
        print_hex(out, "  SPKI SHA-256 ", id, id_len);
        fprintf(out, "%.*s", (int)spki.size, (const char *)spki.data);
    }
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(public);
    return code;
}

static int describe_key(FILE *out, const gnutls_datum_t *pem, const char *path, struct error *err)
{
    gnutls_privkey_t key;
    int code = gnutls_privkey_init(&key);
    if (code < 0)
        return library_error(err, path, code);
    code = gnutls_privkey_import_x509_raw(key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code >= 0)
        code = print_key(out, key);
    gnutls_privkey_deinit(key);
    return code < 0 ? error_set(err, ERROR_USAGE, "%s: no private key can be read from it: %s",
                                path, gnutls_strerror(code))
                    : 0;
}

int gnutls_stack_describe_file(FILE *out, const char *path, struct error *err)
{
    gnutls_datum_t pem;
    if (library_start(err) < 0 || pem_read(&pem, path, err) < 0)
        return -1;
    bool is_key = memmem(pem.data, pem.size, "PRIVATE KEY-----", 16) != NULL;
    int result = is_key ? describe_key(out, &pem, path, err) : 0;
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    return is_key ? result : describe_certificates(out, path, err);
}
