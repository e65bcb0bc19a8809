#include "captures/explain_schemes.h"

enum {
    SIGNATURE_RSA =
        1, /* RFC 5246 section 7.4.1.4.1: the low byte of a pair, the hash is the high */
    SIGNATURE_DSA = 2,
    SIGNATURE_ECDSA = 3,
    HASH_MAX = 6,
    PSS_HASHES = 3, /* SHA-256, SHA-384, SHA-512 */
};

static const uint16_t rsa_pss_rsae_sha256 = 0x0804, ed25519 = 0x0807, ed448 = 0x0808;
static const uint16_t rsa_pss_pss_sha256 = 0x0809;

/* RFC 8446 section 4.2.3: the curve that an ECDSA scheme stands for in TLS 1.3. */
static const struct {
    uint16_t scheme, group;
} curves[] = { { 0x0403, 23 }, { 0x0503, 24 }, { 0x0603, 25 } };

static bool is_pss(uint16_t scheme, uint16_t first)
{
    return scheme >= first && scheme < first + PSS_HASHES;
}

/* The keys that sign by it. */
static enum key_kind kind_of(uint16_t scheme)
{
    if (is_pss(scheme, rsa_pss_rsae_sha256))
        return KEY_RSA;
    if (is_pss(scheme, rsa_pss_pss_sha256))
        return KEY_RSA_PSS;
    if (scheme == ed25519 || scheme == ed448)
        return scheme == ed25519 ? KEY_ED25519 : KEY_ED448;
    if (scheme >> 8 == 0 || scheme >> 8 > HASH_MAX)
        return KEY_OTHER;
    switch (scheme & 0xFF) {
    case SIGNATURE_RSA:
        return KEY_RSA;
    case SIGNATURE_DSA:
        return KEY_DSA;
    case SIGNATURE_ECDSA:
        return KEY_EC;
    default:
        return KEY_OTHER;
    }
}

/* What TLS 1.3 leaves of a scheme for its own signatures. */
static bool fits_tls13(uint16_t scheme, const struct signing_key *key)
{
    if (key->kind == KEY_RSA)
        return is_pss(scheme, rsa_pss_rsae_sha256);
    if (key->kind != KEY_EC)
        return key->kind != KEY_DSA;
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (curves[i].scheme == scheme)
            return key->group == 0 || curves[i].group == key->group;
    return false;
}

bool schemes_allow_key(const struct id_list *schemes, const struct signing_key *key,
                       uint16_t version)
{
    bool concludes = version >= TLS12 && key->kind != KEY_OTHER && schemes->total > 0 &&
                     schemes->total == schemes->num_ids;
    for (size_t i = 0; concludes && i < schemes->num_ids; i++) {
        enum key_kind kind = kind_of(schemes->ids[i]);
        if (kind == KEY_OTHER ||
            (kind == key->kind && (version != TLS13 || fits_tls13(schemes->ids[i], key))))
            return true;
    }
    return !concludes;
}

bool schemes_allow_signature(const struct id_list *schemes, uint16_t scheme)
{
    static const uint16_t to_pss = 5; /* from an rsae scheme to the pss one of the same hash */
    bool concludes = scheme != 0 && schemes->total > 0 && schemes->total == schemes->num_ids;
    for (size_t i = 0; concludes && i < schemes->num_ids; i++) {
        uint16_t id = schemes->ids[i];
        bool same = id == scheme || (is_pss(scheme, rsa_pss_rsae_sha256) && id == scheme + to_pss);
        if (same || kind_of(id) == KEY_OTHER)
            return true;
    }
    return !concludes;
}

bool schemes_of_one_kind(const struct id_list *schemes)
{
    enum key_kind only = KEY_OTHER;
    for (size_t i = 0; i < schemes->num_ids; i++) {
        enum key_kind kind = kind_of(schemes->ids[i]);
        kind = kind == KEY_RSA_PSS ? KEY_RSA : kind;
        if (kind == KEY_OTHER || (only != KEY_OTHER && kind != only))
            return false;
        only = kind;
    }
    return only != KEY_OTHER && schemes->total == schemes->num_ids;
}
