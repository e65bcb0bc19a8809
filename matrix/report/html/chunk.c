#include "matrix/report/html/chunk.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 9 };

void base64_write(FILE *out, const void *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *next = bytes;
    for (; len > 0; next += len < 3 ? len : 3, len -= len < 3 ? len : 3) {
        uint32_t bits = (uint32_t)next[0] << 16 | (len > 1 ? (uint32_t)next[1] << 8 : 0) |
                        (len > 2 ? next[2] : 0);
        char text[4] = { digits[bits >> 18], digits[bits >> 12 & 63],
                         len > 1 ? digits[bits >> 6 & 63] : '=',
                         len > 2 ? digits[bits & 63] : '=' };
        fwrite(text, 1, sizeof text, out);
    }
}

/* The caller frees *out. */
static int gzip(uint8_t **out, size_t *out_len, const void *bytes, size_t len, struct error *err)
{
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len };
    if (len > UINT_MAX || deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                       MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return error_set(err, ERROR_HARNESS, "cannot compress %zu bytes", len);
    size_t room = deflateBound(&stream, (uLong)len);
    uint8_t *packed = malloc(room);
    if (packed == NULL) {
        deflateEnd(&stream);
        return error_set(err, ERROR_HARNESS, "out of memory");
    }
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    int status = deflate(&stream, Z_FINISH);
    *out_len = stream.total_out;
    deflateEnd(&stream);
    if (status != Z_STREAM_END) {
        free(packed);
        return error_set(err, ERROR_HARNESS, "cannot compress %zu bytes", len);
    }
    *out = packed;
    return 0;
}

int chunk_write(FILE *out, const char *name, int number, const void *bytes, size_t len,
                struct error *err)
{
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    if (gzip(&packed, &packed_len, bytes, len, err) < 0)
        return -1;
    fprintf(out, "<script type=\"application/gzip\" id=\"%s", name);
    if (number >= 0)
        fprintf(out, "-%d", number);
    fputs("\">", out);
    base64_write(out, packed, packed_len);
    fputs("</script>\n", out);
    free(packed);
    return 0;
}
