/* The stack against itself: everything that its capability list claims is done once, and the
 * facts of both ends must agree. $TLSMATRIX_CREDENTIALS is a directory laid out by the forge,
 * $TLSMATRIX_EXPECTED the stack's directory of checked-in capability lists. */
#include "peers/common/exchange.h"
#include "peers/libssl/tests/pair.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    SUITE_ECDHE_ECDSA = 0xC009, /* TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA */
    SUITE_ECDHE_RSA = 0xC013,   /* TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA */
    SUITE_DHE_RSA = 0x0033,     /* TLS_DHE_RSA_WITH_AES_128_CBC_SHA */
    SUITE_DHE_DSS = 0x0032,     /* TLS_DHE_DSS_WITH_AES_128_CBC_SHA */
    SUITE_PSK = 0x008C,         /* TLS_PSK_WITH_AES_128_CBC_SHA */
    GROUP_X25519 = 0x001D,
};

static struct capabilities caps;
static const char *directory;

/* ---- the capability list ---- */

/* "3.0.json" is for every release that begins with "3.0". */
static json_t *load_expected(void)
{
    char path[PATH_LEN];
    json_t *list = NULL;
    for (size_t len = strlen(caps.release); len > 0 && list == NULL; len--) {
        snprintf(path, sizeof path, "%s/%.*s.json", getenv("TLSMATRIX_EXPECTED"), (int)len,
                 caps.release);
        list = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    }
    return list;
}

static void print_difference(void *context, const char *line)
{
    (void)context;
    puts(line);
}

static void capabilities_are_those_of_the_checked_in_list(void **state)
{
    (void)state;
    struct capabilities expected;
    struct error err;
    json_t *list = load_expected();
    if (list == NULL)
        skip(); /* a release that nobody has looked at yet */
    assert_int_equal(capabilities_from_json(&expected, list, &err), 0);
    json_decref(list);
    assert_int_equal(capabilities_compare(&expected, &caps, print_difference, NULL), 0);
}

/* ---- suites ---- */

static enum credential credential_for(const struct suite *suite)
{
    static const enum credential credentials[] = {
        [AUTH_TLS13] = CREDENTIAL_ECDSA_P256, [AUTH_RSA] = CREDENTIAL_RSA2048,
        [AUTH_ECDSA] = CREDENTIAL_ECDSA_P256, [AUTH_DSS] = CREDENTIAL_DSA2048,
        [AUTH_ANON] = CREDENTIAL_NONE,        [AUTH_PSK] = CREDENTIAL_NONE,
    };
    return credentials[suite->auth];
}

static bool suite_works(const struct suite *suite, uint16_t version)
{
    struct pair pair;
    pair_init(&pair, directory, version, suite->id, credential_for(suite));
    if (suite->auth == AUTH_PSK || suite->kx == KX_RSA_PSK)
        pair_set_psk(&pair);
    if (suite->kx == KX_SRP)
        pair_set_srp(&pair);
    bool right = pair_connect(&pair) && pair_ends_agree(&pair) &&
                 pair.ends[ROLE_CLIENT].facts.version == version &&
                 (pair.ends[ROLE_CLIENT].facts.suite == suite->id ||
                  (suite->kx == KX_TLS13 && !caps.features[FEATURE_TLS13_SUITE_CHOICE])) &&
                 (pair.ends[ROLE_CLIENT].facts.group != 0) == suite_uses_group(suite);
    pair_expect(&pair, right, suite->name, version);
    pair_fini(&pair);
    return right;
}

static void every_suite_at_its_lowest_and_highest_version(void **state)
{
    (void)state;
    size_t num_failed = 0;
    for (size_t i = 0; i < caps.num_suites; i++) {
        const struct suite *suite = suite_by_id(caps.suites[i]);
        assert_non_null(suite);
        num_failed += !suite_works(suite, suite->min_version);
        if (suite->max_version != suite->min_version)
            num_failed += !suite_works(suite, suite->max_version);
    }
    assert_int_equal(num_failed, 0);
}

/* ---- groups ---- */

static bool group_works(uint16_t version, const struct group *group)
{
    uint16_t suite = version == TLS13             ? 0
                     : group->kind == GROUP_FFDHE ? SUITE_DHE_RSA
                                                  : SUITE_ECDHE_RSA;
    struct pair pair;
    pair_init(&pair, directory, version, suite, CREDENTIAL_RSA2048);
    pair_set_group(&pair, group->id);
    bool right = pair_connect(&pair) && pair_ends_agree(&pair) &&
                 pair.ends[ROLE_CLIENT].facts.group == group->id;
    pair_expect(&pair, right, group->name, version);
    pair_fini(&pair);
    return right;
}

static bool group_is_possible(uint16_t version, const struct group *group)
{
    bool needs_dhe = version < TLS13 && group->kind == GROUP_FFDHE;
    return !needs_dhe || capabilities_have_suite(&caps, SUITE_DHE_RSA);
}

