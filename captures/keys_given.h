/* A key log that was given beside a capture: which of the capture's connections it has keys of, so
 * that one of another day is not taken for one that shows nothing. */
#ifndef TLSMATRIX_CAPTURES_KEYS_GIVEN_H
#define TLSMATRIX_CAPTURES_KEYS_GIVEN_H

#include "captures/keylog.h"

enum { KEYS_LISTED = 8 /* numbers of connections that are kept for a message */ };

struct keys_given {
    struct keylog *log;       /* owned; NULL: none was given, and nothing is counted */
    uint64_t num_connections; /* of which a ClientHello and more was seen */
    uint64_t num_fitting;
    uint64_t fitting[KEYS_LISTED], others[KEYS_LISTED]; /* the first of each */
};

/* Reads the file a second time beside what the analysis takes of it; `path` NULL: none is given.
 * On success the caller owes keys_given_fini(). */
int keys_given_init(struct keys_given *out, const char *path, struct error *err);
/* What was counted stays. */
void keys_given_fini(struct keys_given *given);

/* Counts one connection. Returns whether there is a secret for its client random. */
bool keys_given_count(struct keys_given *given, uint64_t number,
                      const uint8_t random[KEYLOG_RANDOM_LEN]);

enum { KEYS_GIVEN_TEXT_LEN = 256 };
/* "fits 2 of 30 connections (#1, #7)"; "fits none of the 30 connections". Returns `out`. */
const char *keys_given_text(char out[KEYS_GIVEN_TEXT_LEN], const struct keys_given *given);

#endif
