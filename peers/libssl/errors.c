/* The library's error queue as one line of text. */
#include "peers/libssl/libssl.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ENTRY_LEN = 256 }; /* ERR_error_string_n() never needs more */

static void append(char *out, size_t out_len, const char *separator, const char *text)
{
    size_t used = strlen(out);
    snprintf(out + used, out_len - used, "%s%s", separator, text);
}

void libssl_take_errors(char *out, size_t out_len)
{
    const char *data;
    int flags;
    unsigned long code;
    out[0] = '\0';
    while ((code = ERR_get_error_line_data(NULL, NULL, &data, &flags)) != 0) {
        char entry[ENTRY_LEN];
        ERR_error_string_n(code, entry, sizeof entry);
        append(out, out_len, out[0] == '\0' ? "" : "; ", entry);
        if ((flags & ERR_TXT_STRING) != 0 && data != NULL && data[0] != '\0')
            append(out, out_len, ": ", data);
    }
    out[strcspn(out, "\r\n")] = '\0';
}

int libssl_error(struct error *err, enum error_class class, const char *format, ...)
{
    char own[TEXT_LEN], words[TEXT_LEN];
    va_list args;
    va_start(args, format);
    vsnprintf(own, sizeof own, format, args);
    va_end(args);
    libssl_take_errors(words, sizeof words);
    return error_set(err, class, "%s%s%s", own, words[0] == '\0' ? "" : ": ", words);
}
