/* BoringSSL: names, abilities, policy, and the stack itself. */
#include "peers/libssl/dialect.h"

#include <openssl/base.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

extern const struct tls_stack tls_stack_boringssl;

const struct tls_stack tls_stack_boringssl = { .name = "boringssl", LIBSSL_OPERATIONS };
const struct tls_stack *const tls_stack = &tls_stack_boringssl;

const char dialect_name[] = "boringssl";
const int dialect_eof_reason = 0;
const int dialect_key_usage_reason = SSL_R_KEY_USAGE_BIT_INCORRECT;

/* No EVP_PKEY type stands for Ed448, none that signs for RSA-PSS, and TLS has no DSS suites. */
const struct dialect_credential dialect_credentials[NUM_CREDENTIALS] = {
    [CREDENTIAL_RSA2048] = { EVP_PKEY_RSA, TLS10, TLS13 },
    [CREDENTIAL_RSA3072] = { EVP_PKEY_RSA, TLS10, TLS13 },
    [CREDENTIAL_RSA4096] = { EVP_PKEY_RSA, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P256] = { EVP_PKEY_EC, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P384] = { EVP_PKEY_EC, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P521] = { EVP_PKEY_EC, TLS10, TLS13 },
    [CREDENTIAL_ED25519] = { EVP_PKEY_ED25519, TLS12, TLS13 },
};

/* External PSK exists for TLS <= 1.2 only; there is no code for OCSP but to pass it on;
 * FEATURE_TLS13_SUITE_CHOICE: see suites.c. */
/* clang-format off */
const bool dialect_features[NUM_FEATURES] = {
    [FEATURE_CLIENT_AUTH] = true,
    [FEATURE_PSK_TLS12] = true,
    [FEATURE_EXPORTER] = true,
    [FEATURE_KEYLOG] = true,
    [FEATURE_VERIFY_TIME] = true,
    [FEATURE_CRL] = true,
    [FEATURE_OCSP_STAPLE] = true,
    [FEATURE_WRONG_KEY] = true,
    [FEATURE_SERVED_NAME] = true,
    [FEATURE_ALPN] = true,
    [FEATURE_LATE_VERIFY] = true,
};
/* clang-format on */

/* BoringSSL has no releases; the number of its API is what changes with what it can do. */
void dialect_describe_library(char library[NAME_MAX_LEN * 2], char release[NAME_MAX_LEN])
{
    snprintf(library, (size_t)NAME_MAX_LEN * 2, "%s (API %d)", OpenSSL_version(OPENSSL_VERSION),
             BORINGSSL_API_VERSION);
    snprintf(release, NAME_MAX_LEN, "api%d", BORINGSSL_API_VERSION);
}

bool dialect_has_key_type(int key_type)
{
    EVP_PKEY *key = EVP_PKEY_new();
    bool has = key != NULL && EVP_PKEY_set_type(key, key_type) == 1;
    EVP_PKEY_free(key);
    return has;
}

/* It has no policy that one could keep or lift. */
void dialect_keep_verify_policy(X509_STORE_CTX *store_ctx)
{
    (void)store_ctx;
}

int dialect_set_psk13(struct stack_context *context, struct error *err)
{
    if (context->endpoint.min_version < TLS13)
        return 0; /* there is an older version to use it in */
    return error_set(err, ERROR_USAGE, "no external PSK in TLS 1.3");
}

int dialect_set_srp(struct stack_context *context, struct error *err)
{
    (void)context;
    return error_set(err, ERROR_USAGE, "no SRP");
}
