/* Small vocabularies: nearest words and verdict names. */
#include "harness/nearest.h"
#include "harness/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *nearest(const char *word)
{
    static const char *const words[] = { "client", "server", "features", "x25519", "x448", "none" };
    return nearest_word(word, words, sizeof words / sizeof words[0]);
}

static void a_misspelt_word_finds_its_neighbour(void **state)
{
    (void)state;
    assert_string_equal(nearest("clinet"), "client");
    assert_string_equal(nearest("sever"), "server");
    assert_string_equal(nearest("feature"), "features");
    assert_string_equal(nearest("x25591"), "x25519");
    assert_string_equal(nearest("x449"), "x448");
    assert_string_equal(nearest("none"), "none");
}

static void a_strange_word_finds_none(void **state)
{
    (void)state;
    assert_null(nearest("bananas"));
    assert_null(nearest(""));
    char endless[1000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(nearest(endless));
}

static void verdicts_and_kinds_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < NUM_VERDICTS; i++)
        assert_int_equal(verdict_by_name(verdict_name((enum verdict)i)), i);
    for (int i = 0; i < NUM_FAILURE_KINDS; i++)
        assert_int_equal(failure_kind_by_name(failure_kind_name((enum failure_kind)i)), i);
    assert_int_equal(verdict_by_name("passed"), -1);
    assert_int_equal(failure_kind_by_name("bad"), -1);
    assert_string_equal(failure_kind_name(KIND_NONE), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_misspelt_word_finds_its_neighbour),
        cmocka_unit_test(a_strange_word_finds_none),
        cmocka_unit_test(verdicts_and_kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
