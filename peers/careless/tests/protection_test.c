/* Records into each kind of protection and out of it: the same content comes back, and nothing that
 * was changed opens, be it a byte, the type, the sequence number, or the padding. */
#include "harness/wire/registry.h"
#include "peers/careless/careless.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
    const char *name;
    uint16_t suite, version;
    bool mac_last;
} rows[] = {
    { "GCM in TLS 1.2", 0xC02F, TLS12, false },
    { "GCM in TLS 1.3", 0x1301, TLS13, false },
    { "ChaCha20 in TLS 1.2", 0xCCA8, TLS12, false },
    { "ChaCha20 in TLS 1.3", 0x1303, TLS13, false },
    { "CBC, MAC-then-encrypt", 0xC013, TLS12, false },
    { "CBC, encrypt-then-MAC", 0xC013, TLS12, true },
};

static struct protection protection_of(const struct row *row)
{
    struct protection p = { .on = true,
                            .cipher = cipher_of(row->suite),
                            .mac_last = row->mac_last,
                            .key = { 1, 2, 3 },
                            .mac_key = { 4, 5, 6 },
                            .iv = { 7, 8, 9 } };
    if (row->version == TLS12) /* the rest of the IV comes from the record */
        memset(p.iv + p.cipher->fixed_len, 0, NONCE_LEN - p.cipher->fixed_len);
    return p;
}

static int open_bytes(uint8_t *out, size_t *out_len, const struct row *row, const uint8_t *bytes,
                      size_t len, uint64_t sequence)
{
    struct protection p = protection_of(row);
    struct record record = { .type = bytes[0],
                             .data = bytes,
                             .fragment = bytes + RECORD_HEADER_LEN,
                             .fragment_len = len - RECORD_HEADER_LEN };
    return unprotect(out, out_len, &p, row->version, &record, sequence);
}

static void each_length_comes_back(void **state)
{
    static const size_t lengths[] = { 0, 1, 11, 12, 15, 16, 17, 255, 256, RECORD_PLAINTEXT_MAX };
    static uint8_t content[RECORD_PLAINTEXT_MAX], opened[RECORD_LEN_MAX];
    (void)state;
    memset(content, 'x', sizeof content);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct protection p = protection_of(&rows[i]);
        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
            struct writer record;
            size_t len = 0;
            writer_init(&record, RECORD_LEN_MAX);
            assert_int_equal(protect(&record, &p, rows[i].version, CONTENT_APPLICATION_DATA,
                                     content, lengths[j], false),
                             0);
            assert_true(record.len - RECORD_HEADER_LEN >= least_fragment(&p, rows[i].version));
            if (open_bytes(opened, &len, &rows[i], record.data, record.len, j) != 0)
                fail_msg("%s: %zu bytes do not come back", rows[i].name, lengths[j]);
            assert_int_equal(len, lengths[j] + (rows[i].version == TLS13));
            assert_memory_equal(opened, content, lengths[j]);
            writer_fini(&record);
        }
    }
}

static void what_was_changed_stays_shut(void **state)
{
    static uint8_t opened[RECORD_LEN_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct protection p = protection_of(&rows[i]);
        struct writer record;
        size_t len;
        writer_init(&record, RECORD_LEN_MAX);
        protect(&record, &p, rows[i].version, CONTENT_APPLICATION_DATA, "hello", 5, false);
        for (size_t at = 0; at < record.len; at++) {
            if (at != 0 && at < RECORD_HEADER_LEN)
                continue; /* version and length: the splitter's, and in TLS 1.2 not covered */
            record.data[at] ^= 1;
            if (open_bytes(opened, &len, &rows[i], record.data, record.len, 0) == 0)
                fail_msg("%s: opens although byte %zu was changed", rows[i].name, at);
            record.data[at] ^= 1;
        }
        assert_int_equal(open_bytes(opened, &len, &rows[i], record.data, record.len, 1), -1);
        assert_int_equal(open_bytes(opened, &len, &rows[i], record.data, record.len, 0), 0);
        writer_fini(&record);
    }
}

