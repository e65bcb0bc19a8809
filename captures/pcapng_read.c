#include "captures/pcapng_read.h"

#include "captures/limits.h"
#include "captures/pcapng_blocks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_LEN = 8,
    BLOCK_MIN = 12, /* header and the length again */
    RESOLUTION_MICROSECONDS = 6,
    PIECE_MIN = 64 * 1024, /* of a block, read at once: most are shorter */
};

/* The body of a block while it is taken apart. Reading beyond it gives zeros and is remembered. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool swapped;
    bool failed;
};

struct option {
    uint16_t code;
    const uint8_t *value;
    uint16_t len;
};

void pcapng_reader_init(struct pcapng_reader *reader, FILE *stream, const char *name)
{
    *reader = (struct pcapng_reader){ .stream = stream, .name = name };
}

void pcapng_reader_fini(struct pcapng_reader *reader)
{
    free(reader->interfaces);
    free(reader->block);
    free(reader->comment);
}

static int corrupt(const struct pcapng_reader *reader, struct error *err, const char *what)
{
    return error_set(err, ERROR_USAGE, "%s: byte %" PRIu64 ", behind packet %" PRIu64 ": %s",
                     reader->name, reader->offset, reader->num_packets, what);
}

static int no_memory(struct error *err)
{
    return error_set(err, ERROR_HARNESS, "out of memory");
}

static const uint8_t *take(struct cursor *cursor, size_t len)
{
    if (cursor->failed || len > cursor->left) {
        cursor->failed = true;
        cursor->left = 0;
        return NULL;
    }
    const uint8_t *at = cursor->at;
    cursor->at += len;
    cursor->left -= len;
    return at;
}

static uint16_t order16(const uint8_t *at, bool swapped)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return swapped ? __builtin_bswap16(value) : value;
}

static uint32_t order32(const uint8_t *at, bool swapped)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return swapped ? __builtin_bswap32(value) : value;
}

static uint64_t order64(const uint8_t *at, bool swapped)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return swapped ? __builtin_bswap64(value) : value;
}

static uint16_t take16(struct cursor *cursor)
{
    const uint8_t *at = take(cursor, 2);
    return at == NULL ? 0 : order16(at, cursor->swapped);
}

static uint32_t take32(struct cursor *cursor)
{
    const uint8_t *at = take(cursor, 4);
    return at == NULL ? 0 : order32(at, cursor->swapped);
}

/* `len` bytes and what pads them to a multiple of four; the last block of a sloppy writer may lack
 * the padding. */
static const uint8_t *take_padded(struct cursor *cursor, size_t len)
{
    const uint8_t *at = take(cursor, len);
    size_t padding = (4 - len % 4) % 4;
    if (at != NULL)
        take(cursor, padding < cursor->left ? padding : cursor->left);
    return at;
}

static bool next_option(struct cursor *cursor, struct option *out)
{
    if (cursor->left < 4)
        return false;
    out->code = take16(cursor);
    out->len = take16(cursor);
    out->value = take_padded(cursor, out->len);
    return !cursor->failed && out->code != OPTION_END;
}

/* Several comments come with a newline between them. */
static int add_comment(struct pcapng_reader *reader, const struct option *option, struct error *err)
{
    size_t used = reader->comment == NULL ? 0 : strlen(reader->comment);
    size_t len = strnlen((const char *)option->value, option->len);
    if (used + 1 + len > CAPTURE_COMMENT_MAX)
        return 0;
    char *joined = realloc(reader->comment, used + 1 + len + 1);
    if (joined == NULL)
        return no_memory(err);
    reader->comment = joined;
    if (used > 0)
        joined[used++] = '\n';
    memcpy(joined + used, option->value, len);
    joined[used + len] = '\0';
    return 0;
}

/* The comments among the options that are left. */
static int read_comments(struct pcapng_reader *reader, struct cursor cursor, struct error *err)
{
    struct option option;
    free(reader->comment);
    reader->comment = NULL;
    while (next_option(&cursor, &option))
        if (option.code == OPTION_COMMENT && add_comment(reader, &option, err) < 0)
            return -1;
    return 0;
}

/* ---- blocks ---- */

