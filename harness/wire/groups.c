/* Groups: IANA "TLS Supported Groups". The versions come from RFC 8446 section 4.2.7 (what TLS
 * 1.3 keeps), RFC 4492 section 5.1.1, RFC 8422 section 5.1.1, RFC 7027 (brainpool, TLS <= 1.2)
 * and RFC 7919 (FFDHE, any version). RFC 8734 has brainpool curves for TLS 1.3 under numbers of
 * their own. ML-KEM alone: draft-ietf-tls-mlkem; hybrids: draft-ietf-tls-ecdhe-mlkem (TLS 1.3
 * only). */
#include "harness/wire/registry.h"

#include <string.h>

/* clang-format off */
const struct group groups[] = {
    { 0x0001, "sect163k1",          "k163",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0002, "sect163r1",          "b163r1", GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0003, "sect163r2",          "b163",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0004, "sect193r1",          "sect193r1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0005, "sect193r2",          "sect193r2", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0006, "sect233k1",          "k233",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0007, "sect233r1",          "b233",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0008, "sect239k1",          "sect239k1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0009, "sect283k1",          "k283",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x000A, "sect283r1",          "b283",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x000B, "sect409k1",          "k409",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x000C, "sect409r1",          "b409",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x000D, "sect571k1",          "k571",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x000E, "sect571r1",          "b571",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x000F, "secp160k1",          "secp160k1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0010, "secp160r1",          "secp160r1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0011, "secp160r2",          "secp160r2", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0012, "secp192k1",          "secp192k1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0013, "secp192r1",          "p192",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0014, "secp224k1",          "secp224k1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0015, "secp224r1",          "p224",   GROUP_ECDHE,  TLS10, TLS12 },
    { 0x0016, "secp256k1",          "secp256k1", GROUP_ECDHE, TLS10, TLS12 },
    { 0x0017, "secp256r1",          "p256",   GROUP_ECDHE,  TLS10, TLS13 },
    { 0x0018, "secp384r1",          "p384",   GROUP_ECDHE,  TLS10, TLS13 },
    { 0x0019, "secp521r1",          "p521",   GROUP_ECDHE,  TLS10, TLS13 },
    { 0x001A, "brainpoolP256r1",    "bp256",  GROUP_ECDHE,  TLS10, TLS12 },
    { 0x001B, "brainpoolP384r1",    "bp384",  GROUP_ECDHE,  TLS10, TLS12 },
    { 0x001C, "brainpoolP512r1",    "bp512",  GROUP_ECDHE,  TLS10, TLS12 },
    { 0x001D, "x25519",             "x25519", GROUP_ECDHE,  TLS10, TLS13 },
    { 0x001E, "x448",               "x448",   GROUP_ECDHE,  TLS10, TLS13 },
    { 0x001F, "brainpoolP256r1tls13", "bp256tls13", GROUP_ECDHE, TLS13, TLS13 },
    { 0x0020, "brainpoolP384r1tls13", "bp384tls13", GROUP_ECDHE, TLS13, TLS13 },
    { 0x0021, "brainpoolP512r1tls13", "bp512tls13", GROUP_ECDHE, TLS13, TLS13 },
    { 0x0100, "ffdhe2048",          "ffdhe2048", GROUP_FFDHE, TLS10, TLS13 },
    { 0x0101, "ffdhe3072",          "ffdhe3072", GROUP_FFDHE, TLS10, TLS13 },
    { 0x0102, "ffdhe4096",          "ffdhe4096", GROUP_FFDHE, TLS10, TLS13 },
    { 0x0103, "ffdhe6144",          "ffdhe6144", GROUP_FFDHE, TLS10, TLS13 },
    { 0x0104, "ffdhe8192",          "ffdhe8192", GROUP_FFDHE, TLS10, TLS13 },
    { 0x0200, "MLKEM512",           "mlkem512", GROUP_KEM,  TLS13, TLS13 },
    { 0x0201, "MLKEM768",           "mlkem768", GROUP_KEM,  TLS13, TLS13 },
    { 0x0202, "MLKEM1024",          "mlkem1024", GROUP_KEM, TLS13, TLS13 },
    { 0x11EB, "SecP256r1MLKEM768",  "p256mlkem768", GROUP_HYBRID, TLS13, TLS13 },
    { 0x11EC, "X25519MLKEM768",     "x25519mlkem768", GROUP_HYBRID, TLS13, TLS13 },
    { 0x11ED, "SecP384r1MLKEM1024", "p384mlkem1024", GROUP_HYBRID, TLS13, TLS13 },
    /* CECPQ2: X25519 with NTRU-HRSS, a BoringSSL experiment (never in the registry). */
    { 0x4138, "CECPQ2",             "cecpq2", GROUP_HYBRID, TLS13, TLS13 },
    /* Before ML-KEM was final; obsolete in the registry. */
    { 0x6399, "X25519Kyber768Draft00", "x25519kyber768", GROUP_HYBRID, TLS13, TLS13 },
};
/* clang-format on */

const size_t num_groups = sizeof groups / sizeof groups[0];

const struct group *group_by_id(uint16_t id)
{
    for (size_t i = 0; i < num_groups; i++)
        if (groups[i].id == id)
            return &groups[i];
    return NULL;
}

const struct group *group_by_name(const char *name)
{
    for (size_t i = 0; i < num_groups; i++)
        if (strcmp(groups[i].name, name) == 0)
            return &groups[i];
    return NULL;
}

const struct group *group_by_slug(const char *slug)
{
    for (size_t i = 0; i < num_groups; i++)
        if (strcmp(groups[i].slug, slug) == 0)
            return &groups[i];
    return NULL;
}
