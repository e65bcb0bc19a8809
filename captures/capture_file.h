/* Any pcap or pcapng, one item at a time: from a file or a pipe, in bounded memory.
 *
 * pcap, in either byte order, in micro- or nanoseconds, goes through libpcap. pcapng is read by our
 * own reader (pcapng_read.c), because libpcap gives neither secrets nor comments, and no more than
 * one link type. Packets are numbered from 1 as Wireshark numbers them. */
#ifndef TLSMATRIX_CAPTURES_CAPTURE_FILE_H
#define TLSMATRIX_CAPTURES_CAPTURE_FILE_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct capture_packet {
    uint64_t number;    /* from 1, over all sections */
    uint64_t time_ns;   /* since 1970; 0 where the format has none (simple packets) */
    uint16_t link_type; /* LINKTYPE_ (tcpdump.org/linktypes.html), see packet.h */
    const uint8_t *data;
    size_t len;          /* captured */
    size_t original_len; /* on the wire; above `len` where the snapshot length cut it */
    const char *comment; /* NULL: none */
};

enum capture_item_kind {
    CAPTURE_PACKET,
    CAPTURE_SECTION,    /* a section begins: `text` is its comment, perhaps empty */
    CAPTURE_SECRETS,    /* `text` is an NSS key log, as it is in the file */
    CAPTURE_STATISTICS, /* of an interface: `dropped` */
};

/* Valid until the next call with the same file. */
struct capture_item {
    enum capture_item_kind kind;
    struct capture_packet packet;
    const char *text; /* NUL-terminated; its own NULs, if it has any, count in text_len */
    size_t text_len;
    uint64_t dropped; /* packets that the recorder lost, as far as it says */
};

struct capture_file;

/* Opens a file; "-" is standard input. NULL with ERROR_USAGE ("FILE: …") where it cannot be read or
 * is no capture; of one that is packed the error says how to unpack it. */
struct capture_file *capture_file_open(const char *path, struct error *err);

/* The same of an open stream, such as a pipe from tcpdump, which is then the capture's to close;
 * also on failure. `name` is for messages. */
struct capture_file *capture_file_from(FILE *stream, const char *name, struct error *err);

/* NULL is allowed. */
void capture_file_close(struct capture_file *file);

/* The next item: 1; the end: 0; a file that is corrupt: -1, the error naming the file, the byte
 * offset of what is wrong and the packet before it. A file that ends within a packet or block ends
 * as if it had ended before it, with a warning; before its first packet that is an error. */
int capture_file_next(struct capture_file *file, struct capture_item *out, struct error *err);

/* What is not as it should be but could be read past, one line ("FILE: byte 123: …"); NULL:
 * nothing.
 */
const char *capture_file_warning(const struct capture_file *file);

#endif
