/* What the commands that read a capture have in common: which connection is wanted, and what is
 * said of the keys that were given. */
#ifndef TLSMATRIX_MATRIX_COMMAND_CAPTURE_H
#define TLSMATRIX_MATRIX_COMMAND_CAPTURE_H

#include "captures/keys_given.h"
#include "harness/options.h"

#include <jansson.h>

/* --connection. */
struct wanted {
    bool one;        /* else all */
    uint64_t number; /* any: 0 is refused when it is known how many there are */
    bool keys_fit;   /* for whoever tells the one: it is what the given keys are of */
};

int wanted_read(struct wanted *out, const struct parsed_options *options, struct error *err);
bool wanted_has(const struct wanted *wanted, uint64_t number);

/* ERROR_USAGE: the capture has not the one that is wanted. */
int wanted_missing(const struct wanted *wanted, const char *path, uint64_t num_connections,
                   struct error *err);

/* Says on standard error that the keys fit nothing, or not the connection that is wanted. */
void note_useless_keys(const struct keys_given *given, const char *keys,
                       const struct wanted *wanted);

/* null where `keys` is NULL. The caller owns it. */
json_t *keys_given_to_json(const struct keys_given *given, const char *keys);

/* "s", but for one. */
const char *plural(uint64_t num);

#endif
