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
    unsigned times;         /* how many records and messages are put in */
    unsigned repeats;       /* how often something of a message is there again */
    bool has_good_shares;   /* of an edited ClientHello: key_share is as RFC 8446 section 4.2.8 has
                               it, but that groups may be there twice, or not in supported_groups */
    bool has_broken_shares; /* of an edited ClientHello: the entries of key_share do not fill it */
    /* How many steps are so: */
    size_t num_shifting; /* bytes are put in or taken out ahead of other fields of a message or an
                            extension, which are read at other places then; Finished is one field */
    size_t num_renewing; /* the message is another altogether */
    size_t num_between;  /* some bytes come between messages, so that the next header is another */
    size_t num_clear;    /* TLS 1.3: of records that are not protected */
    size_t num_alerts;   /* an alert record of a length that is neither none nor an alert's */
    size_t num_twice;    /* an extension is there twice */
    /* Sorted, each once: "edit:client_hello:key_share", "record:handshake.key_update:connected",
     * "content:finished", "wire:length:first", "skip:finished". ".open" is behind what is put in
     * while a victim of TLS 1.2 and 1.3 does not know which of them it will be; ".clear" behind
     * ".empty" where TLS 1.3 does not protect the record, later than the first. */
    char words[TOUCHED_MAX][TOUCHED_WORD_LEN];
    size_t num_words;
    uint16_t extensions[TOUCHED_MAX]; /* put in, changed or taken out */
    size_t num_extensions;
};

/* `log`: what the partner says under the script's options when nothing is changed. */
void touched_read(struct touched *out, const struct script *script, const struct partner_log *log);

/* Is there a word that begins so? */
bool touched_has(const struct touched *touched, const char *beginning);
/* Is there one, and does every one? */
bool touched_only(const struct touched *touched, const char *beginning);

#endif
