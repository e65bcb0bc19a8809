/* Certificates and shared secrets: who is accepted, who is refused, and with which alert. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
