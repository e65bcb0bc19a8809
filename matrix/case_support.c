/* What the stacks themselves declare that they cannot do: one table, a row for each kind of
 * ability and each end. */
#include "matrix/case.h"
#include "matrix/case_judged.h"
#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"

#include <stdarg.h>
#include <stdio.h>

/* Writes the reason where one is wanted; true, so that it ends a check. */
__attribute__((format(printf, 2, 3))) static bool lack(char *reason, const char *format, ...)
{
    if (reason == NULL)
        return true;
    va_list args;
    va_start(args, format);
    vsnprintf(reason, TEXT_LEN, format, args);
    va_end(args);
    return true;
}

/* The whole range: a stack told to go down to a version that it lacks would offer less than the
 * case says. */
static bool lacks_version(char *reason, const struct matrix_case *c, enum role role,
                          const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    for (uint16_t v = c->min_version[role]; v <= c->max_version[role]; v++)
        if (!stack->versions[v - TLS10])
            return lack(reason, "%s: no %s", stack->stack, version_name(v));
    return false;
}

static bool lacks_suite(char *reason, const struct matrix_case *c, enum role role,
                        const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    const struct suite *suite = suite_by_id(c->suite[role]);
    if (suite == NULL)
        return false;
    if (!capabilities_have_suite(stack, suite->id))
        return lack(reason, "%s: no suite %s", stack->stack, suite->slug);
    if (suite->auth == AUTH_ANON && suite->kx != KX_SRP && !stack->features[FEATURE_ANONYMOUS])
        return lack(reason, "%s: no anonymous suites", stack->stack);
    return false;
}

static bool lacks_group(char *reason, const struct matrix_case *c, enum role role,
                        const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    const struct group *group = group_by_id(c->group[role]);
    uint16_t version = case_judged_version(c, role);
    if (group == NULL || group->id == GROUP_NONE ||
        capabilities_have_group(stack, version, group->id))
        return false;
    return lack(reason, "%s: no group %s in %s", stack->stack, group->slug, version_name(version));
}

static bool lacks_credential(char *reason, const struct matrix_case *c, enum role role,
                             const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    uint16_t version = case_judged_version(c, role);
    if (c->credential == CREDENTIAL_NONE || stack->credentials[version - TLS10][c->credential])
        return false;
    return lack(reason, "%s: no credential %s in %s", stack->stack, credential_name(c->credential),
                version_name(version));
}

/* The client's own certificate, where the case has it send one. */
static bool client_lacks_own_credential(char *reason, const struct matrix_case *c,
                                        const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, ROLE_CLIENT)];
    uint16_t version = case_judged_version(c, ROLE_CLIENT);
    if ((c->auth != AUTH_MODE_MUTUAL && c->auth != AUTH_MODE_OPTIONAL) ||
        c->credential == CREDENTIAL_NONE ||
        capabilities_have_client_credential(stack, version, c->credential))
        return false;
    return lack(reason, "%s: no credential %s of a client in %s", stack->stack,
                credential_name(c->credential), version_name(version));
}

/* The feature that the authentication needs, -1 if none. */
static int needed_feature(const struct matrix_case *c, uint16_t version)
{
    switch (auth_healthy(c->auth)) {
    case AUTH_MODE_NONE:
    case AUTH_MODE_SERVER:
        return -1;
    case AUTH_MODE_PSK:
        return version < TLS13 ? FEATURE_PSK_TLS12 : FEATURE_PSK_TLS13;
    case AUTH_MODE_SRP:
        return FEATURE_SRP;
    default:
        return FEATURE_CLIENT_AUTH;
    }
}

static bool lacks_auth(char *reason, const struct matrix_case *c, enum role role,
                       const struct stack_set *stacks)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    int feature = needed_feature(c, case_judged_version(c, role));
    if (feature < 0 || stack->features[feature])
        return false;
    return lack(reason, "%s: no %s", stack->stack, feature_name((enum feature)feature));
}

/* The certificate's kind of suite in this version. */
static bool serves(const struct suite *suite, uint16_t version, enum credential credential)
{
    if (!suite_allows_version(suite, version))
        return false;
    if (version >= TLS13)
        return true;
    if (credential == CREDENTIAL_DSA2048)
        return suite->auth == AUTH_DSS;
    if (case_is_rsa(credential))
        return suite->auth == AUTH_RSA;
    if (credential == CREDENTIAL_RSAPSS2048)
        return suite->auth == AUTH_RSA && suite->kx != KX_RSA;
    return suite->auth == AUTH_ECDSA;
}

/* With a raw end the lists of one end say nothing about what is common. */
static bool is_raw(const struct matrix_case *c)
{
    return c->client == RAW_STACK || c->server == RAW_STACK;
}

static bool is_general(const struct matrix_case *c)
{
    return c->suite[ROLE_CLIENT] == SUITE_ANY && c->suite[ROLE_SERVER] == SUITE_ANY;
}

