/* pcap and pcapng of every form, whole, cut and corrupt. */
#include "captures/tests/packets.h"

#include "captures/limits.h"

#include <stdio.h>
#include <unistd.h>

/* ---- making files ---- */

/* A number of `len` bytes in the machine's byte order or the other. */
static void put(struct bytes *out, uint64_t value, size_t len, bool swapped)
{
    for (size_t i = 0; i < len; i++) {
        size_t byte = swapped ? len - 1 - i : i;
        add8(out, byte < sizeof value ? (unsigned)(value >> 8 * byte) : 0);
    }
}

static void put_pcap(struct bytes *out, bool swapped, bool nano)
{
    put(out, nano ? 0xA1B23C4D : 0xA1B2C3D4, 4, swapped);
    put(out, 2, 2, swapped);
    put(out, 4, 2, swapped);
    put(out, 0, 8, swapped);
    put(out, 65535, 4, swapped);
    put(out, LINK_ETHERNET, 4, swapped);
    for (unsigned i = 0; i < 2; i++) {
        put(out, 1000 + i, 4, swapped);
        put(out, 5, 4, swapped);
        put(out, 3 + i, 4, swapped);
        put(out, 60, 4, swapped);
        add(out, "wxyz", 3 + i);
    }
}

static void put_block(struct bytes *out, bool swapped, uint32_t type, const struct bytes *body)
{
    uint32_t len = (uint32_t)(12 + (body->len + 3) / 4 * 4);
    put(out, type, 4, swapped);
    put(out, len, 4, swapped);
    add(out, body->data, body->len);
    put(out, 0, len - 12 - body->len, swapped);
    put(out, len, 4, swapped);
}

static void put_option(struct bytes *out, bool swapped, unsigned code, const void *value,
                       size_t len)
{
    put(out, code, 2, swapped);
    put(out, len, 2, swapped);
    add(out, value, len);
    put(out, 0, (4 - len % 4) % 4, swapped);
}

static void put_section(struct bytes *out, bool swapped, const char *comment)
{
    struct bytes body = { .len = 0 };
    put(&body, 0x1A2B3C4D, 4, swapped);
    put(&body, 1, 2, swapped);
    put(&body, 0, 2, swapped);
    put(&body, UINT64_MAX, 8, swapped);
    if (comment != NULL)
        put_option(&body, swapped, 1, comment, strlen(comment));
    put_option(&body, swapped, 0, "", 0);
    put_block(out, swapped, 0x0A0D0D0A, &body);
}

static void put_interface(struct bytes *out, bool swapped, unsigned link_type, unsigned snaplen,
                          int resolution, unsigned offset_s)
{
    struct bytes body = { .len = 0 }, offset = { .len = 0 };
    uint8_t byte = (uint8_t)resolution;
    put(&body, link_type, 4, swapped);
    if (swapped) { /* type and reserved are two numbers */
        body.len = 0;
        put(&body, link_type, 2, swapped);
        put(&body, 0, 2, swapped);
    }
    put(&body, snaplen, 4, swapped);
    if (resolution >= 0)
        put_option(&body, swapped, 9, &byte, 1);
    put(&offset, offset_s, 8, swapped);
    put_option(&body, swapped, 14, offset.data, offset.len);
    put_block(out, swapped, 1, &body);
}

static void put_enhanced(struct bytes *out, bool swapped, unsigned interface, uint64_t ticks,
                         const char *data, const char *comment)
{
    struct bytes body = { .len = 0 };
    put(&body, interface, 4, swapped);
    put(&body, ticks >> 32, 4, swapped);
    put(&body, ticks & UINT32_MAX, 4, swapped);
    put(&body, strlen(data), 4, swapped);
    put(&body, 60, 4, swapped);
    add(&body, data, strlen(data));
    put(&body, 0, (4 - strlen(data) % 4) % 4, swapped);
    if (comment != NULL)
        put_option(&body, swapped, 1, comment, strlen(comment));
    put_block(out, swapped, 6, &body);
}

