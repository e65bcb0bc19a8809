#include "captures/pcapng_write.h"

#include "captures/limits.h"
#include "captures/pcapng_blocks.h"
#include "harness/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The byte order is the machine's own. A block is put together here: the longest is a packet or the
 * secrets, with comments. */
struct buffer {
    uint8_t *data;
    size_t len, room;
    bool failed; /* memory ran out, or it is too long */
};

struct pcapng_writer {
    FILE *stream;
    struct buffer block;
    uint16_t link_type;
    bool microseconds;
    char path[PATH_LEN];
    char part[PATH_LEN + 8];
};

static void put(struct buffer *buffer, const void *bytes, size_t len)
{
    if (buffer->failed || len > CAPTURE_BLOCK_MAX - buffer->len) {
        buffer->failed = true;
        return;
    }
    if (buffer->len + len > buffer->room) {
        size_t room = 2 * (buffer->len + len);
        uint8_t *data = realloc(buffer->data, room);
        if (data == NULL) {
            buffer->failed = true;
            return;
        }
        buffer->data = data;
        buffer->room = room;
    }
    if (len > 0)
        memcpy(buffer->data + buffer->len, bytes, len);
    buffer->len += len;
}

static void put16(struct buffer *buffer, uint16_t value)
{
    put(buffer, &value, sizeof value);
}

static void put32(struct buffer *buffer, uint32_t value)
{
    put(buffer, &value, sizeof value);
}

static void put_padded(struct buffer *buffer, const void *bytes, size_t len)
{
    put(buffer, bytes, len);
    put(buffer, "\0\0\0", (4 - len % 4) % 4);
}

static void put_option(struct buffer *buffer, uint16_t code, const void *value, size_t len)
{
    if (len > UINT16_MAX)
        len = UINT16_MAX;
    put16(buffer, code);
    put16(buffer, (uint16_t)len);
    put_padded(buffer, value, len);
}

static void put_text(struct buffer *buffer, uint16_t code, const char *text)
{
    if (text != NULL && text[0] != '\0')
        put_option(buffer, code, text, strlen(text));
}

static void put_end_of_options(struct buffer *buffer)
{
    put32(buffer, OPTION_END);
}

static struct buffer *begin(struct pcapng_writer *writer, uint32_t type)
{
    writer->block.len = 0;
    writer->block.failed = false;
    put32(&writer->block, type);
    put32(&writer->block, 0); /* the length, which is not known yet */
    return &writer->block;
}

static int write_failed(const struct pcapng_writer *writer, struct error *err)
{
    return error_errno(err, "%s", writer->path);
}

static int end(struct pcapng_writer *writer, struct error *err)
{
    struct buffer *block = &writer->block;
    uint32_t len = (uint32_t)block->len + 4;
    put32(block, len);
    if (block->failed)
        return error_set(err, ERROR_HARNESS, "%s: a block of more than 16 MiB, or out of memory",
                         writer->path);
    memcpy(block->data + 4, &len, sizeof len);
    if (fwrite(block->data, 1, block->len, writer->stream) != block->len)
        return write_failed(writer, err);
    return 0;
}

static int write_section(struct pcapng_writer *writer, const struct pcapng_options *options,
                         struct error *err)
{
    static const uint8_t unknown_length[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };
    struct buffer *block = begin(writer, BLOCK_SECTION);
    put32(block, BYTE_ORDER_MAGIC);
    put16(block, PCAPNG_MAJOR_VERSION);
    put16(block, 0);
    put(block, unknown_length, sizeof unknown_length);
    put_text(block, OPTION_COMMENT, options->comment);
    put_text(block, OPTION_SHB_USERAPPL, options->application);
    put_end_of_options(block);
    return end(writer, err);
}

static int write_interface(struct pcapng_writer *writer, const struct pcapng_options *options,
                           struct error *err)
{
    struct buffer *block = begin(writer, BLOCK_INTERFACE);
    put16(block, options->link_type);
    put16(block, 0);
    put32(block, options->snaplen);
    put_text(block, OPTION_IF_NAME, options->interface_name);
    put_text(block, OPTION_IF_DESCRIPTION, options->interface_description);
    put_option(block, OPTION_IF_TSRESOL, options->microseconds ? "\x06" : "\x09", 1);
    put_end_of_options(block);
    return end(writer, err);
}

