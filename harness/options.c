#include "harness/nearest.h"
#include "harness/options_parts.h"
#include "harness/terminal.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifndef TLSMATRIX_VERSION
#error "the build defines the version"
#endif

enum { FIRST_LONG = 256, OPTION_WORDS_LEN = 512 };

static size_t num_rows(const struct option_row *rows)
{
    size_t num = 0;
    while (rows[num].name != NULL)
        num++;
    assert(num <= OPTIONS_MAX);
    return num;
}

/* Of the rows of this name that of the command; any, where the command has none. */
static size_t find_row(const struct parsed_options *parsed, const char *name)
{
    const struct option_row *rows = parsed->program->options;
    size_t found = OPTIONS_MAX;
    for (size_t i = 0; rows[i].name != NULL; i++)
        if (strcmp(rows[i].name, name) == 0 &&
            (found == OPTIONS_MAX || (rows[i].commands & parsed->command_bit) != 0))
            found = i;
    assert(found < OPTIONS_MAX && "an option that is in the table");
    return found;
}

static int unknown_word(struct error *err, const char *what, const char *dashes,
                        struct nearest *nearest)
{
    if (nearest->best == NULL)
        return error_set(err, ERROR_USAGE, "unknown %s '%s%s'; --help lists them", what, dashes,
                         nearest->word);
    return error_set(err, ERROR_USAGE, "unknown %s '%s%s', did you mean '%s%s'?", what, dashes,
                     nearest->word, dashes, nearest->best);
}

static const struct command_row *find_command(const struct program *program, const char *word,
                                              struct error *err)
{
    const struct command_row *command = command_of(program, word);
    struct nearest nearest;
    if (command != NULL)
        return command;
    nearest_init(&nearest, word);
    for (const struct command_row *row = program->commands; row->name != NULL; row++)
        nearest_offer(&nearest, row->name);
    nearest_offer(&nearest, "help");
    unknown_word(err, "command", "", &nearest);
    return NULL;
}

/* A long option that there is not, with its dashes. */
static int unknown_option(const struct program *program, uint32_t bit, const char *word,
                          struct error *err)
{
    struct nearest nearest;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + strspn(word, "-"), "="),
             word + strspn(word, "-"));
    nearest_init(&nearest, name);
    for (const struct option_row *row = program->options; row->name != NULL; row++)
        if (row->commands & bit)
            nearest_offer(&nearest, row->name);
    return unknown_word(err, "option", "--", &nearest);
}

/* What getopt_long() answered with '?': `about` is its optopt. */
static int refuse_option(const struct program *program, uint32_t bit, int about, const char *word,
                         struct error *err)
{
    char letter[] = { (char)about, '\0' };
    struct nearest nearest;
    if (about == 0)
        return unknown_option(program, bit, word, err);
    if (about == 'h' || about >= FIRST_LONG)
        return error_set(err, ERROR_USAGE, "'--%s' takes no argument",
                         about == 'h' ? "help" : program->options[about - FIRST_LONG].name);
    nearest_init(&nearest, letter);
    return unknown_word(err, "option", "-", &nearest);
}

/* getopt's tables for the rows of one command. `index` maps a table position to its row. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 3];
    char letters[2 * OPTIONS_MAX + 4];
};

static void make_tables(struct getopt_tables *tables, const struct program *program, uint32_t bit)
{
    size_t num = 0;
    char *letter = tables->letters;
    *letter++ = ':'; /* a missing argument is told apart from an unknown option */
    for (size_t i = 0; i < num_rows(program->options); i++) {
        const struct option_row *row = &program->options[i];
        if (!(row->commands & bit))
            continue;
        tables->longs[num++] =
            (struct option){ row->name, row->argument ? required_argument : no_argument, NULL,
                             FIRST_LONG + (int)i };
        if (row->letter == 0)
            continue;
        *letter++ = row->letter;
        if (row->argument)
            *letter++ = ':';
    }
    *letter++ = 'h';
    *letter = '\0';
    tables->longs[num++] = (struct option){ "help", no_argument, NULL, 'h' };
    tables->longs[num] = (struct option){ 0 };
}