/* Everything that a section may hold. */
static void put_everything(struct bytes *out, bool swapped)
{
    struct bytes body = { .len = 0 };
    put_section(out, swapped, "first");
    put_interface(out, swapped, LINK_ETHERNET, 4, -1, 0);   /* microseconds */
    put_interface(out, swapped, LINK_LINUX_SLL2, 0, 9, 0);  /* nanoseconds */
    put_interface(out, swapped, LINK_RAW, 0, 0x80 | 10, 7); /* 1/1024 s, from second 7 */
    put(&body, 0x544C534B, 4, swapped);
    put(&body, 5, 4, swapped);
    add(&body, "keys\n", 5);
    put_block(out, swapped, 10, &body);
    put_enhanced(out, swapped, 0, 1000000, "abc", "a comment");
    put_enhanced(out, swapped, 1, 1, "abcd", NULL);
    put_enhanced(out, swapped, 2, 1024 + 512, "abcde", NULL);
    body.len = 0;
    put(&body, 60, 4, swapped); /* simple packet: cut to interface 0's snapshot length */
    add(&body, "simp", 4);
    put_block(out, swapped, 3, &body);
    body.len = 0;
    put(&body, 1, 2, swapped); /* obsolete packet */
    put(&body, 0, 2, swapped);
    put(&body, 0, 4, swapped);
    put(&body, 77, 4, swapped);
    put(&body, 2, 4, swapped);
    put(&body, 2, 4, swapped);
    add(&body, "ob", 2);
    put_block(out, swapped, 2, &body);
    body.len = 0;
    add(&body, "names", 5);
    put_block(out, swapped, 4, &body);     /* name resolution: passed over */
    put_block(out, swapped, 0xBAD, &body); /* of a custom kind: likewise */
    body.len = 0;
    put(&body, 0, 8, swapped);
    put(&body, 0, 4, swapped);
    struct bytes drops = { .len = 0 };
    put(&drops, 3, 8, swapped);
    put_option(&body, swapped, 5, drops.data, 8);
    put_option(&body, swapped, 7, drops.data, 8);
    put_block(out, swapped, 5, &body);
    put_section(out, !swapped, NULL); /* another machine's, appended */
    put_interface(out, !swapped, LINK_RAW, 0, 9, 0);
    put_enhanced(out, !swapped, 0, 5, "last", NULL);
}

static const char everything[] = "section 'first'\n"
                                 "secrets 'keys\n'\n"
                                 "1: 1000000000 ns, link 1, 3 of 60, 'abc' a comment\n"
                                 "2: 1 ns, link 276, 4 of 60, 'abcd'\n"
                                 "3: 8500000000 ns, link 101, 5 of 60, 'abcde'\n"
                                 "4: 0 ns, link 1, 4 of 60, 'simp'\n"
                                 "5: 77 ns, link 276, 2 of 2, 'ob'\n"
                                 "dropped 6\n"
                                 "section ''\n"
                                 "6: 5 ns, link 101, 4 of 60, 'last'\n";

/* ---- reading them ---- */

struct result {
    char text[4096]; /* a line an item */
    size_t len;
    uint64_t packets;
    int ret;
    char error[ERROR_TEXT_MAX], warning[ERROR_TEXT_MAX];
};

__attribute__((format(printf, 2, 3))) static void tell(struct result *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out->text + out->len, sizeof out->text - out->len, format, args);
    va_end(args);
    out->len += (size_t)len < sizeof out->text - out->len ? (size_t)len : 0;
}

static void tell_item(struct result *out, const struct capture_item *item)
{
    const struct capture_packet *packet = &item->packet;
    switch (item->kind) {
    case CAPTURE_PACKET:
        out->packets++;
        tell(out, "%d: %llu ns, link %d, %d of %d, '%.*s'%s%s\n", (int)packet->number,
             (unsigned long long)packet->time_ns, packet->link_type, (int)packet->len,
             (int)packet->original_len, (int)packet->len, (const char *)packet->data,
             packet->comment == NULL ? "" : " ", packet->comment == NULL ? "" : packet->comment);
        break;
    case CAPTURE_SECTION:
        tell(out, "section '%s'\n", item->text);
        break;
    case CAPTURE_SECRETS:
        assert_int_equal(item->text[item->text_len], '\0');
        tell(out, "secrets '%s'\n", item->text);
        break;
    case CAPTURE_STATISTICS:
        tell(out, "dropped %d\n", (int)item->dropped);
        break;
    }
}

