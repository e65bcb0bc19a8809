/* The GnuTLS stack against itself: every capability that it claims really handshakes, and every
 * refusal is the right one. Credentials come from the forge, in a directory of their own. */
#include "harness/wire/registry.h"
#include "peers/gnutls/tests/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ECDHE_RSA_AES128_GCM = 0xC02F,
    ECDHE_RSA_AES256_GCM = 0xC030,
    ECDHE_ECDSA_AES128_CBC = 0xC009,
    ECDHE_ECDSA_AES128_GCM = 0xC02B,
    ECDHE_RSA_AES128_CBC = 0xC013,
    RSA_AES256_GCM = 0x009D,
    DHE_RSA_AES128_CBC = 0x0033,
    DHE_DSS_AES128_CBC = 0x0032,
    DH_ANON_AES128_CBC = 0x0034,
    PSK_AES128_GCM = 0x00A8,
    SRP_AES128_CBC = 0xC01D,
    AES128_GCM = 0x1301,
    AES256_GCM = 0x1302,
    P256 = 0x0017,
    X25519 = 0x001D,
    FFDHE2048 = 0x0100,
    FFDHE3072 = 0x0101,
};

static struct forge forge;
static struct capabilities caps;
static char directory[] = "/tmp/gnutls-stack-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    struct error err = { 0 };
    char cache[PATH_LEN];
    forge_default_key_cache(cache);
    if (mkdtemp(directory) == NULL || forge_make(&forge, directory, cache, &err) < 0 ||
        tls_stack->capabilities(&caps, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[sizeof directory + 16];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

static const struct forged *kind(enum credential credential)
{
    return &forge.kinds[credential];
}

/* ---- what two ends that accepted must have in common ---- */

static void assert_accepted(const struct pair *pair, const char *what)
{
    const struct facts *client = &pair->facts[ROLE_CLIENT], *server = &pair->facts[ROLE_SERVER];
    if (!pair->accepted)
        fail_msg("%s: client %s (alert sent %d), server %s (alert sent %d)", what,
                 client->error_text, client->alert_sent, server->error_text, server->alert_sent);
    assert_int_equal(client->version, server->version);
    assert_int_equal(client->suite, server->suite);
    assert_int_equal(client->group, server->group);
    assert_int_equal(client->signature_scheme, server->signature_scheme);
    assert_true(client->exporter_known && server->exporter_known);
    assert_memory_equal(client->exporter, server->exporter, EXPORTER_LEN);
    assert_false(client->resumed || server->resumed);
    assert_int_equal(client->alert_sent, -1);
    assert_int_equal(server->alert_sent, -1);
}

static void assert_refused(const struct pair *pair, enum role role, int alert)
{
    enum role other = role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    assert_false(pair->accepted);
    if (pair->facts[role].alert_sent != alert)
        fail_msg("alert %d sent instead of %d: %s / %s", pair->facts[role].alert_sent, alert,
                 pair->facts[role].error_text, pair->facts[other].error_text);
    assert_int_equal(pair->facts[other].alert_received, alert);
    assert_int_equal(pair->facts[other].alert_sent, -1);
    assert_true(pair->facts[role].error_text[0] != '\0');
}

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

/* What is not claimed must not work either, or the list is too short. */
static void credentials_that_are_not_listed_do_not_work(void **state)
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

/* ---- client certificates ---- */

static void run_without_client_certificate(struct pair *pair, uint16_t version, uint16_t suite,
                                           enum verify_mode mode)
{
    pair_init(pair, version, suite, P256);
    pair_use_mutual(pair, kind(CREDENTIAL_RSA2048));
    pair->endpoint[ROLE_CLIENT].chain_file[0] = '\0';
    pair->endpoint[ROLE_SERVER].verify = mode;
    pair_run(pair);
}

/* RFC 5246 section 7.4.6 has handshake_failure for it; GnuTLS proposes decode_error. */
static void missing_client_certificate_is_refused_in_tls12(void **state)
{
    (void)state;
    struct pair pair;
    run_without_client_certificate(&pair, TLS12, ECDHE_RSA_AES128_GCM, VERIFY_REQUIRE);
    assert_refused(&pair, ROLE_SERVER, ALERT_DECODE_ERROR);
    assert_int_equal(pair.status[ROLE_SERVER], IO_FAILED);
    pair_fini(&pair);
}

/* RFC 8446 section 4.4.2.4. The client's handshake is done by then. */
static void missing_client_certificate_is_refused_late_in_tls13(void **state)
{
    (void)state;
    struct pair pair;
    run_without_client_certificate(&pair, TLS13, AES128_GCM, VERIFY_REQUIRE);
    assert_refused(&pair, ROLE_SERVER, ALERT_CERTIFICATE_REQUIRED);
    assert_int_not_equal(pair.facts[ROLE_CLIENT].version, 0);
    pair_fini(&pair);
}

static void missing_client_certificate_is_accepted_when_only_requested(void **state)
{
    (void)state;
    for (uint16_t version = TLS12; version <= TLS13; version++) {
        struct pair pair;
        run_without_client_certificate(
            &pair, version, version == TLS13 ? AES128_GCM : ECDHE_RSA_AES128_GCM, VERIFY_REQUEST);
        assert_accepted(&pair, "requested");
        assert_false(pair.facts[ROLE_SERVER].peer_leaf_known);
        pair_fini(&pair);
    }
}

static void requested_client_certificate_must_verify(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, ECDHE_RSA_AES128_GCM, P256);
    pair_use_mutual(&pair, kind(CREDENTIAL_RSA2048));
    pair.endpoint[ROLE_SERVER].verify = VERIFY_REQUEST;
    strcpy(pair.endpoint[ROLE_SERVER].trust_file, kind(CREDENTIAL_RSA3072)->trust_file);
    pair_run(&pair);
    assert_refused(&pair, ROLE_SERVER, ALERT_BAD_CERTIFICATE);
    assert_int_equal(pair.facts[ROLE_SERVER].verify_problem, VERIFY_PROBLEM_CHAIN);
    assert_true(pair.facts[ROLE_SERVER].peer_leaf_known);
    pair_fini(&pair);
}

/* ---- the server's certificate ---- */

static void assert_client_refuses(struct pair *pair, enum verify_problem problem)
{
    pair_run(pair);
    assert_refused(pair, ROLE_CLIENT, ALERT_BAD_CERTIFICATE);
    assert_int_equal(pair->status[ROLE_CLIENT], IO_FAILED);
    assert_int_equal(pair->facts[ROLE_CLIENT].verify_problem, problem);
    assert_true(pair->facts[ROLE_CLIENT].verify_text[0] != '\0');
    assert_null(strchr(pair->facts[ROLE_CLIENT].error_text, '\n'));
    pair_fini(pair);
}

static void certificates_are_judged_at_the_given_time(void **state)
{
    (void)state;
    static const int64_t years_off[] = { -3, 3 };
    for (uint16_t version = TLS12; version <= TLS13; version++)
        for (size_t i = 0; i < 2; i++) {
            struct pair pair;
            pair_init(&pair, version, version == TLS13 ? AES128_GCM : ECDHE_RSA_AES128_GCM, P256);
            pair_use(&pair, kind(CREDENTIAL_RSA2048));
            pair.endpoint[ROLE_CLIENT].verify_time += years_off[i] * 365 * 86400;
            assert_client_refuses(&pair, VERIFY_PROBLEM_TIME);
        }
}

static void certificate_for_another_name_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS13, AES128_GCM, P256);
    pair_use(&pair, kind(CREDENTIAL_ECDSA_P256));
    strcpy(pair.endpoint[ROLE_CLIENT].peer_name, "other.tlsmatrix.example");
    assert_client_refuses(&pair, VERIFY_PROBLEM_NAME);
}

