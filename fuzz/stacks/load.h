/* Loads the shared objects of the stacks (shared_object.h). */
#ifndef TLSMATRIX_FUZZ_STACKS_LOAD_H
#define TLSMATRIX_FUZZ_STACKS_LOAD_H

#include "fuzz/stacks/shared_object.h"
#include "peers/common/stack.h"

struct fuzz_stack {
    const char *name;
    const struct tls_stack *stack;
    const struct fuzz_stack_control *control;
    struct capabilities capabilities; /* with the library's name and version */
};

/* Loads libfuzz-NAME.so from the folder that the environment's TLSMATRIX_FUZZ_STACKS names, else
 * from that of the program. It is never unloaded. -1: ERROR_USAGE where it is not there, else
 * ERROR_HARNESS. `name` outlives *out. */
int fuzz_stack_load(struct fuzz_stack *out, const char *name, struct error *err);

#endif