static void read_all(struct result *out, const void *data, size_t len)
{
    struct error err = { .class = ERROR_NONE };
    struct capture_item item;
    *out = (struct result){ .ret = -1 };
    FILE *stream = tmpfile();
    assert_non_null(stream);
    assert_int_equal(fwrite(data, 1, len, stream), len);
    rewind(stream);
    struct capture_file *file = capture_file_from(stream, "FILE", &err);
    while (file != NULL && (out->ret = capture_file_next(file, &item, &err)) == 1)
        tell_item(out, &item);
    if (file != NULL && capture_file_warning(file) != NULL)
        snprintf(out->warning, sizeof out->warning, "%s", capture_file_warning(file));
    capture_file_close(file);
    if (out->ret < 0) {
        assert_int_equal(err.class, ERROR_USAGE);
        assert_null(strchr(err.text, '\n'));
        snprintf(out->error, sizeof out->error, "%s", err.text);
    }
}

static void pcap_of_either_order_and_resolution(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct bytes file = { .len = 0 };
        struct result result;
        bool nano = variant >= 2;
        put_pcap(&file, variant % 2 == 1, nano);
        read_all(&result, file.data, file.len);
        assert_int_equal(result.ret, 0);
        assert_string_equal(result.warning, "");
        assert_string_equal(result.text, nano ? "1: 1000000000005 ns, link 1, 3 of 60, 'wxy'\n"
                                                "2: 1001000000005 ns, link 1, 4 of 60, 'wxyz'\n"
                                              : "1: 1000000005000 ns, link 1, 3 of 60, 'wxy'\n"
                                                "2: 1001000005000 ns, link 1, 4 of 60, 'wxyz'\n");
    }
}

static void pcapng_with_everything_in_either_order(void **state)
{
    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        struct bytes file = { .len = 0 };
        struct result result;
        put_everything(&file, swapped == 1);
        read_all(&result, file.data, file.len);
        assert_string_equal(result.error, "");
        assert_string_equal(result.text, everything);
        assert_string_equal(result.warning, "");
    }
}

/* Cut anywhere: what is whole comes, then a warning that says where, unless the cut is between two
 * blocks. */
static void assert_cuts_are_survived(const struct bytes *file, size_t header_len)
{
    struct result whole, result;
    size_t unwarned = 0, cut_early = 0;
    read_all(&whole, file->data, file->len);
    for (size_t len = 0; len < file->len; len++) {
        read_all(&result, file->data, len);
        if (len < header_len && result.ret < 0)
            continue;
        if (result.ret < 0) { /* but never behind a packet */
            assert_non_null(
                strstr(result.error, "FILE: it ends in the middle, within what begins"));
            assert_non_null(strstr(result.error, "before any packet"));
            assert_int_equal(result.packets, 0);
            cut_early++;
            continue;
        }
        assert_int_equal(result.ret, 0);
        assert_memory_equal(result.text, whole.text, result.len);
        if (result.warning[0] == '\0')
            unwarned++;
        else
            assert_non_null(strstr(result.warning, "FILE: it ends in the middle, "));
    }
    assert_true(unwarned > 0 && unwarned < 20);
    assert_true(cut_early > 0);
}

static void files_that_are_cut_give_what_was_there(void **state)
{
    struct bytes pcap = { .len = 0 }, pcapng = { .len = 0 };
    struct result result;
    (void)state;
    put_pcap(&pcap, false, true);
    put_everything(&pcapng, true);
    assert_cuts_are_survived(&pcap, 24);
    assert_cuts_are_survived(&pcapng, 1);
    read_all(&result, pcap.data, pcap.len - 1);
    assert_int_equal(result.packets, 1);
    assert_string_equal(
        result.warning,
        "FILE: it ends in the middle, within what begins at byte 43: packet 1 is the last "
        "that can be read");
}

