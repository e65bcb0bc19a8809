/* What the relay writes down is read back as what happened: both streams, their ends, nothing of a
 * connection that is over, and headers that any reader takes. */
#include "captures/capture_file.h"
#include "captures/synthetic.h"
#include "captures/tests/packets.h"

#include <fcntl.h>
#include <unistd.h>

struct seen {
    struct bytes said[2];
    struct connection last;
    unsigned num_connections;
};

static const struct sockaddr_in client = { .sin_family = AF_INET,
                                           .sin_port = 0x3930, /* any */
                                           .sin_addr.s_addr = 0x0700017F };
static const struct sockaddr_in server = { .sin_family = AF_INET,
                                           .sin_port = 0xBB01, /* 443 */
                                           .sin_addr.s_addr = 0x0700807F };

static void on_data(void *context, struct connection *connection, enum role from,
                    const uint8_t *data, size_t len, struct place place)
{
    struct seen *seen = context;
    (void)connection, (void)place;
    add(&seen->said[from], data, len);
}

static void on_closed(void *context, struct connection *connection, enum flow_end end)
{
    struct seen *seen = context;
    (void)end;
    seen->last = *connection;
    seen->num_connections++;
}

/* RFC 1071: over a header that holds its own checksum the sum is 0xFFFF. */
static uint32_t folded(uint32_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return sum;
}

static void check_headers(const struct capture_packet *packet)
{
    assert_int_equal(folded(0, packet->data, 20), 0xFFFF);
    uint32_t pseudo = folded(6 + (uint32_t)(packet->len - 20), packet->data + 12, 8);
    assert_int_equal(folded(pseudo, packet->data + 20, packet->len - 20), 0xFFFF);
    assert_int_equal(packet->data[2] << 8 | packet->data[3], packet->len);
}

/* A recording into a file, and what is read of it. */
struct recording {
    char path[32];
    struct synthetic *synthetic;
    struct synthetic_connection connection;
};

static void begin(struct recording *recording)
{
    struct error err = { 0 };
    strcpy(recording->path, "/tmp/synthetic-XXXXXX");
    int fd = mkstemp(recording->path);
    assert_true(fd >= 0);
    recording->synthetic = synthetic_new(fd, &err);
    assert_non_null(recording->synthetic);
    synthetic_connect(recording->synthetic, &recording->connection, &client, &server);
}

static void end(struct recording *recording, struct seen *seen)
{
    static const struct flow_sink sink = { .data = on_data, .closed = on_closed };
    struct error err = { 0 };
    struct capture_item item;
    struct segment segment;
    uint64_t num_packets = 0, num_read = 0;
    assert_int_equal(synthetic_end(recording->synthetic, &num_packets, &err), 0);
    struct capture_file *file = capture_file_open(recording->path, &err);
    struct flow_table *table = flow_table_new(&sink, seen);
    assert_non_null(file);
    while (capture_file_next(file, &item, &err) > 0) {
        check_headers(&item.packet);
        assert_int_equal(packet_read(&segment, &item.packet), PACKET_TCP);
        const struct place place = { ++num_read, item.packet.time_ns };
        assert_int_equal(flow_table_add(table, &segment, place, &err), 0);
    }
    flow_table_finish(table);
    flow_table_free(table);
    capture_file_close(file);
    unlink(recording->path);
    assert_int_equal(num_read, num_packets);
    assert_int_equal(seen->num_connections, 1);
    assert_true(seen->last.start_seen);
    assert_int_equal(seen->last.sent[0].missing + seen->last.sent[1].missing, 0);
    assert_int_equal(seen->last.sent[0].retransmitted + seen->last.sent[1].retransmitted, 0);
}

static void both_streams_are_read_back_with_their_ends(void **state)
{
    static struct seen seen;
    static uint8_t much[40001];
    struct recording recording;
    (void)state;
    for (size_t i = 0; i < sizeof much; i++)
        much[i] = (uint8_t)(i * 31 >> 3);
    begin(&recording);
    synthetic_data(recording.synthetic, &recording.connection, ROLE_CLIENT, "ask", 3);
    synthetic_data(recording.synthetic, &recording.connection, ROLE_SERVER, much, sizeof much);
    synthetic_fin(recording.synthetic, &recording.connection, ROLE_SERVER);
    synthetic_data(recording.synthetic, &recording.connection, ROLE_CLIENT, "more", 4);
    synthetic_fin(recording.synthetic, &recording.connection, ROLE_CLIENT);
    end(&recording, &seen);
    assert_int_equal(seen.said[ROLE_CLIENT].len, 7);
    assert_memory_equal(seen.said[ROLE_CLIENT].data, "askmore", 7);
    assert_int_equal(seen.said[ROLE_SERVER].len, sizeof much);
    assert_memory_equal(seen.said[ROLE_SERVER].data, much, sizeof much);
    assert_in_range(seen.last.sent[ROLE_SERVER].fin.packet, 1,
                    seen.last.sent[ROLE_CLIENT].fin.packet - 1);
    assert_int_equal(seen.last.sent[0].rst.packet + seen.last.sent[1].rst.packet, 0);
}

static void a_reset_is_a_reset_and_the_last_word(void **state)
{
    static struct seen seen;
    struct recording recording;
    (void)state;
    begin(&recording);
    synthetic_data(recording.synthetic, &recording.connection, ROLE_CLIENT, "ask", 3);
    synthetic_reset(recording.synthetic, &recording.connection, ROLE_SERVER);
    synthetic_data(recording.synthetic, &recording.connection, ROLE_SERVER, "late", 4);
    synthetic_fin(recording.synthetic, &recording.connection, ROLE_CLIENT);
    synthetic_reset(recording.synthetic, &recording.connection, ROLE_CLIENT);
    end(&recording, &seen);
    assert_int_equal(seen.said[ROLE_CLIENT].len, 3);
    assert_int_equal(seen.said[ROLE_SERVER].len, 0);
    assert_int_equal(seen.last.num_packets, 5);
    assert_int_equal(seen.last.sent[ROLE_SERVER].rst.packet, 5);
    assert_int_equal(seen.last.sent[ROLE_CLIENT].fin.packet, 0);
}

static void what_cannot_be_written_is_told_at_the_end(void **state)
{
    struct error err = { 0 };
    struct synthetic_connection connection;
    uint64_t num_packets = 0;
    (void)state;
    struct synthetic *synthetic = synthetic_new(open("/dev/full", O_WRONLY | O_CLOEXEC), &err);
    assert_non_null(synthetic);
    synthetic_connect(synthetic, &connection, &client, &server);
    assert_true(synthetic_end(synthetic, &num_packets, &err) < 0);
    assert_string_equal(err.text, "not all that was relayed could be written down");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_streams_are_read_back_with_their_ends),
        cmocka_unit_test(a_reset_is_a_reset_and_the_last_word),
        cmocka_unit_test(what_cannot_be_written_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
