#include "harness/pki/certificates.h"
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum {
    SERIAL_LEN = 16, /* random, so that no two sets ever share a serial (at most 20 by RFC 5280) */
    VALID_SECONDS = 365 * 24 * 3600, /* before and after FORGE_TIME */
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

static bool set_subject(X509 *certificate, const struct certificate_plan *plan)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return add_name(name, "O", "tlsmatrix") && add_name(name, "OU", plan->unit) &&
           add_name(name, "CN", plan->common_name);
}

static bool set_validity(X509 *certificate, const struct certificate_plan *plan)
{
    time_t not_before = plan->not_before, not_after = plan->not_after;
    return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &not_before) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), 0, 0, &not_after) != NULL;
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

static bool add_raw_extension(X509 *certificate, const struct raw_extension *raw)
{
    if (raw->oid == NULL)
        return true;
    ASN1_OBJECT *oid = OBJ_txt2obj(raw->oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    if (oid != NULL && value != NULL &&
        ASN1_OCTET_STRING_set(value, (const unsigned char *)raw->der, (int)raw->der_len) == 1)
        extension = X509_EXTENSION_create_by_OBJ(NULL, oid, raw->critical, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    return ok;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct certificate_plan *plan)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    const struct {
        int nid;
        const char *value;
    } extensions[] = {
        { NID_basic_constraints, plan->basic_constraints },
        { NID_key_usage, plan->key_usage },
        { NID_ext_key_usage, plan->extended_key_usage },
        { NID_subject_alt_name, plan->alternative_name },
        { NID_name_constraints, plan->name_constraints },
        { NID_subject_key_identifier, plan->subject_key },
        { NID_authority_key_identifier, plan->authority_key },
    };
    if (plan->version == X509_VERSION_1)
        return true;
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (!add_extension(certificate, &ctx, extensions[i].nid, extensions[i].value))
            return false;
    return add_raw_extension(certificate, &plan->raw);
}

static bool set_pss(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

EVP_MD_CTX *signature_context(EVP_PKEY *key, const char *digest, bool pss)
{
    EVP_PKEY_CTX *parameters;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx != NULL &&
        EVP_DigestSignInit_ex(ctx, &parameters, digest, NULL, NULL, key, NULL) == 1 &&
        (!pss || set_pss(parameters)))
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

static bool sign(X509 *certificate, EVP_PKEY *key, const struct certificate_plan *plan)
{
    EVP_MD_CTX *ctx = signature_context(key, plan->digest, plan->pss);
    bool ok = ctx != NULL && X509_sign_ctx(certificate, ctx) > 0;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* Everything but the extensions and the signature. */
static bool fill(X509 *certificate, X509 *issuer, const struct certificate_plan *plan)
{
    return X509_set_version(certificate, plan->version) == 1 && set_serial(certificate) &&
           set_subject(certificate, plan) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           set_validity(certificate, plan) && X509_set_pubkey(certificate, plan->key) == 1;
}

X509 *certificate_issue(const struct certificate_plan *plan, X509 *issuer, EVP_PKEY *issuer_key,
                        struct error *err)
{
    X509 *certificate = X509_new();
    if (issuer == NULL)
        issuer = certificate;
    if (certificate != NULL && fill(certificate, issuer, plan) &&
        add_extensions(certificate, issuer, plan) && sign(certificate, issuer_key, plan))
        return certificate;
    crypto_error(err, "cannot issue the certificate of %s", plan->common_name);
    X509_free(certificate);
    return NULL;
}

struct certificate_plan certificate_plan(enum credential kind, enum forge_role role, EVP_PKEY *key)
{
    const struct role *row = &roles[role];
    bool encipherment = forge_kinds[kind].key_encipherment;
    struct certificate_plan plan = {
        .version = X509_VERSION_3,
        .not_before = FORGE_TIME - VALID_SECONDS,
        .not_after = FORGE_TIME + VALID_SECONDS,
        .basic_constraints = row->basic_constraints,
        .key_usage = encipherment ? row->key_usage_encipherment : row->key_usage,
        .extended_key_usage = row->extended_key_usage,
        .alternative_name = row->alternative_name,
        .subject_key = "hash",
        .authority_key = row->authority_key,
        .key = key,
        .digest = forge_kinds[kind].digest,
        .pss = forge_kinds[kind].pss,
    };
    snprintf(plan.unit, sizeof plan.unit, "%s %s", credential_name(kind), forge_role_names[role]);
    if (row->common_name != NULL)
        snprintf(plan.common_name, sizeof plan.common_name, "%s", row->common_name);
    else
        snprintf(plan.common_name, sizeof plan.common_name, "tlsmatrix %s", plan.unit);
    return plan;
}

/* Issuers come before what they issue: `certificates` holds the issuer already, except a root's. */
static int issue(struct certificates *certificates, enum credential kind, enum forge_role role,
                 EVP_PKEY *const keys[NUM_FORGE_ROLES], struct error *err)
{
    enum forge_role issuer = roles[role].issuer;
    struct certificate_plan plan = certificate_plan(kind, role, keys[role]);
    certificates->of[role] = certificate_issue(&plan, certificates->of[issuer], keys[issuer], err);
    if (certificates->of[role] == NULL)
        return error_prefix(err, "%s-%s", credential_name(kind), forge_role_names[role]);
    return 0;
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
