/* Compressed certificates: each algorithm's bytes come back as they were, and what lies about its
 * length, is cut, or is of no algorithm is left alone. */
#include "captures/certificate_compression.h"

#include "captures/limits.h"
#include "harness/wire/registry.h"
#include "harness/wire/writer.h"

#include <brotli/encode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

enum { PLAIN_LEN = 3000, PACKED_MAX = 256 * 1024 };

static uint8_t plain[CERTIFICATE_UNPACKED_MAX + 1];

static size_t pack_zlib(uint8_t *out, size_t max, size_t len)
{
    uLongf out_len = max;
    return compress(out, &out_len, plain, len) == Z_OK ? out_len : 0;
}

static size_t pack_brotli(uint8_t *out, size_t max, size_t len)
{
    size_t out_len = max;
    return BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, len, plain, &out_len, out) ? out_len
                                                                                        : 0;
}

static size_t pack_zstd(uint8_t *out, size_t max, size_t len)
{
    return ZSTD_compress(out, max, plain, len, 3);
}

static const struct {
    uint16_t id;
    size_t (*pack)(uint8_t *out, size_t max, size_t len);
} algorithms[] = { { 1, pack_zlib }, { 2, pack_brotli }, { 3, pack_zstd } };

/* A CompressedCertificate of `len` bytes of `plain` that says it has `said`. */
static void make(struct writer *out, size_t algorithm, uint16_t id, size_t len, size_t said)
{
    static uint8_t packed[PACKED_MAX];
    size_t packed_len = algorithms[algorithm].pack(packed, sizeof packed, len);
    assert_true(packed_len > 0);
    writer_init(out, PACKED_MAX);
    writer_u16(out, id);
    writer_u24(out, (uint32_t)said);
    size_t mark = writer_open(out, 3);
    writer_bytes(out, packed, packed_len);
    writer_close(out, mark, 3);
}

static bool unpacks(const uint8_t *body, size_t body_len, size_t expected_len)
{
    size_t len = 0;
    uint8_t *got = certificate_unpack(&len, body, body_len);
    bool same = got != NULL && len == expected_len && memcmp(got, plain, len) == 0;
    free(got);
    return same;
}

static void what_was_packed_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct writer body;
        make(&body, i, algorithms[i].id, PLAIN_LEN, PLAIN_LEN);
        assert_true(unpacks(body.data, body.len, PLAIN_LEN));
        writer_fini(&body);
    }
}

static void what_lies_about_its_length_does_not(void **state)
{
    static const size_t said[] = { 0, 1, PLAIN_LEN - 1, PLAIN_LEN + 1, CERTIFICATE_UNPACKED_MAX };
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
        for (size_t s = 0; s < sizeof said / sizeof said[0]; s++) {
            struct writer body;
            size_t len;
            make(&body, i, algorithms[i].id, PLAIN_LEN, said[s]);
            assert_null(certificate_unpack(&len, body.data, body.len));
            writer_fini(&body);
        }
}

static void a_bomb_is_not_unpacked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct writer body;
        size_t len;
        make(&body, i, algorithms[i].id, CERTIFICATE_UNPACKED_MAX, CERTIFICATE_UNPACKED_MAX);
        assert_true(unpacks(body.data, body.len, CERTIFICATE_UNPACKED_MAX));
        writer_fini(&body);
        make(&body, i, algorithms[i].id, CERTIFICATE_UNPACKED_MAX + 1,
             CERTIFICATE_UNPACKED_MAX + 1);
        assert_null(certificate_unpack(&len, body.data, body.len));
        writer_fini(&body);
    }
}

static void what_is_cut_or_goes_on_or_is_of_another_algorithm_does_not(void **state)
{
    static const uint16_t others[] = { 0, 4, 0x0A0A, 0xFFFF };
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct writer body;
        size_t len;
        make(&body, i, algorithms[i].id, PLAIN_LEN, PLAIN_LEN);
        for (size_t cut = 0; cut < body.len; cut++)
            assert_null(certificate_unpack(&len, body.data, cut));
        writer_u8(&body, 0);
        assert_null(certificate_unpack(&len, body.data, body.len));
        writer_fini(&body);
        for (size_t o = 0; o < sizeof others / sizeof others[0]; o++) {
            make(&body, i, others[o], PLAIN_LEN, PLAIN_LEN);
            assert_null(certificate_unpack(&len, body.data, body.len));
            writer_fini(&body);
        }
    }
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * i >> 3);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_comes_back),
        cmocka_unit_test(what_lies_about_its_length_does_not),
        cmocka_unit_test(a_bomb_is_not_unpacked),
        cmocka_unit_test(what_is_cut_or_goes_on_or_is_of_another_algorithm_does_not),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
