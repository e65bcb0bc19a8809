/* Key logs: what counts, and what is passed over. */
#include "captures/tests/packets.h"

#include "captures/keylog.h"

#include <stdio.h>
#include <unistd.h>

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"
#define SECRET "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"

static const uint8_t random_bytes[KEYLOG_RANDOM_LEN] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};

static int64_t add_text(struct keylog *keylog, const char *text)
{
    return keylog_add(keylog, text, strlen(text), NULL);
}

static void every_label_is_found_by_its_random(void **state)
{
    (void)state;
    for (int label = 0; label < NUM_SECRET_LABELS; label++) {
        struct keylog *keylog = keylog_new();
        char line[256];
        snprintf(line, sizeof line, "%s " RANDOM " " SECRET "\n",
                 secret_label_name((enum secret_label)label));
        assert_int_equal(add_text(keylog, line), 1);
        for (int other = 0; other < NUM_SECRET_LABELS; other++) {
            const struct secret *found =
                keylog_find(keylog, (enum secret_label)other, random_bytes);
            assert_int_equal(found != NULL, other == label);
        }
        const struct secret *found = keylog_find(keylog, (enum secret_label)label, random_bytes);
        assert_int_equal(found->len, 16);
        assert_int_equal(found->bytes[0], 0xA0);
        assert_int_equal(found->bytes[15], 0xAF);
        keylog_free(keylog);
    }
}

static void lines_may_end_as_they_like(void **state)
{
    struct keylog *keylog = keylog_new();
    (void)state;
    assert_int_equal(add_text(keylog, "# comment\r\n\r\nCLIENT_RANDOM " RANDOM " " SECRET " \r\n"
                                      "EXPORTER_SECRET " RANDOM " " SECRET),
                     2);
    assert_int_equal(keylog_count(keylog), 2);
    keylog_free(keylog);
}

static void what_is_malformed_or_unknown_is_passed_over(void **state)
{
    static const char *const lines[] = {
        "",
        "CLIENT_RANDOM",
        "CLIENT_RANDOM ",
        "CLIENT_RANDOM " RANDOM,
        "CLIENT_RANDOM " RANDOM " ",
        "CLIENT_RANDOM " RANDOM " a",
        "CLIENT_RANDOM " RANDOM " xy",
        "CLIENT_RANDOM " RANDOM " " SECRET "0",
        "CLIENT_RANDOM " RANDOM " " SECRET " 00",
        "CLIENT_RANDOM " RANDOM " " RANDOM RANDOM "00",
        "CLIENT_RANDOM " RANDOM "00 " SECRET,
        "CLIENT_RANDOM 0001 " SECRET,
        "CLIENT_RANDOMS " RANDOM " " SECRET,
        "RSA " RANDOM " " SECRET,
        "QUIC_CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET,
    };
    (void)state;
    for (size_t i = 0; i < LEN(lines); i++) {
        struct keylog *keylog = keylog_new();
        assert_int_equal(add_text(keylog, lines[i]), 0);
        assert_null(keylog_find(keylog, SECRET_MASTER, random_bytes));
        keylog_free(keylog);
    }
}

static void of_two_the_first_counts(void **state)
{
    struct keylog *keylog = keylog_new();
    (void)state;
    assert_int_equal(add_text(keylog, "CLIENT_RANDOM " RANDOM " " SECRET "\n"
                                      "CLIENT_RANDOM " RANDOM " 0000\n"),
                     2);
    assert_int_equal(keylog_count(keylog), 1);
    assert_int_equal(keylog_find(keylog, SECRET_MASTER, random_bytes)->bytes[0], 0xA0);
    keylog_free(keylog);
}

static void thousands_are_found(void **state)
{
    struct keylog *keylog = keylog_new();
    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        char line[256];
        snprintf(line, sizeof line, "CLIENT_RANDOM %08x%.56s %08x\n", i, RANDOM, i);
        assert_int_equal(add_text(keylog, line), 1);
    }
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t random[KEYLOG_RANDOM_LEN];
        memcpy(random + 4, random_bytes, 28);
        for (int k = 0; k < 4; k++)
            random[k] = (uint8_t)(i >> (24 - 8 * k));
        const struct secret *found = keylog_find(keylog, SECRET_MASTER, random);
        assert_non_null(found);
        assert_memory_equal(found->bytes, random, 4);
    }
    keylog_free(keylog);
}

static void a_file_without_a_secret_is_an_error(void **state)
{
    char path[] = "/tmp/tlsmatrix-keylog-XXXXXX";
    struct error err;
    struct keylog *keylog = keylog_new();
    FILE *file = fdopen(mkstemp(path), "w");
    (void)state;
    for (int i = 0; i < 5000; i++) /* one endless line of something else */
        fputs("CLIENT_RANDOM ", file);
    fflush(file);
    assert_int_equal(keylog_read(keylog, path, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, path));
    fputs("\nCLIENT_RANDOM " RANDOM " " SECRET "\n", file);
    fclose(file);
    assert_int_equal(keylog_read(keylog, path, &err), 0);
    assert_non_null(keylog_find(keylog, SECRET_MASTER, random_bytes));
    unlink(path);
    assert_int_equal(keylog_read(keylog, path, &err), -1);
    keylog_free(keylog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_label_is_found_by_its_random),
        cmocka_unit_test(lines_may_end_as_they_like),
        cmocka_unit_test(what_is_malformed_or_unknown_is_passed_over),
        cmocka_unit_test(of_two_the_first_counts),
        cmocka_unit_test(thousands_are_found),
        cmocka_unit_test(a_file_without_a_secret_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
