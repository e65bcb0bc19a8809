#include "matrix/reproduce/tap.h"

#include "captures/packet.h"
#include "captures/segment_write.h"
#include "harness/clock.h"
#include "harness/wire/writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE_MAX = 16 * 1024,       /* read at once, and one packet */
    NOTED_MAX = 8 * 1024 * 1024, /* beyond every handshake and exchange of a reproduction */
    PACKETS_MAX = 16 * 1024,     /* likewise */
};

/* One direction, by the role of who sends. */
struct stream {
    uint8_t piece[PIECE_MAX]; /* read and not yet handed on */
    size_t piece_len, piece_done;
    uint8_t first[TAP_FIRST_LEN];
    size_t first_len;
    bool ended;                 /* its sender says nothing more */
    bool passed;                /* and the other end knows */
    struct sockaddr_in address; /* the sender's */
    uint32_t seq;               /* of its next byte */
};

struct tap {
    int fds[2]; /* -1: closed */
    struct stream streams[2];
    struct writer bytes; /* of all packets */
    struct split_packet packets[PACKETS_MAX];
    size_t num_packets;
    bool lost; /* there was more than that */
};

static enum role other_end(enum role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

/* ---- what is noted ---- */

static void note(struct tap *tap, enum role role, uint8_t flags, const uint8_t *data, size_t len)
{
    uint8_t packet[SEGMENT_HEADERS_LEN + PIECE_MAX] = { 0 };
    size_t packet_len = SEGMENT_HEADERS_LEN + len;
    struct stream *from = &tap->streams[role], *to = &tap->streams[other_end(role)];
    struct timespec now;
    if (tap->num_packets == PACKETS_MAX || tap->bytes.len + packet_len > NOTED_MAX) {
        tap->lost = true;
        return;
    }
    if (len > 0)
        memcpy(packet + SEGMENT_HEADERS_LEN, data, len);
    const struct segment_head segment = { &from->address, &to->address, from->seq, to->seq, flags };
    segment_write(packet, &segment, len);
    clock_gettime(CLOCK_REALTIME, &now);
    tap->packets[tap->num_packets++] = (struct split_packet){
        .offset = tap->bytes.len,
        .len = (uint32_t)packet_len,
        .original_len = (uint32_t)packet_len,
        .time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
    };
    writer_bytes(&tap->bytes, packet, packet_len);
    from->seq += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

struct split_connection *tap_packets(const struct tap *tap, uint32_t key)
{
    struct split_connection *out = calloc(1, sizeof *out);
    if (out == NULL || tap->bytes.failed)
        goto fail;
    *out = (struct split_connection){ .key = key,
                                      .link_type = LINK_RAW,
                                      .bytes = malloc(tap->bytes.len),
                                      .bytes_len = tap->bytes.len,
                                      .packets = calloc(tap->num_packets, sizeof *out->packets),
                                      .num_packets = tap->num_packets,
                                      .lost = tap->lost };
    if (out->bytes == NULL || out->packets == NULL)
        goto fail;
    memcpy(out->bytes, tap->bytes.data, tap->bytes.len);
    memcpy(out->packets, tap->packets, tap->num_packets * sizeof *out->packets);
    return out;
fail:
    split_connection_free(out);
    return NULL;
}

/* ---- what is handed on ---- */

static void shut(struct tap *tap, enum role role)
{
    if (tap->fds[role] >= 0)
        close(tap->fds[role]);
    tap->fds[role] = -1;
}

/* It broke off; so does the other end's connection, before anything that still waits. */
static void pass_reset(struct tap *tap, enum role from)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    enum role to = other_end(from);
    note(tap, from, TCP_RST | TCP_ACK, NULL, 0);
    if (tap->fds[to] >= 0)
        setsockopt(tap->fds[to], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    for (int role = 0; role < 2; role++) {
        tap->streams[role].ended = tap->streams[role].passed = true;
        tap->streams[role].piece_len = tap->streams[role].piece_done = 0;
        shut(tap, (enum role)role);
    }
}

/* True once nothing waits. What an end no longer takes is lost; its RST comes as what it says. */
static bool hand_on(struct tap *tap, enum role from)
{
    struct stream *stream = &tap->streams[from];
    int to = tap->fds[other_end(from)];
    while (stream->piece_done < stream->piece_len) {
        ssize_t len = send(to, stream->piece + stream->piece_done,
                           stream->piece_len - stream->piece_done, MSG_NOSIGNAL);
        if (len > 0)
            stream->piece_done += (size_t)len;
        else if (errno == EAGAIN)
            return false;
        else if (errno != EINTR)
            stream->piece_done = stream->piece_len;
    }
    if (stream->ended && !stream->passed) {
        stream->passed = true;
        shutdown(to, SHUT_WR);
    }
    return true;
}

static void keep_first(struct stream *stream)
{
    size_t room = TAP_FIRST_LEN - stream->first_len;
    size_t len = stream->piece_len < room ? stream->piece_len : room;
    memcpy(stream->first + stream->first_len, stream->piece, len);
    stream->first_len += len;
}

static void move(struct tap *tap, enum role from)
{
    struct stream *stream = &tap->streams[from];
    while (tap->fds[from] >= 0 && hand_on(tap, from) && !stream->ended) {
        ssize_t len = recv(tap->fds[from], stream->piece, PIECE_MAX, 0);
        if (len > 0) {
            stream->piece_len = (size_t)len;
            stream->piece_done = 0;
            keep_first(stream);
            note(tap, from, TCP_PSH | TCP_ACK, stream->piece, (size_t)len);
        } else if (len == 0) {
            stream->ended = true;
            note(tap, from, TCP_FIN | TCP_ACK, NULL, 0);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            pass_reset(tap, from);
        }
    }
}

/* ---- from outside ---- */

struct tap *tap_new(const struct tap_setting *setting, struct error *err)
{
    struct tap *tap = calloc(1, sizeof *tap);
    int near = setting->fds[setting->noted];
    enum role noted = setting->noted;
    socklen_t here = sizeof(struct sockaddr_in), there = here;
    if (tap == NULL) {
        close(setting->fds[0]);
        close(setting->fds[1]);
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    memcpy(tap->fds, setting->fds, sizeof tap->fds);
    writer_init(&tap->bytes, NOTED_MAX);
    getsockname(near, (struct sockaddr *)&tap->streams[other_end(noted)].address, &here);
    getpeername(near, (struct sockaddr *)&tap->streams[noted].address, &there);
    note(tap, ROLE_CLIENT, TCP_SYN, NULL, 0);
    note(tap, ROLE_SERVER, TCP_SYN | TCP_ACK, NULL, 0);
    note(tap, ROLE_CLIENT, TCP_ACK, NULL, 0);
    return tap;
}

void tap_free(struct tap *tap)
{
    if (tap == NULL)
        return;
    shut(tap, ROLE_CLIENT);
    shut(tap, ROLE_SERVER);
    writer_fini(&tap->bytes);
    free(tap);
}

void tap_waits(const struct tap *tap, struct pollfd out[2])
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        const struct stream *says = &tap->streams[role], *hears = &tap->streams[other_end(role)];
        bool waits = says->piece_done < says->piece_len;
        bool readable = !says->ended && !waits, writable = hears->piece_done < hears->piece_len;
        out[role] = (struct pollfd){
            .fd = readable || writable ? tap->fds[role] : -1,
            .events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0)),
        };
    }
}

void tap_step(struct tap *tap)
{
    move(tap, ROLE_CLIENT);
    move(tap, ROLE_SERVER);
}

const uint8_t *tap_first(size_t *len, const struct tap *tap, enum role role)
{
    *len = tap->streams[role].first_len;
    return tap->streams[role].first;
}

bool tap_is_over(const struct tap *tap)
{
    return tap->streams[ROLE_CLIENT].passed && tap->streams[ROLE_SERVER].passed;
}
