#include "peers/minihttps/base64_file.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Value of a digit, or -1. */
static int digit_value(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = digit != '\0' ? strchr(digits, digit) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Four digits to `num` bytes, the other digits being padding. */
static bool decode_group(uint8_t *out, const char *group, size_t num)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i <= num ? digit_value(group[i]) : group[i] == '=' ? 0 : -1;
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
    }
    for (size_t i = 0; i < num; i++)
        out[i] = (uint8_t)(bits >> (16 - 8 * i));
    return num == 3 || (bits & (0xFFFFFFu >> (8 * num))) == 0;
}

static bool decode_into(uint8_t *out, const char *text, size_t len, size_t num_bytes)
{
    for (size_t i = 0; i < len; i += 4) {
        size_t left = num_bytes - i / 4 * 3;
        if (!decode_group(out + i / 4 * 3, text + i, left < 3 ? left : 3))
            return false;
    }
    return true;
}

int base64_decode(struct bytes *out, const char *text, size_t len, struct error *err)
{
    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len % 4 != 0 || len / 4 * 3 > BASE64_BYTES_MAX)
        return error_set(err, ERROR_USAGE, "not base64 of at most %d bytes", BASE64_BYTES_MAX);
    size_t num = len / 4 * 3;
    for (size_t i = 1; i <= 2 && len > 0 && text[len - i] == '='; i++)
        num--;
    uint8_t *data = malloc(num + 1);
    if (data == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (!decode_into(data, text, len, num)) {
        free(data);
        return error_set(err, ERROR_USAGE, "not base64");
    }
    *out = (struct bytes){ data, num };
    return 0;
}

int base64_file_read(struct bytes *out, const char *path, struct error *err)
{
    struct bytes text;
    if (file_read(&text, path, err) < 0) {
        if (err != NULL)
            err->class = ERROR_USAGE; /* these files are named by the user */
        return -1;
    }
    int result = base64_decode(out, (const char *)text.data, text.len, err);
    free(text.data);
    return result == 0 ? 0 : error_prefix(err, "%s", path);
}

int base64_file_write(const char *path, mode_t mode, const uint8_t *data, size_t len,
                      struct error *err)
{
    unsigned char *text = malloc((len + 2) / 3 * 4 + 1);
    if (text == NULL || len > BASE64_BYTES_MAX) {
        free(text);
        return error_set(err, ERROR_HARNESS, "%s: no memory for %zu bytes", path, len);
    }
    int text_len = EVP_EncodeBlock(text, data, (int)len);
    int result = file_write(path, mode, text, (size_t)text_len, err);
    free(text);
    return result;
}
