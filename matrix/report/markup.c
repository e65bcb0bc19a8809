#include "matrix/report/markup.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* The length of the character at `text`, 0 if it is none that XML 1.0 allows (section 2.2). */
static size_t character_len(const unsigned char *text)
{
    static const uint32_t first_of_len[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = text[0];
    if (lead < 0x80)
        return lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    uint32_t code = lead & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3F);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < first_of_len[len] || code > 0x10FFFF || surrogate || code == 0xFFFE ||
                   code == 0xFFFF
               ? 0
               : len;
}

static void put_markup(FILE *out, const char *character, size_t len)
{
    switch (*character) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        fwrite(character, 1, len, out);
    }
}

void markup_text(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t len = character_len((const unsigned char *)text);
        if (len == 0)
            fputs(replacement, out);
        else
            put_markup(out, text, len);
        text += len == 0 ? 1 : len;
    }
}

static void put_markdown(FILE *out, const char *character, size_t len)
{
    static const char special[] = "\\`*_{}[]<>#+!|~&@$";
    if (*character == '\n' || *character == '\r' || *character == '\t')
        fputc(' ', out);
    else if (len == 1 && strchr(special, *character) != NULL)
        fprintf(out, "&#%d;", *character);
    else
        fwrite(character, 1, len, out);
}

void markdown_text(FILE *out, const char *text, size_t max_len)
{
    for (size_t num = 0; *text != '\0'; num++) {
        size_t len = character_len((const unsigned char *)text);
        if (num == max_len) {
            fputs("…", out);
            return;
        }
        if (len == 0)
            fputs(replacement, out);
        else
            put_markdown(out, text, len);
        text += len == 0 ? 1 : len;
    }
}
