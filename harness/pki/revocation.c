#include "harness/pki/revocation.h"
#include "harness/pki/crypto.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { DAY = 24 * 3600 };

/* ---- CRLs ---- */

static bool revoke(X509_CRL *crl, X509 *certificate)
{
    time_t when = FORGE_TIME - 2 * DAY;
    ASN1_TIME *date = X509_time_adj_ex(NULL, 0, 0, &when);
    X509_REVOKED *entry = X509_REVOKED_new();
    bool ok = date != NULL && entry != NULL &&
              X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate)) == 1 &&
              X509_REVOKED_set_revocationDate(entry, date) == 1 &&
              X509_CRL_add0_revoked(crl, entry) == 1;
    if (!ok)
        X509_REVOKED_free(entry);
    ASN1_TIME_free(date);
    return ok;
}

static bool set_updates(X509_CRL *crl)
{
    time_t this_update = FORGE_TIME - DAY, next_update = FORGE_TIME + 30 * DAY;
    ASN1_TIME *last = X509_time_adj_ex(NULL, 0, 0, &this_update);
    ASN1_TIME *next = X509_time_adj_ex(NULL, 0, 0, &next_update);
    bool ok = last != NULL && next != NULL && X509_CRL_set1_lastUpdate(crl, last) == 1 &&
              X509_CRL_set1_nextUpdate(crl, next) == 1;
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    return ok;
}

/* Which issuer's, and which of its CRLs: both extensions are a MUST of RFC 5280. */
static bool add_crl_extensions(X509_CRL *crl, X509 *issuer)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
    X509V3_set_ctx_nodb(&ctx);
    X509_EXTENSION *key =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    bool ok = key != NULL && number != NULL && X509_CRL_add_ext(crl, key, -1) == 1 &&
              ASN1_INTEGER_set(number, 1) == 1 &&
              X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;
    X509_EXTENSION_free(key);
    ASN1_INTEGER_free(number);
    return ok;
}

static bool add_revoked(X509_CRL *crl, const struct forgery *f, size_t issuer)
{
    for (size_t i = 0; i < f->num_links; i++)
        if (f->links[i].revoked && f->links[i].issuer == issuer &&
            !revoke(crl, f->links[i].certificate))
            return false;
    return X509_CRL_sort(crl) == 1;
}

static bool sign_crl(X509_CRL *crl, const struct certificate_plan *issuer, enum credential kind)
{
    const struct forge_kind *row = &forge_kinds[kind];
    EVP_MD_CTX *ctx = signature_context(issuer->key, row->digest, row->pss);
    bool ok = ctx != NULL && X509_CRL_sign_ctx(crl, ctx) > 0;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool write_crl(BIO *out, const struct forgery *f, size_t issuer)
{
    const struct link *link = &f->links[issuer];
    X509_CRL *crl = X509_CRL_new();
    bool ok = crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(link->certificate)) == 1 &&
              set_updates(crl) && add_crl_extensions(crl, link->certificate) &&
              add_revoked(crl, f, issuer) && sign_crl(crl, &link->plan, f->genuine->kind) &&
              PEM_write_bio_X509_CRL(out, crl) == 1;
    X509_CRL_free(crl);
    return ok;
}

static bool is_issuer(const struct forgery *f, size_t link)
{
    for (size_t i = 0; i < link; i++)
        if (f->links[i].issuer == link)
            return true;
    return false;
}

int revocation_crls(struct bytes *out, const struct forgery *f, struct error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL;
    for (size_t i = 0; i < f->num_links && ok; i++)
        ok = !is_issuer(f, i) || write_crl(bio, f, i);
    int result = ok ? bytes_from_bio(out, bio, err) : crypto_error(err, "cannot issue a CRL");
    BIO_free(bio);
    return result;
}

/* ---- OCSP ---- */

