#include "harness/wire/handshake.h"

#include "harness/wire/reader.h"
#include "harness/wire/record.h"

void assembler_init(struct assembler *assembler)
{
    assembler->at = 0;
    /* A message, and the record that completes it and may begin others. */
    writer_init(&assembler->pending, HANDSHAKE_HEADER_LEN + HANDSHAKE_BODY_MAX + RECORD_LEN_MAX);
}

void assembler_fini(struct assembler *assembler)
{
    writer_fini(&assembler->pending);
}

int assembler_feed(struct assembler *assembler, const void *fragment, size_t len)
{
    writer_remove(&assembler->pending, 0, assembler->at);
    assembler->at = 0;
    writer_bytes(&assembler->pending, fragment, len);
    return assembler->pending.failed ? -1 : 0;
}

int assembler_next(struct assembler *assembler, struct handshake_message *out)
{
    size_t waiting = assembler->pending.len - assembler->at;
    if (waiting < HANDSHAKE_HEADER_LEN)
        return 0;
    struct reader reader = reader_of(assembler->pending.data + assembler->at, waiting);
    uint8_t type = reader_u8(&reader);
    struct reader length = reader;
    if (reader_u24(&length) > HANDSHAKE_BODY_MAX)
        return -1;
    struct reader body = reader_block(&reader, 3);
    if (reader.failed)
        return 0;
    *out = (struct handshake_message){ .type = type, .body = body.data, .len = body.len };
    assembler->at += HANDSHAKE_HEADER_LEN + body.len;
    return 1;
}

bool assembler_at_boundary(const struct assembler *assembler)
{
    return assembler->at == assembler->pending.len;
}

void handshake_write(struct writer *out, uint8_t type, const void *body, size_t len)
{
    writer_u8(out, type);
    size_t mark = writer_open(out, 3);
    writer_bytes(out, body, len);
    writer_close(out, mark, 3);
}
