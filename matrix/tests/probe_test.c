/* The probe's small parts: what stood in a hello, what is no TLS, what is weak. */
#include "matrix/probe/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { AES128 = 0x1301, CHACHA = 0x1303, X25519 = 29, P256 = 23 };

/* A ClientHello with two suites, and two groups behind another extension. */
static const uint8_t hello[] = {
    1,  0,  0,    62, 3,    3, /* client_hello, its length, version */
    0,  1,  2,    3,  4,    5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,          /* random */
    16, 17, 18,   19, 20,   21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 1, 0xAA, /* session id */
    0,  4,  0x13, 1,  0x13, 3,                                                   /* suites */
    1,  0,                                                                       /* compression */
    0,  16,                                                                      /* extensions */
    0,  35, 0,    2,  0,    29, /* a ticket, which looks like a group */
    0,  10, 0,    6,  0,    4,  /* supported_groups */
    0,  29, 0,    23,
};

static struct seen *of_hello(size_t len)
{
    static struct seen seen;
    seen = (struct seen){ .hello_len = len };
    memcpy(seen.hello, hello, len);
    return &seen;
}

static void what_was_offered_is_found_and_nothing_else(void **state)
{
    (void)state;
    struct seen *seen = of_hello(sizeof hello);
    assert_int_equal(hello_suite_at(seen, AES128), 0);
    assert_int_equal(hello_suite_at(seen, CHACHA), 1);
    assert_int_equal(hello_suite_at(seen, X25519), -1);
    assert_int_equal(hello_group_at(seen, X25519), 0);
    assert_int_equal(hello_group_at(seen, P256), 1);
    assert_int_equal(hello_group_at(seen, AES128), -1);
}

static void a_hello_that_is_cut_offers_nothing(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof hello; len++)
        assert_int_equal(hello_group_at(of_hello(len), P256), -1);
    for (size_t len = 0; len < 46; len++)
        assert_int_equal(hello_suite_at(of_hello(len), CHACHA), -1);
    assert_int_equal(hello_suite_at(of_hello(0), 0), -1);
}

static void a_suite_more_leaves_the_rest_as_it_was(void **state)
{
    (void)state;
    static struct seen more;
    const struct seen *seen = of_hello(sizeof hello);
    more.hello_len = hello_with_suite(more.hello, seen, SCSV_FALLBACK);
    assert_int_equal(more.hello_len, sizeof hello + 2);
    assert_int_equal(more.hello[3], hello[3] + 2);
    assert_int_equal(hello_suite_at(&more, SCSV_FALLBACK), 2);
    assert_int_equal(hello_suite_at(&more, CHACHA), 1);
    assert_int_equal(hello_group_at(&more, P256), 1);
    assert_int_equal(hello_with_suite(more.hello, of_hello(40), SCSV_FALLBACK), 0);
}

static void records_are_tls_and_banners_are_not(void **state)
{
    (void)state;
    char text[TEXT_LEN];
    static const uint8_t alert[] = { 21, 3, 1, 0, 2, 2, 40 }, other[] = { 22, 9, 9 };
    assert_false(seen_no_tls(text, alert, sizeof alert));
    assert_false(seen_no_tls(text, alert, 1));
    assert_false(seen_no_tls(text, alert, 0));
    assert_true(seen_no_tls(text, other, sizeof other));
    assert_true(seen_no_tls(text, (const uint8_t *)"SSH-2.0-x\r\nmore", 15));
    assert_string_equal(text, "it does not speak TLS there: it says 'SSH-2.0-x' (SSH)");
}

static void weaknesses_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *suite, *weakness;
    } rows[] = {
        { "TLS_RSA_WITH_NULL_SHA256", "no encryption" },
        { "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "no authentication" },
        { "TLS_ECDHE_RSA_WITH_RC4_128_SHA", "RC4, RFC 7465" },
        { "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "64-bit blocks" },
        { "TLS_RSA_WITH_AES_128_GCM_SHA256", "no forward secrecy" },
        { "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", NULL },
        { "TLS_AES_128_GCM_SHA256", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct suite *suite = suite_by_name(rows[i].suite);
        assert_non_null(suite);
        if (rows[i].weakness == NULL)
            assert_null(suite_weakness(suite));
        else
            assert_string_equal(suite_weakness(suite), rows[i].weakness);
    }
    assert_non_null(version_weakness(TLS11));
    assert_null(version_weakness(TLS12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_offered_is_found_and_nothing_else),
        cmocka_unit_test(a_hello_that_is_cut_offers_nothing),
        cmocka_unit_test(a_suite_more_leaves_the_rest_as_it_was),
        cmocka_unit_test(records_are_tls_and_banners_are_not),
        cmocka_unit_test(weaknesses_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
