/* Sockets, clock and randomness of the image that this is linked into (wrapped.h), in one of two
 * ways. By the linker: it sends every call of NAME to __wrap_NAME, and of __real_NAME to NAME, all
 * over what is linked in. FUZZ_INTERPOSED, for a shared object whose library is shared itself: it
 * exports NAME, and is searched before libc (load.c, RTLD_DEEPBIND). */
#include "fuzz/stacks/wrapped.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

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

void wrapped_reset(uint64_t seed, int64_t now)
{
    stream.state = seed;
    stream.is_aside = false;
    clock_fixed = true;
    clock_now = now;
    generation++;
}

uint64_t wrapped_generation(void)
{
    return generation;
}

/* ---- randomness ---- */

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

/* ---- sockets and clock ---- */

#ifdef FUZZ_INTERPOSED
#include <dlfcn.h>
#define REPLACED(name) name
#define REAL(name)     ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#else
#define REPLACED(name) __wrap_##name
#define REAL(name)     __real_##name
#endif
/* What it is called here, and the declaration of what the linker calls the real one. */
#define REPLACE(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type REPLACED(name)(__VA_ARGS__);                                                              \
    type REPLACED(name)(__VA_ARGS__)

static bool is_memory(int descriptor)
{
    return descriptor >= FUZZ_DESCRIPTOR_MIN && transport != NULL;
}

REPLACE(ssize_t, read, int descriptor, void *out, size_t len)
{
    return is_memory(descriptor) ? transport->receive(transport->context, descriptor, out, len)
                                 : REAL(read)(descriptor, out, len);
}

REPLACE(ssize_t, write, int descriptor, const void *data, size_t len)
{
    return is_memory(descriptor) ? transport->send(transport->context, descriptor, data, len)
                                 : REAL(write)(descriptor, data, len);
}

REPLACE(ssize_t, recv, int descriptor, void *out, size_t len, int flags)
{
    return is_memory(descriptor) ? transport->receive(transport->context, descriptor, out, len)
                                 : REAL(recv)(descriptor, out, len, flags);
}

REPLACE(ssize_t, send, int descriptor, const void *data, size_t len, int flags)
{
    return is_memory(descriptor) ? transport->send(transport->context, descriptor, data, len)
                                 : REAL(send)(descriptor, data, len, flags);
}

static ssize_t send_parts(int descriptor, const struct msghdr *message)
{
    ssize_t total = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        ssize_t sent =
            transport->send(transport->context, descriptor, part->iov_base, part->iov_len);
        if (sent < 0)
            return total > 0 ? total : -1;
        total += sent;
        if ((size_t)sent < part->iov_len)
            break;
    }
    return total;
}

REPLACE(ssize_t, sendmsg, int descriptor, const struct msghdr *message, int flags)
{
    return is_memory(descriptor) ? send_parts(descriptor, message)
                                 : REAL(sendmsg)(descriptor, message, flags);
}

REPLACE(time_t, time, time_t *out)
{
    if (!clock_fixed)
        return REAL(time)(out);
    if (out != NULL)
        *out = (time_t)clock_now;
    return (time_t)clock_now;
}

REPLACE(int, gettimeofday, struct timeval *restrict out, void *restrict zone)
{
    if (!clock_fixed)
        return REAL(gettimeofday)(out, zone);
    *out = (struct timeval){ .tv_sec = (time_t)clock_now };
    return 0;
}

REPLACE(int, clock_gettime, clockid_t clock, struct timespec *out)
{
    if (!clock_fixed)
        return REAL(clock_gettime)(clock, out);
    *out = (struct timespec){ .tv_sec = (time_t)clock_now };
    return 0;
}
