/* A clock that stands still (wrapped.h). */
#include "fuzz/stacks/replace.h"
#include "fuzz/stacks/wrapped.h"

#include <sys/time.h>
#include <time.h>

REPLACE(time_t, time, time_t *out)
{
    int64_t now;
    if (!wrapped_clock(&now))
        return REAL(time)(out);
    if (out != NULL)
        *out = (time_t)now;
    return (time_t)now;
}

REPLACE(int, gettimeofday, struct timeval *restrict out, void *restrict zone)
{
    int64_t now;
    if (!wrapped_clock(&now))
        return REAL(gettimeofday)(out, zone);
    *out = (struct timeval){ .tv_sec = (time_t)now };
    return 0;
}

REPLACE(int, clock_gettime, clockid_t clock, struct timespec *out)
{
    int64_t now;
    if (!wrapped_clock(&now))
        return REAL(clock_gettime)(clock, out);
    *out = (struct timespec){ .tv_sec = (time_t)now };
    return 0;
}
