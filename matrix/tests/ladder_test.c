/* The ladder of a connection's messages: order, what is merged, what is never lost, and its text.
 */
#include "matrix/ladder.h"

#include "harness/wire/hello.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ladder ladder;

static int begin(void **state)
{
    (void)state;
    ladder = (struct ladder){ 0 };
    return 0;
}

static void record(enum role from, uint8_t type, size_t len, uint64_t packet)
{
    static const uint8_t content[1 << 10];
    ladder_record(&ladder, &(struct tls_record){ .from = from,
                                                 .type = type,
                                                 .version = 0x0303,
                                                 .first = { packet, packet },
                                                 .last = { packet, packet },
                                                 .content_type = type,
                                                 .content = content,
                                                 .content_len = len });
}

/* A message in a record of its own. */
static void message(enum role from, uint8_t type, const uint8_t *body, size_t len, uint64_t packet)
{
    record(from, CONTENT_HANDSHAKE, len + 4, packet);
    ladder_message(&ladder, &(struct tls_message){ .from = from,
                                                   .type = type,
                                                   .body = body,
                                                   .len = len,
                                                   .first = { packet, packet },
                                                   .last = { packet, packet } });
}

static void ends_as(const char *steps, const char *lengths)
{
    static const struct wire_facts facts;
    ladder_end(&ladder, &facts);
    char *text = ladder_steps(&ladder);
    assert_string_equal(text, steps);
    free(text);
    text = ladder_lengths(&ladder);
    assert_string_equal(text, lengths);
    free(text);
}

static void steps_are_in_the_order_of_the_packets(void **state)
{
    (void)state;
    static const uint8_t body[100];
    message(ROLE_SERVER, HANDSHAKE_SERVER_HELLO, body, 70, 2);
    message(ROLE_CLIENT, HANDSHAKE_CLIENT_HELLO, body, 100, 1);
    ends_as("[[\"c\",\"handshake\",\"client_hello\",0],[\"s\",\"handshake\",\"server_hello\",0]]",
            "104,74");
}

static void a_hello_retry_request_has_its_name(void **state)
{
    (void)state;
    uint8_t body[70] = { 3, 3 };
    memcpy(body + 2, hello_retry_random, sizeof hello_retry_random);
    message(ROLE_SERVER, HANDSHAKE_SERVER_HELLO, body, sizeof body, 1);
    ends_as("[[\"s\",\"handshake\",\"hello_retry_request\",0]]", "74");
}

static void records_of_data_in_a_row_are_one_step(void **state)
{
    (void)state;
    record(ROLE_CLIENT, CONTENT_APPLICATION_DATA, 1, 1);
    record(ROLE_CLIENT, CONTENT_APPLICATION_DATA, 2, 2);
    record(ROLE_SERVER, CONTENT_APPLICATION_DATA, 4, 3);
    record(ROLE_CLIENT, CONTENT_APPLICATION_DATA, 8, 4);
    ends_as("[[\"c\",\"application_data\",\"\",0,2],[\"s\",\"application_data\",\"\",0],"
            "[\"c\",\"application_data\",\"\",0]]",
            "3,4,8");
}

static void half_a_message_is_said(void **state)
{
    (void)state;
    record(ROLE_CLIENT, CONTENT_HANDSHAKE, 20, 1);
    ends_as("[[\"c\",\"handshake\",\"incomplete\",0]]", "20");
}

static void what_has_no_room_is_counted(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < LADDER_MAX + 3; i++)
        ladder_alert(&ladder, &(struct tls_alert){ .from = ROLE_SERVER,
                                                   .level = 1,
                                                   .description = 90,
                                                   .place = { i + 1, 1 } });
    ladder_end(&ladder, &(struct wire_facts){ 0 });
    char *steps = ladder_steps(&ladder), *lengths = ladder_lengths(&ladder);
    json_t *joined = ladder_join(steps, lengths);
    assert_int_equal(json_array_size(joined), LADDER_MAX + 1);
    assert_int_equal(
        json_integer_value(json_object_get(json_array_get(joined, LADDER_MAX), "more")), 3);
    json_decref(joined);
    free(steps);
    free(lengths);
}

static void how_each_end_closed_is_a_step(void **state)
{
    (void)state;
    struct wire_facts facts = { .preamble_len = { 0, 30 } };
    facts.end[ROLE_CLIENT].tcp.fin = (struct place){ 7, 7 };
    facts.end[ROLE_SERVER].tcp.rst = (struct place){ 6, 6 };
    ladder_end(&ladder, &facts);
    char *text = ladder_steps(&ladder);
    assert_string_equal(text, "[[\"s\",\"none\",\"\",0],[\"s\",\"tcp\",\"rst\",0],"
                              "[\"c\",\"tcp\",\"fin\",0]]");
    free(text);
}

static void joined_is_what_was_taken_apart(void **state)
{
    (void)state;
    json_t *joined =
        ladder_join("[[\"c\",\"application_data\",\"\",1,2],[\"s\",\"x\",\"y\",0]]", "5,6");
    char *text = json_dumps(joined, JSON_COMPACT);
    assert_string_equal(text, "[[\"c\",\"application_data\",\"\",1,5,2],[\"s\",\"x\",\"y\",0,6]]");
    free(text);
    json_decref(joined);
}

static void what_does_not_belong_together_is_not_joined(void **state)
{
    (void)state;
    static const char two[] = "[[\"c\",\"a\",\"\",1],[\"s\",\"x\",\"y\",0]]";
    assert_null(ladder_join(two, "5"));
    assert_null(ladder_join(two, "5,6,7"));
    assert_null(ladder_join(two, "5,x"));
    assert_null(ladder_join(two, NULL));
    assert_null(ladder_join(NULL, "5"));
    assert_null(ladder_join("no json", "5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(steps_are_in_the_order_of_the_packets, begin),
        cmocka_unit_test_setup(a_hello_retry_request_has_its_name, begin),
        cmocka_unit_test_setup(records_of_data_in_a_row_are_one_step, begin),
        cmocka_unit_test_setup(half_a_message_is_said, begin),
        cmocka_unit_test_setup(what_has_no_room_is_counted, begin),
        cmocka_unit_test_setup(how_each_end_closed_is_a_step, begin),
        cmocka_unit_test_setup(joined_is_what_was_taken_apart, begin),
        cmocka_unit_test(what_does_not_belong_together_is_not_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
