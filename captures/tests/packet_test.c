/* From captured packets of every link type to segments, and what is wrong with others. */
#include "captures/tests/packets.h"

static const struct tcp hello = { .seq = 7, .ack = 9, .flags = TCP_ACK, .payload = "hello" };

static void assert_hello(const struct segment *segment, size_t len)
{
    assert_int_equal(segment->source.port, CLIENT_PORT);
    assert_int_equal(segment->destination.port, SERVER_PORT);
    assert_int_equal(segment->seq, 7);
    assert_int_equal(segment->ack, 9);
    assert_int_equal(segment->flags, TCP_ACK);
    assert_int_equal(segment->wire_len, 5);
    assert_int_equal(segment->len, len);
    assert_memory_equal(segment->payload, "hello", len);
}

/* Link headers, each of which an IPv4 packet follows. */
static const struct {
    uint16_t type;
    size_t len;
    const char *bytes;
} links[] = {
    { LINK_NULL, 4, "\2\0\0\0" },
    { LINK_NULL, 4, "\0\0\0\2" },
    { LINK_LOOP, 4, "\0\0\0\2" },
    { LINK_ETHERNET, 14, "dstdstsrcsrc\x08\0" },
    { LINK_ETHERNET, 18, "dstdstsrcsrc\x81\0\0\5\x08\0" },
    { LINK_ETHERNET, 22, "dstdstsrcsrc\x88\xA8\0\5\x81\0\0\6\x08\0" },
    { LINK_ETHERNET, 22, "dstdstsrcsrc\x88\x64\x11\0\0\1\0\x2F\0\x21" },
    { LINK_LINUX_SLL, 16, "\0\0\3\4\0\6addressx\x08\0" },
    { LINK_LINUX_SLL2, 20, "\x08\0\0\0\0\0\0\1\3\4\0\6address" },
    { LINK_RAW, 0, "" },
    { LINK_RAW_DLT, 0, "" },
    { LINK_RAW_BSD, 0, "" },
    { LINK_IPV4, 0, "" },
};

static void every_link_type_leads_to_the_segment(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(links); i++) {
        struct bytes bytes = { .len = 0 };
        struct segment segment;
        add(&bytes, links[i].bytes, links[i].len);
        add_ipv4(&bytes, &hello, 0, 0);
        struct capture_packet packet = packet_of(&bytes, links[i].type);
        assert_int_equal(packet_read(&segment, &packet), PACKET_TCP);
        assert_hello(&segment, 5);
        assert_true(tcp_address_is_ipv4(&segment.source));
    }
}

static void an_unknown_link_type_is_said_to_be_one(void **state)
{
    struct bytes bytes = { .len = 0 };
    struct segment segment;
    (void)state;
    add_ipv4(&bytes, &hello, 0, 0);
    struct capture_packet packet = packet_of(&bytes, 147);
    assert_int_equal(packet_read(&segment, &packet), PACKET_UNKNOWN_LINK);
}

/* The captured part ends anywhere: the kind is TCP as soon as the TCP header is there, and what is
 * missing of the payload is known. */
static void a_cut_packet_says_what_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(links); i++) {
        struct bytes bytes = { .len = 0 };
        struct segment segment;
        add(&bytes, links[i].bytes, links[i].len);
        add_ipv4(&bytes, &hello, 0, 4);
        size_t headers = links[i].len + 24 + 20;
        for (size_t len = 0; len < bytes.len; len++) {
            struct capture_packet packet = packet_of(&bytes, links[i].type);
            uint8_t *exact = malloc(len + 1); /* so that a read beyond it is seen */
            memcpy(exact, bytes.data, len);
            packet.data = exact;
            packet.len = len;
            enum packet_kind kind = packet_read(&segment, &packet);
            assert_int_equal(kind, len < headers ? PACKET_CUT : PACKET_TCP);
            if (kind == PACKET_TCP)
                assert_hello(&segment, len - headers);
            free(exact);
        }
    }
}

static void padding_of_the_link_is_no_payload(void **state)
{
    struct bytes bytes = { .len = 0 };
    struct segment segment;
    (void)state;
    add(&bytes, links[3].bytes, links[3].len);
    add_ipv4(&bytes, &hello, 0, 0);
    add(&bytes, "\0\0\0\0\0\0", 6);
    struct capture_packet packet = packet_of(&bytes, LINK_ETHERNET);
    assert_int_equal(packet_read(&segment, &packet), PACKET_TCP);
    assert_hello(&segment, 5);
}

static void offload_leaves_the_length_to_the_link(void **state)
{
    struct bytes bytes = { .len = 0 };
    struct segment segment;
    (void)state;
    add_ipv4(&bytes, &hello, 0, 0);
    bytes.data[2] = bytes.data[3] = 0;
    struct capture_packet packet = packet_of(&bytes, LINK_RAW);
    assert_int_equal(packet_read(&segment, &packet), PACKET_TCP);
    assert_hello(&segment, 5);
}

static void fragments_are_named_and_not_followed(void **state)
{
    static const unsigned fragments[] = { 0x2000, 0x2001, 0x0001 };
    (void)state;
    for (size_t i = 0; i < LEN(fragments); i++) {
        struct bytes bytes = { .len = 0 };
        struct segment segment;
        add_ipv4(&bytes, &hello, fragments[i], 0);
        struct capture_packet packet = packet_of(&bytes, LINK_RAW);
        assert_int_equal(packet_read(&segment, &packet), PACKET_FRAGMENT);
    }
    struct bytes whole = { .len = 0 };
    struct segment segment;
    add_ipv4(&whole, &hello, 0x4000, 0); /* don't fragment */
    struct capture_packet packet = packet_of(&whole, LINK_RAW);
    assert_int_equal(packet_read(&segment, &packet), PACKET_TCP);
}

