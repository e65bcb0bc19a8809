/* A bounded cursor over bytes in network order. Errors stick: once something was not there, every
 * later read gives 0 or nothing and `failed` says so, so that a message is read without a check on
 * each line and judged at its end. Never reads beyond its bytes, whatever they say. */
#ifndef TLSMATRIX_HARNESS_WIRE_READER_H
#define TLSMATRIX_HARNESS_WIRE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
    const uint8_t *data; /* what is left; not owned */
    size_t len;
    bool failed;
};

struct reader reader_of(const void *data, size_t len);

uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u24(struct reader *reader);

/* The next `len` bytes; NULL if they are not all there. */
const uint8_t *reader_bytes(struct reader *reader, size_t len);

/* What a length prefix of `prefix_len` bytes (1 to 3) announces; empty and failed if it is not all
 * there. */
struct reader reader_block(struct reader *reader, size_t prefix_len);

/* Was everything there, and is nothing left? */
bool reader_done(const struct reader *reader);

#endif
