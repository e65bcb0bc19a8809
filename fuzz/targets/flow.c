/* TCP reassembly (captures/flow.h) against a model: each position of the stream has the byte that
 * came for it first, whatever the order, the overlaps and the wraps of sequence numbers; what never
 * came is a gap, and nothing else is. Input: a header, then segments. */
#include "captures/flow.h"
#include "fuzz/common/fuzz.h"

#include <string.h>

enum { STREAM_MAX = 32 * 1024, SEGMENT_MAX = 2048, SEGMENTS_MAX = 256 };

struct model {
    bool came[STREAM_MAX];
    uint8_t first[STREAM_MAX];
    size_t end; /* behind the last position that came */
};

struct seen {
    const struct model *model;
    size_t at; /* position in the stream */
};

/* Flags of a segment. */
enum { FROM_SERVER = 1, WITH_PUSH = 2, PATTERN = 4 };

/* Long streams out of short inputs: bytes that both copies of a piece agree on. */
static uint8_t pattern[STREAM_MAX];
static struct model models[2];
static struct seen seen[2];
static unsigned num_closed;

static void on_opened(void *context, struct connection *connection)
{
    (void)context;
    FUZZ_ASSERT(connection->start_seen);
}

static void on_data(void *context, struct connection *connection, enum role from,
                    const uint8_t *data, size_t len, struct place place)
{
    struct seen *s = &seen[from];
    (void)context;
    (void)connection;
    FUZZ_ASSERT(place.packet > 0);
    for (size_t i = 0; i < len; i++, s->at++) {
        FUZZ_ASSERT(s->at < STREAM_MAX && s->model->came[s->at]);
        FUZZ_ASSERT(data[i] == s->model->first[s->at]);
    }
}

static void on_gap(void *context, struct connection *connection, enum role from, uint64_t len,
                   struct place place)
{
    struct seen *s = &seen[from];
    (void)context;
    (void)connection;
    (void)place;
    FUZZ_ASSERT(len > 0 && len <= STREAM_MAX - s->at);
    for (uint64_t i = 0; i < len; i++, s->at++)
        FUZZ_ASSERT(!s->model->came[s->at]);
}

static void on_closed(void *context, struct connection *connection, enum flow_end end)
{
    (void)context;
    (void)end;
    for (int role = 0; role < 2; role++) {
        const struct flow_sender *sent = &connection->sent[role];
        FUZZ_ASSERT(seen[role].at == models[role].end);
        FUZZ_ASSERT(sent->bytes + sent->missing == models[role].end);
    }
    num_closed++;
}

/* The first to come counts. */
static void learn(struct model *model, size_t at, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!model->came[at + i]) {
            model->came[at + i] = true;
            model->first[at + i] = bytes[i];
        }
    if (len > 0 && at + len > model->end)
        model->end = at + len;
}

static struct segment segment_of(enum role from)
{
    static const struct tcp_address ends[2] = { { { 1 }, 40000 }, { { 2 }, 443 } };
    return (struct segment){ .source = ends[from], .destination = ends[1 - from] };
}

static void add(struct flow_table *table, const struct segment *segment, uint64_t number)
{
    struct place place = { number, number * 1000 };
    FUZZ_ASSERT(flow_table_add(table, segment, place, NULL) == 0);
}

static void run(const uint8_t *data, size_t len)
{
    static const struct flow_sink sink = { on_opened, on_data, on_gap, NULL, on_closed };
    struct fuzz_input input = { data, len };
    uint32_t initial[2] = { fuzz_u32(&input), fuzz_u32(&input) };
    uint64_t number = 0;
    struct flow_table *table = flow_table_new(&sink, NULL);
    FUZZ_ASSERT(table != NULL);
    memset(models, 0, sizeof models);
    for (int role = 0; role < 2; role++) {
        seen[role] = (struct seen){ .model = &models[role] };
        struct segment syn = segment_of((enum role)role);
        syn.seq = initial[role];
        syn.ack = initial[0] + 1;
        syn.flags = role == 0 ? TCP_SYN : TCP_SYN | TCP_ACK;
        add(table, &syn, ++number);
    }
    num_closed = 0;
    for (int i = 0; i < SEGMENTS_MAX && input.len > 0; i++) {
        uint8_t flags = fuzz_u8(&input);
        enum role from = (flags & FROM_SERVER) != 0 ? ROLE_SERVER : ROLE_CLIENT;
        size_t at = fuzz_up_to(&input, STREAM_MAX - SEGMENT_MAX);
        struct segment segment = segment_of(from);
        uint32_t wanted = fuzz_up_to(&input, SEGMENT_MAX);
        if ((flags & PATTERN) != 0) {
            segment.payload = pattern + at;
            segment.len = wanted;
        } else {
            segment.payload = fuzz_bytes(&segment.len, &input, wanted);
        }
        segment.wire_len = segment.len;
        segment.seq = initial[from] + 1 + (uint32_t)at;
        segment.flags = (flags & WITH_PUSH) != 0 ? TCP_PSH : 0;
        learn(&models[from], at, segment.payload, segment.len);
        add(table, &segment, ++number);
    }
    flow_table_finish(table);
    FUZZ_ASSERT(num_closed == 1);
    flow_table_free(table);
}

static void init(void)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + (i >> 8));
}

const struct fuzz_target fuzz_target = {
    .name = "flow",
    .init = init,
    .run = run,
    .memory_base = 1 << 20, /* patterns cost no input: 256 segments of 2 KiB */
    .memory_per_byte = 64,  /* a segment of one byte costs a list entry */
    .time_base_us = 100000,
    .time_per_byte_us = 50,
};
