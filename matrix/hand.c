#include "matrix/hand.h"

#include "harness/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int hand_start(struct hand *out, char *const argv[], struct error *err)
{
    int output[2];
    *out = (struct hand){ .channel = -1, .output = -1, .exit = -1 };
    out->said = calloc(1, HAND_SAID_MAX + 1);
    if (out->said == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (pipe2(output, O_CLOEXEC) != 0)
        return error_errno(err, "pipe");
    int status = child_spawn(&out->child, &out->channel, argv, output[1], err);
    close(output[1]);
    out->output = output[0];
    out->running = status == 0;
    return status;
}

/* False when there will be no more, or not in time. */
static bool read_more(struct hand *hand, uint64_t deadline_ms)
{
    char rest[4096];
    struct pollfd ready = { .fd = hand->output, .events = POLLIN };
    uint64_t now = monotonic_ms();
    if (hand->output < 0 || now >= deadline_ms)
        return false;
    int num = poll(&ready, 1, (int)(deadline_ms - now));
    if (num < 0 && errno == EINTR)
        return true;
    if (num <= 0)
        return false;
    size_t room = HAND_SAID_MAX - hand->said_len;
    ssize_t len = room > 0 ? read(hand->output, hand->said + hand->said_len, room)
                           : read(hand->output, rest, sizeof rest);
    if (len <= 0)
        return len < 0 && errno == EINTR;
    if (room > 0)
        hand->said_len += (size_t)len;
    hand->said[hand->said_len] = '\0';
    return true;
}

bool hand_hear(struct hand *hand, const char *text, uint64_t deadline_ms)
{
    while (strstr(hand->said, text) == NULL)
        if (!read_more(hand, deadline_ms))
            return false;
    return true;
}

/* The exit status, from the words in which a child's end is told. */
static int exit_of(const char *how)
{
    int number;
    if (sscanf(how, "exited with status %d", &number) == 1)
        return number;
    return sscanf(how, "killed by signal %d", &number) == 1 ? 128 + number : -1;
}

void hand_wait(struct hand *hand, uint64_t deadline_ms)
{
    char how[TEXT_LEN];
    struct pollfd ended = { .fd = hand->child.pidfd, .events = POLLIN };
    if (!hand->running)
        return;
    while (read_more(hand, deadline_ms))
        continue;
    uint64_t now = monotonic_ms();
    bool in_time = poll(&ended, 1, now < deadline_ms ? (int)(deadline_ms - now) : 0) > 0;
    child_stop(&hand->child, how);
    hand->running = false;
    hand->exit = in_time ? exit_of(how) : -1;
}

void hand_fini(struct hand *hand)
{
    if (hand->running)
        child_stop(&hand->child, NULL);
    hand->running = false;
    if (hand->channel >= 0)
        close(hand->channel);
    if (hand->output >= 0)
        close(hand->output);
    hand->channel = hand->output = -1;
    free(hand->said);
    hand->said = NULL;
}
