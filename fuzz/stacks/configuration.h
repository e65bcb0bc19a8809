/* What a script's options mean for both ends, with what each stack makes of it, kept. */
#ifndef TLSMATRIX_FUZZ_STACKS_CONFIGURATION_H
#define TLSMATRIX_FUZZ_STACKS_CONFIGURATION_H

#include "fuzz/stacks/play.h"

struct configuration {
    struct endpoint victim_end, partner_end;
    struct stack_context *victim, *partner;
};

/* The player's own; NULL and *err where a stack cannot be configured so. */
struct configuration *configuration_of(struct player *player, const struct fuzz_stack *victim,
                                       const struct script *script, struct error *err);

#endif