static void certificate_under_another_root_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, ECDHE_RSA_AES128_GCM, P256);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    strcpy(pair.endpoint[ROLE_CLIENT].trust_file, kind(CREDENTIAL_RSA3072)->trust_file);
    assert_client_refuses(&pair, VERIFY_PROBLEM_CHAIN);
}

static void anything_is_accepted_without_verification(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, ECDHE_RSA_AES128_GCM, P256);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    pair.endpoint[ROLE_CLIENT].verify = VERIFY_NONE;
    pair.endpoint[ROLE_CLIENT].trust_file[0] = '\0';
    strcpy(pair.endpoint[ROLE_CLIENT].peer_name, "other.tlsmatrix.example");
    pair_run(&pair);
    assert_accepted(&pair, "no verification");
    assert_false(pair.facts[ROLE_CLIENT].verify_known);
    pair_fini(&pair);
}

static void hashes_are_those_of_leaf_and_public_key(void **state)
{
    (void)state;
    uint8_t leaf[SHA256_LEN], spki[SHA256_LEN];
    struct pair pair;
    pair_init(&pair, TLS13, AES128_GCM, P256);
    pair_use(&pair, kind(CREDENTIAL_RSAPSS2048));
    pair_run(&pair);
    assert_int_equal(tls_stack->peer_hashes(pair.connection[ROLE_CLIENT], leaf, spki), 0);
    assert_memory_equal(leaf, kind(CREDENTIAL_RSAPSS2048)->server_leaf_sha256, SHA256_LEN);
    assert_memory_equal(spki, kind(CREDENTIAL_RSAPSS2048)->server_spki_sha256, SHA256_LEN);
    assert_int_equal(tls_stack->peer_hashes(pair.connection[ROLE_SERVER], leaf, spki), -1);
    pair_fini(&pair);
}

