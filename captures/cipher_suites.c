/* Which cipher, MAC and hash a suite is, and whether libcrypto has them. */
#include "captures/cipher_parts.h"

#include <openssl/kdf.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

/* A name that begins like another stands before it. */
static const struct cipher ciphers[] = {
    { "NULL", NULL, MODE_NULL, .key_len = 0 },
    { "RC4_128", "RC4", MODE_STREAM, .key_len = 16 },
    { "DES_CBC", "DES-CBC", MODE_CBC, .key_len = 8, .block_len = 8 },
    { "3DES_EDE_CBC", "DES-EDE3-CBC", MODE_CBC, .key_len = 24, .block_len = 8 },
    { "IDEA_CBC", "IDEA-CBC", MODE_CBC, .key_len = 16, .block_len = 8 },
    { "SEED_CBC", "SEED-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "AES_128_CBC", "AES-128-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "AES_256_CBC", "AES-256-CBC", MODE_CBC, .key_len = 32, .block_len = 16 },
    { "CAMELLIA_128_CBC", "CAMELLIA-128-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "CAMELLIA_256_CBC", "CAMELLIA-256-CBC", MODE_CBC, .key_len = 32, .block_len = 16 },
    { "ARIA_128_CBC", "ARIA-128-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "ARIA_256_CBC", "ARIA-256-CBC", MODE_CBC, .key_len = 32, .block_len = 16 },
    { "AES_128_GCM", "AES-128-GCM", MODE_GCM, .key_len = 16, .tag_len = 16 },
    { "AES_256_GCM", "AES-256-GCM", MODE_GCM, .key_len = 32, .tag_len = 16 },
    { "ARIA_128_GCM", "ARIA-128-GCM", MODE_GCM, .key_len = 16, .tag_len = 16 },
    { "ARIA_256_GCM", "ARIA-256-GCM", MODE_GCM, .key_len = 32, .tag_len = 16 },
    { "CAMELLIA_128_GCM", "CAMELLIA-128-CTR", MODE_OWN_GCM, .key_len = 16, .tag_len = 16 },
    { "CAMELLIA_256_GCM", "CAMELLIA-256-CTR", MODE_OWN_GCM, .key_len = 32, .tag_len = 16 },
    { "AES_128_CCM_8", "AES-128-CCM", MODE_CCM, .key_len = 16, .tag_len = 8 },
    { "AES_256_CCM_8", "AES-256-CCM", MODE_CCM, .key_len = 32, .tag_len = 8 },
    { "AES_128_CCM", "AES-128-CCM", MODE_CCM, .key_len = 16, .tag_len = 16 },
    { "AES_256_CCM", "AES-256-CCM", MODE_CCM, .key_len = 32, .tag_len = 16 },
    { "CHACHA20_POLY1305", "ChaCha20-Poly1305", MODE_POLY1305, .key_len = 32, .tag_len = 16 },
};

static const struct hash {
    const char *name; /* behind the cipher in the names of suites */
    const char *algorithm;
    size_t len;
} hashes[] = {
    { "_SHA384", "SHA384", 48 }, { "_SHA256", "SHA256", 32 }, { "_SHA", "SHA1", 20 },
    { "_MD5", "MD5", 16 },       { "", "SHA256", 32 }, /* CCM of TLS 1.2 (RFC 6655 section 3) */
};

enum { NUM_CIPHERS = sizeof ciphers / sizeof ciphers[0] };

static struct {
    OSSL_LIB_CTX *context;
    EVP_CIPHER *ciphers[NUM_CIPHERS];
    EVP_KDF *prf, *hkdf;
} library;

static void open_library(void)
{
    library.context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(library.context, "default");
    OSSL_PROVIDER_load(library.context, "legacy"); /* a minimal system may lack it */
    for (size_t i = 0; i < NUM_CIPHERS; i++)
        if (ciphers[i].algorithm != NULL)
            library.ciphers[i] = EVP_CIPHER_fetch(library.context, ciphers[i].algorithm, NULL);
    library.prf = EVP_KDF_fetch(library.context, "TLS1-PRF", NULL);
    library.hkdf = EVP_KDF_fetch(library.context, "HKDF", NULL);
}

static void need_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
}

OSSL_LIB_CTX *cipher_library(void)
{
    need_library();
    return library.context;
}

EVP_CIPHER *cipher_algorithm(const struct cipher *cipher)
{
    need_library();
    return library.ciphers[cipher - ciphers];
}

EVP_KDF *cipher_prf(void)
{
    need_library();
    return library.prf;
}

EVP_KDF *cipher_hkdf(void)
{
    need_library();
    return library.hkdf;
}

static const struct hash *hash_of(const char *rest)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        if (strcmp(hashes[i].name, rest) == 0)
            return &hashes[i];
    return NULL;
}

static const char *prf_of(const struct hash *hash, uint16_t version)
{
    if (version < TLS12)
        return NULL;
    return strcmp(hash->algorithm, "SHA384") == 0 ? "SHA384" : "SHA256";
}

const char *suite_parts_of(struct suite_parts *out, const struct suite *suite, uint16_t version)
{
    if (suite == NULL)
        return "the suite is unknown";
    if (version < TLS10 || version > TLS13)
        return "the version is none of TLS 1.0 to 1.3";
    const char *with = strstr(suite->name, "_WITH_");
    const char *name = suite->name + strlen("TLS_");
    if (with != NULL)
        name = with + strlen("_WITH_");
    for (size_t i = 0; i < NUM_CIPHERS; i++) {
        size_t len = strlen(ciphers[i].name);
        const struct hash *hash =
            strncmp(name, ciphers[i].name, len) == 0 ? hash_of(name + len) : NULL;
        if (hash == NULL)
            continue;
        if (ciphers[i].algorithm != NULL && cipher_algorithm(&ciphers[i]) == NULL)
            break;
        bool aead = ciphers[i].tag_len > 0;
        *out = (struct suite_parts){
            .cipher = &ciphers[i],
            .mac = aead ? NULL : hash->algorithm,
            .mac_len = aead ? 0 : hash->len,
            .hash = prf_of(hash, version),
        };
        return NULL;
    }
    return "libcrypto does not have the suite's cipher";
}

size_t cipher_key_len(const struct cipher *cipher)
{
    return cipher->key_len;
}

size_t cipher_iv_len(const struct cipher *cipher, uint16_t version)
{
    switch (cipher->mode) {
    case MODE_CBC:
        return version == TLS10 ? cipher->block_len : 0; /* later each record carries one */
    case MODE_GCM:
    case MODE_CCM:
    case MODE_OWN_GCM:
        return version == TLS13 ? NONCE_LEN : IMPLICIT_IV_LEN;
    case MODE_POLY1305:
        return NONCE_LEN;
    default:
        return 0;
    }
}

size_t cipher_record_iv_len(const struct cipher *cipher, uint16_t version)
{
    switch (cipher->mode) {
    case MODE_CBC:
        return version == TLS10 ? 0 : cipher->block_len;
    case MODE_GCM:
    case MODE_CCM:
    case MODE_OWN_GCM:
        return version == TLS13 ? 0 : EXPLICIT_IV_LEN;
    default:
        return 0;
    }
}

size_t cipher_tag_len(const struct cipher *cipher)
{
    return cipher->tag_len;
}

size_t cipher_block_len(const struct cipher *cipher)
{
    return cipher->block_len;
}
