/* Identity faults: what BoringSSL can present, and what it has no code to judge. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

/* A signature by a key that the library is not given, and so cannot compare. */
static enum ssl_private_key_result_t sign(SSL *ssl, uint8_t *out, size_t *out_len, size_t max_out,
                                          uint16_t scheme, const uint8_t *in, size_t in_len)
{
    EVP_PKEY *key = libssl_connection(ssl)->context->credential->key;
    EVP_PKEY_CTX *pkey_ctx = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    *out_len = max_out;
    bool done = ctx != NULL &&
                EVP_DigestSignInit(ctx, &pkey_ctx, SSL_get_signature_algorithm_digest(scheme), NULL,
                                   key) == 1 &&
                (!SSL_is_signature_algorithm_rsa_pss(scheme) ||
                 (EVP_PKEY_CTX_set_rsa_padding(pkey_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_ctx, -1 /* the digest's length */) == 1)) &&
                EVP_DigestSign(ctx, out, out_len, in, in_len) == 1;
    EVP_MD_CTX_free(ctx);
    return done ? ssl_private_key_success : ssl_private_key_failure;
}

/* Key exchange by RSA (RFC 5246 section 7.4.7.1): the padding is the library's to judge. */
static enum ssl_private_key_result_t decrypt(SSL *ssl, uint8_t *out, size_t *out_len,
                                             size_t max_out, const uint8_t *in, size_t in_len)
{
    RSA *rsa = EVP_PKEY_get0_RSA(libssl_connection(ssl)->context->credential->key);
    bool done =
        rsa != NULL && RSA_decrypt(rsa, out_len, out, max_out, in, in_len, RSA_NO_PADDING) == 1;
    return done ? ssl_private_key_success : ssl_private_key_failure;
}

/* Both are done at once, so there is nothing to wait for. */
static enum ssl_private_key_result_t complete(SSL *ssl, uint8_t *out, size_t *out_len,
                                              size_t max_out)
{
    (void)ssl, (void)out, (void)out_len, (void)max_out;
    return ssl_private_key_failure;
}

int dialect_set_wrong_key(struct stack_context *context, struct error *err)
{
    static const SSL_PRIVATE_KEY_METHOD method = { sign, decrypt, complete };
    if (SSL_CTX_use_certificate(context->ctx, context->credential->leaf) != 1)
        return libssl_error(err, ERROR_USAGE, "credential");
    SSL_CTX_set_private_key_method(context->ctx, &method);
    return 0;
}

int dialect_set_staple(struct stack_context *context, struct error *err)
{
    if (SSL_CTX_set_ocsp_response(context->ctx, context->credential->staple,
                                  context->credential->staple_len) != 1)
        return libssl_error(err, ERROR_HARNESS, "staple");
    return 0;
}

int dialect_check_staples(struct stack_context *context, struct error *err)
{
    (void)context;
    return error_set(err, ERROR_USAGE, "BoringSSL asks for a staple and cannot judge it");
}
