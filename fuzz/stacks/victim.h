/* The stack under test: the one in a shared object (load.h), or peers/careless, which is linked in
 * and is what the ordinary build's tests have at hand. */
#ifndef TLSMATRIX_FUZZ_STACKS_VICTIM_H
#define TLSMATRIX_FUZZ_STACKS_VICTIM_H

#include "fuzz/stacks/load.h"

/* `name`: of a stack, as for fuzz_stack_load(), or "careless", whose `control` is NULL. The stack
 * takes its memory transport from pipes.h. */
int victim_open(struct fuzz_stack *out, const char *name, struct error *err);

/* Begins its randomness and clock anew. */
void victim_reset(const struct fuzz_stack *victim);

#endif
