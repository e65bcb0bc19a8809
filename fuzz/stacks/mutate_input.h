/* A target whose inputs are scripts: its mutations, for libFuzzer. */
#ifndef TLSMATRIX_FUZZ_STACKS_MUTATE_INPUT_H
#define TLSMATRIX_FUZZ_STACKS_MUTATE_INPUT_H

#include "fuzz/stacks/mutate.h"

/* The target's own: whose messages are changed. */
extern const struct mutator script_mutator;

/* For `mutate` of struct fuzz_target. Crossing two inputs libFuzzer finds by itself. */
size_t mutate_input(uint8_t *data, size_t len, size_t max, unsigned seed);

#endif
