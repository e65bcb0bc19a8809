/* Differences and what becomes of them: a healthy script shows none, a stack that lies is found
 * out, its twin that does not is not, and a minimised script shows what the long one did. */
#include "fuzz/differential/findings.h"
#include "fuzz/differential/rules.h"
#include "fuzz/differential/tests/with_ensemble.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- plays ---- */

/* What is repeated is put in. */
static void a_repetition_is_an_edit(void **state)
{
    static const char *const texts[] = { SERVER13 "edit 0 offset 69 bytes 13011301\n",
                                         SERVER13 "repeat 0 offset 69 drop 2 bytes 02\n" };
    struct touched touched[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct script script;
        struct writer room;
        struct error err = { 0 };
        make(&script, &room, texts[i]);
        touched_read(&touched[i], &script, ensemble_log(ensemble, &script, &err));
        writer_fini(&room);
    }
    assert_int_equal(touched[0].num_words, 1);
    assert_int_equal(touched[1].num_words, 1);
    assert_string_equal(touched[0].words[0], touched[1].words[0]);
    assert_int_equal(touched[0].steps, touched[1].steps);
    assert_int_equal(touched[0].num_shifting, touched[1].num_shifting);
}

static void first_word(char out[TOUCHED_WORD_LEN], const char *text)
{
    struct touched touched;
    struct script script;
    struct writer room;
    struct error err = { 0 };
    make(&script, &room, text);
    touched_read(&touched, &script, ensemble_log(ensemble, &script, &err));
    snprintf(out, TOUCHED_WORD_LEN, "%s", touched.words[0]);
    writer_fini(&room);
}

/* RFC 8446 does not bind who may yet become an end of TLS 1.2, nor its section 5.4 what is sent in
 * the clear. */
