/* Random bytes that are none: the system's libcrypto, which the partner stands on, gives the same
 * bytes for the same input. For programs of fuzz/ only. */
#ifndef TLSMATRIX_FUZZ_STACKS_ENTROPY_H
#define TLSMATRIX_FUZZ_STACKS_ENTROPY_H

/* From here on libcrypto's random bytes are those of wrapped_random() (wrapped.h), whose stream
 * wrapped_reset() begins anew. Long draws are not: that is RSA's blinding, which a key keeps from
 * one use to the next, and which would move all that follows. They come from a stream that only
 * this call begins. */
void entropy_install(void);

#endif
