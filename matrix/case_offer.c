/* What each end is told to offer. "any" is a short general list, ordered by preference, that
 * covers every version and every kind of certificate. */
#include "matrix/case.h"
#include "matrix/case_judged.h"

/* clang-format off */
static const uint16_t general_suites[] = {
    0x1301, /* TLS_AES_128_GCM_SHA256 */
    0x1302, /* TLS_AES_256_GCM_SHA384 */
    0x1303, /* TLS_CHACHA20_POLY1305_SHA256 */
    0xC02B, /* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
    0xC02F, /* TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 */
    0xC02C, /* TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 */
    0xC030, /* TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 */
    0xCCA9, /* TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 */
    0xCCA8, /* TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 */
    0xC009, /* TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA */
    0xC013, /* TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA */
    0xC00A, /* TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA */
    0xC014, /* TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA */
    0x0032, /* TLS_DHE_DSS_WITH_AES_128_CBC_SHA */
    0x0038, /* TLS_DHE_DSS_WITH_AES_256_CBC_SHA */
    0x002F, /* TLS_RSA_WITH_AES_128_CBC_SHA */
    0x0035, /* TLS_RSA_WITH_AES_256_CBC_SHA */
};

static const uint16_t general_groups[] = {
    0x001D, /* x25519 */
    0x0017, /* secp256r1 */
    0x0018, /* secp384r1 */
};
/* clang-format on */

enum {
    GENERAL_FFDHE = 0x0100, /* ffdhe2048 */
    NUM_GENERAL_SUITES = sizeof general_suites / sizeof general_suites[0],
    NUM_GENERAL_GROUPS = sizeof general_groups / sizeof general_groups[0],
};

uint16_t case_certificate_curve(const struct matrix_case *c)
{
    static const uint16_t curves[NUM_CREDENTIALS] = {
        [CREDENTIAL_ECDSA_P256] = 0x0017,
        [CREDENTIAL_ECDSA_P384] = 0x0018,
        [CREDENTIAL_ECDSA_P521] = 0x0019,
    };
    return curves[c->credential];
}

/* Before TLS 1.3 an end's list of groups also says which curves it takes in the other end's
 * certificate. Only an end that is shown one lists its curve: a server that is not is left with the
 * group of the case, and has to take that. */
static bool lists_curve(const struct matrix_case *c, enum role role, uint16_t version)
{
    return case_certificate_curve(c) != 0 && version < TLS13 &&
           (role == ROLE_CLIENT || case_client_sends_certificate(c));
}

/* Is one of the suite's versions in the end's range? DHE_DSS is for DSA certificates only: offered
 * beside others it would drag finite-field groups into every hello. */
static bool is_of_use(const struct suite *suite, const struct matrix_case *c, enum role role)
{
    if (suite->auth == AUTH_DSS && c->credential != CREDENTIAL_DSA2048)
        return false;
    return suite->min_version <= c->max_version[role] && suite->max_version >= c->min_version[role];
}

size_t case_offered_suites(uint16_t out[CONFIG_SUITES_MAX], const struct matrix_case *c,
                           enum role role, const struct stack_set *stacks)
{
    size_t num = 0;
    if (c->suite[role] != SUITE_ANY) {
        out[0] = c->suite[role];
        return 1;
    }
    for (size_t i = 0; i < NUM_GENERAL_SUITES; i++)
        if (is_of_use(suite_by_id(general_suites[i]), c, role) &&
            capabilities_have_suite(&stacks->stacks[case_stack(c, role)], general_suites[i]))
            out[num++] = general_suites[i];
    return num;
}

static size_t add_group(uint16_t out[CONFIG_GROUPS_MAX], size_t num, uint16_t group)
{
    for (size_t i = 0; i < num; i++)
        if (out[i] == group)
            return num;
    out[num] = group;
    return num + 1;
}

static bool needs_ffdhe(const struct matrix_case *c, enum role role)
{
    const struct suite *suite = suite_by_id(c->suite[role]);
    return suite != NULL ? suite->kx == KX_DHE : c->credential == CREDENTIAL_DSA2048;
}

static size_t general_list(uint16_t out[CONFIG_GROUPS_MAX], const struct matrix_case *c,
                           enum role role, const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    uint16_t version = case_judged_version(c, role);
    size_t num = 0;
    for (size_t i = 0; i < NUM_GENERAL_GROUPS; i++)
        if (capabilities_have_group(stack, version, general_groups[i]))
            out[num++] = general_groups[i];
    if (needs_ffdhe(c, role) && capabilities_have_group(stack, version, GENERAL_FFDHE))
        out[num++] = GENERAL_FFDHE;
    return num;
}

size_t case_offered_groups(uint16_t out[CONFIG_GROUPS_MAX], const struct matrix_case *c,
                           enum role role, const struct stack_set *stacks)
{
    uint16_t version = case_judged_version(c, role);
    uint16_t curve = case_certificate_curve(c);
    size_t num = 0;
    if (c->group[role] == GROUP_NONE)
        return 0;
    if (c->group[role] == GROUP_ANY)
        num = general_list(out, c, role, stacks);
    else
        out[num++] = c->group[role];
    if (lists_curve(c, role, version) &&
        capabilities_have_group(&stacks->stacks[case_stack(c, role)], version, curve))
        num = add_group(out, num, curve);
    return num;
}
