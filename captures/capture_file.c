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

static int open_pcap(struct capture_file *file, struct error *err)
{
    char reason[PCAP_ERRBUF_SIZE];
    file->pcap =
        pcap_fopen_offline_with_tstamp_precision(file->stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (file->pcap == NULL)
        return error_set(err, ERROR_USAGE, "%s: neither pcap nor pcapng: %s", file->name, reason);
    file->at = PCAP_HEADER_LEN;
    return 0;
}

static int open_either(struct capture_file *file, struct error *err)
{
    int first = getc(file->stream);
    if (first == EOF && ferror(file->stream))
        return error_set(err, ERROR_USAGE, "%s: %s", file->name, strerror(errno));
    if (first == EOF)
        return error_set(err, ERROR_USAGE, "%s: it is empty", file->name);
    ungetc(first, file->stream);
    if (first != PCAPNG_FIRST_BYTE)
        return open_pcap(file, err);
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

static void warn_of_truncation(struct capture_file *file, uint64_t at)
{
    snprintf(file->warning, sizeof file->warning,
             "%s: byte %" PRIu64 ": cut off within what would follow packet %" PRIu64, file->name,
             at, file->num_packets);
}

/* libpcap has no code of its own for a file that ends too early. */
static int pcap_failed(struct capture_file *file, struct error *err)
{
    const char *reason = pcap_geterr(file->pcap);
    if (strncmp(reason, "truncated dump file", strlen("truncated dump file")) == 0) {
        warn_of_truncation(file, file->at);
        return 0;
    }
    return error_set(err, ERROR_USAGE, "%s: byte %" PRIu64 ", after %" PRIu64 " packets: %s",
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
    if (truncated)
        warn_of_truncation(file, file->pcapng.offset);
    return ret;
}

const char *capture_file_warning(const struct capture_file *file)
{
    return file->warning[0] == '\0' ? NULL : file->warning;
}
