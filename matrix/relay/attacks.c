/* The families together, and what an attack means for a case. */
#include "matrix/relay/attacks_parts.h"

#include <string.h>

const struct attack_family *const attack_families[] = {
    &family_versions, &family_client_hello, &family_server_hello, &family_messages,
    &family_records,  &family_injections,   &family_cuts,         &family_shortcuts,
};
const size_t num_attack_families = sizeof attack_families / sizeof attack_families[0];

const char *attack_outcome_name(enum attack_outcome outcome)
{
    static const char *const names[] = { "refused", "accepted", "truncated", "cut", "either" };
    return names[outcome];
}

const struct attack *attack_at(size_t index)
{
    for (size_t i = 0; i < num_attack_families; i++) {
        if (index < attack_families[i]->num_attacks)
            return &attack_families[i]->attacks[index];
        index -= attack_families[i]->num_attacks;
    }
    return NULL;
}

size_t num_attacks(void)
{
    size_t num = 0;
    for (size_t i = 0; i < num_attack_families; i++)
        num += attack_families[i]->num_attacks;
    return num;
}

const struct attack *attack_by_name(const char *name)
{
    const struct attack *attack;
    for (size_t i = 0; (attack = attack_at(i)) != NULL; i++)
        if (strcmp(attack->name, name) == 0)
            return attack;
    return NULL;
}

const struct attack_expectation *attack_expect(const struct attack *attack,
                                               const struct matrix_case *c, uint16_t version)
{
    const struct attack_expectation *e = attack->expectations;
    for (; e->versions != 0; e++)
        if ((e->versions & VERSION_BIT(version)) != 0 && (e->when == NULL || e->when(c, version)))
            return e;
    return NULL;
}

/* ---- predicates ---- */

bool when_psk(const struct matrix_case *c, uint16_t version)
{
    (void)version;
    return auth_healthy(c->auth) == AUTH_MODE_PSK;
}

bool when_no_psk(const struct matrix_case *c, uint16_t version)
{
    return !when_psk(c, version);
}

bool when_client_verifies(const struct matrix_case *c, uint16_t version)
{
    (void)version;
    return c->auth != AUTH_MODE_NONE && case_server_has_certificate(c);
}

bool when_client_certificate(const struct matrix_case *c, uint16_t version)
{
    (void)version;
    return case_client_sends_certificate(c);
}

bool when_any_suite(const struct matrix_case *c, uint16_t version)
{
    (void)version;
    return c->suite[ROLE_CLIENT] == SUITE_ANY && c->suite[ROLE_SERVER] == SUITE_ANY;
}

bool when_any_group(const struct matrix_case *c, uint16_t version)
{
    (void)version;
    return c->group[ROLE_CLIENT] == GROUP_ANY && c->auth != AUTH_MODE_PSK;
}

static bool is_general(const struct matrix_case *c, uint16_t version)
{
    return when_any_suite(c, version) && when_any_group(c, version);
}

bool when_both_go_lower(const struct matrix_case *c, uint16_t version)
{
    return is_general(c, version) && c->min_version[ROLE_SERVER] < version &&
           c->min_version[ROLE_CLIENT] < version;
}

bool when_only_server_goes_lower(const struct matrix_case *c, uint16_t version)
{
    return is_general(c, version) && c->min_version[ROLE_SERVER] < version &&
           c->min_version[ROLE_CLIENT] == version;
}

bool when_server_is_at_lowest(const struct matrix_case *c, uint16_t version)
{
    return c->min_version[ROLE_SERVER] == version;
}

bool when_client_is_at_lowest(const struct matrix_case *c, uint16_t version)
{
    return c->min_version[ROLE_CLIENT] == version;
}

bool when_client_has_tls13(const struct matrix_case *c, uint16_t version)
{
    (void)version;
    return c->max_version[ROLE_CLIENT] == TLS13;
}

bool when_server_has_better(const struct matrix_case *c, uint16_t version)
{
    return c->max_version[ROLE_SERVER] > version;
}

bool when_ephemeral(const struct matrix_case *c, uint16_t version)
{
    const struct suite *suite = suite_by_id(c->suite[ROLE_CLIENT]);
    if (suite == NULL) /* any: every stack prefers ephemeral key exchange with a certificate */
        return case_server_has_certificate(c) && when_any_suite(c, version);
    return suite->kx == KX_ECDHE || suite->kx == KX_DHE;
}

bool when_no_dhe(const struct matrix_case *c, uint16_t version)
{
    const struct suite *suite = suite_by_id(c->suite[ROLE_CLIENT]);
    (void)version;
    return suite == NULL || suite->kx != KX_DHE;
}

bool when_curve(const struct matrix_case *c, uint16_t version)
{
    const struct suite *suite = suite_by_id(c->suite[ROLE_CLIENT]);
    return when_ephemeral(c, version) && (suite == NULL || suite->kx == KX_ECDHE);
}

bool when_key_exchange_is_signed(const struct matrix_case *c, uint16_t version)
{
    return when_ephemeral(c, version) && case_server_has_certificate(c);
}

/* ---- shared expectations ---- */

const struct attack_expectation transcript_differs[] = {
    { IN_TLS13, when_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR)) },
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

const struct attack_expectation server_unexpected_message[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE)) },
    { 0 },
};

const struct attack_expectation client_unexpected_message[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

const struct attack_expectation server_decode_error[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_DECODE_ERROR)) },
    { 0 },
};

const struct attack_expectation client_decode_error[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_DECODE_ERROR), FOLLOWS) },
    { 0 },
};

const struct attack_expectation server_bad_mac[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS_LATE, REFUSES(ALERT_BAD_RECORD_MAC)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

const struct attack_expectation request_bad_mac[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

const struct attack_expectation answer_bad_mac[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(REFUSES_LATE(ALERT_BAD_RECORD_MAC), FOLLOWS_FED) },
    { 0 },
};

const struct attack_expectation server_out_of_order[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE)) },
    { 0 },
};
