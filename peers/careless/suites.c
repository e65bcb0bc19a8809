/* The suites that there are, and what they protect records with. */
#include "peers/careless/careless.h"

static const struct cipher aes128gcm = {
    .evp = EVP_aes_128_gcm, .key_len = 16, .fixed_len = 4, .explicit_len = 8
}; /* RFC 5288 section 3 */
static const struct cipher chacha20 = { .evp = EVP_chacha20_poly1305,
                                        .key_len = 32,
                                        .fixed_len = 12 }; /* RFC 7905 section 2 */
static const struct cipher aes128cbc = {
    .evp = EVP_aes_128_cbc, .key_len = 16, .explicit_len = BLOCK_LEN, .mac_len = MAC_LEN
}; /* RFC 5246 section 6.2.3.2; HMAC-SHA1 */

static const struct {
    uint16_t id;
    const struct cipher *cipher;
} rows[] = {
    { 0x1301, &aes128gcm }, /* TLS_AES_128_GCM_SHA256 */
    { 0x1303, &chacha20 },  /* TLS_CHACHA20_POLY1305_SHA256 */
    { 0xC02B, &aes128gcm }, /* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
    { 0xC02F, &aes128gcm }, /* TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 */
    { 0xCCA9, &chacha20 },  /* TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 */
    { 0xCCA8, &chacha20 },  /* TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 */
    { 0xC009, &aes128cbc }, /* TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA */
    { 0xC013, &aes128cbc }, /* TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA */
    { 0x009C, &aes128gcm }, /* TLS_RSA_WITH_AES_128_GCM_SHA256 */
    { 0x002F, &aes128cbc }, /* TLS_RSA_WITH_AES_128_CBC_SHA */
};

size_t own_suites(uint16_t out[CONFIG_SUITES_MAX])
{
    enum { NUM = sizeof rows / sizeof rows[0] };
    for (size_t i = 0; i < NUM; i++)
        out[i] = rows[i].id;
    return NUM;
}

static bool is_own(uint16_t suite)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].id == suite)
            return true;
    return false;
}

const struct cipher *cipher_of(uint16_t suite)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].id == suite)
            return rows[i].cipher;
    return &aes128gcm;
}

bool any_cbc(const struct endpoint *e)
{
    for (size_t i = 0; i < e->num_suites; i++)
        if (cipher_of(e->suites[i])->mac_len > 0)
            return true;
    return false;
}

bool exchanges_by_rsa(const conn *c)
{
    return is_own(c->suite) && suite_by_id(c->suite)->kx == KX_RSA;
}
