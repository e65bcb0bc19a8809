/* What the files of the command line share. For options*.c only. */
#ifndef TLSMATRIX_HARNESS_OPTIONS_PARTS_H
#define TLSMATRIX_HARNESS_OPTIONS_PARTS_H

#include "harness/options.h"

enum { OPTION_TEXT_LEN = 128 }; /* "-s, --select GLOB" */

/* ---- options_rows.c: what the table says ---- */

uint32_t command_bit(const struct program *program, const struct command_row *command);
/* NULL: there is none of this name. */
const struct command_row *command_of(const struct program *program, const char *name);
/* The command's option of this name or of this letter; NULL: it has none. */
const struct option_row *option_of(const struct program *program, uint32_t bit, const char *name,
                                   size_t name_len);
const struct option_row *option_of_letter(const struct program *program, uint32_t bit, char letter);
bool command_has_options(const struct program *program, uint32_t bit);
/* "-s, --select GLOB"; "    --json" where `align` wants the place of a letter kept free. */
void option_text(char out[OPTION_TEXT_LEN], const struct option_row *row, bool align);

/* One of the kinds of value that a text like "ID…|CASE.json" names: calls `take` for each. A word
 * in small letters is passed as `literal`, a kind that the program knows as `kind`. */
struct value_choice {
    const char *word; /* not ended */
    size_t word_len;
    const struct value_kind *kind; /* NULL: a literal, or a kind that nothing is known of */
    bool literal;
};
void each_choice(const struct program *program, const char *text, size_t text_len,
                 void (*take)(void *context, const struct value_choice *choice), void *context);

/* ---- options_help.c, options_man.c, options_complete.c ---- */

void print_command_help(FILE *out, const struct program *program,
                        const struct command_row *command);
void print_program_help(FILE *out, const struct program *program);

/* Writes all pages into an existing directory. */
int write_man_pages(const struct program *program, const char *directory, struct error *err);

int print_completion_script(FILE *out, const struct program *program, const char *shell,
                            struct error *err);
/* `words`: what stands behind the program's name, the last of them unfinished. */
void print_candidates(FILE *out, const struct program *program, const char *const words[],
                      size_t num_words);

#endif
