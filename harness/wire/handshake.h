/* Handshake messages put together from the fragments that records carry (RFC 8446 section 5.1):
 * several to a record, or one over several. */
#ifndef TLSMATRIX_HARNESS_WIRE_HANDSHAKE_H
#define TLSMATRIX_HARNESS_WIRE_HANDSHAKE_H

#include "harness/wire/writer.h"

enum {
    HANDSHAKE_HEADER_LEN = 4,
    HANDSHAKE_BODY_MAX = 256 * 1024, /* beyond every chain of certificates that a stack takes; the
                                        length field could announce 16 MiB */
};

struct handshake_message {
    uint8_t type;
    const uint8_t *body; /* behind the header; until the next call with this assembler */
    size_t len;
};

struct assembler {
    struct writer pending;
    size_t at;
};

void assembler_init(struct assembler *assembler);
void assembler_fini(struct assembler *assembler);

/* Takes the fragment of one handshake record. 0, or -1 if more is waiting than a message may have.
 */
int assembler_feed(struct assembler *assembler, const void *fragment, size_t len);

/* The next complete message: 1; none is complete: 0; one that is longer than HANDSHAKE_BODY_MAX is
 * announced: -1. */
int assembler_next(struct assembler *assembler, struct handshake_message *out);

/* Is no message begun and not complete? */
bool assembler_at_boundary(const struct assembler *assembler);

/* Writes a message with its header. */
void handshake_write(struct writer *out, uint8_t type, const void *body, size_t len);

#endif
