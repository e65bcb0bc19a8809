#include "harness/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Splits at the last colon; brackets around an IPv6 address are taken off. */
static int split_address(char host[NET_HOST_LEN], const char **port, const char *address,
                         struct error *err)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon[1] == '\0' || colon - address >= NET_HOST_LEN)
        return error_set(err, ERROR_USAGE, "'%s': must be HOST:PORT", address);
    /* The resolver would cut a greater one down to another port. */
    const char *digits = colon + 1;
    if (strspn(digits, "0123456789") == strlen(digits) && strtoul(digits, NULL, 10) > 65535)
        return error_set(err, ERROR_USAGE, "'%s': the port must be at most 65535", address);
    const char *start = address;
    size_t len = (size_t)(colon - address);
    if (len >= 2 && start[0] == '[' && start[len - 1] == ']') {
        start++;
        len -= 2;
    }
    memcpy(host, start, len);
    host[len] = '\0';
    *port = colon + 1;
    return 0;
}

int net_host(char out[NET_HOST_LEN], const char *address, struct error *err)
{
    const char *port = NULL;
    if (split_address(out, &port, address, err) != 0)
        return -1;
    if (out[0] == '\0')
        strcpy(out, "localhost");
    if (strchr(out, ':') != NULL)
        out[strcspn(out, "%")] = '\0';
    return 0;
}

static int resolve(struct addrinfo **out, const char *address, int flags, struct error *err)
{
    char host[NET_HOST_LEN];
    const char *port = NULL;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };
    if (split_address(host, &port, address, err) != 0)
        return -1;
    /* Nobody has to be asked for this name, and a bare Debian has no /etc/hosts to tell it. */
    bool loopback = strcmp(host, "localhost") == 0;
    if (loopback)
        hints.ai_flags &= ~AI_PASSIVE;
    int status = getaddrinfo(host[0] == '\0' || loopback ? NULL : host, port, &hints, out);
    if (status != 0)
        return error_set(err, ERROR_USAGE, "%s: %s", address, gai_strerror(status));
    return 0;
}

static void address_text(char out[NET_TEXT_LEN], const struct sockaddr *address, socklen_t len)
{
    char host[INET6_ADDRSTRLEN], port[8];
    if (getnameinfo(address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(out, NET_TEXT_LEN, "unknown address");
        return;
    }
    const char *format = address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s";
    snprintf(out, NET_TEXT_LEN, format, host, port);
}

void net_local_text(char out[NET_TEXT_LEN], int socket)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof address;
    getsockname(socket, (struct sockaddr *)&address, &len);
    address_text(out, (struct sockaddr *)&address, len);
}

static int new_socket(const struct addrinfo *to)
{
    return socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);
}

static int listen_on(const struct addrinfo *at)
{
    int on = 1;
    int listener = new_socket(at);
    if (listener < 0)
        return -1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6)
        setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(listener, at->ai_addr, at->ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0)
        return listener;
    int why = errno;
    close(listener);
    errno = why;
    return -1;
}

int net_listen(int sockets[NET_LISTEN_MAX], const char *address, struct error *err)
{
    struct addrinfo *found;
    int num = 0;
    if (resolve(&found, address, AI_PASSIVE, err) != 0)
        return -1;
    /* A machine without IPv6 still has "localhost": one address that works is enough. */
    for (const struct addrinfo *at = found; at != NULL && num < NET_LISTEN_MAX; at = at->ai_next) {
        sockets[num] = listen_on(at);
        if (sockets[num] >= 0)
            num++;
    }
    if (num == 0)
        error_set(err, ERROR_USAGE, "%s: %s", address, strerror(errno));
    freeaddrinfo(found);
    return num > 0 ? num : -1;
}

static void set_no_delay(int socket)
{
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* 1: accepted; 0: nobody there after all; -1. */
static int accept_one(int *out, char from[NET_TEXT_LEN], int listener, struct error *err)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    int socket = accept4(listener, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
        /* Whatever happened to that client, the next one may be better: accept(2), "Error
         * handling". Only a broken listener is an end. */
        if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
            return error_errno(err, "accept");
        return 0;
    }
    set_no_delay(socket);
    address_text(from, (struct sockaddr *)&address, len);
    *out = socket;
    return 1;
}

int net_accept(int *out, char from[NET_TEXT_LEN], const int sockets[], size_t num_sockets,
               struct error *err)
{
    struct pollfd ready[NET_LISTEN_MAX];
    for (size_t i = 0; i < num_sockets; i++)
        ready[i] = (struct pollfd){ .fd = sockets[i], .events = POLLIN };
    for (;;) {
        if (poll(ready, num_sockets, -1) < 0 && errno != EINTR)
            return error_errno(err, "poll");
        for (size_t i = 0; i < num_sockets; i++) {
            int status = ready[i].revents != 0 ? accept_one(out, from, sockets[i], err) : 0;
            if (status != 0)
                return status > 0 ? 0 : -1;
        }
    }
}

static enum net_result await_connect(int socket, uint32_t timeout_ms)
{
    struct pollfd ready = { .fd = socket, .events = POLLOUT };
    int why = 0;
    socklen_t len = sizeof why;
    int num = poll(&ready, 1, (int)timeout_ms);
    if (num == 0)
        return NET_TIMEOUT;
    if (num < 0 || getsockopt(socket, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
        return NET_ERROR;
    errno = why;
    return why == 0 ? NET_CONNECTED : why == ECONNREFUSED ? NET_REFUSED : NET_ERROR;
}

static enum net_result connect_one(int *out, const struct addrinfo *to, uint32_t timeout_ms)
{
    int socket = new_socket(to);
    if (socket < 0)
        return NET_ERROR;
    enum net_result result = NET_CONNECTED;
    if (connect(socket, to->ai_addr, to->ai_addrlen) != 0)
        result = errno == EINPROGRESS    ? await_connect(socket, timeout_ms)
                 : errno == ECONNREFUSED ? NET_REFUSED
                                         : NET_ERROR;
    if (result == NET_CONNECTED) {
        set_no_delay(socket);
        *out = socket;
        return result;
    }
    int why = errno;
    close(socket);
    errno = result == NET_TIMEOUT ? ETIMEDOUT : why;
    return result;
}

enum net_result net_connect(int *out, const char *address, uint32_t timeout_ms, struct error *err)
{
    struct addrinfo *found;
    enum net_result result = NET_ERROR;
    if (resolve(&found, address, 0, err) != 0)
        return NET_NO_ADDRESS;
    for (const struct addrinfo *to = found; to != NULL && result != NET_CONNECTED; to = to->ai_next)
        result = connect_one(out, to, timeout_ms);
    if (result != NET_CONNECTED)
        error_set(err, ERROR_USAGE, "%s: %s", address, strerror(errno));
    freeaddrinfo(found);
    return result;
}
