/* The relay's engine between ends that say what they are told to; real stacks: test_relay.py. */
#include "harness/wire/hello.h"
#include "harness/wire/record.h"
#include "matrix/network.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { APPLICATION_LEN = 8, HEARD_MAX = 64 * 1024 };

/* A client and a server of our own, and the relay between them. */
struct path {
    struct relay *relay;
    int ends[2]; /* [enum role] */
};

static struct path open_path(const struct attack *attack, enum delivery delivery)
{
    int client[2], server[2];
    struct path path;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, client), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, server), 0);
    struct relay_setting setting = { .attack = attack,
                                     .delivery = delivery,
                                     .client_fd = client[1],
                                     .server_fd = server[1],
                                     .application_len = APPLICATION_LEN };
    path.ends[ROLE_CLIENT] = client[0];
    path.ends[ROLE_SERVER] = server[0];
    path.relay = relay_new(&setting, NULL);
    assert_non_null(path.relay);
    return path;
}

static void close_path(struct path *path)
{
    relay_free(path->relay);
    close(path->ends[ROLE_CLIENT]);
    close(path->ends[ROLE_SERVER]);
}

/* Lets the relay work until it has nothing more to do for now. */
static enum relay_status settle(struct path *path)
{
    for (;;) {
        struct relay_wait waits[2];
        struct pollfd ready[2];
        if (relay_step(path->relay) == RELAY_DONE)
            return RELAY_DONE;
        relay_waits(path->relay, waits);
        for (int i = 0; i < 2; i++)
            ready[i] = (struct pollfd){
                .fd = waits[i].readable || waits[i].writable ? waits[i].fd : -1,
                .events =
                    (short)((waits[i].readable ? POLLIN : 0) | (waits[i].writable ? POLLOUT : 0)),
            };
        int timeout = relay_timeout_ms(path->relay);
        if (poll(ready, 2, timeout < 0 ? 0 : timeout) == 0 && timeout < 0)
            return RELAY_GOING;
    }
}

