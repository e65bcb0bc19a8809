/* How a function of libc's is replaced in an image, in one of two ways. By the linker's --wrap: it
 * sends every call of NAME to __wrap_NAME, and of __real_NAME to NAME, all over what is linked in.
 * FUZZ_INTERPOSED, for a shared object whose library is shared itself: it exports NAME, and is
 * searched before libc (load.c, RTLD_DEEPBIND). */
#ifndef TLSMATRIX_FUZZ_STACKS_REPLACE_H
#define TLSMATRIX_FUZZ_STACKS_REPLACE_H

// clang-format off
#ifdef FUZZ_INTERPOSED
#include <dlfcn.h>
#define REPLACED(name) name
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#else
#define REPLACED(name) __wrap_##name
#define REAL(name) __real_##name
#endif
// clang-format on

/* Begins the definition of what is called instead. */
#define REPLACE(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type REPLACED(name)(__VA_ARGS__);                                                              \
    type REPLACED(name)(__VA_ARGS__)

#endif
