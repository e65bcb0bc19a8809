/* Which connections a key log is said to be of. */
#include "captures/keys_given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A key log with one secret for each of these first bytes of a client random, of any label. */
static void given_of(struct keys_given *out, const char *bytes)
{
    static const char *const labels[] = { "CLIENT_RANDOM", "SERVER_TRAFFIC_SECRET_0" };
    char path[] = "/tmp/keys-given-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; bytes[i] != '\0'; i++)
        dprintf(fd, "%s %02x%062d a0a1\n", labels[i % 2], bytes[i], 0);
    close(fd);
    assert_int_equal(keys_given_init(out, path, NULL), 0);
    unlink(path);
}

static bool count(struct keys_given *given, uint64_t number, char first)
{
    uint8_t random[KEYLOG_RANDOM_LEN] = { (uint8_t)first };
    return keys_given_count(given, number, random);
}

static void assert_text(struct keys_given *given, const char *expected)
{
    char text[KEYS_GIVEN_TEXT_LEN];
    assert_string_equal(keys_given_text(text, given), expected);
    keys_given_fini(given);
    assert_string_equal(keys_given_text(text, given), expected); /* what was counted stays */
}

static void those_that_fit_are_named(void **state)
{
    struct keys_given given;
    (void)state;
    given_of(&given, "ab");
    assert_true(count(&given, 1, 'b'));
    assert_false(count(&given, 2, 'c'));
    assert_true(count(&given, 5, 'a'));
    assert_text(&given, "fits 2 of 3 connections of TLS (#1, #5)");
}

static void where_all_or_none_fit_none_is_named(void **state)
{
    struct keys_given given;
    (void)state;
    given_of(&given, "a");
    assert_true(count(&given, 1, 'a'));
    assert_text(&given, "fits 1 of 1 connection of TLS");
    given_of(&given, "a");
    assert_false(count(&given, 1, 'b'));
    assert_false(count(&given, 2, 'c'));
    assert_text(&given, "fits none of the 2 connections of TLS");
}

static void of_many_the_fewer_are_named(void **state)
{
    struct keys_given given;
    (void)state;
    given_of(&given, "a");
    for (uint64_t i = 1; i <= 20; i++)
        count(&given, i, i == 3 || i == 4 ? 'b' : 'a');
    assert_text(&given, "fits 18 of 20 connections of TLS (not #3, #4)");
    given_of(&given, "a");
    for (uint64_t i = 1; i <= 40; i++)
        count(&given, i, i % 2 == 0 ? 'b' : 'a');
    assert_text(&given, "fits 20 of 40 connections of TLS");
}

/* The longest that can be said fits its room. */
static void numbers_of_any_length_have_room(void **state)
{
    struct keys_given given;
    char text[KEYS_GIVEN_TEXT_LEN];
    (void)state;
    given_of(&given, "a");
    for (uint64_t i = 0; i < KEYS_LISTED; i++)
        count(&given, UINT64_MAX - i, 'a');
    count(&given, 1, 'b');
    keys_given_text(text, &given);
    assert_non_null(strstr(text, "#18446744073709551608)"));
    keys_given_fini(&given);
}

static void without_a_key_log_nothing_is_counted(void **state)
{
    struct keys_given given;
    (void)state;
    assert_int_equal(keys_given_init(&given, NULL, NULL), 0);
    assert_false(count(&given, 1, 'a'));
    assert_int_equal(given.num_connections, 0);
    assert_int_equal(keys_given_init(&given, "/nosuch/keys.log", NULL), -1);
    assert_int_equal(keys_given_init(&given, "/dev/null", NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_that_fit_are_named),
        cmocka_unit_test(where_all_or_none_fit_none_is_named),
        cmocka_unit_test(of_many_the_fewer_are_named),
        cmocka_unit_test(numbers_of_any_length_have_room),
        cmocka_unit_test(without_a_key_log_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
