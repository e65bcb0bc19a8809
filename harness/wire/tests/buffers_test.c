/* Readers and writers: bounds, sticking errors, blocks. */
#include "harness/wire/reader.h"
#include "harness/wire/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_written_is_read_again(void **state)
{
    struct writer writer;
    (void)state;
    writer_init(&writer, 64);
    writer_u8(&writer, 0x12);
    size_t outer = writer_open(&writer, 3);
    writer_u24(&writer, 0x345678);
    size_t inner = writer_open(&writer, 1);
    writer_bytes(&writer, "abc", 3);
    writer_close(&writer, inner, 1);
    writer_close(&writer, outer, 3);
    assert_false(writer.failed);
    struct reader reader = reader_of(writer.data, writer.len);
    assert_int_equal(reader_u8(&reader), 0x12);
    struct reader block = reader_block(&reader, 3);
    assert_true(reader_done(&reader));
    assert_int_equal(reader_u24(&block), 0x345678);
    struct reader text = reader_block(&block, 1);
    assert_memory_equal(reader_bytes(&text, 3), "abc", 3);
    assert_true(reader_done(&text));
    assert_true(reader_done(&block));
    writer_fini(&writer);
}

static void a_writer_never_grows_beyond_its_bound(void **state)
{
    struct writer writer;
    (void)state;
    writer_init(&writer, 4);
    writer_u24(&writer, 1);
    assert_false(writer.failed);
    writer_u16(&writer, 1);
    assert_true(writer.failed);
    writer_u8(&writer, 1); /* would fit, but something is missing before it */
    assert_int_equal(writer.len, 3);
    writer_clear(&writer);
    writer_u8(&writer, 1);
    assert_false(writer.failed);
    writer_fini(&writer);
}

static void a_block_too_long_for_its_prefix_fails(void **state)
{
    uint8_t bytes[256] = { 0 };
    struct writer writer;
    (void)state;
    writer_init(&writer, 1024);
    size_t mark = writer_open(&writer, 1);
    writer_bytes(&writer, bytes, 255);
    writer_close(&writer, mark, 1);
    assert_false(writer.failed);
    assert_int_equal(writer.data[0], 255);
    mark = writer_open(&writer, 1);
    writer_bytes(&writer, bytes, 256);
    writer_close(&writer, mark, 1);
    assert_true(writer.failed);
    writer_fini(&writer);
}

static void a_failed_reader_gives_nothing_and_ends_loops(void **state)
{
    const uint8_t bytes[] = { 0, 9, 1, 2 };
    struct reader reader = reader_of(bytes, sizeof bytes);
    (void)state;
    struct reader block = reader_block(&reader, 2);
    assert_true(block.failed);
    assert_true(reader.failed);
    assert_int_equal(reader.len, 0);
    assert_null(reader_bytes(&reader, 0));
    assert_int_equal(reader_u16(&reader), 0);
    assert_false(reader_done(&reader));
}

static void bytes_are_taken_out_as_far_as_they_are_there(void **state)
{
    struct writer writer;
    (void)state;
    writer_init(&writer, 16);
    writer_bytes(&writer, "abcdef", 6);
    writer_remove(&writer, 1, 2);
    assert_int_equal(writer.len, 4);
    assert_memory_equal(writer.data, "adef", 4);
    writer_remove(&writer, 3, 100);
    assert_int_equal(writer.len, 3);
    writer_remove(&writer, 3, 1);
    assert_int_equal(writer.len, 3);
    writer_fini(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_writer_never_grows_beyond_its_bound),
        cmocka_unit_test(a_block_too_long_for_its_prefix_fails),
        cmocka_unit_test(a_failed_reader_gives_nothing_and_ends_loops),
        cmocka_unit_test(bytes_are_taken_out_as_far_as_they_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
