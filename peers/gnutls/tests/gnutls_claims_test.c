/* Every capability that the GnuTLS stack claims really handshakes with itself. */
#include "peers/gnutls/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- everything that is claimed works ---- */

static enum credential credential_for(const struct suite *suite)
{
    switch (suite->auth) {
    case AUTH_RSA:
    case AUTH_TLS13:
        return CREDENTIAL_RSA2048;
    case AUTH_ECDSA:
        return CREDENTIAL_ECDSA_P256;
    case AUTH_DSS:
        return CREDENTIAL_DSA2048;
    default:
        return CREDENTIAL_NONE;
    }
}

static uint16_t group_for(const struct suite *suite)
{
    if (!suite_uses_group(suite))
        return 0;
    return suite->kx != KX_TLS13 && suite_group_kind(suite) == GROUP_FFDHE ? FFDHE2048 : P256;
}

static void assert_suite_works(const struct suite *suite, uint16_t version)
{
    struct pair pair;
    char what[128];
    enum credential credential = credential_for(suite);
    snprintf(what, sizeof what, "%s in %s", suite->name, version_name(version));
    pair_init(&pair, version, suite->id, group_for(suite));
    if (credential != CREDENTIAL_NONE)
        pair_use(&pair, kind(credential));
    if (suite->auth == AUTH_PSK || suite->kx == KX_RSA_PSK)
        pair_use_psk(&pair);
    if (suite->kx == KX_SRP)
        pair_use_srp(&pair);
    pair_run(&pair);
    assert_accepted(&pair, what);
    assert_int_equal(pair.facts[0].version, version);
    if (pair.facts[0].suite != suite->id)
        fail_msg("%s: negotiated 0x%04x", what, pair.facts[0].suite);
    assert_int_equal(pair.facts[0].group, group_for(suite));
    pair_fini(&pair);
}

static void every_suite_works_in_its_lowest_and_highest_version(void **state)
{
    (void)state;
    assert_true(caps.num_suites > 100);
    for (size_t i = 0; i < caps.num_suites; i++) {
        const struct suite *suite = suite_by_id(caps.suites[i]);
        uint16_t lowest = suite->min_version;
        while (lowest < suite->max_version &&
               !caps.credentials[lowest - TLS10][credential_for(suite)])
            lowest++;
        assert_suite_works(suite, lowest);
        assert_suite_works(suite, suite->max_version);
    }
}

static uint16_t suite_for_group(uint16_t version, const struct group *group)
{
    if (version == TLS13)
        return AES128_GCM;
    return group->kind == GROUP_FFDHE ? DHE_RSA_AES128_CBC : ECDHE_RSA_AES128_CBC;
}

static void every_group_works_in_every_version_it_is_listed_for(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++) {
        assert_true(caps.num_groups[version - TLS10] > 5);
        for (size_t i = 0; i < caps.num_groups[version - TLS10]; i++) {
            const struct group *group = group_by_id(caps.groups[version - TLS10][i]);
            struct pair pair;
            pair_init(&pair, version, suite_for_group(version, group), group->id);
            pair_use(&pair, kind(CREDENTIAL_RSA2048));
            pair_run(&pair);
            assert_accepted(&pair, group->name);
            assert_int_equal(pair.facts[0].group, group->id);
            pair_fini(&pair);
        }
    }
}

static uint16_t suite_for_credential(uint16_t version, int credential)
{
    if (version == TLS13)
        return AES128_GCM;
    if (credential <= CREDENTIAL_RSAPSS2048)
        return ECDHE_RSA_AES128_CBC;
    return credential == CREDENTIAL_DSA2048 ? DHE_DSS_AES128_CBC : ECDHE_ECDSA_AES128_CBC;
}

static void run_credential(struct pair *pair, uint16_t version, int credential)
{
    static const uint16_t groups_offered[] = { X25519, P256, 0x0018, 0x0019, FFDHE2048 };
    pair_init(pair, version, suite_for_credential(version, credential), 0);
    for (int role = 0; role < 2; role++) {
        memcpy(pair->endpoint[role].groups, groups_offered, sizeof groups_offered);
        pair->endpoint[role].num_groups = 5;
    }
    pair_use_mutual(pair, kind((enum credential)credential));
    pair_run(pair);
}

static void every_credential_authenticates_both_ends_in_its_versions(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int credential = CREDENTIAL_RSA2048; credential < NUM_CREDENTIALS; credential++) {
            if (!caps.credentials[version - TLS10][credential])
                continue;
            const struct forged *forged = kind((enum credential)credential);
            struct pair pair;
            char what[128];
            snprintf(what, sizeof what, "%s in %s", credential_name((enum credential)credential),
                     version_name(version));
            run_credential(&pair, version, credential);
            assert_accepted(&pair, what);
            assert_int_equal(pair.facts[0].signature_scheme != 0, version >= TLS12);
            assert_true(pair.facts[ROLE_CLIENT].peer_leaf_known);
            assert_memory_equal(pair.facts[ROLE_CLIENT].peer_leaf_sha256,
                                forged->server_leaf_sha256, SHA256_LEN);
            assert_memory_equal(pair.facts[ROLE_SERVER].peer_leaf_sha256,
                                forged->client_leaf_sha256, SHA256_LEN);
            assert_true(pair.facts[ROLE_SERVER].verify_known);
            assert_int_equal(pair.facts[ROLE_SERVER].verify_code, 0);
            pair_fini(&pair);
        }
}

/* What is not claimed must not authenticate both ends either, or the list is too short. */
static void credentials_that_are_not_listed_do_not_authenticate_both_ends(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int credential = CREDENTIAL_RSA2048; credential < NUM_CREDENTIALS; credential++) {
            if (caps.credentials[version - TLS10][credential])
                continue;
            struct pair pair;
            run_credential(&pair, version, credential);
            if (pair.accepted)
                fail_msg("%s works in %s", credential_name((enum credential)credential),
                         version_name(version));
            pair_fini(&pair);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_works_in_its_lowest_and_highest_version),
        cmocka_unit_test(every_group_works_in_every_version_it_is_listed_for),
        cmocka_unit_test(every_credential_authenticates_both_ends_in_its_versions),
        cmocka_unit_test(credentials_that_are_not_listed_do_not_authenticate_both_ends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
