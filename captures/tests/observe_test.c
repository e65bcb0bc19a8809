/* What lengths say, suite by suite, and DNS queries, right and wrong. */
#include "captures/tests/packets.h"

#include "captures/observe_parts.h"

#include <stdio.h>

/* ---- lengths ---- */

/* By hand from RFC 5246 section 6.2.3, RFC 5288, 6655, 7905, 7366 and 8446 section 5.2. */
static const struct expected_length {
    const char *suite;
    uint16_t version;
    bool encrypt_then_mac;
    size_t fragment_len;
    size_t min, max;
} expected_lengths[] = {
    { "TLS_AES_128_GCM_SHA256", TLS13, false, 26, 9, 9 },
    { "TLS_AES_256_GCM_SHA384", TLS13, false, 276, 259, 259 },
    { "TLS_CHACHA20_POLY1305_SHA256", TLS13, false, 47, 30, 30 },
    { "TLS_AES_128_CCM_8_SHA256", TLS13, false, 39, 30, 30 },
    { "TLS_AES_128_CCM_SHA256", TLS13, false, 17, 0, 0 },
    { "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TLS12, false, 54, 30, 30 },
    { "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", TLS12, false, 26, 2, 2 },
    { "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", TLS12, false, 48, 32, 32 },
    { "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", TLS12, false, 56, 32, 32 },
    { "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TLS12, false, 48, 32, 32 },
    { "TLS_RSA_WITH_NULL_SHA", TLS12, false, 52, 32, 32 },
    { "TLS_RSA_WITH_NULL_SHA256", TLS12, false, 64, 32, 32 },
    { "TLS_RSA_WITH_NULL_MD5", TLS10, false, 48, 32, 32 },
    /* 16 IV, then 32 + 20 + 1 bytes, which make four blocks. */
    { "TLS_RSA_WITH_AES_128_CBC_SHA", TLS12, false, 80, 28, 43 },
    { "TLS_RSA_WITH_AES_128_CBC_SHA", TLS11, false, 80, 28, 43 },
    { "TLS_RSA_WITH_AES_128_CBC_SHA", TLS10, false, 64, 28, 43 },
    { "TLS_RSA_WITH_AES_128_CBC_SHA256", TLS12, false, 96, 32, 47 },
    { "TLS_RSA_WITH_3DES_EDE_CBC_SHA", TLS10, false, 56, 28, 35 },
    /* 32 + 1 bytes make three blocks; IV before and MAC behind them. */
    { "TLS_RSA_WITH_AES_128_CBC_SHA", TLS12, true, 84, 32, 47 },
    { "TLS_RSA_WITH_AES_128_CBC_SHA", TLS10, true, 68, 32, 47 },
    /* An empty content: the range ends at 0. */
    { "TLS_RSA_WITH_AES_128_CBC_SHA", TLS10, false, 32, 0, 11 },
};

static struct record_shape shape_of(const char *suite, uint16_t version, bool encrypt_then_mac)
{
    struct record_shape shape;
    const struct suite *row = suite_by_name(suite);
    assert_non_null(row);
    record_shape_of(&shape, version, row->id, encrypt_then_mac);
    return shape;
}

static void test_content_of_each_kind_of_suite(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(expected_lengths); i++) {
        const struct expected_length *row = &expected_lengths[i];
        struct record_shape shape = shape_of(row->suite, row->version, row->encrypt_then_mac);
        struct length_range range;
        if (!record_shape_content(&range, &shape, row->fragment_len))
            fail_msg("%s: %zu: no content", row->suite, row->fragment_len);
        if (range.min != row->min || range.max != row->max)
            fail_msg("%s: %zu: %zu to %zu", row->suite, row->fragment_len, range.min, range.max);
    }
}

/* Every length that a content can get to is told back by a range that holds it. */
static void test_ranges_hold_what_was_sealed(void **state)
{
    struct record_shape mac_first = shape_of("TLS_RSA_WITH_AES_256_CBC_SHA256", TLS12, false);
    struct record_shape mac_last = shape_of("TLS_RSA_WITH_AES_256_CBC_SHA256", TLS12, true);
    struct length_range range;
    (void)state;
    for (size_t len = 0; len < 200; len++) {
        size_t inside = 16 + (len + 32 + 1 + 15) / 16 * 16;
        size_t outside = 16 + (len + 1 + 15) / 16 * 16 + 32;
        assert_true(record_shape_content(&range, &mac_first, inside));
        assert_true(range.min <= len && len <= range.max && range.max - range.min < 16);
        assert_true(record_shape_content(&range, &mac_last, outside));
        assert_true(range.min <= len && len <= range.max && range.max - range.min < 16);
    }
}

static void test_lengths_that_no_record_has(void **state)
{
    struct length_range range;
    struct record_shape gcm = shape_of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TLS12, false);
    struct record_shape cbc = shape_of("TLS_RSA_WITH_AES_128_CBC_SHA", TLS12, false);
    struct record_shape tls13 = shape_of("TLS_AES_128_GCM_SHA256", TLS13, false);
    struct record_shape unknown;
    (void)state;
    assert_false(record_shape_content(&range, &gcm, 23));
    assert_true(record_shape_content(&range, &gcm, 24));
    assert_false(record_shape_content(&range, &tls13, 16));
    assert_false(record_shape_content(&range, &cbc, 79)); /* no whole blocks */
    assert_false(record_shape_content(&range, &cbc, 32)); /* no room for the MAC */
    assert_false(record_shape_content(&range, &cbc, 0));
    record_shape_of(&unknown, TLS12, 0xFAFA, false);
    assert_false(record_shape_content(&range, &unknown, 100));
    record_shape_of(&unknown, 0, 0, false);
    assert_false(record_shape_content(&range, &unknown, 100));
}

