/* Streams out of segments: order, overlap, holes, wrap, ends, and that nothing grows. */
#include "captures/tests/packets.h"

#include "captures/limits.h"

#include <stdio.h>

/* What a sink was told, one line a call. */
struct story {
    char text[8192];
    size_t len;
    uint64_t opened, closed;
    struct connection last; /* as it was closed */
    bool quiet;
};

__attribute__((format(printf, 2, 3))) static void tell(struct story *story, const char *format, ...)
{
    va_list args;
    if (story->quiet)
        return;
    va_start(args, format);
    story->len +=
        (size_t)vsnprintf(story->text + story->len, sizeof story->text - story->len, format, args);
    va_end(args);
    assert_true(story->len < sizeof story->text);
}

static void on_opened(void *context, struct connection *connection)
{
    struct story *story = context;
    (void)connection;
    story->opened++;
}

static void on_data(void *context, struct connection *connection, enum role from,
                    const uint8_t *data, size_t len, struct place place)
{
    (void)connection;
    tell(context, "%c%.*s@%d ", from == ROLE_CLIENT ? '>' : '<', (int)len, (const char *)data,
         (int)place.packet);
}

static void on_gap(void *context, struct connection *connection, enum role from, uint64_t len,
                   struct place place)
{
    (void)connection;
    tell(context, "%cgap %d@%d ", from == ROLE_CLIENT ? '>' : '<', (int)len, (int)place.packet);
}

static void on_event(void *context, struct connection *connection, enum role from,
                     enum flow_event event, struct place place)
{
    static const char *const names[] = { "SYN", "SYN/ACK", "FIN", "RST" };
    (void)connection;
    tell(context, "%c%s@%d ", from == ROLE_CLIENT ? '>' : '<', names[event], (int)place.packet);
}

static void on_closed(void *context, struct connection *connection, enum flow_end end)
{
    static const char *const names[] = { "closed", "reused", "forgotten", "open" };
    struct story *story = context;
    story->closed++;
    story->last = *connection;
    tell(story, "%s%s", names[end], story->opened > story->closed ? " " : "");
}

static const struct flow_sink sink = { on_opened, on_data, on_gap, on_event, on_closed };

/* A segment as packet_read() gives it. `cut` bytes of it were not captured. */
static struct segment segment_of(const struct tcp *tcp, size_t cut)
{
    struct segment segment = { .seq = tcp->seq, .ack = tcp->ack, .flags = tcp->flags };
    struct tcp_address client = { .port = CLIENT_PORT }, server = { .port = SERVER_PORT };
    segment.source = tcp->from_server ? server : client;
    segment.destination = tcp->from_server ? client : server;
    segment.wire_len = payload_len(tcp);
    segment.len = segment.wire_len - cut;
    segment.payload = (const uint8_t *)tcp->payload;
    return segment;
}

static void run_cut(struct story *story, const struct tcp tcps[], size_t num, size_t cut)
{
    struct flow_table *table = flow_table_new(&sink, story);
    assert_non_null(table);
    for (size_t i = 0; i < num; i++) {
        size_t here = cut < payload_len(&tcps[i]) ? cut : payload_len(&tcps[i]);
        struct segment segment = segment_of(&tcps[i], here);
        struct place place = { i + 1, i * 1000 };
        assert_int_equal(flow_table_add(table, &segment, place, NULL), 0);
    }
    flow_table_finish(table);
    flow_table_free(table);
    assert_int_equal(story->opened, story->closed);
}

#define RUN(out, ...)                                                                              \
    do {                                                                                           \
        static const struct tcp tcps[] = { __VA_ARGS__ };                                          \
        *(out) = (struct story){ .len = 0 };                                                       \
        run_cut(out, tcps, LEN(tcps), 0);                                                          \
    } while (0)

#define SYN(s)                                                                                     \
    {                                                                                              \
        .seq = (s), .flags = TCP_SYN                                                               \
    }
#define SYN_ACK(s, a)                                                                              \
    {                                                                                              \
        .from_server = true, .seq = (s), .ack = (a), .flags = TCP_SYN | TCP_ACK                    \
    }
#define C(s, text)                                                                                 \
    {                                                                                              \
        .seq = (s), .payload = (text)                                                              \
    }
#define S(s, text)                                                                                 \
    {                                                                                              \
        .from_server = true, .seq = (s), .payload = (text)                                         \
    }
#define C_FIN(s)                                                                                   \
    {                                                                                              \
        .seq = (s), .flags = TCP_FIN                                                               \
    }
