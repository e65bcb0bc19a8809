#include "matrix/network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OWN_PORT = 443, /* free in a namespace of our own; tshark and Wireshark know it as TLS */
    ACCEPT_DEADLINE_MS = 10000, /* it is on its way already: only something broken takes so long */
    BACKLOG = 128,              /* a pair is accepted right after it is connected: one would do */
    /* Client addresses 127.1.0.0 to 127.126.255.255, servers 127.128.0.0 to 127.253.255.255:
     * 127.0.0.0/16 stays free for what else the machine runs there. */
    CLIENT_BASE = 1,
    SERVER_BASE = 128,
    ADDRESS_BLOCKS = 126,
};

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return ok;
}

/* Enters a user namespace in which we are who we were, with every capability, and a network
 * namespace. Not root: in here tcpdump could not become root, but would insist. */
static bool enter_user_namespace(void)
{
    char map[64];
    uid_t uid = getuid();
    gid_t gid = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", map))
        return false;
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    return write_file("/proc/self/gid_map", map);
}

/* Keeps packets small, because each waits for tcpdump in room for the longest. A kernel that will
 * not have it loses no more than that. */
static void limit_packets(int fd)
{
    struct ifreq request = { .ifr_name = "lo" };
    static const uint32_t off[] = { ETHTOOL_STSO, ETHTOOL_SGSO };
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        struct ethtool_value value = { .cmd = off[i], .data = 0 };
        request.ifr_data = (void *)&value;
        if (ioctl(fd, SIOCETHTOOL, &request) != 0)
            return;
    }
    request = (struct ifreq){ .ifr_name = "lo", .ifr_mtu = NETWORK_MTU };
    ioctl(fd, SIOCSIFMTU, &request);
}

static bool bring_loopback_up(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct ifreq request = { .ifr_name = "lo" };
    bool ok = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags |= IFF_UP;
    ok = ok && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    limit_packets(fd);
    close(fd);
    return ok;
}

bool network_isolate(char reason[ERROR_TEXT_MAX])
{
    if (unshare(CLONE_NEWNET) != 0 && !enter_user_namespace()) {
        /* user_namespaces(7): the limit of how many there may be, which is how they are forbidden.
         */
        snprintf(reason, ERROR_TEXT_MAX, "no network namespace: %s",
                 errno == ENOSPC ? "user namespaces are not allowed here" : strerror(errno));
        return false;
    }
    if (!bring_loopback_up()) {
        snprintf(reason, ERROR_TEXT_MAX, "loopback does not come up: %s", strerror(errno));
        return false;
    }
    return true;
}

/* The longest packet, with its Ethernet header: of our own loopback what limit_packets() has come
 * to, else what TCP's segmentation offload may make. */
static uint32_t longest_packet(int fd, bool isolated)
{
    enum { ETHERNET_HEADER = 14, OFFLOADED = 65536 };
    struct ifreq request = { .ifr_name = "lo" };
    bool known = isolated && ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu == NETWORK_MTU;
    return ETHERNET_HEADER + (known ? NETWORK_MTU : OFFLOADED);
}

int network_init(struct network *network, bool isolated, struct error *err)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return error_errno(err, "socket");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(isolated ? OWN_PORT : 0),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    socklen_t len = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        error_errno(err, "listening for the cases' connections");
        close(fd);
        return -1;
    }
    network->listener = fd;
    network->port = ntohs(address.sin_port);
    network->packet_max = longest_packet(fd, isolated);
    network->recorder = NULL;
    return 0;
}

void network_fini(struct network *network)
{
    close(network->listener);
    network->listener = -1;
}

static uint32_t address_of(uint32_t sequence, uint32_t base)
{
    uint32_t block = (sequence >> 16) % ADDRESS_BLOCKS + base;
    return UINT32_C(127) << 24 | block << 16 | (sequence & 0xFFFF);
}

void network_addresses(uint32_t sequence, char client[INET_ADDRSTRLEN],
                       char server[INET_ADDRSTRLEN])
{
    struct in_addr address = { .s_addr = htonl(address_of(sequence, CLIENT_BASE)) };
    inet_ntop(AF_INET, &address, client, INET_ADDRSTRLEN);
    address.s_addr = htonl(address_of(sequence, SERVER_BASE));
    inet_ntop(AF_INET, &address, server, INET_ADDRSTRLEN);
}

uint32_t network_key(uint32_t sequence)
{
    return sequence % (ADDRESS_BLOCKS << 16);
}

uint32_t network_sequence(uint32_t address)
{
    uint32_t block = address >> 16 & 0xFF;
    if (address >> 24 != 127 || block < CLIENT_BASE || block == SERVER_BASE - 1 ||
        block >= SERVER_BASE + ADDRESS_BLOCKS)
        return 0;
    block -= block >= SERVER_BASE ? SERVER_BASE : CLIENT_BASE;
    return block << 16 | (address & 0xFFFF);
}

/* The client's side is connected before the last packet of TCP's handshake has reached ours: on a
 * loaded machine, or on a loopback that is made to delay, a moment before. */
static bool wait_for_connection(int listener)
{
    struct pollfd wait = { .fd = listener, .events = POLLIN };
    int ready;
    do
        ready = poll(&wait, 1, ACCEPT_DEADLINE_MS);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

/* Accepts the connection whose peer is `expected`; strangers are closed. */
static int accept_from(int listener, const struct sockaddr_in *expected, struct error *err)
{
    for (;;) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        int fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && errno == EAGAIN && wait_for_connection(listener))
            continue;
        if (fd < 0)
            return error_errno(err, "accepting a case's connection");
        if (peer.sin_port == expected->sin_port &&
            peer.sin_addr.s_addr == expected->sin_addr.s_addr)
            return fd;
        close(fd);
    }
}

/* Connects from the case's client address to its server address. On loopback a blocking connect
 * returns as soon as the kernel has shaken hands with itself. */
static int connect_client(const struct network *network, uint32_t sequence,
                          struct sockaddr_in *local, struct error *err)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_errno(err, "socket");
    const int one = 1;
    struct sockaddr_in remote = { .sin_family = AF_INET,
                                  .sin_port = htons(network->port),
                                  .sin_addr.s_addr = htonl(address_of(sequence, SERVER_BASE)) };
    *local = (struct sockaddr_in){ .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(address_of(sequence, CLIENT_BASE)) };
    socklen_t len = sizeof *local;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)local, sizeof *local) != 0 ||
        connect(fd, (struct sockaddr *)&remote, sizeof remote) != 0 ||
        getsockname(fd, (struct sockaddr *)local, &len) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        error_errno(err, "connecting a case's sockets");
        close(fd);
        return -1;
    }
    return fd;
}

int network_pair(struct network *network, uint32_t sequence, int *client, int *server,
                 struct error *err)
{
    const int one = 1;
    struct sockaddr_in local;
    int client_fd = connect_client(network, sequence, &local, err);
    if (client_fd < 0)
        return -1;
    int server_fd = accept_from(network->listener, &local, err);
    if (server_fd < 0) {
        close(client_fd);
        return -1;
    }
    setsockopt(client_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(server_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *client = client_fd;
    *server = server_fd;
    return 0;
}
