#include "captures/packet.h"

#include "harness/wire/reader.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* EtherType numbers (IANA "IEEE 802 Numbers"). */
enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86DD,
    ETHERTYPE_VLAN = 0x8100,     /* 802.1Q */
    ETHERTYPE_PROVIDER = 0x88A8, /* 802.1ad */
    ETHERTYPE_OLD_QINQ = 0x9100,
    ETHERTYPE_OLD_QINQ2 = 0x9200,
    ETHERTYPE_PPPOE = 0x8864,
};
/* IANA "Assigned Internet Protocol Numbers". */
enum {
    IP_HOP_BY_HOP = 0,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_AUTHENTICATION = 51,
    IP_DESTINATION = 60,
    IP_MOBILITY = 135,
    IP_HIP = 139,
    IP_SHIM6 = 140,
};
enum {
    VLAN_TAGS_MAX = 8,     /* two are common; a chain of them must end */
    IPV6_HEADERS_MAX = 16, /* likewise */
    IPV4_HEADER_MIN = 20,
    IPV6_HEADER_LEN = 40,
    TCP_HEADER_MIN = 20,
    UDP_HEADER_LEN = 8,
};

static const char *const kind_texts[] = {
    [PACKET_TCP] = "TCP",
    [PACKET_UDP] = "UDP",
    [PACKET_FRAGMENT] = "IP fragment, not followed",
    [PACKET_OTHER] = "another protocol",
    [PACKET_CUT] = "headers cut by the snapshot length",
    [PACKET_BAD] = "headers that contradict themselves",
    [PACKET_UNKNOWN_LINK] = "unknown link type",
};

const char *packet_kind_text(enum packet_kind kind)
{
    return kind_texts[kind];
}

/* What is left of a packet: captured, and on the wire. */
struct layer {
    struct reader captured;
    size_t wire_len; /* never below captured.len */
};

static struct layer layer_of(const uint8_t *data, size_t len, size_t wire_len)
{
    return (struct layer){ reader_of(data, len), wire_len < len ? len : wire_len };
}

/* Takes a header of `len` bytes. NULL: it was not captured whole. */
static const uint8_t *take(struct layer *layer, size_t len)
{
    const uint8_t *at = reader_bytes(&layer->captured, len);
    if (at != NULL)
        layer->wire_len -= len;
    return at;
}

/* What is beyond `len` is padding of the link layer. */
static void limit(struct layer *layer, size_t len)
{
    if (len < layer->wire_len)
        layer->wire_len = len;
    if (len < layer->captured.len)
        layer->captured.len = len;
}

static uint16_t u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)u16(at) << 16 | u16(at + 2);
}

/* ---- transport ---- */

static enum packet_kind too_short(const struct layer *layer, size_t len)
{
    return layer->wire_len < len ? PACKET_BAD : PACKET_CUT;
}

static void take_payload(struct segment *out, const struct layer *layer)
{
    out->payload = layer->captured.data;
    out->len = layer->captured.len;
    out->wire_len = layer->wire_len;
}

static enum packet_kind read_tcp(struct segment *out, struct layer *layer)
{
    const uint8_t *header = take(layer, TCP_HEADER_MIN);
    if (header == NULL)
        return too_short(layer, TCP_HEADER_MIN);
    size_t header_len = (size_t)(header[12] >> 4) * 4;
    if (header_len < TCP_HEADER_MIN || header_len - TCP_HEADER_MIN > layer->wire_len)
        return PACKET_BAD;
    out->source.port = u16(header);
    out->destination.port = u16(header + 2);
    out->seq = u32(header + 4);
    out->ack = u32(header + 8);
    out->flags = header[13];
    /* Options may be cut; then so is all of the payload, whose length is known all the same. */
    size_t options_len = header_len - TCP_HEADER_MIN;
    if (take(layer, options_len) == NULL && options_len > 0)
        layer->wire_len -= options_len;
    take_payload(out, layer);
    return PACKET_TCP;
}

static enum packet_kind read_udp(struct segment *out, struct layer *layer)
{
    const uint8_t *header = take(layer, UDP_HEADER_LEN);
    if (header == NULL)
        return too_short(layer, UDP_HEADER_LEN);
    out->source.port = u16(header);
    out->destination.port = u16(header + 2);
    take_payload(out, layer);
    return PACKET_UDP;
}