static size_t row_of(const struct program *program, uint32_t bit, int found)
{
    if (found >= FIRST_LONG)
        return (size_t)(found - FIRST_LONG);
    return (size_t)(option_of_letter(program, bit, (char)found) - program->options);
}

/* Of a kind of value with a closed list of words: is it one of them? */
static int check_words(const struct option_row *row, const char *words, const char *value,
                       struct error *err)
{
    char copy[OPTION_WORDS_LEN];
    char *state = NULL;
    struct nearest nearest;
    nearest_init(&nearest, value);
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &state); word != NULL;
         word = strtok_r(NULL, " ", &state)) {
        if (strcmp(word, value) == 0)
            return 0;
        nearest_offer(&nearest, word);
    }
    return nearest.best != NULL ? error_set(err, ERROR_USAGE, "--%s: unknown %s '%s'%s", row->name,
                                            row->argument, value, nearest_hint(&nearest))
                                : error_set(err, ERROR_USAGE, "--%s: unknown %s '%s'; there is: %s",
                                            row->name, row->argument, value, words);
}

static int add_value(struct parsed_options *parsed, size_t row, const char *value,
                     struct error *err)
{
    const struct option_row *option = &parsed->program->options[row];
    const struct value_kind *kind = parsed->program->values;
    if (parsed->num_values[row] == OPTION_VALUES_MAX)
        return error_set(err, ERROR_USAGE, "--%s is given more than %d times", option->name,
                         OPTION_VALUES_MAX);
    for (; option->argument != NULL && kind != NULL && kind->name != NULL; kind++)
        if (kind->words != NULL && strcmp(kind->name, option->argument) == 0 &&
            check_words(option, kind->words, value, err) < 0)
            return -1;
    parsed->values[row][parsed->num_values[row]++] = value == NULL ? "" : value;
    return 0;
}

/* Was a switch given with which the command takes operands? */
static bool switch_takes_operands(const struct parsed_options *parsed)
{
    for (size_t i = 0; parsed->program->options[i].name != NULL; i++)
        if (parsed->num_values[i] > 0 && parsed->program->options[i].operand != NULL)
            return true;
    return false;
}

static int take_operands(struct parsed_options *parsed, const struct command_row *command, int argc,
                         char **argv, struct error *err)
{
    if (argc > 0 && command->operands[0] == '\0' && !switch_takes_operands(parsed))
        return error_set(err, ERROR_USAGE, "'%s' takes no operand, but '%s' is given",
                         command->name, argv[0]);
    if (argc > OPERANDS_MAX)
        return error_set(err, ERROR_USAGE, "more than %d operands", OPERANDS_MAX);
    for (int i = 0; i < argc; i++)
        parsed->operands[parsed->num_operands++] = argv[i];
    return 0;
}

enum { PARSED_HELP = 1 };