/* Of what is no whole number of blocks a careless end takes the whole ones, and always the same. */
static void what_is_cut_stays_shut_and_is_read_as_far_as_it_goes(void **state)
{
    static uint8_t opened[RECORD_LEN_MAX];
    (void)state;
    for (size_t i = 4; i < sizeof rows / sizeof rows[0]; i++) {
        struct protection p = protection_of(&rows[i]);
        struct writer record;
        size_t len;
        writer_init(&record, RECORD_LEN_MAX);
        protect(&record, &p, TLS12, CONTENT_APPLICATION_DATA, "a block, and some bytes more", 28,
                false);
        memset(opened, 'x', sizeof opened);
        assert_int_equal(open_bytes(opened, &len, &rows[i], record.data, record.len - 1, 0), -1);
        assert_true(len >= BLOCK_LEN && len < record.len - RECORD_HEADER_LEN - BLOCK_LEN);
        assert_memory_equal(opened, "a block, and som", BLOCK_LEN);
        assert_int_equal(open_bytes(opened, &len, &rows[i], record.data, record.len, 0), 0);
        writer_fini(&record);
    }
}

/* A block of content, MAC and padding put together by hand. `padding` is what stands in the bytes
 * before the last. */
static int open_padded(uint8_t padding, uint8_t last)
{
    enum { CONTENT = 6, PADDING = 6, PLAIN = CONTENT + MAC_LEN + PADDING };
    const struct row *row = &rows[4];
    struct protection p = protection_of(row);
    uint8_t covered[13 + CONTENT] = { 0, 0, 0, 0, 0, 0, 0, 0, 23, 3, 3, 0, CONTENT };
    uint8_t plain[PLAIN] = { 0 }, opened[RECORD_LEN_MAX];
    uint8_t record[RECORD_HEADER_LEN + BLOCK_LEN + PLAIN] = { 23, 3, 3, 0, BLOCK_LEN + PLAIN };
    size_t len;
    assert_int_equal(mac_sha1(plain + CONTENT, p.mac_key, covered, sizeof covered), 0);
    memset(plain + CONTENT + MAC_LEN, padding, PADDING - 1);
    plain[PLAIN - 1] = last;
    assert_int_equal(cbc(record + RECORD_HEADER_LEN + BLOCK_LEN, p.cipher->evp(), p.key,
                         record + RECORD_HEADER_LEN, plain, PLAIN, true),
                     0);
    return open_bytes(opened, &len, row, record, sizeof record, 0);
}

/* RFC 5246 section 6.2.3.2. */
static void each_byte_of_padding_says_its_length(void **state)
{
    (void)state;
    assert_int_equal(open_padded(5, 5), 0);
    assert_int_equal(open_padded(0, 5), -1);
    assert_int_equal(open_padded(5, 4), -1);
    assert_int_equal(open_padded(255, 255), -1);
}

/* RFC 5246 section 7.4.7.1: no error tells what was wrong with a premaster secret. */
static void a_premaster_secret_that_is_none_becomes_another(void **state)
{
    uint8_t premaster[PREMASTER_LEN] = { TLS12 >> 8, TLS12 & 0xFF, 1 }, opened[PREMASTER_LEN];
    uint8_t sealed[SIGNATURE_MAX];
    size_t len;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    (void)state;
    assert_int_equal(premaster_seal(sealed, &len, key, premaster), 0);
    assert_int_equal(premaster_open(opened, key, TLS12, sealed, len), 0);
    assert_memory_equal(opened, premaster, PREMASTER_LEN);
    assert_int_equal(premaster_open(opened, key, TLS13, sealed, len), 0);
    assert_memory_not_equal(opened, premaster, PREMASTER_LEN);
    sealed[0] ^= 1;
    assert_int_equal(premaster_open(opened, key, TLS12, sealed, len), 0);
    assert_memory_not_equal(opened, premaster, PREMASTER_LEN);
    assert_int_equal(premaster_open(opened, key, TLS12, sealed, 0), 0);
    assert_memory_not_equal(opened, premaster, PREMASTER_LEN);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_length_comes_back),
        cmocka_unit_test(what_was_changed_stays_shut),
        cmocka_unit_test(what_is_cut_stays_shut_and_is_read_as_far_as_it_goes),
        cmocka_unit_test(each_byte_of_padding_says_its_length),
        cmocka_unit_test(a_premaster_secret_that_is_none_becomes_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
