/* What the library knows about a connection, as facts. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const char exporter_label[] = "EXPORTER-tlsmatrix";

static int sha256(uint8_t digest[SHA256_LEN], unsigned char *der, int der_len)
{
    if (der_len < 0)
        return -1;
    int done = EVP_Digest(der, (size_t)der_len, digest, NULL, EVP_sha256(), NULL);
    OPENSSL_free(der);
    return done == 1 ? 0 : -1;
}

static int hash_certificate(uint8_t digest[SHA256_LEN], X509 *certificate)
{
    unsigned char *der = NULL;
    int der_len = i2d_X509(certificate, &der);
    return sha256(digest, der, der_len);
}

static int hash_public_key(uint8_t digest[SHA256_LEN], X509 *certificate)
{
    unsigned char *der = NULL;
    int der_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    return sha256(digest, der, der_len);
}

int libssl_peer_hashes(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                       uint8_t spki[SHA256_LEN])
{
    X509 *certificate = connection->peer_leaf;
    if (certificate == NULL || hash_certificate(leaf, certificate) != 0)
        return -1;
    return hash_public_key(spki, certificate);
}

static enum verify_problem problem_of(long code)
{
    static const struct {
        long code;
        enum verify_problem problem;
    } problems[] = {
        { X509_V_OK, VERIFY_PROBLEM_NONE },
        { X509_V_ERR_CERT_NOT_YET_VALID, VERIFY_PROBLEM_TIME },
        { X509_V_ERR_CERT_HAS_EXPIRED, VERIFY_PROBLEM_TIME },
        { X509_V_ERR_HOSTNAME_MISMATCH, VERIFY_PROBLEM_NAME },
        { X509_V_ERR_IP_ADDRESS_MISMATCH, VERIFY_PROBLEM_NAME },
        { X509_V_ERR_INVALID_PURPOSE, VERIFY_PROBLEM_USAGE },
        { X509_V_ERR_CERT_REVOKED, VERIFY_PROBLEM_REVOKED },
        /* That it is not revoked has not been shown. */
        { X509_V_ERR_UNABLE_TO_GET_CRL, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_CRL_SIGNATURE_FAILURE, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_CRL_NOT_YET_VALID, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_CRL_HAS_EXPIRED, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_DIFFERENT_CRL_SCOPE, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_CRL_PATH_VALIDATION_ERROR, VERIFY_PROBLEM_REVOKED },
#ifdef X509_V_ERR_OCSP_VERIFY_FAILED /* OpenSSL has OCSP */
        { X509_V_ERR_OCSP_VERIFY_FAILED, VERIFY_PROBLEM_REVOKED },
        { X509_V_ERR_OCSP_CERT_UNKNOWN, VERIFY_PROBLEM_REVOKED },
#endif
#ifdef X509_V_ERR_EE_KEY_TOO_SMALL /* and security levels */
        { X509_V_ERR_EE_KEY_TOO_SMALL, VERIFY_PROBLEM_WEAK },
        { X509_V_ERR_CA_KEY_TOO_SMALL, VERIFY_PROBLEM_WEAK },
        { X509_V_ERR_CA_MD_TOO_WEAK, VERIFY_PROBLEM_WEAK },
#endif
    };
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        if (problems[i].code == code)
            return problems[i].problem;
    return VERIFY_PROBLEM_CHAIN;
}

static void verification_facts(const struct stack_connection *connection, struct facts *facts)
{
    if (connection->usage_refused)
        facts->verify_problem = VERIFY_PROBLEM_USAGE;
    if (!connection->verified)
        return;
    facts->verify_known = true;
    facts->verify_code = connection->verify_code;
    if (!connection->usage_refused)
        facts->verify_problem = problem_of(connection->verify_code);
    snprintf(facts->verify_text, sizeof facts->verify_text, "%s",
             X509_verify_cert_error_string(connection->verify_code));
}

/* The library counts an external PSK in TLS 1.3 as a resumed session. */
static bool external_psk_used(const struct stack_connection *connection)
{
    return connection->context->endpoint.psk_len > 0 && SSL_version(connection->ssl) == TLS13 &&
           SSL_session_reused(connection->ssl) == 1;
}

/* Is there a signature of the server's in this handshake that has a scheme? Before TLS 1.2 there
 * is none to name (RFC 5246 section 1.2); key exchange by RSA, PSK or nothing has no signature
 * (RFC 5246 section 7.4.3). */
static bool server_signed(const struct stack_connection *connection, const struct suite *suite)
{
    static const bool signs[] = {
        [KX_DHE] = true, [KX_ECDHE] = true, [KX_SRP] = true, [KX_RSA_PSK] = false
    };
    int version = SSL_version(connection->ssl);
    if (version < TLS12 || SSL_session_reused(connection->ssl) == 1)
        return false;
    if (version == TLS13)
        return true;
    return signs[suite->kx] && suite->auth != AUTH_ANON && suite->auth != AUTH_PSK;
}

static void parameter_facts(const struct stack_connection *connection, struct facts *facts)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(connection->ssl);
    if (cipher == NULL)
        return;
    facts->version = (uint16_t)SSL_version(connection->ssl);
    facts->suite = SSL_CIPHER_get_protocol_id(cipher);
    facts->group = dialect_negotiated_group(connection);
    facts->resumed = SSL_session_reused(connection->ssl) == 1 && !external_psk_used(connection);
    const struct suite *suite = suite_by_id(facts->suite);
    if (suite != NULL && server_signed(connection, suite))
        facts->signature_scheme = dialect_server_signature_scheme(connection);
}

void libssl_connection_facts(struct stack_connection *connection, struct facts *facts)
{
    ERR_clear_error();
    verification_facts(connection, facts);
    if (connection->peer_leaf != NULL)
        facts->peer_leaf_known =
            hash_certificate(facts->peer_leaf_sha256, connection->peer_leaf) == 0;
    if (!connection->handshake_done)
        return;
    parameter_facts(connection, facts);
    facts->exporter_known =
        SSL_export_keying_material(connection->ssl, facts->exporter, EXPORTER_LEN, exporter_label,
                                   sizeof exporter_label - 1, NULL, 0, 1) == 1;
    ERR_clear_error();
}