/* 0; PARSED_HELP if --help was asked for; -1. argv[0] is the command. */
static int parse(struct parsed_options *parsed, const struct command_row *command, int argc,
                 char **argv, struct error *err)
{
    const struct program *program = parsed->program;
    uint32_t bit = parsed->command_bit;
    struct getopt_tables tables;
    int found;
    make_tables(&tables, program, bit);
    opterr = 0;
    while ((found = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
        if (found == 'h')
            return PARSED_HELP;
        if (found == ':')
            return error_set(err, ERROR_USAGE, "'%s' needs an argument", argv[optind - 1]);
        if (found == '?')
            return refuse_option(program, bit, optopt, argv[optind - 1], err);
        if (add_value(parsed, row_of(program, bit, found), optarg, err) < 0)
            return -1;
    }
    return take_operands(parsed, command, argc - optind, argv + optind, err);
}

static int run_command(const struct program *program, int argc, char **argv, struct error *err)
{
    const struct command_row *command = find_command(program, argv[1], err);
    if (command == NULL)
        return -1;
    struct parsed_options *parsed = calloc(1, sizeof *parsed);
    if (parsed == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    parsed->program = program;
    parsed->command_bit = command_bit(program, command);
    int code = parse(parsed, command, argc - 1, argv + 1, err);
    if (code == PARSED_HELP) {
        print_command_help(stdout, program, command);
        code = 0;
    } else if (code == 0) {
        code = command->run(parsed, err);
    }
    free(parsed);
    return code;
}

/* ---- what is asked for without a command ---- */

static int show_help(const struct program *program, int argc, char **argv, struct error *err)
{
    if (argc > 3)
        return error_set(err, ERROR_USAGE, "help takes one command, but '%s' is given too",
                         argv[3]);
    if (argc == 2 || argv[1][0] == '-' || strcmp(argv[2], "help") == 0) {
        print_program_help(stdout, program);
        return 0;
    }
    const struct command_row *command = find_command(program, argv[2], err);
    if (command == NULL)
        return -1;
    print_command_help(stdout, program, command);
    return 0;
}

static int show_version(const struct program *program, int argc, char **argv, struct error *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    printf("%s %s\n", program->name, TLSMATRIX_VERSION);
    return 0;
}

static int man(const struct program *program, int argc, char **argv, struct error *err)
{
    if (argc != 3)
        return error_set(err, ERROR_USAGE, "--man needs the folder to write to");
    return write_man_pages(program, argv[2], err);
}

static int completion(const struct program *program, int argc, char **argv, struct error *err)
{
    if (argc != 3)
        return error_set(err, ERROR_USAGE, "--completion needs a shell: bash, zsh or fish");
    return print_completion_script(stdout, program, argv[2], err);
}

static int complete(const struct program *program, int argc, char **argv, struct error *err)
{
    (void)err;
    print_candidates(stdout, program, (const char *const *)argv + 2, (size_t)argc - 2);
    return 0;
}

static const struct {
    const char *word;
    int (*run)(const struct program *program, int argc, char **argv, struct error *err);
} own_words[] = {
    { "--help", show_help },    { "-h", show_help },           { "help", show_help },
    { "--man", man },           { "--version", show_version }, { "--completion", completion },
    { "--complete", complete },
};

static int run_program(const struct program *program, int argc, char **argv, struct error *err)
{
    if (argc < 2) {
        print_program_help(stderr, program);
        return ERROR_USAGE;
    }
    for (size_t i = 0; i < sizeof own_words / sizeof own_words[0]; i++)
        if (strcmp(own_words[i].word, argv[1]) == 0)
            return own_words[i].run(program, argc, argv, err);
    return run_command(program, argc, argv, err);
}

int program_main(const struct program *program, int argc, char **argv)
{
    struct error err = { .class = ERROR_NONE };
    int code = run_program(program, argc, argv, &err);
    if (code >= 0 && fflush(stdout) != 0) {
        error_errno(&err, "standard output");
        code = -1;
    }
    if (code >= 0)
        return code;
    fprintf(stderr, "%s%s:%s %s\n", ink(stderr, INK_BAD), program->name, ink_end(stderr), err.text);
    return err.class == ERROR_NONE ? ERROR_HARNESS : (int)err.class;
}

const char *option_value(const struct parsed_options *options, const char *name)
{
    size_t row = find_row(options, name);
    size_t num = options->num_values[row];
    return num == 0 ? NULL : options->values[row][num - 1];
}

bool option_given(const struct parsed_options *options, const char *name)
{
    return options->num_values[find_row(options, name)] > 0;
}

size_t option_values(const struct parsed_options *options, const char *name,
                     const char *const **values)
{
    size_t row = find_row(options, name);
    *values = options->values[row];
    return options->num_values[row];
}

int option_number(uint64_t *out, const struct parsed_options *options, const char *name,
                  uint64_t fallback, uint64_t min, uint64_t max, struct error *err)
{
    const char *text = option_value(options, name);
    if (text == NULL) {
        *out = fallback;
        return 0;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        return error_set(err, ERROR_USAGE,
                         "--%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64, name,
                         text, min, max);
    *out = value;
    return 0;
}