static int read_section(struct pcapng_reader *reader, struct cursor cursor,
                        struct capture_item *out, struct error *err)
{
    take32(&cursor); /* the byte order magic */
    uint16_t major = take16(&cursor);
    take16(&cursor);
    take(&cursor, 8); /* section length: not needed */
    if (cursor.failed)
        return corrupt(reader, err, "the section header is too short");
    if (major != PCAPNG_MAJOR_VERSION)
        return corrupt(reader, err, "a pcapng version that is not known");
    reader->in_section = true;
    reader->num_interfaces = 0;
    if (read_comments(reader, cursor, err) < 0)
        return -1;
    const char *text = reader->comment == NULL ? "" : reader->comment;
    *out = (struct capture_item){ .kind = CAPTURE_SECTION, .text = text };
    out->text_len = strlen(text);
    return 1;
}

static void read_interface_options(struct pcapng_interface *interface, struct cursor cursor)
{
    struct option option;
    while (next_option(&cursor, &option)) {
        if (option.code == OPTION_IF_TSRESOL && option.len == 1)
            interface->resolution = option.value[0];
        else if (option.code == OPTION_IF_TSOFFSET && option.len == 8)
            interface->offset_s = (int64_t)order64(option.value, cursor.swapped);
    }
}

static int read_interface(struct pcapng_reader *reader, struct cursor cursor,
                          struct capture_item *out, struct error *err)
{
    struct pcapng_interface interface = { .resolution = RESOLUTION_MICROSECONDS };
    (void)out;
    interface.link_type = take16(&cursor);
    take16(&cursor);
    interface.snaplen = take32(&cursor);
    if (cursor.failed)
        return corrupt(reader, err, "the interface description is too short");
    if (reader->num_interfaces == CAPTURE_INTERFACES_MAX)
        return corrupt(reader, err, "more interfaces than can be");
    read_interface_options(&interface, cursor);
    struct pcapng_interface *more =
        realloc(reader->interfaces, (reader->num_interfaces + 1) * sizeof *more);
    if (more == NULL)
        return no_memory(err);
    reader->interfaces = more;
    more[reader->num_interfaces++] = interface;
    return 0;
}

/* Ticks of the interface's clock as nanoseconds since 1970. */
static uint64_t nanoseconds(const struct pcapng_interface *interface, uint64_t ticks)
{
    unsigned exponent = interface->resolution & 0x7F;
    uint64_t offset = (uint64_t)interface->offset_s * 1000000000u;
    unsigned __int128 time = ticks;
    if ((interface->resolution & 0x80) != 0)
        return (uint64_t)((time * 1000000000u) >> exponent) + offset;
    for (; exponent < 9; exponent++)
        time *= 10;
    for (; exponent > 9 && time > 0; exponent--)
        time /= 10;
    return (uint64_t)time + offset;
}

static const struct pcapng_interface *interface_of(const struct pcapng_reader *reader, uint32_t id)
{
    return id < reader->num_interfaces ? &reader->interfaces[id] : NULL;
}

/* The common end of the three kinds of packet blocks. */
static int give_packet(struct pcapng_reader *reader, struct cursor *cursor, uint32_t id,
                       struct capture_packet packet, struct capture_item *out, struct error *err)
{
    const struct pcapng_interface *interface = interface_of(reader, id);
    if (!cursor->failed && interface == NULL)
        return corrupt(reader, err, "a packet of an interface that is not described");
    packet.data = take_padded(cursor, packet.len);
    if (cursor->failed)
        return corrupt(reader, err, "a packet is longer than its block");
    if (read_comments(reader, *cursor, err) < 0)
        return -1;
    packet.number = ++reader->num_packets;
    packet.link_type = interface->link_type;
    packet.comment = reader->comment;
    if (packet.original_len < packet.len)
        packet.original_len = packet.len;
    *out = (struct capture_item){ .kind = CAPTURE_PACKET, .packet = packet };
    return 1;
}

static uint64_t take_time(const struct pcapng_reader *reader, struct cursor *cursor, uint32_t id)
{
    const struct pcapng_interface *interface = interface_of(reader, id);
    uint64_t high = take32(cursor);
    uint64_t ticks = high << 32 | take32(cursor);
    return interface == NULL ? 0 : nanoseconds(interface, ticks);
}

