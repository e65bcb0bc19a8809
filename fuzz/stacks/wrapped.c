/* What the wrapped functions of an image share: transport, clock and the stream of randomness. */
#include "fuzz/stacks/wrapped.h"

#include <string.h>

static const struct fuzz_transport *transport;
static bool clock_fixed;
static int64_t clock_now;
static uint64_t generation;
static struct {
    uint64_t state, aside;
    bool is_aside;
} stream;

void wrapped_set_transport(const struct fuzz_transport *new_transport)
{
    transport = new_transport;
}

const struct fuzz_transport *wrapped_transport(int descriptor)
{
    return descriptor >= FUZZ_DESCRIPTOR_MIN ? transport : NULL;
}

void wrapped_reset(uint64_t seed, int64_t now)
{
    stream.state = seed;
    stream.is_aside = false;
    clock_fixed = true;
    clock_now = now;
    generation++;
}

bool wrapped_clock(int64_t *now)
{
    *now = clock_now;
    return clock_fixed;
}

uint64_t wrapped_generation(void)
{
    return generation;
}

/* SplitMix64: every seed gives a whole period, and all that is asked for is that numbers differ. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

void wrapped_random(void *out, size_t len)
{
    uint8_t *to = out;
    while (len > 0) {
        uint64_t number = next_random(stream.is_aside ? &stream.aside : &stream.state);
        size_t part = len < sizeof number ? len : sizeof number;
        memcpy(to, &number, part);
        to += part;
        len -= part;
    }
}

void wrapped_random_aside(void)
{
    stream.is_aside = true;
}

void wrapped_random_back(void)
{
    stream.is_aside = false;
}
