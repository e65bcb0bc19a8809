#include "peers/minihttps/transport.h"

#include "peers/common/clock.h"
#include "peers/minihttps/minihttps.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PREFIX_LEN = 4 };

static const char *const result_names[NUM_FRAME_RESULTS] = {
    [FRAME_WHOLE] = "whole",       [FRAME_END] = "end",         [FRAME_CUT] = "cut",
    [FRAME_TOO_LONG] = "too-long", [FRAME_TIMEOUT] = "timeout", [FRAME_ERROR] = "error",
};

const char *frame_result_name(enum frame_result result)
{
    return result_names[result];
}

static enum frame_result await(int socket, short events, uint64_t deadline_us)
{
    for (;;) {
        uint64_t now_us = clock_us();
        struct pollfd ready = { .fd = socket, .events = events };
        if (now_us >= deadline_us)
            return FRAME_TIMEOUT;
        int num = poll(&ready, 1, (int)((deadline_us - now_us + 999) / 1000));
        if (num > 0)
            return FRAME_WHOLE;
        if (num < 0 && errno != EINTR)
            return FRAME_ERROR;
    }
}

static enum frame_result send_all(int socket, const uint8_t *data, size_t len, uint64_t deadline_us)
{
    while (len > 0) {
        ssize_t sent = send(socket, data, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return FRAME_CUT;
        if (sent < 0) {
            enum frame_result result = await(socket, POLLOUT, deadline_us);
            if (result != FRAME_WHOLE)
                return result;
            continue;
        }
        data += sent;
        len -= (size_t)sent;
    }
    return FRAME_WHOLE;
}

enum frame_result frame_send(int socket, const uint8_t *message, size_t len, uint64_t deadline_us)
{
    const uint8_t prefix[PREFIX_LEN] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16),
                                         (uint8_t)(len >> 8), (uint8_t)len };
    enum frame_result result = send_all(socket, prefix, sizeof prefix, deadline_us);
    return result == FRAME_WHOLE ? send_all(socket, message, len, deadline_us) : result;
}

/* FRAME_END only if the other end closed before the first byte. */
static enum frame_result receive_all(uint8_t *out, size_t len, int socket, uint64_t deadline_us)
{
    for (size_t done = 0; done < len;) {
        enum frame_result result = await(socket, POLLIN, deadline_us);
        if (result != FRAME_WHOLE)
            return result;
        ssize_t num = recv(socket, out + done, len - done, 0);
        if (num == 0)
            return done == 0 ? FRAME_END : FRAME_CUT;
        if (num < 0 && errno != EAGAIN && errno != EINTR)
            return FRAME_CUT;
        done += num > 0 ? (size_t)num : 0;
    }
    return FRAME_WHOLE;
}

enum frame_result frame_receive(struct bytes *out, int socket, uint64_t deadline_us)
{
    uint8_t prefix[PREFIX_LEN];
    enum frame_result result = receive_all(prefix, sizeof prefix, socket, deadline_us);
    if (result != FRAME_WHOLE)
        return result;
    size_t len = (size_t)prefix[0] << 24 | (size_t)prefix[1] << 16 | (size_t)prefix[2] << 8 |
                 (size_t)prefix[3];
    if (len > MESSAGE_MAX)
        return FRAME_TOO_LONG;
    uint8_t *data = malloc(len + 1);
    if (data == NULL)
        return FRAME_ERROR;
    result = receive_all(data, len, socket, deadline_us);
    if (result != FRAME_WHOLE) {
        free(data);
        return result == FRAME_END ? FRAME_CUT : result;
    }
    data[len] = '\0';
    *out = (struct bytes){ data, len };
    return FRAME_WHOLE;
}

void transport_close(int socket, uint64_t deadline_us)
{
    uint8_t unread[4096];
    shutdown(socket, SHUT_WR);
    while (await(socket, POLLIN, deadline_us) == FRAME_WHOLE) {
        ssize_t num = recv(socket, unread, sizeof unread, 0);
        if (num == 0 || (num < 0 && errno != EAGAIN && errno != EINTR))
            break;
    }
    close(socket);
}
