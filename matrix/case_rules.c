/* What the protocol makes impossible: one table, a row a rule. Rows that share a name are parts of
 * one rule that look at different axes, so that the planner can prune as early as it can.
 *
 * Where a rule depends on the version, the highest common version decides; where there is none,
 * each end is judged by its own highest. */
#include "matrix/case.h"
#include "matrix/case_judged.h"
#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

#include <string.h>

bool case_is_rsa(enum credential credential)
{
    return credential == CREDENTIAL_RSA2048 || credential == CREDENTIAL_RSA3072 ||
           credential == CREDENTIAL_RSA4096;
}

bool case_is_ecdsa(enum credential credential)
{
    return credential == CREDENTIAL_ECDSA_P256 || credential == CREDENTIAL_ECDSA_P384 ||
           credential == CREDENTIAL_ECDSA_P521;
}

uint16_t case_judged_version(const struct matrix_case *c, enum role role)
{
    uint16_t common = case_common_version(c);
    return common != 0 ? common : c->max_version[role];
}

/* Does `excludes` hold for the suite and the version of either end? */
typedef bool end_rule(const struct matrix_case *c, uint16_t version, uint16_t suite,
                      uint16_t group);

static bool either_end(const struct matrix_case *c, end_rule *excludes)
{
    for (int role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (excludes(c, case_judged_version(c, (enum role)role), c->suite[role], c->group[role]))
            return true;
    return false;
}

static bool suite_version(const struct matrix_case *c)
{
    for (int role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        const struct suite *suite = suite_by_id(c->suite[role]);
        if (suite != NULL && !(suite_allows_version(suite, c->min_version[role]) &&
                               suite_allows_version(suite, c->max_version[role])))
            return true;
    }
    return false;
}

/* May a certificate of this kind stand behind this suite? Static DH wants a Diffie-Hellman key in
 * it, ECDH_RSA an elliptic-curve key under a signature by RSA (RFC 5246 section 7.4.2, RFC 4492
 * section 2.3): there is no credential of either kind. */
static bool credential_fits(const struct suite *suite, enum credential credential)
{
    bool signs = suite->kx == KX_DHE || suite->kx == KX_ECDHE;
    bool holds_other_key =
        suite->kx == KX_DH || (suite->kx == KX_ECDH && suite->auth != AUTH_ECDSA);
    if (holds_other_key)
        return false;
    switch (suite->auth) {
    case AUTH_RSA:
        return case_is_rsa(credential) || (signs && credential == CREDENTIAL_RSAPSS2048);
    case AUTH_ECDSA:
        return case_is_ecdsa(credential) ||
               (signs && (credential == CREDENTIAL_ED25519 || credential == CREDENTIAL_ED448));
    case AUTH_DSS:
        return credential == CREDENTIAL_DSA2048;
    case AUTH_ANON:
    case AUTH_PSK:
        return credential == CREDENTIAL_NONE;
    default:
        return true; /* TLS 1.3: the version and the authentication decide */
    }
}

static bool credential_suite(const struct matrix_case *c)
{
    for (int role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        const struct suite *suite = suite_by_id(c->suite[role]);
        if (suite != NULL && !credential_fits(suite, c->credential))
            return true;
    }
    return false;
}

static bool credential_version_end(const struct matrix_case *c, uint16_t version, uint16_t suite,
                                   uint16_t group)
{
    (void)suite, (void)group;
    switch (c->credential) {
    case CREDENTIAL_RSAPSS2048:
    case CREDENTIAL_ED25519:
    case CREDENTIAL_ED448:
        return version < TLS12;
    case CREDENTIAL_DSA2048:
        return version > TLS12;
    default:
        return false;
    }
}

static bool credential_version(const struct matrix_case *c)
{
    return either_end(c, credential_version_end);
}

static bool group_suite_end(const struct matrix_case *c, uint16_t version, uint16_t suite_id,
                            uint16_t group_id)
{
    (void)c, (void)version;
    const struct suite *suite = suite_by_id(suite_id);
    const struct group *group = group_by_id(group_id);
    if (suite == NULL)
        return group_id == GROUP_NONE;
    if (!suite_uses_group(suite))
        return group_id != GROUP_NONE;
    if (group_id == GROUP_NONE)
        return true;
    return group != NULL && suite->kx != KX_TLS13 && group->kind != suite_group_kind(suite);
}

static bool group_suite(const struct matrix_case *c)
{
    return either_end(c, group_suite_end);
}

static bool group_version_end(const struct matrix_case *c, uint16_t version, uint16_t suite,
                              uint16_t group_id)
{
    (void)c, (void)suite;
    const struct group *group = group_by_id(group_id);
    return group != NULL && (version < group->min_version || version > group->max_version);
}

static bool group_version(const struct matrix_case *c)
{
    return either_end(c, group_version_end);
}

static bool any_suite_group_end(const struct matrix_case *c, uint16_t version, uint16_t suite,
                                uint16_t group_id)
{
    const struct group *group = group_by_id(group_id);
    if (suite != SUITE_ANY || group == NULL || version >= TLS13)
        return false;
    bool is_mismatch = c->group[ROLE_CLIENT] != c->group[ROLE_SERVER];
    return is_mismatch || (group->kind == GROUP_FFDHE) != (c->credential == CREDENTIAL_DSA2048);
}

static bool any_suite_group(const struct matrix_case *c)
{
    return either_end(c, any_suite_group_end);
}

/* What the suite alone says about the authentication. */
static bool auth_fits(const struct suite *suite, enum auth auth)
{
    if (suite->kx == KX_TLS13)
        return auth_healthy(auth) != AUTH_MODE_SRP;
    if (suite->kx == KX_SRP)
        return auth_healthy(auth) == AUTH_MODE_SRP;
    if (suite->auth == AUTH_PSK || suite->kx == KX_RSA_PSK)
        return auth_healthy(auth) == AUTH_MODE_PSK;
    if (suite->auth == AUTH_ANON)
        return auth == AUTH_MODE_NONE;
    return auth_healthy(auth) != AUTH_MODE_PSK && auth_healthy(auth) != AUTH_MODE_SRP;
}

static bool auth_suite(const struct matrix_case *c)
{
    for (int role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        const struct suite *suite = suite_by_id(c->suite[role]);
        if (suite != NULL && !auth_fits(suite, c->auth))
            return true;
    }
    return false;
}

static bool any_suite_auth(const struct matrix_case *c)
{
    if (c->suite[ROLE_CLIENT] != SUITE_ANY)
        return false;
    bool may_fall_back = c->min_version[ROLE_CLIENT] < TLS13 || c->min_version[ROLE_SERVER] < TLS13;
    enum auth auth = auth_healthy(c->auth);
    return auth == AUTH_MODE_SRP || (auth == AUTH_MODE_PSK && may_fall_back);
}

/* Does nobody present a certificate? With the other rules kept, that is so with PSK (but for
 * RSA_PSK), with SRP_SHA and with the anonymous suites, whose certificates the rule
 * credential-suite settles. */
static bool credential_auth(const struct matrix_case *c)
{
    const struct suite *suite = suite_by_id(c->suite[ROLE_SERVER]);
    if (suite != NULL && suite->kx != KX_TLS13)
        return false;
    return (c->credential == CREDENTIAL_NONE) != (auth_healthy(c->auth) == AUTH_MODE_PSK);
}

bool case_psk_hash_differs(const struct suite *suite)
{
    return suite->kx == KX_TLS13 && strstr(suite->name, "_SHA256") == NULL;
}

static bool has_other_hash(uint16_t suite_id)
{
    const struct suite *suite = suite_by_id(suite_id);
    return suite != NULL && case_psk_hash_differs(suite);
}

static bool psk_hash(const struct matrix_case *c)
{
    return auth_healthy(c->auth) == AUTH_MODE_PSK &&
           (has_other_hash(c->suite[ROLE_CLIENT]) || has_other_hash(c->suite[ROLE_SERVER]));
}

static bool pin_needs_certificate(const struct matrix_case *c)
{
    return c->pinning != PINNING_OFF && c->credential == CREDENTIAL_NONE;
}

static bool ffdhe_mismatch(const struct matrix_case *c)
{
    const struct group *group = group_by_id(c->group[ROLE_CLIENT]);
    return c->group[ROLE_CLIENT] != c->group[ROLE_SERVER] && group != NULL &&
           group->kind == GROUP_FFDHE && case_judged_version(c, ROLE_SERVER) < TLS13;
}

static bool ecdsa_curve_is_common(const struct matrix_case *c)
{
    bool server_lists_it =
        c->group[ROLE_SERVER] == case_certificate_curve(c) || case_client_sends_certificate(c);
    return c->group[ROLE_CLIENT] != c->group[ROLE_SERVER] && case_is_ecdsa(c->credential) &&
           server_lists_it && case_judged_version(c, ROLE_SERVER) < TLS13;
}

/* One fault at most: each pair of axes that can hold one. */
static bool faulty_version(const struct matrix_case *c)
{
    return case_common_version(c) == 0;
}

static bool faulty_suite(const struct matrix_case *c)
{
    return c->suite[ROLE_CLIENT] != c->suite[ROLE_SERVER];
}

static bool faulty_group(const struct matrix_case *c)
{
    return c->group[ROLE_CLIENT] != c->group[ROLE_SERVER];
}

static bool faulty_auth(const struct matrix_case *c)
{
    return auth_healthy(c->auth) != c->auth;
}

static bool faulty_pin(const struct matrix_case *c)
{
    return c->pinning == PINNING_LEAF_WRONG || c->pinning == PINNING_SPKI_WRONG ||
           c->pinning == PINNING_TOFU_CHANGED;
}

static bool any_pin(const struct matrix_case *c)
{
    return c->pinning != PINNING_OFF;
}

static bool any_identity(const struct matrix_case *c)
{
    return c->identity != IDENTITY_GENUINE;
}

/* Who is presented otherwise than genuine has to present something, and somebody has to look. */
static bool identity_credential(const struct matrix_case *c)
{
    return any_identity(c) &&
           !identity_applies(case_identity(c),
                             case_identity_role(c) == ROLE_CLIENT ? IDENTITY_CLIENT
                                                                  : IDENTITY_SERVER,
                             c->credential);
}

static bool identity_auth(const struct matrix_case *c)
{
    if (!any_identity(c))
        return false;
    if (case_identity_role(c) == ROLE_CLIENT)
        return c->auth != AUTH_MODE_MUTUAL && c->auth != AUTH_MODE_OPTIONAL;
    return c->auth != AUTH_MODE_SERVER && c->auth != AUTH_MODE_MUTUAL;
}

/* The attack is the only thing out of the ordinary, and it has something to change. */
static bool attack_alone(const struct matrix_case *c)
{
    return case_attack(c) != NULL &&
           (c->pinning != PINNING_OFF || any_identity(c) || faulty_auth(c));
}

static bool attack_applies(const struct matrix_case *c)
{
    const struct attack *attack = case_attack(c);
    uint16_t version = case_common_version(c);
    return attack != NULL && version != 0 && attack_expect(attack, c, version) == NULL;
}

/* How bytes are handed on is tried on sound handshakes. */
static bool delivery_alone(const struct matrix_case *c)
{
    return c->delivery != DELIVERY_WHOLE &&
           (c->attack != 0 || c->pinning != PINNING_OFF || any_identity(c) || faulty_auth(c));
}

/* The relay tells records by the length of the pattern. A server that speaks first has spoken
 * before a client looks at its pin, and TLS has no say in that. */
static bool exchange_alone(const struct matrix_case *c)
{
    return c->exchange != EXCHANGE_PATTERN &&
           (case_is_relayed(c) || (exchanges[c->exchange].server_first && faulty_pin(c)));
}

static bool is_relayed(const struct matrix_case *c)
{
    return case_is_relayed(c);
}

/* Only a handshake signature shows that the key is another one; a server that decrypts with it
 * fails later and otherwise. */
static bool identity_signature(const struct matrix_case *c)
{
    const struct suite *suite = suite_by_id(c->suite[ROLE_SERVER]);
    return case_identity(c)->wrong_key && case_identity_role(c) == ROLE_SERVER && suite != NULL &&
           !suite_uses_group(suite);
}

/* The pin that an imposter meets fits it, so that the chain alone can refuse it; and a first use
 * must not be remembered. */
static bool identity_pin(const struct matrix_case *c)
{
    return any_identity(c) && c->pinning != PINNING_OFF && c->pinning != PINNING_LEAF &&
           c->pinning != PINNING_SPKI && c->pinning != PINNING_TOFU_FIRST;
}

/* ---- raw hellos ---- */

/* The raw end is opposite the end that the hello is for; without a hello there is none. */
static bool hello_end(const struct matrix_case *c)
{
    const struct raw_hello *hello = case_hello(c);
    bool raw_client = hello != NULL && hello->to == ROLE_SERVER;
    bool raw_server = hello != NULL && hello->to == ROLE_CLIENT;
    return (c->client == RAW_STACK) != raw_client || (c->server == RAW_STACK) != raw_server;
}

static bool hello_version(const struct matrix_case *c)
{
    const struct raw_hello *hello = case_hello(c);
    if (hello == NULL)
        return false;
    for (int role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (c->min_version[role] != hello->min_version ||
            c->max_version[role] != hello->max_version)
            return true;
    return false;
}

static bool hello_parameters(const struct matrix_case *c)
{
    return c->hello != 0 &&
           (c->suite[ROLE_CLIENT] != SUITE_ANY || c->group[ROLE_CLIENT] != GROUP_ANY);
}

static bool hello_authentication(const struct matrix_case *c)
{
    return c->hello != 0 && (c->credential != CREDENTIAL_RSA2048 || c->auth != AUTH_MODE_SERVER);
}

static bool hello_trust(const struct matrix_case *c)
{
    return c->hello != 0 && (c->pinning != PINNING_OFF || any_identity(c));
}

static bool hello_path(const struct matrix_case *c)
{
    return c->hello != 0 && (is_relayed(c) || c->exchange != EXCHANGE_PATTERN);
}

#define FAULT_PAIRS(X)                                                                             \
    X(version, VERSION, suite, SUITE, faulty_suite)                                                \
    X(version, VERSION, group, GROUP, faulty_group)                                                \
    X(version, VERSION, auth, AUTH, faulty_auth)                                                   \
    X(version, VERSION, pin, PIN, any_pin)                                                         \
    X(suite, SUITE, group, GROUP, faulty_group)                                                    \
    X(suite, SUITE, auth, AUTH, faulty_auth)                                                       \
    X(suite, SUITE, pin, PIN, any_pin)                                                             \
    X(group, GROUP, auth, AUTH, faulty_auth)                                                       \
    X(group, GROUP, pin, PIN, any_pin)                                                             \
    X(auth, AUTH, pin, PIN, faulty_pin)                                                            \
    X(version, VERSION, identity, IDENTITY, any_identity)                                          \
    X(suite, SUITE, identity, IDENTITY, any_identity)                                              \
    X(group, GROUP, identity, IDENTITY, any_identity)                                              \
    X(version, VERSION, attack, ATTACK, is_relayed)                                                \
    X(suite, SUITE, attack, ATTACK, is_relayed)                                                    \
    X(group, GROUP, attack, ATTACK, is_relayed)                                                    \
    X(version, VERSION, delivery, DELIVERY, is_relayed)                                            \
    X(suite, SUITE, delivery, DELIVERY, is_relayed)                                                \
    X(group, GROUP, delivery, DELIVERY, is_relayed)

#define FAULT_PAIR_FUNCTION(a, A, b, B, is_faulty_too)                                             \
    static bool a##_and_##b(const struct matrix_case *c)                                           \
    {                                                                                              \
        return faulty_##a(c) && is_faulty_too(c);                                                  \
    }
FAULT_PAIRS(FAULT_PAIR_FUNCTION)

#define ONE_FAULT_TEXT                                                                             \
    "a case has one fault at most, or nobody could say which of them ended it; where there is no " \
    "common version, suite or group, nothing is pinned, for no certificate is ever seen"
#define FAULT_PAIR_ROW(a, A, b, B, is_faulty_too)                                                  \
    { "one-fault", ONE_FAULT_TEXT, "tlsmatrix", 1u << AXIS_##A | 1u << AXIS_##B, a##_and_##b },

#define V  (1u << AXIS_VERSION)
#define S  (1u << AXIS_SUITE)
#define G  (1u << AXIS_GROUP)
#define C  (1u << AXIS_CREDENTIAL)
#define A  (1u << AXIS_AUTH)
#define P  (1u << AXIS_PIN)
#define I  (1u << AXIS_IDENTITY)
#define K  (1u << AXIS_ATTACK)
#define D  (1u << AXIS_DELIVERY)
#define X  (1u << AXIS_EXCHANGE)
#define H  (1u << AXIS_HELLO)
#define CL (1u << AXIS_CLIENT)
#define SV (1u << AXIS_SERVER)
#define HELLO_ALONE_TEXT                                                                           \
    "a hello is said to an ordinary end: RSA certificate, general lists, nobody in the path"

/* clang-format off */
const struct exclusion_rule exclusion_rules[] = {
    { "suite-version",
      "a suite belongs to its versions, and every version that an end offers needs a suite",
      "RFC 8446 sections 4.1.1, B.4; RFC 5246 section 1.2", V | S, suite_version },
    { "credential-suite",
      "the key in the certificate has to be of the kind that the suite asks for; no credential has "
      "that of static DH or ECDH_RSA",
      "RFC 5246 section 7.4.2; RFC 4492 section 2; RFC 8446 section 4.2.3", S | C,
      credential_suite },
    { "credential-version",
      "RSA-PSS keys and EdDSA begin with TLS 1.2, DSA ends with it",
      "RFC 8446 section 4.2.3", V | C, credential_version },
    { "group-suite",
      "(EC)DHE suites need a group of their kind, other suites have none",
      "RFC 4492 section 2; RFC 7919 section 4; RFC 8446 section 4.2.7", V | S | G, group_suite },
    { "group-version",
      "the group does not exist in the version that is negotiated",
      "RFC 8446 section 4.2.7", V | G, group_version },
    { "any-suite-group",
      "before TLS 1.3, with suite 'any', the certificate decides the kind of the group, and "
      "without a common group a suite that needs none is left",
      "RFC 5246 section 7.4.2; RFC 4492 section 4", V | S | G | C, any_suite_group },
    { "auth-suite",
      "the suite decides between certificates, PSK, SRP and nothing",
      "RFC 5246 sections 7.4.2, A.5; RFC 8446 section 4.1.1", S | A, auth_suite },
    { "any-suite-auth",
      "suite 'any' holds no SRP suites, and no PSK suites of the versions before TLS 1.3",
      "tlsmatrix", V | S | A, any_suite_auth },
    { "credential-auth",
      "a TLS 1.3 server shows a certificate exactly if it is not authenticated by a PSK; the "
      "suites that 'any' stands for all need one",
      "RFC 8446 section 4.1.1", S | C | A, credential_auth },
    { "psk-hash",
      "the hash of an external PSK is SHA-256 unless another was agreed, so it cannot be used "
      "with a TLS 1.3 suite of another hash",
      "RFC 8446 section 4.2.11", S | A, psk_hash },
    { "pin-needs-certificate",
      "what is pinned is a certificate or its key",
      "tlsmatrix", C | P, pin_needs_certificate },
    { "ffdhe-mismatch-before-1.3",
      "a server that does not implement RFC 7919 may use any Diffie-Hellman group before TLS 1.3",
      "RFC 7919 section 4; RFC 5246 section 7.4.3", V | G, ffdhe_mismatch },
    { "ecdsa-curve-is-common",
      "before TLS 1.3 the list of groups also names the curve of the other end's certificate, so "
      "that curve is common where the server lists it too",
      "RFC 4492 sections 4, 5.1", V | G | C | A, ecdsa_curve_is_common },
    { "identity-credential",
      "a fault lies in a certificate of a kind, at an end, for which it makes sense",
      "tlsmatrix", C | I, identity_credential },
    { "identity-auth",
      "an imposter is found only where the other end looks at its certificate",
      "RFC 5246 sections 7.4.2, 7.4.6; RFC 8446 section 4.4.2", A | I, identity_auth },
    { "identity-signature",
      "that a key is not the certificate's shows where the server signs",
      "RFC 5246 section 7.4.3; RFC 8446 section 4.4.3", S | I, identity_signature },
    { "identity-pin",
      "the pin is the imposter's own, so that the chain alone can refuse it",
      "tlsmatrix", P | I, identity_pin },
    { "attack-alone",
      "an attack in the path is tried on a handshake that is sound otherwise",
      "tlsmatrix", A | P | I | K, attack_alone },
    { "attack-applies",
      "the attack finds nothing in such a handshake that it could change",
      "tlsmatrix", V | S | G | C | A | K, attack_applies },
    { "delivery-alone",
      "how bytes are handed on is tried on handshakes that are sound otherwise",
      "tlsmatrix", A | P | I | K | D, delivery_alone },
    { "hello-end", "a raw end says a hello, and says it to the end that the hello is for",
      "tlsmatrix", CL | SV | H, hello_end },
    { "hello-version", "a hello says which versions the end that it is for supports", "tlsmatrix",
      V | H, hello_version },
    { "hello-alone", HELLO_ALONE_TEXT, "tlsmatrix", S | G | H, hello_parameters },
    { "hello-alone", HELLO_ALONE_TEXT, "tlsmatrix", C | A | H, hello_authentication },
    { "hello-alone", HELLO_ALONE_TEXT, "tlsmatrix", P | I | H, hello_trust },
    { "hello-alone", HELLO_ALONE_TEXT, "tlsmatrix", K | D | X | H, hello_path },
    { "exchange-alone",
      "what is said by name is said on the direct way, and first by the server only where the "
      "client has nothing to refuse after the handshake",
      "tlsmatrix", P | K | D | X, exchange_alone },
    FAULT_PAIRS(FAULT_PAIR_ROW)
};
/* clang-format on */

const size_t num_exclusion_rules = sizeof exclusion_rules / sizeof exclusion_rules[0];

const struct exclusion_rule *case_excluded(const struct matrix_case *c)
{
    for (size_t i = 0; i < num_exclusion_rules; i++)
        if (exclusion_rules[i].excludes(c))
            return &exclusion_rules[i];
    return NULL;
}
