#include "captures/synthetic.h"

#include "captures/packet.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    IP_HEADER = 20,
    TCP_HEADER = 20,
    SEGMENT_MAX = 16 * 1024, /* what is read at once; an IPv4 packet may have 64 KiB */
    PACKET_MAX = IP_HEADER + TCP_HEADER + SEGMENT_MAX,
    FIRST_SEQ = 1000, /* of the client's SYN; anything will do */
    WINDOW = 65535,
    TTL = 64,
    DONT_FRAGMENT = 0x4000,
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

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xFFFF);
}

/* RFC 1071, to be folded. */
static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    return len % 2 == 0 ? sum : sum + ((uint32_t)bytes[len - 1] << 8);
}

static uint16_t checksum(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

/* RFC 791 section 3.1. */
static void put_ip(uint8_t *at, const struct sockaddr_in *from, const struct sockaddr_in *to,
                   size_t len)
{
    memset(at, 0, IP_HEADER);
    at[0] = 0x45;
    put16(at + 2, (unsigned)len);
    put16(at + 6, DONT_FRAGMENT);
    at[8] = TTL;
    at[9] = IPPROTO_TCP;
    memcpy(at + 12, &from->sin_addr, 4);
    memcpy(at + 16, &to->sin_addr, 4);
    put16(at + 10, checksum(sum16(0, at, IP_HEADER)));
}

/* RFC 9293 section 3.1; the payload stands behind already. */
static void put_tcp(uint8_t *ip, const struct sockaddr_in *from, const struct sockaddr_in *to,
                    uint32_t seq, uint32_t ack, uint8_t flags, size_t len)
{
    uint8_t *at = ip + IP_HEADER;
    memset(at, 0, TCP_HEADER);
    put16(at, ntohs(from->sin_port));
    put16(at + 2, ntohs(to->sin_port));
    put32(at + 4, seq);
    put32(at + 8, (flags & TCP_ACK) == 0 ? 0 : ack);
    at[12] = TCP_HEADER / 4 << 4;
    at[13] = flags;
    put16(at + 14, WINDOW);
    uint32_t pseudo = sum16(IPPROTO_TCP + (uint32_t)(TCP_HEADER + len), ip + 12, 8);
    put16(at + 16, checksum(sum16(pseudo, at, TCP_HEADER + len)));
}

/* One packet; *seq of its sender goes on by what it says. */
static void put_packet(struct synthetic *synthetic, struct synthetic_connection *connection,
                       enum role from, uint8_t flags, const void *bytes, size_t len)
{
    uint8_t packet[PACKET_MAX];
    enum role to = from == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    struct timespec now;
    if (len > 0)
        memcpy(packet + IP_HEADER + TCP_HEADER, bytes, len);
    put_ip(packet, &connection->end[from], &connection->end[to], IP_HEADER + TCP_HEADER + len);
    put_tcp(packet, &connection->end[from], &connection->end[to], connection->seq[from],
            connection->seq[to], flags, len);
    connection->seq[from] += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
    clock_gettime(CLOCK_REALTIME, &now);
    struct pcap_pkthdr header = { .ts = { .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec },
                                  .caplen = (bpf_u_int32)(IP_HEADER + TCP_HEADER + len),
                                  .len = (bpf_u_int32)(IP_HEADER + TCP_HEADER + len) };
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