/* Bytes of the IPv4 packet that contradict the rest. */
static void headers_that_contradict_themselves_are_bad(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        { 0, 0x44 },  /* an IP header of 16 bytes */
        { 3, 10 },    /* a total shorter than the header */
        { 3, 30 },    /* no room for the TCP header */
        { 32, 0x40 }, /* a TCP header of 16 bytes */
        { 32, 0xF0 }, /* one that is longer than the packet */
    };
    (void)state;
    for (size_t i = 0; i < LEN(changes); i++) {
        struct bytes bytes = { .len = 0 };
        struct segment segment;
        add_ipv4(&bytes, &hello, 0, 0);
        bytes.data[changes[i].at] = changes[i].value;
        struct capture_packet packet = packet_of(&bytes, LINK_RAW);
        assert_int_equal(packet_read(&segment, &packet), PACKET_BAD);
    }
}

/* ---- IPv6 ---- */

static void add_ipv6(struct bytes *out, const char *extensions, size_t extensions_len,
                     uint8_t first)
{
    add32(out, 0x60000000);
    add16(out, (unsigned)(extensions_len + 20 + 5));
    add8(out, first);
    add8(out, 64);
    add(out, "\x20\1\r\xB8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    add(out, "\x20\1\r\xB8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
    add(out, extensions, extensions_len);
    add_tcp(out, &hello);
}

static void extension_headers_of_ipv6_are_passed_over(void **state)
{
    static const struct {
        uint8_t first;
        size_t len;
        const char *bytes;
        enum packet_kind kind;
    } cases[] = {
        { 6, 0, "", PACKET_TCP },
        { 0, 8, "\6\0paddin", PACKET_TCP },                       /* hop by hop */
        { 60, 24, "\x2B\1paddinPADDING!\6\0paddin", PACKET_TCP }, /* two of them */
        { 51, 16, "\6\2paddinPADDING!", PACKET_TCP },             /* authentication */
        { 44, 8, "\6\0\0\0ident", PACKET_TCP },                   /* atomic fragment */
        { 44, 8, "\6\0\0\1ident", PACKET_FRAGMENT },              /* more follow */
        { 44, 8, "\6\0\1\0ident", PACKET_FRAGMENT },
        { 59, 0, "", PACKET_OTHER },          /* no next header */
        { 58, 0, "", PACKET_OTHER },          /* ICMP */
        { 0, 8, "\6\xFFpaddin", PACKET_BAD }, /* longer than it all */
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bytes bytes = { .len = 0 };
        struct segment segment;
        char text[TCP_ADDRESS_TEXT_LEN];
        add_ipv6(&bytes, cases[i].bytes, cases[i].len, cases[i].first);
        struct capture_packet packet = packet_of(&bytes, LINK_IPV6);
        assert_int_equal(packet_read(&segment, &packet), cases[i].kind);
        if (cases[i].kind != PACKET_TCP)
            continue;
        assert_hello(&segment, 5);
        assert_string_equal(tcp_address_format(text, &segment.source), "[2001:db8::1]:40000");
    }
}

static void datagrams_are_told_from_segments(void **state)
{
    struct bytes bytes = { .len = 0 };
    struct segment segment;
    (void)state;
    add_ipv4(&bytes, &hello, 0, 0);
    bytes.data[9] = 17;
    struct capture_packet packet = packet_of(&bytes, LINK_RAW);
    assert_int_equal(packet_read(&segment, &packet), PACKET_UDP);
    assert_int_equal(segment.destination.port, SERVER_PORT);
    bytes.data[9] = 1;
    assert_int_equal(packet_read(&segment, &packet), PACKET_OTHER);
}

/* Nothing that a packet says makes the reader read beyond it. */
static void no_changed_byte_leads_astray(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(links); i++) {
        struct bytes bytes = { .len = 0 };
        add(&bytes, links[i].bytes, links[i].len);
        add_ipv4(&bytes, &hello, 0, 4);
        for (size_t at = 0; at < bytes.len; at++)
            for (unsigned value = 0; value < 256; value++) {
                struct segment segment;
                uint8_t *exact = malloc(bytes.len);
                memcpy(exact, bytes.data, bytes.len);
                exact[at] = (uint8_t)value;
                struct capture_packet packet = packet_of(&bytes, links[i].type);
                packet.data = exact;
                if (packet_read(&segment, &packet) == PACKET_TCP) {
                    assert_true(segment.len <= segment.wire_len);
                    assert_true(segment.payload + segment.len <= exact + bytes.len);
                }
                free(exact);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_type_leads_to_the_segment),
        cmocka_unit_test(an_unknown_link_type_is_said_to_be_one),
        cmocka_unit_test(a_cut_packet_says_what_is_missing),
        cmocka_unit_test(padding_of_the_link_is_no_payload),
        cmocka_unit_test(offload_leaves_the_length_to_the_link),
        cmocka_unit_test(fragments_are_named_and_not_followed),
        cmocka_unit_test(headers_that_contradict_themselves_are_bad),
        cmocka_unit_test(extension_headers_of_ipv6_are_passed_over),
        cmocka_unit_test(datagrams_are_told_from_segments),
        cmocka_unit_test(no_changed_byte_leads_astray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
