#include "harness/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sequences[NUM_INKS] = {
    [INK_NONE] = "",        [INK_TITLE] = "\033[1m", [INK_GOOD] = "\033[32m",
    [INK_BAD] = "\033[31m", [INK_ODD] = "\033[33m",  [INK_FAINT] = "\033[2m",
};

bool terminal_has_colours(FILE *stream)
{
    const char *objection = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (objection != NULL && objection[0] != '\0')
        return false;
    return term != NULL && strcmp(term, "dumb") != 0 && isatty(fileno(stream));
}

const char *ink(FILE *stream, enum ink ink)
{
    return terminal_has_colours(stream) ? sequences[ink] : "";
}

const char *ink_end(FILE *stream)
{
    return terminal_has_colours(stream) ? "\033[0m" : "";
}

static size_t columns_of(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

size_t text_columns(const char *text)
{
    return columns_of(text, strlen(text));
}

void print_wrapped(FILE *out, size_t at, size_t indent, const char *text)
{
    size_t column = at;
    bool begins = true; /* nothing of the text stands in this line */
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        size_t columns = columns_of(text, len);
        if (!begins && column + 1 + columns > TEXT_COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            begins = true;
        }
        column += (size_t)fprintf(out, "%s%.*s", begins || len == 0 ? "" : " ", (int)len, text) -
                  len + columns;
        begins = begins && len == 0;
        text += len;
        if (*text == '\n') {
            fprintf(out, "\n%*s", text[1] == '\n' || text[1] == '\0' ? 0 : (int)indent, "");
            column = indent;
            begins = true;
        }
        text += *text != '\0';
    }
    if (!begins)
        fputc('\n', out);
}