/* ---- shared secrets ---- */

static void run_psk(struct pair *pair, uint16_t version, uint16_t suite, const char *identity,
                    uint8_t first_byte)
{
    pair_init(pair, version, suite, version == TLS13 ? P256 : 0);
    pair_use_psk(pair);
    strcpy(pair->endpoint[ROLE_CLIENT].psk_identity, identity);
    pair->endpoint[ROLE_CLIENT].psk[0] = first_byte;
    pair_run(pair);
}

static void psk_works_in_tls13(void **state)
{
    (void)state;
    struct pair pair;
    run_psk(&pair, TLS13, AES128_GCM, "tester", 0x5A);
    assert_accepted(&pair, "PSK");
    assert_int_equal(pair.facts[0].group, P256);
    assert_int_equal(pair.facts[0].signature_scheme, 0);
    assert_false(pair.facts[0].peer_leaf_known);
    pair_fini(&pair);
}

/* GnuTLS 3.7 binds external PSKs to SHA-256, which RFC 8446 section 4.2.11 has as the default. */
static void psk_with_nothing_but_sha384_in_tls13_is_declined(void **state)
{
    (void)state;
    struct pair pair;
    struct error err = { 0 };
    pair_init(&pair, TLS13, AES256_GCM, P256);
    pair_use_psk(&pair);
    assert_int_equal(pair_open(&pair, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "SHA-256"));
    pair_fini(&pair);
}

/* RFC 8446 section 6.2 has decrypt_error for a binder that does not fit; GnuTLS proposes
 * illegal_parameter. Before TLS 1.3 the wrong key shows in the client's Finished record. */
static void wrong_psk_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    run_psk(&pair, TLS12, PSK_AES128_GCM, "tester", 0);
    assert_refused(&pair, ROLE_SERVER, ALERT_BAD_RECORD_MAC);
    pair_fini(&pair);
    run_psk(&pair, TLS13, AES128_GCM, "tester", 0);
    assert_refused(&pair, ROLE_SERVER, ALERT_ILLEGAL_PARAMETER);
    pair_fini(&pair);
}

