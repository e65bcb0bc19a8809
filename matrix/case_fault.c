/* What is wrong with a case on purpose, and the same case without it. */
#include "matrix/case.h"
#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

static uint16_t highest(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

static uint16_t lowest(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

uint16_t case_common_version(const struct matrix_case *c)
{
    uint16_t min = highest(c->min_version[ROLE_CLIENT], c->min_version[ROLE_SERVER]);
    uint16_t max = lowest(c->max_version[ROLE_CLIENT], c->max_version[ROLE_SERVER]);
    return max >= min ? max : 0;
}

bool case_server_has_certificate(const struct matrix_case *c)
{
    return c->credential != CREDENTIAL_NONE;
}

bool case_client_sends_certificate(const struct matrix_case *c)
{
    return c->credential != CREDENTIAL_NONE &&
           (c->auth == AUTH_MODE_MUTUAL || c->auth == AUTH_MODE_OPTIONAL);
}

/* Where no row stands, nothing is wrong. */
static const struct {
    enum fault fault;
    enum auth healthy;
} auth_faults[NUM_AUTH_MODES] = {
    [AUTH_MODE_MUTUAL_NONE_SENT] = { FAULT_NO_CLIENT_CERTIFICATE, AUTH_MODE_MUTUAL },
    [AUTH_MODE_PSK_WRONG_KEY] = { FAULT_WRONG_PSK, AUTH_MODE_PSK },
    [AUTH_MODE_PSK_UNKNOWN] = { FAULT_UNKNOWN_PSK, AUTH_MODE_PSK },
    [AUTH_MODE_SRP_WRONG_PASSWORD] = { FAULT_WRONG_PASSWORD, AUTH_MODE_SRP },
    [AUTH_MODE_SRP_UNKNOWN] = { FAULT_UNKNOWN_USER, AUTH_MODE_SRP },
};

enum auth auth_healthy(enum auth auth)
{
    return auth_faults[auth].fault == FAULT_NONE ? auth : auth_faults[auth].healthy;
}

static const enum fault pin_faults[NUM_PINNINGS] = {
    [PINNING_LEAF_WRONG] = FAULT_PIN_MISMATCH,
    [PINNING_SPKI_WRONG] = FAULT_PIN_MISMATCH,
    [PINNING_TOFU_CHANGED] = FAULT_FIRST_USE_CHANGED,
};

/* Must the attack keep an end from accepting? */
static bool attack_must_fail(const struct matrix_case *c)
{
    const struct attack *attack = case_attack(c);
    const struct attack_expectation *row =
        attack == NULL ? NULL : attack_expect(attack, c, case_common_version(c));
    return row != NULL && (row->outcome == ATTACK_REFUSED || row->outcome == ATTACK_CUT);
}

enum fault case_fault(const struct matrix_case *c)
{
    if (case_hello(c) != NULL)
        return hello_is_faulty(case_hello(c)) ? FAULT_HELLO : FAULT_NONE;
    if (case_common_version(c) == 0)
        return FAULT_NO_COMMON_VERSION;
    if (c->suite[ROLE_CLIENT] != c->suite[ROLE_SERVER])
        return FAULT_NO_COMMON_SUITE;
    if (c->group[ROLE_CLIENT] != c->group[ROLE_SERVER])
        return FAULT_NO_COMMON_GROUP;
    if (auth_faults[c->auth].fault != FAULT_NONE)
        return auth_faults[c->auth].fault;
    if (!case_identity(c)->accepted)
        return FAULT_IDENTITY;
    if (attack_must_fail(c))
        return FAULT_ATTACK;
    return pin_faults[c->pinning];
}

const struct attack *case_attack(const struct matrix_case *c)
{
    return c->attack == 0 ? NULL : attack_at(c->attack - 1u);
}

const struct raw_hello *case_hello(const struct matrix_case *c)
{
    return c->hello == 0 ? NULL : hello_at(c->hello - 1u);
}

bool case_is_relayed(const struct matrix_case *c)
{
    return c->attack != 0 || c->delivery != DELIVERY_WHOLE;
}

const struct identity *case_identity(const struct matrix_case *c)
{
    return &identities[c->identity % IDENTITY_OF_CLIENT];
}

enum role case_identity_role(const struct matrix_case *c)
{
    return c->identity >= IDENTITY_OF_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
}

/* The same end with the row's twin; the genuine one has no side. */
static uint16_t twin_identity(const struct matrix_case *c)
{
    int row = identity_by_name(case_identity(c)->twin);
    return row == IDENTITY_GENUINE
               ? IDENTITY_GENUINE
               : (uint16_t)(c->identity - c->identity % IDENTITY_OF_CLIENT + row);
}

static void give_version(struct matrix_case *c, enum role from, enum role to)
{
    c->min_version[to] = c->min_version[from];
    c->max_version[to] = c->max_version[from];
}

static void give_suite(struct matrix_case *c, enum role from, enum role to)
{
    c->suite[to] = c->suite[from];
}

static void give_group(struct matrix_case *c, enum role from, enum role to)
{
    c->group[to] = c->group[from];
}

/* Gives one end's value to the other: the server's to the client where that is possible (of a
 * mismatched pair the server has what most stacks have), else the client's to the server; else
 * with the version range along (a suite of one version only, offered by an end of a wider range
 * than the other's). */
static bool make_common(struct matrix_case *twin, const struct matrix_case *c,
                        void (*give)(struct matrix_case *, enum role, enum role))
{
    for (int with_version = 0; with_version <= 1; with_version++)
        for (int to = ROLE_CLIENT; to <= ROLE_SERVER; to++) {
            struct matrix_case candidate = *c;
            enum role from = to == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
            give(&candidate, from, (enum role)to);
            if (with_version != 0)
                give_version(&candidate, from, (enum role)to);
            if (case_excluded(&candidate) == NULL) {
                *twin = candidate;
                return true;
            }
        }
    return false;
}

static enum pinning matching_pin(enum pinning pinning)
{
    if (pinning == PINNING_LEAF_WRONG)
        return PINNING_LEAF;
    return pinning == PINNING_SPKI_WRONG ? PINNING_SPKI : PINNING_TOFU_KNOWN;
}

bool case_twin(struct matrix_case *twin, const struct matrix_case *c)
{
    switch (case_fault(c)) {
    case FAULT_NO_COMMON_VERSION:
        return make_common(twin, c, give_version);
    case FAULT_NO_COMMON_SUITE:
        return make_common(twin, c, give_suite);
    case FAULT_NO_COMMON_GROUP:
        return make_common(twin, c, give_group);
    case FAULT_NO_CLIENT_CERTIFICATE:
    case FAULT_WRONG_PSK:
    case FAULT_UNKNOWN_PSK:
    case FAULT_WRONG_PASSWORD:
    case FAULT_UNKNOWN_USER:
        *twin = *c;
        twin->auth = auth_healthy(c->auth);
        return true;
    case FAULT_PIN_MISMATCH:
    case FAULT_FIRST_USE_CHANGED:
        *twin = *c;
        twin->pinning = matching_pin(c->pinning);
        return true;
    case FAULT_ATTACK:
        *twin = *c;
        twin->attack = 0;
        return true;
    case FAULT_HELLO:
        *twin = *c;
        twin->hello = (uint16_t)(1 + case_hello(c)->twin);
        return true;
    case FAULT_IDENTITY:
        *twin = *c;
        twin->identity = twin_identity(c);
        return true;
    default:
        return false;
    }
}