static void what_is_packed_is_named_with_what_unpacks_it(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *said;
    } cases[] = {
        { "\x1F\x8B\x08\0\0\0\0\0", 8, "packed with gzip: unpack it with 'gzip -dc FILE >FILE'" },
        { "\xFD\x37zXZ\0\0\0", 8, "packed with xz: unpack it with 'xz -dc FILE" },
        { "\x28\xB5\x2F\xFD\0\0\0\0", 8, "packed with zstd: unpack it with 'zstd -dc FILE" },
        { "BZh91AY&SY", 10, "packed with bzip2: unpack it with 'bzip2 -dc FILE" },
        { "\x04\x22\x4D\x18\0\0\0\0", 8, "packed with lz4: unpack it with 'lz4 -dc FILE" },
        { "PK\3\4\0\0\0\0", 8, "packed with zip: unpack it with 'unzip -p FILE" },
        { "PKxxxxxxxxxxxxxxxxxxxxxxxxx", 27, "neither pcap nor pcapng" }, /* and their twins */
        { "\x1Fxxxxxxxxxxxxxxxxxxxxxxxxxx", 27, "neither pcap nor pcapng" },
        { "BZ", 2, "neither pcap nor pcapng" },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct result result;
        read_all(&result, cases[i].bytes, cases[i].len);
        if (strstr(result.error, cases[i].said) == NULL)
            fail_msg("case %zu: %s", i, result.error);
    }
}

static void what_ends_within_its_header_is_said_to(void **state)
{
    struct result result;
    (void)state;
    for (int swapped = 0; swapped < 2; swapped++)
        for (size_t len = 1; len < 24; len++) {
            struct bytes file = { .len = 0 };
            put_pcap(&file, swapped == 1, false);
            read_all(&result, file.data, len);
            assert_string_equal(result.error, "FILE: it ends in the middle, within its header: "
                                              "nothing of it can be read");
        }
    read_all(&result, "abc", 3);
    assert_string_equal(result.error, "FILE: neither pcap nor pcapng: it is too short for either");
}

static void what_is_no_capture_is_said_to_be_none(void **state)
{
    struct result result;
    (void)state;
    read_all(&result, "", 0);
    assert_string_equal(result.error, "FILE: it is empty");
    read_all(&result, "GET / HTTP/1.1\r\n\r\nHost: example.org", 36);
    assert_non_null(strstr(result.error, "FILE: neither pcap nor pcapng"));
    read_all(&result, "\n\r\r\nabcdefghijklmnop", 20);
    assert_string_equal(result.error,
                        "FILE: byte 0, behind packet 0: a section header without the byte order "
                        "magic");
    read_all(&result, "\n\n\n\nabcdefghijklmnop", 20);
    assert_string_equal(result.error,
                        "FILE: byte 0, behind packet 0: it does not begin with a section header");
    assert_null(capture_file_open("/nonexistent/capture", NULL));
}

/* Behind a good packet, a block that is wrong. */
static void corrupt_blocks_are_named_with_their_place(void **state)
{
    static const struct {
        uint32_t type;
        size_t len;
        const char *body;
        const char *what;
    } cases[] = {
        { 6, 8, "\0\0\0\0\0\0\0\0", "a packet is longer than its block" },
        { 6, 20, "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0", "a packet is longer than its block" },
        { 6, 20, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
          "a packet of an interface that is not described" },
        { 10, 8, "KSLT\5\0\0\0", "the secrets are longer than their block" },
        { 1, 4, "\1\0\0\0", "the interface description is too short" },
        { 5, 4, "\1\0\0\0", "the interface statistics are too short" },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bytes file = { .len = 0 }, body = { .len = 0 };
        struct result result;
        char expected[256];
        put_section(&file, false, NULL);
        put_interface(&file, false, LINK_RAW, 0, -1, 0);
        put_enhanced(&file, false, 0, 0, "abcd", NULL);
        snprintf(expected, sizeof expected, "FILE: byte %d, behind packet 1: %s", (int)file.len,
                 cases[i].what);
        add(&body, cases[i].body, cases[i].len);
        put_block(&file, false, cases[i].type, &body);
        read_all(&result, file.data, file.len);
        assert_int_equal(result.packets, 1);
        assert_string_equal(result.error, expected);
    }
}