/* The library goes on as if the identity were known and the key wrong. */
static void unknown_psk_identity_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    run_psk(&pair, TLS12, PSK_AES128_GCM, "stranger", 0x5A);
    assert_refused(&pair, ROLE_SERVER, ALERT_BAD_RECORD_MAC);
    pair_fini(&pair);
    run_psk(&pair, TLS13, AES128_GCM, "stranger", 0x5A);
    assert_refused(&pair, ROLE_SERVER, ALERT_ILLEGAL_PARAMETER);
    pair_fini(&pair);
}

static void wrong_srp_password_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, SRP_AES128_CBC, 0);
    pair_use_srp(&pair);
    strcpy(pair.endpoint[ROLE_CLIENT].srp_password, "guess");
    pair_run(&pair);
    assert_refused(&pair, ROLE_SERVER, ALERT_BAD_RECORD_MAC);
    pair_fini(&pair);
}

/* ---- suites: nothing that nobody asked for ---- */

static void set_suites(struct endpoint *endpoint, size_t num, ...)
{
    va_list ids;
    va_start(ids, num);
    for (size_t i = 0; i < num; i++)
        endpoint->suites[i] = (uint16_t)va_arg(ids, int);
    va_end(ids);
    endpoint->num_suites = num;
}

static void no_common_suite_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, ECDHE_RSA_AES128_GCM, P256);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    pair.endpoint[ROLE_SERVER].suites[0] = ECDHE_RSA_AES256_GCM;
    pair_run(&pair);
    assert_refused(&pair, ROLE_SERVER, ALERT_HANDSHAKE_FAILURE);
    pair_fini(&pair);
}

/* The server's list spans a product of four; the client offers one of the two not asked for. */
static void run_product(struct pair *pair, uint16_t client_suite)
{
    pair_init(pair, TLS12, client_suite, P256);
    pair_use(pair, kind(CREDENTIAL_RSA2048));
    set_suites(&pair->endpoint[ROLE_SERVER], 2, ECDHE_RSA_AES128_GCM, RSA_AES256_GCM);
    pair_run(pair);
}

static void server_does_not_accept_what_its_priorities_drag_in(void **state)
{
    (void)state;
    struct pair pair;
    run_product(&pair, ECDHE_RSA_AES256_GCM);
    assert_refused(&pair, ROLE_SERVER, ALERT_HANDSHAKE_FAILURE);
    pair_fini(&pair);
    run_product(&pair, RSA_AES256_GCM);
    assert_accepted(&pair, "asked for");
    assert_int_equal(pair.facts[0].suite, RSA_AES256_GCM);
    pair_fini(&pair);
}

/* With lists at both ends the client drags in DHE-DSS with GCM, which the server does not take,
 * and must still find the DHE-DSS suite that was asked for. */
static void lists_at_both_ends_leave_the_suite_that_suits_the_key(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, 0, FFDHE2048);
    pair_use(&pair, kind(CREDENTIAL_DSA2048));
    for (int role = 0; role < 2; role++)
        set_suites(&pair.endpoint[role], 3, ECDHE_ECDSA_AES128_GCM, ECDHE_RSA_AES128_CBC,
                   DHE_DSS_AES128_CBC);
    pair_run(&pair);
    assert_accepted(&pair, "lists");
    assert_int_equal(pair.facts[0].suite, DHE_DSS_AES128_CBC);
    pair_fini(&pair);
}

static void server_follows_the_clients_order(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, 0, P256);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    set_suites(&pair.endpoint[ROLE_CLIENT], 2, ECDHE_RSA_AES256_GCM, ECDHE_RSA_AES128_GCM);
    set_suites(&pair.endpoint[ROLE_SERVER], 2, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_GCM);
    pair_run(&pair);
    assert_accepted(&pair, "order");
    assert_int_equal(pair.facts[0].suite, ECDHE_RSA_AES256_GCM);
    pair_fini(&pair);
}

