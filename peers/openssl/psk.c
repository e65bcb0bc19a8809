/* What needs a secret: external PSK in TLS 1.3 (RFC 8446 section 4.2.11) and SRP (RFC 5054). */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/srp.h>
#include <string.h>

/* OpenSSL wants a PSK dressed as a session of a suite, whose hash is the PSK's. */
static SSL_SESSION *session_of(const struct endpoint *endpoint, const SSL_CIPHER *cipher)
{
    SSL_SESSION *session = SSL_SESSION_new();
    if (session == NULL || cipher == NULL ||
        SSL_SESSION_set1_master_key(session, endpoint->psk, endpoint->psk_len) != 1 ||
        SSL_SESSION_set_cipher(session, cipher) != 1 ||
        SSL_SESSION_set_protocol_version(session, TLS13) != 1) {
        SSL_SESSION_free(session);
        return NULL;
    }
    return session;
}

static const SSL_CIPHER *cipher_of(SSL *ssl, uint16_t suite)
{
    const unsigned char wire[] = { (unsigned char)(suite >> 8), (unsigned char)suite };
    return SSL_CIPHER_find(ssl, wire);
}

/* A PSK has one hash, SHA-256 unless said otherwise (RFC 8446 section 4.2.11): otherwise is an
 * end that is told SHA-384 suites only. After a HelloRetryRequest `md` is the server's choice. */
static const SSL_CIPHER *psk_cipher(SSL *ssl, const struct endpoint *endpoint, const EVP_MD *md)
{
    const SSL_CIPHER *fallback = cipher_of(ssl, 0x1301); /* TLS_AES_128_GCM_SHA256 */
    const SSL_CIPHER *first = NULL;
    const EVP_MD *wanted = md != NULL ? md : EVP_sha256();
    for (size_t i = 0; i < endpoint->num_suites; i++) {
        const struct suite *suite = suite_by_id(endpoint->suites[i]);
        if (suite == NULL || suite->kx != KX_TLS13)
            continue;
        const SSL_CIPHER *cipher = cipher_of(ssl, suite->id);
        if (EVP_MD_get_type(SSL_CIPHER_get_handshake_digest(cipher)) == EVP_MD_get_type(wanted))
            return cipher;
        first = first != NULL ? first : cipher;
    }
    return first != NULL ? first : fallback;
}

static int use_session(SSL *ssl, const EVP_MD *md, const unsigned char **identity,
                       size_t *identity_len, SSL_SESSION **session)
{
    const struct endpoint *endpoint = &libssl_connection(ssl)->context->endpoint;
    *session = session_of(endpoint, psk_cipher(ssl, endpoint, md));
    *identity = (const unsigned char *)endpoint->psk_identity;
    *identity_len = strlen(endpoint->psk_identity);
    return *session != NULL;
}

/* The server has chosen its suite by now, and the PSK takes that suite's hash. */
static int find_session(SSL *ssl, const unsigned char *identity, size_t identity_len,
                        SSL_SESSION **session)
{
    const struct endpoint *endpoint = &libssl_connection(ssl)->context->endpoint;
    *session = NULL;
    if (identity_len != strlen(endpoint->psk_identity) ||
        memcmp(identity, endpoint->psk_identity, identity_len) != 0)
        return 1; /* unknown identity: go on without */
    *session = session_of(endpoint, SSL_get_pending_cipher(ssl));
    return *session != NULL;
}

int dialect_set_psk13(struct stack_context *context, struct error *err)
{
    (void)err;
    if (context->endpoint.role == ROLE_CLIENT)
        SSL_CTX_set_psk_use_session_callback(context->ctx, use_session);
    else
        SSL_CTX_set_psk_find_session_callback(context->ctx, find_session);
    return 0;
}

/* By its size in bits, one of the groups of RFC 5054. */
static char srp_group[] = "2048";

static int srp_server(SSL *ssl, int *alert, void *unused)
{
    (void)unused;
    const struct endpoint *endpoint = &libssl_connection(ssl)->context->endpoint;
    const char *user = SSL_get_srp_username(ssl);
    *alert = ALERT_UNKNOWN_PSK_IDENTITY; /* RFC 5054 has it for an unknown user */
    if (user == NULL || strcmp(user, endpoint->srp_user) != 0)
        return SSL3_AL_FATAL;
    *alert = ALERT_INTERNAL_ERROR;
    return SSL_set_srp_server_param_pw(ssl, user, endpoint->srp_password, srp_group) == 1
               ? SSL_ERROR_NONE
               : SSL3_AL_FATAL;
}

int dialect_set_srp(struct stack_context *context, struct error *err)
{
    struct endpoint *endpoint = &context->endpoint;
    if (endpoint->role == ROLE_SERVER) {
        SSL_CTX_set_srp_username_callback(context->ctx, srp_server);
        return 0;
    }
    if (SSL_CTX_set_srp_username(context->ctx, endpoint->srp_user) != 1 ||
        SSL_CTX_set_srp_password(context->ctx, endpoint->srp_password) != 1)
        return libssl_error(err, ERROR_USAGE, "SRP user %s", endpoint->srp_user);
    return 0;
}
