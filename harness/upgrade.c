#include "harness/upgrade.h"

#include "harness/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static const char wanted[] = "STARTTLS\r\n";
static const char granted[] = "220 Go ahead\r\n";

static bool wait_until(int socket, uint64_t deadline)
{
    struct pollfd ready = { .fd = socket, .events = POLLIN };
    uint64_t now = monotonic_ms();
    return now < deadline && poll(&ready, 1, (int)(deadline - now)) != 0;
}

/* Byte by byte, so that nothing of what follows is read. */
static int hear(int socket, const char *line, uint64_t deadline, struct error *err)
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
        else if (!wait_until(socket, deadline))
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
    uint64_t deadline = monotonic_ms() + deadline_ms;
    return say(socket, wanted, err) == 0 ? hear(socket, granted, deadline, err) : -1;
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
    uint64_t deadline = monotonic_ms() + deadline_ms;
    return hear(socket, wanted, deadline, err) == 0 ? say(socket, granted, err) : leave(socket);
}
