/* Two runs side by side: what differs is named once and by its kind, and what does not is not. */
#include "matrix/report/diff.h"
#include "matrix/report/tests/runs.h"

#define CASE "tls1.3/any/any/rsa2048/server/off"

static const char *const one_stack[] = { "a", NULL };

/* Two runs of one case each, and what differs. */
static void diff_of(struct diff *diff, const struct made_case *before,
                    const struct made_case *after)
{
    struct error err = { 0 };
    struct results *a = make_run("one", one_stack), *b = make_run("two", one_stack);
    if (before != NULL)
        put_case(a, before);
    if (after != NULL)
        put_case(b, after);
    made_run_end(a);
    made_run_end(b);
    const struct diff_request request = { .a = made_path("one"), .b = made_path("two") };
    if (diff_run(diff, &request, &err) < 0)
        fail_msg("%s", err.text);
}

/* Exactly one group, of that kind and of one case. */
static void is_only(const struct diff *diff, enum difference difference, const char *title,
                    const char *detail)
{
    assert_int_equal(diff->found.num, 1);
    assert_int_equal(diff->found.all[0].difference, difference);
    assert_string_equal(diff->found.all[0].title, title);
    assert_string_equal(diff->found.all[0].detail, detail);
    assert_int_equal(diff->found.num_cases[difference], 1);
}

static void only(enum difference difference, const char *title, const char *detail,
                 const struct made_case *before, const struct made_case *after)
{
    struct diff diff;
    diff_of(&diff, before, after);
    is_only(&diff, difference, title, detail);
    diff_fini(&diff);
}

static void nothing_between(const struct made_case *before, const struct made_case *after,
                            uint64_t num_timing)
{
    struct diff diff;
    diff_of(&diff, before, after);
    assert_int_equal(diff.num_compared, 1);
    assert_int_equal(diff.found.num, 0);
    assert_int_equal(diff.found.num_timing, num_timing);
    diff_fini(&diff);
}

static const struct made_case plain = { .id = "a-a/" CASE };

static void equal_runs_differ_in_nothing(void **state)
{
    (void)state;
    nothing_between(&plain, &plain, 0);
}

static void a_failure_is_new_with_what_changed_in_the_facts(void **state)
{
    (void)state;
    only(DIFFERENCE_NEW_FAILURE, "pass -> fail wrong-alert: why",
         "server alert_sent: 40 handshake_failure -> 50 decode_error",
         &(struct made_case){ .id = "a-a/" CASE, .server = MADE_REFUSED("40") },
         &(struct made_case){ .id = "a-a/" CASE,
                              .verdict = VERDICT_FAIL,
                              .kind = KIND_WRONG_ALERT,
                              .reason = "why",
                              .server = MADE_REFUSED("50") });
}

static void a_failure_that_is_gone_is_fixed(void **state)
{
    (void)state;
    only(DIFFERENCE_FIXED, "crash -> pass: SIGSEGV", "",
         &(struct made_case){ .id = "a-a/" CASE, .verdict = VERDICT_CRASH, .reason = "SIGSEGV" },
         &plain);
}

static void a_failure_for_another_reason_is_no_new_one(void **state)
{
    (void)state;
    only(DIFFERENCE_OTHER_FAILURE, "fail no-alert -> timeout: late", "",
         &(struct made_case){
             .id = "a-a/" CASE, .verdict = VERDICT_FAIL, .kind = KIND_NO_ALERT, .reason = "x" },
         &(struct made_case){ .id = "a-a/" CASE, .verdict = VERDICT_TIMEOUT, .reason = "late" });
}

static void what_became_known_is_no_failure(void **state)
{
    (void)state;
    only(DIFFERENCE_VERDICT, "pass -> xfail wrong-alert: why", "", &plain,
         &(struct made_case){ .id = "a-a/" CASE,
                              .verdict = VERDICT_XFAIL,
                              .kind = KIND_WRONG_ALERT,
                              .reason = "why",
                              .deviation = "a.known" });
}

/* Inconclusive for a known reason is not red, for another it is. */
static void an_inconclusive_case_is_red_unless_its_reason_is_known(void **state)
{
    (void)state;
    const struct made_case known = {
        .id = "a-a/" CASE, .verdict = VERDICT_INCONCLUSIVE, .reason = "twin", .deviation = "a.known"
    };
    struct made_case unknown = known;
    unknown.deviation = NULL;
    only(DIFFERENCE_VERDICT, "pass -> inconclusive: twin", "", &plain, &known);
    only(DIFFERENCE_NEW_FAILURE, "pass -> inconclusive: twin", "", &plain, &unknown);
}

