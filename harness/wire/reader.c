#include "harness/wire/reader.h"

#include <assert.h>

struct reader reader_of(const void *data, size_t len)
{
    return (struct reader){ .data = data, .len = len };
}

const uint8_t *reader_bytes(struct reader *reader, size_t len)
{
    if (reader->failed || len > reader->len) {
        reader->failed = true;
        reader->len = 0; /* so that "while something is left" ends */
        return NULL;
    }
    const uint8_t *at = reader->data;
    if (len > 0)
        reader->data += len;
    reader->len -= len;
    return at;
}

static uint32_t read_number(struct reader *reader, size_t len)
{
    uint32_t value = 0;
    const uint8_t *at = reader_bytes(reader, len);
    for (size_t i = 0; at != NULL && i < len; i++)
        value = value << 8 | at[i];
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)read_number(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)read_number(reader, 2);
}

uint32_t reader_u24(struct reader *reader)
{
    return read_number(reader, 3);
}

struct reader reader_block(struct reader *reader, size_t prefix_len)
{
    assert(prefix_len >= 1 && prefix_len <= 3);
    size_t len = read_number(reader, prefix_len);
    const uint8_t *at = reader_bytes(reader, len);
    if (reader->failed)
        return (struct reader){ .failed = true };
    return reader_of(at, len);
}

bool reader_done(const struct reader *reader)
{
    return !reader->failed && reader->len == 0;
}
