/* Packets of every link layer to segments, flows, TLS and wire facts (captures/packet.h,
 * captures/analysis.h). Input: per packet one byte for the link layer, two for its length, its
 * bytes; bit 7 of the first byte says that the snapshot length cut some. */
#include "captures/analysis.h"
#include "fuzz/common/fuzz.h"
#include "harness/wire/writer.h"

#include <string.h>

enum { PACKETS_MAX = 512, PACKET_LEN_MAX = 4096 };

static const uint16_t links[] = { LINK_NULL, LINK_ETHERNET,  LINK_RAW_DLT,   LINK_RAW_BSD,
                                  LINK_RAW,  LINK_LOOP,      LINK_LINUX_SLL, LINK_IPV4,
                                  LINK_IPV6, LINK_LINUX_SLL2 };

static void on_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct writer *told = context;
    (void)tap;
    FUZZ_ASSERT(facts->num_packets > 0 && facts->number > 0);
    FUZZ_ASSERT(facts->first.packet <= facts->last.packet);
    json_t *json = wire_facts_to_json(facts);
    FUZZ_ASSERT(json != NULL);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    FUZZ_ASSERT(text != NULL);
    writer_bytes(told, text, strlen(text));
    free(text);
    json_decref(json);
}

/* What is said of a packet's payload lies in the packet. */
static void check_segment(const struct capture_packet *packet)
{
    struct segment segment;
    enum packet_kind kind = packet_read(&segment, packet);
    FUZZ_ASSERT(kind < NUM_PACKET_KINDS && packet_kind_text(kind) != NULL);
    if (kind != PACKET_TCP && kind != PACKET_UDP)
        return;
    FUZZ_ASSERT(segment.len <= segment.wire_len && segment.wire_len <= 0x10000);
    FUZZ_ASSERT(segment.len == 0 || (segment.payload >= packet->data &&
                                     segment.payload + segment.len <= packet->data + packet->len));
}

static void analyse(struct writer *told, struct fuzz_input input)
{
    static const struct analysis_sink sink = { .connection = on_connection };
    struct analysis *analysis = analysis_new(&sink, told);
    FUZZ_ASSERT(analysis != NULL);
    for (uint64_t number = 1; number <= PACKETS_MAX && input.len > 0; number++) {
        uint8_t head = fuzz_u8(&input);
        struct capture_packet packet = {
            .number = number,
            .time_ns = number * 1000,
            .link_type = links[(head & 0x7F) % (sizeof links / sizeof links[0])],
        };
        packet.data = fuzz_bytes(&packet.len, &input, fuzz_up_to(&input, PACKET_LEN_MAX));
        packet.original_len = packet.len + ((head & 0x80) != 0 ? 1000 : 0);
        check_segment(&packet);
        FUZZ_ASSERT(analysis_packet(analysis, &packet, NULL) == 0);
    }
    analysis_finish(analysis);
    analysis_free(analysis);
}

static void run(const uint8_t *data, size_t len)
{
    struct writer once, twice;
    writer_init(&once, 16 << 20);
    writer_init(&twice, 16 << 20);
    analyse(&once, (struct fuzz_input){ data, len });
    analyse(&twice, (struct fuzz_input){ data, len });
    FUZZ_ASSERT(!once.failed && once.len == twice.len);
    FUZZ_ASSERT(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
    writer_fini(&once);
    writer_fini(&twice);
}

const struct fuzz_target fuzz_target = {
    .name = "packets",
    .run = run,
    .memory_base = 1 << 20,
    .memory_per_byte = 1024, /* a packet of 60 bytes begins a connection, with all its state */
    .time_base_us = 200000,
    .time_per_byte_us = 300,
};
