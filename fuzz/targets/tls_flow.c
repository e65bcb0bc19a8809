/* Two byte streams to records, messages and alerts (captures/tls_flow.h), without keys. Input: one
 * byte that chooses how pieces are cut, then pieces: a byte for the direction and what it is, two
 * for the length, the bytes. */
#include "captures/tls_flow.h"
#include "captures/tls_search.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/tls_mutator.h"
#include "harness/wire/writer.h"

#include <string.h>

enum { PIECES_MAX = 256, FROM_SERVER = 1, IS_GAP = 2 };

static void on_record(void *context, const struct tls_record *record)
{
    struct writer *told = context;
    FUZZ_ASSERT(record->content_len <= record->fragment_len);
    FUZZ_ASSERT(record->content != NULL || record->why != NULL);
    FUZZ_ASSERT(record->protection != PROTECTION_DECRYPTED); /* by what? */
    writer_u8(told, 'r');
    writer_u8(told, (uint8_t)record->from);
    writer_u8(told, record->type);
    writer_u8(told, (uint8_t)record->protection);
    writer_u24(told, (uint32_t)record->fragment_len);
    writer_bytes(told, record->fragment, record->fragment_len);
}

static void on_message(void *context, const struct tls_message *message)
{
    struct writer *told = context;
    writer_u8(told, 'm');
    writer_u8(told, (uint8_t)message->from);
    writer_u8(told, message->type);
    writer_bytes(told, message->body, message->len);
}

static void on_alert(void *context, const struct tls_alert *alert)
{
    struct writer *told = context;
    writer_u8(told, 'a');
    writer_u8(told, (uint8_t)alert->from);
    writer_u8(told, alert->level);
    writer_u8(told, alert->description);
}

/* What there is to compare, if it does not depend on where segments begin. */
struct result {
    struct writer told;
    struct tls_state state;
    bool clear_start[2]; /* the stream begins as TLS: no search */
};

static void feed(struct tls_flow *flow, enum role from, const uint8_t *data, size_t len,
                 size_t piece)
{
    static struct place place = { .packet = 1 };
    for (size_t at = 0; at < len; at += piece, place.packet++)
        tls_flow_data(flow, from, data + at, len - at < piece ? len - at : piece, place);
}

static void follow(struct result *out, struct fuzz_input input, size_t piece, bool gaps)
{
    static const struct tls_sink sink = { on_record, on_message, on_alert };
    struct tls_flow *flow = tls_flow_new(NULL, &sink, &out->told);
    bool begun[2] = { false, false };
    FUZZ_ASSERT(flow != NULL);
    writer_init(&out->told, 8 << 20);
    memset(out->clear_start, 0, sizeof out->clear_start);
    for (int i = 0; i < PIECES_MAX && input.len > 0; i++) {
        uint8_t head = fuzz_u8(&input);
        enum role from = (head & FROM_SERVER) != 0 ? ROLE_SERVER : ROLE_CLIENT;
        size_t len;
        uint16_t wanted = fuzz_u16(&input);
        if ((head & IS_GAP) != 0 && gaps) {
            tls_flow_gap(flow, from, wanted, (struct place){ .packet = 1 });
            continue;
        }
        const uint8_t *data = fuzz_bytes(&len, &input, wanted);
        if (!begun[from])
            out->clear_start[from] = tls_match_start(data, len) == TLS_MATCH_YES;
        begun[from] = true;
        feed(flow, from, data, len, piece);
    }
    for (int role = 0; role < 2; role++)
        out->clear_start[role] = out->clear_start[role] || !begun[role];
    tls_flow_finish(flow);
    out->state = *tls_flow_state(flow);
    tls_flow_free(flow);
}

static bool same(const struct result *a, const struct result *b)
{
    return a->told.len == b->told.len &&
           (a->told.len == 0 || memcmp(a->told.data, b->told.data, a->told.len) == 0) &&
           a->state.version == b->state.version && a->state.suite == b->state.suite &&
           a->state.waiting[0] == b->state.waiting[0] && a->state.waiting[1] == b->state.waiting[1];
}

static void run(const uint8_t *data, size_t len)
{
    static struct result whole, cut, hurt;
    struct fuzz_input input = { data, len };
    size_t piece = 1 + fuzz_u8(&input);
    follow(&whole, input, FUZZ_INPUT_MAX, false);
    follow(&cut, input, piece, false);
    follow(&hurt, input, piece, true);
    if (whole.clear_start[0] && whole.clear_start[1])
        FUZZ_ASSERT(same(&whole, &cut));
    writer_fini(&whole.told);
    writer_fini(&cut.told);
    writer_fini(&hurt.told);
}

static size_t mutate(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    return tls_mutate_pieces(data, len, max, seed, 1);
}

const struct fuzz_target fuzz_target = {
    .name = "tls_flow",
    .run = run,
    .mutate = mutate,
    .memory_base = 2 << 20,
    .memory_per_byte = 512, /* an empty record of five bytes may wait for its hello: its struct */
    .time_base_us = 100000,
    .time_per_byte_us = 500,
};
