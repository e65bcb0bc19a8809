/* A growable, bounded buffer that bytes in network order are written to, with length-prefixed
 * blocks. Errors stick: once something did not fit, every later write does nothing and `failed`
 * says so, so that a message is built without a check on each line. */
#ifndef TLSMATRIX_HARNESS_WIRE_WRITER_H
#define TLSMATRIX_HARNESS_WIRE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
    uint8_t *data; /* owned */
    size_t len;
    size_t room; /* allocated */
    size_t max;  /* never longer than this */
    bool failed; /* the bound was reached, memory ran out, or a block was too long for its prefix */
};

void writer_init(struct writer *writer, size_t max);
void writer_fini(struct writer *writer);

/* Empties it and forgets the failure; keeps the memory. */
void writer_clear(struct writer *writer);

void writer_u8(struct writer *writer, uint8_t value);
void writer_u16(struct writer *writer, uint16_t value);
void writer_u24(struct writer *writer, uint32_t value);
void writer_bytes(struct writer *writer, const void *bytes, size_t len);

/* Begins a block with a length prefix of `prefix_len` bytes (1 to 3), which writer_close() fills
 * in. Blocks nest; returns the mark that close wants. */
size_t writer_open(struct writer *writer, size_t prefix_len);
void writer_close(struct writer *writer, size_t mark, size_t prefix_len);

/* Takes out `len` bytes at `at`, as far as they are there. */
void writer_remove(struct writer *writer, size_t at, size_t len);

#endif
