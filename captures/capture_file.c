#include "captures/capture_file.h"

#include "captures/limits.h"
#include "captures/packet.h"
#include "captures/pcapng_read.h"
#include "harness/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

struct capture_file {
    FILE *stream; /* the pcap_t's, where there is one */
    pcap_t *pcap; /* NULL: pcapng */
    struct pcapng_reader pcapng;
    uint64_t num_packets;
    uint64_t at; /* of pcap: bytes read */
    char name[PATH_LEN];
    char warning[ERROR_TEXT_MAX];
};

enum { PCAP_HEADER_LEN = 24, PCAP_PACKET_HEADER_LEN = 16 };

/* libpcap has no code of its own for a file that ends too early. */
static bool is_truncation(const char *reason)
{
    return strncmp(reason, "truncated dump file", strlen("truncated dump file")) == 0;
}

/* How files begin that a capture is often packed in, and what unpacks them to standard output. None
 * begins with a byte that a capture may begin with. */
static const struct packing {
    const char *name, *unpack;
    const char *magic;
    size_t magic_len;
} packings[] = {
    { "gzip", "gzip -dc", "\x1F\x8B", 2 },         /* RFC 1952 section 2.3.1 */
    { "xz", "xz -dc", "\xFD\x37zXZ\0", 6 },        /* the .xz file format, section 2.1.1.1 */
    { "zstd", "zstd -dc", "\x28\xB5\x2F\xFD", 4 }, /* RFC 8878 section 3.1.1 */
    { "bzip2", "bzip2 -dc", "BZh", 3 },
    { "lz4", "lz4 -dc", "\x04\x22\x4D\x18", 4 },
    { "zip", "unzip -p", "PK\3\4", 4 },
};

enum { NUM_PACKINGS = sizeof packings / sizeof packings[0], MAGIC_MAX = 6 };

/* The packing whose magic begins with this byte and goes on as the stream does; NULL. What it read
 * of the stream is not put back: behind such a byte there is no capture anyway. */
static const struct packing *find_packing(FILE *stream, int first)
{
    for (size_t i = 0; i < NUM_PACKINGS; i++) {
        const struct packing *packing = &packings[i];
        char rest[MAGIC_MAX];
        if ((uint8_t)packing->magic[0] != first)
            continue;
        size_t len = fread(rest, 1, packing->magic_len - 1, stream);
        return len == packing->magic_len - 1 && memcmp(rest, packing->magic + 1, len) == 0 ? packing
                                                                                           : NULL;
    }
    return NULL;
}

static int refuse_packed(const struct capture_file *file, const struct packing *packing,
                         struct error *err)
{
    if (file->stream == stdin)
        return error_set(err, ERROR_USAGE, "%s: it is packed with %s: put '%s' before it",
                         file->name, packing->name, packing->unpack);
    return error_set(err, ERROR_USAGE, "%s: it is packed with %s: unpack it with '%s %s >FILE'",
                     file->name, packing->name, packing->unpack, file->name);
}

/* pcap's magic numbers in either byte order: microseconds, nanoseconds, Kuznetzov's. */
static bool may_begin_pcap(int first)
{
    return first == 0xA1 || first == 0xD4 || first == 0x4D || first == 0x34;
}

/* Buses, not networks: libpcap would take as much memory for a packet as its header says, up to
 * 128 MiB; of every other link it takes 256 KiB at most. */
static bool is_bus(int data_link)
{
    return data_link == DLT_DBUS || data_link == DLT_EBHSCR || data_link == DLT_USBPCAP ||
           data_link == DLT_USB_LINUX || data_link == DLT_USB_LINUX_MMAPPED;
}

