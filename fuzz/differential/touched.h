/* What a script touches, in words that are the same for scripts that do the same kind of thing:
 * part of a disagreement's signature, and what rules ask for. */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_TOUCHED_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_TOUCHED_H

#include "fuzz/stacks/partner.h"
#include "fuzz/stacks/script.h"

enum {
    TOUCHED_MAX = 16, /* words, and extensions; what is beyond is not listed */
    TOUCHED_WORD_LEN = 96,
};

struct touched {
    uint32_t steps; /* 1 << enum step_kind, of those that there are */
    size_t num_steps;
    unsigned times; /* how many records and messages are put in */
    /* Sorted, each once: "edit:client_hello:key_share", "record:handshake.key_update:connected",
     * "wire:length:first", "skip:finished". */
    char words[TOUCHED_MAX][TOUCHED_WORD_LEN];
    size_t num_words;
    uint16_t extensions[TOUCHED_MAX]; /* put in, changed or taken out */
    size_t num_extensions;
};

/* `log`: what the partner says under the script's options when nothing is changed. */
void touched_read(struct touched *out, const struct script *script, const struct partner_log *log);

/* Is there a word that begins so? */
bool touched_has(const struct touched *touched, const char *beginning);

#endif
