/* Signature schemes: OpenSSL speaks of key types and digests, by number and by name. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

/* `key_type` is that of the signature; rsa_pss_rsae and rsa_pss_pss differ in the certificate's
 * (RFC 8446 section 4.2.3). */
static const struct scheme {
    uint16_t id;
    int key_type;
    int digest;
    int certificate_type;
    const char *name; /* for SSL_CTX_set1_sigalgs_list() */
} schemes[] = {
    { 0x0101, EVP_PKEY_RSA, NID_md5, EVP_PKEY_RSA, "RSA+MD5" },
    { 0x0201, EVP_PKEY_RSA, NID_sha1, EVP_PKEY_RSA, "RSA+SHA1" },
    { 0x0202, EVP_PKEY_DSA, NID_sha1, EVP_PKEY_DSA, "DSA+SHA1" },
    { 0x0203, EVP_PKEY_EC, NID_sha1, EVP_PKEY_EC, "ECDSA+SHA1" },
    { 0x0301, EVP_PKEY_RSA, NID_sha224, EVP_PKEY_RSA, "RSA+SHA224" },
    { 0x0302, EVP_PKEY_DSA, NID_sha224, EVP_PKEY_DSA, "DSA+SHA224" },
    { 0x0303, EVP_PKEY_EC, NID_sha224, EVP_PKEY_EC, "ECDSA+SHA224" },
    { 0x0401, EVP_PKEY_RSA, NID_sha256, EVP_PKEY_RSA, "RSA+SHA256" },
    { 0x0402, EVP_PKEY_DSA, NID_sha256, EVP_PKEY_DSA, "DSA+SHA256" },
    { 0x0403, EVP_PKEY_EC, NID_sha256, EVP_PKEY_EC, "ECDSA+SHA256" },
    { 0x0501, EVP_PKEY_RSA, NID_sha384, EVP_PKEY_RSA, "RSA+SHA384" },
    { 0x0502, EVP_PKEY_DSA, NID_sha384, EVP_PKEY_DSA, "DSA+SHA384" },
    { 0x0503, EVP_PKEY_EC, NID_sha384, EVP_PKEY_EC, "ECDSA+SHA384" },
    { 0x0601, EVP_PKEY_RSA, NID_sha512, EVP_PKEY_RSA, "RSA+SHA512" },
    { 0x0602, EVP_PKEY_DSA, NID_sha512, EVP_PKEY_DSA, "DSA+SHA512" },
    { 0x0603, EVP_PKEY_EC, NID_sha512, EVP_PKEY_EC, "ECDSA+SHA512" },
    { 0x0804, EVP_PKEY_RSA_PSS, NID_sha256, EVP_PKEY_RSA, "rsa_pss_rsae_sha256" },
    { 0x0805, EVP_PKEY_RSA_PSS, NID_sha384, EVP_PKEY_RSA, "rsa_pss_rsae_sha384" },
    { 0x0806, EVP_PKEY_RSA_PSS, NID_sha512, EVP_PKEY_RSA, "rsa_pss_rsae_sha512" },
    { 0x0807, EVP_PKEY_ED25519, NID_undef, EVP_PKEY_ED25519, "ed25519" },
    { 0x0808, EVP_PKEY_ED448, NID_undef, EVP_PKEY_ED448, "ed448" },
    { 0x0809, EVP_PKEY_RSA_PSS, NID_sha256, EVP_PKEY_RSA_PSS, "rsa_pss_pss_sha256" },
    { 0x080A, EVP_PKEY_RSA_PSS, NID_sha384, EVP_PKEY_RSA_PSS, "rsa_pss_pss_sha384" },
    { 0x080B, EVP_PKEY_RSA_PSS, NID_sha512, EVP_PKEY_RSA_PSS, "rsa_pss_pss_sha512" },
#ifdef NID_brainpoolP256r1tls13 /* OpenSSL 3.2 */
    { 0x081A, EVP_PKEY_EC, NID_sha256, EVP_PKEY_EC, "ecdsa_brainpoolP256r1tls13_sha256" },
    { 0x081B, EVP_PKEY_EC, NID_sha384, EVP_PKEY_EC, "ecdsa_brainpoolP384r1tls13_sha384" },
    { 0x081C, EVP_PKEY_EC, NID_sha512, EVP_PKEY_EC, "ecdsa_brainpoolP512r1tls13_sha512" },
#endif
#ifdef EVP_PKEY_ML_DSA_44 /* OpenSSL 3.5 */
    { 0x0904, EVP_PKEY_ML_DSA_44, NID_undef, EVP_PKEY_ML_DSA_44, "mldsa44" },
    { 0x0905, EVP_PKEY_ML_DSA_65, NID_undef, EVP_PKEY_ML_DSA_65, "mldsa65" },
    { 0x0906, EVP_PKEY_ML_DSA_87, NID_undef, EVP_PKEY_ML_DSA_87, "mldsa87" },
#endif
};

enum { NUM_SCHEMES = sizeof schemes / sizeof schemes[0] };

bool dialect_has_signature_scheme(uint16_t scheme)
{
    bool accepted = false;
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    for (size_t i = 0; ctx != NULL && i < NUM_SCHEMES; i++)
        if (schemes[i].id == scheme)
            accepted = SSL_CTX_set1_sigalgs_list(ctx, schemes[i].name) == 1;
    SSL_CTX_free(ctx);
    return accepted;
}

/* The key type of the server's certificate, seen from either end. */
static int server_certificate_type(const struct stack_connection *connection)
{
    X509 *certificate = connection->context->endpoint.role == ROLE_CLIENT
                            ? connection->peer_leaf
                            : SSL_get_certificate(connection->ssl);
    return certificate == NULL ? EVP_PKEY_NONE
                               : EVP_PKEY_get_base_id(X509_get0_pubkey(certificate));
}

uint16_t dialect_server_signature_scheme(const struct stack_connection *connection)
{
    SSL *ssl = connection->ssl;
    int key_type = NID_undef, digest = NID_undef;
    bool told = connection->context->endpoint.role == ROLE_CLIENT
                    ? SSL_get_peer_signature_type_nid(ssl, &key_type) == 1 &&
                          SSL_get_peer_signature_nid(ssl, &digest) == 1
                    : SSL_get_signature_type_nid(ssl, &key_type) == 1 &&
                          SSL_get_signature_nid(ssl, &digest) == 1;
    int certificate_type = server_certificate_type(connection);
    for (size_t i = 0; told && i < NUM_SCHEMES; i++)
        if (schemes[i].key_type == key_type && schemes[i].digest == digest &&
            schemes[i].certificate_type == certificate_type)
            return schemes[i].id;
    return 0;
}
