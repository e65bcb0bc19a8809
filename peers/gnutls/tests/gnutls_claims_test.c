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

typedef void pair_use_fn(struct pair *pair, const struct forged *forged);

static void run_credential(struct pair *pair, uint16_t version, int credential, pair_use_fn *use)
{
    static const uint16_t groups_offered[] = { X25519, P256, 0x0018, 0x0019, FFDHE2048 };
    pair_init(pair, version, suite_for_credential(version, credential), 0);
    for (int role = 0; role < 2; role++) {
        memcpy(pair->endpoint[role].groups, groups_offered, sizeof groups_offered);
        pair->endpoint[role].num_groups = 5;
    }
    use(pair, kind((enum credential)credential));
    pair_run(pair);
}

static void assert_both_authenticated(const struct pair *pair, const struct forged *forged)
{
    const struct facts *client = &pair->facts[ROLE_CLIENT], *server = &pair->facts[ROLE_SERVER];
    assert_int_equal(client->signature_scheme != 0, client->version >= TLS12);
    assert_true(client->peer_leaf_known);
    assert_memory_equal(client->peer_leaf_sha256, forged->server_leaf_sha256, SHA256_LEN);
    assert_memory_equal(server->peer_leaf_sha256, forged->client_leaf_sha256, SHA256_LEN);
    assert_true(server->verify_known);
    assert_int_equal(server->verify_code, 0);
}

/* Both ways: what is not on a list must not work, or the list is too short. */
static bool works_as_claimed(struct pair *pair, bool is_claimed, uint16_t version, int credential,
                             pair_use_fn *use)
{
    char what[128];
    snprintf(what, sizeof what, "%s in %s", credential_name((enum credential)credential),
             version_name(version));
    run_credential(pair, version, credential, use);
    if (is_claimed)
        assert_accepted(pair, what);
    else if (pair->accepted)
        fail_msg("%s works", what);
    return is_claimed;
}

static void credentials_of_a_server_work_where_claimed_and_only_there(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int credential = CREDENTIAL_RSA2048; credential < NUM_CREDENTIALS; credential++) {
            struct pair pair;
            works_as_claimed(&pair, caps.credentials[version - TLS10][credential], version,
                             credential, pair_use);
            pair_fini(&pair);
        }
}

static void credentials_of_a_client_work_where_claimed_and_only_there(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int i = CREDENTIAL_RSA2048; i < NUM_CREDENTIALS; i++) {
            enum credential credential = (enum credential)i;
            bool is_claimed = capabilities_have_client_credential(&caps, version, credential);
            struct pair pair;
            if (works_as_claimed(&pair, is_claimed, version, i, pair_use_mutual))
                assert_both_authenticated(&pair, kind(credential));
            pair_fini(&pair);
        }
}

static void dsa_before_tls12_is_a_servers_only(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS12; version++) {
        assert_true(caps.credentials[version - TLS10][CREDENTIAL_DSA2048]);
        assert_int_equal(capabilities_have_client_credential(&caps, version, CREDENTIAL_DSA2048),
                         version == TLS12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_works_in_its_lowest_and_highest_version),
        cmocka_unit_test(every_group_works_in_every_version_it_is_listed_for),
        cmocka_unit_test(credentials_of_a_server_work_where_claimed_and_only_there),
        cmocka_unit_test(credentials_of_a_client_work_where_claimed_and_only_there),
        cmocka_unit_test(dsa_before_tls12_is_a_servers_only),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
