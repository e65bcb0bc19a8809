#include "peers/minihttps/credentials.h"

#include "harness/pki/crypto.h"
#include "peers/minihttps/base64_file.h"
#include "peers/minihttps/primitives.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum authority { TRUST_CERT, SECURE_SIGN, IRON_ROOT, SHADOW_CERT, FORGED_TRUST_CERT };

/* The first NUM_TRUSTED are trusted. The last has a trusted one's name, and a key of its own. */
static const char *const authority_names[NUM_AUTHORITIES] = {
    [TRUST_CERT] = "TrustCert",   [SECURE_SIGN] = "SecureSign",      [IRON_ROOT] = "IronRoot",
    [SHADOW_CERT] = "ShadowCert", [FORGED_TRUST_CERT] = "TrustCert",
};

struct server_row {
    const char *name;
    enum authority issuer;
    bool wrong_key; /* priv.key is not the certificate's */
};
static const struct server_row servers[NUM_SERVERS] = {
    { CREDENTIALS_NAME, TRUST_CERT, .wrong_key = true },
    { CREDENTIALS_LOOKALIKE, SECURE_SIGN },
    { CREDENTIALS_NAME, SHADOW_CERT },
    { CREDENTIALS_NAME, IRON_ROOT },
    { CREDENTIALS_NAME, FORGED_TRUST_CERT },
};

const char *const server_texts[NUM_SERVERS] = {
    "The one and only!", "Are you looking for me?",  "Simply the best!",
    "100% legit!",       "Don't trust anyone else!",
};

struct authority_pair {
    EVP_PKEY *key;
    X509 *certificate;
};

/* ---- one certificate ---- */

enum { SERIAL_LEN = 16 };

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_LEN];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (bytes[0] & 0x7F) | 0x40; /* positive, and always of full length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return ok;
}

static bool set_validity(X509 *certificate, int64_t time)
{
    time_t base = (time_t)time;
    ASN1_TIME *from = X509_getm_notBefore(certificate), *to = X509_getm_notAfter(certificate);
    return X509_time_adj_ex(from, -CREDENTIALS_DAYS_BEFORE, 0, &base) != NULL &&
           X509_time_adj_ex(to, CREDENTIALS_DAYS_AFTER, 0, &base) != NULL;
}

static bool fill(X509 *certificate, X509 *issuer, const struct issue_order *order)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)order->name,
                                      -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           set_validity(certificate, order->time) && X509_set_pubkey(certificate, order->key) == 1;
}

static bool add_extension(X509 *certificate, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool add_authority_extensions(X509 *certificate, X509V3_CTX *ctx)
{
    return add_extension(certificate, ctx, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, ctx, NID_key_usage,
                         "critical,digitalSignature,keyCertSign,cRLSign");
}

static bool add_server_extensions(X509 *certificate, X509V3_CTX *ctx, const char *name)
{
    char alternative[128];
    snprintf(alternative, sizeof alternative, "DNS:%s", name);
    return add_extension(certificate, ctx, NID_subject_alt_name, alternative);
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct issue_order *order)
{
    X509V3_CTX ctx;
    /* The issuer stands in for the subject of a server's, so that "hash" is of the issuer's key. */
    X509V3_set_ctx(&ctx, issuer, order->authority ? certificate : issuer, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    return (order->authority ? add_authority_extensions(certificate, &ctx)
                             : add_server_extensions(certificate, &ctx, order->name)) &&
           add_extension(certificate, &ctx, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, &ctx, NID_authority_key_identifier, "keyid:always");
}