static enum packet_kind read_transport(struct segment *out, struct layer *layer, uint8_t protocol)
{
    switch (protocol) {
    case IP_TCP:
        return read_tcp(out, layer);
    case IP_UDP:
        return read_udp(out, layer);
    default:
        return PACKET_OTHER;
    }
}

/* ---- IP ---- */

static void map_ipv4(struct tcp_address *out, const uint8_t *address)
{
    static const uint8_t prefix[12] = { [10] = 0xFF, [11] = 0xFF };
    memcpy(out->ip, prefix, sizeof prefix);
    memcpy(out->ip + sizeof prefix, address, 4);
}

static enum packet_kind read_ipv4(struct segment *out, struct layer *layer)
{
    const uint8_t *header = take(layer, IPV4_HEADER_MIN);
    if (header == NULL)
        return too_short(layer, IPV4_HEADER_MIN);
    size_t header_len = (size_t)(header[0] & 15) * 4;
    size_t total_len = u16(header + 2);
    if (header[0] >> 4 != 4 || header_len < IPV4_HEADER_MIN)
        return PACKET_BAD;
    /* 0: the network card was to cut it up (segmentation offload), and the link layer knows. */
    if (total_len == 0)
        total_len = layer->wire_len + IPV4_HEADER_MIN;
    if (total_len < header_len)
        return PACKET_BAD;
    limit(layer, total_len - IPV4_HEADER_MIN);
    if (take(layer, header_len - IPV4_HEADER_MIN) == NULL && header_len > IPV4_HEADER_MIN)
        return too_short(layer, header_len - IPV4_HEADER_MIN);
    if ((u16(header + 6) & 0x3FFF) != 0) /* more fragments, or an offset */
        return PACKET_FRAGMENT;
    map_ipv4(&out->source, header + 12);
    map_ipv4(&out->destination, header + 16);
    return read_transport(out, layer, header[9]);
}

static bool is_ipv6_extension(uint8_t protocol)
{
    return protocol == IP_HOP_BY_HOP || protocol == IP_ROUTING || protocol == IP_AUTHENTICATION ||
           protocol == IP_DESTINATION || protocol == IP_MOBILITY || protocol == IP_HIP ||
           protocol == IP_SHIM6;
}

/* Passes over the extension headers (RFC 8200 section 4). A fragment header of a datagram that is
 * whole ("atomic", RFC 6946) is one more of them. */
static enum packet_kind read_ipv6_extensions(struct segment *out, struct layer *layer,
                                             uint8_t protocol)
{
    for (int i = 0; i < IPV6_HEADERS_MAX; i++) {
        bool fragment = protocol == IP_FRAGMENT;
        if (!fragment && !is_ipv6_extension(protocol))
            return read_transport(out, layer, protocol);
        const uint8_t *header = take(layer, 8); /* the least that any has */
        if (header == NULL)
            return too_short(layer, 8);
        if (fragment && (u16(header + 2) & 0xFFF9) != 0)
            return PACKET_FRAGMENT;
        size_t more = fragment                        ? 0
                      : protocol == IP_AUTHENTICATION ? ((size_t)header[1] + 2) * 4 - 8
                                                      : (size_t)header[1] * 8;
        protocol = header[0];
        if (more > 0 && take(layer, more) == NULL)
            return too_short(layer, more);
    }
    return PACKET_BAD;
}

static enum packet_kind read_ipv6(struct segment *out, struct layer *layer)
{
    const uint8_t *header = take(layer, IPV6_HEADER_LEN);
    if (header == NULL)
        return too_short(layer, IPV6_HEADER_LEN);
    if (header[0] >> 4 != 6)
        return PACKET_BAD;
    size_t payload_len = u16(header + 4);
    if (payload_len > 0) /* 0: a jumbogram, or segmentation offload */
        limit(layer, payload_len);
    memcpy(out->source.ip, header + 8, sizeof out->source.ip);
    memcpy(out->destination.ip, header + 24, sizeof out->destination.ip);
    return read_ipv6_extensions(out, layer, header[6]);
}

