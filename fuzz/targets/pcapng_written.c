/* What captures/pcapng_write.h writes, captures/capture_file.h reads: every packet, time, comment,
 * key log and loss, in their order. Input: the file's options, then items until it ends. */
#include "captures/pcapng_write.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"
#include "harness/limits.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ITEMS_MAX = 64, WORDS_MAX = 300 };

/* One item as it was written. Bytes are the input's; texts end in NUL. */
struct written {
    enum capture_item_kind kind;
    struct capture_packet packet;
    char *text; /* the comment of a section or packet, the key log */
    size_t text_len;
    uint64_t dropped;
};

struct file {
    struct pcapng_options options;
    struct written items[ITEMS_MAX];
    size_t num_items;
};

static char path[PATH_LEN];

static uint64_t take_u64(struct fuzz_input *input)
{
    uint64_t high = fuzz_u32(input);
    return high << 32 | fuzz_u32(input);
}

/* A text of the input's next bytes, which may be empty; *len is without what NULs there were. */
static char *take_text(size_t *len, struct fuzz_input *input)
{
    const uint8_t *data = fuzz_bytes(len, input, fuzz_up_to(input, WORDS_MAX));
    return fuzz_text(data, *len);
}

static void take_options(struct file *file, struct fuzz_input *input)
{
    struct written *section = &file->items[file->num_items++];
    uint8_t flags = fuzz_u8(input);
    section->kind = CAPTURE_SECTION;
    section->text = take_text(&section->text_len, input);
    file->options = (struct pcapng_options){
        .comment = section->text,
        .application = flags & 1 ? "fuzz" : NULL,
        .interface_name = flags & 2 ? "lo" : NULL,
        .interface_description = flags & 4 ? "what it is" : NULL,
        .microseconds = (flags & 8) != 0,
        .link_type = fuzz_u16(input),
        .snaplen = flags & 16 ? 1 << 18 : 0,
    };
}

static void take_packet(struct written *item, const struct file *file, struct fuzz_input *input)
{
    struct capture_packet *packet = &item->packet;
    item->kind = CAPTURE_PACKET;
    packet->time_ns = take_u64(input);
    if (file->options.microseconds) /* what is finer is lost, and known to be */
        packet->time_ns -= packet->time_ns % 1000;
    packet->link_type = file->options.link_type;
    packet->data = fuzz_bytes(&packet->len, input, fuzz_u16(input));
    packet->original_len = packet->len + fuzz_u16(input);
    item->text = take_text(&item->text_len, input);
    packet->comment = item->text;
}

static void take_item(struct file *file, struct fuzz_input *input)
{
    struct written *item = &file->items[file->num_items++];
    switch (fuzz_up_to(input, 2)) {
    case 0:
        take_packet(item, file, input);
        break;
    case 1:
        item->kind = CAPTURE_SECRETS;
        item->text = take_text(&item->text_len, input);
        break;
    default:
        item->kind = CAPTURE_STATISTICS;
        item->dropped = take_u64(input);
    }
}

static int write_item(struct pcapng_writer *writer, const struct written *item, struct error *err)
{
    switch (item->kind) {
    case CAPTURE_PACKET:
        return pcapng_packet(writer, &item->packet, err);
    case CAPTURE_SECRETS:
        return pcapng_secrets(writer, item->text, item->text_len, err);
    case CAPTURE_STATISTICS:
        return pcapng_statistics(writer, 0, item->dropped, item->dropped, err);
    case CAPTURE_SECTION:
        break; /* by pcapng_create() */
    }
    return 0;
}

static void write_file(const struct file *file)
{
    struct error err = { .class = ERROR_NONE };
    struct pcapng_writer *writer = pcapng_create(path, &file->options, &err);
    FUZZ_ASSERT(writer != NULL);
    for (size_t i = 0; i < file->num_items; i++)
        FUZZ_ASSERT(write_item(writer, &file->items[i], &err) == 0);
    FUZZ_ASSERT(pcapng_commit(writer, &err) == 0);
}

static void check_packet(const struct capture_packet *read, const struct capture_packet *written,
                         uint64_t number)
{
    const char *comment = read->comment == NULL ? "" : read->comment;
    FUZZ_ASSERT(read->number == number && read->time_ns == written->time_ns);
    FUZZ_ASSERT(read->link_type == written->link_type && read->len == written->len);
    FUZZ_ASSERT(read->original_len == written->original_len);
    FUZZ_ASSERT(read->len == 0 || memcmp(read->data, written->data, read->len) == 0);
    FUZZ_ASSERT(strcmp(comment, written->comment) == 0);
}

static void check_item(const struct capture_item *read, const struct written *written,
                       uint64_t *number)
{
    FUZZ_ASSERT(read->kind == written->kind);
    switch (read->kind) {
    case CAPTURE_PACKET:
        check_packet(&read->packet, &written->packet, ++*number);
        break;
    case CAPTURE_SECTION:
    case CAPTURE_SECRETS:
        FUZZ_ASSERT(read->text_len == written->text_len);
        FUZZ_ASSERT(memcmp(read->text, written->text, read->text_len) == 0);
        break;
    case CAPTURE_STATISTICS:
        FUZZ_ASSERT(read->dropped == written->dropped);
        break;
    }
}

static void read_file(const struct file *file)
{
    struct error err = { .class = ERROR_NONE };
    struct capture_item item;
    uint64_t number = 0;
    struct capture_file *read = capture_file_open(path, &err);
    FUZZ_ASSERT(read != NULL);
    for (size_t i = 0; i < file->num_items; i++) {
        FUZZ_ASSERT(capture_file_next(read, &item, &err) == 1);
        check_item(&item, &file->items[i], &number);
    }
    FUZZ_ASSERT(capture_file_next(read, &item, &err) == 0);
    FUZZ_ASSERT(capture_file_warning(read) == NULL);
    capture_file_close(read);
}

static void run(const uint8_t *data, size_t len)
{
    struct file file = { .num_items = 0 };
    struct fuzz_input input = { data, len };
    take_options(&file, &input);
    while (input.len > 0 && file.num_items < ITEMS_MAX)
        take_item(&file, &input);
    write_file(&file);
    read_file(&file);
    FUZZ_ASSERT(unlink(path) == 0);
    for (size_t i = 0; i < file.num_items; i++)
        free(file.items[i].text);
}

static void init(void)
{
    snprintf(path, sizeof path, "%s/written.pcapng", memory_folder("input"));
    run((const uint8_t *)"", 0);
}

const struct fuzz_target fuzz_target = {
    .name = "pcapng_written",
    .init = init,
    .run = run,
    .memory_base = 2 << 20,
    .memory_per_byte = 32,
    .time_base_us = 50000,
    .time_per_byte_us = 20,
};
