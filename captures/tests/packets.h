/* Packets and captures made by hand, for the tests. */
#ifndef TLSMATRIX_CAPTURES_TESTS_PACKETS_H
#define TLSMATRIX_CAPTURES_TESTS_PACKETS_H

#include "captures/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A growing run of bytes; the tests' sizes fit. */
struct bytes {
    uint8_t data[64 * 1024];
    size_t len;
};

static inline void add(struct bytes *out, const void *data, size_t len)
{
    assert_true(out->len + len <= sizeof out->data);
    if (len > 0)
        memcpy(out->data + out->len, data, len);
    out->len += len;
}

static inline void add8(struct bytes *out, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    add(out, &byte, 1);
}

/* Network order. */
static inline void add16(struct bytes *out, unsigned value)
{
    add8(out, value >> 8);
    add8(out, value);
}

static inline void add32(struct bytes *out, uint32_t value)
{
    add16(out, value >> 16);
    add16(out, value & 0xFFFF);
}

enum { CLIENT_PORT = 40000, SERVER_PORT = 443 };

struct tcp {
    bool from_server;
    uint32_t seq, ack;
    uint8_t flags;
    uint8_t options_len; /* a multiple of four */
    const char *payload;
    size_t payload_len; /* 0: strlen(payload) */
};

static inline size_t payload_len(const struct tcp *tcp)
{
    return tcp->payload_len > 0 || tcp->payload == NULL ? tcp->payload_len : strlen(tcp->payload);
}

static inline void add_tcp(struct bytes *out, const struct tcp *tcp)
{
    add16(out, tcp->from_server ? SERVER_PORT : CLIENT_PORT);
    add16(out, tcp->from_server ? CLIENT_PORT : SERVER_PORT);
    add32(out, tcp->seq);
    add32(out, tcp->ack);
    add8(out, (5 + tcp->options_len / 4u) << 4);
    add8(out, tcp->flags);
    add16(out, 1000);
    add32(out, 0);
    for (int i = 0; i < tcp->options_len; i++)
        add8(out, 1);
    add(out, tcp->payload, payload_len(tcp));
}

static inline void add_ipv4(struct bytes *out, const struct tcp *tcp, unsigned fragment,
                            unsigned options_len)
{
    static const uint8_t addresses[] = { 10, 0, 0, 1, 10, 0, 0, 2 };
    size_t total = 20 + options_len + 20 + tcp->options_len + payload_len(tcp);
    add8(out, 0x40 | (5 + options_len / 4));
    add8(out, 0);
    add16(out, (unsigned)total);
    add16(out, 0);
    add16(out, fragment);
    add8(out, 64);
    add8(out, 6);
    add16(out, 0);
    add(out, addresses + (tcp->from_server ? 4 : 0), 4);
    add(out, addresses + (tcp->from_server ? 0 : 4), 4);
    for (unsigned i = 0; i < options_len; i++)
        add8(out, 1);
    add_tcp(out, tcp);
}

static inline struct capture_packet packet_of(const struct bytes *bytes, uint16_t link_type)
{
    return (struct capture_packet){ .number = 1,
                                    .link_type = link_type,
                                    .data = bytes->data,
                                    .len = bytes->len,
                                    .original_len = bytes->len };
}

#endif
