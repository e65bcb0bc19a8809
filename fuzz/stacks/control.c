/* The second symbol of a stack's shared object (shared_object.h). */
#include "fuzz/stacks/wrapped.h"

extern const struct fuzz_stack_control fuzz_stack_control;
const struct fuzz_stack_control fuzz_stack_control = {
    .instrumented = FUZZ_INSTRUMENTED,
#ifdef FUZZ_INTERPOSED
    .determined = false,
#else
    .determined = true,
#endif
    .set_transport = wrapped_set_transport,
    .reset = wrapped_reset,
};
