/* Command lines from one table: parsing, --help and (later) man page and completion come from the
 * same rows. A program has commands; an option belongs to the commands in its mask. Where commands
 * mean different things by one name, each has a row of its own; no command is in two of a name. */
#ifndef TLSMATRIX_HARNESS_OPTIONS_H
#define TLSMATRIX_HARNESS_OPTIONS_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    OPTIONS_MAX = 64,       /* rows of one program's table */
    OPTION_VALUES_MAX = 32, /* repetitions of one option: --select, --stack, … */
    OPERANDS_MAX = 256,     /* `merge` takes one a shard */
};

struct option_row {
    const char *name;     /* long name without dashes; NULL ends the table */
    char letter;          /* short name, 0 if none */
    const char *argument; /* what it takes, as shown in --help; NULL: a switch */
    const char *help;     /* one line */
    uint32_t commands;    /* bit mask: 1u << command index; ~0u: all */
    const char *operand; /* of a switch: what the command's operand is with it, as shown, or NULL */
};

struct parsed_options;

struct command_row {
    const char *name;                                                    /* NULL ends the table */
    const char *operands;                                                /* "[PROFILE]", as shown */
    const char *help;                                                    /* one line */
    const char *example;                                                 /* one line, or NULL */
    int (*run)(const struct parsed_options *options, struct error *err); /* exit code, or -1 */
    const char *notes; /* further lines for its --help, or NULL */
};

struct program {
    const char *name;
    const char *summary;
    const struct command_row *commands;
    const struct option_row *options;
};

struct parsed_options {
    const struct program *program;
    uint32_t command_bit; /* of the command that is run */
    const char *values[OPTIONS_MAX][OPTION_VALUES_MAX];
    size_t num_values[OPTIONS_MAX];
    const char *operands[OPERANDS_MAX];
    size_t num_operands;
};

/* Parses argv, runs the command and returns the process's exit code; on error prints
 * "PROGRAM: text" and returns the error's class. Handles --help and --version. */
int program_main(const struct program *program, int argc, char **argv);

/* The option's value (the last one), NULL if it was not given. `name` must be in the table. */
const char *option_value(const struct parsed_options *options, const char *name);
bool option_given(const struct parsed_options *options, const char *name);
size_t option_values(const struct parsed_options *options, const char *name,
                     const char *const **values);

/* A whole number between min and max; `fallback` if the option was not given. */
int option_number(uint64_t *out, const struct parsed_options *options, const char *name,
                  uint64_t fallback, uint64_t min, uint64_t max, struct error *err);

#endif
