#include "captures/flow.h"

#include "captures/flow_stream.h"
#include "captures/limits.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

enum {
    FIRST_BUCKETS = 64,
    LINGER_NS = 1000000000,
};

struct flow {
    struct connection connection; /* what others see */
    struct flow_table *table;
    struct stream streams[2]; /* by sender's role */
    uint64_t hash;
    bool lingering;
    uint64_t lingers_since_ns;
    LIST_ENTRY(flow) in_bucket;
    TAILQ_ENTRY(flow) in_order;  /* of the last packet */
    TAILQ_ENTRY(flow) in_linger; /* of their ends */
};

LIST_HEAD(bucket, flow);
TAILQ_HEAD(flow_list, flow);

struct flow_table {
    struct flow_sink sink;
    void *context;
    struct bucket *buckets;
    size_t num_buckets; /* a power of two */
    size_t num_flows, num_lingering;
    size_t held_size; /* over all streams */
    uint64_t last_number;
    uint64_t seed; /* nobody can make a capture all of whose connections share a bucket */
    struct flow_list by_activity, lingering;
};

/* ---- the table ---- */

struct flow_table *flow_table_new(const struct flow_sink *sink, void *context)
{
    struct flow_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->buckets = calloc(FIRST_BUCKETS, sizeof *table->buckets);
    if (table->buckets == NULL) {
        free(table);
        return NULL;
    }
    table->num_buckets = FIRST_BUCKETS;
    table->sink = *sink;
    table->context = context;
    if (getrandom(&table->seed, sizeof table->seed, GRND_NONBLOCK) < 0)
        table->seed = 0x9E3779B97F4A7C15u;
    TAILQ_INIT(&table->by_activity);
    TAILQ_INIT(&table->lingering);
    return table;
}

/* The same for both directions: the sum of what the two ends give. */
static uint64_t hash_address(uint64_t seed, const struct tcp_address *address)
{
    uint64_t words[2];
    memcpy(words, address->ip, sizeof words);
    unsigned __int128 mixed =
        (unsigned __int128)(words[0] ^ seed) * (words[1] ^ address->port ^ 0xE7037ED1A0B428DBu);
    uint64_t folded = (uint64_t)mixed ^ (uint64_t)(mixed >> 64);
    mixed = (unsigned __int128)(folded ^ seed) * 0x8EBC6AF09C88C6E3u;
    return (uint64_t)mixed ^ (uint64_t)(mixed >> 64);
}

static uint64_t hash_segment(const struct flow_table *table, const struct segment *segment)
{
    return hash_address(table->seed, &segment->source) +
           hash_address(table->seed, &segment->destination);
}

static bool sent_by(const struct flow *flow, enum role role, const struct segment *segment)
{
    return tcp_address_equal(&flow->connection.address[role], &segment->source) &&
           tcp_address_equal(&flow->connection.address[1 - role], &segment->destination);
}

static struct bucket *bucket_of(const struct flow_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->num_buckets - 1)];
}

static struct flow *find(const struct flow_table *table, const struct segment *segment,
                         uint64_t hash)
{
    struct flow *flow;
    LIST_FOREACH(flow, bucket_of(table, hash), in_bucket)
    {
        if (flow->hash == hash &&
            (sent_by(flow, ROLE_CLIENT, segment) || sent_by(flow, ROLE_SERVER, segment)))
            return flow;
    }
    return NULL;
}

/* Without memory for more buckets the old ones do. */
static void grow(struct flow_table *table)
{
    struct bucket *old = table->buckets;
    struct bucket *buckets = calloc(2 * table->num_buckets, sizeof *buckets);
    if (buckets == NULL)
        return;
    table->buckets = buckets;
    table->num_buckets *= 2;
    struct flow *flow;
    TAILQ_FOREACH(flow, &table->by_activity, in_order)
    {
        LIST_INSERT_HEAD(bucket_of(table, flow->hash), flow, in_bucket);
    }
    free(old);
}