static int open_pcap(struct capture_file *file, int first, struct error *err)
{
    char reason[PCAP_ERRBUF_SIZE];
    file->pcap =
        pcap_fopen_offline_with_tstamp_precision(file->stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (file->pcap == NULL && is_truncation(reason) && may_begin_pcap(first))
        return error_set(err, ERROR_USAGE,
                         "%s: it ends in the middle, within its header: nothing of it can be read",
                         file->name);
    if (file->pcap == NULL)
        return error_set(err, ERROR_USAGE, "%s: neither pcap nor pcapng: %s", file->name,
                         is_truncation(reason) ? "it is too short for either" : reason);
    file->at = PCAP_HEADER_LEN;
    if (is_bus(pcap_datalink(file->pcap)))
        return error_set(err, ERROR_USAGE, "%s: it was recorded on a bus (%s), not on a network",
                         file->name, pcap_datalink_val_to_name(pcap_datalink(file->pcap)));
    return 0;
}

static int open_either(struct capture_file *file, struct error *err)
{
    int first = getc(file->stream);
    if (first == EOF && ferror(file->stream))
        return error_set(err, ERROR_USAGE, "%s: %s", file->name, strerror(errno));
    if (first == EOF)
        return error_set(err, ERROR_USAGE, "%s: it is empty", file->name);
    const struct packing *packing = find_packing(file->stream, first);
    if (packing != NULL)
        return refuse_packed(file, packing, err);
    ungetc(first, file->stream);
    if (first != PCAPNG_FIRST_BYTE)
        return open_pcap(file, first, err);
    pcapng_reader_init(&file->pcapng, file->stream, file->name);
    return 0;
}

struct capture_file *capture_file_from(FILE *stream, const char *name, struct error *err)
{
    struct capture_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        fclose(stream);
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    file->stream = stream;
    snprintf(file->name, sizeof file->name, "%s", name);
    if (open_either(file, err) == 0)
        return file;
    capture_file_close(file);
    return NULL;
}

struct capture_file *capture_file_open(const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return capture_file_from(stdin, "standard input", err);
    FILE *stream = fopen(path, "rbe");
    if (stream == NULL) {
        error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
        return NULL;
    }
    return capture_file_from(stream, path, err);
}

void capture_file_close(struct capture_file *file)
{
    if (file == NULL)
        return;
    pcapng_reader_fini(&file->pcapng);
    if (file->pcap != NULL)
        pcap_close(file->pcap);
    else
        fclose(file->stream);
    free(file);
}

/* `at`: where what is cut begins. */
static int end_truncated(struct capture_file *file, uint64_t at, struct error *err)
{
    if (file->num_packets == 0)
        return error_set(err, ERROR_USAGE,
                         "%s: it ends in the middle, within what begins at byte %" PRIu64
                         ", before any packet: nothing of it can be read",
                         file->name, at);
    snprintf(file->warning, sizeof file->warning,
             "%s: it ends in the middle, within what begins at byte %" PRIu64 ": packet %" PRIu64
             " is the last that can be read",
             file->name, at, file->num_packets);
    return 0;
}

static int pcap_failed(struct capture_file *file, struct error *err)
{
    const char *reason = pcap_geterr(file->pcap);
    if (is_truncation(reason))
        return end_truncated(file, file->at, err);
    return error_set(err, ERROR_USAGE, "%s: byte %" PRIu64 ", behind packet %" PRIu64 ": %s",
                     file->name, file->at, file->num_packets, reason);
}

/* libpcap's numbers differ from the file's for raw IP alone. */
static uint16_t link_type_of(int data_link)
{
    return (uint16_t)(data_link == DLT_RAW ? LINK_RAW : data_link);
}

static int next_pcap(struct capture_file *file, struct capture_item *out, struct error *err)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int ret = pcap_next_ex(file->pcap, &header, &data);
    if (ret == PCAP_ERROR_BREAK)
        return 0;
    if (ret < 0)
        return pcap_failed(file, err);
    file->at += PCAP_PACKET_HEADER_LEN + header->caplen;
    *out = (struct capture_item){ .kind = CAPTURE_PACKET };
    out->packet = (struct capture_packet){
        .number = ++file->num_packets,
        .time_ns = (uint64_t)header->ts.tv_sec * 1000000000u + (uint64_t)header->ts.tv_usec,
        .link_type = link_type_of(pcap_datalink(file->pcap)),
        .data = data,
        .len = header->caplen,
        .original_len = header->len < header->caplen ? header->caplen : header->len,
    };
    return 1;
}

int capture_file_next(struct capture_file *file, struct capture_item *out, struct error *err)
{
    bool truncated = false;
    if (file->pcap != NULL)
        return next_pcap(file, out, err);
    int ret = pcapng_reader_next(&file->pcapng, out, &truncated, err);
    file->num_packets = file->pcapng.num_packets;
    return truncated ? end_truncated(file, file->pcapng.offset, err) : ret;
}

const char *capture_file_warning(const struct capture_file *file)
{
    return file->warning[0] == '\0' ? NULL : file->warning;
}
