/* The splitter of harness/wire/record.h: bytes of a stream to records. Input: one byte that chooses
 * how the stream is cut, then the stream. */
#include "fuzz/common/fuzz.h"
#include "fuzz/common/tls_mutator.h"
#include "harness/wire/record.h"

#include <string.h>

enum { PIECES_MAX = 64 };

/* What came out, all of it: each step's kind and the record's own values, then the bytes. */
struct outcome {
    struct writer told;
    struct writer bytes; /* of the records, then of the rest */
    enum split last;
};

static void outcome_init(struct outcome *outcome)
{
    writer_init(&outcome->told, 8 * FUZZ_INPUT_MAX);
    writer_init(&outcome->bytes, 2 * FUZZ_INPUT_MAX);
    outcome->last = SPLIT_MORE;
}

static void outcome_fini(struct outcome *outcome)
{
    writer_fini(&outcome->told);
    writer_fini(&outcome->bytes);
}

/* A record that is written again is the record that was read. */
static void check_written(const struct record *record)
{
    struct writer again;
    writer_init(&again, RECORD_LEN_MAX);
    record_write(&again, record->type, record->version, record->fragment, record->fragment_len);
    FUZZ_ASSERT(!again.failed && again.len == record->len);
    FUZZ_ASSERT(memcmp(again.data, record->data, record->len) == 0);
    writer_fini(&again);
}

static void take(struct outcome *out, enum split split, const struct record *record)
{
    FUZZ_ASSERT(record->len >= record->fragment_len);
    FUZZ_ASSERT(record->fragment + record->fragment_len == record->data + record->len);
    if (split == SPLIT_RECORD)
        check_written(record);
    writer_u8(&out->told, split);
    writer_u8(&out->told, record->type);
    writer_u16(&out->told, record->version);
    writer_u24(&out->told, (uint32_t)record->len);
    writer_bytes(&out->bytes, record->data, record->len);
}

static void drain(struct outcome *out, struct splitter *splitter)
{
    struct record record;
    for (;;) {
        size_t waiting = splitter_waiting(splitter);
        out->last = splitter_next(splitter, &record);
        if (out->last != SPLIT_RECORD && out->last != SPLIT_SSLV2_HELLO)
            return;
        FUZZ_ASSERT(splitter_waiting(splitter) == waiting - record.len); /* it moves on */
        take(out, out->last, &record);
    }
}

/* Feeds the stream in pieces of 1 … `piece` bytes; 0: as large as may be. */
static void split(struct outcome *out, const uint8_t *data, size_t len, size_t piece)
{
    struct splitter splitter;
    size_t at = 0, rest_len;
    splitter_init(&splitter);
    while (at < len) {
        size_t want = piece == 0 ? RECORD_LEN_MAX : 1 + at % piece;
        size_t next = len - at < want ? len - at : want;
        size_t taken = splitter_feed(&splitter, data + at, next);
        drain(out, &splitter);
        if (out->last == SPLIT_NOT_TLS) {
            at += taken;
            break;
        }
        FUZZ_ASSERT(taken == next); /* all records were taken out: there is room */
        at += taken;
    }
    FUZZ_ASSERT(splitter_announced(&splitter) <= 0xFFFF);
    const uint8_t *rest = splitter_rest(&splitter, &rest_len);
    writer_bytes(&out->bytes, rest, rest_len);
    writer_bytes(&out->bytes, data + at, len - at);
    FUZZ_ASSERT(splitter_waiting(&splitter) == 0);
    splitter_fini(&splitter);
}

static bool same(const struct writer *a, const struct writer *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    size_t piece = 1 + fuzz_u8(&input) % PIECES_MAX;
    struct outcome whole, cut;
    outcome_init(&whole);
    outcome_init(&cut);
    split(&whole, input.data, input.len, 0);
    split(&cut, input.data, input.len, piece);
    FUZZ_ASSERT(!whole.told.failed && !whole.bytes.failed);
    FUZZ_ASSERT(whole.bytes.len == input.len); /* no byte is lost, none comes twice */
    FUZZ_ASSERT(input.len == 0 || memcmp(whole.bytes.data, input.data, input.len) == 0);
    FUZZ_ASSERT(whole.last == cut.last && same(&whole.told, &cut.told));
    FUZZ_ASSERT(same(&whole.bytes, &cut.bytes));
    outcome_fini(&whole);
    outcome_fini(&cut);
}

static size_t mutate(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    return tls_mutate_stream(data, len, max, seed, 1);
}

const struct fuzz_target fuzz_target = {
    .name = "records",
    .run = run,
    .mutate = mutate,
    .memory_base = 1 << 20, /* two splitters with room for two records each, grown by doubling */
    .memory_per_byte = 16,
    .time_base_us = 50000,
    .time_per_byte_us = 200, /* one byte at a time, each moves what waits */
};
