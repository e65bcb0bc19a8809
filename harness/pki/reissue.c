#include "harness/pki/reissue.h"

#include "harness/pki/crypto.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_BITS_LEAST = 512, RSA_BITS_MOST = 8192 }; /* what libcrypto makes, and in seconds */

struct copy {
    X509 *original, *made;
    EVP_PKEY *key;
};

struct copies {
    struct copy of[REISSUE_CHAIN_MAX];
    size_t num;
    X509 *root; /* made; NULL where the last of the chain signs itself */
    EVP_PKEY *root_key;
};

static void copies_fini(struct copies *copies)
{
    for (size_t i = 0; i < copies->num; i++) {
        X509_free(copies->of[i].original);
        X509_free(copies->of[i].made);
        EVP_PKEY_free(copies->of[i].key);
    }
    X509_free(copies->root);
    EVP_PKEY_free(copies->root_key);
}

static int read_chain(struct copies *out, const struct reissue_order *order, struct error *err)
{
    struct reader reader = reader_of(order->chain, order->chain_len);
    while (reader.len > 0 && out->num < REISSUE_CHAIN_MAX) {
        struct reader der = reader_block(&reader, 3);
        const unsigned char *at = der.data;
        X509 *certificate = der.failed ? NULL : d2i_X509(NULL, &at, (long)der.len);
        if (certificate == NULL) {
            ERR_clear_error();
            return error_set(err, ERROR_USAGE, "certificate %zu of the chain cannot be read",
                             out->num + 1);
        }
        out->of[out->num++].original = certificate;
    }
    return out->num > 0 ? 0 : error_set(err, ERROR_USAGE, "the chain is empty");
}

/* ---- keys ---- */

static EVP_PKEY *key_like(EVP_PKEY *original)
{
    char curve[NAME_MAX_LEN];
    if (original == NULL)
        return NULL;
    int bits = EVP_PKEY_get_bits(original);
    if (EVP_PKEY_is_a(original, "RSA") && bits >= RSA_BITS_LEAST && bits <= RSA_BITS_MOST)
        return EVP_RSA_gen((unsigned)bits);
    if (EVP_PKEY_is_a(original, "EC") &&
        EVP_PKEY_get_group_name(original, curve, sizeof curve, NULL) == 1)
        return EVP_EC_gen(curve);
    if (EVP_PKEY_is_a(original, "ED25519") || EVP_PKEY_is_a(original, "ED448"))
        return EVP_PKEY_Q_keygen(NULL, NULL, EVP_PKEY_get0_type_name(original));
    /* RSA-PSS, DSA: with the original's parameters. */
    EVP_PKEY *made = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, original, NULL);
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
        (EVP_PKEY_is_a(original, "RSA-PSS") &&
         EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits < RSA_BITS_MOST ? bits : RSA_BITS_MOST) != 1) ||
        EVP_PKEY_keygen(ctx, &made) != 1)
        made = NULL;
    EVP_PKEY_CTX_free(ctx);
    return made;
}

static int make_keys(struct copies *copies, struct error *err)
{
    for (size_t i = 0; i < copies->num; i++) {
        struct copy *copy = &copies->of[i];
        copy->key = key_like(X509_get0_pubkey(copy->original));
        if (copy->key == NULL) {
            ERR_clear_error();
            return error_set(err, ERROR_USAGE,
                             "certificate %zu of the chain has a key of a kind that cannot be made",
                             i + 1);
        }
    }
    return 0;
}

/* ---- certificates ---- */

static bool set_period(X509 *certificate, const int64_t period[2])
{
    return ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)period[0]) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)period[1]) != NULL;
}

static bool set_name(X509 *certificate, const char *name)
{
    bool ok = false;
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *one = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    int at;
    while ((at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)) >= 0)
        X509_EXTENSION_free(X509_delete_ext(certificate, at));
    if (names != NULL && one != NULL && text != NULL && ASN1_STRING_set(text, name, -1) == 1) {
        GENERAL_NAME_set0_value(one, GEN_DNS, text);
        text = NULL;
        if (sk_GENERAL_NAME_push(names, one) > 0) {
            one = NULL;
            ok = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
        }
    }
    ASN1_IA5STRING_free(text);
    GENERAL_NAME_free(one);
    GENERAL_NAMES_free(names);
    return ok;
}

