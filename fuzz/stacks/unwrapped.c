/* What a program links beside wrapped.c where only recv() and send() are wrapped: all that
 * peers/careless calls. The program keeps its clock, which libFuzzer measures by. */
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

ssize_t __real_read(int descriptor, void *out, size_t len);
ssize_t __real_write(int descriptor, const void *data, size_t len);
ssize_t __real_sendmsg(int descriptor, const struct msghdr *message, int flags);
time_t __real_time(time_t *out);
int __real_gettimeofday(struct timeval *out, void *zone);
int __real_clock_gettime(clockid_t clock, struct timespec *out);

ssize_t __real_read(int descriptor, void *out, size_t len)
{
    return read(descriptor, out, len);
}

ssize_t __real_write(int descriptor, const void *data, size_t len)
{
    return write(descriptor, data, len);
}

ssize_t __real_sendmsg(int descriptor, const struct msghdr *message, int flags)
{
    return sendmsg(descriptor, message, flags);
}

time_t __real_time(time_t *out)
{
    return time(out);
}

int __real_gettimeofday(struct timeval *out, void *zone)
{
    return gettimeofday(out, zone);
}

int __real_clock_gettime(clockid_t clock, struct timespec *out)
{
    return clock_gettime(clock, out);
}
