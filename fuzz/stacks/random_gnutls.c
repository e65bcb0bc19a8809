/* GnuTLS's randomness (wrapped.h): its one function, which it also gives to nettle. */
#include "fuzz/stacks/wrapped.h"

int __wrap_gnutls_rnd(int level, void *out, size_t len);

int __wrap_gnutls_rnd(int level, void *out, size_t len)
{
    (void)level;
    wrapped_random(out, len);
    return 0;
}