static void highest_common_version_is_negotiated(void **state)
{
    (void)state;
    for (uint16_t highest = TLS10; highest <= TLS13; highest++) {
        struct pair pair;
        pair_init(&pair, TLS10, 0, P256);
        pair_use(&pair, kind(CREDENTIAL_RSA2048));
        for (int role = 0; role < 2; role++)
            set_suites(&pair.endpoint[role], 3, AES128_GCM, ECDHE_RSA_AES128_GCM,
                       ECDHE_RSA_AES128_CBC);
        pair.endpoint[ROLE_CLIENT].max_version = TLS13;
        pair.endpoint[ROLE_SERVER].max_version = highest;
        pair_run(&pair);
        assert_accepted(&pair, version_name(highest));
        assert_int_equal(pair.facts[0].version, highest);
        pair_fini(&pair);
    }
}

static void no_common_version_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS12, ECDHE_RSA_AES128_CBC, P256);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    pair.endpoint[ROLE_SERVER].min_version = pair.endpoint[ROLE_SERVER].max_version = TLS11;
    pair_run(&pair);
    assert_false(pair.accepted);
    /* The server answers with its own version; the client refuses that (RFC 5246 E.1). */
    assert_true(pair.facts[0].alert_sent == ALERT_PROTOCOL_VERSION ||
                pair.facts[1].alert_sent == ALERT_PROTOCOL_VERSION);
    pair_fini(&pair);
}

static void library_defaults_work(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS10, 0, 0);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    pair.endpoint[0].max_version = pair.endpoint[1].max_version = TLS13;
    pair_run(&pair);
    assert_accepted(&pair, "defaults");
    assert_int_equal(pair.facts[0].version, TLS13);
    pair_fini(&pair);
}

static void dhe_server_uses_its_group_with_clients_that_name_none(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS12; version++) {
        struct pair pair;
        pair_init(&pair, version, DHE_RSA_AES128_CBC, FFDHE3072);
        pair_use(&pair, kind(CREDENTIAL_RSA2048));
        pair.endpoint[ROLE_CLIENT].groups[0] = P256;
        pair_run(&pair);
        assert_accepted(&pair, "DHE");
        assert_int_equal(pair.facts[ROLE_CLIENT].group, FFDHE3072);
        pair_fini(&pair);
    }
}

static void no_common_group_is_refused(void **state)
{
    (void)state;
    static const uint16_t cases[][3] = {
        { TLS13, AES128_GCM, P256 },
        { TLS12, ECDHE_RSA_AES128_GCM, P256 },
        { TLS12, DHE_RSA_AES128_CBC, FFDHE3072 },
    };
    for (size_t i = 0; i < 3; i++) {
        struct pair pair;
        pair_init(&pair, cases[i][0], cases[i][1], cases[i][2]);
        pair_use(&pair, kind(CREDENTIAL_RSA2048));
        pair.endpoint[ROLE_CLIENT].groups[0] = cases[i][2] == P256 ? X25519 : FFDHE2048;
        pair_run(&pair);
        assert_refused(&pair, ROLE_SERVER, ALERT_HANDSHAKE_FAILURE);
        pair_fini(&pair);
    }
}