#define S_FIN(s)                                                                                   \
    {                                                                                              \
        .from_server = true, .seq = (s), .flags = TCP_FIN                                          \
    }

static void a_connection_from_beginning_to_end(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), SYN_ACK(500, 101), C(101, "abc"), S(501, "xyz"), C_FIN(104), S_FIN(504));
    assert_string_equal(story.text, ">SYN@1 <SYN/ACK@2 >abc@3 <xyz@4 >FIN@5 <FIN@6 closed");
    assert_true(story.last.start_seen);
    assert_int_equal(story.last.address[ROLE_CLIENT].port, CLIENT_PORT);
    assert_int_equal(story.last.num_packets, 6);
    assert_int_equal(story.last.sent[ROLE_CLIENT].packets, 3);
    assert_int_equal(story.last.sent[ROLE_SERVER].packets, 3);
    assert_int_equal(story.last.sent[ROLE_CLIENT].bytes, 3);
    assert_int_equal(story.last.sent[ROLE_SERVER].fin.packet, 6);
}

static void segments_out_of_order_come_out_in_order(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), C(107, "ghi"), C(104, "def"), C_FIN(110), C(101, "abc"));
    assert_string_equal(story.text, ">SYN@1 >abc@5 >def@3 >ghi@2 >FIN@4 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].reordered, 2);
    assert_int_equal(story.last.sent[ROLE_CLIENT].missing, 0);
}

static void what_comes_again_is_dropped_and_counted(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), SYN(100), C(101, "abc"), C(101, "abc"), C(101, "abcdef"));
    assert_string_equal(story.text, ">SYN@1 >abc@3 >def@5 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].retransmitted, 6);
    assert_int_equal(story.last.sent[ROLE_CLIENT].disagreeing, 0);
}

static void the_first_wins_and_disagreement_is_noted(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), C(101, "abc"), C(102, "XYd"));
    assert_string_equal(story.text, ">SYN@1 >abc@2 >d@3 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].disagreeing, 2);
}

static void the_first_wins_behind_a_hole_too(void **state)
{
    struct story story;
    (void)state;
    /* "EF" was there first; what lies over it on both sides gives way in its middle. */
    RUN(&story, SYN(100), C(105, "EF"), C(103, "cdxyg"), C(101, "ab!"));
    assert_string_equal(story.text, ">SYN@1 >ab@4 >cd@3 >EF@2 >g@3 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].disagreeing, 3);
}

static void a_hole_that_is_never_filled_is_a_gap(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), C(101, "abc"), C(109, "ij"), C_FIN(111));
    assert_string_equal(story.text, ">SYN@1 >abc@2 >gap 5@3 >ij@3 >FIN@4 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].missing, 5);
}

static void a_tail_that_was_acknowledged_and_not_seen_is_a_gap(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), SYN_ACK(500, 101), C(101, "abc"),
        { .from_server = true, .seq = 501, .ack = 111, .flags = TCP_ACK });
    assert_string_equal(story.text, ">SYN@1 <SYN/ACK@2 >abc@3 >gap 7@4 open");
    RUN(&story, SYN(100), C(101, "abc"), C_FIN(109));
    assert_string_equal(story.text, ">SYN@1 >abc@2 >gap 5@3 >FIN@3 open");
    /* A single number may be the FIN alone. */
    RUN(&story, SYN(100), SYN_ACK(500, 101), C(101, "abc"),
        { .from_server = true, .seq = 501, .ack = 105, .flags = TCP_ACK });
    assert_string_equal(story.text, ">SYN@1 <SYN/ACK@2 >abc@3 open");
}

static void what_the_snapshot_length_cut_is_a_gap(void **state)
{
    static const struct tcp tcps[] = { SYN(100), C(101, "abcdef"), C(107, "ghijkl") };
    struct story story = { .len = 0 };
    (void)state;
    run_cut(&story, tcps, LEN(tcps), 4);
    assert_string_equal(story.text, ">SYN@1 >ab@2 >gap 4@2 >gh@3 >gap 4@3 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].cut, 8);
    assert_int_equal(story.last.sent[ROLE_CLIENT].missing, 8);
}

static void sequence_numbers_wrap(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(0xFFFFFFFC), C(0xFFFFFFFD, "abc"), C(3, "ghi"), C(0, "def"),
        C(0xFFFFFFFD, "abc"), C_FIN(6));
    assert_string_equal(story.text, ">SYN@1 >abc@2 >def@4 >ghi@3 >FIN@6 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].disagreeing, 0);
}

static void keep_alives_are_no_data(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), C(101, "abc"), C(103, "?"), { .seq = 103, .flags = TCP_ACK },
        C(104, "def"));
    assert_string_equal(story.text, ">SYN@1 >abc@2 >def@5 open");
    assert_int_equal(story.last.sent[ROLE_CLIENT].packets, 5);
    assert_int_equal(story.last.sent[ROLE_SERVER].packets, 0);
    assert_int_equal(story.last.sent[ROLE_CLIENT].disagreeing, 0);
    assert_int_equal(story.last.sent[ROLE_CLIENT].retransmitted, 0);
}

