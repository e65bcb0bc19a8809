/* The registries: unique ids and spellings, lookups that agree, slugs that follow from names. */
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void suites_are_unique_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_suites; i++) {
        assert_ptr_equal(suite_by_id(suites[i].id), &suites[i]);
        assert_ptr_equal(suite_by_name(suites[i].name), &suites[i]);
        assert_ptr_equal(suite_by_slug(suites[i].slug), &suites[i]);
        assert_null(suite_by_slug(suites[i].name));
    }
    assert_null(suite_by_id(0xFFFF));
    assert_null(suite_by_name("TLS_NOTHING"));
}

static void groups_are_unique_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_groups; i++) {
        assert_ptr_equal(group_by_id(groups[i].id), &groups[i]);
        assert_ptr_equal(group_by_name(groups[i].name), &groups[i]);
        assert_ptr_equal(group_by_slug(groups[i].slug), &groups[i]);
        assert_true(groups[i].min_version <= groups[i].max_version);
    }
    assert_null(group_by_name("p256"));
    assert_null(group_by_slug("secp256r1"));
}

static void schemes_and_alerts_are_unique_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_signature_schemes; i++) {
        const struct signature_scheme *s = &signature_schemes[i];
        assert_ptr_equal(signature_scheme_by_id(s->id), s);
        assert_ptr_equal(signature_scheme_by_name(s->name), s);
    }
    for (size_t i = 0; i < num_alerts; i++) {
        assert_ptr_equal(alert_by_id(alerts[i].id), &alerts[i]);
        assert_ptr_equal(alert_by_name(alerts[i].name), &alerts[i]);
    }
}

static void slugs_can_stand_in_case_ids(void **state)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    (void)state;
    for (size_t i = 0; i < num_suites; i++)
        assert_int_equal(strspn(suites[i].slug, allowed), strlen(suites[i].slug));
    for (size_t i = 0; i < num_groups; i++)
        assert_int_equal(strspn(groups[i].slug, allowed), strlen(groups[i].slug));
}

struct replacement {
    const char *from, *to;
};

static void replace(char *text, size_t size, const struct replacement *r)
{
    char *at = strstr(text, r->from);
    char rest[128];
    if (at == NULL)
        return;
    snprintf(rest, sizeof rest, "%s", at + strlen(r->from));
    snprintf(at, size - (size_t)(at - text), "%s%s", r->to, rest);
}

/* "TLS_RSA_WITH_AES_128_CBC_SHA" -> "rsa-aes128cbc-sha"; the hash goes where the cipher is an
 * AEAD, as it says nothing more there. */
static void slug_from_name(char *out, size_t size, const struct suite *suite)
{
    static const struct replacement words[] = {
        { "PSK_DHE", "DHE_PSK" }, /* RFC 6655 names two suites the other way round */
        { "TLS_", "" },           { "_WITH_", "-" },           { "_EDE_", "" },
        { "3DES", "3des" },       { "_CBC", "cbc" },           { "_GCM", "gcm" },
        { "_CCM", "ccm" },        { "_POLY1305", "poly1305" }, { "ccm_8", "ccm8" },
        { "AES_", "aes" },        { "ARIA_", "aria" },         { "CAMELLIA_", "camellia" },
        { "RC4_", "rc4" },
    };
    snprintf(out, size, "%s", suite->name);
    char *hash = strrchr(out, '_');
    if (suite->cipher == CIPHER_AEAD && hash != NULL &&
        (strncmp(hash, "_SHA", 4) == 0 || strcmp(hash, "_SM3") == 0))
        *hash = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        replace(out, size, &words[i]);
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '_')
            *c = '-';
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
}

/* What is left of both without separators is the same word. */
static void squeeze(char *text)
{
    char *out = text;
    for (const char *in = text; *in != '\0'; in++)
        if (*in != '-')
            *out++ = *in;
    *out = '\0';
}

static void suite_slugs_follow_from_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_suites; i++) {
        char expected[128], actual[128];
        slug_from_name(expected, sizeof expected, &suites[i]);
        snprintf(actual, sizeof actual, "%s", suites[i].slug);
        squeeze(expected);
        squeeze(actual);
        assert_string_equal(actual, expected);
    }
}

static void suites_keep_to_versions_that_have_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_suites; i++) {
        bool tls13 = suites[i].kx == KX_TLS13;
        assert_int_equal(suite_allows_version(&suites[i], TLS13), tls13);
        assert_int_equal(suites[i].auth == AUTH_TLS13, tls13);
        if (suites[i].cipher == CIPHER_AEAD)
            assert_false(suite_allows_version(&suites[i], TLS11));
    }
}

static void versions_have_names(void **state)
{
    (void)state;
    for (uint16_t v = TLS10; v <= TLS13; v++)
        assert_int_equal(version_by_name(version_name(v)), v);
    assert_null(version_name(0x0300));
    assert_null(version_name(0x0305));
    assert_int_equal(version_by_name("tls1.4"), 0);
}

static void unknown_alerts_have_a_text(void **state)
{
    (void)state;
    assert_string_equal(alert_text(48), "unknown_ca");
    assert_string_equal(alert_text(250), "alert 250");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suites_are_unique_and_found),
        cmocka_unit_test(groups_are_unique_and_found),
        cmocka_unit_test(schemes_and_alerts_are_unique_and_found),
        cmocka_unit_test(slugs_can_stand_in_case_ids),
        cmocka_unit_test(suite_slugs_follow_from_names),
        cmocka_unit_test(suites_keep_to_versions_that_have_them),
        cmocka_unit_test(versions_have_names),
        cmocka_unit_test(unknown_alerts_have_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
