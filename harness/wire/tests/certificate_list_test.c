/* The certificates of a Certificate message. */
#include "harness/wire/certificate_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One letter for each certificate that is read, '.' for one of another length. */
static const char *read_all(const void *body, size_t len, bool tls13)
{
    static char out[16];
    struct certificate_list list = certificate_list_of(body, len, tls13);
    struct reader der;
    size_t num = 0;
    while (num < sizeof out - 1 && certificate_list_next(&list, &der))
        out[num++] = der.len == 1 ? (char)der.data[0] : '.';
    out[num] = '\0';
    return out;
}

#define READ(bytes, tls13) read_all(bytes, sizeof bytes - 1, tls13)

static void certificates_come_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(READ("\0\0\x08\0\0\1a\0\0\1b", false), "ab");
    assert_string_equal(READ("\2id\0\0\x0e\0\0\1a\0\2xx\0\0\1b\0\0", true), "ab");
}

static void what_is_no_list_has_none(void **state)
{
    (void)state;
    assert_string_equal(READ("\0\0\0", false), "");
    assert_string_equal(READ("", false), "");
    assert_string_equal(READ("\0\0\x09\0\0\1a\0\0\1b", false), ""); /* longer than the message */
    assert_string_equal(READ("\7id", true), "");
}

static void what_is_cut_ends_the_list(void **state)
{
    (void)state;
    assert_string_equal(READ("\0\0\x07\0\0\1a\0\0\1b", false), "a"); /* of a certificate */
    assert_string_equal(READ("\0\0\0\x06\0\0\1a\0\2", true), "a");   /* of its extensions */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_come_in_their_order),
        cmocka_unit_test(what_is_no_list_has_none),
        cmocka_unit_test(what_is_cut_ends_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
