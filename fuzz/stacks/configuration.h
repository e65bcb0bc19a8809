/* What a script's options mean for both ends, with what each stack makes of it, kept. */
#ifndef TLSMATRIX_FUZZ_STACKS_CONFIGURATION_H
#define TLSMATRIX_FUZZ_STACKS_CONFIGURATION_H

#include "fuzz/stacks/play.h"

/* What the partner does follows from all options, and is made anew where they are others than
 * before; what the victim can do follows from the options byte alone, but for its sessions. */
struct configuration {
    struct endpoint victim_end, partner_end;
    struct stack_context *victim, *partner;
    uint16_t options; /* of the partner */
    bool resumable;   /* the one of the two that is the client has a session */
};

/* The player's own; NULL and *err where a stack cannot be configured so. */
struct configuration *configuration_of(struct player *player, const struct fuzz_stack *victim,
                                       const struct script *script, struct error *err);

#endif
