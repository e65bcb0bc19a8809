#include "captures/certificate_compression.h"

#include "captures/limits.h"
#include "harness/wire/reader.h"

#include <brotli/decode.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

/* Each fills `out` with exactly `len` bytes, or fails. None writes beyond. */
static bool unpack_zlib(uint8_t *out, size_t len, const uint8_t *in, size_t in_len)
{
    uLongf out_len = len;
    return uncompress(out, &out_len, in, in_len) == Z_OK && out_len == len;
}

static bool unpack_brotli(uint8_t *out, size_t len, const uint8_t *in, size_t in_len)
{
    size_t out_len = len;
    return BrotliDecoderDecompress(in_len, in, &out_len, out) == BROTLI_DECODER_RESULT_SUCCESS &&
           out_len == len;
}

static bool unpack_zstd(uint8_t *out, size_t len, const uint8_t *in, size_t in_len)
{
    size_t out_len = ZSTD_decompress(out, len, in, in_len);
    return !ZSTD_isError(out_len) && out_len == len;
}

/* IANA "TLS Certificate Compression Algorithm IDs" (RFC 8879 section 7.3). */
static const struct {
    uint16_t id;
    bool (*unpack)(uint8_t *out, size_t len, const uint8_t *in, size_t in_len);
} algorithms[] = {
    { 1, unpack_zlib },
    { 2, unpack_brotli },
    { 3, unpack_zstd },
};

uint8_t *certificate_unpack(size_t *len, const uint8_t *body, size_t body_len)
{
    struct reader reader = reader_of(body, body_len);
    uint16_t algorithm = reader_u16(&reader);
    size_t out_len = reader_u24(&reader);
    struct reader packed = reader_block(&reader, 3);
    if (!reader_done(&reader) || out_len == 0 || out_len > CERTIFICATE_UNPACKED_MAX)
        return NULL;
    uint8_t *out = malloc(out_len);
    for (size_t i = 0; out != NULL && i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (algorithms[i].id == algorithm &&
            algorithms[i].unpack(out, out_len, packed.data, packed.len)) {
            *len = out_len;
            return out;
        }
    free(out);
    return NULL;
}
