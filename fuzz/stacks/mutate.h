/* The mutator: changes scripts as scripts, with knowledge of the messages that they change. */
#ifndef TLSMATRIX_FUZZ_STACKS_MUTATE_H
#define TLSMATRIX_FUZZ_STACKS_MUTATE_H

#include "fuzz/stacks/partner.h"
#include "fuzz/stacks/script.h"

struct mutator {
    /* What the partner says of itself under the script's options; NULL: unknown, and steps are made
     * without that knowledge. Stays the source's. */
    const struct partner_log *(*log_of)(void *context, const struct script *script);
    void *context;
    /* libFuzzer's own mutations. */
    size_t (*mutate_bytes)(uint8_t *data, size_t len, size_t max);
    enum role victim; /* of all scripts that come out */
};

/* Changes a script in place; returns its new length, at most `max`. */
size_t mutate_script(const struct mutator *mutator, uint8_t *data, size_t len, size_t max,
                     unsigned seed);

/* Puts together a script of two: the options of one, and steps of both. */
size_t cross_scripts(const struct mutator *mutator, uint8_t *out, size_t max, const uint8_t *a,
                     size_t a_len, const uint8_t *b, size_t b_len, unsigned seed);

#endif