static enum packet_kind read_ip(struct segment *out, struct layer *layer)
{
    if (layer->captured.len == 0)
        return too_short(layer, 1);
    switch (layer->captured.data[0] >> 4) {
    case 4:
        return read_ipv4(out, layer);
    case 6:
        return read_ipv6(out, layer);
    default:
        return PACKET_OTHER;
    }
}

/* ---- link layers ---- */

static bool is_tag(uint16_t type)
{
    return type == ETHERTYPE_VLAN || type == ETHERTYPE_PROVIDER || type == ETHERTYPE_OLD_QINQ ||
           type == ETHERTYPE_OLD_QINQ2;
}

static enum packet_kind read_ethertype(struct segment *out, struct layer *layer, uint16_t type)
{
    for (int i = 0; is_tag(type) && i < VLAN_TAGS_MAX; i++) {
        const uint8_t *tag = take(layer, 4);
        if (tag == NULL)
            return too_short(layer, 4);
        type = u16(tag + 2);
    }
    if (type == ETHERTYPE_PPPOE) {
        const uint8_t *header = take(layer, 8); /* PPPoE and the PPP protocol (RFC 2516) */
        if (header == NULL)
            return too_short(layer, 8);
        return read_ip(out, layer);
    }
    if (type == ETHERTYPE_IPV4)
        return read_ipv4(out, layer);
    if (type == ETHERTYPE_IPV6)
        return read_ipv6(out, layer);
    return PACKET_OTHER;
}

/* A header whose EtherType stands at `type_at`. */
static enum packet_kind read_typed(struct segment *out, struct layer *layer, size_t header_len,
                                   size_t type_at)
{
    const uint8_t *header = take(layer, header_len);
    if (header == NULL)
        return too_short(layer, header_len);
    return read_ethertype(out, layer, u16(header + type_at));
}

static enum packet_kind read_ethernet(struct segment *out, struct layer *layer)
{
    return read_typed(out, layer, 14, 12);
}

static enum packet_kind read_sll(struct segment *out, struct layer *layer)
{
    return read_typed(out, layer, 16, 14);
}

static enum packet_kind read_sll2(struct segment *out, struct layer *layer)
{
    return read_typed(out, layer, 20, 0);
}

/* The address family before the packet differs between systems; the IP header's version does not.
 */
static enum packet_kind read_loopback(struct segment *out, struct layer *layer)
{
    return take(layer, 4) == NULL ? too_short(layer, 4) : read_ip(out, layer);
}

static const struct link {
    uint16_t type;
    enum packet_kind (*read)(struct segment *out, struct layer *layer);
} links[] = {
    { LINK_NULL, read_loopback }, { LINK_ETHERNET, read_ethernet },
    { LINK_RAW_DLT, read_ip },    { LINK_RAW_BSD, read_ip },
    { LINK_RAW, read_ip },        { LINK_LOOP, read_loopback },
    { LINK_LINUX_SLL, read_sll }, { LINK_IPV4, read_ipv4 },
    { LINK_IPV6, read_ipv6 },     { LINK_LINUX_SLL2, read_sll2 },
};

enum packet_kind packet_read(struct segment *out, const struct capture_packet *packet)
{
    struct layer layer = layer_of(packet->data, packet->len, packet->original_len);
    *out = (struct segment){ .seq = 0 };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].type == packet->link_type)
            return links[i].read(out, &layer);
    return PACKET_UNKNOWN_LINK;
}

/* ---- addresses ---- */

bool tcp_address_equal(const struct tcp_address *a, const struct tcp_address *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool tcp_address_is_ipv4(const struct tcp_address *address)
{
    struct in6_addr ip;
    memcpy(&ip, address->ip, sizeof ip);
    return IN6_IS_ADDR_V4MAPPED(&ip);
}

const char *tcp_address_format(char out[TCP_ADDRESS_TEXT_LEN], const struct tcp_address *address)
{
    char ip[INET6_ADDRSTRLEN];
    if (tcp_address_is_ipv4(address)) {
        inet_ntop(AF_INET, address->ip + 12, ip, sizeof ip);
        snprintf(out, TCP_ADDRESS_TEXT_LEN, "%s:%u", ip, address->port);
    } else {
        inet_ntop(AF_INET6, address->ip, ip, sizeof ip);
        snprintf(out, TCP_ADDRESS_TEXT_LEN, "[%s]:%u", ip, address->port);
    }
    return out;
}