static void forget(struct flow *flow)
{
    struct flow_table *table = flow->table;
    LIST_REMOVE(flow, in_bucket);
    TAILQ_REMOVE(&table->by_activity, flow, in_order);
    if (flow->lingering) {
        TAILQ_REMOVE(&table->lingering, flow, in_linger);
        table->num_lingering--;
    }
    table->num_flows--;
    for (int role = 0; role < 2; role++) {
        table->held_size -= flow->streams[role].held_size;
        stream_fini(&flow->streams[role]);
    }
    free(flow);
}

void flow_table_free(struct flow_table *table)
{
    if (table == NULL)
        return;
    while (!TAILQ_EMPTY(&table->by_activity))
        forget(TAILQ_FIRST(&table->by_activity));
    free(table->buckets);
    free(table);
}

/* ---- to the sink ---- */

/* One direction of a flow, as a stream sees where its bytes go. */
struct direction {
    struct flow *flow;
    enum role from;
};

static void out_data(void *context, const uint8_t *data, size_t len, struct place place)
{
    const struct direction *direction = context;
    const struct flow_table *table = direction->flow->table;
    if (table->sink.data != NULL)
        table->sink.data(table->context, &direction->flow->connection, direction->from, data, len,
                         place);
}

static void out_gap(void *context, uint64_t len, struct place place)
{
    const struct direction *direction = context;
    const struct flow_table *table = direction->flow->table;
    if (table->sink.gap != NULL)
        table->sink.gap(table->context, &direction->flow->connection, direction->from, len, place);
}

static void tell(struct flow *flow, enum role from, enum flow_event event, struct place place)
{
    const struct flow_table *table = flow->table;
    if (table->sink.event != NULL)
        table->sink.event(table->context, &flow->connection, from, event, place);
}

static void out_fin(void *context)
{
    const struct direction *direction = context;
    tell(direction->flow, direction->from, FLOW_FIN,
         direction->flow->connection.sent[direction->from].fin);
}

static struct stream_out out_of(struct direction *direction)
{
    return (struct stream_out){
        .context = direction,
        .data = out_data,
        .gap = out_gap,
        .fin = out_fin,
        .counts = &direction->flow->connection.sent[direction->from],
    };
}

static void end(struct flow *flow, enum flow_end how)
{
    const struct flow_table *table = flow->table;
    for (int role = 0; role < 2; role++) {
        struct direction direction = { flow, (enum role)role };
        struct stream_out out = out_of(&direction);
        size_t held = flow->streams[role].held_size;
        stream_finish(&flow->streams[role], &out, flow->connection.last);
        flow->table->held_size -= held - flow->streams[role].held_size;
    }
    if (table->sink.closed != NULL)
        table->sink.closed(table->context, &flow->connection, how);
    forget(flow);
}

static int compare_numbers(const void *a, const void *b)
{
    const struct flow *const *left = a, *const *right = b;
    uint64_t l = (*left)->connection.number, r = (*right)->connection.number;
    return (l > r) - (l < r);
}

void flow_table_finish(struct flow_table *table)
{
    size_t num = 0;
    struct flow *flow;
    struct flow **flows = calloc(table->num_flows + 1, sizeof(struct flow *));
    if (flows == NULL) { /* then in order of activity */
        while (!TAILQ_EMPTY(&table->by_activity))
            end(TAILQ_FIRST(&table->by_activity), FLOW_END_OF_CAPTURE);
        return;
    }
    TAILQ_FOREACH(flow, &table->by_activity, in_order)
    {
        flows[num++] = flow;
    }
    qsort(flows, num, sizeof(struct flow *), compare_numbers);
    for (size_t i = 0; i < num; i++)
        end(flows[i], flows[i]->lingering ? FLOW_CLOSED : FLOW_END_OF_CAPTURE);
    free(flows);
}

