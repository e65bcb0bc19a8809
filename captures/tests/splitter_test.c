/* The splitter: whose a packet is, when a connection is over, and what becomes of stragglers. */
#include "captures/splitter.h"
#include "captures/tests/packets.h"

#include <poll.h>
#include <unistd.h>

enum { ALL_IN_MS = 20000 };

/* Everything is connection 7, but for what the server says to a client it does not have. */
static uint32_t key_of(const struct segment *segment)
{
    return segment->seq == 999 ? 0 : 7;
}

static void write_packet(int fd, struct tcp tcp)
{
    struct bytes packet = { .len = 0 };
    add_ipv4(&packet, &tcp, 0, 0);
    const uint32_t header[] = { 1, 0, (uint32_t)packet.len, (uint32_t)packet.len };
    assert_int_equal(write(fd, header, sizeof header), sizeof header);
    assert_int_equal(write(fd, packet.data, packet.len), packet.len);
}

static struct splitter *start(int *fd)
{
    static const uint32_t header[] = { 0xA1B2C3D4, 2 | 4 << 16, 0, 0, 65535, LINK_RAW };
    int ends[2];
    struct error err = { 0 };
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], header, sizeof header), sizeof header);
    struct splitter *splitter = splitter_start(fdopen(ends[0], "r"), "test", key_of, &err);
    assert_non_null(splitter);
    *fd = ends[1];
    return splitter;
}

/* Ends the stream and waits until all of it is sorted. */
static void end(struct splitter *splitter, int fd)
{
    close(fd);
    while (!splitter_ended(splitter)) {
        struct pollfd wait = { .fd = splitter_fd(splitter), .events = POLLIN };
        assert_int_equal(poll(&wait, 1, ALL_IN_MS), 1);
        splitter_clear(splitter);
    }
}

static void finish(struct splitter *splitter)
{
    struct error err = { 0 };
    assert_int_equal(splitter_finish(splitter, &err), 0);
}

static void a_reset_ends_a_connection(void **state)
{
    int fd;
    struct splitter *splitter = start(&fd);
    (void)state;
    write_packet(fd, (struct tcp){ .seq = 1, .flags = TCP_SYN });
    write_packet(fd, (struct tcp){ .from_server = true, .seq = 5, .flags = TCP_RST });
    end(splitter, fd);
    assert_true(splitter_is_over(splitter, 7));
    finish(splitter);
}

static void two_fins_end_it_when_the_last_is_acknowledged(void **state)
{
    const struct tcp packets[] = {
        { .seq = 1, .flags = TCP_SYN },
        { .seq = 2, .flags = TCP_FIN | TCP_ACK, .ack = 50 },
        { .from_server = true, .seq = 50, .flags = TCP_FIN | TCP_ACK, .ack = 3 },
        { .seq = 3, .flags = TCP_ACK, .ack = 51 },
    };
    (void)state;
    for (size_t num = 1; num <= LEN(packets); num++) {
        int fd;
        struct splitter *splitter = start(&fd);
        for (size_t i = 0; i < num; i++)
            write_packet(fd, packets[i]);
        end(splitter, fd);
        assert_int_equal(splitter_is_over(splitter, 7), num == LEN(packets));
        finish(splitter);
    }
}

static void what_is_taken_is_all_there_is_in_order(void **state)
{
    int fd;
    struct splitter *splitter = start(&fd);
    (void)state;
    write_packet(fd, (struct tcp){ .seq = 1, .payload = "one" });
    write_packet(fd, (struct tcp){ .from_server = true, .seq = 999, .payload = "nobody's" });
    write_packet(fd, (struct tcp){ .from_server = true, .seq = 9, .payload = "two" });
    end(splitter, fd);
    struct split_connection *taken = splitter_take(splitter, 7);
    assert_non_null(taken);
    assert_int_equal(taken->num_packets, 2);
    assert_int_equal(taken->link_type, LINK_RAW);
    assert_memory_equal(taken->bytes + taken->packets[0].offset + 40, "one", 3);
    assert_memory_equal(taken->bytes + taken->packets[1].offset + 40, "two", 3);
    assert_false(taken->lost);
    split_connection_free(taken);
    assert_null(splitter_take(splitter, 7));
    finish(splitter);
}

static void stragglers_of_what_was_taken_are_thrown_away(void **state)
{
    int fd;
    struct splitter *splitter = start(&fd);
    (void)state;
    assert_null(splitter_take(splitter, 7));
    write_packet(fd, (struct tcp){ .seq = 1, .payload = "late" });
    end(splitter, fd);
    assert_null(splitter_take(splitter, 7));
    assert_null(splitter_take(splitter, 8));
    finish(splitter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_ends_a_connection),
        cmocka_unit_test(two_fins_end_it_when_the_last_is_acknowledged),
        cmocka_unit_test(what_is_taken_is_all_there_is_in_order),
        cmocka_unit_test(stragglers_of_what_was_taken_are_thrown_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
