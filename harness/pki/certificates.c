#include "harness/pki/certificates.h"
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum {
    SERIAL_LEN = 16,  /* random, so that no two sets ever share a serial (at most 20 by RFC 5280) */
    VALID_DAYS = 365, /* before and after FORGE_TIME */
};

/* What sets the roles apart, as values of libcrypto's extension syntax; NULL: no such extension. */
struct role {
    enum forge_role issuer;
    const char *common_name; /* NULL: made of kind and role */
    const char *basic_constraints;
    const char *key_usage;
    const char *key_usage_encipherment; /* for keys that can also carry an RSA key exchange */
    const char *extended_key_usage;
    const char *alternative_name;
    const char *authority_key; /* the root has none above it */
};

#define CA_USAGE            "critical,keyCertSign,cRLSign"
#define SIGN_USAGE          "critical,digitalSignature"
#define ENCIPHERMENT        SIGN_USAGE ",keyEncipherment"
#define ISSUER_KEY          "keyid:always"
#define SERVER_ALTERNATIVES "DNS:" FORGE_SERVER_NAME ",IP:127.0.0.1"

static const struct role roles[NUM_FORGE_ROLES] = {
    [FORGE_ROOT] = { FORGE_ROOT, .basic_constraints = "critical,CA:TRUE", .key_usage = CA_USAGE,
                     .key_usage_encipherment = CA_USAGE },
    [FORGE_INTERMEDIATE] = { FORGE_ROOT, .basic_constraints = "critical,CA:TRUE,pathlen:0",
                             .key_usage = CA_USAGE, .key_usage_encipherment = CA_USAGE,
                             .authority_key = ISSUER_KEY },
    [FORGE_SERVER] = { FORGE_INTERMEDIATE, .common_name = FORGE_SERVER_NAME,
                       .basic_constraints = "critical,CA:FALSE", .key_usage = SIGN_USAGE,
                       .key_usage_encipherment = ENCIPHERMENT, .extended_key_usage = "serverAuth",
                       .alternative_name = SERVER_ALTERNATIVES, .authority_key = ISSUER_KEY },
    [FORGE_CLIENT] = { FORGE_INTERMEDIATE, .common_name = "client.tlsmatrix.example",
                       .basic_constraints = "critical,CA:FALSE", .key_usage = SIGN_USAGE,
                       .key_usage_encipherment = SIGN_USAGE, .extended_key_usage = "clientAuth",
                       .alternative_name = "email:client@tlsmatrix.example",
                       .authority_key = ISSUER_KEY },
    [FORGE_OTHER] = { FORGE_INTERMEDIATE, .common_name = FORGE_SERVER_NAME,
                      .basic_constraints = "critical,CA:FALSE", .key_usage = SIGN_USAGE,
                      .key_usage_encipherment = ENCIPHERMENT, .extended_key_usage = "serverAuth",
                      .alternative_name = SERVER_ALTERNATIVES, .authority_key = ISSUER_KEY },
};

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_LEN];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    /* Positive, and never shortened by leading zeros. */
    bytes[0] = (bytes[0] & 0x7F) | 0x40;
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return ok;
}

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1,
                                      -1, 0) == 1;
}

static bool set_subject(X509 *certificate, enum credential kind, enum forge_role role)
{
    char unit[NAME_MAX_LEN], made[NAME_MAX_LEN];
    snprintf(unit, sizeof unit, "%s %s", credential_name(kind), forge_role_names[role]);
    snprintf(made, sizeof made, "tlsmatrix %s %s", credential_name(kind), forge_role_names[role]);
    const char *common_name = roles[role].common_name;
    X509_NAME *name = X509_get_subject_name(certificate);
    return add_name(name, "O", "tlsmatrix") && add_name(name, "OU", unit) &&
           add_name(name, "CN", common_name != NULL ? common_name : made);
}

static bool set_validity(X509 *certificate)
{
    time_t base = FORGE_TIME;
    return X509_time_adj_ex(X509_getm_notBefore(certificate), -VALID_DAYS, 0, &base) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), VALID_DAYS, 0, &base) != NULL;
}

static bool add_extension(X509 *certificate, X509V3_CTX *ctx, int nid, const char *value)
{
    if (value == NULL)
        return true;
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct role *role,
                           const struct forge_kind *kind)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    const struct {
        int nid;
        const char *value;
    } extensions[] = {
        { NID_basic_constraints, role->basic_constraints },
        { NID_key_usage, kind->key_encipherment ? role->key_usage_encipherment : role->key_usage },
        { NID_ext_key_usage, role->extended_key_usage },
        { NID_subject_alt_name, role->alternative_name },
        { NID_subject_key_identifier, "hash" },
        { NID_authority_key_identifier, role->authority_key },
    };
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (!add_extension(certificate, &ctx, extensions[i].nid, extensions[i].value))
            return false;
    return true;
}

static bool set_pss(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool sign(X509 *certificate, EVP_PKEY *key, const struct forge_kind *kind)
{
    EVP_PKEY_CTX *parameters;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL &&
              EVP_DigestSignInit_ex(ctx, &parameters, kind->digest, NULL, NULL, key, NULL) == 1 &&
              (!kind->pss || set_pss(parameters)) && X509_sign_ctx(certificate, ctx) > 0;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* Everything but the extensions and the signature. */
static bool fill(X509 *certificate, X509 *issuer, enum credential kind, enum forge_role role,
                 EVP_PKEY *key)
{
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           set_subject(certificate, kind, role) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           set_validity(certificate) && X509_set_pubkey(certificate, key) == 1;
}

/* Issuers come before what they issue: `certificates` holds the issuer already (or gets it now). */
static int issue(struct certificates *certificates, enum credential kind, enum forge_role role,
                 EVP_PKEY *const keys[NUM_FORGE_ROLES], struct error *err)
{
    X509 *certificate = certificates->of[role] = X509_new();
    X509 *issuer = certificates->of[roles[role].issuer];
    if (certificate != NULL && fill(certificate, issuer, kind, role, keys[role]) &&
        add_extensions(certificate, issuer, &roles[role], &forge_kinds[kind]) &&
        sign(certificate, keys[roles[role].issuer], &forge_kinds[kind]))
        return 0;
    return crypto_error(err, "cannot issue the %s certificate of %s", forge_role_names[role],
                        credential_name(kind));
}

int certificates_init(struct certificates *out, enum credential kind,
                      EVP_PKEY *const keys[NUM_FORGE_ROLES], struct error *err)
{
    *out = (struct certificates){ 0 };
    for (int role = 0; role < NUM_FORGE_ROLES; role++)
        if (issue(out, kind, (enum forge_role)role, keys, err) < 0) {
            certificates_fini(out);
            return -1;
        }
    return 0;
}

void certificates_fini(struct certificates *certificates)
{
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        X509_free(certificates->of[role]);
        certificates->of[role] = NULL;
    }
}