static void impossible_lengths_are_refused_before_memory_is_asked_for(void **state)
{
    static const struct {
        uint32_t len;
        const char *what;
    } cases[] = {
        { 8, "a block of an impossible length" },
        { 13, "a block of an impossible length" },
        { 0xFFFFFFFC, "a block of more than 16 MiB" },
        { 16, "the two lengths of a block differ" },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bytes file = { .len = 0 };
        struct result result;
        put_section(&file, false, NULL);
        put(&file, 6, 4, false);
        put(&file, cases[i].len, 4, false);
        put(&file, 0, 16, false);
        read_all(&result, file.data, file.len);
        assert_non_null(strstr(result.error, cases[i].what));
    }
}

/* No byte, whatever it becomes, does more than end the reading. */
static void no_changed_byte_leads_astray(void **state)
{
    struct bytes pcap = { .len = 0 }, pcapng = { .len = 0 };
    struct bytes *files[] = { &pcap, &pcapng };
    (void)state;
    put_pcap(&pcap, true, false);
    put_everything(&pcapng, false);
    for (size_t i = 0; i < LEN(files); i++)
        for (size_t at = 0; at < files[i]->len; at++) {
            static const uint8_t values[] = { 0, 1, 0x7F, 0x80, 0xFF };
            uint8_t before = files[i]->data[at];
            for (size_t k = 0; k < LEN(values); k++) {
                struct result result;
                files[i]->data[at] = values[k];
                read_all(&result, files[i]->data, files[i]->len);
                assert_true(result.packets <= 6);
            }
            files[i]->data[at] = before;
        }
}

/* From a pipe each packet comes as soon as it is there: were one more byte waited for, this would
 * hang. */
static void a_pipe_is_read_packet_by_packet(void **state)
{
    (void)state;
    for (int pcapng = 0; pcapng < 2; pcapng++) {
        struct bytes all = { .len = 0 };
        struct capture_item item;
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        if (pcapng) {
            put_section(&all, false, NULL);
            put_interface(&all, false, LINK_RAW, 0, -1, 0);
            put_enhanced(&all, false, 0, 1, "wxy", NULL);
        } else {
            put_pcap(&all, false, false);
            all.len -= 20; /* the second packet */
        }
        assert_int_equal(write(ends[1], all.data, all.len), all.len);
        struct capture_file *file = capture_file_from(fdopen(ends[0], "rb"), "pipe", NULL);
        assert_non_null(file);
        do
            assert_int_equal(capture_file_next(file, &item, NULL), 1);
        while (item.kind != CAPTURE_PACKET);
        assert_int_equal(item.packet.len, 3);
        close(ends[1]);
        assert_int_equal(capture_file_next(file, &item, NULL), 0);
        assert_null(capture_file_warning(file));
        capture_file_close(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_of_either_order_and_resolution),
        cmocka_unit_test(pcapng_with_everything_in_either_order),
        cmocka_unit_test(files_that_are_cut_give_what_was_there),
        cmocka_unit_test(what_is_no_capture_is_said_to_be_none),
        cmocka_unit_test(what_is_packed_is_named_with_what_unpacks_it),
        cmocka_unit_test(what_ends_within_its_header_is_said_to),
        cmocka_unit_test(corrupt_blocks_are_named_with_their_place),
        cmocka_unit_test(impossible_lengths_are_refused_before_memory_is_asked_for),
        cmocka_unit_test(no_changed_byte_leads_astray),
        cmocka_unit_test(a_pipe_is_read_packet_by_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
