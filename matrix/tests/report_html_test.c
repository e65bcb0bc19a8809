/* What a report's data are made of: words, columns, documents, chunks. */
#include "matrix/report/html/chunk.h"
#include "matrix/report/html/documents.h"
#include "matrix/report/html/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_base64(const char *text, const char *expected)
{
    char *written = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&written, &len);
    base64_write(out, text, strlen(text));
    fclose(out);
    assert_string_equal(written, expected);
    free(written);
}

/* The vectors of RFC 4648 section 10. */
static void test_base64(void **state)
{
    (void)state;
    assert_base64("", "");
    assert_base64("f", "Zg==");
    assert_base64("fo", "Zm8=");
    assert_base64("foo", "Zm9v");
    assert_base64("foob", "Zm9vYg==");
    assert_base64("fooba", "Zm9vYmE=");
    assert_base64("foobar", "Zm9vYmFy");
    assert_base64("\xff\xff\xfe", "///+");
}

static void test_a_chunk_is_one_element_whatever_is_in_it(void **state)
{
    (void)state;
    struct error err;
    char *written = NULL;
    size_t len = 0;
    static const char hostile[] = "</script><script>1</script>";
    FILE *out = open_memstream(&written, &len);
    assert_int_equal(chunk_write(out, "head", 3, hostile, strlen(hostile), &err), 0);
    fclose(out);
    assert_ptr_equal(strstr(written, "<script type=\"application/gzip\" id=\"head-3\">H4sI"),
                     written);
    assert_ptr_equal(strchr(written + 1, '<'), strstr(written, "</script>\n"));
    free(written);
}

static void test_a_word_has_one_number(void **state)
{
    (void)state;
    struct error err;
    struct dictionary dictionary;
    uint32_t a, b, again;
    assert_int_equal(dictionary_init(&dictionary, &err), 0);
    assert_false(dictionary_find(&a, &dictionary, "one"));
    assert_int_equal(dictionary_number(&a, &dictionary, "one", &err), 0);
    assert_int_equal(dictionary_number(&b, &dictionary, "two", &err), 0);
    assert_int_equal(dictionary_number(&again, &dictionary, "one", &err), 0);
    assert_int_equal(a, 0);
    assert_int_equal(b, 1);
    assert_int_equal(again, 0);
    assert_int_equal(json_array_size(dictionary.words), 2);
    dictionary_fini(&dictionary);
}

/* A library's text is cut at a length, which may be within a character. */
static void test_a_word_that_is_no_utf8_is_still_text(void **state)
{
    (void)state;
    struct error err;
    struct dictionary dictionary;
    uint32_t number, again;
    assert_int_equal(dictionary_init(&dictionary, &err), 0);
    assert_int_equal(dictionary_number(&number, &dictionary, "cut \xe2\x80", &err), 0);
    assert_int_equal(dictionary_number(&again, &dictionary, "other", &err), 0);
    assert_int_equal(dictionary_number(&again, &dictionary, "cut \xe2\x80", &err), 0);
    assert_int_equal(number, again);
    assert_string_equal(json_string_value(json_array_get(dictionary.words, 0)), "cut ??");
    dictionary_fini(&dictionary);
}

static int width_of(struct table *table, const char *name)
{
    json_t *columns = table_describe(table), *column;
    size_t i;
    int width = -1;
    json_array_foreach(
        columns, i,
        column) if (strcmp(json_string_value(json_object_get(column, "name")), name) == 0) width =
        (int)json_integer_value(json_object_get(column, "width"));
    json_decref(columns);
    return width;
}

static void test_columns_are_packed_in_planes(void **state)
{
    (void)state;
    struct error err;
    struct table table;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(table_init(&table, &err), 0);
    for (uint32_t row = 0; row < 3; row++) {
        assert_int_equal(table_add_row(&table, &err), 0);
        table_set(&table, COLUMN_SEQUENCE, row + 1);
        table_set(&table, COLUMN_CLIENT_FACTS, 0x10203 * (row + 1));
    }
    assert_int_equal(width_of(&table, "sequence"), 1);
    assert_int_equal(width_of(&table, "client-facts"), 3);
    assert_int_equal(width_of(&table, "server-facts"), 0);
    assert_int_equal(table_pack(&bytes, &len, &table, PART_DETAILS, 1, 100, &err), 0);
    static const uint8_t expected[] = { 2, 3, 0x06, 0x09, 0x04, 0x06, 0x02, 0x03 };
    assert_int_equal(len, sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
    free(bytes);
    table_fini(&table);
}

static void test_ends_share_their_words(void **state)
{
    (void)state;
    struct error err;
    struct table table;
    assert_int_equal(table_init(&table, &err), 0);
    assert_int_equal(table_add_row(&table, &err), 0);
    assert_int_equal(table_set_word(&table, AXIS_CLIENT, "a", &err), 0);
    assert_int_equal(table_set_word(&table, AXIS_SERVER, "b", &err), 0);
    assert_ptr_equal(table_words(&table, AXIS_CLIENT), table_words(&table, AXIS_SERVER));
    assert_int_equal(table.values[AXIS_SERVER][0], 1);
    assert_int_equal(table_set_word(&table, AXIS_ATTACK, "no-attack", &err), 0);
    assert_int_equal(table.values[AXIS_ATTACK][0], 0); /* as where an id does not say */
    table_fini(&table);
}

static void test_documents_are_numbered_and_blocked(void **state)
{
    (void)state;
    struct error err;
    struct documents documents;
    uint32_t number = 0;
    char big[1 << 17];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(documents_init(&documents, &err), 0);
    for (uint32_t i = 1; i <= 5; i++) {
        json_t *document = json_pack("[s, s]", "a\nline", big);
        assert_int_equal(documents_add(&number, &documents, document, &err), 0);
        assert_int_equal(number, i);
        json_decref(document);
    }
    assert_int_equal(json_array_size(documents.block_firsts), 3);
    assert_int_equal(json_integer_value(json_array_get(documents.block_firsts, 1)), 3);
    size_t lines = 0;
    for (size_t i = 0; i < documents.len; i++)
        lines += documents.text[i] == '\n';
    assert_int_equal(lines, 5);
    documents_fini(&documents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_a_chunk_is_one_element_whatever_is_in_it),
        cmocka_unit_test(test_a_word_has_one_number),
        cmocka_unit_test(test_a_word_that_is_no_utf8_is_still_text),
        cmocka_unit_test(test_columns_are_packed_in_planes),
        cmocka_unit_test(test_ends_share_their_words),
        cmocka_unit_test(test_documents_are_numbered_and_blocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