static void what_the_text_is_not_about_is_told_apart(void **state)
{
    static const char *const rows[][2] = {
        { SERVER13 "retry yes\nrecord 1 offset 21\n", "record:alert.empty.clear:handshake" },
        { SERVER13 "record 2 offset 21\n", "record:alert.empty:handshake" },
        { SERVER13 "record 1 offset 20\n", "record:change_cipher_spec.empty:handshake" },
        { SERVER13 "record 0 offset 21 bytes 0172\n",
          "record:alert.warning.bad_certificate_hash_value:first" },
        { "victim server\nversions both\nrecord 0 offset 21 bytes 0172\n",
          "record:alert.warning.bad_certificate_hash_value:first.open" },
        { "victim client\nversions both\nmessage 0\n", "message:hello_request:server_hello.open" },
        { "victim client\nversions both\nrecord 2 offset 22 bytes 00000000\n",
          "record:handshake.hello_request:handshake" },
        { "victim client\nversions lower\nbulk 0 offset 22\n", "bulk:handshake.empty:first.open" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char word[TOUCHED_WORD_LEN];
        first_word(word, rows[i][0]);
        assert_string_equal(word, rows[i][1]);
    }
}

static void compare_text(struct disagreement *out, const char *text)
{
    struct script script;
    struct writer room;
    struct error err = { 0 };
    make(&script, &room, text);
    if (ensemble_compare(ensemble, out, &script, true, &err) != 0)
        fail_msg("%s", err.text);
    writer_fini(&room);
}

static void assert_agreed(const char *text)
{
    struct disagreement found;
    compare_text(&found, text);
    if (found.worst != DIFFERENCE_NONE)
        fail_msg("%s", found.signature);
}

static void healthy_scripts_show_no_difference(void **state)
{
    (void)state;
    for (unsigned options = 0; options < OPTIONS_NUM; options += 3) {
        struct script script;
        struct error err = { 0 };
        script_of_options(&script, (uint16_t)options);
        ensemble_align(&script);
        if (ensemble_log(ensemble, &script, &err) == NULL)
            fail_msg("%s", err.text);
    }
}

/* Two refuse the one, as a finding has it; the other is one stack's end of the handshake. */
#define TWO_FAULTS SERVER13 "retry yes\nedit 1 offset 116 bytes 99\nrecord 1 offset 21 bytes 015a\n"

static bool covered_by_steps(const struct findings *findings, const char *text)
{
    struct script script;
    struct writer room;
    struct error err = { 0 };
    bool covered;
    make(&script, &room, text);
    if (findings_cover_steps(&covered, findings, ensemble, &script, &err) != 0)
        fail_msg("%s", err.text);
    writer_fini(&room);
    return covered;
}

static void faults_that_are_known_alone_are_known_together(void **state)
{
    struct findings known, none = { .num = 0 };
    struct error err = { 0 };
    (void)state;
    assert_int_equal(
        findings_read(&known, ensemble, SOURCE_DIR "/fuzz/differential/findings", &err), 0);
    assert_true(covered_by_steps(&known, TWO_FAULTS));
    assert_false(covered_by_steps(&none, TWO_FAULTS));
    /* One step is a matter of its own. */
    assert_false(covered_by_steps(&known, SERVER13 "retry yes\nedit 1 offset 116 bytes 99\n"));
    /* Each is borne by all, both together are too many for some. */
    assert_true(covered_by_steps(&known, CLIENT13 "update connected drop 1\n"
                                                  "update connected drop 1\n"));
    assert_false(covered_by_steps(&known, CLIENT13 "update connected drop 19\n"
                                                   "update connected drop 19\n"));
    findings_free(&known);
}

/* While the version is open a warning is an error to who supports TLS 1.3 alone. */
static void a_warning_that_ends_it_is_an_alert_to_all(void **state)
{
    (void)state;
    assert_agreed(SERVER13 "retry yes\nstop 2 bytes 1503030002012e\n");
}

/* Where it is written over with itself nothing is changed, to none of them. */
static void a_signature_is_as_long_to_all(void **state)
{
    (void)state;
    assert_agreed(SERVER13 MUTUAL "retry yes\nsplice 3 offset 1 drop 3 bytes 00004b\n");
    assert_agreed(SERVER12 MUTUAL "splice 3 offset 1 drop 3 bytes 00004b\n");
}

/* The byte lies behind the ClientHello of the one's session, and within that of the other's. */
static void who_has_other_tickets_is_not_accused(void **state)
{
    struct script behind, elsewhere;
    struct writer room, other_room;
    struct disagreement found;
    struct error err = { 0 };
    (void)state;
    make(&behind, &room, SERVER13 "resumption yes\npatch 0 offset 440 drop 1 bytes a7\n");
    ensemble_align(&behind);
    assert_false(behind.resumption);
    assert_int_equal(ensemble_compare(ensemble, &found, &behind, true, &err), 0);
    assert_int_equal(found.worst, DIFFERENCE_NONE);
    make(&elsewhere, &other_room, SERVER13 "resumption yes\nfragment 0 offset 40\nskip 1\n");
    ensemble_align(&elsewhere);
    assert_true(elsewhere.resumption);
    writer_fini(&other_room);
    writer_fini(&room);
}

#define REFUSED_BY_ALL CLIENT13 "skip 3\n"

/* A stack that reports another alert than it has sent. */
static const struct tls_stack *honest;

static void lie(struct stack_connection *connection, struct facts *facts)
{
    honest->connection_facts(connection, facts);
    if (facts->alert_sent == ALERT_UNEXPECTED_MESSAGE)
        facts->alert_sent = ALERT_INTERNAL_ERROR;
}

static void a_stack_that_lies_is_found_out_and_its_twin_is_not(void **state)
{
    struct disagreement found;
    static struct tls_stack lying; /* the player keeps what it made with it */
    (void)state;
    assert_agreed(REFUSED_BY_ALL);
    honest = ensemble->stacks[1].stack;
    lying = *honest;
    lying.connection_facts = lie;
    ensemble->stacks[1].stack = &lying;
    compare_text(&found, REFUSED_BY_ALL);
    ensemble->stacks[1].stack = honest;
    assert_int_equal(found.worst, DIFFERENCE_ALERT);
    assert_string_equal(found.signature,
                        "client tls1.3 alert openssl=refused/unexpected_message "
                        "boringssl=refused/internal_error gnutls=refused/unexpected_message: "
                        "skip:certificate_verify");
    assert_agreed(REFUSED_BY_ALL);
}

/* Of two stacks that shook hands and were told to close. */
static void compare_two(struct disagreement *out, struct outcome second)
{
    const struct outcome healthy = {
        .accepted = true, .ending = ENDING_CLOSED, .alert_sent = -1, .alert_received = -1
    };
    const struct compared both[] = { { .name = "one", .outcome = healthy },
                                     { .name = "other", .outcome = second } };
    const struct touched touched = { 0 };
    struct script script;
    struct writer room;
    make(&script, &room, CLIENT13);
    compare(out, both, 2, &script, &touched, false);
    writer_fini(&room);
}

static void a_broken_invariant_is_the_worst_and_who_was_spared_is_not_compared(void **state)
{
    struct outcome second = {
        .accepted = true, .ending = ENDING_CLOSED, .alert_sent = -1, .alert_received = -1
    };
    struct disagreement found;
    (void)state;
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_NONE);
    second.broken = "a stall";
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_BROKEN);
    second = (struct outcome){ .ending = ENDING_REFUSED,
                               .alert_sent = ALERT_DECODE_ERROR,
                               .alert_received = -1 };
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_ACCEPTED);
    second.spared = true;
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_NONE);
}

