/* The stack against itself: what it does where it must refuse, close, or tell one thing from
 * another. $TLSMATRIX_CREDENTIALS is a directory laid out by the forge. */
#include "harness/pki/forge.h"
#include "peers/libssl/tests/pair.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SUITE_ECDHE_RSA = 0xC013, /* TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA */
    SUITE_PSK = 0x008C,       /* TLS_PSK_WITH_AES_128_CBC_SHA */
    GROUP_X25519 = 0x001D,
};

static struct capabilities caps;
static const char *directory;

/* ---- suites ---- */

static void unknown_suite_is_declined(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, directory, TLS12, 0x0005, CREDENTIAL_RSA2048); /* RC4: neither has it */
    assert_false(pair_connect(&pair));
    assert_true(pair.ends[ROLE_CLIENT].declined);
    assert_int_equal(pair.ends[ROLE_CLIENT].err.class, ERROR_USAGE);
    pair_fini(&pair);
}

/* The first suite of TLS 1.3 must not appear where only older ones were asked for. */
static void old_suite_keeps_tls13_out(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, directory, TLS12, SUITE_ECDHE_RSA, CREDENTIAL_RSA2048);
    pair.ends[ROLE_CLIENT].endpoint.max_version = TLS13;
    pair.ends[ROLE_SERVER].endpoint.max_version = TLS13;
    assert_true(pair_expect(&pair, pair_connect(&pair), "range", TLS12));
    assert_int_equal(pair.ends[ROLE_CLIENT].facts.suite, SUITE_ECDHE_RSA);
    pair_fini(&pair);
}

static void tls13_suite_keeps_older_versions_out(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, directory, TLS12, 0x1301, CREDENTIAL_RSA2048);
    pair.ends[ROLE_SERVER].endpoint.max_version = TLS13;
    pair.ends[ROLE_CLIENT].endpoint.num_suites = 0; /* TLS 1.2 only */
    assert_false(pair_connect(&pair));
    assert_int_equal(pair.ends[ROLE_CLIENT].facts.alert_received, ALERT_PROTOCOL_VERSION);
    pair_fini(&pair);
}

/* What FEATURE_TLS13_SUITE_CHOICE means: without it the suites asked for are but a wish. */
static void tls13_suites_are_kept_to_where_claimed(void **state)
{
    (void)state;
    struct pair pair;
    bool choice = caps.features[FEATURE_TLS13_SUITE_CHOICE];
    pair_init(&pair, directory, TLS13, 0x1301, CREDENTIAL_RSA2048);
    pair.ends[ROLE_SERVER].endpoint.suites[0] = 0x1303;
    assert_int_equal(pair_connect(&pair), !choice);
    assert_int_equal(pair.ends[ROLE_SERVER].facts.alert_sent,
                     choice ? ALERT_HANDSHAKE_FAILURE : -1);
    pair_fini(&pair);
}

static void server_takes_the_clients_first_choice(void **state)
{
    (void)state;
    static const uint16_t orders[][2] = { { SUITE_ECDHE_RSA, 0xC014 },
                                          { 0xC014, SUITE_ECDHE_RSA } };
    for (int i = 0; i < 2; i++) {
        struct pair pair;
        pair_init(&pair, directory, TLS12, SUITE_ECDHE_RSA, CREDENTIAL_RSA2048);
        for (int role = 0; role < 2; role++) {
            memcpy(pair.ends[role].endpoint.suites, orders[role == ROLE_CLIENT ? i : 0],
                   sizeof orders[0]);
            pair.ends[role].endpoint.num_suites = 2;
        }
        assert_true(pair_connect(&pair));
        assert_int_equal(pair.ends[ROLE_SERVER].facts.suite, orders[i][0]);
        pair_fini(&pair);
    }
}

/* ---- groups ---- */

static void groups_without_a_common_one_fail(void **state)
{
    (void)state;
    for (uint16_t version = TLS12; version <= TLS13; version++) {
        struct pair pair;
        pair_init(&pair, directory, version, version == TLS13 ? 0 : SUITE_ECDHE_RSA,
                  CREDENTIAL_RSA2048);
        pair_set_group(&pair, GROUP_X25519);
        pair.ends[ROLE_SERVER].endpoint.groups[0] = 0x0018;
        assert_false(pair_connect(&pair));
        assert_int_equal(pair.ends[ROLE_SERVER].facts.alert_sent, ALERT_HANDSHAKE_FAILURE);
        assert_int_equal(pair.ends[ROLE_CLIENT].facts.alert_received, ALERT_HANDSHAKE_FAILURE);
        pair_fini(&pair);
    }
}

/* ---- credentials ---- */