static void every_group_in_every_version(void **state)
{
    (void)state;
    size_t num_failed = 0;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (size_t i = 0; i < caps.num_groups[version - TLS10]; i++) {
            const struct group *group = group_by_id(caps.groups[version - TLS10][i]);
            assert_true(group_is_possible(version, group));
            num_failed += !group_works(version, group);
        }
    assert_int_equal(num_failed, 0);
}

/* ---- credentials ---- */

static uint16_t suite_for(enum credential credential)
{
    switch (credential) {
    case CREDENTIAL_RSA2048:
    case CREDENTIAL_RSA3072:
    case CREDENTIAL_RSA4096:
    case CREDENTIAL_RSAPSS2048:
        return SUITE_ECDHE_RSA;
    case CREDENTIAL_DSA2048:
        return SUITE_DHE_DSS;
    default:
        return SUITE_ECDHE_ECDSA;
    }
}

static bool credential_works(struct pair *pair, uint16_t version, enum credential credential)
{
    static const uint16_t curves[] = { GROUP_X25519, 0x0017, 0x0018, 0x0019 };
    pair_init(pair, directory, version, version == TLS13 ? 0 : suite_for(credential), credential);
    pair_make_mutual(pair, directory, credential);
    for (int role = 0; role < 2; role++) {
        memcpy(pair->ends[role].endpoint.groups, curves, sizeof curves);
        pair->ends[role].endpoint.num_groups = sizeof curves / sizeof curves[0];
    }
    return pair_connect(pair) && pair_ends_agree(pair) &&
           (pair->ends[ROLE_CLIENT].facts.signature_scheme != 0) == (version >= TLS12) &&
           pair->ends[ROLE_CLIENT].facts.peer_leaf_known &&
           pair->ends[ROLE_SERVER].facts.peer_leaf_known &&
           pair->ends[ROLE_CLIENT].facts.verify_code == 0 &&
           pair->ends[ROLE_SERVER].facts.verify_known;
}

/* Both ways: what is not on the list must not work, or the list would hide part of the matrix. */
static void credentials_work_where_claimed_and_only_there(void **state)
{
    (void)state;
    size_t num_failed = 0;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int kind = CREDENTIAL_RSA2048; kind < NUM_CREDENTIALS; kind++) {
            struct pair pair;
            bool claimed = caps.credentials[version - TLS10][kind];
            bool works = credential_works(&pair, version, kind);
            num_failed += !pair_expect(&pair, works == claimed, credential_name(kind), version);
            pair_fini(&pair);
        }
    assert_int_equal(num_failed, 0);
}

/* ---- secrets ---- */

static void psk_works_where_claimed(void **state)
{
    (void)state;
    static const enum feature features[] = { FEATURE_PSK_TLS12, FEATURE_PSK_TLS13 };
    for (uint16_t version = TLS12; version <= TLS13; version++) {
        struct pair pair;
        pair_init(&pair, directory, version, version == TLS13 ? 0 : SUITE_PSK, CREDENTIAL_NONE);
        pair_set_psk(&pair);
        bool works = pair_connect(&pair) && pair_ends_agree(&pair) &&
                     pair.ends[ROLE_CLIENT].facts.signature_scheme == 0;
        assert_true(
            pair_expect(&pair, works == caps.features[features[version - TLS12]], "PSK", version));
        pair_fini(&pair);
    }
}

static void psk_takes_the_hash_of_the_only_suite(void **state)
{
    (void)state;
    struct pair pair;
    if (!caps.features[FEATURE_PSK_TLS13])
        skip();
    pair_init(&pair, directory, TLS13, 0x1302, CREDENTIAL_NONE); /* SHA-384 */
    pair_set_psk(&pair);
    assert_true(
        pair_expect(&pair, pair_connect(&pair) && pair_ends_agree(&pair), "PSK SHA-384", TLS13));
    pair_fini(&pair);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(capabilities_are_those_of_the_checked_in_list),
        cmocka_unit_test(every_suite_at_its_lowest_and_highest_version),
        cmocka_unit_test(every_group_in_every_version),
        cmocka_unit_test(credentials_work_where_claimed_and_only_there),
        cmocka_unit_test(psk_works_where_claimed),
        cmocka_unit_test(psk_takes_the_hash_of_the_only_suite),
    };
    struct error err;
    signal(SIGPIPE, SIG_IGN); /* as main() of the peers does */
    directory = getenv("TLSMATRIX_CREDENTIALS");
    if (directory == NULL || getenv("TLSMATRIX_EXPECTED") == NULL ||
        peer_capabilities(tls_stack, &caps, &err) != 0) {
        fprintf(stderr, "TLSMATRIX_CREDENTIALS and TLSMATRIX_EXPECTED must name directories\n");
        return 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