/* One step of five does it, and half of its bytes. */
static void a_minimised_script_shows_the_same(void **state)
{
    static const char text[] = CLIENT13 "authentication mutual\n"
                                        "segment 0\n"
                                        "fragment 0 offset 300\n"
                                        "edit 1 offset 2 bytes 1234000012350000\n"
                                        "update connected\n"
                                        "coalesce 2 offset 1\n";
    struct script script;
    struct writer room, small;
    struct disagreement before, after;
    struct error err = { 0 };
    (void)state;
    make(&script, &room, text);
    writer_init(&small, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    assert_int_equal(ensemble_compare(ensemble, &before, &script, false, &err), 0);
    assert_int_equal(before.worst, DIFFERENCE_ACCEPTED);
    assert_int_equal(ensemble_minimise(ensemble, &after, &script, &small, 500, &err), 0);
    assert_string_equal(after.facts, before.facts);
    assert_int_equal(script.num_steps, 1);
    assert_int_equal(script.steps[0].kind, STEP_EDIT);
    assert_int_equal(script.steps[0].bytes_len, 4);
    assert_int_equal(script.authentication, AUTHENTICATION_SERVER);
    assert_string_equal(strchr(after.signature, ':'), ": edit:encrypted_extensions:unknown");
    writer_fini(&small);
    writer_fini(&room);
}

/* Without the record the difference is one that a rule covers: the record has nothing to do with
 * it. */
static void what_a_rule_explains_is_no_disagreement(void **state)
{
    static const char text[] =
        SERVER13 "edit 0 offset 65535 bytes 000e0000\nrecord connected offset 23\n";
    struct script script;
    struct writer room, small;
    struct disagreement before, after;
    struct error err = { 0 };
    (void)state;
    make(&script, &room, text);
    writer_init(&small, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    assert_int_equal(ensemble_compare(ensemble, &before, &script, false, &err), 0);
    assert_int_equal(before.worst, DIFFERENCE_ACCEPTED);
    assert_int_equal(ensemble_minimise(ensemble, &after, &script, &small, 100, &err), 0);
    assert_int_equal(after.worst, DIFFERENCE_NONE);
    assert_int_equal(script.num_steps, 1);
    writer_fini(&small);
    writer_fini(&room);
}

/* What is written down is found again; with a stack's line changed it does not stand. */
static void a_finding_stands_until_a_stack_does_otherwise(void **state)
{
    struct finding finding = { .name = "test", .num_signatures = 1 };
    struct disagreement found;
    struct error err = { 0 };
    bool held;
    FILE *nowhere = fopen("/dev/null", "w");
    (void)state;
    make(&finding.script, &finding.room, CLIENT13 "edit 1 offset 2 bytes 12340000\n");
    assert_int_equal(ensemble_compare(ensemble, &found, &finding.script, true, &err), 0);
    memcpy(finding.signatures[0], found.signature, sizeof found.signature);
    strcpy(finding.expected[0], "taken");
    strcpy(finding.expected[1], "refused/unsupported_extension");
    strcpy(finding.expected[2], "taken");
    assert_int_equal(finding_check(&held, &finding, ensemble, stdout, &err), 0);
    assert_true(held);
    strcpy(finding.expected[2], "refused/unsupported_extension");
    assert_int_equal(finding_check(&held, &finding, ensemble, nowhere, &err), 0);
    assert_false(held);
    strcpy(finding.expected[2], "taken");
    strcpy(finding.signatures[0], "client tls1.3 alert *");
    assert_int_equal(finding_check(&held, &finding, ensemble, nowhere, &err), 0);
    assert_false(held);
    fclose(nowhere);
    writer_fini(&finding.room);
}

/* ---- a folder of findings ---- */

#define FINDING(signature_text)                                                                    \
    "# title: t\n# rfc: r\n# wrong: openssl\n# openssl: a\n# boringssl: a\n# gnutls: a\n"          \
    "# signature: " signature_text "\n" CLIENT13 "skip 1\n"

/* Reads one of this text; NULL: it is taken. */
static const char *complaint_about(const char *text)
{
    static struct error err;
    char folder[] = "/tmp/tlsmatrix-findings-XXXXXX", path[sizeof folder + 16];
    struct findings findings;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/one.script", folder);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    int result = findings_read(&findings, ensemble, folder, &err);
    if (result == 0)
        findings_free(&findings);
    unlink(path);
    rmdir(folder);
    return result == 0 ? NULL : err.text;
}

static void a_finding_says_which_kind_it_covers(void **state)
{
    (void)state;
    assert_null(complaint_about(FINDING("client tls1.3 @(alert|told) *")));
    assert_non_null(strstr(complaint_about(FINDING("client tls1.3 * openssl=taken")),
                           "one.script: does not say: which kind"));
    assert_non_null(complaint_about(FINDING("client tls1.3 al?rt openssl=taken")));
    assert_non_null(complaint_about(FINDING("client *")));
}

static void a_finding_of_a_first_flight_names_its_raw_hello(void **state)
{
    static const char first[] = "# title: t\n# rfc: r\n# wrong: openssl\n# openssl: a\n"
                                "# boringssl: a\n# gnutls: a\n# signature: client tls1.3 alert *\n";
    char text[sizeof first + 128];
    (void)state;
    snprintf(text, sizeof text, "%s" CLIENT13 "edit 0 drop 1\n", first);
    assert_non_null(strstr(complaint_about(text), "one.script: does not say: hello"));
    snprintf(text, sizeof text, "%s# hello: sh13-compression\n" CLIENT13 "edit 0 drop 1\n", first);
    assert_null(complaint_about(text));
    snprintf(text, sizeof text, "%s" CLIENT13 "edit 0 drop 1\nedit 1 drop 1\n", first);
    assert_null(complaint_about(text));
}

/* Of another release than is here it must not be so; of this one it must. */
static void a_finding_of_one_release_stands_with_that_alone(void **state)
{
    struct finding finding = { .name = "test", .num_signatures = 1 };
    struct error err = { 0 };
    FILE *nowhere = fopen("/dev/null", "w");
    bool held;
    (void)state;
    make(&finding.script, &finding.room, CLIENT13 "edit 1 offset 2 bytes 12340000\n");
    strcpy(finding.signatures[0], "client tls1.3 accepted openssl=taken *");
    strcpy(finding.expected[0], "taken");
    strcpy(finding.expected[1], "refused/unsupported_extension");
    strcpy(finding.expected[2], "taken");
    snprintf(finding.release, sizeof finding.release, "openssl %s",
             ensemble->stacks[0].capabilities.release);
    assert_int_equal(finding_check(&held, &finding, ensemble, stdout, &err), 0);
    assert_true(held);
    strcpy(finding.release, "openssl 0.9.8");
    assert_int_equal(finding_check(&held, &finding, ensemble, nowhere, &err), 0);
    assert_false(held);
    strcpy(finding.signatures[0], "client tls1.2 accepted openssl=taken *");
    assert_int_equal(finding_check(&held, &finding, ensemble, stdout, &err), 0);
    assert_true(held);
    fclose(nowhere);
    writer_fini(&finding.room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repetition_is_an_edit),
        cmocka_unit_test(what_the_text_is_not_about_is_told_apart),
        cmocka_unit_test(healthy_scripts_show_no_difference),
        cmocka_unit_test(faults_that_are_known_alone_are_known_together),
        cmocka_unit_test(a_warning_that_ends_it_is_an_alert_to_all),
        cmocka_unit_test(a_signature_is_as_long_to_all),
        cmocka_unit_test(who_has_other_tickets_is_not_accused),
        cmocka_unit_test(a_stack_that_lies_is_found_out_and_its_twin_is_not),
        cmocka_unit_test(a_broken_invariant_is_the_worst_and_who_was_spared_is_not_compared),
        cmocka_unit_test(a_minimised_script_shows_the_same),
        cmocka_unit_test(what_a_rule_explains_is_no_disagreement),
        cmocka_unit_test(a_finding_stands_until_a_stack_does_otherwise),
        cmocka_unit_test(a_finding_says_which_kind_it_covers),
        cmocka_unit_test(a_finding_of_a_first_flight_names_its_raw_hello),
        cmocka_unit_test(a_finding_of_one_release_stands_with_that_alone),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
