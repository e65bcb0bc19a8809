/* The assembler of harness/wire/handshake.h: fragments of records to handshake messages. Input: one
 * byte that chooses how the stream is cut, then the stream. */
#include "harness/wire/handshake.h"
#include "fuzz/common/fuzz.h"
#include "harness/wire/record.h"

#include <string.h>

struct outcome {
    struct writer bytes; /* of the messages, written again */
    size_t num_messages;
    int last;
    bool at_boundary;
};

static void take_all(struct outcome *out, struct assembler *assembler)
{
    struct handshake_message message;
    while ((out->last = assembler_next(assembler, &message)) == 1) {
        FUZZ_ASSERT(message.len <= HANDSHAKE_BODY_MAX);
        handshake_write(&out->bytes, message.type, message.body, message.len);
        out->num_messages++;
    }
}

/* Fragments of at most `piece` bytes. */
static void assemble(struct outcome *out, const uint8_t *data, size_t len, size_t piece)
{
    struct assembler assembler;
    assembler_init(&assembler);
    *out = (struct outcome){ .last = 0 };
    writer_init(&out->bytes, 2 * FUZZ_INPUT_MAX);
    for (size_t at = 0; at < len && out->last == 0; at += piece) {
        size_t fragment = len - at < piece ? len - at : piece;
        FUZZ_ASSERT(assembler_feed(&assembler, data + at, fragment) == 0);
        take_all(out, &assembler);
    }
    out->at_boundary = assembler_at_boundary(&assembler);
    assembler_fini(&assembler);
}

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    size_t piece = 1 + fuzz_u8(&input);
    struct outcome whole, cut;
    assemble(&whole, input.data, input.len, RECORD_PLAINTEXT_MAX);
    assemble(&cut, input.data, input.len, piece);
    FUZZ_ASSERT(!whole.bytes.failed && whole.bytes.len <= input.len);
    FUZZ_ASSERT(whole.bytes.len == 0 || memcmp(whole.bytes.data, input.data, whole.bytes.len) == 0);
    if (whole.last == 0)
        FUZZ_ASSERT(whole.at_boundary == (whole.bytes.len == input.len));
    FUZZ_ASSERT(whole.num_messages == cut.num_messages && whole.last == cut.last);
    FUZZ_ASSERT(whole.bytes.len == cut.bytes.len);
    writer_fini(&whole.bytes);
    writer_fini(&cut.bytes);
}

const struct fuzz_target fuzz_target = {
    .name = "handshake",
    .run = run,
    .memory_base = 1 << 20,
    .memory_per_byte = 16,
    .time_base_us = 50000,
    .time_per_byte_us = 200, /* one byte at a time, each moves what waits */
};
