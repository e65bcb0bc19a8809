/* Records split from a stream, and handshake messages put together from records. */
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t two_records[] = { 22, 3, 1, 0, 3, 'a', 'b', 'c', 21, 3, 3, 0, 2, 2, 40 };

/* Feeds all of `bytes` in pieces of `step` bytes and returns how many records came out. */
static size_t split_all(enum split *last, const uint8_t *bytes, size_t len, size_t step)
{
    struct splitter splitter;
    struct record record;
    size_t num = 0;
    splitter_init(&splitter);
    *last = SPLIT_MORE;
    for (size_t at = 0; at < len; at += step) {
        size_t piece = len - at < step ? len - at : step;
        assert_int_equal(splitter_feed(&splitter, bytes + at, piece), piece);
        while ((*last = splitter_next(&splitter, &record)) == SPLIT_RECORD)
            num++;
    }
    splitter_fini(&splitter);
    return num;
}

static void records_come_out_however_the_bytes_come_in(void **state)
{
    enum split last;
    (void)state;
    for (size_t step = 1; step <= sizeof two_records; step++) {
        assert_int_equal(split_all(&last, two_records, sizeof two_records, step), 2);
        assert_int_equal(last, SPLIT_MORE);
    }
}

static void every_truncation_waits_for_more(void **state)
{
    enum split last;
    (void)state;
    for (size_t len = 0; len < sizeof two_records; len++) {
        assert_int_equal(split_all(&last, two_records, len, 1), len >= 8 ? 1 : 0);
        assert_int_equal(last, SPLIT_MORE);
    }
}

static void a_record_knows_its_parts(void **state)
{
    struct splitter splitter;
    struct record record;
    (void)state;
    splitter_init(&splitter);
    splitter_feed(&splitter, two_records, sizeof two_records);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_RECORD);
    assert_int_equal(record.type, CONTENT_HANDSHAKE);
    assert_int_equal(record.version, TLS10);
    assert_int_equal(record.len, 8);
    assert_int_equal(record.fragment_len, 3);
    assert_memory_equal(record.fragment, "abc", 3);
    assert_int_equal(splitter_waiting(&splitter), 7);
    splitter_fini(&splitter);
}

static void a_header_tells_what_is_still_to_come(void **state)
{
    static const uint8_t head[] = { 23, 3, 3, 0xFF, 0xFE, 0 };
    struct splitter splitter;
    struct record record;
    (void)state;
    splitter_init(&splitter);
    splitter_feed(&splitter, head, 4);
    assert_int_equal(splitter_announced(&splitter), 0);
    splitter_feed(&splitter, head + 4, 2);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_MORE);
    assert_int_equal(splitter_announced(&splitter), 0xFFFE);
    splitter_fini(&splitter);
}

static void what_is_no_tls_is_said_to_be_none(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\n";
    struct splitter splitter;
    struct record record;
    size_t len;
    (void)state;
    splitter_init(&splitter);
    splitter_feed(&splitter, text, sizeof text);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_NOT_TLS);
    assert_memory_equal(splitter_rest(&splitter, &len), text, sizeof text);
    assert_int_equal(len, sizeof text);
    splitter_feed(&splitter, two_records, sizeof two_records);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_NOT_TLS);
    splitter_fini(&splitter);
}

static void an_sslv2_hello_is_known_at_the_start_only(void **state)
{
    static const uint8_t hello[] = { 0x80, 9, 1, 3, 1, 0, 0, 0, 0, 0, 0 };
    struct splitter splitter;
    struct record record;
    (void)state;
    splitter_init(&splitter);
    splitter_feed(&splitter, hello, sizeof hello - 1);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_MORE);
    splitter_feed(&splitter, hello + sizeof hello - 1, 1);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_SSLV2_HELLO);
    assert_int_equal(record.len, sizeof hello);
    splitter_feed(&splitter, hello, sizeof hello);
    assert_int_equal(splitter_next(&splitter, &record), SPLIT_NOT_TLS);
    splitter_fini(&splitter);
}

static void the_longest_record_fits(void **state)
{
    static uint8_t bytes[RECORD_LEN_MAX] = { 23, 3, 3, 0xFF, 0xFF };
    enum split last;
    (void)state;
    assert_int_equal(split_all(&last, bytes, sizeof bytes, sizeof bytes), 1);
    assert_int_equal(split_all(&last, bytes, sizeof bytes, 1000), 1);
}

/* ---- messages ---- */

static void messages_come_out_however_records_cut_them(void **state)
{
    struct writer stream;
    (void)state;
    writer_init(&stream, 1024);
    handshake_write(&stream, HANDSHAKE_CLIENT_HELLO, "hello", 5);
    handshake_write(&stream, HANDSHAKE_SERVER_HELLO_DONE, NULL, 0);
    for (size_t step = 1; step <= stream.len; step++) {
        struct assembler assembler;
        struct handshake_message message;
        size_t num = 0, total = 0;
        assembler_init(&assembler);
        for (size_t at = 0; at < stream.len; at += step) {
            size_t piece = stream.len - at < step ? stream.len - at : step;
            assert_int_equal(assembler_feed(&assembler, stream.data + at, piece), 0);
            while (assembler_next(&assembler, &message) == 1) {
                num++;
                total += message.len;
            }
        }
        assert_int_equal(num, 2);
        assert_int_equal(total, 5);
        assert_true(assembler_at_boundary(&assembler));
        assembler_fini(&assembler);
    }
    writer_fini(&stream);
}

static void a_message_that_is_announced_too_long_is_refused(void **state)
{
    const uint8_t header[] = { HANDSHAKE_CERTIFICATE, 0xFF, 0xFF, 0xFF };
    struct assembler assembler;
    struct handshake_message message;
    (void)state;
    assembler_init(&assembler);
    assert_int_equal(assembler_feed(&assembler, header, 3), 0);
    assert_int_equal(assembler_next(&assembler, &message), 0);
    assert_false(assembler_at_boundary(&assembler));
    assert_int_equal(assembler_feed(&assembler, header + 3, 1), 0);
    assert_int_equal(assembler_next(&assembler, &message), -1);
    assembler_fini(&assembler);
}

static void an_assembler_does_not_grow_for_ever(void **state)
{
    static uint8_t fragment[RECORD_PLAINTEXT_MAX] = { HANDSHAKE_CERTIFICATE, 3, 0xFF, 0xFF };
    struct assembler assembler;
    int ret = 0;
    (void)state;
    assembler_init(&assembler);
    for (int i = 0; i < 64 && ret == 0; i++)
        ret = assembler_feed(&assembler, fragment, sizeof fragment);
    assert_int_equal(ret, -1);
    assembler_fini(&assembler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_however_the_bytes_come_in),
        cmocka_unit_test(every_truncation_waits_for_more),
        cmocka_unit_test(a_record_knows_its_parts),
        cmocka_unit_test(a_header_tells_what_is_still_to_come),
        cmocka_unit_test(what_is_no_tls_is_said_to_be_none),
        cmocka_unit_test(an_sslv2_hello_is_known_at_the_start_only),
        cmocka_unit_test(the_longest_record_fits),
        cmocka_unit_test(messages_come_out_however_records_cut_them),
        cmocka_unit_test(a_message_that_is_announced_too_long_is_refused),
        cmocka_unit_test(an_assembler_does_not_grow_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
