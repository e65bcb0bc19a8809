/* Programs run as a person would run them: their words, their exit code, what they said. */
#ifndef TLSMATRIX_MATRIX_HAND_H
#define TLSMATRIX_MATRIX_HAND_H

#include "harness/process/child.h"

#include <stdbool.h>
#include <stdint.h>

enum { HAND_SAID_MAX = 64 * 1024 }; /* of a program's output; what is more is cut */

struct hand {
    struct child child;
    int channel, output; /* -1: none */
    bool running;
    int exit;   /* once it has ended; 128 + signal as in shells, -1: its time was up */
    char *said; /* standard output and error together; ends in NUL */
    size_t said_len;
};

/* Starts it. `argv` ends in NULL. Everything else below is harmless after a failure. */
int hand_start(struct hand *out, char *const argv[], struct error *err);
/* Reads until what it has said holds `text`, or it ends, or the deadline (monotonic_ms())
 * passes. Does it hold the text now? */
bool hand_hear(struct hand *hand, const char *text, uint64_t deadline_ms);
/* Reads to its end, and reaps it; one that takes longer than the deadline is ended. */
void hand_wait(struct hand *hand, uint64_t deadline_ms);
/* Ends it if it runs, and frees what it said. */
void hand_fini(struct hand *hand);

#endif
