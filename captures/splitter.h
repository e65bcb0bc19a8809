/* A capture taken apart while it is being made: a thread reads the stream, and keeps the packets of
 * each connection apart until somebody asks for them. It only sorts; what packets mean is for
 * captures/analysis.h.
 *
 * Connections have keys: numbers that their addresses stand for, given out upwards, 0 for what is
 * nobody's. Each packet belongs to one. One thread reads, one (the caller's) takes. */
#ifndef TLSMATRIX_CAPTURES_SPLITTER_H
#define TLSMATRIX_CAPTURES_SPLITTER_H

#include "captures/packet.h"

/* The packets of one connection, in order. */
struct split_packet {
    size_t offset; /* in bytes[] */
    uint32_t len, original_len;
    uint64_t time_ns;
};
struct split_connection {
    uint32_t key;
    uint16_t link_type;
    uint8_t *bytes;
    size_t bytes_len;
    struct split_packet *packets;
    size_t num_packets;
    bool lost; /* some came when there was no room for them: not all are here */
};

void split_connection_free(struct split_connection *connection); /* NULL is fine */

/* The key that a segment's addresses stand for; 0: not ours. */
typedef uint32_t split_key_fn(const struct segment *segment);

struct splitter;

/* Reads `stream` (any capture), which is then the splitter's to close, also on failure. `name` (not
 * copied) is for messages. */
struct splitter *splitter_start(FILE *stream, const char *name, split_key_fn *key,
                                struct error *err);

/* Becomes readable when a connection has ended, or the stream. */
int splitter_fd(const struct splitter *splitter);
/* Takes that back, before looking. */
void splitter_clear(struct splitter *splitter);

/* Has this connection ended, with both FINs acknowledged or a RST? */
bool splitter_is_over(struct splitter *splitter, uint32_t key);

/* What there is of the connection, over or not: the caller's, NULL if nothing. What comes of it
 * later is thrown away. */
struct split_connection *splitter_take(struct splitter *splitter, uint32_t key);

/* Has the stream ended? Then nothing more will come. */
bool splitter_ended(struct splitter *splitter);

/* Waits for the end of the stream, which the caller has brought about, and frees all. -1 where the
 * stream could not be read to its end. NULL is fine. */
int splitter_finish(struct splitter *splitter, struct error *err);

#endif
