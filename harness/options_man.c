/* Man pages: one of the program, and one of each command. */
#include "harness/options_parts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { MAN_PATH_LEN = 4096 };

/* Text of one paragraph: what roff would take for itself is told apart, a newline is a blank. */
static void put_text(FILE *out, const char *text, size_t len)
{
    if (len > 0 && (text[0] == '.' || text[0] == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\\')
            fputs("\\e", out);
        else if (text[i] == '-')
            fputs("\\-", out);
        else if (text[i] == '\'')
            fputs("\\(aq", out);
        else if (text[i] == '`')
            fputs("\\(ga", out);
        else if (text[i] == '~')
            fputs("\\(ti", out);
        else if (text[i] == '^')
            fputs("\\(ha", out);
        else
            fputc(text[i], out);
}

static void put(FILE *out, const char *text)
{
    put_text(out, text, strlen(text));
}

static void put_capitals(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(toupper((unsigned char)*text), out);
}

static void put_paragraphs(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        fputs(".PP\n", out);
        put_text(out, text, len);
        fputc('\n', out);
        text += len;
        text += strspn(text, "\n");
    }
}

/* A term in bold, and what it means. */
static void put_row(FILE *out, const char *term, const char *rest, const char *meaning)
{
    fputs(".TP\n\\fB", out);
    put(out, term);
    fputs("\\fR", out);
    put(out, rest);
    fputc('\n', out);
    put(out, meaning);
    fputc('\n', out);
}

static void put_head(FILE *out, const struct program *program, const char *command)
{
    fputs(".TH \"", out);
    put_capitals(out, program->name);
    if (command != NULL) {
        fputc('-', out);
        put_capitals(out, command);
    }
    fprintf(out, "\" 1 \"\" \"tlsmatrix %s\" \"User Commands\"\n.nh\n.ad l\n", TLSMATRIX_VERSION);
}

/* "tlsmatrix\-run \- run the cases of a profile": no full stop, as is the custom. */
static void put_name(FILE *out, const struct program *program, const char *command,
                     const char *help)
{
    size_t len = strcspn(help, "\n");
    fputs(".SH NAME\n", out);
    put(out, program->name);
    if (command != NULL) {
        fputs("\\-", out);
        put(out, command);
    }
    fputs(" \\- ", out);
    put_text(out, help, len > 0 && help[len - 1] == '.' ? len - 1 : len);
    fputc('\n', out);
}

static void put_options(FILE *out, const struct program *program, uint32_t bit)
{
    char text[OPTION_TEXT_LEN];
    for (const struct option_row *row = program->options; row->name != NULL; row++) {
        if (!(row->commands & bit))
            continue;
        option_text(text, row, false);
        size_t len = strlen(text) - (row->argument != NULL  ? strlen(row->argument)
                                     : row->operand != NULL ? strlen(row->operand)
                                                            : 0);
        fputs(".TP\n\\fB", out);
        put_text(out, text, len);
        fputs("\\fR\\fI", out);
        put(out, text + len);
        fputs("\\fR\n", out);
        put(out, row->help);
        fputc('\n', out);
    }
    put_row(out, "-h, --help", "", "Show this, in short.");
}

static void put_texts(FILE *out, const char *title, const struct text_row *rows)
{
    if (rows == NULL)
        return;
    fprintf(out, ".SH %s\n", title);
    for (; rows->name != NULL; rows++)
        put_row(out, rows->name, "", rows->text);
}

static void put_examples(FILE *out, const char *examples)
{
    if (examples == NULL)
        return;
    fputs(".SH EXAMPLES\n", out);
    for (const char *line = examples; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        fputs(line == examples ? ".nf\n.RS\n" : ".PP\n.nf\n.RS\n", out);
        put_text(out, line, len);
        fputs("\n.RE\n.fi\n", out);
        line += len + (line[len] == '\n');
    }
}

static void put_command_page(FILE *out, const struct program *program,
                             const struct command_row *command)
{
    put_head(out, program, command->name);
    put_name(out, program, command->name, command->help);
    fputs(".SH SYNOPSIS\n\\fB", out);
    put(out, program->name);
    fputc(' ', out);
    put(out, command->name);
    fputs("\\fR \\fI", out);
    put(out, command->operands);
    fputs("\\fR [\\fIOPTION\\fR]…\n.SH DESCRIPTION\n", out);
    put(out, command->help);
    fputc('\n', out);
    if (command->notes != NULL)
        put_paragraphs(out, command->notes);
    fputs(".SH OPTIONS\n", out);
    put_options(out, program, command_bit(program, command));
    put_examples(out, command->examples);
    fputs(".SH SEE ALSO\n.BR ", out);
    put(out, program->name);
    fputs(" (1)\n", out);
}

static void put_commands(FILE *out, const struct program *program)
{
    char operands[OPTION_TEXT_LEN];
    fputs(".SH COMMANDS\n", out);
    for (const struct command_row *row = program->commands; row->name != NULL; row++) {
        snprintf(operands, sizeof operands, "%s%s", row->operands[0] != '\0' ? " " : "",
                 row->operands);
        put_row(out, row->name, operands, row->help);
    }
    put_row(out, "help", " [COMMAND]", "Show what there is, or what a command takes.");
}

static void put_program_page(FILE *out, const struct program *program)
{
    put_head(out, program, NULL);
    put_name(out, program, NULL, program->summary);
    fputs(".SH SYNOPSIS\n\\fB", out);
    put(out, program->name);
    fputs("\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]…\n.SH DESCRIPTION\n", out);
    put(out, program->summary);
    fputc('\n', out);
    put_commands(out, program);
    fputs(".SH OPTIONS\n", out);
    put_row(out, "--version", "", "Show the version.");
    put_row(out, "--completion", " SHELL",
            "Print the completion script for bash, zsh or fish, for the shell to read.");
    put_row(out, "--man", " DIR", "Write these pages into a folder.");
    put_texts(out, "EXIT STATUS", program->exits);
    put_texts(out, "ENVIRONMENT", program->environment);
    fputs(".SH SEE ALSO\n", out);
    for (const struct command_row *row = program->commands; row->name != NULL; row++) {
        fputs(".BR ", out);
        put(out, program->name);
        fputs("\\-", out);
        put(out, row->name);
        fprintf(out, " (1)%s\n", row[1].name != NULL ? "," : "");
    }
}

static int write_page(const struct program *program, const struct command_row *command,
                      const char *directory, struct error *err)
{
    char path[MAN_PATH_LEN];
    if (snprintf(path, sizeof path, "%s/%s%s%s.1", directory, program->name,
                 command != NULL ? "-" : "", command != NULL ? command->name : "") >= MAN_PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: path too long", directory);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    if (command == NULL)
        put_program_page(out, program);
    else
        put_command_page(out, program, command);
    bool wrong = ferror(out) != 0;
    if (fclose(out) != 0 || wrong)
        return error_errno(err, "%s", path);
    return 0;
}

int write_man_pages(const struct program *program, const char *directory, struct error *err)
{
    if (write_page(program, NULL, directory, err) != 0)
        return -1;
    for (const struct command_row *row = program->commands; row->name != NULL; row++)
        if (write_page(program, row, directory, err) != 0)
            return -1;
    return 0;
}