/* Suite "any": both ends' parts of the general list need a suite in common. */
static bool lacks_common_suite(char *reason, const struct matrix_case *c,
                               const struct stack_set *stacks)
{
    uint16_t client[CONFIG_SUITES_MAX], server[CONFIG_SUITES_MAX];
    uint16_t version = case_common_version(c);
    if (!is_general(c) || version == 0 || is_raw(c))
        return false;
    size_t num_client = case_offered_suites(client, c, ROLE_CLIENT, stacks);
    size_t num_server = case_offered_suites(server, c, ROLE_SERVER, stacks);
    for (size_t i = 0; i < num_client; i++)
        if (id_listed(server, num_server, client[i]) &&
            serves(suite_by_id(client[i]), version, c->credential))
            return false;
    return lack(reason, "%s and %s: no suite of the general list for %s in %s in common",
                stacks->stacks[case_stack(c, ROLE_CLIENT)].stack,
                stacks->stacks[case_stack(c, ROLE_SERVER)].stack, credential_name(c->credential),
                version_name(version));
}

/* Group "any": the same for groups, of the kind that the suite or the certificate asks for. */
static bool lacks_common_group(char *reason, const struct matrix_case *c,
                               const struct stack_set *stacks)
{
    uint16_t client[CONFIG_GROUPS_MAX], server[CONFIG_GROUPS_MAX];
    uint16_t version = case_common_version(c);
    if (c->group[ROLE_CLIENT] != GROUP_ANY || version == 0 || is_raw(c))
        return false;
    const struct suite *suite = suite_by_id(c->suite[ROLE_SERVER]);
    bool ffdhe = suite != NULL ? suite->kx == KX_DHE : c->credential == CREDENTIAL_DSA2048;
    size_t num_client = case_offered_groups(client, c, ROLE_CLIENT, stacks);
    size_t num_server = case_offered_groups(server, c, ROLE_SERVER, stacks);
    for (size_t i = 0; i < num_client; i++)
        if ((group_by_id(client[i])->kind == GROUP_FFDHE) == ffdhe &&
            id_listed(server, num_server, client[i]))
            return false;
    return lack(reason, "%s and %s: no group of the general list in %s in common",
                stacks->stacks[case_stack(c, ROLE_CLIENT)].stack,
                stacks->stacks[case_stack(c, ROLE_SERVER)].stack, version_name(version));
}

/* A stack that takes any TLS 1.3 suite, whatever it is told, leaves the choice to the other end:
 * two of them cannot be held to one suite, and with one of them no two suites can miss. */
static bool lacks_suite_choice(char *reason, const struct matrix_case *c,
                               const struct stack_set *stacks)
{
    const struct suite *suite = suite_by_id(c->suite[ROLE_CLIENT]);
    if (suite == NULL || suite->kx != KX_TLS13)
        return false;
    const struct capabilities *client = &stacks->stacks[case_stack(c, ROLE_CLIENT)];
    const struct capabilities *server = &stacks->stacks[case_stack(c, ROLE_SERVER)];
    bool client_chooses = client->features[FEATURE_TLS13_SUITE_CHOICE];
    bool server_chooses = server->features[FEATURE_TLS13_SUITE_CHOICE];
    bool is_mismatch = c->suite[ROLE_CLIENT] != c->suite[ROLE_SERVER];
    if (is_mismatch ? client_chooses && server_chooses : client_chooses || server_chooses)
        return false;
    return lack(reason, "%s: no %s", client_chooses ? server->stack : client->stack,
                feature_name(FEATURE_TLS13_SUITE_CHOICE));
}

#define BOTH_ENDS(X) X(version) X(suite) X(group) X(credential) X(auth)
#define END_FUNCTIONS(what)                                                                        \
    static bool client_lacks_##what(char *reason, const struct matrix_case *c,                     \
                                    const struct stack_set *stacks)                                \
    {                                                                                              \
        return c->client != RAW_STACK && lacks_##what(reason, c, ROLE_CLIENT, stacks);             \
    }                                                                                              \
    static bool server_lacks_##what(char *reason, const struct matrix_case *c,                     \
                                    const struct stack_set *stacks)                                \
    {                                                                                              \
        return c->server != RAW_STACK && lacks_##what(reason, c, ROLE_SERVER, stacks);             \
    }
BOTH_ENDS(END_FUNCTIONS)

#define CLIENT (1u << AXIS_CLIENT)
#define SERVER (1u << AXIS_SERVER)
#define V      (1u << AXIS_VERSION)
#define S      (1u << AXIS_SUITE)
#define G      (1u << AXIS_GROUP)
#define C      (1u << AXIS_CREDENTIAL)
#define A      (1u << AXIS_AUTH)
#define I      (1u << AXIS_IDENTITY)
#define K      (1u << AXIS_ATTACK)
#define H      (1u << AXIS_HELLO)
#define X      (1u << AXIS_EXCHANGE)

