/* Library texts as one line (text.h). */
#include "peers/gnutls/text.h"

void text_line(char *out, size_t size, const char *text)
{
    size_t len = 0;
    for (; text[len] != '\0' && len + 1 < size; len++)
        out[len] = text[len] == '\n' ? ' ' : text[len];
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
}