static int read_enhanced_packet(struct pcapng_reader *reader, struct cursor cursor,
                                struct capture_item *out, struct error *err)
{
    struct capture_packet packet = { .number = 0 };
    uint32_t id = take32(&cursor);
    packet.time_ns = take_time(reader, &cursor, id);
    packet.len = take32(&cursor);
    packet.original_len = take32(&cursor);
    return give_packet(reader, &cursor, id, packet, out, err);
}

static int read_obsolete_packet(struct pcapng_reader *reader, struct cursor cursor,
                                struct capture_item *out, struct error *err)
{
    struct capture_packet packet = { .number = 0 };
    uint32_t id = take16(&cursor);
    take16(&cursor); /* drops since the packet before */
    packet.time_ns = take_time(reader, &cursor, id);
    packet.len = take32(&cursor);
    packet.original_len = take32(&cursor);
    return give_packet(reader, &cursor, id, packet, out, err);
}

static int read_simple_packet(struct pcapng_reader *reader, struct cursor cursor,
                              struct capture_item *out, struct error *err)
{
    struct capture_packet packet = { .number = 0 };
    const struct pcapng_interface *interface = interface_of(reader, 0);
    packet.len = packet.original_len = take32(&cursor);
    if (interface != NULL && interface->snaplen > 0 && packet.len > interface->snaplen)
        packet.len = interface->snaplen;
    return give_packet(reader, &cursor, 0, packet, out, err);
}

static int read_statistics(struct pcapng_reader *reader, struct cursor cursor,
                           struct capture_item *out, struct error *err)
{
    struct option option;
    take(&cursor, 12); /* interface, time */
    if (cursor.failed)
        return corrupt(reader, err, "the interface statistics are too short");
    *out = (struct capture_item){ .kind = CAPTURE_STATISTICS };
    while (next_option(&cursor, &option))
        if ((option.code == OPTION_ISB_IFDROP || option.code == OPTION_ISB_OSDROP) &&
            option.len == 8)
            out->dropped += order64(option.value, cursor.swapped);
    return 1;
}

static int read_secrets(struct pcapng_reader *reader, struct cursor cursor,
                        struct capture_item *out, struct error *err)
{
    uint32_t type = take32(&cursor);
    uint32_t len = take32(&cursor);
    const uint8_t *secrets = take(&cursor, len);
    if (cursor.failed)
        return corrupt(reader, err, "the secrets are longer than their block");
    if (type != SECRETS_TLS_KEY_LOG)
        return 0; /* of WireGuard, of SSH */
    reader->block[(size_t)(secrets - reader->block) + len] = '\0';
    *out = (struct capture_item){ .kind = CAPTURE_SECRETS, .text = (const char *)secrets };
    out->text_len = len;
    return 1;
}

static int read_journal(struct pcapng_reader *reader, struct cursor cursor,
                        struct capture_item *out, struct error *err)
{
    (void)cursor, (void)out, (void)err;
    reader->num_packets++;
    return 0;
}

/* Blocks of other types hold nothing that is wanted here. */
static const struct block_kind {
    uint32_t type;
    int (*read)(struct pcapng_reader *reader, struct cursor cursor, struct capture_item *out,
                struct error *err);
} block_kinds[] = {
    { BLOCK_SECTION, read_section },        { BLOCK_INTERFACE, read_interface },
    { BLOCK_PACKET, read_obsolete_packet }, { BLOCK_SIMPLE_PACKET, read_simple_packet },
    { BLOCK_STATISTICS, read_statistics },  { BLOCK_ENHANCED_PACKET, read_enhanced_packet },
    { BLOCK_JOURNAL, read_journal },        { BLOCK_SECRETS, read_secrets },
};

/* ---- the file ---- */

/* 1: all `len` bytes; 0: fewer are left; -1: the disk or pipe failed. */
static int fill(struct pcapng_reader *reader, uint8_t *out, size_t len, struct error *err)
{
    size_t got = fread(out, 1, len, reader->stream);
    reader->at += got;
    if (got < len && ferror(reader->stream))
        return error_errno(err, "%s: byte %" PRIu64, reader->name, reader->at);
    return got == len;
}

