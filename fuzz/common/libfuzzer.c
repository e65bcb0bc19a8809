/* A target under libFuzzer: its entry points (LLVM's docs, LibFuzzer.html), handed on to the
 * target. */
#include "fuzz/common/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (fuzz_target.init != NULL)
        fuzz_target.init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_run_watched(data, len);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    if (fuzz_target.mutate == NULL)
        return LLVMFuzzerMutate(data, len, max);
    return fuzz_target.mutate(data, len, max, seed);
}

size_t fuzz_mutate_bytes(uint8_t *data, size_t len, size_t max)
{
    return LLVMFuzzerMutate(data, len, max);
}
