/* Starting GnuTLS and its tables (library.h). */
#include "peers/gnutls/library.h"

#include "harness/limits.h"
#include "harness/wire/registry.h"

#include <stdlib.h>

#if GNUTLS_VERSION_NUMBER < 0x030700
#error "GnuTLS 3.7 or later is needed"
#endif

/* Left to itself the library reads the system's policy file before main() runs. That policy must
 * not stand between an endpoint and what it asks for, so it is started by library_start(). */
GNUTLS_SKIP_GLOBAL_INIT

struct suite_entry library_suites[CAPABILITY_SUITES_MAX];
size_t num_library_suites;

#define FFDHE(bits)                                                                                \
    &gnutls_ffdhe_##bits##_group_prime, &gnutls_ffdhe_##bits##_group_generator,                    \
        &gnutls_ffdhe_##bits##_key_bits

struct group_entry library_groups[] = {
    { 0x001D, GNUTLS_GROUP_X25519 },
    { 0x0017, GNUTLS_GROUP_SECP256R1 },
    { 0x0018, GNUTLS_GROUP_SECP384R1 },
    { 0x0019, GNUTLS_GROUP_SECP521R1 },
    { 0x001E, GNUTLS_GROUP_X448 },
    { 0x0013, GNUTLS_GROUP_SECP192R1 },
    { 0x0015, GNUTLS_GROUP_SECP224R1 },
    { 0x0100, GNUTLS_GROUP_FFDHE2048, FFDHE(2048) },
    { 0x0101, GNUTLS_GROUP_FFDHE3072, FFDHE(3072) },
    { 0x0102, GNUTLS_GROUP_FFDHE4096, FFDHE(4096) },
    { 0x0103, GNUTLS_GROUP_FFDHE6144, FFDHE(6144) },
    { 0x0104, GNUTLS_GROUP_FFDHE8192, FFDHE(8192) },
    { 0x0201, .name = "MLKEM768" },
    { 0x0202, .name = "MLKEM1024" },
    { 0x11EB, .name = "SECP256R1-MLKEM768" },
    { 0x11EC, .name = "X25519-MLKEM768" },
    { 0x11ED, .name = "SECP384R1-MLKEM1024" },
};
const size_t num_library_groups = sizeof library_groups / sizeof library_groups[0];

/* In the order in which an end offers them: strong first, so that legacy ones are only used where
 * nothing else is left. One id may stand for two of the library's algorithms (TLS 1.2 does not
 * bind ECDSA to a curve, RFC 8446 section 4.2.3 does). MD5 is left out: no case can ask for it. */
const struct sign_entry library_signs[] = {
    { 0x0401, GNUTLS_SIGN_RSA_SHA256 },
    { 0x0809, GNUTLS_SIGN_RSA_PSS_SHA256 },
    { 0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },
    { 0x0403, GNUTLS_SIGN_ECDSA_SHA256 },
    { 0x0403, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256 },
    { 0x0807, GNUTLS_SIGN_EDDSA_ED25519 },
    { 0x0501, GNUTLS_SIGN_RSA_SHA384 },
    { 0x080A, GNUTLS_SIGN_RSA_PSS_SHA384 },
    { 0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 },
    { 0x0503, GNUTLS_SIGN_ECDSA_SHA384 },
    { 0x0503, GNUTLS_SIGN_ECDSA_SECP384R1_SHA384 },
    { 0x0808, GNUTLS_SIGN_EDDSA_ED448 },
    { 0x0601, GNUTLS_SIGN_RSA_SHA512 },
    { 0x080B, GNUTLS_SIGN_RSA_PSS_SHA512 },
    { 0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512 },
    { 0x0603, GNUTLS_SIGN_ECDSA_SHA512 },
    { 0x0603, GNUTLS_SIGN_ECDSA_SECP521R1_SHA512 },
    { 0x0402, GNUTLS_SIGN_DSA_SHA256 },
    { 0x0502, GNUTLS_SIGN_DSA_SHA384 },
    { 0x0602, GNUTLS_SIGN_DSA_SHA512 },
    { 0x0301, GNUTLS_SIGN_RSA_SHA224 },
    { 0x0303, GNUTLS_SIGN_ECDSA_SHA224 },
    { 0x0302, GNUTLS_SIGN_DSA_SHA224 },
    { 0x0201, GNUTLS_SIGN_RSA_SHA1 },
    { 0x0203, GNUTLS_SIGN_ECDSA_SHA1 },
    { 0x0202, GNUTLS_SIGN_DSA_SHA1 },
};
const size_t num_library_signs = sizeof library_signs / sizeof library_signs[0];