static void a_port_that_is_used_again_is_another_connection(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), C(101, "abc"), SYN(9000), C(9001, "def"), C(104, "old"));
    assert_string_equal(story.text, ">SYN@1 >abc@2 reused>SYN@3 >def@4 open");
    assert_int_equal(story.closed, 2);
    assert_int_equal(story.last.number, 2);
}

static void without_a_start_the_higher_port_is_the_client(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, S(500, "xyz"), C(100, "abc"));
    assert_string_equal(story.text, "<xyz@1 >abc@2 open");
    assert_false(story.last.start_seen);
    RUN(&story, SYN_ACK(500, 101), C(101, "abc"));
    assert_string_equal(story.text, "<SYN/ACK@1 >abc@2 open");
    assert_true(story.last.start_seen);
}

static void stragglers_of_unknown_connections_are_none(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, { .seq = 1, .ack = 2, .flags = TCP_ACK }, C_FIN(1), { .seq = 1, .flags = TCP_RST });
    assert_int_equal(story.opened, 0);
}

static void a_reset_ends_it_and_what_crossed_it_still_counts(void **state)
{
    struct story story;
    (void)state;
    RUN(&story, SYN(100), SYN_ACK(500, 101),
        { .from_server = true, .seq = 501, .flags = TCP_RST, .payload = "why" }, C(101, "abc"));
    assert_string_equal(story.text, ">SYN@1 <SYN/ACK@2 <RST@3 >abc@4 closed");
    assert_int_equal(story.last.sent[ROLE_SERVER].rst.packet, 3);
}

static void a_second_later_an_ended_connection_is_forgotten(void **state)
{
    struct story story = { .len = 0 };
    struct flow_table *table = flow_table_new(&sink, &story);
    static const struct tcp ends[] = { SYN(100), { .seq = 101, .flags = TCP_RST } };
    (void)state;
    for (size_t i = 0; i < LEN(ends); i++) {
        struct segment segment = segment_of(&ends[i], 0);
        flow_table_add(table, &segment, (struct place){ i + 1, 0 }, NULL);
    }
    struct segment other = segment_of(&ends[0], 0);
    other.source.port = 7;
    flow_table_add(table, &other, (struct place){ 3, 999999999 }, NULL);
    assert_int_equal(story.closed, 0);
    flow_table_add(table, &other, (struct place){ 4, 1000000000 }, NULL);
    assert_int_equal(story.closed, 1);
    flow_table_free(table);
}

/* ---- bounds ---- */

/* Behind a hole no more waits than FLOW_HELD_MAX. */
static void a_long_wait_behind_a_hole_is_given_up(void **state)
{
    static char payload[1000];
    struct story story = { .quiet = true };
    struct flow_table *table = flow_table_new(&sink, &story);
    struct tcp syn = SYN(100);
    struct segment segment = segment_of(&syn, 0);
    (void)state;
    flow_table_add(table, &segment, (struct place){ 1, 0 }, NULL);
    for (uint32_t i = 0; i < 2 * FLOW_HELD_MAX / 1000; i++) {
        struct tcp tcp = { .seq = 111 + i * 1000, .payload = payload, .payload_len = 1000 };
        segment = segment_of(&tcp, 0);
        assert_int_equal(flow_table_add(table, &segment, (struct place){ i + 2, 0 }, NULL), 0);
    }
    flow_table_finish(table);
    flow_table_free(table);
    assert_int_equal(story.last.sent[ROLE_CLIENT].missing, 10);
    assert_int_equal(story.last.sent[ROLE_CLIENT].bytes, 2 * FLOW_HELD_MAX / 1000 * 1000);
}

/* A hundred thousand connections that end, and as many that never do: what is open at one moment is
 * bounded, and each is told of. */