static void say(struct path *path, enum role role, const void *bytes, size_t len)
{
    assert_int_equal(send(path->ends[role], bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* What this end has received; -1: nothing and no end, 0: the end. */
static ssize_t hear(struct path *path, enum role role, uint8_t heard[HEARD_MAX])
{
    return recv(path->ends[role], heard, HEARD_MAX, 0);
}

static void assert_hears(struct path *path, enum role role, const void *bytes, size_t len)
{
    static uint8_t heard[HEARD_MAX];
    assert_int_equal(hear(path, role, heard), (ssize_t)len);
    assert_memory_equal(heard, bytes, len);
}

static void assert_hears_nothing(struct path *path, enum role role)
{
    static uint8_t heard[HEARD_MAX];
    assert_int_equal(hear(path, role, heard), -1);
    assert_int_equal(errno, EAGAIN);
}

static void assert_hears_end(struct path *path, enum role role)
{
    static uint8_t heard[HEARD_MAX];
    assert_int_equal(hear(path, role, heard), 0);
}

/* ---- what is said ---- */

static const uint8_t change[] = { 20, 3, 3, 0, 1, 1 };
static const uint8_t finished[] = { 22, 3, 3, 0, 3, 'f', 'i', 'n' };
static const uint8_t data[] = { 23, 3, 3, 0, 4, 'd', 'a', 't', 'a' };
static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 40 };

/* A record with a hello of this kind and version, which both get by with. */
static void make_hello(struct writer *out, enum hello_kind kind, uint16_t version)
{
    struct hello hello = { .kind = kind,
                           .legacy_version = version < TLS12 ? version : TLS12,
                           .suites = { version == TLS13 ? 0x1301 : 0x002F },
                           .num_suites = 1,
                           .num_compressions = 1 };
    const uint8_t chosen[] = { (uint8_t)(version >> 8), (uint8_t)version };
    struct writer body, message;
    writer_init(&body, 4096);
    writer_init(&message, 4096);
    writer_init(out, 4096);
    if (version == TLS13 && kind == HELLO_SERVER)
        hello_add_extension(&hello, EXTENSION_SUPPORTED_VERSIONS, chosen, sizeof chosen);
    hello_write(&body, &hello);
    writer_u8(&message, kind == HELLO_CLIENT ? HANDSHAKE_CLIENT_HELLO : HANDSHAKE_SERVER_HELLO);
    size_t mark = writer_open(&message, 3);
    writer_bytes(&message, body.data, body.len);
    writer_close(&message, mark, 3);
    record_write(out, CONTENT_HANDSHAKE, TLS12, message.data, message.len);
    hello_fini(&hello);
    writer_fini(&message);
    writer_fini(&body);
}

/* Both hellos pass and are heard. */
static void greet(struct path *path, uint16_t version)
{
    for (int kind = HELLO_CLIENT; kind <= HELLO_SERVER; kind++) {
        struct writer hello;
        enum role from = kind == HELLO_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
        make_hello(&hello, (enum hello_kind)kind, version);
        say(path, from, hello.data, hello.len);
        settle(path);
        assert_hears(path, from == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT, hello.data, hello.len);
        writer_fini(&hello);
    }
}

/* ---- attacks for tests ---- */

static void flip_first(struct tamper *tamper)
{
    tamper->unit->data[0] ^= 1;
}

static void do_nothing(struct tamper *tamper)
{
    (void)tamper;
}

static void set_fate(struct tamper *tamper)
{
    tamper->fate = (enum fate)tamper->step->value;
}

static void twice(struct tamper *tamper)
{
    writer_bytes(tamper->after, tamper->unit->data, tamper->unit->len);
}

static void surround(struct tamper *tamper)
{
    writer_bytes(tamper->before, "before", 6);
    writer_bytes(tamper->after, "after", 5);
    writer_bytes(tamper->back, "back", 4);
}

static const struct attack_point client_hello = { ROLE_CLIENT, POINT_MESSAGE,
                                                  HANDSHAKE_CLIENT_HELLO, 0 };
static const struct attack_point client_change = { ROLE_CLIENT, POINT_CHANGE, 0, 0 };
static const struct attack_point client_data = { ROLE_CLIENT, POINT_APPLICATION, 0, 0 };

static struct attack one_step(struct attack_point at, void (*act)(struct tamper *), uint32_t value)
{
    return (struct attack){ .name = "test", .steps = { { .at = at, .act = act, .value = value } } };
}

/* ---- passing ---- */

static void without_an_attack_every_byte_passes(void **state)
{
    struct path path = open_path(NULL, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    assert_hears(&path, ROLE_SERVER, data, sizeof data);
    assert_false(relay_facts(path.relay)->changed);
    assert_int_equal(relay_facts(path.relay)->version, TLS12);
    close_path(&path);
}

static void an_end_is_handed_on_and_two_are_the_end(void **state)
{
    struct path path = open_path(NULL, DELIVERY_WHOLE);
    (void)state;
    shutdown(path.ends[ROLE_CLIENT], SHUT_WR);
    assert_int_equal(settle(&path), RELAY_GOING);
    assert_hears_end(&path, ROLE_SERVER);
    assert_hears_nothing(&path, ROLE_CLIENT);
    shutdown(path.ends[ROLE_SERVER], SHUT_WR);
    assert_int_equal(settle(&path), RELAY_DONE);
    assert_int_equal(relay_facts(path.relay)->first_end, RELAY_END_FIN);
    assert_int_equal(relay_facts(path.relay)->first_end_from, ROLE_CLIENT);
    close_path(&path);
}

static void what_is_no_tls_passes_unread(void **state)
{
    static const char text[] = "220 ready\r\n";
    struct path path = open_path(NULL, DELIVERY_ONE_BYTE_RECORD);
    (void)state;
    say(&path, ROLE_SERVER, text, sizeof text);
    settle(&path);
    assert_hears(&path, ROLE_CLIENT, text, sizeof text);
    close_path(&path);
}

static void half_a_record_is_handed_on_at_the_end(void **state)
{
    struct path path = open_path(NULL, DELIVERY_WHOLE);
    (void)state;
    say(&path, ROLE_CLIENT, data, sizeof data - 1);
    settle(&path);
    assert_hears_nothing(&path, ROLE_SERVER);
    shutdown(path.ends[ROLE_CLIENT], SHUT_WR);
    settle(&path);
    assert_hears(&path, ROLE_SERVER, data, sizeof data - 1);
    close_path(&path);
}

static void a_flood_is_not_read_for_ever(void **state)
{
    static uint8_t junk[16 * 1024] = "junk";
    struct path path = open_path(NULL, DELIVERY_WHOLE);
    size_t total = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        ssize_t sent = send(path.ends[ROLE_CLIENT], junk, sizeof junk, MSG_NOSIGNAL);
        struct relay_wait waits[2];
        total += sent > 0 ? (size_t)sent : 0;
        relay_step(path.relay);
        relay_waits(path.relay, waits);
        if (sent < 0 && !waits[ROLE_CLIENT].readable)
            break;
    }
    assert_in_range(total, 1, 8 * 1024 * 1024); /* sockets' buffers and the relay's */
    close_path(&path);
}

/* ---- attacks ---- */

static void a_message_is_edited_and_framed_again(void **state)
{
    struct attack attack = one_step(client_hello, flip_first, 0);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    struct writer hello;
    (void)state;
    make_hello(&hello, HELLO_CLIENT, TLS12);
    say(&path, ROLE_CLIENT, hello.data, hello.len);
    settle(&path);
    hello.data[RECORD_HEADER_LEN + 4] ^= 1;
    assert_hears(&path, ROLE_SERVER, hello.data, hello.len);
    assert_true(relay_facts(path.relay)->changed);
    assert_int_equal(relay_facts(path.relay)->changed_from, ROLE_CLIENT);
    assert_non_null(strstr(relay_facts(path.relay)->what, "client_hello"));
    writer_fini(&hello);
    close_path(&path);
}

static void an_attack_that_does_nothing_has_not_happened(void **state)
{
    struct attack attack = one_step(client_hello, do_nothing, 0);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    assert_false(relay_facts(path.relay)->changed);
    assert_int_equal(relay_facts(path.relay)->num_steps_done, 0);
    close_path(&path);
}

static void a_message_over_two_records_is_one(void **state)
{
    struct attack attack = one_step(client_hello, flip_first, 0);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    struct writer hello, parts;
    (void)state;
    make_hello(&hello, HELLO_CLIENT, TLS12);
    writer_init(&parts, 4096);
    record_write(&parts, CONTENT_HANDSHAKE, TLS12, hello.data + 5, 7);
    record_write(&parts, CONTENT_HANDSHAKE, TLS12, hello.data + 12, hello.len - 12);
    say(&path, ROLE_CLIENT, parts.data, 12);
    settle(&path);
    assert_hears_nothing(&path, ROLE_SERVER);
    say(&path, ROLE_CLIENT, parts.data + 12, parts.len - 12);
    settle(&path);
    hello.data[RECORD_HEADER_LEN + 4] ^= 1;
    assert_hears(&path, ROLE_SERVER, hello.data, hello.len);
    writer_fini(&parts);
    writer_fini(&hello);
    close_path(&path);
}

static void a_dropped_record_is_gone(void **state)
{
    struct attack attack = one_step(client_data, set_fate, FATE_DROP);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, data, sizeof data);
    say(&path, ROLE_CLIENT, change, sizeof change);
    settle(&path);
    assert_hears(&path, ROLE_SERVER, change, sizeof change);
    assert_int_equal(relay_facts(path.relay)->num_application[ROLE_CLIENT][1], 0);
    close_path(&path);
}

static void a_record_is_handed_on_twice(void **state)
{
    struct attack attack = one_step(client_data, twice, 0);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    uint8_t expected[2 * sizeof data];
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    memcpy(expected, data, sizeof data);
    memcpy(expected + sizeof data, data, sizeof data);
    assert_hears(&path, ROLE_SERVER, expected, sizeof expected);
    close_path(&path);
}

static void a_record_that_is_held_comes_behind_the_next(void **state)
{
    struct attack attack = one_step(client_change, set_fate, FATE_HOLD);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    uint8_t expected[sizeof finished + sizeof change];
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, change, sizeof change);
    settle(&path);
    assert_hears_nothing(&path, ROLE_SERVER);
    assert_false(relay_facts(path.relay)->changed);
    say(&path, ROLE_CLIENT, finished, sizeof finished);
    settle(&path);
    memcpy(expected, finished, sizeof finished);
    memcpy(expected + sizeof finished, change, sizeof change);
    assert_hears(&path, ROLE_SERVER, expected, sizeof expected);
    assert_true(relay_facts(path.relay)->changed);
    close_path(&path);
}