uint16_t library_version_id(gnutls_protocol_t version)
{
    switch (version) {
    case GNUTLS_TLS1_0:
        return TLS10;
    case GNUTLS_TLS1_1:
        return TLS11;
    case GNUTLS_TLS1_2:
        return TLS12;
    case GNUTLS_TLS1_3:
        return TLS13;
    default:
        return 0;
    }
}

static void fill_suites(void)
{
    for (size_t i = 0; num_library_suites < CAPABILITY_SUITES_MAX; i++) {
        struct suite_entry entry = { 0 };
        unsigned char id[2];
        gnutls_protocol_t min;
        if (gnutls_cipher_suite_info(i, id, &entry.kx, &entry.cipher, &entry.mac, &min) == NULL)
            return;
        entry.id = (uint16_t)(id[0] << 8 | id[1]);
        entry.min_version = library_version_id(min);
        if (suite_by_id(entry.id) != NULL && entry.min_version != 0)
            library_suites[num_library_suites++] = entry;
    }
}

/* GNUTLS_GROUP_INVALID, which nothing lists, where this library has no group of the name. */
static void find_groups_by_name(void)
{
    for (size_t i = 0; i < num_library_groups; i++)
        if (library_groups[i].name != NULL)
            library_groups[i].group = gnutls_group_get_id(library_groups[i].name);
}

int library_start(struct error *err)
{
    if (num_library_suites > 0)
        return 0;
    setenv("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null", 0);
    int code = gnutls_global_init();
    if (code < 0)
        return library_error(err, "starting GnuTLS", code);
    fill_suites();
    find_groups_by_name();
    return 0;
}

const struct suite_entry *library_suite_by_id(uint16_t id)
{
    for (size_t i = 0; i < num_library_suites; i++)
        if (library_suites[i].id == id)
            return &library_suites[i];
    return NULL;
}

uint16_t library_suite_of(gnutls_session_t session)
{
    bool tls13 = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3;
    gnutls_kx_algorithm_t kx = gnutls_kx_get(session);
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session);
    gnutls_mac_algorithm_t mac = gnutls_mac_get(session);
    for (size_t i = 0; i < num_library_suites; i++) {
        const struct suite_entry *entry = &library_suites[i];
        bool same_kx =
            tls13 ? entry->min_version == TLS13 : entry->min_version != TLS13 && entry->kx == kx;
        if (same_kx && entry->cipher == cipher && entry->mac == mac)
            return entry->id;
    }
    return 0;
}

bool library_has_group(gnutls_group_t group)
{
    for (const gnutls_group_t *known = gnutls_group_list(); *known != 0; known++)
        if (*known == group)
            return true;
    return false;
}

const struct group_entry *library_group_by_id(uint16_t id)
{
    for (size_t i = 0; i < num_library_groups; i++)
        if (library_groups[i].id == id && library_has_group(library_groups[i].group))
            return &library_groups[i];
    return NULL;
}

uint16_t library_group_id(gnutls_group_t group)
{
    for (size_t i = 0; i < num_library_groups; i++)
        if (library_groups[i].group == group && group != GNUTLS_GROUP_INVALID)
            return library_groups[i].id;
    return 0;
}

bool library_has_sign(gnutls_sign_algorithm_t sign)
{
    for (const gnutls_sign_algorithm_t *known = gnutls_sign_list(); *known != 0; known++)
        if (*known == sign)
            return true;
    return false;
}

uint16_t library_sign_id(gnutls_sign_algorithm_t sign)
{
    for (size_t i = 0; i < num_library_signs; i++)
        if (library_signs[i].sign == sign)
            return library_signs[i].id;
    return 0;
}

bool library_has_pk(gnutls_pk_algorithm_t pk)
{
    for (const gnutls_pk_algorithm_t *known = gnutls_pk_list(); *known != 0; known++)
        if (*known == pk)
            return true;
    return false;
}

int library_error(struct error *err, const char *what, int code)
{
    return error_set(err, ERROR_HARNESS, "%s: %s", what, gnutls_strerror(code));
}