static void another_alert_that_is_allowed_too_is_told(void **state)
{
    (void)state;
    only(DIFFERENCE_ALERT, "server alert_sent: 40 handshake_failure -> 47 illegal_parameter", "",
         &(struct made_case){ .id = "a-a/" CASE, .server = MADE_REFUSED("40") },
         &(struct made_case){ .id = "a-a/" CASE, .server = MADE_REFUSED("47") });
}

static void another_parameter_is_told(void **state)
{
    (void)state;
    only(DIFFERENCE_PARAMETERS, "client group: x25519 -> secp256r1", "",
         &(struct made_case){ .id = "a-a/" CASE, .client = "{\"group\":\"x25519\"}" },
         &(struct made_case){ .id = "a-a/" CASE, .client = "{\"group\":\"secp256r1\"}" });
}

static void the_outcome_weighs_more_than_the_alert(void **state)
{
    (void)state;
    only(DIFFERENCE_OUTCOME,
         "server result: refused -> accepted; server stage: handshake -> done; server alert_sent: "
         "40 handshake_failure -> none",
         "", &(struct made_case){ .id = "a-a/" CASE, .server = MADE_REFUSED("40") },
         &(struct made_case){ .id = "a-a/" CASE,
                              .server = "{\"result\":\"accepted\",\"stage\":\"done\"}" });
}

static void a_key_that_nobody_knows_yet_is_compared_too(void **state)
{
    (void)state;
    only(DIFFERENCE_FACT, "client tickets: none -> 2", "",
         &(struct made_case){ .id = "a-a/" CASE, .client = "{\"result\":\"accepted\"}" },
         &(struct made_case){ .id = "a-a/" CASE,
                              .client = "{\"result\":\"accepted\",\"tickets\":2}" });
}

static void hashes_and_libraries_words_are_no_difference(void **state)
{
    (void)state;
    nothing_between(
        &(struct made_case){ .id = "a-a/" CASE,
                             .client = "{\"result\":\"accepted\",\"peer_leaf_sha256\":\"00\"}" },
        &(struct made_case){ .id = "a-a/" CASE,
                             .client = "{\"result\":\"accepted\",\"peer_leaf_sha256\":\"01\","
                                       "\"error_text\":\"in /tmp/x\"}" },
        0);
}

static void how_much_was_sent_before_a_reset_is_noise_that_is_told(void **state)
{
    (void)state;
    nothing_between(&(struct made_case){ .id = "a-a/" CASE, .client = "{\"result\":\"refused\"}" },
                    &(struct made_case){ .id = "a-a/" CASE,
                                         .client = "{\"result\":\"refused\",\"bytes_out\":32}" },
                    1);
}

/* Its twin: where both ends accepted nothing was broken off. */
static void how_much_was_sent_to_the_end_is_a_difference(void **state)
{
    (void)state;
    only(DIFFERENCE_FACT, "client bytes_out: 31 -> 32", "",
         &(struct made_case){ .id = "a-a/" CASE,
                              .client = "{\"result\":\"accepted\",\"bytes_out\":31}" },
         &(struct made_case){ .id = "a-a/" CASE,
                              .client = "{\"result\":\"accepted\",\"bytes_out\":32}" });
}

#define SWAPPED(a, b)                                                                              \
    &(struct made_case)                                                                            \
    {                                                                                              \
        .id = "a-a/" CASE a, .server = "{\"result\":\"refused\",\"alert_" b "\":10}"               \
    }

static void whose_alert_was_first_is_noise_where_an_attacker_sends_one(void **state)
{
    (void)state;
    nothing_between(SWAPPED("/alert-to-server", "sent"), SWAPPED("/alert-to-server", "received"),
                    1);
    only(DIFFERENCE_ALERT,
         "server alert_sent: 10 unexpected_message -> none; server alert_received: none -> 10 "
         "unexpected_message",
         "", SWAPPED("", "sent"), SWAPPED("", "received"));
    only(DIFFERENCE_ALERT, "server alert_sent: 40 handshake_failure -> 50 decode_error", "",
         &(struct made_case){ .id = "a-a/" CASE "/alert-x", .server = MADE_REFUSED("40") },
         &(struct made_case){ .id = "a-a/" CASE "/alert-x", .server = MADE_REFUSED("50") });
}