static void holding_the_last_record_changes_nothing(void **state)
{
    struct attack attack = one_step(client_change, set_fate, FATE_HOLD);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, change, sizeof change);
    shutdown(path.ends[ROLE_CLIENT], SHUT_WR);
    settle(&path);
    assert_hears(&path, ROLE_SERVER, change, sizeof change);
    assert_false(relay_facts(path.relay)->changed);
    close_path(&path);
}

static void bytes_are_put_before_behind_and_sent_back(void **state)
{
    struct attack attack = one_step(client_data, surround, 0);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    uint8_t expected[6 + sizeof data + 5];
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    memcpy(expected, "before", 6);
    memcpy(expected + 6, data, sizeof data);
    memcpy(expected + 6 + sizeof data, "after", 5);
    assert_hears(&path, ROLE_SERVER, expected, sizeof expected);
    assert_hears(&path, ROLE_CLIENT, "back", 4);
    close_path(&path);
}

static void steps_are_done_in_their_order(void **state)
{
    const struct attack attack = { .name = "test",
                                   .steps = { { .at = client_data, .act = flip_first },
                                              { .at = client_change, .act = flip_first } } };
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, change, sizeof change);
    settle(&path);
    assert_hears(&path, ROLE_SERVER, change, sizeof change); /* not yet due */
    assert_false(relay_facts(path.relay)->changed);
    close_path(&path);
}

