/* The DHE group that a server reports is that of the key it sent, not that of its configuration: a
 * library that sends another than it was told must not be able to hide behind what it was told.
 * $TLSMATRIX_CREDENTIALS is a directory laid out by the forge. */
#include "peers/libssl/libssl.h"
#include "peers/libssl/tests/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    SUITE_DHE_RSA = 0x0033, /* TLS_DHE_RSA_WITH_AES_128_CBC_SHA */
    GROUP_FFDHE2048 = 0x0100,
    GROUP_FFDHE3072 = 0x0101,
};

static void another_group_than_the_configured_one_shows(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, getenv("TLSMATRIX_CREDENTIALS"), TLS12, SUITE_DHE_RSA, CREDENTIAL_RSA2048);
    pair_set_group(&pair, GROUP_FFDHE2048);
    assert_true(pair_connect(&pair));
    assert_int_equal(pair.ends[ROLE_SERVER].facts.group, GROUP_FFDHE2048);
    pair.ends[ROLE_SERVER].context->endpoint.groups[0] = GROUP_FFDHE3072;
    assert_true(pair_reconnect(&pair));
    assert_int_equal(pair.ends[ROLE_SERVER].facts.group, GROUP_FFDHE2048);
    assert_int_equal(pair.ends[ROLE_CLIENT].facts.group, GROUP_FFDHE2048);
    pair_fini(&pair);
}

static void a_group_without_a_name_is_unknown(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, getenv("TLSMATRIX_CREDENTIALS"), TLS12, SUITE_DHE_RSA, CREDENTIAL_RSA2048);
    pair_set_group(&pair, GROUP_FFDHE2048);
    assert_true(pair_connect(&pair));
    SSL_CTX_set_dh_auto(pair.ends[ROLE_SERVER].context->ctx, 1); /* the groups of RFC 3526 */
    assert_true(pair_reconnect(&pair));
    assert_int_equal(pair.ends[ROLE_SERVER].facts.group, 0);
    assert_int_equal(pair.ends[ROLE_CLIENT].facts.group, 0);
    pair_fini(&pair);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_group_than_the_configured_one_shows),
        cmocka_unit_test(a_group_without_a_name_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
