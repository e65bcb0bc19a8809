/* The attacker's own certificate, read from the file that the forge wrote. */
#include "matrix/relay/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 64 * 1024 }; /* a chain of RSA-4096 certificates has under 10 KiB */

static int base64_value(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);
    return at == NULL ? -1 : (int)(at - alphabet);
}

/* Decodes up to the first '-', over line ends and padding; RFC 4648 section 4. */
static size_t decode(uint8_t *out, const char *text)
{
    size_t len = 0;
    uint32_t bits = 0;
    unsigned num_bits = 0;
    for (; *text != '\0' && *text != '-'; text++) {
        int value = base64_value(*text);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        num_bits += 6;
        if (num_bits >= 8) {
            num_bits -= 8;
            out[len++] = (uint8_t)(bits >> num_bits);
        }
    }
    return len;
}

static int read_text(char text[PEM_MAX], const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_errno(err, "%s", path);
    size_t len = fread(text, 1, PEM_MAX - 1, file);
    fclose(file);
    text[len] = '\0';
    return 0;
}

int relay_read_certificate(uint8_t **out, size_t *out_len, const char *path, struct error *err)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    char text[PEM_MAX];
    if (read_text(text, path, err) < 0)
        return -1;
    const char *at = strstr(text, begin);
    if (at == NULL)
        return error_set(err, ERROR_HARNESS, "%s: no certificate in it", path);
    uint8_t *der = malloc(sizeof text); /* more than base64 can make of it */
    if (der == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    *out_len = decode(der, at + sizeof begin - 1);
    *out = der;
    return 0;
}