static void every_step_is_done(void **state)
{
    const struct attack attack = { .name = "test",
                                   .steps = { { .at = client_change, .act = flip_first },
                                              { .at = client_data, .act = flip_first } } };
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    uint8_t expected[sizeof change + sizeof data];
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, change, sizeof change);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    memcpy(expected, change, sizeof change);
    memcpy(expected + sizeof change, data, sizeof data);
    expected[0] ^= 1;
    expected[sizeof change] ^= 1;
    assert_hears(&path, ROLE_SERVER, expected, sizeof expected);
    assert_int_equal(relay_facts(path.relay)->num_steps_done, 2);
    close_path(&path);
}

/* ---- cuts ---- */

static void a_closed_connection_is_closed_both_ways(void **state)
{
    struct attack attack = one_step(client_data, set_fate, FATE_CLOSE);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    assert_hears_end(&path, ROLE_SERVER);
    assert_hears_end(&path, ROLE_CLIENT);
    say(&path, ROLE_SERVER, alert, sizeof alert); /* comes to nobody */
    settle(&path);
    assert_hears_end(&path, ROLE_CLIENT);
    assert_int_equal(relay_facts(path.relay)->first_end, RELAY_END_RELAY);
    close_path(&path);
}

static void a_muted_end_still_hears(void **state)
{
    struct attack attack = one_step(client_data, set_fate, FATE_MUTE);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    assert_hears_end(&path, ROLE_SERVER);
    say(&path, ROLE_SERVER, alert, sizeof alert);
    settle(&path);
    assert_hears(&path, ROLE_CLIENT, alert, sizeof alert);
    close_path(&path);
}

/* On TCP, which alone has RST. */
static struct path open_tcp_path(struct network *network, const struct attack *attack)
{
    int client, server;
    struct relay_setting setting = { .attack = attack };
    assert_int_equal(network_init(network, false, NULL), 0);
    assert_int_equal(network_pair(network, 1, &client, &setting.client_fd, NULL), 0);
    assert_int_equal(network_pair(network, 2, &setting.server_fd, &server, NULL), 0);
    return (struct path){ relay_new(&setting, NULL), { client, server } };
}

