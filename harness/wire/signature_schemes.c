/* Signature schemes: IANA "TLS SignatureScheme" (RFC 8446 section 4.2.3). The TLS 1.2 pairs of
 * RFC 5246 section 7.4.1.4.1 have no scheme name of their own there; they are spelled alike. */
#include "harness/wire/registry.h"

#include <string.h>

const struct signature_scheme signature_schemes[] = {
    { 0x0101, "rsa_pkcs1_md5" },
    { 0x0201, "rsa_pkcs1_sha1" },
    { 0x0202, "dsa_sha1" },
    { 0x0203, "ecdsa_sha1" },
    { 0x0301, "rsa_pkcs1_sha224" },
    { 0x0302, "dsa_sha224" },
    { 0x0303, "ecdsa_sha224" },
    { 0x0401, "rsa_pkcs1_sha256" },
    { 0x0402, "dsa_sha256" },
    { 0x0403, "ecdsa_secp256r1_sha256" },
    { 0x0501, "rsa_pkcs1_sha384" },
    { 0x0502, "dsa_sha384" },
    { 0x0503, "ecdsa_secp384r1_sha384" },
    { 0x0601, "rsa_pkcs1_sha512" },
    { 0x0602, "dsa_sha512" },
    { 0x0603, "ecdsa_secp521r1_sha512" },
    { 0x0804, "rsa_pss_rsae_sha256" },
    { 0x0805, "rsa_pss_rsae_sha384" },
    { 0x0806, "rsa_pss_rsae_sha512" },
    { 0x0807, "ed25519" },
    { 0x0808, "ed448" },
    { 0x0809, "rsa_pss_pss_sha256" },
    { 0x080A, "rsa_pss_pss_sha384" },
    { 0x080B, "rsa_pss_pss_sha512" },
    { 0x081A, "ecdsa_brainpoolP256r1tls13_sha256" }, /* RFC 8734 section 4.2 */
    { 0x081B, "ecdsa_brainpoolP384r1tls13_sha384" },
    { 0x081C, "ecdsa_brainpoolP512r1tls13_sha512" },
    { 0x0904, "mldsa44" }, /* draft-ietf-tls-mldsa section 3 */
    { 0x0905, "mldsa65" },
    { 0x0906, "mldsa87" },
};

const size_t num_signature_schemes = sizeof signature_schemes / sizeof signature_schemes[0];

const struct signature_scheme *signature_scheme_by_id(uint16_t id)
{
    for (size_t i = 0; i < num_signature_schemes; i++)
        if (signature_schemes[i].id == id)
            return &signature_schemes[i];
    return NULL;
}

const struct signature_scheme *signature_scheme_by_name(const char *name)
{
    for (size_t i = 0; i < num_signature_schemes; i++)
        if (strcmp(signature_schemes[i].name, name) == 0)
            return &signature_schemes[i];
    return NULL;
}
