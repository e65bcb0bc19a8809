#include "peers/minihttps/certificate.h"

#include "harness/pki/files.h"
#include "peers/minihttps/base64_file.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    AUTH_LEVEL = 2, /* libcrypto's: no SHA-1, nothing under 112 bits */
    SERVER_NAME_MAX = 253,
    LABEL_MAX = 63,
    CHAIN_LEN = 2, /* the certificate and its root */
};

/* ---- trusted authorities ---- */

static int add_anchor(struct trust *trust, const char *path, struct error *err)
{
    struct bytes der;
    if (trust->num_anchors == ANCHORS_MAX)
        return error_set(err, ERROR_USAGE, "%s: more than %d authorities", path, ANCHORS_MAX);
    if (base64_file_read(&der, path, err) < 0)
        return -1;
    X509 *anchor = certificate_decode(der.data, der.len);
    free(der.data);
    if (anchor == NULL)
        return error_set(err, ERROR_USAGE, "%s: not a certificate", path);
    trust->anchors[trust->num_anchors++] = anchor;
    return 0;
}

static int is_certificate_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".cert") == 0;
}

static int add_anchors(struct trust *trust, const char *directory, struct dirent *const *entries,
                       int num, struct error *err)
{
    char path[PATH_LEN];
    for (int i = 0; i < num; i++)
        if (path_format(path, err, "%s/%s", directory, entries[i]->d_name) < 0 ||
            add_anchor(trust, path, err) < 0)
            return -1;
    if (num == 0)
        return error_set(err, ERROR_USAGE, "%s: no *.cert in it, so nothing could be trusted",
                         directory);
    return 0;
}

int trust_load(struct trust *out, const char *directory, struct error *err)
{
    struct trust trust = { 0 };
    struct dirent **entries;
    int num = scandir(directory, &entries, is_certificate_file, alphasort);
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    int result = add_anchors(&trust, directory, entries, num, err);
    for (int i = 0; i < num; i++)
        free(entries[i]);
    free(entries);
    if (result == 0)
        *out = trust;
    else
        trust_fini(&trust);
    return result;
}

void trust_fini(struct trust *trust)
{
    for (size_t i = 0; i < trust->num_anchors; i++)
        X509_free(trust->anchors[i]);
    trust->num_anchors = 0;
}

/* ---- names ---- */

static bool is_label(const char *label, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    return len > 0 && len <= LABEL_MAX && strspn(label, allowed) >= len;
}

int server_name_check(const char *name, struct error *err)
{
    bool ok = strlen(name) <= SERVER_NAME_MAX;
    for (const char *label = name; ok && label != NULL;) {
        const char *dot = strchr(label, '.');
        ok = is_label(label, dot != NULL ? (size_t)(dot - label) : strlen(label));
        label = dot != NULL ? dot + 1 : NULL;
    }
    if (!ok)
        return error_set(err, ERROR_USAGE, "'%.80s' is not a server's name", name);
    return 0;
}

/* ---- the check ---- */

X509 *certificate_decode(const uint8_t *der, size_t len)
{
    const unsigned char *next = der;
    X509 *certificate = d2i_X509(NULL, &next, (long)len);
    if (certificate != NULL && next != der + len) {
        X509_free(certificate);
        certificate = NULL;
    }
    ERR_clear_error();
    return certificate;
}

static void set_parameters(X509_VERIFY_PARAM *parameters, int64_t time)
{
    X509_VERIFY_PARAM_set_time(parameters, (time_t)time);
    X509_VERIFY_PARAM_set_auth_level(parameters, AUTH_LEVEL);
}

static bool is_valid_at(X509 *certificate, int64_t time)
{
    X509_VERIFY_PARAM *parameters = X509_VERIFY_PARAM_new();
    if (parameters == NULL)
        return false;
    set_parameters(parameters, time);
    bool valid = X509_cmp_timeframe(parameters, X509_get0_notBefore(certificate),
                                    X509_get0_notAfter(certificate)) == 0;
    X509_VERIFY_PARAM_free(parameters);
    return valid;
}

/* What an authority that has the issuer's name, but did not issue this, makes of it. */
static enum minihttps_fault unknown_or_forged(X509 *certificate, const struct trust *trust)
{
    enum minihttps_fault fault = FAULT_ISSUER_UNKNOWN;
    for (size_t i = 0; i < trust->num_anchors; i++) {
        X509 *anchor = trust->anchors[i];
        if (X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(anchor)) != 0)
            continue;
        if (X509_verify(certificate, X509_get0_pubkey(anchor)) == 1)
            return FAULT_CHAIN;
        fault = FAULT_ISSUER_FORGED;
    }
    return fault;
}

static enum minihttps_fault chain_fault(int code, X509 *certificate, const struct trust *trust)
{
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return FAULT_TIME;
    case X509_V_ERR_OUT_OF_MEM:
        return FAULT_INTERNAL;
    default:
        return unknown_or_forged(certificate, trust);
    }
}

static enum minihttps_fault verify_in(X509_STORE_CTX *ctx, X509 *certificate,
                                      const struct trust *trust)
{
    if (X509_verify_cert(ctx) != 1)
        return chain_fault(X509_STORE_CTX_get_error(ctx), certificate, trust);
    /* A trusted root that shows its own certificate is a chain of one; an intermediate among the
     * anchors would make three. */
    bool two = sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) == CHAIN_LEN;
    return two ? FAULT_NONE : FAULT_CHAIN;
}

static enum minihttps_fault check_chain(X509 *certificate, const struct trust *trust, int64_t time)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    enum minihttps_fault fault = FAULT_INTERNAL;
    bool ok = store != NULL && ctx != NULL;
    for (size_t i = 0; i < trust->num_anchors && ok; i++)
        ok = X509_STORE_add_cert(store, trust->anchors[i]) == 1;
    if (ok && X509_STORE_CTX_init(ctx, store, certificate, NULL) == 1) {
        set_parameters(X509_STORE_CTX_get0_param(ctx), time);
        fault = verify_in(ctx, certificate, trust);
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return fault;
}

static bool is_for_name(X509 *certificate, const char *name)
{
    const unsigned flags =
        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    return X509_check_host(certificate, name, strlen(name), flags, NULL) == 1;
}

enum minihttps_fault certificate_check(X509 *certificate, const struct trust *trust,
                                       const char *name, int64_t time)
{
    if (!is_valid_at(certificate, time))
        return FAULT_TIME;
    enum minihttps_fault fault = check_chain(certificate, trust, time);
    if (fault == FAULT_NONE && !is_for_name(certificate, name))
        fault = FAULT_NAME;
    ERR_clear_error();
    return fault;
}
