/* What the shared object of a stack, libfuzz-STACK.so, shows of itself: two symbols, and nothing
 * else, so that OpenSSL and BoringSSL, which share all their names, stand in one process.
 *
 *   tls_stack           `const struct tls_stack *const`, the very peer (peers/common/stack.h)
 *   fuzz_stack_control  `const struct fuzz_stack_control`, below
 *
 * Behind tls_stack stand the library and what it is fed with. Its sockets are numbers: descriptors
 * from FUZZ_DESCRIPTOR_MIN on are served by the program's own functions; smaller ones are the
 * kernel's. Whoever loads the object calls everything from one thread. */
#ifndef TLSMATRIX_FUZZ_STACKS_SHARED_OBJECT_H
#define TLSMATRIX_FUZZ_STACKS_SHARED_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FUZZ_DESCRIPTOR_MIN = 1 << 20 }; /* far above what a process may open */

/* As recv(2) and send(2) of a non-blocking socket, errno and all. */
struct fuzz_transport {
    void *context; /* the caller's */
    ssize_t (*receive)(void *context, int descriptor, void *out, size_t len);
    ssize_t (*send)(void *context, int descriptor, const void *data, size_t len);
};

struct fuzz_stack_control {
    bool instrumented; /* built from sources with coverage counters; else the system's library */
    /* What reset() says of randomness holds. Not so where the library is shared. */
    bool determined;

    /* Must be called before the first such descriptor. *transport stays the caller's. */
    void (*set_transport)(const struct fuzz_transport *transport);

    /* From here on the library's randomness is the stream of this seed, from its beginning, and the
     * clock stands at `now` (seconds since 1970). Called right before connection_new(): then the
     * same input gives the same bytes on the wire. Contexts are made before: they draw as well. */
    void (*reset)(uint64_t seed, int64_t now);
};

#endif
