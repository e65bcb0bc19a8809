/* What stands in the place of the functions for sockets, the clock and randomness in an image whose
 * own are replaced (replace.h): a stack's shared object, or, for sockets only, the program, for its
 * own small stack. */
#ifndef TLSMATRIX_FUZZ_STACKS_WRAPPED_H
#define TLSMATRIX_FUZZ_STACKS_WRAPPED_H

#include "fuzz/stacks/shared_object.h"

/* As in struct fuzz_stack_control, for this image. Until the first reset the clock is the real
 * one and the stream that of the seed 0. */
void wrapped_set_transport(const struct fuzz_transport *transport);
void wrapped_reset(uint64_t seed, int64_t now);

/* Of this descriptor; NULL: it is a socket of the kernel's. */
const struct fuzz_transport *wrapped_transport(int descriptor);
/* The seconds at which it stands; false: the real one goes on. */
bool wrapped_clock(int64_t *now);

/* How often wrapped_reset() was called: for libraries that forget state when it changes. */
uint64_t wrapped_generation(void);

/* The next bytes of the stream. */
void wrapped_random(void *out, size_t len);

/* What is drawn between these two comes from a stream of its own, which is never reset: for values
 * that a library keeps from one connection to the next (blinding), which must not move the rest.
 * They do not nest. */
void wrapped_random_aside(void);
void wrapped_random_back(void);

#endif
