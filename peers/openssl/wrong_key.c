/* Presenting a certificate and signing with another key than its own. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>

/* OpenSSL compares key and certificate once, when the second of them comes, and holds the
 * certificate by reference: it is shown a certificate of the wrong key, whose content then becomes
 * that of the right one. That serves every kind of key, and the signature is a good one of the
 * wrong key. */
static bool become(X509 *certificate, X509 *other)
{
    unsigned char *der = NULL;
    int der_len = i2d_X509(other, &der);
    const unsigned char *at = der;
    bool done = der_len > 0 && d2i_X509(&certificate, &at, der_len) != NULL;
    OPENSSL_free(der);
    return done;
}

int dialect_set_wrong_key(struct stack_context *context, struct error *err)
{
    const struct stack_credential *credential = context->credential;
    X509 *shown = X509_dup(credential->leaf);
    bool done = shown != NULL && X509_set_pubkey(shown, credential->key) == 1 &&
                SSL_CTX_use_certificate(context->ctx, shown) == 1 &&
                SSL_CTX_use_PrivateKey(context->ctx, credential->key) == 1 &&
                become(shown, credential->leaf);
    X509_free(shown);
    return done ? 0 : libssl_error(err, ERROR_HARNESS, "wrong key");
}