X509 *certificate_issue(const struct issue_order *order, struct error *err)
{
    X509 *certificate = X509_new();
    X509 *issuer = order->issuer != NULL ? order->issuer : certificate;
    EVP_PKEY *key = order->issuer != NULL ? order->issuer_key : order->key;
    if (certificate != NULL && fill(certificate, issuer, order) &&
        add_extensions(certificate, issuer, order) && X509_sign(certificate, key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    crypto_error(err, "cannot issue the certificate of %s", order->name);
    return NULL;
}

/* ---- files ---- */

static int write_certificate(const char *directory, const char *file, X509 *certificate,
                             struct error *err)
{
    char path[PATH_LEN];
    unsigned char *der = NULL;
    if (path_format(path, err, "%s/%s", directory, file) < 0)
        return -1;
    int len = i2d_X509(certificate, &der);
    if (len < 0)
        return crypto_error(err, "%s", path);
    int result = base64_file_write(path, 0644, der, (size_t)len, err);
    OPENSSL_free(der);
    return result;
}

static int write_key(const char *directory, EVP_PKEY *key, struct error *err)
{
    char path[PATH_LEN];
    unsigned char *der = NULL;
    if (path_format(path, err, "%s/priv.key", directory) < 0)
        return -1;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int len = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (len < 0)
        return crypto_error(err, "%s", path);
    int result = base64_file_write(path, 0600, der, (size_t)len, err);
    OPENSSL_clear_free(der, (size_t)len);
    return result;
}

static int write_text(const char *directory, const char *text, struct error *err)
{
    char path[PATH_LEN];
    if (path_format(path, err, "%s/data.txt", directory) < 0)
        return -1;
    return base64_file_write(path, 0644, (const uint8_t *)text, strlen(text), err);
}

/* ---- authorities and servers ---- */

static void authorities_fini(struct authority_pair authorities[NUM_AUTHORITIES])
{
    for (int i = 0; i < NUM_AUTHORITIES; i++) {
        EVP_PKEY_free(authorities[i].key);
        X509_free(authorities[i].certificate);
    }
}

static int make_authority(struct authority_pair *out, const char *name, int64_t time,
                          struct error *err)
{
    out->key = key_generate();
    if (out->key == NULL)
        return crypto_error(err, "cannot make the key of %s", name);
    struct issue_order order = { .name = name, .key = out->key, .authority = true, .time = time };
    out->certificate = certificate_issue(&order, err);
    return out->certificate != NULL ? 0 : -1;
}

static int make_authorities(struct authority_pair out[NUM_AUTHORITIES], const char *directory,
                            int64_t time, struct error *err)
{
    char trusted[PATH_LEN], file[NAME_MAX_LEN];
    if (path_format(trusted, err, "%s/trusted_certs", directory) < 0 ||
        directory_make(trusted, err) < 0)
        return -1;
    for (int i = 0; i < NUM_AUTHORITIES; i++) {
        snprintf(file, sizeof file, "%s.cert", authority_names[i]);
        if (make_authority(&out[i], authority_names[i], time, err) < 0 ||
            (i < NUM_TRUSTED && write_certificate(trusted, file, out[i].certificate, err) < 0))
            return -1;
    }
    return 0;
}

static int write_server(const char *directory, EVP_PKEY *key, X509 *certificate, const char *text,
                        struct error *err)
{
    if (directory_make(directory, err) < 0 || write_key(directory, key, err) < 0 ||
        write_certificate(directory, "server.cert", certificate, err) < 0)
        return -1;
    return write_text(directory, text, err);
}

static int make_server(const char *directory, const struct server_row *row, const char *text,
                       const struct authority_pair *issuer, int64_t time, struct error *err)
{
    EVP_PKEY *key = key_generate();
    EVP_PKEY *kept = row->wrong_key ? key_generate() : key;
    struct issue_order order = { .name = row->name,
                                 .key = key,
                                 .issuer = issuer->certificate,
                                 .issuer_key = issuer->key,
                                 .time = time };
    X509 *certificate = NULL;
    int result = -1;
    if (key == NULL || kept == NULL)
        crypto_error(err, "cannot make a key");
    else if ((certificate = certificate_issue(&order, err)) != NULL)
        result = write_server(directory, kept, certificate, text, err);
    X509_free(certificate);
    if (kept != key)
        EVP_PKEY_free(kept);
    EVP_PKEY_free(key);
    return result;
}

int credentials_make(const char *directory, int64_t time, struct error *err)
{
    char path[PATH_LEN];
    struct authority_pair authorities[NUM_AUTHORITIES] = { 0 };
    int result = make_authorities(authorities, directory, time, err);
    for (int i = 0; i < NUM_SERVERS && result == 0; i++) {
        result = path_format(path, err, "%s/server%d", directory, i + 1);
        if (result == 0)
            result = make_server(path, &servers[i], server_texts[i],
                                 &authorities[servers[i].issuer], time, err);
    }
    authorities_fini(authorities);
    return result;
}
