/* Are the parts of a message found, and do their lengths follow an edit? */
#include "fuzz/stacks/structure.h"

#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MESSAGE_MAX = 4096 };

/* Two suites, and the extensions ec_point_formats, an unknown one and ALPN. */
static void make_hello(struct writer *message)
{
    static const uint8_t formats[] = { 1, 0 }, unknown[] = { 9, 9, 9 },
                         protocols[] = { 0, 3, 2, 'h', '2' };
    struct hello hello = { .kind = HELLO_CLIENT,
                           .legacy_version = TLS12,
                           .num_suites = 2,
                           .num_compressions = 1,
                           .has_extensions = true };
    struct writer body;
    hello_add_extension(&hello, EXTENSION_EC_POINT_FORMATS, formats, sizeof formats);
    hello_add_extension(&hello, 0x1234, unknown, sizeof unknown);
    hello_add_extension(&hello, EXTENSION_ALPN, protocols, sizeof protocols);
    writer_init(&body, MESSAGE_MAX);
    hello_write(&body, &hello);
    writer_init(message, MESSAGE_MAX);
    handshake_write(message, HANDSHAKE_CLIENT_HELLO, body.data, body.len);
    writer_fini(&body);
    hello_fini(&hello);
}

enum {
    SUITES_AT = 2 + HELLO_RANDOM_LEN + 1 + 2,
    BLOCK_AT = SUITES_AT + 4 + 2 + 2,  /* content of the extension block */
    UNKNOWN_AT = BLOCK_AT + 4 + 2,     /* its second extension */
    PROTOCOLS_AT = UNKNOWN_AT + 4 + 3, /* its third */
    HELLO_LEN = PROTOCOLS_AT + 4 + 5,
};

/* Reads it as strictly as a stack would. */
static int read_edited(struct hello *out, const struct writer *message)
{
    struct reader reader = reader_of(message->data, message->len);
    assert_int_equal(reader_u8(&reader), HANDSHAKE_CLIENT_HELLO);
    assert_int_equal(reader_u24(&reader), message->len - HANDSHAKE_HEADER_LEN);
    return hello_read(out, HANDSHAKE_CLIENT_HELLO, reader.data, reader.len, NULL);
}

static void vectors_and_elements_are_found(void **state)
{
    struct writer message;
    struct structure s;
    (void)state;
    make_hello(&message);
    assert_int_equal(message.len, HANDSHAKE_HEADER_LEN + HELLO_LEN);
    structure_read(&s, TLS12, message.data, message.len);
    /* session id, suites, compressions, block; formats and in them; unknown; ALPN, its list, and in
     * it */
    assert_int_equal(s.num_vectors, 10);
    assert_int_equal(s.vectors[1].from, SUITES_AT);
    assert_int_equal(s.vectors[1].to, SUITES_AT + 4);
    assert_int_equal(s.vectors[3].from, BLOCK_AT);
    assert_int_equal(s.vectors[3].to, HELLO_LEN);
    assert_int_equal(s.vectors[6].parent, 3);
    assert_true(s.vectors[6].in_extension);
    assert_int_equal(s.vectors[6].extension, 0x1234);
    assert_int_equal(s.vectors[8].parent, 7);
    assert_int_equal(s.vectors[9].to, HELLO_LEN);
    /* two suites, one compression, three extensions, one format, one protocol */
    assert_int_equal(s.num_elements, 8);
    assert_int_equal(s.elements[0].from, SUITES_AT);
    assert_int_equal(s.elements[0].to, SUITES_AT + 2);
    writer_fini(&message);
}

/* An edit of a hello; the result is one again, with this many suites and extensions. */
static void assert_edit(size_t offset, size_t drop, const char *bytes, size_t len,
                        size_t num_suites_left, size_t num_extensions_left)
{
    struct writer message;
    struct hello hello;
    make_hello(&message);
    structure_edit(&message, TLS12, offset, drop, bytes, len);
    assert_int_equal(message.len, HANDSHAKE_HEADER_LEN + HELLO_LEN - drop + len);
    assert_int_equal(read_edited(&hello, &message), 0);
    assert_int_equal(hello.num_suites, num_suites_left);
    assert_int_equal(hello.num_extensions, num_extensions_left);
    hello_fini(&hello);
    writer_fini(&message);
}

static void lengths_follow_an_edit(void **state)
{
    (void)state;
    assert_edit(SUITES_AT, 0, "\x13\x01", 2, 3, 3);                  /* in front of a list */
    assert_edit(SUITES_AT + 4, 0, "\x13\x01", 2, 3, 3);              /* behind its last */
    assert_edit(SUITES_AT, 4, "", 0, 0, 3);                          /* all of it */
    assert_edit(UNKNOWN_AT, 0, "\x00\x17\x00\x00", 4, 2, 4);         /* between two extensions */
    assert_edit(HELLO_LEN, 0, "\x00\x17\x00\x00", 4, 2, 4);          /* behind the last */
    assert_edit(UNKNOWN_AT, PROTOCOLS_AT - UNKNOWN_AT, "", 0, 2, 2); /* one whole extension */
    assert_edit(UNKNOWN_AT + 4, 1, "abcdef", 6, 2, 3);               /* in an opaque one */
    assert_edit(2 + HELLO_RANDOM_LEN + 1, 0, "id", 2, 2, 3);         /* in an empty vector */
}

static void an_edit_in_a_list_in_an_extension_reaches_all_lengths(void **state)
{
    struct writer message;
    struct hello hello;
    (void)state;
    make_hello(&message);
    structure_edit(&message, TLS12, BLOCK_AT + 4 + 1, 1, "\x00\x01", 2);
    assert_int_equal(read_edited(&hello, &message), 0);
    const struct extension *formats = hello_extension(&hello, EXTENSION_EC_POINT_FORMATS);
    assert_int_equal(formats->body.len, 3);
    assert_memory_equal(formats->body.data, "\x02\x00\x01", 3);
    hello_fini(&hello);
    writer_fini(&message);
}