/* Ends those whose second is over, and the oldest where there are too many. */
static void expire(struct flow_table *table, uint64_t now_ns)
{
    struct flow *flow;
    while ((flow = TAILQ_FIRST(&table->lingering)) != NULL &&
           ((int64_t)(now_ns - flow->lingers_since_ns) >= LINGER_NS ||
            table->num_lingering > FLOW_LINGERING_MAX))
        end(flow, FLOW_CLOSED);
    if (table->num_flows < FLOW_CONNECTIONS_MAX)
        return;
    if (flow != NULL)
        end(flow, FLOW_CLOSED);
    else
        end(TAILQ_FIRST(&table->by_activity), FLOW_FORGOTTEN);
}

/* ---- connections ---- */

/* Who is the client: the sender of a SYN, the receiver of a SYN/ACK, else the higher port. */
static bool sender_is_client(const struct segment *segment)
{
    if ((segment->flags & TCP_SYN) != 0)
        return (segment->flags & TCP_ACK) == 0;
    return segment->source.port >= segment->destination.port;
}

static struct flow *begin(struct flow_table *table, const struct segment *segment, uint64_t hash,
                          struct place place)
{
    struct flow *flow = calloc(1, sizeof *flow);
    if (flow == NULL)
        return NULL;
    enum role sender = sender_is_client(segment) ? ROLE_CLIENT : ROLE_SERVER;
    flow->table = table;
    flow->hash = hash;
    flow->connection.number = ++table->last_number;
    flow->connection.address[sender] = segment->source;
    flow->connection.address[1 - sender] = segment->destination;
    flow->connection.start_seen = (segment->flags & TCP_SYN) != 0;
    flow->connection.first = place;
    if (table->num_flows >= table->num_buckets)
        grow(table);
    LIST_INSERT_HEAD(bucket_of(table, hash), flow, in_bucket);
    TAILQ_INSERT_TAIL(&table->by_activity, flow, in_order);
    table->num_flows++;
    if (table->sink.opened != NULL)
        table->sink.opened(table->context, &flow->connection);
    return flow;
}

