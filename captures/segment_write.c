#include "captures/segment_write.h"

#include "captures/packet.h"

#include <string.h>

enum {
    IP_HEADER = 20,
    TCP_HEADER = 20,
    WINDOW = 65535,
    TTL = 64,
    DONT_FRAGMENT = 0x4000,
};

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
static void put_tcp(uint8_t *ip, const struct segment_head *segment, size_t len)
{
    uint8_t *at = ip + IP_HEADER;
    memset(at, 0, TCP_HEADER);
    put16(at, ntohs(segment->from->sin_port));
    put16(at + 2, ntohs(segment->to->sin_port));
    put32(at + 4, segment->seq);
    put32(at + 8, (segment->flags & TCP_ACK) == 0 ? 0 : segment->ack);
    at[12] = TCP_HEADER / 4 << 4;
    at[13] = segment->flags;
    put16(at + 14, WINDOW);
    uint32_t pseudo = sum16(IPPROTO_TCP + (uint32_t)(TCP_HEADER + len), ip + 12, 8);
    put16(at + 16, checksum(sum16(pseudo, at, TCP_HEADER + len)));
}

void segment_write(uint8_t *packet, const struct segment_head *segment, size_t len)
{
    put_ip(packet, segment->from, segment->to, SEGMENT_HEADERS_LEN + len);
    put_tcp(packet, segment, len);
}
