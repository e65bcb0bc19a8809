/* OpenSSL 3.0 and later: names, abilities, policy, and the stack itself. */
#include "peers/libssl/dialect.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <stdio.h>
#include <stdlib.h>

#if OPENSSL_VERSION_NUMBER < 0x30000000L || defined LIBRESSL_VERSION_NUMBER
#error "OpenSSL 3.0 or later is needed"
#endif

extern const struct tls_stack tls_stack_openssl;

const struct tls_stack tls_stack_openssl = { .name = "openssl", LIBSSL_OPERATIONS };
const struct tls_stack *const tls_stack = &tls_stack_openssl;

/* Left to itself the library reads the system's openssl.cnf, whose policy for TLS (groups,
 * signature schemes, options) must not stand between an endpoint and what it asks for. */
__attribute__((constructor)) static void start_without_system_policy(void)
{
    if (getenv("OPENSSL_CONF") == NULL)
        OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

const char dialect_name[] = "openssl";
const int dialect_eof_reason = SSL_R_UNEXPECTED_EOF_WHILE_READING;
const int dialect_key_usage_reason = 0;

const struct dialect_credential dialect_credentials[NUM_CREDENTIALS] = {
    [CREDENTIAL_RSA2048] = { EVP_PKEY_RSA, TLS10, TLS13 },
    [CREDENTIAL_RSA3072] = { EVP_PKEY_RSA, TLS10, TLS13 },
    [CREDENTIAL_RSA4096] = { EVP_PKEY_RSA, TLS10, TLS13 },
    [CREDENTIAL_RSAPSS2048] = { EVP_PKEY_RSA_PSS, TLS12, TLS13 },
    [CREDENTIAL_ECDSA_P256] = { EVP_PKEY_EC, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P384] = { EVP_PKEY_EC, TLS10, TLS13 },
    [CREDENTIAL_ECDSA_P521] = { EVP_PKEY_EC, TLS10, TLS13 },
    [CREDENTIAL_ED25519] = { EVP_PKEY_ED25519, TLS12, TLS13 },
    [CREDENTIAL_ED448] = { EVP_PKEY_ED448, TLS12, TLS13 },
    [CREDENTIAL_DSA2048] = { EVP_PKEY_DSA, TLS10, TLS12 },
};

/* clang-format off */
const bool dialect_features[NUM_FEATURES] = {
    [FEATURE_CLIENT_AUTH] = true,
    [FEATURE_PSK_TLS12] = true,
    [FEATURE_PSK_TLS13] = true,
    [FEATURE_SRP] = true,
    [FEATURE_EXPORTER] = true,
    [FEATURE_KEYLOG] = true,
    [FEATURE_ANONYMOUS] = true,
    [FEATURE_VERIFY_TIME] = true,
    [FEATURE_TLS13_SUITE_CHOICE] = true,
    [FEATURE_CRL] = true,
    [FEATURE_OCSP_STAPLE] = true,
    [FEATURE_OCSP_VERIFY] = true,
    [FEATURE_WRONG_KEY] = true,
    [FEATURE_SERVED_NAME] = true,
    [FEATURE_ALPN] = true,
    [FEATURE_LATE_VERIFY] = true,
};
/* clang-format on */

void dialect_describe_library(char library[NAME_MAX_LEN * 2], char release[NAME_MAX_LEN])
{
    snprintf(library, (size_t)NAME_MAX_LEN * 2, "%s", OpenSSL_version(OPENSSL_VERSION));
    snprintf(release, NAME_MAX_LEN, "%s", OpenSSL_version(OPENSSL_VERSION_STRING));
}

bool dialect_has_key_type(int key_type)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(key_type, NULL);
    EVP_PKEY_CTX_free(ctx);
    return ctx != NULL;
}

/* The level that the library was built with. */
static int usual_level(void)
{
    static int level = -1;
    if (level >= 0)
        return level;
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    level = ctx != NULL ? SSL_CTX_get_security_level(ctx) : 1;
    SSL_CTX_free(ctx);
    return level;
}

/* The library would take the connection's level, which dialect_allow_everything() has set to 0. */
void dialect_keep_verify_policy(X509_STORE_CTX *store_ctx)
{
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(store_ctx), usual_level());
}

/* Level 0 admits TLS 1.0, SHA-1, NULL and anonymous suites. */
int dialect_allow_everything(SSL_CTX *ctx, struct error *err)
{
    (void)err;
    SSL_CTX_set_security_level(ctx, 0);
    return 0;
}