/* The last extension of a block may be empty: what is put behind all is not put into it. */
static void an_offset_beyond_the_end_is_behind_all(void **state)
{
    struct writer message;
    (void)state;
    writer_init(&message, MESSAGE_MAX);
    handshake_write(&message, HANDSHAKE_ENCRYPTED_EXTENSIONS, "\0\4\0\x17\0\0", 6);
    structure_edit(&message, TLS13, 0xFFFF, 0, "\0\x16\0\0", 4);
    assert_memory_equal(message.data + 4, "\0\x08\0\x17\0\0\0\x16\0\0", 10);
    writer_clear(&message);
    handshake_write(&message, HANDSHAKE_ENCRYPTED_EXTENSIONS, "\0\4\0\x17\0\0", 6);
    structure_edit(&message, TLS13, 6, 0, "\0\x16\0\0", 4); /* at the end: into the empty one */
    assert_memory_equal(message.data + 4, "\0\x08\0\x17\0\4\0\x16\0\0", 10);
    writer_fini(&message);
}

static void what_is_repeated_is_in_its_list_as_often(void **state)
{
    struct writer message;
    struct hello hello;
    (void)state;
    make_hello(&message);
    structure_repeat(&message, TLS12, SUITES_AT + 2, 2, 12);
    assert_int_equal(message.len, HANDSHAKE_HEADER_LEN + HELLO_LEN + 24);
    assert_int_equal(read_edited(&hello, &message), 0);
    assert_int_equal(hello.num_suites, 14);
    assert_int_equal(hello.suites[13], hello.suites[1]);
    hello_fini(&hello);
    size_t len = message.len;
    structure_repeat(&message, TLS12, UINT16_MAX, 2, 12); /* behind the end there is nothing */
    structure_repeat(&message, TLS12, SUITES_AT, 0, 12);
    assert_int_equal(message.len, len);
    structure_repeat(&message, TLS12, 0, UINT16_MAX, UINT16_MAX); /* as often as there is room */
    assert_false(message.failed);
    assert_true(message.len <= message.max && message.len > message.max / 2);
    writer_fini(&message);
}

/* The second entry of a Certificate of TLS 1.3 begins where the extensions of the first end. */
static void an_entry_is_repeated_in_the_list_and_not_in_the_one_before(void **state)
{
    enum { ENTRY_LEN = 3 + 4 + 2, LIST_AT = HANDSHAKE_HEADER_LEN + 1, NUM = 4 };
    static const uint8_t entry[ENTRY_LEN] = { 0, 0, 4, 0xAA, 0xBB, 0xCC, 0xDD, 0, 0 };
    static const uint8_t head[] = { 11, 0, 0, 4 + 2 * ENTRY_LEN, 0, 0, 0, 2 * ENTRY_LEN };
    struct writer message;
    (void)state;
    writer_init(&message, UINT16_MAX);
    writer_bytes(&message, head, sizeof head);
    for (size_t i = 0; i < 2; i++)
        writer_bytes(&message, entry, sizeof entry);
    structure_repeat(&message, TLS13, 4 + ENTRY_LEN, ENTRY_LEN, 2);
    assert_int_equal(message.len, sizeof head + NUM * ENTRY_LEN);
    assert_int_equal(message.data[LIST_AT + 2], NUM * ENTRY_LEN);
    for (size_t i = 0; i < NUM; i++)
        assert_memory_equal(message.data + sizeof head + i * ENTRY_LEN, entry, ENTRY_LEN);
    writer_fini(&message);
}

/* Whatever the bytes: no more than what is there is found, and an edit does what it says. */
static void any_bytes_can_be_read_and_edited(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < 4000; round++) {
        struct writer message;
        struct structure s;
        uint8_t bytes[96];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[i] = (seed >> 40 & 3) == 0 ? (uint8_t)(seed >> 56) : (uint8_t)(seed >> 62);
        }
        bytes[0] = (uint8_t)(round % 26);
        size_t len = 4 + (size_t)round % 90, body_len = len - 4;
        uint16_t version = round % 3 == 0 ? TLS13 : TLS12;
        structure_read(&s, version, bytes, len);
        for (size_t i = 0; i < s.num_vectors; i++) {
            assert_true(s.vectors[i].from <= s.vectors[i].to && s.vectors[i].to <= body_len);
            assert_true(s.vectors[i].parent < (int)i);
        }
        for (size_t i = 0; i < s.num_elements; i++)
            assert_true(s.elements[i].from <= s.elements[i].to && s.elements[i].to <= body_len);
        size_t offset = bytes[90] % 100, drop = bytes[91] % 8;
        size_t at = offset < body_len ? offset : body_len;
        size_t dropped = drop < body_len - at ? drop : body_len - at;
        writer_init(&message, MESSAGE_MAX);
        writer_bytes(&message, bytes, len);
        structure_edit(&message, version, offset, drop, "inserted", 8);
        assert_int_equal(message.len, len - dropped + 8);
        assert_memory_equal(message.data + 4 + at, "inserted", 8);
        writer_fini(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_and_elements_are_found),
        cmocka_unit_test(lengths_follow_an_edit),
        cmocka_unit_test(an_edit_in_a_list_in_an_extension_reaches_all_lengths),
        cmocka_unit_test(an_offset_beyond_the_end_is_behind_all),
        cmocka_unit_test(what_is_repeated_is_in_its_list_as_often),
        cmocka_unit_test(an_entry_is_repeated_in_the_list_and_not_in_the_one_before),
        cmocka_unit_test(any_bytes_can_be_read_and_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