static void key_of_another_certificate_is_refused_at_once(void **state)
{
    (void)state;
    struct stack_credential *credential = NULL;
    struct error err;
    struct endpoint endpoint = { 0 };
    snprintf(endpoint.chain_file, PATH_LEN, "%s/rsa2048/server-chain.pem", directory);
    snprintf(endpoint.key_file, PATH_LEN, "%s/rsa2048/client-key.pem", directory);
    assert_int_equal(tls_stack->credential_new(&credential, &endpoint, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "does not fit"));
}

/* ---- authentication ---- */

static void missing_client_certificate_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint16_t version;
        int alert;
    } rows[] = { { TLS10, ALERT_HANDSHAKE_FAILURE },
                 { TLS12, ALERT_HANDSHAKE_FAILURE },
                 { TLS13, ALERT_CERTIFICATE_REQUIRED } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        pair_init(&pair, directory, rows[i].version, 0, CREDENTIAL_RSA2048);
        pair_make_mutual(&pair, directory, CREDENTIAL_RSA2048);
        pair.ends[ROLE_CLIENT].endpoint.chain_file[0] = '\0';
        assert_false(pair_connect(&pair));
        assert_int_equal(pair.ends[ROLE_SERVER].facts.alert_sent, rows[i].alert);
        assert_int_equal(pair.ends[ROLE_CLIENT].facts.alert_received, rows[i].alert);
        assert_int_equal(pair.ends[ROLE_CLIENT].facts.handshake_done, rows[i].version == TLS13);
        assert_false(pair.ends[ROLE_SERVER].facts.handshake_done);
        assert_string_not_equal(pair.ends[ROLE_SERVER].facts.error_text, "");
        pair_fini(&pair);
    }
}

static void optional_client_certificate_may_be_missing(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++) {
        struct pair pair;
        pair_init(&pair, directory, version, 0, CREDENTIAL_RSA2048);
        pair_make_mutual(&pair, directory, CREDENTIAL_RSA2048);
        pair.ends[ROLE_CLIENT].endpoint.chain_file[0] = '\0';
        pair.ends[ROLE_SERVER].endpoint.verify = VERIFY_REQUEST;
        assert_true(pair_expect(&pair, pair_connect(&pair), "optional", version));
        assert_false(pair.ends[ROLE_SERVER].facts.peer_leaf_known);
        pair_fini(&pair);
    }
}

/* One thing changed about a certificate that is otherwise good. */
static void check_refusal(struct pair *pair, enum verify_problem problem)
{
    assert_false(pair_connect(pair));
    const struct facts *client = &pair->ends[ROLE_CLIENT].facts;
    assert_true(pair_expect(pair, client->verify_known && client->verify_problem == problem,
                            "problem", pair->ends[ROLE_CLIENT].endpoint.max_version));
    assert_int_not_equal(client->verify_code, 0);
    assert_string_not_equal(client->verify_text, "");
    assert_true(client->peer_leaf_known);
    assert_true(client->alert_sent > 0);
    pair_fini(pair);
}

static void certificates_are_judged_at_the_given_time(void **state)
{
    (void)state;
    static const int64_t two_years = 2 * 366 * 86400;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int direction = -1; direction <= 1; direction += 2) {
            struct pair pair;
            pair_init(&pair, directory, version, 0, CREDENTIAL_RSA2048);
            pair.ends[ROLE_CLIENT].endpoint.verify_time += direction * two_years;
            check_refusal(&pair, VERIFY_PROBLEM_TIME);
        }
}

static void wrong_name_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, directory, TLS13, 0, CREDENTIAL_RSA2048);
    strcpy(pair.ends[ROLE_CLIENT].endpoint.peer_name, "other.tlsmatrix.example");
    check_refusal(&pair, VERIFY_PROBLEM_NAME);
}

static void unknown_root_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, directory, TLS13, 0, CREDENTIAL_RSA2048);
    snprintf(pair.ends[ROLE_CLIENT].endpoint.trust_file, PATH_LEN, "%s/ecdsa-p256/root.pem",
             directory);
    check_refusal(&pair, VERIFY_PROBLEM_CHAIN);
}

static void client_that_does_not_verify_accepts_anything(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, directory, TLS13, 0, CREDENTIAL_RSA2048);
    pair.ends[ROLE_CLIENT].endpoint.trust_file[0] = '\0';
    pair.ends[ROLE_CLIENT].endpoint.verify = VERIFY_NONE;
    assert_true(pair_expect(&pair, pair_connect(&pair), "no verification", TLS13));
    assert_false(pair.ends[ROLE_CLIENT].facts.verify_known);
    assert_true(pair.ends[ROLE_CLIENT].facts.peer_leaf_known);
    pair_fini(&pair);
}

/* ---- secrets and contexts ---- */

