/* --help: what a person reads on the screen. */
#include "harness/options_parts.h"
#include "harness/terminal.h"

#include <string.h>

enum { HELP_COLUMN = 30 };

static void print_title(FILE *out, const char *title)
{
    fprintf(out, "%s%s%s", ink(out, INK_TITLE), title, ink_end(out));
}

/* A term, and what it means from HELP_COLUMN on; a long term has the line alone. */
static void print_row(FILE *out, const char *term, const char *meaning)
{
    size_t columns = 2 + text_columns(term);
    fprintf(out, "  %s", term);
    if (columns > HELP_COLUMN) {
        fputc('\n', out);
        columns = 0;
    }
    fprintf(out, "%*s", (int)(HELP_COLUMN + 1 - columns), "");
    print_wrapped(out, HELP_COLUMN + 1, HELP_COLUMN + 1, meaning);
}

static void print_options(FILE *out, const struct program *program, uint32_t bit)
{
    char text[OPTION_TEXT_LEN];
    if (!command_has_options(program, bit))
        return;
    print_title(out, "\nOptions:\n");
    for (const struct option_row *row = program->options; row->name != NULL; row++) {
        if (!(row->commands & bit))
            continue;
        option_text(text, row, true);
        print_row(out, text, row->help);
    }
}

static void print_examples(FILE *out, const char *examples)
{
    if (examples == NULL)
        return;
    print_title(out, strchr(examples, '\n') == NULL ? "\nExample:\n" : "\nExamples:\n");
    for (const char *line = examples; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        fprintf(out, "  %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

void print_command_help(FILE *out, const struct program *program, const struct command_row *command)
{
    uint32_t bit = command_bit(program, command);
    print_title(out, "Usage:");
    fprintf(out, " %s %s%s%s%s\n\n", program->name, command->name,
            command->operands[0] != '\0' ? " " : "", command->operands,
            command_has_options(program, bit) ? " [OPTION]…" : "");
    print_wrapped(out, 0, 0, command->help);
    print_options(out, program, bit);
    if (command->notes != NULL) {
        fputc('\n', out);
        print_wrapped(out, 0, 0, command->notes);
    }
    print_examples(out, command->examples);
}

/* "Exit codes: 0 all as expected; 1 …." */
static void print_exits(FILE *out, const struct text_row *exits)
{
    char text[1024] = "Exit codes:";
    size_t used = strlen(text);
    for (const struct text_row *row = exits; row->name != NULL && used < sizeof text; row++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %s %s%s", row->name, row->text,
                                 row[1].name != NULL ? ";" : ".");
    fputc('\n', out);
    print_wrapped(out, 0, 0, text);
}

void print_program_help(FILE *out, const struct program *program)
{
    print_title(out, "Usage:");
    fprintf(out, " %s COMMAND [OPTION]…\n\n", program->name);
    print_wrapped(out, 0, 0, program->summary);
    print_title(out, "\nCommands:\n");
    for (const struct command_row *row = program->commands; row->name != NULL; row++) {
        char left[OPTION_TEXT_LEN];
        snprintf(left, sizeof left, "%s %s", row->name, row->operands);
        print_row(out, left, row->help);
    }
    print_row(out, "help [COMMAND]", "Show this, or what a command takes.");
    fprintf(out, "\n%s COMMAND --help tells more.\n", program->name);
    if (program->exits != NULL)
        print_exits(out, program->exits);
}
