#include "harness/wire/record.h"

#include "harness/wire/reader.h"
#include "harness/wire/registry.h"

#include <string.h>

enum {
    SSLV2_VERSION = 0x0002,
    SSLV2_HEADER_LEN = 2,
    SSLV2_HELLO_MIN = 9, /* msg_type, version, three lengths (RFC 5246 appendix E.2) */
};

void splitter_init(struct splitter *splitter)
{
    *splitter = (struct splitter){ .begun = false };
    writer_init(&splitter->pending, 2 * (size_t)RECORD_LEN_MAX);
}

void splitter_fini(struct splitter *splitter)
{
    writer_fini(&splitter->pending);
}

/* What has been given out makes room. */
static void compact(struct splitter *splitter)
{
    writer_remove(&splitter->pending, 0, splitter->at);
    splitter->at = 0;
}

size_t splitter_feed(struct splitter *splitter, const void *bytes, size_t len)
{
    compact(splitter);
    size_t room = splitter->pending.max - splitter->pending.len;
    if (len > room)
        len = room;
    writer_bytes(&splitter->pending, bytes, len);
    return splitter->pending.failed ? 0 : len;
}

static struct reader unread(const struct splitter *splitter)
{
    if (splitter->pending.len == splitter->at)
        return reader_of(NULL, 0);
    return reader_of(splitter->pending.data + splitter->at, splitter->pending.len - splitter->at);
}

static enum split give(struct splitter *splitter, struct record *out, const uint8_t *start,
                       size_t header_len)
{
    out->data = start;
    out->fragment = start + header_len;
    out->len = header_len + out->fragment_len;
    splitter->at += out->len;
    splitter->begun = true;
    return out->version == SSLV2_VERSION ? SPLIT_SSLV2_HELLO : SPLIT_RECORD;
}

static enum split next_sslv2(struct splitter *splitter, struct record *out)
{
    struct reader reader = unread(splitter);
    const uint8_t *start = reader.data;
    uint16_t len = reader_u16(&reader) & 0x7FFF;
    if (len < SSLV2_HELLO_MIN) {
        splitter->lost = true;
        return SPLIT_NOT_TLS;
    }
    if (reader_bytes(&reader, len) == NULL)
        return SPLIT_MORE;
    *out =
        (struct record){ .type = CONTENT_HANDSHAKE, .version = SSLV2_VERSION, .fragment_len = len };
    return give(splitter, out, start, SSLV2_HEADER_LEN);
}

static bool is_sslv2(const struct splitter *splitter, const struct reader *reader)
{
    return !splitter->begun && (reader->data[0] & 0x80) != 0 && reader->len > 2 &&
           reader->data[2] == HANDSHAKE_CLIENT_HELLO;
}

enum split splitter_next(struct splitter *splitter, struct record *out)
{
    struct reader reader = unread(splitter);
    const uint8_t *start = reader.data;
    if (splitter->lost)
        return SPLIT_NOT_TLS;
    if (reader.len < 3)
        return SPLIT_MORE;
    if (is_sslv2(splitter, &reader))
        return next_sslv2(splitter, out);
    struct record record = { .type = reader_u8(&reader) };
    record.version = reader_u16(&reader);
    if (record.version >> 8 != 3) {
        splitter->lost = true;
        return SPLIT_NOT_TLS;
    }
    struct reader fragment = reader_block(&reader, 2);
    if (reader.failed)
        return SPLIT_MORE;
    record.fragment_len = fragment.len;
    *out = record;
    return give(splitter, out, start, RECORD_HEADER_LEN);
}

size_t splitter_announced(const struct splitter *splitter)
{
    struct reader reader = unread(splitter);
    bool has_header = reader.len >= RECORD_HEADER_LEN && !splitter->lost;
    return has_header ? (size_t)reader.data[3] << 8 | reader.data[4] : 0;
}

const uint8_t *splitter_rest(struct splitter *splitter, size_t *len)
{
    struct reader reader = unread(splitter);
    *len = reader.len;
    splitter->at += reader.len;
    return reader.data;
}

size_t splitter_waiting(const struct splitter *splitter)
{
    return splitter->pending.len - splitter->at;
}

void record_write(struct writer *out, uint8_t type, uint16_t version, const void *fragment,
                  size_t len)
{
    writer_u8(out, type);
    writer_u16(out, version);
    size_t mark = writer_open(out, 2);
    writer_bytes(out, fragment, len);
    writer_close(out, mark, 2);
}