/* What each staple says, and when, in days from the frozen time. */
static const struct answer {
    int status;
    int this_update_days;
    int next_update_days;
    bool stranger; /* signed by somebody with the CA's name and another key */
} answers[] = {
    [STAPLE_GOOD] = { V_OCSP_CERTSTATUS_GOOD, -1, 7, false },
    [STAPLE_REVOKED] = { V_OCSP_CERTSTATUS_REVOKED, -1, 7, false },
    [STAPLE_FORGED] = { V_OCSP_CERTSTATUS_GOOD, -1, 7, true },
    [STAPLE_STALE] = { V_OCSP_CERTSTATUS_GOOD, -30, -20, false },
};

static bool add_status(OCSP_BASICRESP *response, const struct forgery *f,
                       const struct answer *answer)
{
    const struct link *leaf = &f->links[LINK_LEAF];
    time_t base = FORGE_TIME;
    ASN1_TIME *this_update = X509_time_adj_ex(NULL, answer->this_update_days, 0, &base);
    ASN1_TIME *next_update = X509_time_adj_ex(NULL, answer->next_update_days, 0, &base);
    ASN1_TIME *revoked = X509_time_adj_ex(NULL, -2, 0, &base);
    OCSP_CERTID *id =
        OCSP_cert_to_id(EVP_sha1(), leaf->certificate, f->links[leaf->issuer].certificate);
    bool ok =
        id != NULL && this_update != NULL && next_update != NULL && revoked != NULL &&
        OCSP_basic_add1_status(response, id, answer->status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
                               revoked, this_update, next_update) != NULL;
    OCSP_CERTID_free(id);
    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
    ASN1_TIME_free(revoked);
    return ok;
}

/* libcrypto would write the clock's time, and has no other way to write the frozen one. */
static bool set_produced_at(OCSP_BASICRESP *response)
{
    ASN1_GENERALIZEDTIME *at = (ASN1_GENERALIZEDTIME *)OCSP_resp_get0_produced_at(response);
    return at != NULL && ASN1_GENERALIZEDTIME_adj(at, FORGE_TIME, -1, 0) != NULL;
}

/* Signs as `signer`, whose certificate goes along only if nobody could know it. */
static bool sign_response(OCSP_BASICRESP *response, X509 *signer, EVP_PKEY *key,
                          const struct forgery *f, bool stranger)
{
    const struct forge_kind *row = &forge_kinds[f->genuine->kind];
    EVP_MD_CTX *ctx = signature_context(key, row->digest, row->pss);
    unsigned long flags = OCSP_NOTIME | (stranger ? 0 : OCSP_NOCERTS);
    bool ok = ctx != NULL && OCSP_basic_sign_ctx(response, signer, ctx, NULL, flags) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* By the leaf's issuer, or by a stranger with its name. */
static bool sign_as_asked(OCSP_BASICRESP *response, const struct forgery *f, bool stranger)
{
    const struct link *issuer = &f->links[f->links[LINK_LEAF].issuer];
    if (!stranger)
        return sign_response(response, issuer->certificate, issuer->plan.key, f, false);
    struct certificate_plan plan = issuer->plan;
    plan.key = forgery_key(f, FORGE_OTHER);
    X509 *signer = certificate_issue(&plan, NULL, plan.key, NULL);
    bool ok = signer != NULL && sign_response(response, signer, plan.key, f, true);
    X509_free(signer);
    return ok;
}

static int write_response(struct bytes *out, OCSP_BASICRESP *basic, struct error *err)
{
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    BIO *bio = BIO_new(BIO_s_mem());
    int result = response != NULL && bio != NULL && i2d_OCSP_RESPONSE_bio(bio, response) == 1
                     ? bytes_from_bio(out, bio, err)
                     : crypto_error(err, "cannot write an OCSP response");
    BIO_free(bio);
    OCSP_RESPONSE_free(response);
    return result;
}

int revocation_staple(struct bytes *out, const struct forgery *f, struct error *err)
{
    const struct answer *answer = &answers[f->staple];
    OCSP_BASICRESP *response = OCSP_BASICRESP_new();
    int result = response != NULL && add_status(response, f, answer) && set_produced_at(response) &&
                         sign_as_asked(response, f, answer->stranger)
                     ? write_response(out, response, err)
                     : crypto_error(err, "cannot issue an OCSP response");
    OCSP_BASICRESP_free(response);
    return result;
}
