/* BoringSSL's randomness (wrapped.h). Its crypto module is compiled as one file, inside which
 * `--wrap` reaches nothing; so fuzz/stacks/build makes these symbols of the archive weak, and the
 * linker takes these here. */
#include "fuzz/stacks/wrapped.h"

void RAND_bytes_with_additional_data(uint8_t *out, size_t len, const uint8_t additional[32]);
uint64_t CRYPTO_get_fork_generation(void);

/* All that the library draws comes from here. */
void RAND_bytes_with_additional_data(uint8_t *out, size_t len, const uint8_t additional[32])
{
    (void)additional;
    wrapped_random(out, len);
}

/* What is kept in an RSA key for its blinding is thrown away when this changes. */
uint64_t CRYPTO_get_fork_generation(void)
{
    return wrapped_generation() + 1; /* 0 would mean: cannot be told */
}