static void different_psks_do_not_meet(void **state)
{
    (void)state;
    for (uint16_t version = TLS12; version <= TLS13; version++) {
        struct pair pair;
        pair_init(&pair, directory, version, version == TLS13 ? 0 : SUITE_PSK, CREDENTIAL_NONE);
        pair_set_psk(&pair);
        pair.ends[ROLE_CLIENT].endpoint.psk[0] ^= 1;
        assert_false(pair_connect(&pair));
        pair_fini(&pair);
    }
}

/* Nothing of one connection may show in the next: no session, no ticket, no exporter value. */
static void context_serves_many_connections(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++) {
        struct pair pair;
        pair_init(&pair, directory, version, 0, CREDENTIAL_RSA2048);
        pair_make_mutual(&pair, directory, CREDENTIAL_RSA2048);
        assert_true(pair_connect(&pair) && pair_ends_agree(&pair));
        struct facts first = pair.ends[ROLE_CLIENT].facts;
        assert_true(pair_reconnect(&pair) && pair_ends_agree(&pair));
        assert_memory_not_equal(first.exporter, pair.ends[ROLE_CLIENT].facts.exporter,
                                EXPORTER_LEN);
        assert_memory_equal(first.peer_leaf_sha256, pair.ends[ROLE_CLIENT].facts.peer_leaf_sha256,
                            SHA256_LEN);
        pair_fini(&pair);
    }
}

/* ---- closing ---- */

static enum io_status say_goodbye(struct end *end)
{
    return tls_stack->close_notify(end->connection);
}

static enum io_status read_on(struct end *end)
{
    char byte;
    size_t num_done;
    return tls_stack->read(end->connection, &byte, &num_done, 1);
}

static void close_notify_is_told_from_the_end_of_tcp(void **state)
{
    (void)state;
    for (uint16_t version = TLS10; version <= TLS13; version++)
        for (int clean = 0; clean < 2; clean++) {
            struct pair pair;
            pair_init(&pair, directory, version, 0, CREDENTIAL_RSA2048);
            assert_true(pair_connect(&pair));
            if (clean)
                assert_int_equal(say_goodbye(&pair.ends[ROLE_CLIENT]), IO_DONE);
            else
                shutdown(pair.sockets[ROLE_CLIENT], SHUT_WR);
            assert_int_equal(read_on(&pair.ends[ROLE_SERVER]), clean ? IO_CLOSED : IO_EOF);
            assert_int_equal(pair.ends[ROLE_SERVER].facts.alert_received, -1);
            assert_int_equal(pair.ends[ROLE_CLIENT].facts.alert_sent, -1);
            pair_fini(&pair);
        }
}

static enum io_status shake(struct end *end)
{
    return tls_stack->handshake(end->connection);
}

static void end_of_tcp_during_the_handshake_is_eof(void **state)
{
    (void)state;
    for (uint16_t version = TLS12; version <= TLS13; version++) {
        struct pair pair;
        pair_init(&pair, directory, version, 0, CREDENTIAL_RSA2048);
        assert_true(pair_connect(&pair)); /* everything is configured */
        struct end *client = &pair.ends[ROLE_CLIENT];
        tls_stack->connection_free(client->connection);
        shutdown(pair.sockets[ROLE_SERVER], SHUT_WR);
        assert_int_equal(tls_stack->connection_new(&client->connection, client->context,
                                                   &client->endpoint, pair.sockets[ROLE_CLIENT],
                                                   &client->facts, &client->err),
                         0);
        enum io_status status = IO_WANT_READ;
        for (int i = 0; i < 3 && status == IO_WANT_READ; i++)
            status = shake(client);
        assert_int_equal(status, IO_EOF);
        pair_fini(&pair);
    }
}

/* server_name without even the length of its list: BoringSSL refuses it with an alert, and says
 * nothing in its error queue. */
static void who_sends_a_fatal_alert_has_refused(void **state)
{
    (void)state;
    static const uint8_t client_hello[] = {
        0x16, 0x03, 0x01, 0x00, 0x33, /* record of 51 bytes */
        0x01, 0x00, 0x00, 0x2F, 0x03, 0x03, 1,    2,  3,  4,  5,  6,  7,
        8,    9,    10,   11,   12,   13,   14,   15, 16, 17, 18, 19, 20,
        21,   22,   23,   24,   25,   26,   27,   28, 29, 30, 31, 32, /* random */
        0x00, 0x00, 0x02, 0xC0, 0x13, 0x01, 0x00, /* no session, a suite, no compression */
        0x00, 0x04, 0x00, 0x00, 0x00, 0x00        /* server_name, empty */
    };
    struct pair pair;
    pair_init(&pair, directory, TLS12, SUITE_ECDHE_RSA, CREDENTIAL_RSA2048);
    assert_true(pair_connect(&pair)); /* everything is configured */
    struct end *server = &pair.ends[ROLE_SERVER];
    tls_stack->connection_free(server->connection);
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    assert_int_equal(write(sockets[0], client_hello, sizeof client_hello), sizeof client_hello);
    facts_init(&server->facts);
    assert_int_equal(tls_stack->connection_new(&server->connection, server->context,
                                               &server->endpoint, sockets[1], &server->facts,
                                               &server->err),
                     0);
    assert_int_equal(shake(server), IO_FAILED);
    assert_int_equal(server->facts.alert_sent, ALERT_DECODE_ERROR);
    char words[sizeof server->facts.error_text];
    memcpy(words, server->facts.error_text, sizeof words);
    assert_true(words[0] != '\0');
    assert_int_equal(shake(server), IO_FAILED); /* again, and for the same reason */
    assert_string_equal(server->facts.error_text, words);
    close(sockets[0]);
    close(sockets[1]);
    pair_fini(&pair);
}

