/* What is told beside an id, for a shell. */
#include "matrix/rerun_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char out[RERUN_OPTIONS_MAX];

static void stacks_as_they_are_need_nothing(void **state)
{
    (void)state;
    struct error err = { 0 };
    const char *const names[] = { "gnutls", "openssl" };
    const struct session_request request = { .stacks = names, .num_stacks = 2 };
    assert_int_equal(rerun_options(out, &(struct session_request){ 0 }, &err), 0);
    assert_string_equal(out, "");
    assert_int_equal(rerun_options(out, &request, &err), 0);
    assert_string_equal(out, "");
}

static void other_programs_are_named_and_the_stacks_beside_them(void **state)
{
    (void)state;
    struct error err = { 0 };
    const char *const stacks[] = { "gnutls", "openssl", "mine=bin/peer --old", "other=peer's" };
    const char *const faults[] = { "mine=slow" };
    const char *const hellos[] = { "my hellos", "more" };
    const struct session_request request = {
        .stacks = stacks,
        .num_stacks = 4,
        .faults = faults,
        .num_faults = 1,
        .hellos = hellos,
        .num_hellos = 2,
    };
    assert_int_equal(rerun_options(out, &request, &err), 0);
    assert_string_equal(out, " --stacks gnutls,openssl --stack 'mine=bin/peer --old'"
                             " --stack 'other=peer'\\''s' --fault mine=slow"
                             " --hellos 'my hellos' --hellos more");
}

/* Half a command would be worse than none. */
static void what_does_not_fit_is_an_error(void **state)
{
    (void)state;
    struct error err = { 0 };
    static char path[RERUN_OPTIONS_MAX];
    const char *const hellos[] = { path };
    const struct session_request request = { .hellos = hellos, .num_hellos = 1 };
    memset(path, 'x', RERUN_OPTIONS_MAX - sizeof " --hellos ");
    assert_int_equal(rerun_options(out, &request, &err), 0);
    assert_int_equal(strlen(out), RERUN_OPTIONS_MAX - 1);
    path[strlen(path)] = 'x';
    assert_int_equal(rerun_options(out, &request, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "--hellos: more than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_as_they_are_need_nothing),
        cmocka_unit_test(other_programs_are_named_and_the_stacks_beside_them),
        cmocka_unit_test(what_does_not_fit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
