/* One TCP segment over IPv4 (RFC 791 section 3.1, RFC 9293 section 3.1), as who may not record
 * writes down what has passed. Pure. */
#ifndef TLSMATRIX_CAPTURES_SEGMENT_WRITE_H
#define TLSMATRIX_CAPTURES_SEGMENT_WRITE_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

enum { SEGMENT_HEADERS_LEN = 20 + 20 }; /* IPv4's and TCP's, without options */

struct segment_head {
    const struct sockaddr_in *from, *to;
    uint32_t seq, ack;
    uint8_t flags; /* TCP_SYN and so on of packet.h; `ack` counts with TCP_ACK only */
};

/* Writes both headers, with their checksums, before the `len` bytes of payload that stand at
 * `packet` + SEGMENT_HEADERS_LEN already; at most 65535 bytes in all. */
void segment_write(uint8_t *packet, const struct segment_head *segment, size_t len);

#endif
