/* Secrets of TLS connections by client random: the key log format of NSS
 * (draft-ietf-tls-keylogfile), as files, as secrets blocks and as peers report them. */
#ifndef TLSMATRIX_CAPTURES_KEYLOG_H
#define TLSMATRIX_CAPTURES_KEYLOG_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum secret_label {
    SECRET_MASTER, /* CLIENT_RANDOM: the master secret of TLS 1.2 and before */
    SECRET_CLIENT_EARLY,
    SECRET_CLIENT_HANDSHAKE,
    SECRET_SERVER_HANDSHAKE,
    SECRET_CLIENT_TRAFFIC,
    SECRET_SERVER_TRAFFIC,
    SECRET_EXPORTER,
    SECRET_EARLY_EXPORTER,
    NUM_SECRET_LABELS
};

enum { KEYLOG_RANDOM_LEN = 32, KEYLOG_SECRET_MAX = 64 };

/* "CLIENT_RANDOM", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", … */
const char *secret_label_name(enum secret_label label);

struct secret {
    uint8_t bytes[KEYLOG_SECRET_MAX];
    uint8_t len;
};

struct keylog;

/* Empty. NULL: out of memory. */
struct keylog *keylog_new(void);
void keylog_free(struct keylog *keylog);

/* Adds the lines of a text. Lines that are no secret of TLS, comments, and lines that are malformed
 * are passed over, as the format wants it; of several secrets for the same label and random the
 * first counts. Returns how many lines held a secret; -1 where memory or KEYLOG_ENTRIES_MAX ends
 * it.
 */
int64_t keylog_add(struct keylog *keylog, const char *text, size_t len, struct error *err);

/* Adds a file; one without a single secret is ERROR_USAGE ("FILE: …"). */
int keylog_read(struct keylog *keylog, const char *path, struct error *err);

/* NULL: there is none. NULL for `keylog` is an empty one. */
const struct secret *keylog_find(const struct keylog *keylog, enum secret_label label,
                                 const uint8_t random[KEYLOG_RANDOM_LEN]);

size_t keylog_count(const struct keylog *keylog);

#endif
