/* From a packet as captured to a TCP segment: link layer, IP, TCP. Pure; reads nothing beyond the
 * captured bytes, whatever their headers say. */
#ifndef TLSMATRIX_CAPTURES_PACKET_H
#define TLSMATRIX_CAPTURES_PACKET_H

#include "captures/capture_file.h"

/* LINKTYPE_ values that are understood (tcpdump.org/linktypes.html). */
enum link_type {
    LINK_NULL = 0,     /* BSD loopback, address family in the recorder's byte order */
    LINK_ETHERNET = 1, /* with VLAN tags, 802.1ad and QinQ */
    LINK_RAW_DLT = 12, /* raw IP, as libpcap numbers it on Linux */
    LINK_RAW_BSD = 14, /* likewise on OpenBSD */
    LINK_RAW = 101,    /* raw IP */
    LINK_LOOP = 108,   /* OpenBSD loopback, address family in network order */
    LINK_LINUX_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_LINUX_SLL2 = 276,
};

/* One end of a connection. IPv4 addresses are kept as IPv4-mapped (RFC 4291 section 2.5.5.2), so
 * that two are equal where their bytes are. */
struct tcp_address {
    uint8_t ip[16];
    uint16_t port;
};

enum { TCP_ADDRESS_TEXT_LEN = 64 };

bool tcp_address_equal(const struct tcp_address *a, const struct tcp_address *b);
bool tcp_address_is_ipv4(const struct tcp_address *address);
/* "127.0.0.1:443", "[::1]:443". Returns `out`. */
const char *tcp_address_format(char out[TCP_ADDRESS_TEXT_LEN], const struct tcp_address *address);

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

/* A segment, or for PACKET_UDP a datagram (ports and payload only). */
struct segment {
    struct tcp_address source;
    struct tcp_address destination;
    uint32_t seq;
    uint32_t ack; /* where flags has TCP_ACK */
    uint8_t flags;
    const uint8_t *payload;
    size_t len;      /* captured */
    size_t wire_len; /* as the IP header has it; above `len` where the snapshot length cut it */
};

enum packet_kind {
    PACKET_TCP,
    PACKET_UDP,      /* may be DTLS or QUIC */
    PACKET_FRAGMENT, /* of an IP datagram: not followed; a TCP stream then has a gap */
    PACKET_OTHER,    /* another protocol */
    PACKET_CUT,      /* the snapshot length cut the headers */
    PACKET_BAD,      /* a header contradicts itself */
    PACKET_UNKNOWN_LINK,
    NUM_PACKET_KINDS
};

/* "TCP", "IP fragment, not followed", … */
const char *packet_kind_text(enum packet_kind kind);

/* *out is written for PACKET_TCP and PACKET_UDP; its payload lies in the packet's data. */
enum packet_kind packet_read(struct segment *out, const struct capture_packet *packet);

#endif