static int open_part(struct pcapng_writer *writer, const char *path, struct error *err)
{
    if (strlen(path) >= sizeof writer->path)
        return error_set(err, ERROR_USAGE, "%s: the path is too long", path);
    snprintf(writer->path, sizeof writer->path, "%s", path);
    snprintf(writer->part, sizeof writer->part, "%s.part", path);
    writer->stream = fopen(writer->part, "wbe");
    return writer->stream == NULL ? error_errno(err, "%s", writer->part) : 0;
}

struct pcapng_writer *pcapng_create(const char *path, const struct pcapng_options *options,
                                    struct error *err)
{
    struct pcapng_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    writer->link_type = options->link_type;
    writer->microseconds = options->microseconds;
    if (open_part(writer, path, err) == 0 && write_section(writer, options, err) == 0 &&
        write_interface(writer, options, err) == 0)
        return writer;
    pcapng_abandon(writer);
    return NULL;
}

int pcapng_secrets(struct pcapng_writer *writer, const char *keylog, size_t len, struct error *err)
{
    struct buffer *block = begin(writer, BLOCK_SECRETS);
    put32(block, SECRETS_TLS_KEY_LOG);
    put32(block, (uint32_t)len);
    put_padded(block, keylog, len);
    return end(writer, err);
}

static void put_time(const struct pcapng_writer *writer, struct buffer *block, uint64_t time_ns)
{
    uint64_t ticks = writer->microseconds ? time_ns / 1000 : time_ns;
    put32(block, (uint32_t)(ticks >> 32));
    put32(block, (uint32_t)ticks);
}

int pcapng_packet(struct pcapng_writer *writer, const struct capture_packet *packet,
                  struct error *err)
{
    if (packet->link_type != writer->link_type)
        return error_set(
            err, ERROR_USAGE, "%s: packet %llu is of link type %u, the file's packets are of %u",
            writer->path, (unsigned long long)packet->number, packet->link_type, writer->link_type);
    struct buffer *block = begin(writer, BLOCK_ENHANCED_PACKET);
    put32(block, 0); /* the only interface */
    put_time(writer, block, packet->time_ns);
    put32(block, (uint32_t)packet->len);
    put32(block, (uint32_t)packet->original_len);
    put_padded(block, packet->data, packet->len);
    if (packet->comment != NULL && packet->comment[0] != '\0') {
        put_text(block, OPTION_COMMENT, packet->comment);
        put_end_of_options(block);
    }
    return end(writer, err);
}

int pcapng_statistics(struct pcapng_writer *writer, uint64_t time_ns, uint64_t received,
                      uint64_t dropped, struct error *err)
{
    struct buffer *block = begin(writer, BLOCK_STATISTICS);
    put32(block, 0);
    put_time(writer, block, time_ns);
    put_option(block, OPTION_ISB_IFRECV, &received, sizeof received);
    put_option(block, OPTION_ISB_OSDROP, &dropped, sizeof dropped);
    put_end_of_options(block);
    return end(writer, err);
}

static void writer_free(struct pcapng_writer *writer)
{
    free(writer->block.data);
    free(writer);
}

int pcapng_commit(struct pcapng_writer *writer, struct error *err)
{
    bool failed = ferror(writer->stream) != 0;
    if (failed)
        error_set(err, ERROR_HARNESS, "%s: an earlier block could not be written", writer->path);
    if (fclose(writer->stream) != 0 && !failed) {
        failed = true;
        write_failed(writer, err);
    }
    writer->stream = NULL;
    if (!failed && rename(writer->part, writer->path) != 0) {
        failed = true;
        write_failed(writer, err);
    }
    if (failed)
        unlink(writer->part);
    writer_free(writer);
    return failed ? -1 : 0;
}

void pcapng_abandon(struct pcapng_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->stream != NULL) {
        fclose(writer->stream);
        unlink(writer->part);
    }
    writer_free(writer);
}