/* ---- by hand ---- */

static void cipher_strings_are_the_librarys_own(void **state)
{
    (void)state;
    struct error err;
    char *text = NULL;
    size_t text_len = 0;
    FILE *out = open_memstream(&text, &text_len);
    assert_int_equal(tls_stack->print_ciphers(out, "ECDHE-RSA-AES128-SHA", &err), 0);
    fflush(out);
    assert_non_null(strstr(text, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
    assert_null(strstr(text, "AES_256_CBC"));
    assert_null(strstr(text, "TLS_AES_")); /* of TLS 1.3, which the string does not speak of */
    assert_int_equal(tls_stack->print_ciphers(out, "RC4", &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    fclose(out);
    free(text);
}

static int describe(char **text, const char *name, struct error *err)
{
    char path[PATH_LEN];
    size_t text_len = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = open_memstream(text, &text_len);
    int result = tls_stack->describe_file(out, path, err);
    fclose(out);
    return result;
}

static void pem_files_are_described(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *expected;
    } files[] = { { "rsa2048/server-chain.pem", FORGE_SERVER_NAME },
                  { "ecdsa-p256/server-chain.pem", "ecdsa-with-SHA" },
                  { "rsa2048/server-key.pem", "2048 bit" },
                  { "ed25519/server-key.pem", "ED25519, 32 bytes" },
                  { "ecdsa-p256/server-key.pem", "256 bit" } };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char *text = NULL;
        struct error err = { 0 };
        assert_int_equal(describe(&text, files[i].name, &err), 0);
        if (strstr(text, files[i].expected) == NULL)
            fail_msg("%s: no %s in\n%s", files[i].name, files[i].expected, text);
        free(text);
    }
}

static void other_files_are_not(void **state)
{
    (void)state;
    static const char *const names[] = { "CREDENTIALS.txt", "no-such-file.pem", "." };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *text = NULL;
        struct error err = { 0 };
        assert_int_equal(describe(&text, names[i], &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        assert_non_null(strstr(err.text, names[i]));
        free(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_suite_is_declined),
        cmocka_unit_test(old_suite_keeps_tls13_out),
        cmocka_unit_test(tls13_suite_keeps_older_versions_out),
        cmocka_unit_test(tls13_suites_are_kept_to_where_claimed),
        cmocka_unit_test(server_takes_the_clients_first_choice),
        cmocka_unit_test(groups_without_a_common_one_fail),
        cmocka_unit_test(key_of_another_certificate_is_refused_at_once),
        cmocka_unit_test(missing_client_certificate_is_refused),
        cmocka_unit_test(optional_client_certificate_may_be_missing),
        cmocka_unit_test(certificates_are_judged_at_the_given_time),
        cmocka_unit_test(wrong_name_is_refused),
        cmocka_unit_test(unknown_root_is_refused),
        cmocka_unit_test(client_that_does_not_verify_accepts_anything),
        cmocka_unit_test(different_psks_do_not_meet),
        cmocka_unit_test(context_serves_many_connections),
        cmocka_unit_test(close_notify_is_told_from_the_end_of_tcp),
        cmocka_unit_test(end_of_tcp_during_the_handshake_is_eof),
        cmocka_unit_test(who_sends_a_fatal_alert_has_refused),
        cmocka_unit_test(cipher_strings_are_the_librarys_own),
        cmocka_unit_test(pem_files_are_described),
        cmocka_unit_test(other_files_are_not),
    };
    struct error err;
    signal(SIGPIPE, SIG_IGN); /* as main() of the peers does */
    directory = getenv("TLSMATRIX_CREDENTIALS");
    if (directory == NULL || tls_stack->capabilities(&caps, &err) != 0) {
        fprintf(stderr, "TLSMATRIX_CREDENTIALS must name a directory\n");
        return 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
