/* What stands in the place of the socket, clock and randomness functions of an image that is linked
 * with `--wrap` (CMakeLists.txt): a stack's shared object, or the program, for its own small stack.
 */
#ifndef TLSMATRIX_FUZZ_STACKS_WRAPPED_H
#define TLSMATRIX_FUZZ_STACKS_WRAPPED_H

#include "fuzz/stacks/shared_object.h"

/* As in struct fuzz_stack_control, for this image. Until the first reset the clock is the real
 * one and the stream that of the seed 0. */
void wrapped_set_transport(const struct fuzz_transport *transport);
void wrapped_reset(uint64_t seed, int64_t now);

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
