/* Stapled OCSP responses (RFC 6066 section 8, RFC 8446 section 4.4.2.1): sent as they are, and
 * judged as RFC 6960 says. The library leaves the judgement to its caller. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <string.h>

/* ---- the server ---- */

static int send_staple(SSL *ssl, void *unused)
{
    (void)unused;
    const struct stack_credential *credential = libssl_connection(ssl)->context->credential;
    unsigned char *copy = OPENSSL_memdup(credential->staple, credential->staple_len);
    if (copy == NULL)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy,
                                    (long)credential->staple_len); /* which owns it now */
    return SSL_TLSEXT_ERR_OK;
}

int dialect_set_staple(struct stack_context *context, struct error *err)
{
    if (SSL_CTX_set_tlsext_status_cb(context->ctx, send_staple) != 1)
        return libssl_error(err, ERROR_HARNESS, "staple");
    return 0;
}

/* ---- the client ---- */

/* Is the answer meant for this moment (RFC 6960 section 4.2.2.1)? Without nextUpdate it is for
 * good: newer information is to be had at any time then (section 2.4). */
static bool is_current(const ASN1_GENERALIZEDTIME *this_update,
                       const ASN1_GENERALIZEDTIME *next_update, time_t now)
{
    return ASN1_TIME_cmp_time_t(this_update, now) <= 0 &&
           (next_update == NULL || ASN1_TIME_cmp_time_t(next_update, now) >= 0);
}

/* What a response, whose signature is good, says of the leaf. */
static long status_of(OCSP_BASICRESP *response, X509 *leaf, X509 *issuer, time_t now)
{
    static const long verdicts[] = {
        [V_OCSP_CERTSTATUS_GOOD] = X509_V_OK,
        [V_OCSP_CERTSTATUS_REVOKED] = X509_V_ERR_CERT_REVOKED,
        [V_OCSP_CERTSTATUS_UNKNOWN] = X509_V_ERR_OCSP_CERT_UNKNOWN,
    };
    int status = V_OCSP_CERTSTATUS_UNKNOWN;
    ASN1_GENERALIZEDTIME *this_update = NULL, *next_update = NULL;
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, leaf, issuer);
    bool found = id != NULL && OCSP_resp_find_status(response, id, &status, NULL, NULL,
                                                     &this_update, &next_update) == 1;
    OCSP_CERTID_free(id);
    if (!found || !is_current(this_update, next_update, now))
        return X509_V_ERR_OCSP_VERIFY_FAILED;
    return verdicts[status];
}

/* Signed by the leaf's issuer, or by a responder to whom it delegated that (RFC 6960 section
 * 4.2.2.2), whose certificate is judged at the same moment. */
static bool signed_by_issuer(OCSP_BASICRESP *response, STACK_OF(X509) * chain,
                             const struct stack_context *context)
{
    X509_STORE *store = context->trust->store;
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)context->endpoint.verify_time);
    return OCSP_basic_verify(response, chain, store, 0) == 1;
}

static long judge(const unsigned char *der, long der_len, STACK_OF(X509) * chain,
                  const struct stack_context *context)
{
    if (context->trust == NULL || sk_X509_num(chain) < 2)
        return X509_V_ERR_OCSP_VERIFY_FAILED; /* no issuer that could be answering */
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &der, der_len);
    OCSP_BASICRESP *basic = response != NULL ? OCSP_response_get1_basic(response) : NULL;
    long code = X509_V_ERR_OCSP_VERIFY_FAILED;
    if (basic != NULL && signed_by_issuer(basic, chain, context))
        code = status_of(basic, sk_X509_value(chain, 0), sk_X509_value(chain, 1),
                         (time_t)context->endpoint.verify_time);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    return code;
}

/* 1: go on; 0: the library refuses with bad_certificate_status_response. */
static int judge_staple(SSL *ssl, void *unused)
{
    (void)unused;
    struct stack_connection *connection = libssl_connection(ssl);
    const unsigned char *der = NULL;
    long der_len = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
    if (der == NULL || der_len < 0)
        return 1;
    connection->verify_code =
        judge(der, der_len, SSL_get0_verified_chain(ssl), connection->context);
    return connection->verify_code == X509_V_OK;
}

int dialect_check_staples(struct stack_context *context, struct error *err)
{
    if (SSL_CTX_set_tlsext_status_type(context->ctx, TLSEXT_STATUSTYPE_ocsp) != 1 ||
        SSL_CTX_set_tlsext_status_cb(context->ctx, judge_staple) != 1)
        return libssl_error(err, ERROR_HARNESS, "status request");
    return 0;
}