static void assert_reset(const struct path *path, enum role role)
{
    struct pollfd wait = { .fd = path->ends[role], .events = POLLIN };
    uint8_t byte;
    assert_int_equal(poll(&wait, 1, 5000), 1);
    assert_int_equal(recv(path->ends[role], &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
}

static void a_reset_connection_is_reset_both_ways(void **state)
{
    struct attack attack =
        one_step((struct attack_point){ ROLE_CLIENT, POINT_START, 0, 0 }, set_fate, FATE_RESET);
    struct network network;
    struct path path = open_tcp_path(&network, &attack);
    (void)state;
    assert_int_equal(settle(&path), RELAY_DONE);
    assert_reset(&path, ROLE_CLIENT);
    assert_reset(&path, ROLE_SERVER);
    close_path(&path);
    network_fini(&network);
}

static void a_reset_by_one_end_is_handed_on(void **state)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    struct network network;
    struct path path = open_tcp_path(&network, NULL);
    (void)state;
    setsockopt(path.ends[ROLE_CLIENT], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(path.ends[ROLE_CLIENT]);
    path.ends[ROLE_CLIENT] = dup(path.ends[ROLE_SERVER]); /* for close_path() to close */
    assert_int_equal(settle(&path), RELAY_DONE);
    assert_reset(&path, ROLE_SERVER);
    assert_int_equal(relay_facts(path.relay)->first_end, RELAY_END_RST);
    assert_int_equal(relay_facts(path.relay)->first_end_from, ROLE_CLIENT);
    close_path(&path);
    network_fini(&network);
}

/* ---- facts ---- */

static void alerts_and_data_are_counted(void **state)
{
    struct attack attack = one_step(client_data, flip_first, 0);
    struct path path = open_path(&attack, DELIVERY_WHOLE);
    (void)state;
    greet(&path, TLS12);
    say(&path, ROLE_SERVER, change, sizeof change);
    say(&path, ROLE_SERVER, data, sizeof data);
    settle(&path);
    say(&path, ROLE_CLIENT, alert, sizeof alert);
    say(&path, ROLE_CLIENT, data, sizeof data);
    settle(&path);
    say(&path, ROLE_SERVER, data, sizeof data);
    say(&path, ROLE_SERVER, alert, sizeof alert);
    settle(&path);
    const struct relay_facts *facts = relay_facts(path.relay);
    assert_int_equal(facts->clear_alert[ROLE_CLIENT], 40);
    assert_int_equal(facts->clear_alert[ROLE_SERVER], -1);
    assert_int_equal(facts->num_sealed_alerts[ROLE_SERVER], 1);
    assert_int_equal(facts->num_application[ROLE_SERVER][0], 1);
    assert_int_equal(facts->num_application[ROLE_SERVER][1], 1);
    assert_int_equal(facts->num_application[ROLE_CLIENT][1], 1);
    assert_int_equal(facts->first_end, RELAY_END_ALERT);
    close_path(&path);
}

/* TLS 1.3: by length, and the server's only behind the client's. */
static void sealed_records_are_told_by_their_length(void **state)
{
    struct path path = open_path(NULL, DELIVERY_WHOLE);
    uint8_t sealed_data[5 + APPLICATION_LEN + 17] = { 23, 3, 3, 0, APPLICATION_LEN + 17 };
    uint8_t sealed_alert[5 + 19] = { 23, 3, 3, 0, 19 };
    (void)state;
    greet(&path, TLS13);
    say(&path, ROLE_SERVER, sealed_data, sizeof sealed_data);
    settle(&path);
    assert_int_equal(relay_facts(path.relay)->num_application[ROLE_SERVER][0], 0);
    say(&path, ROLE_CLIENT, sealed_data, sizeof sealed_data);
    say(&path, ROLE_CLIENT, sealed_alert, sizeof sealed_alert);
    settle(&path);
    say(&path, ROLE_SERVER, sealed_data, sizeof sealed_data);
    settle(&path);
    assert_int_equal(relay_facts(path.relay)->num_application[ROLE_CLIENT][0], 1);
    assert_int_equal(relay_facts(path.relay)->num_application[ROLE_SERVER][0], 1);
    assert_int_equal(relay_facts(path.relay)->num_sealed_alerts[ROLE_CLIENT], 1);
    close_path(&path);
}

/* ---- deliveries ---- */

static void each_byte_of_a_message_gets_its_record(void **state)
{
    struct path path = open_path(NULL, DELIVERY_ONE_BYTE_RECORD);
    static uint8_t heard[HEARD_MAX];
    struct writer hello;
    (void)state;
    make_hello(&hello, HELLO_CLIENT, TLS12);
    say(&path, ROLE_CLIENT, hello.data, hello.len);
    settle(&path);
    size_t message_len = hello.len - RECORD_HEADER_LEN;
    assert_int_equal(hear(&path, ROLE_SERVER, heard), (ssize_t)(6 * message_len));
    for (size_t i = 0; i < message_len; i++) {
        assert_int_equal(heard[6 * i + 4], 1);
        assert_int_equal(heard[6 * i + 5], hello.data[RECORD_HEADER_LEN + i]);
    }
    assert_false(relay_facts(path.relay)->changed);
    writer_fini(&hello);
    close_path(&path);
}

static void slow_deliveries_lose_nothing(void **state)
{
    (void)state;
    for (int delivery = 0; delivery < NUM_DELIVERIES; delivery++) {
        struct path path = open_path(NULL, (enum delivery)delivery);
        say(&path, ROLE_SERVER, data, sizeof data);
        say(&path, ROLE_SERVER, alert, sizeof alert);
        settle(&path);
        uint8_t expected[sizeof data + sizeof alert];
        memcpy(expected, data, sizeof data);
        memcpy(expected + sizeof data, alert, sizeof alert);
        assert_hears(&path, ROLE_CLIENT, expected, sizeof expected);
        close_path(&path);
    }
}

static void a_flight_waits_until_its_sender_is_quiet(void **state)
{
    struct path path = open_path(NULL, DELIVERY_COALESCED);
    (void)state;
    say(&path, ROLE_CLIENT, data, sizeof data);
    relay_step(path.relay);
    assert_hears_nothing(&path, ROLE_SERVER);
    assert_in_range(relay_timeout_ms(path.relay), 0, 1000);
    settle(&path);
    assert_hears(&path, ROLE_SERVER, data, sizeof data);
    close_path(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_attack_every_byte_passes),
        cmocka_unit_test(an_end_is_handed_on_and_two_are_the_end),
        cmocka_unit_test(what_is_no_tls_passes_unread),
        cmocka_unit_test(half_a_record_is_handed_on_at_the_end),
        cmocka_unit_test(a_flood_is_not_read_for_ever),
        cmocka_unit_test(a_message_is_edited_and_framed_again),
        cmocka_unit_test(an_attack_that_does_nothing_has_not_happened),
        cmocka_unit_test(a_message_over_two_records_is_one),
        cmocka_unit_test(a_dropped_record_is_gone),
        cmocka_unit_test(a_record_is_handed_on_twice),
        cmocka_unit_test(a_record_that_is_held_comes_behind_the_next),
        cmocka_unit_test(holding_the_last_record_changes_nothing),
        cmocka_unit_test(bytes_are_put_before_behind_and_sent_back),
        cmocka_unit_test(steps_are_done_in_their_order),
        cmocka_unit_test(every_step_is_done),
        cmocka_unit_test(a_reset_by_one_end_is_handed_on),
        cmocka_unit_test(a_closed_connection_is_closed_both_ways),
        cmocka_unit_test(a_muted_end_still_hears),
        cmocka_unit_test(a_reset_connection_is_reset_both_ways),
        cmocka_unit_test(alerts_and_data_are_counted),
        cmocka_unit_test(sealed_records_are_told_by_their_length),
        cmocka_unit_test(each_byte_of_a_message_gets_its_record),
        cmocka_unit_test(slow_deliveries_lose_nothing),
        cmocka_unit_test(a_flight_waits_until_its_sender_is_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