static int make_room(struct pcapng_reader *reader, size_t len, struct error *err)
{
    if (len <= reader->block_room)
        return 0;
    uint8_t *block = realloc(reader->block, len);
    if (block == NULL)
        return no_memory(err);
    reader->block = block;
    reader->block_room = len;
    return 0;
}

/* A block of `len` bytes, the first of which are there already. Memory follows what comes, not what
 * is announced: a few bytes cannot ask for many. As fill(). */
static int read_pieces(struct pcapng_reader *reader, size_t len, const uint8_t *have,
                       size_t have_len, struct error *err)
{
    size_t got = have_len;
    int ret = 1;
    while (got < len && ret == 1) {
        size_t piece = got < PIECE_MIN ? PIECE_MIN : got;
        if (piece > len - got)
            piece = len - got;
        if (make_room(reader, got + piece, err) < 0)
            return -1;
        memcpy(reader->block, have, got == have_len ? have_len : 0);
        ret = fill(reader, reader->block + got, piece, err);
        got += piece;
    }
    return ret;
}

/* The body of a block whose header says `len`, and which has `have` bytes already. */
static int read_body(struct pcapng_reader *reader, uint32_t len, const uint8_t *have,
                     size_t have_len, struct error *err)
{
    if (len < BLOCK_MIN + have_len || len % 4 != 0)
        return corrupt(reader, err, "a block of an impossible length");
    if (len > CAPTURE_BLOCK_MAX)
        return corrupt(reader, err, "a block of more than 16 MiB");
    size_t rest = len - HEADER_LEN;
    int ret = read_pieces(reader, rest, have, have_len, err);
    if (ret == 1 && order32(reader->block + rest - 4, reader->swapped) != len)
        return corrupt(reader, err, "the two lengths of a block differ");
    return ret;
}

/* A section header says its byte order behind the length that needs it. */
static int read_byte_order(struct pcapng_reader *reader, uint8_t magic[4], struct error *err)
{
    int ret = fill(reader, magic, 4, err);
    if (ret != 1)
        return ret;
    if (order32(magic, false) != BYTE_ORDER_MAGIC && order32(magic, true) != BYTE_ORDER_MAGIC)
        return corrupt(reader, err, "a section header without the byte order magic");
    reader->swapped = order32(magic, true) == BYTE_ORDER_MAGIC;
    return 1;
}

/* Reads a block whole: 1; the end: 0; a part of one: 0 and *truncated. */
static int read_block(struct pcapng_reader *reader, uint32_t *type, size_t *len, bool *truncated,
                      struct error *err)
{
    uint8_t header[HEADER_LEN], magic[4];
    size_t have = 0;
    reader->offset = reader->at;
    int ret = fill(reader, header, sizeof header, err);
    *truncated = ret == 0 && reader->at > reader->offset;
    if (ret != 1)
        return ret;
    *type = order32(header, reader->swapped);
    if (order32(header, false) == BLOCK_SECTION) {
        *type = BLOCK_SECTION; /* reads the same either way round */
        if ((ret = read_byte_order(reader, magic, err)) == 1)
            have = sizeof magic;
    } else if (!reader->in_section) {
        return corrupt(reader, err, "it does not begin with a section header");
    }
    uint32_t block_len = order32(header + 4, reader->swapped);
    if (ret == 1)
        ret = read_body(reader, block_len, magic, have, err);
    *truncated = ret == 0;
    *len = block_len - BLOCK_MIN;
    return ret;
}

int pcapng_reader_next(struct pcapng_reader *reader, struct capture_item *out, bool *truncated,
                       struct error *err)
{
    uint32_t type = 0;
    size_t len = 0;
    int ret;
    while ((ret = read_block(reader, &type, &len, truncated, err)) == 1) {
        struct cursor cursor = { reader->block, len, reader->swapped, false };
        int given = 0;
        for (size_t i = 0; i < sizeof block_kinds / sizeof block_kinds[0]; i++)
            if (block_kinds[i].type == type)
                given = block_kinds[i].read(reader, cursor, out, err);
        if (given != 0)
            return given;
    }
    return ret;
}
