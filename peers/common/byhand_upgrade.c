/* "Add TLS atop the old plain-text protocol": one line each way in clear, then TLS on the same
 * socket, as STARTTLS has it (RFC 3207). Not a byte behind the line is taken for a part of the
 * plain protocol: what somebody has slipped in there reaches TLS, which refuses it. */
#include "peers/common/byhand_parts.h"
#include "peers/common/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static const char wanted[] = "STARTTLS\r\n";
static const char granted[] = "220 Go ahead\r\n";

static bool wait_until(int socket, uint64_t deadline_us)
{
    struct pollfd ready = { .fd = socket, .events = POLLIN };
    uint64_t now = clock_us();
    return now < deadline_us && poll(&ready, 1, (int)((deadline_us - now + 999) / 1000)) != 0;
}

/* Byte by byte, so that nothing of what follows is read. */
static int hear(int socket, const char *line, uint64_t deadline_us, struct error *err)
{
    for (size_t i = 0; line[i] != '\0';) {
        char byte;
        ssize_t len = recv(socket, &byte, 1, MSG_DONTWAIT);
        if (len == 1 && byte == line[i])
            i++;
        else if (len >= 0)
            return error_set(err, ERROR_USAGE, "the other end did not say '%.*s'",
                             (int)strcspn(line, "\r"), line);
        else if (errno != EAGAIN && errno != EINTR)
            return error_errno(err, "before TLS");
        else if (!wait_until(socket, deadline_us))
            return error_set(err, ERROR_USAGE, "nothing was said before TLS within the deadline");
    }
    return 0;
}

/* A dozen bytes into an empty socket. */
static int say(int socket, const char *line, struct error *err)
{
    ssize_t len = send(socket, line, strlen(line), MSG_NOSIGNAL);
    return len == (ssize_t)strlen(line) ? 0 : error_errno(err, "before TLS");
}

int upgrade_client(int socket, uint32_t deadline_ms, struct error *err)
{
    uint64_t deadline_us = clock_us() + (uint64_t)deadline_ms * 1000;
    return say(socket, wanted, err) == 0 ? hear(socket, granted, deadline_us, err) : -1;
}

/* What has come is read: a socket closed with data unread would reset the connection. */
static int leave(int socket)
{
    char rest[4096];
    shutdown(socket, SHUT_WR);
    while (recv(socket, rest, sizeof rest, MSG_DONTWAIT) > 0)
        continue;
    return -1;
}

int upgrade_server(int socket, uint32_t deadline_ms, struct error *err)
{
    uint64_t deadline_us = clock_us() + (uint64_t)deadline_ms * 1000;
    return hear(socket, wanted, deadline_us, err) == 0 ? say(socket, granted, err) : leave(socket);
}
