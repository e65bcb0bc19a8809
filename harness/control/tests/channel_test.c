/* The control channel: messages and descriptors pass; what is not a message is an error. */
#include "harness/control/channel.h"
#include "harness/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2];

static int open_pair(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int close_pair(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void send_hello(int descriptor)
{
    json_t *message = json_pack("{s:s, s:i}", "type", "hello", "contract", 1);
    assert_int_equal(channel_send(ends[0], message, descriptor, NULL), 0);
    json_decref(message);
}

static void a_message_arrives(void **state)
{
    (void)state;
    json_t *message;
    int descriptor = 99;
    send_hello(-1);
    assert_int_equal(channel_receive(ends[1], &message, &descriptor, NULL), 1);
    assert_string_equal(channel_type(message), "hello");
    assert_int_equal(descriptor, -1);
    json_decref(message);
}

static void a_descriptor_rides_along(void **state)
{
    (void)state;
    json_t *message;
    int descriptor, pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    send_hello(pipe_ends[1]);
    assert_int_equal(channel_receive(ends[1], &message, &descriptor, NULL), 1);
    assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(descriptor, "x", 1), 1);
    char byte;
    assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
    json_decref(message);
    close(descriptor);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void an_unwanted_descriptor_is_closed(void **state)
{
    (void)state;
    json_t *message;
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    send_hello(pipe_ends[1]);
    close(pipe_ends[1]);
    assert_int_equal(channel_receive(ends[1], &message, NULL, NULL), 1);
    json_decref(message);
    char byte;
    assert_int_equal(read(pipe_ends[0], &byte, 1), 0); /* no writer is left */
    close(pipe_ends[0]);
}

static void the_end_is_not_an_error(void **state)
{
    (void)state;
    json_t *message;
    shutdown(ends[0], SHUT_WR);
    assert_int_equal(channel_receive(ends[1], &message, NULL, NULL), 0);
}

static void nothing_to_read_is_eagain(void **state)
{
    (void)state;
    json_t *message;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    assert_int_equal(channel_receive(ends[1], &message, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN);
}

static void receive_error(const char *bytes, size_t len, const char *expected)
{
    json_t *message;
    struct error err = { 0 };
    assert_int_equal(send(ends[0], bytes, len, 0), (ssize_t)len);
    assert_int_equal(channel_receive(ends[1], &message, NULL, &err), -1);
    assert_int_not_equal(errno, EAGAIN);
    assert_non_null(strstr(err.text, expected));
}

static void what_is_no_message_is_an_error(void **state)
{
    static char large[CONTROL_MESSAGE_MAX + 1];
    (void)state;
    memset(large, ' ', sizeof large);
    receive_error("nonsense", 8, "not JSON");
    receive_error("[]", 2, "no string \"type\"");
    receive_error("{}", 2, "no string \"type\"");
    receive_error("{\"type\":1}", 10, "no string \"type\"");
    receive_error("{\"type\":\"a\",\"type\":\"b\"}", 23, "not JSON");
    receive_error(large, sizeof large, "larger than 65536");
}

static void the_largest_message_passes_and_one_more_does_not(void **state)
{
    (void)state;
    static char text[CONTROL_MESSAGE_MAX];
    size_t frame = strlen("{\"type\":\"t\",\"x\":\"\"}");
    struct error err = { 0 };
    json_t *received;
    memset(text, 'x', sizeof text);
    for (size_t extra = 0; extra < 2; extra++) {
        size_t len = CONTROL_MESSAGE_MAX - frame + extra;
        json_t *message = json_pack("{s:s, s:s%}", "type", "t", "x", text, (size_t)len);
        assert_int_equal(channel_send(ends[0], message, -1, &err), extra == 0 ? 0 : -1);
        json_decref(message);
    }
    assert_non_null(strstr(err.text, "too large"));
    assert_int_equal(channel_receive(ends[1], &received, NULL, NULL), 1);
    json_decref(received);
}

static void sending_to_nobody_is_an_error(void **state)
{
    (void)state;
    struct error err = { 0 };
    close(ends[1]);
    ends[1] = -1;
    json_t *message = json_pack("{s:s}", "type", "quit");
    assert_int_equal(channel_send(ends[0], message, -1, &err), -1);
    assert_non_null(strstr(err.text, "Broken pipe"));
    json_decref(message);
}

#define ON_PAIR(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_PAIR(a_message_arrives),
        ON_PAIR(a_descriptor_rides_along),
        ON_PAIR(an_unwanted_descriptor_is_closed),
        ON_PAIR(the_end_is_not_an_error),
        ON_PAIR(nothing_to_read_is_eagain),
        ON_PAIR(what_is_no_message_is_an_error),
        ON_PAIR(the_largest_message_passes_and_one_more_does_not),
        ON_PAIR(sending_to_nobody_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
