/* What a kept capture says of its case is read as it was written; other comments are no case. */
#include "captures/case_comment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct case_comment written = {
    .id = "openssl-boringssl/tls1.3/aes128gcm:any/x25519/ecdsa-p256/mutual-none-sent/off",
    .client = "OpenSSL 3.0.22",
    .server = "BoringSSL (API 17)",
    .expected = "refused, no-client-certificate",
    .verdict = "fail wrong-alert: the server: sent nothing",
    .options = " --stacks openssl --stack boringssl=/opt/peer-1.2 --fault boringssl=late-flight",
    .capture = "complete",
    .verified_at = 1767225600,
};

static void read_text(struct case_comment *out, const char *text)
{
    case_comment_read(out, text, strlen(text));
}

static void what_was_written_is_read(void **state)
{
    char text[CASE_COMMENT_MAX];
    struct case_comment got;
    (void)state;
    read_text(&got, case_comment_write(text, &written));
    assert_non_null(strstr(text, "\nverified at: 2026-01-01T00:00:00Z\n"));
    assert_string_equal(got.id, written.id);
    assert_string_equal(got.client, written.client);
    assert_string_equal(got.server, written.server);
    assert_string_equal(got.expected, written.expected);
    assert_string_equal(got.verdict, written.verdict);
    assert_string_equal(got.options, written.options);
    assert_string_equal(got.addresses, "");
    assert_string_equal(got.capture, written.capture);
    assert_int_equal(got.verified_at, written.verified_at);
    assert_true(case_comment_is_red(&got));
}

static void a_hint_names_case_verdict_and_command(void **state)
{
    char hint[CASE_COMMENT_HINT_MAX];
    const struct case_comment nothing = { .verdict = "fail" };
    (void)state;
    case_comment_hint(hint, &written);
    assert_non_null(
        strstr(hint, "judged fail wrong-alert: tlsmatrix rerun -v 'openssl-boringssl/"));
    assert_non_null(strstr(hint, "/off' --stacks openssl --stack boringssl=/opt/peer-1.2 "));
    assert_null(strstr(hint, "sent nothing"));
    assert_string_equal(case_comment_hint(hint, &nothing), "");
}

static void a_reason_of_two_lines_stays_in_its_own(void **state)
{
    char text[CASE_COMMENT_MAX];
    struct case_comment got, broken = written;
    (void)state;
    strcpy(broken.verdict, "pass\ncase: another");
    read_text(&got, case_comment_write(text, &broken));
    assert_string_equal(got.id, written.id);
    assert_string_equal(got.verdict, "pass case: another");
}

static void options_are_words_for_a_shell(void **state)
{
    static const char *const texts[] = {
        " --stack a=/b; reboot", " --stack 'a=/b c'", " rm", "--x", " --stack a=$(b)", ""
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[CASE_COMMENT_MAX];
        struct case_comment got, other = written;
        snprintf(other.options, sizeof other.options, "%s", texts[i]);
        read_text(&got, case_comment_write(text, &other));
        assert_string_equal(got.id, written.id);
        assert_string_equal(got.options, "");
    }
}

static void what_passed_is_not_red(void **state)
{
    static const char *const verdicts[] = { "pass", "xfail wrong-alert: known", "unsupported",
                                            "strange" };
    (void)state;
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        struct case_comment comment = written;
        snprintf(comment.verdict, sizeof comment.verdict, "%s", verdicts[i]);
        assert_false(case_comment_is_red(&comment));
    }
}

static void comments_of_others_are_no_case(void **state)
{
    static const char *const texts[] = {
        "",
        "case",
        "case: ",
        "case:\n:\n: \n",
        "case: 4711 of the customer's\n",
        "case: a/b\nno: verdict\n",
        "case: a'; reboot '\nverdict: fail\n",
        "verified at: tomorrow\nverdict: fail\n",
        "verified at: 2026-01-01T00:00:00Zzz\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct case_comment got;
        read_text(&got, texts[i]);
        assert_string_equal(got.id, "");
        assert_int_equal(got.verified_at, 0);
        assert_false(case_comment_is_red(&got));
    }
}

static void what_is_no_text_is_not_shown(void **state)
{
    static const char text[] = "case: a/b\nverdict: fail \x1B[2J\0rest\n";
    struct case_comment got;
    (void)state;
    case_comment_read(&got, text, sizeof text - 1);
    assert_string_equal(got.verdict, "fail ?[2J?rest");
    assert_string_equal(got.id, "a/b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_hint_names_case_verdict_and_command),
        cmocka_unit_test(a_reason_of_two_lines_stays_in_its_own),
        cmocka_unit_test(options_are_words_for_a_shell),
        cmocka_unit_test(what_passed_is_not_red),
        cmocka_unit_test(comments_of_others_are_no_case),
        cmocka_unit_test(what_is_no_text_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
