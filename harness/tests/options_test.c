/* Command lines: what is given is found, what is wrong is told with the word that was meant. */
#include "harness/options.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct parsed_options seen;

static int remember(const struct parsed_options *options, struct error *err)
{
    (void)err;
    seen = *options;
    return 0;
}

static int count(const struct parsed_options *options, struct error *err)
{
    uint64_t number;
    if (option_number(&number, options, "number", 7, 1, 10, err) < 0)
        return -1;
    return option_given(options, "shared") ? 2 * (int)number : (int)number;
}

static const struct command_row commands[] = {
    { "remember", "[WORD]…", "Remembers.", NULL, remember },
    { "count", "", "Counts.", "p count --number 3", count },
    { 0 },
};
static const struct option_row options[] = {
    { "select", 's', "GLOB", "select", 1u << 0 },
    { "flag", 0, NULL, "flag", 1u << 0 },
    { "number", 'n', "N", "a number", 1u << 1 },
    { "shared", 0, "WORD", "of the first", 1u << 0 },
    { "shared", 0, NULL, "of the second", 1u << 1 },
    { "colour", 0, "COLOUR", "one of two", 1u << 1 },
    { 0 },
};
static const struct value_kind values[] = { { "COLOUR", "red green", NULL }, { 0 } };
static const struct program program = { "p", "A program.", commands, options, values };

/* Runs the program on words; what it writes to standard error goes to `said`. */
static int run(char said[256], int argc, const char *const words[])
{
    char *argv[16];
    FILE *file = tmpfile();
    int saved = dup(2);
    for (int i = 0; i < argc; i++)
        argv[i] = (char *)words[i];
    argv[argc] = NULL;
    optind = 0;
    dup2(fileno(file), 2);
    int code = program_main(&program, argc, argv);
    dup2(saved, 2);
    close(saved);
    rewind(file);
    said[fread(said, 1, 255, file)] = '\0';
    fclose(file);
    return code;
}
#define RUN(said, ...)                                                                             \
    run(said, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                            \
        (const char *[]){ __VA_ARGS__ })

static void values_operands_and_switches_are_found(void **state)
{
    (void)state;
    char said[256];
    const char *const *globs;
    assert_int_equal(RUN(said, "p", "remember", "--select", "a*", "word", "-s", "b*", "--flag"), 0);
    assert_int_equal(option_values(&seen, "select", &globs), 2);
    assert_string_equal(globs[0], "a*");
    assert_string_equal(option_value(&seen, "select"), "b*");
    assert_true(option_given(&seen, "flag"));
    assert_int_equal(seen.num_operands, 1);
    assert_string_equal(seen.operands[0], "word");
}

static void numbers_have_bounds_and_a_fallback(void **state)
{
    (void)state;
    char said[256];
    assert_int_equal(RUN(said, "p", "count"), 7);
    assert_int_equal(RUN(said, "p", "count", "-n", "10"), 10);
    assert_int_equal(RUN(said, "p", "count", "--number", "11"), ERROR_USAGE);
    assert_string_equal(said, "p: --number: '11' is not a whole number from 1 to 10\n");
    assert_int_equal(RUN(said, "p", "count", "--number", "3x"), ERROR_USAGE);
    assert_int_equal(RUN(said, "p", "count", "--number=-3"), ERROR_USAGE);
}

static void commands_have_rows_of_their_own_for_one_name(void **state)
{
    (void)state;
    char said[256];
    assert_int_equal(RUN(said, "p", "remember", "--shared", "word"), 0);
    assert_string_equal(option_value(&seen, "shared"), "word");
    assert_int_equal(RUN(said, "p", "count", "--shared", "--number", "3"), 6);
    assert_int_equal(RUN(said, "p", "count", "--number", "3"), 3);
    assert_int_equal(RUN(said, "p", "count", "--shared=word"), ERROR_USAGE);
}

static void typos_are_answered_with_the_word_that_was_meant(void **state)
{
    (void)state;
    char said[256];
    assert_int_equal(RUN(said, "p", "remembre"), ERROR_USAGE);
    assert_string_equal(said, "p: unknown command 'remembre', did you mean 'remember'?\n");
    assert_int_equal(RUN(said, "p", "hlep"), ERROR_USAGE);
    assert_string_equal(said, "p: unknown command 'hlep', did you mean 'help'?\n");
    assert_int_equal(RUN(said, "p", "help", "help"), 0);
    assert_int_equal(RUN(said, "p", "help", "cuont"), ERROR_USAGE);
    assert_string_equal(said, "p: unknown command 'cuont', did you mean 'count'?\n");
    assert_int_equal(RUN(said, "p", "remember", "--selekt", "x"), ERROR_USAGE);
    assert_string_equal(said, "p: unknown option '--selekt', did you mean '--select'?\n");
    assert_int_equal(RUN(said, "p", "remember", "--bananas"), ERROR_USAGE);
    assert_string_equal(said, "p: unknown option '--bananas'; --help lists them\n");
    assert_int_equal(RUN(said, "p", "remember", "-z", "x"), ERROR_USAGE);
    assert_string_equal(said, "p: unknown option '-z'; --help lists them\n");
    assert_int_equal(RUN(said, "p", "remember", "--flag=x"), ERROR_USAGE);
    assert_string_equal(said, "p: '--flag' takes no argument\n");
    assert_int_equal(RUN(said, "p", "remember", "--select"), ERROR_USAGE);
    assert_string_equal(said, "p: '--select' needs an argument\n");
}

static void a_word_outside_a_closed_list_is_refused(void **state)
{
    (void)state;
    char said[256];
    assert_int_equal(RUN(said, "p", "count", "--colour", "green"), 7);
    assert_int_equal(RUN(said, "p", "count", "--colour", "greem"), ERROR_USAGE);
    assert_string_equal(said, "p: --colour: unknown COLOUR 'greem', did you mean 'green'?\n");
    assert_int_equal(RUN(said, "p", "count", "--colour=mauve-ish"), ERROR_USAGE);
    assert_string_equal(said, "p: --colour: unknown COLOUR 'mauve-ish'; there is: red green\n");
}

static void an_option_of_another_command_is_unknown(void **state)
{
    (void)state;
    char said[256];
    assert_int_equal(RUN(said, "p", "remember", "--number", "3"), ERROR_USAGE);
    assert_int_equal(RUN(said, "p", "count", "operand"), ERROR_USAGE);
    assert_string_equal(said, "p: 'count' takes no operand, but 'operand' is given\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_operands_and_switches_are_found),
        cmocka_unit_test(numbers_have_bounds_and_a_fallback),
        cmocka_unit_test(commands_have_rows_of_their_own_for_one_name),
        cmocka_unit_test(typos_are_answered_with_the_word_that_was_meant),
        cmocka_unit_test(a_word_outside_a_closed_list_is_refused),
        cmocka_unit_test(an_option_of_another_command_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