static bool lacks_feature(char *reason, const struct matrix_case *c, enum role role,
                          const struct stack_set *stacks, enum feature feature)
{
    const struct capabilities *stack = &stacks->stacks[case_stack(c, role)];
    return !stack->features[feature] &&
           lack(reason, "%s: no %s", stack->stack, feature_name(feature));
}

/* What an imposter has to be able to do, and who looks at it. */
static bool lacks_identity(char *reason, const struct matrix_case *c,
                           const struct stack_set *stacks)
{
    const struct identity *identity = case_identity(c);
    enum role presenter = case_identity_role(c);
    enum role verifier = presenter == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    return (identity->wrong_key &&
            lacks_feature(reason, c, presenter, stacks, FEATURE_WRONG_KEY)) ||
           (identity->uses_crl && lacks_feature(reason, c, verifier, stacks, FEATURE_CRL)) ||
           (identity->uses_staple &&
            (lacks_feature(reason, c, presenter, stacks, FEATURE_OCSP_STAPLE) ||
             lacks_feature(reason, c, verifier, stacks, FEATURE_OCSP_VERIFY)));
}

/* Of one suite none can be taken away, and no other chosen. */
static bool lacks_suites_to_attack(char *reason, const struct matrix_case *c,
                                   const struct stack_set *stacks)
{
    uint16_t offered[CONFIG_SUITES_MAX];
    const struct attack *attack = case_attack(c);
    uint16_t version = case_common_version(c);
    size_t num_fit = 0;
    if (attack == NULL || attack->min_suites == 0 || !is_general(c) || version == 0)
        return false;
    size_t num = case_offered_suites(offered, c, ROLE_CLIENT, stacks);
    for (size_t i = 0; i < num; i++)
        num_fit += suite_allows_version(suite_by_id(offered[i]), version);
    return num_fit < attack->min_suites &&
           lack(reason, "%s: offers %zu of the %zu suites of %s that the attack needs",
                stacks->stacks[case_stack(c, ROLE_CLIENT)].stack, num_fit, attack->min_suites,
                version_name(version));
}

static bool server_lacks_hello(char *reason, const struct matrix_case *c,
                               const struct stack_set *stacks)
{
    return hello_beyond_server(c, stacks) &&
           lack(reason, "%s: has no suite, group or signature scheme in common with hello %s",
                stacks->stacks[c->server].stack, case_hello(c)->name);
}

static bool client_lacks_hello(char *reason, const struct matrix_case *c,
                               const struct stack_set *stacks)
{
    return hello_beyond_client(c, stacks) &&
           lack(reason, "%s: does not offer the suite or group that hello %s chooses",
                stacks->stacks[c->client].stack, case_hello(c)->name);
}

static bool lacks_exchange(char *reason, const struct matrix_case *c,
                           const struct stack_set *stacks)
{
    return c->exchange != EXCHANGE_PATTERN &&
           (lacks_feature(reason, c, ROLE_CLIENT, stacks, FEATURE_EXCHANGES) ||
            lacks_feature(reason, c, ROLE_SERVER, stacks, FEATURE_EXCHANGES));
}

const struct support_rule support_rules[] = {
    { CLIENT | V, client_lacks_version },
    { SERVER | V, server_lacks_version },
    { CLIENT | S, client_lacks_suite },
    { SERVER | S, server_lacks_suite },
    { CLIENT | V | G, client_lacks_group },
    { SERVER | V | G, server_lacks_group },
    { CLIENT | V | C, client_lacks_credential },
    { SERVER | V | C, server_lacks_credential },
    { CLIENT | V | C | A, client_lacks_own_credential },
    { CLIENT | V | A, client_lacks_auth },
    { SERVER | V | A, server_lacks_auth },
    { CLIENT | SERVER | S, lacks_suite_choice },
    { CLIENT | SERVER | V | S | C, lacks_common_suite },
    { CLIENT | SERVER | V | S | G | C, lacks_common_group },
    { CLIENT | SERVER | I, lacks_identity },
    { CLIENT | V | S | K, lacks_suites_to_attack },
    { CLIENT | SERVER | X, lacks_exchange },
    { SERVER | V | S | G | C | A | H, server_lacks_hello },
    { CLIENT | V | S | G | C | A | H, client_lacks_hello },
};
const size_t num_support_rules = sizeof support_rules / sizeof support_rules[0];

static bool lacks_any(char reason[TEXT_LEN], const struct matrix_case *c,
                      const struct stack_set *stacks)
{
    for (size_t i = 0; i < num_support_rules; i++)
        if (support_rules[i].lacks(reason, c, stacks))
            return true;
    return false;
}

bool case_unsupported(char reason[TEXT_LEN], const struct matrix_case *c,
                      const struct stack_set *stacks)
{
    struct matrix_case twin;
    /* A refusal whose healthy twin cannot run would prove nothing. */
    return lacks_any(reason, c, stacks) ||
           (case_twin(&twin, c) && lacks_any(reason, &twin, stacks));
}
