#include "fuzz/stacks/mutate_input.h"

size_t mutate_input(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    return mutate_script(&script_mutator, data, len, max, seed);
}

/* libFuzzer's (LLVM's docs, LibFuzzer.html), which finds it by its name. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                                 uint8_t *out, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                                 uint8_t *out, size_t max, unsigned seed)
{
    return cross_scripts(&script_mutator, out, max, a, a_len, b, b_len, seed);
}
