/* What is negotiated, how connections end, and what is printed by hand. */
#include "peers/gnutls/internal.h"
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

/* In TLS 1.3 the library ends a connection for any alert but close_notify, user_canceled too. */
static void the_level_of_an_alert_counts_before_tls13_only(void **state)
{
    (void)state;
    static const struct {
        uint16_t version;
        gnutls_alert_level_t level;
        gnutls_alert_description_t alert;
        int told;
    } cases[] = {
        { TLS12, GNUTLS_AL_WARNING, GNUTLS_A_BAD_CERTIFICATE, -1 },
        { TLS12, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE, GNUTLS_A_BAD_CERTIFICATE },
        { TLS13, GNUTLS_AL_WARNING, GNUTLS_A_BAD_CERTIFICATE, GNUTLS_A_BAD_CERTIFICATE },
        { TLS13, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE, GNUTLS_A_BAD_CERTIFICATE },
        { TLS13, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED, GNUTLS_A_USER_CANCELED },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair pair;
        open_accepted(&pair, cases[i].version);
        gnutls_alert_send(pair.connection[ROLE_SERVER]->session, cases[i].level, cases[i].alert);
        assert_int_equal(pair_read(&pair, ROLE_CLIENT),
                         cases[i].told == -1 ? IO_WANT_READ : IO_FAILED);
        assert_int_equal(pair.facts[ROLE_CLIENT].alert_received, cases[i].told);
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
    struct endpoint endpoint = { .trust_file = "/nonexistent" };
    assert_int_equal(tls_stack->trust_new(&trust, &endpoint, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent"));
    assert_int_equal(tls_stack->describe_file(stdout, "/dev/null", &err), -1);
    assert_non_null(strstr(err.text, "not a PEM file"));
    strcpy(endpoint.chain_file, forged->server_key);
    strcpy(endpoint.key_file, forged->server_key);
    assert_int_equal(tls_stack->credential_new(&credential, &endpoint, &err), -1);
    strcpy(endpoint.chain_file, forged->server_chain);
    strcpy(endpoint.key_file, forged->server_chain);
    assert_int_equal(tls_stack->credential_new(&credential, &endpoint, &err), -1);
    assert_null(credential);
}

static void a_key_that_is_not_the_certificates_is_refused_unless_asked_for(void **state)
{
    (void)state;
    for (int i = CREDENTIAL_NONE + 1; i < NUM_CREDENTIALS; i++) {
        struct error err = { 0 };
        struct stack_credential *credential = NULL;
        struct endpoint endpoint = { 0 };
        strcpy(endpoint.chain_file, kind((enum credential)i)->server_chain);
        strcpy(endpoint.key_file, kind((enum credential)i)->other_key);
        assert_int_equal(tls_stack->credential_new(&credential, &endpoint, &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        assert_non_null(strstr(err.text, "other-key.pem does not fit"));
        endpoint.wrong_key = true;
        assert_int_equal(tls_stack->credential_new(&credential, &endpoint, &err), 0);
        tls_stack->credential_free(credential);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(the_level_of_an_alert_counts_before_tls13_only),
        cmocka_unit_test(writing_to_an_end_that_is_gone_fails_without_a_signal),
        cmocka_unit_test(end_of_stream_in_the_handshake_is_told),
        cmocka_unit_test(both_ends_log_the_same_keys),
        cmocka_unit_test(selections_print_their_suites),
        cmocka_unit_test(files_are_described),
        cmocka_unit_test(unreadable_files_are_clear_errors),
        cmocka_unit_test(a_key_that_is_not_the_certificates_is_refused_unless_asked_for),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
