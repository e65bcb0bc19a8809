/* Signature schemes: BoringSSL speaks of them by the registry's numbers. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>

/* All that it has, in the order of its own defaults; those leave out Ed25519, P-521 and SHA-1
 * where it verifies. */
static const uint16_t schemes[] = {
    SSL_SIGN_ECDSA_SECP256R1_SHA256,
    SSL_SIGN_RSA_PSS_RSAE_SHA256,
    SSL_SIGN_RSA_PKCS1_SHA256,
    SSL_SIGN_ECDSA_SECP384R1_SHA384,
    SSL_SIGN_RSA_PSS_RSAE_SHA384,
    SSL_SIGN_RSA_PKCS1_SHA384,
    SSL_SIGN_ECDSA_SECP521R1_SHA512,
    SSL_SIGN_RSA_PSS_RSAE_SHA512,
    SSL_SIGN_RSA_PKCS1_SHA512,
    SSL_SIGN_ED25519,
    SSL_SIGN_ECDSA_SHA1,
    SSL_SIGN_RSA_PKCS1_SHA1,
};

enum { NUM_SCHEMES = sizeof schemes / sizeof schemes[0] };

int dialect_allow_everything(SSL_CTX *ctx, struct error *err)
{
    if (SSL_CTX_set_signing_algorithm_prefs(ctx, schemes, NUM_SCHEMES) != 1 ||
        SSL_CTX_set_verify_algorithm_prefs(ctx, schemes, NUM_SCHEMES) != 1)
        return libssl_error(err, ERROR_HARNESS, "signature schemes");
    return 0;
}

bool dialect_has_signature_scheme(uint16_t scheme)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    bool accepted = ctx != NULL && SSL_get_signature_algorithm_key_type(scheme) != EVP_PKEY_NONE &&
                    SSL_CTX_set_verify_algorithm_prefs(ctx, &scheme, 1) == 1;
    SSL_CTX_free(ctx);
    return accepted;
}

/* It tells what the other end signed with, not what it signed with itself. */
uint16_t dialect_server_signature_scheme(const struct stack_connection *connection)
{
    if (connection->context->endpoint.role == ROLE_SERVER)
        return 0;
    return SSL_get_peer_signature_algorithm(connection->ssl);
}
