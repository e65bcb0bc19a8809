/* Every row of the table of causes, provoked by a story made by hand; and stories that nobody may
 * be accused for. Which row it was is asserted, so that none can hide behind an earlier one. */
#include "stories.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS_MAX = 128 };

static const struct row *const stories[] = { stories_before, stories_trust, stories_end };

enum { NUM_TABLES = sizeof stories / sizeof stories[0] };

static void check_row(const struct row *row)
{
    struct finding finding;
    tell(&finding, row);
    if (finding.cause == NULL || strcmp(finding.cause->id, row->id) != 0 ||
        strstr(finding.sentence, row->sentence) == NULL)
        fail_msg("%s, '%s': %s: %s", row->id, row->sentence,
                 finding.cause == NULL ? "nothing" : finding.cause->id, finding.sentence);
    assert_null(strchr(finding.sentence, '{'));
    assert_null(strchr(finding.why, '{'));
}

static void each_cause_is_found_by_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TABLES; i++)
        for (const struct row *row = stories[i]; row->far != END; row++)
            check_row(row);
}

static void mark_found(bool found[ROWS_MAX], const struct row *story)
{
    const struct cause_row *row;
    struct finding finding;
    tell(&finding, story);
    for (size_t j = 0; (row = explain_cause_row(j)) != NULL && j < ROWS_MAX; j++)
        found[j] |= row == finding.cause;
}

static void no_row_is_out_of_reach(void **state)
{
    bool found[ROWS_MAX] = { false };
    const struct cause_row *row;
    (void)state;
    for (size_t i = 0; i < NUM_TABLES; i++)
        for (const struct row *story = stories[i]; story->far != END; story++)
            mark_found(found, story);
    for (size_t j = 0; (row = explain_cause_row(j)) != NULL; j++) {
        assert_true(j < ROWS_MAX);
        if (!found[j])
            fail_msg("no test provokes %s: %s", row->id, row->sentence);
    }
}

static void a_session_that_worked_is_not_accused(void **state)
{
    (void)state;
    for (const struct row *row = stories_worked; row->far != END; row++) {
        struct finding finding;
        tell(&finding, row);
        assert_null(finding.cause);
        assert_int_equal(finding.outcome, OUTCOME_COMPLETED);
    }
}

/* What may as well have gone well is named at most as possible, and not as a failure. */
static void a_doubt_is_no_failure(void **state)
{
    (void)state;
    for (const struct row *row = stories_doubted; row->far != END; row++) {
        struct finding finding;
        tell(&finding, row);
        assert_int_equal(finding.outcome, OUTCOME_UNUSED);
        assert_non_null(finding.cause);
        assert_int_equal(finding.cause->confidence, CONFIDENCE_POSSIBLE);
    }
}

static void server_cut(struct made *made)
{
    made->facts.complete = false;
}

static void a_certificate_cut_is_not_called_encrypted(void **state)
{
    static const struct row cut = { NULL, NULL, SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0, server_cut };
    struct finding finding;
    (void)state;
    tell(&finding, &cut);
    assert_non_null(strstr(finding.why, "not captured whole"));
    assert_null(strstr(finding.why, "encrypted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_is_found_by_its_row),
        cmocka_unit_test(no_row_is_out_of_reach),
        cmocka_unit_test(a_session_that_worked_is_not_accused),
        cmocka_unit_test(a_doubt_is_no_failure),
        cmocka_unit_test(a_certificate_cut_is_not_called_encrypted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
