/* The readers of pcap and pcapng (captures/capture_file.h). Input: the file. */
#include "captures/capture_file.h"
#include "fuzz/common/fuzz.h"
#include "harness/wire/writer.h"

#include <string.h>

static void note(struct writer *told, const struct capture_item *item)
{
    writer_u8(told, (uint8_t)item->kind);
    switch (item->kind) {
    case CAPTURE_PACKET:
        FUZZ_ASSERT(item->packet.len <= item->packet.original_len);
        FUZZ_ASSERT(item->packet.comment == NULL || strlen(item->packet.comment) <= FUZZ_INPUT_MAX);
        writer_bytes(told, &item->packet.number, sizeof item->packet.number);
        writer_bytes(told, &item->packet.time_ns, sizeof item->packet.time_ns);
        writer_u16(told, item->packet.link_type);
        writer_bytes(told, item->packet.data, item->packet.len);
        break;
    case CAPTURE_SECTION:
    case CAPTURE_SECRETS:
        FUZZ_ASSERT(strlen(item->text) <= item->text_len && item->text[item->text_len] == '\0');
        writer_bytes(told, item->text, item->text_len);
        break;
    case CAPTURE_STATISTICS:
        writer_bytes(told, &item->dropped, sizeof item->dropped);
        break;
    }
}

static int read_all(struct writer *told, const uint8_t *data, size_t len)
{
    struct error err = { .class = ERROR_NONE };
    struct capture_item item;
    uint64_t number = 0;
    int ret = -1;
    FILE *stream = fmemopen((void *)data, len, "rb");
    FUZZ_ASSERT(stream != NULL);
    struct capture_file *file = capture_file_from(stream, "input", &err);
    writer_init(told, 4 * FUZZ_INPUT_MAX);
    while (file != NULL && (ret = capture_file_next(file, &item, &err)) == 1) {
        note(told, &item);
        if (item.kind == CAPTURE_PACKET)
            FUZZ_ASSERT(item.packet.number > number && (number = item.packet.number) > 0);
    }
    if (ret < 0)
        FUZZ_ASSERT(err.class == ERROR_USAGE && strncmp(err.text, "input: ", 7) == 0);
    if (file != NULL && capture_file_warning(file) != NULL)
        writer_bytes(told, capture_file_warning(file), strlen(capture_file_warning(file)));
    capture_file_close(file);
    return ret;
}

static void run(const uint8_t *data, size_t len)
{
    struct writer once, twice;
    if (len == 0)
        return;
    int ret = read_all(&once, data, len);
    FUZZ_ASSERT(read_all(&twice, data, len) == ret);
    FUZZ_ASSERT(!once.failed && once.len == twice.len);
    FUZZ_ASSERT(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
    writer_fini(&once);
    writer_fini(&twice);
}

const struct fuzz_target fuzz_target = {
    .name = "capture",
    .run = run,
    .memory_base = 2 << 20, /* libpcap takes as much as the file's snapshot length, 256 KiB */
    .memory_per_byte = 32,
    .time_base_us = 50000,
    .time_per_byte_us = 20,
};
