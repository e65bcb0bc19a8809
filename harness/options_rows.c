/* What the table of a program says, for whoever parses, prints or completes. */
#include "harness/options_parts.h"

#include <string.h>

uint32_t command_bit(const struct program *program, const struct command_row *command)
{
    return UINT32_C(1) << (command - program->commands);
}

const struct command_row *command_of(const struct program *program, const char *name)
{
    for (const struct command_row *row = program->commands; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

const struct option_row *option_of(const struct program *program, uint32_t bit, const char *name,
                                   size_t name_len)
{
    for (const struct option_row *row = program->options; row->name != NULL; row++)
        if ((row->commands & bit) && strlen(row->name) == name_len &&
            memcmp(row->name, name, name_len) == 0)
            return row;
    return NULL;
}

const struct option_row *option_of_letter(const struct program *program, uint32_t bit, char letter)
{
    for (const struct option_row *row = program->options; row->name != NULL; row++)
        if ((row->commands & bit) && row->letter == letter)
            return row;
    return NULL;
}

bool command_has_options(const struct program *program, uint32_t bit)
{
    for (const struct option_row *row = program->options; row->name != NULL; row++)
        if (row->commands & bit)
            return true;
    return false;
}

void option_text(char out[OPTION_TEXT_LEN], const struct option_row *row, bool align)
{
    const char *behind = row->argument != NULL ? row->argument : row->operand;
    char letter[] = { '-', row->letter, ',', ' ', '\0' };
    snprintf(out, OPTION_TEXT_LEN, "%s--%s%s%s",
             row->letter != 0 ? letter
             : align          ? "    "
                              : "",
             row->name, behind != NULL ? " " : "", behind != NULL ? behind : "");
}

/* Every program knows these, unless its own table says otherwise. */
static const struct value_kind common_kinds[] = {
    { "FILE", NULL, completion_offer_files },
    { "DIR", NULL, completion_offer_folders },
    { 0 },
};

static const struct value_kind *find_kind(const struct value_kind *kinds, const char *word,
                                          size_t word_len)
{
    for (; kinds != NULL && kinds->name != NULL; kinds++)
        if (strlen(kinds->name) == word_len && memcmp(kinds->name, word, word_len) == 0)
            return kinds;
    return NULL;
}

/* Without brackets around it and dots behind it. */
static void strip(const char **text, size_t *len)
{
    static const char dots[] = "…";
    while (*len > 0 && (*text)[0] == '[') {
        (*text)++;
        (*len)--;
    }
    for (;;) {
        size_t cut = *len > 0 && (*text)[*len - 1] == ']' ? 1 : 0;
        if (*len >= strlen(dots) && memcmp(*text + *len - strlen(dots), dots, strlen(dots)) == 0 &&
            *len > strlen(dots) && (*text)[*len - strlen(dots) - 1] != ',')
            cut = strlen(dots);
        if (cut == 0)
            return;
        *len -= cut;
    }
}

void each_choice(const struct program *program, const char *text, size_t text_len,
                 void (*take)(void *context, const struct value_choice *choice), void *context)
{
    strip(&text, &text_len);
    for (const char *end = text + text_len; text < end;) {
        const char *bar = memchr(text, '|', (size_t)(end - text));
        struct value_choice choice = { .word = text,
                                       .word_len = (size_t)((bar != NULL ? bar : end) - text) };
        strip(&choice.word, &choice.word_len);
        choice.literal = choice.word_len > 0 &&
                         strspn(choice.word, "abcdefghijklmnopqrstuvwxyz-") >= choice.word_len;
        choice.kind = find_kind(program->values, choice.word, choice.word_len);
        if (choice.kind == NULL)
            choice.kind = find_kind(common_kinds, choice.word, choice.word_len);
        take(context, &choice);
        text = bar != NULL ? bar + 1 : end;
    }
}
