#include "captures/synthetic.h"

#include "captures/packet.h"
#include "captures/segment_write.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SEGMENT_MAX = 16 * 1024, /* what is read at once; an IPv4 packet may have 64 KiB */
    PACKET_MAX = SEGMENT_HEADERS_LEN + SEGMENT_MAX,
    FIRST_SEQ = 1000, /* of the client's SYN; anything will do */
};

struct synthetic {
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    uint64_t num_packets;
    bool failed;
};

struct synthetic *synthetic_new(int fd, struct error *err)
{
    struct synthetic *synthetic = calloc(1, sizeof *synthetic);
    FILE *stream = fdopen(fd, "w");
    if (synthetic != NULL)
        synthetic->pcap =
            pcap_open_dead_with_tstamp_precision(DLT_RAW, PACKET_MAX, PCAP_TSTAMP_PRECISION_NANO);
    if (stream != NULL && synthetic != NULL && synthetic->pcap != NULL)
        synthetic->dumper = pcap_dump_fopen(synthetic->pcap, stream);
    if (synthetic != NULL && synthetic->dumper != NULL)
        return synthetic;
    error_set(err, ERROR_HARNESS, "cannot begin a recording of what is relayed");
    if (stream != NULL)
        fclose(stream);
    else
        close(fd);
    if (synthetic != NULL && synthetic->pcap != NULL)
        pcap_close(synthetic->pcap);
    free(synthetic);
    return NULL;
}

/* One packet; *seq of its sender goes on by what it says. */
static void put_packet(struct synthetic *synthetic, struct synthetic_connection *connection,
                       enum role from, uint8_t flags, const void *bytes, size_t len)
{
    uint8_t packet[PACKET_MAX];
    enum role to = from == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    struct timespec now;
    if (len > 0)
        memcpy(packet + SEGMENT_HEADERS_LEN, bytes, len);
    const struct segment_head segment = { &connection->end[from], &connection->end[to],
                                          connection->seq[from], connection->seq[to], flags };
    segment_write(packet, &segment, len);
    connection->seq[from] += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
    clock_gettime(CLOCK_REALTIME, &now);
    struct pcap_pkthdr header = { .ts = { .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec },
                                  .caplen = (bpf_u_int32)(SEGMENT_HEADERS_LEN + len),
                                  .len = (bpf_u_int32)(SEGMENT_HEADERS_LEN + len) };
    pcap_dump((u_char *)synthetic->dumper, &header, packet);
    synthetic->num_packets++;
    synthetic->failed = synthetic->failed || ferror(pcap_dump_file(synthetic->dumper)) != 0;
}

void synthetic_connect(struct synthetic *synthetic, struct synthetic_connection *connection,
                       const struct sockaddr_in *client, const struct sockaddr_in *server)
{
    *connection = (struct synthetic_connection){ .end = { *client, *server },
                                                 .seq = { FIRST_SEQ, 2 * FIRST_SEQ } };
    put_packet(synthetic, connection, ROLE_CLIENT, TCP_SYN, NULL, 0);
    put_packet(synthetic, connection, ROLE_SERVER, TCP_SYN | TCP_ACK, NULL, 0);
    put_packet(synthetic, connection, ROLE_CLIENT, TCP_ACK, NULL, 0);
}

void synthetic_data(struct synthetic *synthetic, struct synthetic_connection *connection,
                    enum role from, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0 && !connection->over) {
        size_t now = len < SEGMENT_MAX ? len : SEGMENT_MAX;
        put_packet(synthetic, connection, from, TCP_PSH | TCP_ACK, at, now);
        at += now;
        len -= now;
    }
}

void synthetic_fin(struct synthetic *synthetic, struct synthetic_connection *connection,
                   enum role from)
{
    enum role to = from == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    if (connection->over || connection->fin[from])
        return;
    connection->fin[from] = true;
    put_packet(synthetic, connection, from, TCP_FIN | TCP_ACK, NULL, 0);
    put_packet(synthetic, connection, to, TCP_ACK, NULL, 0);
    connection->over = connection->fin[to];
}

void synthetic_reset(struct synthetic *synthetic, struct synthetic_connection *connection,
                     enum role from)
{
    if (connection->over)
        return;
    connection->over = true;
    put_packet(synthetic, connection, from, TCP_RST | TCP_ACK, NULL, 0);
}

void synthetic_flush(struct synthetic *synthetic)
{
    synthetic->failed = pcap_dump_flush(synthetic->dumper) != 0 || synthetic->failed;
}

int synthetic_end(struct synthetic *synthetic, uint64_t *num_packets, struct error *err)
{
    if (synthetic == NULL)
        return 0;
    synthetic_flush(synthetic);
    bool failed = synthetic->failed;
    *num_packets = synthetic->num_packets;
    pcap_dump_close(synthetic->dumper);
    pcap_close(synthetic->pcap);
    free(synthetic);
    return failed ? error_set(err, ERROR_HARNESS, "not all that was relayed could be written down")
                  : 0;
}
