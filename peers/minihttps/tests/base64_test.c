/* One line of base64 in a file: what was written is read, and anything else is an error. */
#include "peers/minihttps/tests/fixture.h"

#include "peers/minihttps/base64_file.h"

#include <unistd.h>

static void decodes_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes out;
        assert_int_equal(base64_decode(&out, rows[i][1], strlen(rows[i][1]), NULL), 0);
        assert_int_equal(out.len, strlen(rows[i][0]));
        assert_memory_equal(out.data, rows[i][0], out.len);
        free(out.data);
    }
}

static void anything_but_canonical_base64_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "Z",    "Zg",   "Zg=",      "=",     "====",    "Z===",
                                       "Zh==", "Zm9=", "Zg==Zg==", "Zm 9v", " Zm9v",   "Zm9v\n\n",
                                       "Zm9-", "Zm9_", "Zm\n9v",   "Z=g=",  "\x80m9v", "Zm9v=" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes out = { 0 };
        struct error err = { 0 };
        assert_int_equal(base64_decode(&out, bad[i], strlen(bad[i]), &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        assert_null(out.data);
    }
}

static void a_nul_is_no_digit(void **state)
{
    (void)state;
    struct bytes out;
    assert_int_equal(base64_decode(&out, "Zm9\0", 4, NULL), -1);
    assert_int_equal(base64_decode(&out, "Zm9v", 4, NULL), 0);
    free(out.data);
}

static void one_newline_at_the_end_is_allowed(void **state)
{
    (void)state;
    struct bytes out;
    assert_int_equal(base64_decode(&out, "Zm9v\n", 5, NULL), 0);
    assert_int_equal(out.len, 3);
    free(out.data);
}

static void files_are_read_as_they_were_written(void **state)
{
    (void)state;
    char path[] = "/tmp/minihttps-base64.XXXXXX";
    uint8_t data[260];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t len = 0; len <= sizeof data; len++) {
        struct bytes got;
        assert_int_equal(base64_file_write(path, 0600, data, len, NULL), 0);
        assert_int_equal(base64_file_read(&got, path, NULL), 0);
        assert_int_equal(got.len, len);
        assert_memory_equal(got.data, data, len);
        free(got.data);
    }
    unlink(path);
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    size_t len = (BASE64_BYTES_MAX + 3) / 3 * 4;
    char *text = malloc(len);
    struct bytes out;
    assert_non_null(text);
    memset(text, 'A', len);
    assert_int_equal(base64_decode(&out, text, len, NULL), -1);
    assert_int_equal(base64_decode(&out, text, BASE64_BYTES_MAX / 3 * 4, NULL), 0);
    free(out.data);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_the_vectors_of_rfc_4648),
        cmocka_unit_test(anything_but_canonical_base64_is_refused),
        cmocka_unit_test(a_nul_is_no_digit),
        cmocka_unit_test(one_newline_at_the_end_is_allowed),
        cmocka_unit_test(files_are_read_as_they_were_written),
        cmocka_unit_test(what_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