static void many_connections_do_not_add_up(void **state)
{
    struct story story = { .quiet = true };
    struct flow_table *table = flow_table_new(&sink, &story);
    uint64_t packet = 0;
    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        struct tcp tcps[] = { SYN(i), C(i + 1, "abc"), { .seq = i + 4, .flags = TCP_RST } };
        for (size_t k = 0; k < (i % 2 == 0 ? LEN(tcps) : LEN(tcps) - 1); k++) {
            struct segment segment = segment_of(&tcps[k], 0);
            memcpy(segment.source.ip, &i, sizeof i);
            packet++;
            assert_int_equal(
                flow_table_add(table, &segment, (struct place){ packet, packet * 1000 }, NULL), 0);
            assert_true(story.opened - story.closed <= FLOW_CONNECTIONS_MAX);
        }
    }
    flow_table_finish(table);
    flow_table_free(table);
    assert_int_equal(story.opened, 200000);
    assert_int_equal(story.closed, 200000);
}

/* All within the second that an ended connection waits for stragglers. */
static void connections_that_have_ended_do_not_wait_in_any_number(void **state)
{
    struct story story = { .quiet = true };
    struct flow_table *table = flow_table_new(&sink, &story);
    (void)state;
    for (uint32_t i = 0; i < 10 * FLOW_LINGERING_MAX; i++) {
        struct tcp tcps[] = { SYN(i), { .seq = i + 1, .flags = TCP_RST } };
        for (size_t k = 0; k < LEN(tcps); k++) {
            struct segment segment = segment_of(&tcps[k], 0);
            memcpy(segment.source.ip, &i, sizeof i);
            assert_int_equal(flow_table_add(table, &segment, (struct place){ i + 1, 0 }, NULL), 0);
        }
        assert_true(story.opened - story.closed <= FLOW_LINGERING_MAX + 1);
    }
    flow_table_free(table);
}

/* Segments of one stream in any order, of any overlap, with nothing missing: the stream comes out,
 * byte for byte. */
static void any_order_gives_the_same_stream(void **state)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint32_t random = 1;
    (void)state;
    for (int round = 0; round < 500; round++) {
        struct tcp tcps[64] = { SYN(0xFFFFFFF0) };
        for (size_t i = 1; i + 1 < LEN(tcps); i++) {
            random = random * 1664525 + 1013904223;
            size_t at = (random >> 8) % (sizeof text - 1);
            size_t len = 1 + (random >> 20) % 9;
            if (at + len > sizeof text - 1)
                len = sizeof text - 1 - at;
            tcps[i] = (struct tcp){ .seq = 0xFFFFFFF1 + (uint32_t)at, .payload = text + at };
            tcps[i].payload_len = len;
        }
        tcps[LEN(tcps) - 1] = (struct tcp){ .seq = 0xFFFFFFF1, .payload = text };
        struct story story = { .quiet = true };
        run_cut(&story, tcps, LEN(tcps), 0);
        assert_int_equal(story.last.sent[ROLE_CLIENT].bytes, sizeof text - 1);
        assert_int_equal(story.last.sent[ROLE_CLIENT].missing, 0);
        assert_int_equal(story.last.sent[ROLE_CLIENT].disagreeing, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_from_beginning_to_end),
        cmocka_unit_test(segments_out_of_order_come_out_in_order),
        cmocka_unit_test(what_comes_again_is_dropped_and_counted),
        cmocka_unit_test(the_first_wins_and_disagreement_is_noted),
        cmocka_unit_test(the_first_wins_behind_a_hole_too),
        cmocka_unit_test(a_hole_that_is_never_filled_is_a_gap),
        cmocka_unit_test(a_tail_that_was_acknowledged_and_not_seen_is_a_gap),
        cmocka_unit_test(what_the_snapshot_length_cut_is_a_gap),
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(keep_alives_are_no_data),
        cmocka_unit_test(a_port_that_is_used_again_is_another_connection),
        cmocka_unit_test(without_a_start_the_higher_port_is_the_client),
        cmocka_unit_test(stragglers_of_unknown_connections_are_none),
        cmocka_unit_test(a_reset_ends_it_and_what_crossed_it_still_counts),
        cmocka_unit_test(a_second_later_an_ended_connection_is_forgotten),
        cmocka_unit_test(a_long_wait_behind_a_hole_is_given_up),
        cmocka_unit_test(many_connections_do_not_add_up),
        cmocka_unit_test(connections_that_have_ended_do_not_wait_in_any_number),
        cmocka_unit_test(any_order_gives_the_same_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
