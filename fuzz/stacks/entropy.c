/* The deprecated RAND_METHOD is the one way in which libcrypto takes all of its random bytes from
 * its caller, keys and nonces included. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "fuzz/stacks/entropy.h"

#include "fuzz/stacks/wrapped.h"

#include <openssl/rand.h>

enum {
    LONG_DRAW = 100, /* above every nonce, share and salt, below half an RSA modulus */
    /* Around a premaster secret of 48 bytes in RSA with 2048 bits (RFC 8017 section 7.2.1). */
    PREMASTER_PADDING = 256 - 3 - 48,
};

static uint64_t aside;

/* A linear congruential generator (Knuth's MMIX): primes are found in it, more is not wanted. */
static void draw_aside(unsigned char *out, int len)
{
    for (int i = 0; i < len; i++) {
        aside = aside * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[i] = (unsigned char)(aside >> 56);
    }
}

static int draw(unsigned char *out, int len)
{
    if (len >= LONG_DRAW && len != PREMASTER_PADDING)
        draw_aside(out, len);
    else if (len > 0)
        wrapped_random(out, (size_t)len);
    return 1;
}

static int is_ready(void)
{
    return 1;
}

void entropy_install(void)
{
    static const RAND_METHOD method = { .bytes = draw, .pseudorand = draw, .status = is_ready };
    aside = 1;
    RAND_set_rand_method(&method);
}
