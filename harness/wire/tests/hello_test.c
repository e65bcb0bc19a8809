/* Hellos read, looked into, edited and written back. The stacks' own hellos go through the same
 * code in the relay's tests. */
#include "harness/wire/hello.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t versions_body[] = { 6, 0x1A, 0x1A, 3, 4, 3, 3 };
static const uint8_t shares_body[] = { 0, 13, 0, 0x1D, 0, 2, 9, 9, 0, 0x17, 0, 3, 1, 2, 3 };
static const uint8_t names_body[] = { 0, 6, 0, 0, 3, 'a', '.', 'b' };
static const uint8_t alpn_body[] = { 0, 6, 2, 'h', '2', 2, 'h', '3' };

static void make_client_hello(struct hello *hello)
{
    memset(hello, 0, sizeof *hello);
    hello->kind = HELLO_CLIENT;
    hello->legacy_version = TLS12;
    memset(hello->random, 7, sizeof hello->random);
    hello->session_id_len = 5;
    hello->suites[0] = 0x1301;
    hello->suites[1] = 0x2A2A;
    hello->suites[2] = SCSV_EMPTY_RENEGOTIATION_INFO;
    hello->num_suites = 3;
    hello->num_compressions = 1;
    hello_add_extension(hello, EXTENSION_SUPPORTED_VERSIONS, versions_body, sizeof versions_body);
    hello_add_extension(hello, EXTENSION_KEY_SHARE, shares_body, sizeof shares_body);
    hello_add_extension(hello, EXTENSION_SERVER_NAME, names_body, sizeof names_body);
    hello_add_extension(hello, EXTENSION_ALPN, alpn_body, sizeof alpn_body);
    hello_add_extension(hello, EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    hello_add_extension(hello, 0x5A5A, "x", 1);
    hello_add_extension(hello, 0x5A5A, "y", 1); /* a duplicate is kept, too */
}

static void write_client_hello(struct writer *out)
{
    struct hello hello;
    make_client_hello(&hello);
    writer_init(out, 4096);
    hello_write(out, &hello);
    hello_fini(&hello);
}

static void a_hello_is_written_back_byte_for_byte(void **state)
{
    struct writer first, second;
    struct hello hello;
    (void)state;
    write_client_hello(&first);
    assert_int_equal(hello_read(&hello, HANDSHAKE_CLIENT_HELLO, first.data, first.len, NULL), 0);
    writer_init(&second, 4096);
    hello_write(&second, &hello);
    assert_int_equal(second.len, first.len);
    assert_memory_equal(second.data, first.data, first.len);
    hello_fini(&hello);
    writer_fini(&first);
    writer_fini(&second);
}

/* Only without any extensions block is a shorter hello a hello (RFC 5246 section 7.4.1.2). */
static void every_truncation_is_an_error(void **state)
{
    struct writer whole;
    struct hello hello;
    struct error err;
    (void)state;
    write_client_hello(&whole);
    size_t before_extensions = 2 + 32 + 1 + 5 + 2 + 6 + 1 + 1;
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *exact = malloc(len + 1); /* so that a sanitizer sees every byte too many */
        assert_non_null(exact);
        memcpy(exact, whole.data, len);
        int ret = hello_read(&hello, HANDSHAKE_CLIENT_HELLO, exact, len, &err);
        assert_int_equal(ret, len == before_extensions ? 0 : -1);
        free(exact);
    }
    writer_fini(&whole);
}

static void bytes_behind_the_end_are_an_error(void **state)
{
    struct writer whole;
    struct hello hello;
    struct error err;
    (void)state;
    write_client_hello(&whole);
    writer_u8(&whole, 0);
    assert_int_equal(hello_read(&hello, HANDSHAKE_CLIENT_HELLO, whole.data, whole.len, &err), -1);
    assert_non_null(strstr(err.text, "behind the extensions"));
    writer_fini(&whole);
}

static void any_byte_may_be_anything(void **state)
{
    struct writer whole;
    (void)state;
    write_client_hello(&whole);
    for (size_t at = 0; at < whole.len; at++)
        for (int value = 0; value < 256; value += 51) {
            struct hello hello;
            uint16_t list[HELLO_LIST_MAX];
            size_t len;
            uint8_t kept = whole.data[at];
            whole.data[at] = (uint8_t)value;
            if (hello_read(&hello, HANDSHAKE_CLIENT_HELLO, whole.data, whole.len, NULL) == 0) {
                hello_versions(list, &hello);
                hello_key_share_groups(list, &hello);
                hello_server_name(&hello, &len);
                hello_first_protocol(&hello, &len);
                hello_fini(&hello);
            }
            whole.data[at] = kept;
        }
    writer_fini(&whole);
}

static void offers_are_found(void **state)
{
    struct hello hello;
    uint16_t list[HELLO_LIST_MAX];
    size_t len;
    (void)state;
    make_client_hello(&hello);
    assert_int_equal(hello_versions(list, &hello), 3);
    assert_true(hello_offers_version(&hello, TLS13));
    assert_false(hello_offers_version(&hello, TLS11));
    assert_int_equal(hello_key_share_groups(list, &hello), 2);
    assert_int_equal(list[0], 0x1D);
    assert_int_equal(list[1], 0x17);
    assert_memory_equal(hello_server_name(&hello, &len), "a.b", 3);
    assert_int_equal(len, 3);
    assert_memory_equal(hello_first_protocol(&hello, &len), "h2", 2);
    assert_true(hello_has_flag(&hello, EXTENSION_EXTENDED_MASTER_SECRET));
    assert_false(hello_has_flag(&hello, EXTENSION_ENCRYPT_THEN_MAC));
    assert_true(hello_has_renegotiation_info(&hello));
    assert_true(hello_remove_suite(&hello, SCSV_EMPTY_RENEGOTIATION_INFO));
    assert_false(hello_has_renegotiation_info(&hello));
    hello_fini(&hello);
}

