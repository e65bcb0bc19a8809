/* Where nobody may record: a tap between the judged end and what it meets. It hands on every byte,
 * FIN and RST as it comes, and notes them as the packets of one connection, so that what came of it
 * is read out of a capture all the same. When who said what is the ends' own; TCP's segments are
 * the tap's. It never blocks: its owner waits for tap_waits(), then calls tap_step(). */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_TAP_H
#define TLSMATRIX_MATRIX_REPRODUCE_TAP_H

#include "captures/splitter.h"
#include "harness/control/endpoint.h"

#include <poll.h>

struct tap;

enum { TAP_FIRST_LEN = 64 };

struct tap_setting {
    int fds[2];      /* by role of the end at it: connected, non-blocking; the tap's from now on, */
                     /* also when tap_new() fails */
    enum role noted; /* the end whose connection, with its addresses, is the one that is noted */
};

/* NULL only when out of memory. */
struct tap *tap_new(const struct tap_setting *setting, struct error *err);
void tap_free(struct tap *tap); /* NULL is fine; closes what is open */

/* What it waits for now, by role; fd -1: nothing. */
void tap_waits(const struct tap *tap, struct pollfd out[2]);
/* Moves what can be moved. May be called at any time. */
void tap_step(struct tap *tap);
/* What this end said first, as much as it said and is kept of it; lives as long as the tap. */
const uint8_t *tap_first(size_t *len, const struct tap *tap, enum role role);
/* Have both ends closed? */
bool tap_is_over(const struct tap *tap);

/* What was noted so far: the caller's. NULL: out of memory. */
struct split_connection *tap_packets(const struct tap *tap, uint32_t key);

#endif