static void what_the_library_lacks_is_declined(void **state)
{
    (void)state;
    struct error err = { 0 };
    struct pair pair;
    pair_init(&pair, TLS12, 0x0096, 0); /* SEED */
    assert_int_equal(pair_open(&pair, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "TLS_RSA_WITH_SEED_CBC_SHA"));
    pair_fini(&pair);
    pair_init(&pair, TLS13, AES128_GCM, 0x11EC);
    assert_int_equal(pair_open(&pair, &err), -1);
    assert_non_null(strstr(err.text, "X25519MLKEM768"));
    pair_fini(&pair);
    pair_init(&pair, TLS13, ECDHE_RSA_AES128_GCM, 0);
    assert_int_equal(pair_open(&pair, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    pair_fini(&pair);
}

/* ---- closing, key log ---- */

static void open_accepted(struct pair *pair, uint16_t version)
{
    pair_init(pair, version, version == TLS13 ? AES128_GCM : ECDHE_RSA_AES128_GCM, P256);
    pair_use(pair, kind(CREDENTIAL_RSA2048));
    pair_run(pair);
    assert_accepted(pair, version_name(version));
}

static void close_notify_is_told_from_end_of_stream(void **state)
{
    (void)state;
    for (uint16_t version = TLS12; version <= TLS13; version++) {
        struct pair pair;
        open_accepted(&pair, version);
        assert_int_equal(pair_read(&pair, ROLE_SERVER), IO_WANT_READ);
        assert_int_equal(tls_stack->close_notify(pair.connection[ROLE_CLIENT]), IO_DONE);
        assert_int_equal(pair_read(&pair, ROLE_SERVER), IO_CLOSED);
        assert_int_equal(pair.facts[ROLE_SERVER].alert_received, -1);
        shutdown(pair.socket[ROLE_SERVER], SHUT_WR);
        assert_int_equal(pair_read(&pair, ROLE_CLIENT), IO_EOF);
        assert_int_equal(pair.facts[ROLE_CLIENT].alert_sent, -1);
        pair_fini(&pair);
    }
}

static void writing_to_an_end_that_is_gone_fails_without_a_signal(void **state)
{
    (void)state;
    struct pair pair;
    size_t num_done;
    open_accepted(&pair, TLS13);
    close(pair.socket[ROLE_SERVER]);
    assert_int_equal(tls_stack->write(pair.connection[ROLE_CLIENT], &num_done, "x", 1), IO_FAILED);
    assert_true(pair.facts[ROLE_CLIENT].error_text[0] != '\0');
    pair.socket[ROLE_SERVER] = -1;
    pair_fini(&pair);
}

static void end_of_stream_in_the_handshake_is_told(void **state)
{
    (void)state;
    struct pair pair;
    struct error err = { 0 };
    pair_init(&pair, TLS13, AES128_GCM, P256);
    pair_use(&pair, kind(CREDENTIAL_RSA2048));
    assert_int_equal(pair_open(&pair, &err), 0);
    assert_int_equal(tls_stack->handshake(pair.connection[ROLE_CLIENT]), IO_WANT_READ);
    shutdown(pair.socket[ROLE_SERVER], SHUT_WR);
    assert_int_equal(tls_stack->handshake(pair.connection[ROLE_CLIENT]), IO_EOF);
    assert_int_equal(pair.facts[ROLE_CLIENT].alert_sent, -1);
    pair_fini(&pair);
}

static void both_ends_log_the_same_keys(void **state)
{
    (void)state;
    struct pair pair;
    open_accepted(&pair, TLS12);
    assert_int_equal(strncmp(pair.facts[0].keylog, "CLIENT_RANDOM ", 14), 0);
    assert_string_equal(pair.facts[0].keylog, pair.facts[1].keylog);
    pair_fini(&pair);
    static const char *const labels[] = { "CLIENT_HANDSHAKE_TRAFFIC_SECRET ",
                                          "SERVER_HANDSHAKE_TRAFFIC_SECRET ",
                                          "CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 " };
    open_accepted(&pair, TLS13);
    for (size_t i = 0; i < 4; i++)
        for (int role = 0; role < 2; role++)
            assert_non_null(strstr(pair.facts[role].keylog, labels[i]));
    pair_fini(&pair);
}

/* ---- by hand ---- */

static void selections_print_their_suites(void **state)
{
    (void)state;
    char text[4096] = "";
    struct error err = { 0 };
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_int_equal(tls_stack->print_ciphers(out,
                                              "NONE:+VERS-TLS1.2:+AES-128-GCM:+AEAD:+RSA:"
                                              "+COMP-NULL:+SIGN-ALL:+GROUP-ALL",
                                              &err),
                     0);
    assert_int_equal(tls_stack->print_ciphers(out, "NONE", &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_int_equal(tls_stack->print_ciphers(out, "RUBBISH", &err), -1);
    fclose(out);
    assert_string_equal(text, "0x009c  TLS_RSA_WITH_AES_128_GCM_SHA256\n");
}

static void files_are_described(void **state)
{
    (void)state;
    static char text[65536];
    struct error err = { 0 };
    FILE *out = fmemopen(text, sizeof text, "w");
    const struct forged *forged = kind(CREDENTIAL_ECDSA_P384);
    assert_int_equal(tls_stack->describe_file(out, forged->server_chain, &err), 0);
    assert_int_equal(tls_stack->describe_file(out, forged->server_key, &err), 0);
    fclose(out);
    assert_non_null(strstr(text, FORGE_SERVER_NAME));
    assert_non_null(strstr(text, "EC/ECDSA, 384 bits"));
    assert_null(strstr(text, "BEGIN PRIVATE"));
}

static void unreadable_files_are_clear_errors(void **state)
{
    (void)state;
    struct error err = { 0 };
    struct stack_trust *trust = NULL;
    struct stack_credential *credential = NULL;
    const struct forged *forged = kind(CREDENTIAL_RSA2048);
    assert_int_equal(tls_stack->trust_new(&trust, "/nonexistent", &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent"));
    assert_int_equal(tls_stack->describe_file(stdout, "/dev/null", &err), -1);
    assert_non_null(strstr(err.text, "not a PEM file"));
    assert_int_equal(
        tls_stack->credential_new(&credential, forged->server_key, forged->server_key, &err), -1);
    assert_int_equal(
        tls_stack->credential_new(&credential, forged->server_chain, forged->server_chain, &err),
        -1);
    assert_null(credential);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_works_in_its_lowest_and_highest_version),
        cmocka_unit_test(every_group_works_in_every_version_it_is_listed_for),
        cmocka_unit_test(every_credential_authenticates_both_ends_in_its_versions),
        cmocka_unit_test(credentials_that_are_not_listed_do_not_work),
        cmocka_unit_test(missing_client_certificate_is_refused_in_tls12),
        cmocka_unit_test(missing_client_certificate_is_refused_late_in_tls13),
        cmocka_unit_test(missing_client_certificate_is_accepted_when_only_requested),
        cmocka_unit_test(requested_client_certificate_must_verify),
        cmocka_unit_test(certificates_are_judged_at_the_given_time),
        cmocka_unit_test(certificate_for_another_name_is_refused),
        cmocka_unit_test(certificate_under_another_root_is_refused),
        cmocka_unit_test(anything_is_accepted_without_verification),
        cmocka_unit_test(hashes_are_those_of_leaf_and_public_key),
        cmocka_unit_test(psk_works_in_tls13),
        cmocka_unit_test(psk_with_nothing_but_sha384_in_tls13_is_declined),
        cmocka_unit_test(wrong_psk_is_refused),
        cmocka_unit_test(unknown_psk_identity_is_refused),
        cmocka_unit_test(wrong_srp_password_is_refused),
        cmocka_unit_test(no_common_suite_is_refused),
        cmocka_unit_test(server_does_not_accept_what_its_priorities_drag_in),
        cmocka_unit_test(lists_at_both_ends_leave_the_suite_that_suits_the_key),
        cmocka_unit_test(server_follows_the_clients_order),
        cmocka_unit_test(highest_common_version_is_negotiated),
        cmocka_unit_test(no_common_version_is_refused),
        cmocka_unit_test(library_defaults_work),
        cmocka_unit_test(dhe_server_uses_its_group_with_clients_that_name_none),
        cmocka_unit_test(no_common_group_is_refused),
        cmocka_unit_test(what_the_library_lacks_is_declined),
        cmocka_unit_test(close_notify_is_told_from_end_of_stream),
        cmocka_unit_test(writing_to_an_end_that_is_gone_fails_without_a_signal),
        cmocka_unit_test(end_of_stream_in_the_handshake_is_told),
        cmocka_unit_test(both_ends_log_the_same_keys),
        cmocka_unit_test(selections_print_their_suites),
        cmocka_unit_test(files_are_described),
        cmocka_unit_test(unreadable_files_are_clear_errors),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