static void without_supported_versions_legacy_version_counts(void **state)
{
    struct hello hello;
    (void)state;
    make_client_hello(&hello);
    assert_true(hello_remove_extension(&hello, EXTENSION_SUPPORTED_VERSIONS));
    assert_false(hello_offers_version(&hello, TLS13));
    assert_true(hello_offers_version(&hello, TLS10));
    hello_fini(&hello);
}

static void removing_takes_out_all_of_a_type(void **state)
{
    struct hello hello;
    (void)state;
    make_client_hello(&hello);
    size_t num = hello.num_extensions;
    assert_true(hello_remove_extension(&hello, 0x5A5A));
    assert_int_equal(hello.num_extensions, num - 2);
    assert_false(hello_remove_extension(&hello, 0x5A5A));
    hello_fini(&hello);
}

/* RFC 8446 section 4.2.11. */
static void pre_shared_key_stays_the_last(void **state)
{
    struct hello hello;
    (void)state;
    make_client_hello(&hello);
    hello_add_extension(&hello, EXTENSION_PRE_SHARED_KEY, "p", 1);
    hello_add_extension(&hello, EXTENSION_COOKIE, "c", 1);
    assert_int_equal(hello.extensions[hello.num_extensions - 1].type, EXTENSION_PRE_SHARED_KEY);
    assert_int_equal(hello.extensions[hello.num_extensions - 2].type, EXTENSION_COOKIE);
    hello_fini(&hello);
}

static void extensions_are_bounded(void **state)
{
    struct hello hello;
    bool added = true;
    (void)state;
    make_client_hello(&hello);
    for (int i = 0; i < 2 * HELLO_EXTENSIONS_MAX && added; i++)
        added = hello_add_extension(&hello, 0x6A6A, NULL, 0);
    assert_false(added);
    assert_int_equal(hello.num_extensions, HELLO_EXTENSIONS_MAX);
    hello_fini(&hello);
}

static void a_retry_is_told_from_a_server_hello(void **state)
{
    static const uint8_t chosen[] = { 3, 4 }, group[] = { 0, 0x17 };
    struct hello server = { .kind = HELLO_RETRY,
                            .legacy_version = TLS12,
                            .suites = { 0x1301 },
                            .num_suites = 1,
                            .num_compressions = 1 };
    struct hello again;
    struct writer body;
    uint16_t list[HELLO_LIST_MAX];
    (void)state;
    memcpy(server.random, hello_retry_random, sizeof server.random);
    hello_add_extension(&server, EXTENSION_SUPPORTED_VERSIONS, chosen, sizeof chosen);
    hello_add_extension(&server, EXTENSION_KEY_SHARE, group, sizeof group);
    writer_init(&body, 1024);
    hello_write(&body, &server);
    assert_true(hello_is_retry(body.data, body.len));
    assert_int_equal(hello_read(&again, HANDSHAKE_SERVER_HELLO, body.data, body.len, NULL), 0);
    assert_int_equal(again.kind, HELLO_RETRY);
    assert_int_equal(hello_chosen_version(&again), TLS13);
    assert_int_equal(hello_key_share_groups(list, &again), 1);
    assert_int_equal(list[0], 0x17);
    hello_fini(&again);
    body.data[2] ^= 1;
    assert_false(hello_is_retry(body.data, body.len));
    writer_fini(&body);
    hello_fini(&server);
}

static void names_of_the_wire_are_known(void **state)
{
    (void)state;
    assert_string_equal(extension_type_by_id(EXTENSION_KEY_SHARE)->name, "key_share");
    assert_int_equal(extension_type_by_name("cookie")->id, EXTENSION_COOKIE);
    assert_null(extension_type_by_id(0x1234));
    assert_string_equal(content_type_name(CONTENT_ALERT), "alert");
    assert_null(content_type_name(99));
    assert_string_equal(handshake_type_name(HANDSHAKE_FINISHED), "finished");
    assert_null(handshake_type_name(255));
    assert_true(is_grease(0xFAFA));
    assert_false(is_grease(0xFA0A));
    for (size_t i = 1; i < num_extension_types; i++)
        assert_true(extension_types[i - 1].id < extension_types[i].id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_is_written_back_byte_for_byte),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(bytes_behind_the_end_are_an_error),
        cmocka_unit_test(any_byte_may_be_anything),
        cmocka_unit_test(offers_are_found),
        cmocka_unit_test(without_supported_versions_legacy_version_counts),
        cmocka_unit_test(removing_takes_out_all_of_a_type),
        cmocka_unit_test(pre_shared_key_stays_the_last),
        cmocka_unit_test(extensions_are_bounded),
        cmocka_unit_test(a_retry_is_told_from_a_server_hello),
        cmocka_unit_test(names_of_the_wire_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
