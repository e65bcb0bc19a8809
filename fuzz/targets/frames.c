/* The frames of peers/minihttps/transport.h, over a socket that gives out what it holds piece by
 * piece; a model says what must come. Input: u8 how the stream ends, u8 number of cuts, the cuts
 * (a byte each, used in turn), the stream. */
#include "fuzz/common/fuzz.h"
#include "peers/common/clock.h"
#include "peers/minihttps/minihttps.h"
#include "peers/minihttps/transport.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum ending { CLOSED, RESET, SILENT, NUM_ENDINGS };
/* A cut: recv() is to try again, was interrupted, or gives a byte less than the cut says. */
enum { CUT_AGAIN, CUT_INTERRUPTED, CUT_PIECE, CUTS_MAX = 16 };
enum { SOCKET = 1000, PREFIX_LEN = 4, PATIENCE_US = 1000000 };

/* The other end. */
static struct {
    struct fuzz_input stream;
    enum ending ending;
    uint8_t cuts[CUTS_MAX];
    size_t num_cuts, next;
    time_t waited_s; /* by who waited for the silent one */
} sender;

int __wrap_poll(struct pollfd *sockets, nfds_t num, int timeout_ms);
ssize_t __wrap_recv(int socket, void *out, size_t len, int flags);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __real_clock_gettime(clockid_t clock, struct timespec *out);

/* Silence takes no time of ours: the clock goes on by an hour. */
int __wrap_poll(struct pollfd *sockets, nfds_t num, int timeout_ms)
{
    FUZZ_ASSERT(num == 1 && sockets->fd == SOCKET && timeout_ms > 0);
    if (sender.stream.len > 0 || sender.ending != SILENT)
        return 1;
    sender.waited_s += 3600;
    return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    int result = __real_clock_gettime(clock, out);
    if (clock == CLOCK_MONOTONIC)
        out->tv_sec += sender.waited_s;
    return result;
}

ssize_t __wrap_recv(int socket, void *out, size_t len, int flags)
{
    FUZZ_ASSERT(socket == SOCKET && flags == 0 && len > 0);
    size_t got, piece = len;
    if (sender.num_cuts > 0) {
        uint8_t cut = sender.cuts[sender.next++ % sender.num_cuts];
        if (cut < CUT_PIECE) {
            errno = cut == CUT_AGAIN ? EAGAIN : EINTR;
            return -1;
        }
        piece = (size_t)cut - 1;
    }
    const uint8_t *data = fuzz_bytes(&got, &sender.stream, piece < len ? piece : len);
    if (got == 0 && sender.ending == RESET) {
        errno = ECONNRESET;
        return -1;
    }
    memcpy(out, data, got);
    return (ssize_t)got;
}

/* What reading the stream's end must come to, with or without a part of a message before it. */
static enum frame_result at_end(bool within)
{
    if (sender.ending == SILENT)
        return FRAME_TIMEOUT;
    return sender.ending == RESET || within ? FRAME_CUT : FRAME_END;
}

/* The model: what the next message is, and how long. */
static enum frame_result expected(size_t *len, const uint8_t *stream, size_t left)
{
    if (left < PREFIX_LEN)
        return at_end(left > 0);
    *len = (size_t)stream[0] << 24 | (size_t)stream[1] << 16 | (size_t)stream[2] << 8 | stream[3];
    if (*len > MESSAGE_MAX)
        return FRAME_TOO_LONG;
    return left - PREFIX_LEN < *len ? at_end(true) : FRAME_WHOLE;
}

static void read_all(const uint8_t *stream, size_t left)
{
    for (;;) {
        struct bytes message = { NULL, 0 };
        size_t len = 0;
        enum frame_result result = expected(&len, stream, left);
        FUZZ_ASSERT(frame_receive(&message, SOCKET, clock_us() + PATIENCE_US) == result);
        if (result != FRAME_WHOLE) {
            FUZZ_ASSERT(message.data == NULL);
            return;
        }
        FUZZ_ASSERT(message.len == len && message.data[len] == '\0');
        FUZZ_ASSERT(memcmp(message.data, stream + PREFIX_LEN, len) == 0);
        free(message.data);
        stream += PREFIX_LEN + len;
        left -= PREFIX_LEN + len;
        FUZZ_ASSERT(sender.stream.len == left); /* not a byte of the next one is taken */
    }
}

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    bool any = false; /* else nothing would ever come */
    sender.ending = fuzz_u8(&input) % NUM_ENDINGS;
    sender.num_cuts = fuzz_up_to(&input, CUTS_MAX);
    sender.next = 0;
    sender.waited_s = 0;
    for (size_t i = 0; i < sender.num_cuts; i++) {
        sender.cuts[i] = fuzz_u8(&input);
        any |= sender.cuts[i] >= CUT_PIECE;
    }
    if (!any)
        sender.num_cuts = 0;
    sender.stream = input;
    read_all(input.data, input.len);
}

const struct fuzz_target fuzz_target = {
    .name = "frames",
    .run = run,
    .memory_base = 2 * MESSAGE_MAX,
    .memory_per_byte = 1,
    .time_base_us = 50000,
    .time_per_byte_us = 20,
};