/* GnuTLS's server goes one way or the other; both are allowed, or the verdicts would differ. */
static void who_goes_on_beside_an_attackers_alert_is_noise(void **state)
{
    (void)state;
    nothing_between(
        &(struct made_case){ .id = "a-a/" CASE "/warning-to-server",
                             .server = "{\"result\":\"accepted\"}" },
        &(struct made_case){ .id = "a-a/" CASE "/warning-to-server", .server = MADE_REFUSED("10") },
        1);
    only(DIFFERENCE_OUTCOME,
         "server result: accepted -> refused; server stage: none -> handshake; server alert_sent: "
         "none -> 10 unexpected_message",
         "", &(struct made_case){ .id = "a-a/" CASE, .server = "{\"result\":\"accepted\"}" },
         &(struct made_case){ .id = "a-a/" CASE, .server = MADE_REFUSED("10") });
}

static void a_librarys_words_are_no_other_cause(void **state)
{
    static const char *const reasons[] = {
        "server: refused with decode_error (a (b) c); expected: x",
        "server: refused with decode_error (d); expected: x",
        "server: refused with bad_record_mac (d); expected: x",
        "server: refused with decode_error (d); expected: y",
        "server: refused with decode_error",
    };
    struct made_case cases[5];
    (void)state;
    for (size_t i = 0; i < 5; i++)
        cases[i] = (struct made_case){ .id = "a-a/" CASE,
                                       .verdict = VERDICT_FAIL,
                                       .kind = KIND_WRONG_ALERT,
                                       .reason = reasons[i] };
    nothing_between(&cases[0], &cases[1], 0);
    for (size_t i = 2; i < 5; i++) {
        struct diff diff;
        diff_of(&diff, &cases[0], &cases[i]);
        assert_int_equal(diff.found.num_cases[DIFFERENCE_OTHER_FAILURE], 1);
        diff_fini(&diff);
    }
}

static void cases_come_and_go(void **state)
{
    (void)state;
    const struct made_case red = { .id = "a-a/" CASE, .verdict = VERDICT_FAIL, .reason = "why" };
    only(DIFFERENCE_VANISHED, "pass", "", &plain, NULL);
    only(DIFFERENCE_NEW_CASE, "pass (a new case)", "", NULL, &plain);
    only(DIFFERENCE_NEW_FAILURE, "fail (a new case): why", "", NULL, &red);
}

static void twins_are_not_compared(void **state)
{
    (void)state;
    struct made_case twin = plain;
    struct diff diff;
    twin.twin = true;
    diff_of(&diff, &plain, &twin);
    is_only(&diff, DIFFERENCE_VANISHED, "pass", "");
    diff_fini(&diff);
}

/* ---- names of stacks ---- */

static int diff_mapped(struct diff *diff, const struct stack_map *maps, size_t num_maps,
                       struct error *err)
{
    static const char *const old[] = { "openssl", "z", NULL };
    static const char *const new[] = { "openssl-3.5", "z", NULL };
    static const char *const pairs[][2] = {
        { "openssl-openssl/" CASE, "openssl-3.5-openssl-3.5/" CASE },
        { "openssl-z/" CASE, "openssl-3.5-z/" CASE },
        { "raw-openssl/" CASE, "raw-openssl-3.5/" CASE },
        { "z-openssl/" CASE, "z-openssl-3.5/" CASE },
    };
    struct results *a = make_run("one", old), *b = make_run("two", new);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        put_case(a, &(struct made_case){ .id = pairs[i][0] });
        put_case(b, &(struct made_case){ .id = pairs[i][1] });
    }
    made_run_end(a);
    made_run_end(b);
    return diff_run(
        diff,
        &(struct diff_request){ .a = made_path("one"), .b = made_path("two"), maps, num_maps },
        err);
}

static void a_stack_may_have_another_name(void **state)
{
    (void)state;
    static const struct stack_map map = { "openssl", "openssl-3.5" };
    struct diff diff;
    struct error err = { 0 };
    assert_int_equal(diff_mapped(&diff, &map, 1, &err), 0);
    assert_int_equal(diff.num_compared, 4);
    assert_int_equal(diff.found.num, 0);
    diff_fini(&diff);
}

static void without_the_map_its_cases_are_others(void **state)
{
    (void)state;
    struct diff diff;
    struct error err = { 0 };
    assert_int_equal(diff_mapped(&diff, NULL, 0, &err), 0);
    assert_int_equal(diff.num_compared, 0);
    assert_int_equal(diff.found.num_cases[DIFFERENCE_VANISHED], 4);
    assert_int_equal(diff.found.num_cases[DIFFERENCE_NEW_CASE], 4);
    diff_fini(&diff);
}