/* A SYN begins another connection, unless it is this one's, sent again or seen late. */
static bool begins_another(const struct flow *flow, enum role from, const struct segment *segment)
{
    const struct stream *stream = &flow->streams[from];
    if ((segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return false;
    return from != ROLE_CLIENT || !stream->has_initial || stream->initial != segment->seq;
}

static void start_stream(struct stream *stream, uint32_t initial)
{
    if (stream->has_initial)
        return;
    stream->has_initial = true;
    stream->initial = initial;
    if (!stream->started)
        stream->next = initial + 1;
    stream->started = true;
}

static void take_syn(struct flow *flow, enum role from, const struct segment *segment,
                     struct place place)
{
    struct flow_sender *sent = &flow->connection.sent[from];
    bool answer = (segment->flags & TCP_ACK) != 0;
    start_stream(&flow->streams[from], segment->seq);
    if (answer)
        start_stream(&flow->streams[1 - from], segment->ack - 1);
    if (sent->syn.packet != 0)
        return;
    sent->syn = place;
    tell(flow, from, answer ? FLOW_SYN_ACK : FLOW_SYN, place);
}

static void take_ack(struct stream *acknowledged, uint32_t ack)
{
    if (acknowledged->acked && (int32_t)(ack - acknowledged->acked_to) <= 0)
        return;
    acknowledged->acked = true;
    acknowledged->acked_to = ack;
}

/* Gives up this stream's hole also where all streams together hold too much. */
static int take_payload(struct flow *flow, enum role from, const struct segment *segment,
                        uint32_t seq, struct place place, struct error *err)
{
    struct stream *stream = &flow->streams[from];
    struct direction direction = { flow, from };
    struct stream_out out = out_of(&direction);
    size_t held = stream->held_size;
    bool kept = stream_receive(stream, &out, segment, seq, place);
    while (stream->held != NULL &&
           flow->table->held_size - held + stream->held_size > FLOW_HELD_TOTAL_MAX)
        stream_give_up_hole(stream, &out);
    flow->table->held_size += stream->held_size - held;
    return kept ? 0 : error_set(err, ERROR_HARNESS, "out of memory");
}

static void take_fin(struct flow *flow, enum role from, uint32_t seq, struct place place)
{
    struct stream *stream = &flow->streams[from];
    struct flow_sender *sent = &flow->connection.sent[from];
    if (stream->has_fin)
        return;
    stream->has_fin = true;
    stream->fin_seq = seq;
    sent->fin = place;
}

static void linger(struct flow *flow, uint64_t now_ns)
{
    const struct flow_sender *sent = flow->connection.sent;
    bool over = (sent[0].fin.packet != 0 && sent[1].fin.packet != 0) || sent[0].rst.packet != 0 ||
                sent[1].rst.packet != 0;
    if (!over || flow->lingering)
        return;
    flow->lingering = true;
    flow->lingers_since_ns = now_ns;
    TAILQ_INSERT_TAIL(&flow->table->lingering, flow, in_linger);
    flow->table->num_lingering++;
}

static void take_rst(struct flow *flow, enum role from, struct place place)
{
    if (flow->connection.sent[from].rst.packet != 0)
        return;
    flow->connection.sent[from].rst = place;
    tell(flow, from, FLOW_RST, place);
}

static int take_segment(struct flow *flow, enum role from, const struct segment *segment,
                        struct place place, struct error *err)
{
    struct stream *stream = &flow->streams[from];
    uint32_t seq = segment->seq + ((segment->flags & TCP_SYN) != 0);
    if ((segment->flags & TCP_RST) != 0) { /* what it carries is a text, not the stream's */
        take_rst(flow, from, place);
        return 0;
    }
    if ((segment->flags & TCP_SYN) != 0)
        take_syn(flow, from, segment, place);
    if ((segment->flags & TCP_ACK) != 0)
        take_ack(&flow->streams[1 - from], segment->ack);
    if (!stream->started && (segment->wire_len > 0 || (segment->flags & TCP_FIN) != 0)) {
        stream->started = true;
        stream->next = seq;
    }
    if ((segment->flags & TCP_FIN) != 0)
        take_fin(flow, from, seq + (uint32_t)segment->wire_len, place);
    if (!stream->started)
        return 0;
    return take_payload(flow, from, segment, seq, place, err);
}

int flow_table_add(struct flow_table *table, const struct segment *segment, struct place place,
                   struct error *err)
{
    uint64_t hash = hash_segment(table, segment);
    expire(table, place.time_ns);
    struct flow *flow = find(table, segment, hash);
    enum role from =
        flow != NULL && !sent_by(flow, ROLE_CLIENT, segment) ? ROLE_SERVER : ROLE_CLIENT;
    if (flow != NULL && begins_another(flow, from, segment)) {
        end(flow, FLOW_REUSED);
        flow = NULL;
    }
    if (flow == NULL) {
        if ((segment->flags & TCP_SYN) == 0 &&
            (segment->wire_len == 0 || (segment->flags & TCP_RST) != 0))
            return 0; /* a straggler of a connection that is over or was never seen */
        flow = begin(table, segment, hash, place);
        if (flow == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        from = sent_by(flow, ROLE_CLIENT, segment) ? ROLE_CLIENT : ROLE_SERVER;
    }
    flow->connection.last = place;
    flow->connection.num_packets++;
    flow->connection.sent[from].packets++;
    TAILQ_REMOVE(&table->by_activity, flow, in_order);
    TAILQ_INSERT_TAIL(&table->by_activity, flow, in_order);
    int ret = take_segment(flow, from, segment, place, err);
    linger(flow, place.time_ns);
    return ret;
}