/* Signs as the original was signed, as far as the new key can. */
static bool sign_like(X509 *made, const X509 *original, EVP_PKEY *key)
{
    int digest = NID_undef, kind = NID_undef;
    const X509_ALGOR *algorithm;
    const ASN1_BIT_STRING *signature;
    X509_get0_signature(&signature, &algorithm, original);
    bool pss = OBJ_obj2nid(algorithm->algorithm) == NID_rsassaPss;
    X509_get_signature_info((X509 *)original, &digest, &kind, NULL, NULL);
    bool own_digest = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    const EVP_MD *md = own_digest ? NULL : EVP_get_digestbynid(digest);
    if (!own_digest && md == NULL)
        md = EVP_sha256();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx = NULL;
    bool ok = ctx != NULL && EVP_DigestSignInit(ctx, &key_ctx, md, NULL, key) == 1;
    if (ok && pss && EVP_PKEY_is_a(key, "RSA"))
        ok = EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    ok = ok && X509_sign_ctx(made, ctx) > 0;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* The one of the chain that issued it by name; NULL: none. */
static const struct copy *issuer_of(const struct copies *copies, const struct copy *copy)
{
    const X509_NAME *wanted = X509_get_issuer_name(copy->original);
    for (size_t i = 0; i < copies->num; i++)
        if (X509_NAME_cmp(X509_get_subject_name(copies->of[i].original), wanted) == 0)
            return &copies->of[i];
    return NULL;
}

/* The first that nobody of the chain issued: it is the anchor that signs it. */
static const struct copy *orphan(const struct copies *copies)
{
    for (size_t i = 0; i < copies->num; i++)
        if (issuer_of(copies, &copies->of[i]) == NULL)
            return &copies->of[i];
    return NULL;
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* The key identifier that the orphan names its issuer by has to be the anchor's. */
static bool add_key_id(X509 *root, const struct copy *child)
{
    const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(child->original);
    return id == NULL || X509_add1_ext_i2d(root, NID_subject_key_identifier, (void *)id, 0, 0) == 1;
}

static bool make_root(struct copies *copies, const struct copy *child, const int64_t period[2])
{
    X509 *root = copies->root = X509_new();
    copies->root_key = EVP_EC_gen("P-256");
    /* The kind of key has to be the one that the child says it was signed with. */
    int kind = NID_undef;
    X509_get_signature_info(child->original, NULL, &kind, NULL, NULL);
    if (kind == NID_rsaEncryption || kind == NID_rsassaPss) {
        EVP_PKEY_free(copies->root_key);
        copies->root_key = EVP_RSA_gen(2048);
    } else if (kind == NID_ED25519 || kind == NID_ED448) {
        EVP_PKEY_free(copies->root_key);
        copies->root_key = EVP_PKEY_Q_keygen(NULL, NULL, OBJ_nid2sn(kind));
    }
    X509_NAME *name = X509_get_issuer_name(child->original);
    bool eddsa = kind == NID_ED25519 || kind == NID_ED448;
    return root != NULL && copies->root_key != NULL && X509_set_version(root, 2) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(root), 1) == 1 &&
           X509_set_subject_name(root, name) == 1 && X509_set_issuer_name(root, name) == 1 &&
           set_period(root, period) && X509_set_pubkey(root, copies->root_key) == 1 &&
           add_extension(root, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(root, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_key_id(root, child) &&
           X509_sign(root, copies->root_key, eddsa ? NULL : EVP_sha256()) > 0;
}

static bool make_copy(struct copies *copies, size_t index, const struct reissue_order *order)
{
    struct copy *copy = &copies->of[index];
    const struct copy *issuer = issuer_of(copies, copy);
    copy->made = X509_dup(copy->original);
    return copy->made != NULL && X509_set_pubkey(copy->made, copy->key) == 1 &&
           (!order->set_period ||
            set_period(copy->made, index == 0 ? order->leaf_period : order->ca_period)) &&
           (index > 0 || order->server_name == NULL || set_name(copy->made, order->server_name)) &&
           sign_like(copy->made, copy->original, issuer == NULL ? copies->root_key : issuer->key);
}

/* An anchor holds as long as anything that it signs, and a day more at each end. */
static void root_period(int64_t out[2], const struct copies *copies,
                        const struct reissue_order *order)
{
    static const int64_t day = 86400, years = 20 * 365 * INT64_C(86400);
    struct tm tm;
    const struct copy *last = &copies->of[copies->num - 1];
    if (order->set_period) {
        memcpy(out, order->ca_period, 2 * sizeof out[0]);
        return;
    }
    out[0] = ASN1_TIME_to_tm(X509_get0_notBefore(last->original), &tm) == 1 ? timegm(&tm) : 0;
    out[0] -= day;
    out[1] = out[0] + 2 * years;
}

static int make_all(struct copies *copies, const struct reissue_order *order, struct error *err)
{
    int64_t period[2];
    const struct copy *child = orphan(copies);
    root_period(period, copies, order);
    bool ok = child == NULL || make_root(copies, child, period);
    for (size_t i = 0; ok && i < copies->num; i++)
        ok = make_copy(copies, i, order);
    return ok ? 0 : crypto_error(err, "the chain cannot be made again");
}

/* ---- revocation ---- */

static bool set_crl_times(X509_CRL *crl, int64_t now)
{
    static const time_t day = 86400, year = 365 * 86400;
    ASN1_TIME *last = ASN1_TIME_set(NULL, (time_t)now - day);
    ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)now + year);
    bool ok = last != NULL && next != NULL && X509_CRL_set1_lastUpdate(crl, last) == 1 &&
              X509_CRL_set1_nextUpdate(crl, next) == 1;
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    return ok;
}

static bool revoke(X509_CRL *crl, const X509 *certificate)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    bool ok =
        entry != NULL &&
        X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)X509_get0_serialNumber(certificate)) ==
            1 &&
        X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)X509_CRL_get0_lastUpdate(crl)) == 1 &&
        X509_CRL_add0_revoked(crl, entry) == 1;
    if (!ok)
        X509_REVOKED_free(entry);
    return ok;
}