static void test_finished_is_as_long_as_the_hash(void **state)
{
    (void)state;
    assert_int_equal(finished_len_of(0x1301), 36);
    assert_int_equal(finished_len_of(0x1302), 52);
    assert_int_equal(finished_len_of(0xFAFA), 0);
}

/* ---- mutual authentication by lengths ---- */

static const struct expected_mutual {
    const char *what;
    size_t contents[4]; /* of the client's records; 0: no more */
    enum mutual mutual;
    size_t certificate_len;
} expected_mutuals[] = {
    { "Finished alone", { 36 }, MUTUAL_NO, 0 },
    { "Finished, then a request", { 36, 32 }, MUTUAL_NO, 0 },
    { "empty Certificate apart", { 8, 36 }, MUTUAL_NONE_SENT, 8 },
    { "empty Certificate in one record", { 44 }, MUTUAL_NONE_SENT, 8 },
    { "each message apart", { 1153, 80, 36, 32 }, MUTUAL_YES, 1153 },
    { "all in one record", { 1268, 32 }, MUTUAL_YES, 1268 - 36 - 72 },
    { "shorter than any handshake", { 20 }, MUTUAL_UNKNOWN, 0 },
    { "no certificate is so short", { 60 }, MUTUAL_UNKNOWN, 60 - 36 },
};

static void test_mutual_authentication_by_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(expected_mutuals); i++) {
        const struct expected_mutual *row = &expected_mutuals[i];
        static struct wire_facts facts;
        static struct observation seen;
        struct observed_record records[6] = { { .from = ROLE_SERVER, .fragment_len = 500 } };
        facts = (struct wire_facts){ .version = TLS13, .suite = 0x1301 };
        seen = (struct observation){ .facts = &facts, .records = records, .num_records = 1 };
        for (size_t at = 0; at < LEN(row->contents) && row->contents[at] > 0; at++)
            records[seen.num_records++] =
                (struct observed_record){ .from = ROLE_CLIENT,
                                          .type = CONTENT_APPLICATION_DATA,
                                          .under_protection = true,
                                          .fragment_len = (uint32_t)row->contents[at] + 17 };
        observe_infer(&seen);
        if (seen.mutual != row->mutual ||
            seen.end[ROLE_CLIENT].flight.certificate_len != row->certificate_len)
            fail_msg("%s: %s, %zu", row->what, mutual_name(seen.mutual),
                     seen.end[ROLE_CLIENT].flight.certificate_len);
        free(seen.bursts);
    }
}

/* ---- texts and DNS ---- */

static void test_what_peers_send_is_made_printable(void **state)
{
    char text[12] = "";
    (void)state;
    append_printable(text, sizeof text, "a\x1b\\\xff", 4);
    assert_string_equal(text, "a\\x1b\\x5c"); /* the last does not fit */
}

static bool ask(struct dns_log *log, const char *bytes, size_t len, uint16_t port, uint64_t packet)
{
    const struct segment datagram = { .destination = { .port = port },
                                      .payload = (const uint8_t *)bytes,
                                      .len = len,
                                      .wire_len = len };
    return dns_log_add(log, &datagram, (struct place){ packet, packet });
}

#define QUERY  "\0\1\1\0\0\1\0\0\0\0\0\0"
#define ANSWER "\0\1\x81\x80\0\1\0\0\0\0\0\0"
#define NAME   "\3www\7example\0"

static void test_dns_queries(void **state)
{
    struct dns_log *log = dns_log_new();
    (void)state;
    assert_non_null(log);
    assert_true(ask(log, QUERY NAME, 12 + 13, 53, 7));
    assert_int_equal(dns_log_find(log, "WWW.example").packet, 7);
    assert_true(ask(log, QUERY NAME, 12 + 13, 53, 9));
    assert_int_equal(dns_log_find(log, "www.example").packet, 9);
    assert_int_equal(dns_log_find(log, "www.example.org").packet, 0);
    assert_false(ask(log, QUERY NAME, 12 + 13, 5353, 10)); /* another port */
    assert_false(ask(log, ANSWER NAME, 12 + 13, 53, 10));  /* no query */
    assert_false(ask(log, QUERY "\xC0\x0C", 14, 53, 10));  /* a pointer to itself */
    for (size_t len = 0; len < 12 + 13; len++)
        assert_false(ask(log, QUERY NAME, len, 53, 10));       /* cut */
    for (uint64_t i = 0; i < 2 * OBSERVE_DNS_QUERIES_MAX; i++) /* the ring forgets */
        assert_true(ask(log, QUERY "\1x\0", 12 + 3, 53, 20 + i));
    assert_int_equal(dns_log_find(log, "www.example").packet, 0);
    dns_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_of_each_kind_of_suite),
        cmocka_unit_test(test_ranges_hold_what_was_sealed),
        cmocka_unit_test(test_lengths_that_no_record_has),
        cmocka_unit_test(test_finished_is_as_long_as_the_hash),
        cmocka_unit_test(test_mutual_authentication_by_lengths),
        cmocka_unit_test(test_what_peers_send_is_made_printable),
        cmocka_unit_test(test_dns_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