static void a_map_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct stack_map map;
        const char *words;
    } rows[] = {
        { { "nobody", "z" }, "has no stack 'nobody'" },
        { { "openssl", "nobody" }, "has no stack 'nobody'" },
        { { "openssl", "z" }, "would both be 'z'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diff diff;
        struct error err = { 0 };
        assert_int_equal(diff_mapped(&diff, &rows[i].map, 1, &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        assert_non_null(strstr(err.text, rows[i].words));
        diff_fini(&diff);
    }
}

/* ---- capabilities ---- */

static void what_a_stack_can_and_could_not_is_told(void **state)
{
    (void)state;
    static struct capabilities less;
    struct diff diff;
    struct error err = { 0 };
    struct results *a = make_run("one", one_stack), *b = make_run("two", one_stack);
    fixture_rich(&less, "a");
    snprintf(less.library, sizeof less.library, "a 0.9");
    less.num_groups[NUM_TLS_VERSIONS - 1]--;
    less.features[FEATURE_CLIENT_AUTH] = false;
    assert_int_equal(results_put_stack(a, &less, &err), 0);
    made_run_end(a);
    made_run_end(b);
    assert_int_equal(
        diff_run(&diff, &(struct diff_request){ .a = made_path("one"), .b = made_path("two") },
                 &err),
        0);
    assert_int_equal(diff.found.num, 2);
    assert_int_equal(diff.found.num_cases[DIFFERENCE_CAPABILITY], 2);
    assert_string_equal(diff.found.all[0].title, "a features: now client-auth");
    assert_non_null(strstr(diff.found.all[1].title, "a versions tls1.3 groups: now "));
    diff_fini(&diff);
}

/* ---- two stacks in one run ---- */

static void two_stacks_are_compared_with_the_same_partner_each(void **state)
{
    (void)state;
    static const char *const stacks[] = { "a", "b", NULL };
    struct diff diff;
    struct error err = { 0 };
    struct results *run = make_run("one", stacks);
    /* As servers, met by a: b sends another alert. What a sends is a's. */
    put_case(run, &(struct made_case){ .id = "a-a/" CASE,
                                       .client = MADE_REFUSED("40"),
                                       .server = MADE_REFUSED("40") });
    put_case(run, &(struct made_case){ .id = "a-b/" CASE,
                                       .client = MADE_REFUSED("42"),
                                       .server = MADE_REFUSED("50") });
    made_run_end(run);
    assert_int_equal(diff_stacks(&diff, made_path("one"), "a", "b", &err), 0);
    assert_int_equal(diff.num_compared, 1);
    is_only(&diff, DIFFERENCE_ALERT, "server alert_sent: 40 handshake_failure -> 50 decode_error",
            "");
    assert_string_equal(diff.found.all[0].cases.example, "a-b/" CASE);
    diff_fini(&diff);
    assert_int_equal(diff_stacks(&diff, made_path("one"), "a", "c", &err), -1);
    assert_non_null(strstr(err.text, "has no stack 'c'"));
    diff_fini(&diff);
    assert_int_equal(diff_stacks(&diff, made_path("one"), "a", "a", &err), -1);
    diff_fini(&diff);
}

/* Neither of two stacks was before the other. */
static void what_one_of_two_stacks_cannot_is_no_loss(void **state)
{
    (void)state;
    static const char *const stacks[] = { "a", "b", NULL };
    static struct capabilities less;
    struct diff diff;
    struct error err = { 0 };
    struct results *run = make_run("one", stacks);
    fixture_rich(&less, "b");
    less.features[FEATURE_CLIENT_AUTH] = false;
    assert_int_equal(results_put_stack(run, &less, &err), 0);
    made_run_end(run);
    assert_int_equal(diff_stacks(&diff, made_path("one"), "a", "b", &err), 0);
    is_only(&diff, DIFFERENCE_CAPABILITY, "b features: without client-auth", "");
    diff_fini(&diff);
    assert_int_equal(diff_stacks(&diff, made_path("one"), "b", "a", &err), 0);
    is_only(&diff, DIFFERENCE_CAPABILITY, "a features: with client-auth", "");
    diff_fini(&diff);
}

/* The text of the comparison of a with b in the run "one". */
static char *told_comparison(void)
{
    struct diff diff;
    struct error err = { 0 };
    char *text = NULL;
    size_t len = 0;
    assert_int_equal(diff_stacks(&diff, made_path("one"), "a", "b", &err), 0);
    FILE *out = open_memstream(&text, &len);
    assert_int_equal(diff_tell(out, &diff, DIFF_TEXT, "title", &err), 0);
    fclose(out);
    diff_fini(&diff);
    return text;
}

static void where_nothing_was_compared_it_is_not_told_that_nothing_differs(void **state)
{
    (void)state;
    static const char *const stacks[] = { "a", "b", NULL };
    struct results *run = make_run("one", stacks);
    put_case(run, &(struct made_case){ .id = "a-a/" CASE, .client = MADE_REFUSED("40") });
    made_run_end(run);
    char *text = told_comparison();
    assert_non_null(strstr(text, "Cases that both have: 0. So none could be compared."));
    assert_null(strstr(text, "Nothing differs"));
    free(text);
    run = make_run("one", stacks);
    put_case(run, &(struct made_case){ .id = "a-a/" CASE, .client = MADE_REFUSED("40") });
    put_case(run, &(struct made_case){ .id = "b-a/" CASE, .client = MADE_REFUSED("40") });
    made_run_end(run);
    text = told_comparison();
    assert_non_null(strstr(text, "Cases that both have: 1. Nothing differs."));
    free(text);
}

/* ---- the outputs ---- */

static void every_format_names_what_differs(void **state)
{
    (void)state;
    struct diff diff;
    struct error err = { 0 };
    diff_of(&diff, &(struct made_case){ .id = "a-a/" CASE, .server = MADE_REFUSED("40") },
            &(struct made_case){ .id = "a-a/" CASE,
                                 .verdict = VERDICT_FAIL,
                                 .kind = KIND_WRONG_ALERT,
                                 .reason = "the <b>reason</b> | of `it`",
                                 .server = MADE_REFUSED("50") });
    static const char *const reasons[NUM_DIFF_FORMATS] = {
        [DIFF_TEXT] = "the <b>reason</b> | of `it`",
        [DIFF_MARKDOWN] = "the &#60;b&#62;reason&#60;/b&#62; &#124; of &#96;it&#96;",
        [DIFF_HTML] = "the &lt;b&gt;reason&lt;/b&gt; | of `it`",
        [DIFF_JSON] = "the <b>reason</b> | of `it`",
    };
    for (int format = 0; format < NUM_DIFF_FORMATS; format++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        assert_int_equal(diff_tell(out, &diff, (enum diff_format)format, "title", &err), 0);
        fclose(out);
        assert_non_null(strstr(text, reasons[format]));
        assert_non_null(
            strstr(text, format == DIFF_MARKDOWN ? "decode&#95;error" : "decode_error"));
        assert_non_null(strstr(text, "a-a/" CASE));
        free(text);
    }
    diff_fini(&diff);
}

static void results_that_are_not_there_are_refused(void **state)
{
    (void)state;
    struct diff diff;
    struct error err = { 0 };
    assert_int_equal(
        diff_run(&diff, &(struct diff_request){ .a = made_path("nowhere"), .b = made_path("two") },
                 &err),
        -1);
    assert_int_equal(err.class, ERROR_USAGE);
    diff_fini(&diff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_runs_differ_in_nothing),
        cmocka_unit_test(a_failure_is_new_with_what_changed_in_the_facts),
        cmocka_unit_test(a_failure_that_is_gone_is_fixed),
        cmocka_unit_test(a_failure_for_another_reason_is_no_new_one),
        cmocka_unit_test(what_became_known_is_no_failure),
        cmocka_unit_test(an_inconclusive_case_is_red_unless_its_reason_is_known),
        cmocka_unit_test(another_alert_that_is_allowed_too_is_told),
        cmocka_unit_test(another_parameter_is_told),
        cmocka_unit_test(the_outcome_weighs_more_than_the_alert),
        cmocka_unit_test(a_key_that_nobody_knows_yet_is_compared_too),
        cmocka_unit_test(hashes_and_libraries_words_are_no_difference),
        cmocka_unit_test(how_much_was_sent_before_a_reset_is_noise_that_is_told),
        cmocka_unit_test(how_much_was_sent_to_the_end_is_a_difference),
        cmocka_unit_test(whose_alert_was_first_is_noise_where_an_attacker_sends_one),
        cmocka_unit_test(who_goes_on_beside_an_attackers_alert_is_noise),
        cmocka_unit_test(a_librarys_words_are_no_other_cause),
        cmocka_unit_test(cases_come_and_go),
        cmocka_unit_test(twins_are_not_compared),
        cmocka_unit_test(a_stack_may_have_another_name),
        cmocka_unit_test(without_the_map_its_cases_are_others),
        cmocka_unit_test(a_map_that_makes_no_sense_is_refused),
        cmocka_unit_test(what_a_stack_can_and_could_not_is_told),
        cmocka_unit_test(two_stacks_are_compared_with_the_same_partner_each),
        cmocka_unit_test(what_one_of_two_stacks_cannot_is_no_loss),
        cmocka_unit_test(where_nothing_was_compared_it_is_not_told_that_nothing_differs),
        cmocka_unit_test(every_format_names_what_differs),
        cmocka_unit_test(results_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, make_directory, NULL);
}