/* RFC 5280 section 5: v2, by this CA; it revokes `leaf`, or nothing where that is NULL. */
static bool write_crl(BIO *out, X509 *ca, EVP_PKEY *key, const X509 *leaf, int64_t now)
{
    X509_CRL *crl = X509_CRL_new();
    bool eddsa = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    bool ok = crl != NULL && X509_CRL_set_version(crl, 1) == 1 &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) == 1 &&
              set_crl_times(crl, now) && (leaf == NULL || revoke(crl, leaf)) &&
              X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, key, eddsa ? NULL : EVP_sha256()) > 0 &&
              PEM_write_bio_X509_CRL(out, crl) == 1;
    X509_CRL_free(crl);
    return ok;
}

static int write_crls(const struct copies *copies, const struct reissue_order *order,
                      const char *prefix, struct error *err)
{
    char path[PATH_LEN];
    struct bytes pem;
    const struct copy *leaf = &copies->of[0], *issuer = issuer_of(copies, leaf);
    if (!order->revoked)
        return 0;
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = out != NULL;
    for (size_t i = 1; ok && i < copies->num; i++)
        ok = write_crl(out, copies->of[i].made, copies->of[i].key,
                       issuer == &copies->of[i] ? leaf->made : NULL, order->revoked_now);
    if (ok && copies->root != NULL)
        ok = write_crl(out, copies->root, copies->root_key, issuer == NULL ? leaf->made : NULL,
                       order->revoked_now);
    int ret = !ok ? crypto_error(err, "the CRLs cannot be made") : bytes_from_bio(&pem, out, err);
    BIO_free(out);
    if (ret < 0)
        return -1;
    ret = path_format(path, err, "%s-crl.pem", prefix) < 0
              ? -1
              : file_write(path, 0644, pem.data, pem.len, err);
    free(pem.data);
    return ret;
}

/* ---- files ---- */

static int write_pem(const char *prefix, const char *what, X509 *const *certificates, size_t num,
                     struct error *err)
{
    char path[PATH_LEN];
    struct bytes pem;
    if (path_format(path, err, "%s-%s.pem", prefix, what) < 0 ||
        certificates_to_pem(&pem, certificates, num, err) < 0)
        return -1;
    int ret = file_write(path, 0644, pem.data, pem.len, err);
    free(pem.data);
    return ret;
}

static int write_key(const char *prefix, EVP_PKEY *key, struct error *err)
{
    char path[PATH_LEN];
    struct bytes pem;
    if (path_format(path, err, "%s-key.pem", prefix) < 0 || key_to_pem(&pem, key, err) < 0)
        return -1;
    int ret = file_write(path, 0600, pem.data, pem.len, err);
    OPENSSL_cleanse(pem.data, pem.len);
    free(pem.data);
    return ret;
}

static X509 *anchor(const struct copies *copies)
{
    return copies->root != NULL ? copies->root : copies->of[copies->num - 1].made;
}

static int write_all(const struct copies *copies, const char *prefix, struct error *err)
{
    X509 *chain[REISSUE_CHAIN_MAX], *root = anchor(copies);
    for (size_t i = 0; i < copies->num; i++)
        chain[i] = copies->of[i].made;
    return write_pem(prefix, "chain", chain, copies->num, err) < 0 ||
                   write_pem(prefix, "root", &root, 1, err) < 0
               ? -1
               : write_key(prefix, copies->of[0].key, err);
}

int reissue_chain(const struct reissue_order *order, const char *prefix, struct error *err)
{
    struct copies copies = { .num = 0 };
    int ret = read_chain(&copies, order, err) < 0 || make_keys(&copies, err) < 0 ||
                      make_all(&copies, order, err) < 0
                  ? -1
                  : write_all(&copies, prefix, err);
    if (ret == 0)
        ret = write_crls(&copies, order, prefix, err);
    copies_fini(&copies);
    return ret;
}

int reissue_copy(const struct reissue_order *order, const char *prefix, struct error *err)
{
    X509 *chain[REISSUE_CHAIN_MAX];
    struct copies copies = { .num = 0 };
    int ret = read_chain(&copies, order, err);
    for (size_t i = 0; i < copies.num; i++)
        chain[i] = copies.of[i].original;
    if (ret == 0)
        ret = write_pem(prefix, "chain", chain, copies.num, err);
    copies_fini(&copies);
    return ret;
}
