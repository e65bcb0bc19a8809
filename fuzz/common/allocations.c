#include "fuzz/common/allocations.h"

#include "fuzz/common/fuzz.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

/* The watched thread's: a driver runs one input at a time, in the thread that watches. */
static _Thread_local struct {
    bool on;
    long long live; /* since the watch began; what was there before and is freed counts below 0 */
    long long peak;
    long long max;
} watch;

void allocations_watch(size_t max)
{
    watch.live = 0;
    watch.peak = 0;
    watch.max = (long long)max;
    watch.on = true;
}

size_t allocations_unwatch(void)
{
    watch.on = false;
    return (size_t)watch.peak;
}

static void taken(size_t len)
{
    if (!watch.on)
        return;
    watch.live += (long long)len;
    if (watch.live <= watch.peak)
        return;
    watch.peak = watch.live;
    if (watch.live <= watch.max)
        return;
    watch.on = false; /* what the report allocates is not the input's */
    fprintf(stderr, "%lld bytes of heap are in use, %zu of them by this allocation; %lld allowed\n",
            watch.live, len, watch.max);
    FUZZ_ASSERT(!"memory stays below what the target states");
}

static void given_back(size_t len)
{
    if (watch.on)
        watch.live -= (long long)len;
}

#ifdef UNDER_ASAN

size_t __sanitizer_get_allocated_size(const volatile void *at);
void __sanitizer_malloc_hook(const volatile void *at, size_t len);
void __sanitizer_free_hook(const volatile void *at);

void __sanitizer_malloc_hook(const volatile void *at, size_t len)
{
    (void)at;
    taken(len);
}

void __sanitizer_free_hook(const volatile void *at)
{
    if (watch.on && at != NULL)
        given_back(__sanitizer_get_allocated_size(at));
}

#else /* the names by which glibc has its own, for whoever stands before them */

void *__libc_malloc(size_t len);
void *__libc_calloc(size_t num, size_t len);
void *__libc_realloc(void *at, size_t len);
void *__libc_memalign(size_t alignment, size_t len);
void __libc_free(void *at);

void *malloc(size_t len)
{
    void *at = __libc_malloc(len);
    if (at != NULL)
        taken(malloc_usable_size(at));
    return at;
}

void *calloc(size_t num, size_t len)
{
    void *at = __libc_calloc(num, len);
    if (at != NULL)
        taken(malloc_usable_size(at));
    return at;
}

void *realloc(void *old, size_t len)
{
    size_t old_len = old == NULL ? 0 : malloc_usable_size(old);
    void *at = __libc_realloc(old, len);
    if (at != NULL || len == 0)
        given_back(old_len);
    if (at != NULL)
        taken(malloc_usable_size(at));
    return at;
}

void *memalign(size_t alignment, size_t len)
{
    void *at = __libc_memalign(alignment, len);
    if (at != NULL)
        taken(malloc_usable_size(at));
    return at;
}

void *aligned_alloc(size_t alignment, size_t len)
{
    return memalign(alignment, len);
}

int posix_memalign(void **out, size_t alignment, size_t len)
{
    void *at = memalign(alignment, len);
    if (at == NULL)
        return ENOMEM;
    *out = at;
    return 0;
}

void free(void *at)
{
    if (at != NULL)
        given_back(malloc_usable_size(at));
    __libc_free(at);
}

#endif
