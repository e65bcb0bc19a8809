#include "harness/wire/writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 512 }; /* most hellos fit without growing */

void writer_init(struct writer *writer, size_t max)
{
    *writer = (struct writer){ .max = max };
}

void writer_fini(struct writer *writer)
{
    free(writer->data);
    *writer = (struct writer){ .failed = true };
}

void writer_clear(struct writer *writer)
{
    writer->len = 0;
    writer->failed = false;
}

/* Room for `len` more bytes, or the failure is noted. */
static bool reserve(struct writer *writer, size_t len)
{
    if (writer->failed || len > writer->max - writer->len) {
        writer->failed = true;
        return false;
    }
    if (writer->len + len <= writer->room)
        return true;
    size_t room = writer->room == 0 ? FIRST_ROOM : writer->room;
    while (room < writer->len + len)
        room *= 2;
    uint8_t *data = realloc(writer->data, room);
    if (data == NULL) {
        writer->failed = true;
        return false;
    }
    writer->data = data;
    writer->room = room;
    return true;
}

void writer_bytes(struct writer *writer, const void *bytes, size_t len)
{
    if (len == 0 || !reserve(writer, len))
        return;
    memcpy(writer->data + writer->len, bytes, len);
    writer->len += len;
}

static void put_number(uint8_t *out, uint32_t value, size_t len)
{
    for (size_t i = len; i > 0; i--, value >>= 8)
        out[i - 1] = (uint8_t)value;
}

static void write_number(struct writer *writer, uint32_t value, size_t len)
{
    uint8_t bytes[3];
    put_number(bytes, value, len);
    writer_bytes(writer, bytes, len);
}

void writer_u8(struct writer *writer, uint8_t value)
{
    write_number(writer, value, 1);
}

void writer_u16(struct writer *writer, uint16_t value)
{
    write_number(writer, value, 2);
}

void writer_u24(struct writer *writer, uint32_t value)
{
    write_number(writer, value, 3);
}

size_t writer_open(struct writer *writer, size_t prefix_len)
{
    assert(prefix_len >= 1 && prefix_len <= 3);
    write_number(writer, 0, prefix_len);
    return writer->len;
}

void writer_close(struct writer *writer, size_t mark, size_t prefix_len)
{
    if (writer->failed)
        return;
    assert(mark >= prefix_len && mark <= writer->len);
    size_t len = writer->len - mark;
    if (len >> (8 * prefix_len) != 0)
        writer->failed = true;
    else
        put_number(writer->data + mark - prefix_len, (uint32_t)len, prefix_len);
}

void writer_remove(struct writer *writer, size_t at, size_t len)
{
    if (at >= writer->len)
        return;
    if (len > writer->len - at)
        len = writer->len - at;
    memmove(writer->data + at, writer->data + at + len, writer->len - at - len);
    writer->len -= len;
}
