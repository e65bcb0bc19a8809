/* Which keys fit which signature schemes; and that nothing is concluded from what is not known. */
#include "captures/explain_schemes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct id_list list_of(size_t num, const uint16_t ids[])
{
    struct id_list list = { .num_ids = num, .total = num };
    memcpy(list.ids, ids, num * sizeof ids[0]);
    return list;
}

#define LIST(...)                                                                                  \
    list_of(sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t), (uint16_t[]){ __VA_ARGS__ })

static const struct signing_key rsa = { KEY_RSA, 0 }, pss = { KEY_RSA_PSS, 0 },
                                p256 = { KEY_EC, 23 }, p384 = { KEY_EC, 24 },
                                other_curve = { KEY_EC, 0 }, ed25519 = { KEY_ED25519, 0 };

static bool allow(struct id_list list, struct signing_key key, uint16_t version)
{
    return schemes_allow_key(&list, &key, version);
}

static void rsa_keys_sign_tls13_by_pss_only(void **state)
{
    (void)state;
    assert_true(allow(LIST(0x0401), rsa, TLS12));
    assert_false(allow(LIST(0x0401), rsa, TLS13));
    assert_true(allow(LIST(0x0401, 0x0804), rsa, TLS13));
    assert_false(allow(LIST(0x0809), rsa, TLS12));
    assert_true(allow(LIST(0x0809), pss, TLS13));
    assert_false(allow(LIST(0x0804), pss, TLS13));
}

static void a_curve_is_bound_to_its_scheme_in_tls13_only(void **state)
{
    (void)state;
    assert_true(allow(LIST(0x0403), p256, TLS13));
    assert_false(allow(LIST(0x0403), p384, TLS13));
    assert_true(allow(LIST(0x0403), p384, TLS12));
    assert_true(allow(LIST(0x0403), other_curve, TLS13));
    assert_false(allow(LIST(0x0203), p256, TLS13));
    assert_true(allow(LIST(0x0203), p256, TLS12));
    assert_true(allow(LIST(0x0807), ed25519, TLS13));
    assert_false(allow(LIST(0x0808), ed25519, TLS13));
}

static void nothing_is_concluded_from_the_unknown(void **state)
{
    static const struct signing_key unknown = { KEY_OTHER, 0 };
    struct id_list cut = LIST(0x0403), empty = { .num_ids = 0 };
    (void)state;
    cut.total++;
    assert_true(allow(cut, rsa, TLS12));
    assert_true(allow(empty, rsa, TLS12));
    assert_true(allow(LIST(0x0403), rsa, TLS11));
    assert_true(allow(LIST(0x0403), unknown, TLS13));
    assert_true(allow(LIST(0x0403, 0x0904), rsa, TLS13)); /* a scheme that no table here has */
    assert_true(schemes_allow_signature(&cut, 0x0401));
    assert_true(schemes_allow_signature(&empty, 0x0401));
    assert_false(schemes_of_one_kind(&cut));
    assert_false(schemes_of_one_kind(&empty));
}

static void a_signature_is_held_against_the_list(void **state)
{
    struct id_list list = LIST(0x0403, 0x080A);
    (void)state;
    assert_true(schemes_allow_signature(&list, 0x0403));
    assert_true(schemes_allow_signature(&list, 0x0805)); /* rsae and pss of SHA-384 */
    assert_true(schemes_allow_signature(&list, 0));      /* self-signed */
    assert_false(schemes_allow_signature(&list, 0x0804));
    assert_false(schemes_allow_signature(&list, 0x0401));
}

static void kinds_are_told_apart(void **state)
{
    struct id_list all_rsa = LIST(0x0401, 0x0804, 0x080B), mixed = LIST(0x0401, 0x0403),
                   strange = LIST(0x0403, 0x0904);
    (void)state;
    assert_true(schemes_of_one_kind(&all_rsa));
    assert_false(schemes_of_one_kind(&mixed));
    assert_false(schemes_of_one_kind(&strange));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_keys_sign_tls13_by_pss_only),
        cmocka_unit_test(a_curve_is_bound_to_its_scheme_in_tls13_only),
        cmocka_unit_test(nothing_is_concluded_from_the_unknown),
        cmocka_unit_test(a_signature_is_held_against_the_list),
        cmocka_unit_test(kinds_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
