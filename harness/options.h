/* Command lines from one table: parsing, --help, man pages and completion come from the same rows.
 * A program has commands; an option belongs to the commands in its mask. Where commands mean
 * different things by one name, each has a row of its own; no command is in two of a name.
 *
 * What an option or an operand takes is said by the word that stands for it (FILE, STACK, PROFILE):
 * the program's table of value kinds says what completes such a word, and which words are right. */
#ifndef TLSMATRIX_HARNESS_OPTIONS_H
#define TLSMATRIX_HARNESS_OPTIONS_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    OPTIONS_MAX = 128,      /* rows of one program's table */
    OPTION_VALUES_MAX = 32, /* repetitions of one option: --select, --stack, … */
    OPERANDS_MAX = 256,     /* `merge` takes one a shard */
};

struct option_row {
    const char *name;     /* long name without dashes; NULL ends the table */
    char letter;          /* short name, 0 if none */
    const char *argument; /* what it takes, as shown in --help; NULL: a switch */
    const char *help;     /* one sentence; --help breaks its lines */
    uint32_t commands;    /* bit mask: 1u << command index; ~0u: all */
    const char *operand; /* of a switch: what the command's operand is with it, as shown, or NULL */
};

struct parsed_options;

struct command_row {
    const char *name; /* NULL ends the table */
    /* As shown: "[PROFILE]", "OUT IN…", "ID…|FILE", "add|list [NAME]". A word in small letters is
     * meant literally, another is a kind of value; "…" repeats the last. */
    const char *operands;
    const char *help;     /* one sentence */
    const char *examples; /* command lines, each ended by a newline but the last; or NULL */
    int (*run)(const struct parsed_options *options, struct error *err); /* exit code, or -1 */
    const char *notes; /* paragraphs for its --help, an empty line between them, or NULL */
};

/* Takes what could stand in the place of a word that is being typed. */
struct completion;
/* `help` may be NULL. What does not begin with the word is left out. */
void completion_offer(struct completion *completion, const char *candidate, const char *help);
/* The same for a word whose last part is offered: "openssl," and "gnutls" are "openssl,gnutls". */
void completion_offer_part(struct completion *completion, size_t kept_len, const char *part,
                           const char *help);
/* The shell's own completion of paths. */
void completion_offer_files(struct completion *completion);
void completion_offer_folders(struct completion *completion);
/* What has been typed of the word. */
const char *completion_word(const struct completion *completion);

struct value_kind {
    const char *name;  /* as it stands in `argument` and `operands`; NULL ends the table */
    const char *words; /* all that there are, blanks between them: no other is taken; or NULL */
    void (*offer)(struct completion *completion); /* or NULL */
};

struct text_row {
    const char *name; /* NULL ends the table */
    const char *text;
};

struct program {
    const char *name;
    const char *summary;
    const struct command_row *commands;
    const struct option_row *options;
    const struct value_kind *values;    /* or NULL: FILE and DIR only */
    const struct text_row *exits;       /* exit codes and what they mean, or NULL */
    const struct text_row *environment; /* variables that it heeds, or NULL */
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
 * "PROGRAM: text" and returns the error's class. Handles by itself
 *   --help, help [COMMAND], COMMAND --help, --version
 *   --man DIR             writes the man pages PROGRAM.1 and PROGRAM-COMMAND.1
 *   --completion SHELL    prints the completion script for bash, zsh or fish
 *   --complete [WORD]…    for those scripts: what the last word could become, a line each, behind
 *                         a tab what it is; ":files" and ":folders" for the shell's own. */
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
