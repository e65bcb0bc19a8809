/* The relay's sockets: reading, queues, deliveries, ends. */
#include "matrix/relay/relay.h"

#include "harness/clock.h"
#include "matrix/relay/relay_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_LEN = 16 * 1024,
    READS_AT_ONCE = 16, /* then the other direction and other cases have their turn */
    /* A flight is over when its sender says nothing for this long: longer than a stack takes from
     * one write to the next. A flight that is cut in two all the same does no harm. */
    QUIET_MS = 20,
    PAUSE_MS = 150, /* longer than any wait in a stack that could give up too early … */
    NUM_PAUSES = 4, /* … for every flight of a handshake: 1.2 s, far below a case's deadline */
};

const struct delivery_row deliveries[NUM_DELIVERIES] = {
    [DELIVERY_WHOLE] = { "whole", "Everything is handed on as it comes.", "" },
    [DELIVERY_ONE_BYTE_SEGMENT] = { "one-byte-segment",
                                    "Each byte travels in a TCP segment of its own.",
                                    "RFC 9293 section 3.8" },
    [DELIVERY_ONE_BYTE_RECORD] = { "one-byte-record",
                                   "Each byte of a handshake message in clear travels in a record "
                                   "of its own.",
                                   "RFC 8446 section 5.1; RFC 5246 section 6.2.1" },
    [DELIVERY_COALESCED] = { "coalesced", "Each flight travels in one piece.",
                             "RFC 8446 section 5.1; RFC 5246 section 6.2.1" },
    [DELIVERY_PAUSED] = { "paused", "The first flights come late, well within the deadline.", "" },
};

int delivery_by_name(const char *name)
{
    for (int i = 0; i < NUM_DELIVERIES; i++)
        if (strcmp(deliveries[i].name, name) == 0)
            return i;
    return -1;
}

const char *relay_end_name(enum relay_end end)
{
    static const char *const names[] = { "none", "alert", "sealed-alert", "fin", "rst", "relay" };
    return names[end];
}

/* ---- life ---- */

static void init_direction(struct direction *direction, enum role from, int in_fd, int out_fd)
{
    const int one = 1;
    *direction = (struct direction){
        .from = from, .in_fd = in_fd, .out_fd = out_fd, .pauses_left = NUM_PAUSES
    };
    splitter_init(&direction->splitter);
    assembler_init(&direction->assembler);
    writer_init(&direction->unit, 2 * (size_t)HANDSHAKE_BODY_MAX);
    writer_init(&direction->delayed, QUEUE_HIGH);
    writer_init(&direction->queue, QUEUE_MAX);
    /* Fails on what is no TCP socket, as in tests, where it is not needed. */
    setsockopt(out_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

struct relay *relay_new(const struct relay_setting *setting, struct error *err)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) {
        close(setting->client_fd);
        close(setting->server_fd);
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    relay->setting = *setting;
    relay->facts.clear_alert[ROLE_CLIENT] = relay->facts.clear_alert[ROLE_SERVER] = -1;
    init_direction(&relay->directions[ROLE_CLIENT], ROLE_CLIENT, setting->client_fd,
                   setting->server_fd);
    init_direction(&relay->directions[ROLE_SERVER], ROLE_SERVER, setting->server_fd,
                   setting->client_fd);
    writer_init(&relay->stash, STASH_MAX);
    bool only_records =
        setting->recorder != NULL && setting->attack == NULL && setting->delivery == DELIVERY_WHOLE;
    for (int role = 0; role < 2; role++)
        relay->directions[role].opaque = only_records;
    relay_record_start(relay);
    return relay;
}

static void close_sockets(struct relay *relay)
{
    if (relay->gone)
        return;
    close(relay->setting.client_fd);
    close(relay->setting.server_fd);
    relay->gone = true;
}

void relay_free(struct relay *relay)
{
    if (relay == NULL)
        return;
    close_sockets(relay);
    for (int role = 0; role < 2; role++) {
        struct direction *direction = &relay->directions[role];
        splitter_fini(&direction->splitter);
        assembler_fini(&direction->assembler);
        writer_fini(&direction->unit);
        writer_fini(&direction->delayed);
        writer_fini(&direction->queue);
    }
    writer_fini(&relay->stash);
    free(relay);
}

const struct relay_facts *relay_facts(const struct relay *relay)
{
    return &relay->facts;
}

void relay_note_end(struct relay *relay, enum relay_end end, enum role from)
{
    if (relay->facts.first_end != RELAY_END_NONE)
        return;
    relay->facts.first_end = end;
    relay->facts.first_end_from = from;
}

/* ---- writing ---- */

static size_t queued(const struct direction *direction)
{
    return direction->queue.len - direction->queue_at;
}

/* When what is queued now may be written. */
static void schedule(const struct relay *relay, struct direction *direction)
{
    if (relay->setting.delivery == DELIVERY_COALESCED) {
        direction->ready_ms = monotonic_ms() + QUIET_MS;
    } else if (relay->setting.delivery == DELIVERY_PAUSED && queued(direction) == 0 &&
               direction->pauses_left > 0) {
        direction->pauses_left--;
        direction->ready_ms = monotonic_ms() + PAUSE_MS;
    }
}

void relay_emit(struct relay *relay, struct direction *direction, const void *bytes, size_t len)
{
    if (direction->dead || len == 0)
        return;
    schedule(relay, direction);
    writer_bytes(&direction->queue, bytes, len);
}

static bool may_write(const struct direction *direction)
{
    return queued(direction) > 0 && monotonic_ms() >= direction->ready_ms;
}

/* The receiver is gone: nothing more can be handed on. */
static void give_up_writing(struct relay *relay, struct direction *direction)
{
    relay_record_reset_from(relay, relay_other(relay, direction)->from);
    direction->dead = true;
    writer_clear(&direction->queue);
    direction->queue_at = 0;
}

/* One write; false when the socket takes no more for now. */
static bool write_some(struct relay *relay, struct direction *direction)
{
    size_t len = relay->setting.delivery == DELIVERY_ONE_BYTE_SEGMENT ? 1 : queued(direction);
    const uint8_t *bytes = direction->queue.data + direction->queue_at;
    ssize_t written = send(direction->out_fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written > 0) {
        relay_record_given(relay, direction, bytes, (size_t)written);
        direction->queue_at += (size_t)written;
    } else if (written < 0 && errno != EAGAIN && errno != EINTR) {
        give_up_writing(relay, direction);
    }
    return written >= 0;
}

static void flush(struct relay *relay, struct direction *direction)
{
    while (may_write(direction) && write_some(relay, direction))
        ;
    if (queued(direction) == 0) {
        writer_clear(&direction->queue);
        direction->queue_at = 0;
    }
}

/* Hands the end on: everything has been written, and nothing more will come. */
static void hand_on_end(struct relay *relay, struct direction *direction)
{
    if (direction->closed || queued(direction) > 0 || !(direction->ended || direction->muted))
        return;
    if (shutdown(direction->out_fd, SHUT_WR) == 0)
        relay_record_given(relay, direction, NULL, 0);
    direction->closed = true;
}

/* ---- reading ---- */

static void on_end(struct relay *relay, struct direction *direction)
{
    direction->ended = true;
    relay_record_taken(relay, direction, NULL, 0);
    relay_note_end(relay, RELAY_END_FIN, direction->from);
    relay_take_end(relay, direction);
}

/* A reset connection is a reset connection, here as there. */
static void on_reset(struct relay *relay, struct direction *direction)
{
    direction->ended = true;
    relay_record_reset_from(relay, direction->from);
    relay_note_end(relay, RELAY_END_RST, direction->from);
    relay->reset = true;
}

static bool may_read(const struct direction *direction)
{
    return !direction->ended && queued(direction) < QUEUE_HIGH;
}

/* One read; false when there is nothing for now, or never again. */
static bool read_some(struct relay *relay, struct direction *direction)
{
    uint8_t bytes[READ_LEN];
    ssize_t len = recv(direction->in_fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (len > 0)
        relay_record_taken(relay, direction, bytes, (size_t)len);
    if (len > 0 && !direction->muted)
        relay_take(relay, direction, bytes, (size_t)len);
    else if (len == 0)
        on_end(relay, direction);
    else if (len < 0 && errno != EAGAIN && errno != EINTR)
        on_reset(relay, direction);
    return len > 0;
}

static void fill(struct relay *relay, struct direction *direction)
{
    for (int i = 0; i < READS_AT_ONCE && may_read(direction); i++)
        if (!read_some(relay, direction))
            break;
}

/* ---- steps ---- */

/* POINT_START: of one direction, then of the other. */
static void begin(struct relay *relay)
{
    relay->begun = true;
    for (int role = 0; role < 2; role++) {
        struct direction *direction = &relay->directions[role];
        struct outcome outcome;
        struct standing standing = { .num_points = 1,
                                     .record_version = TLS10,
                                     .what = "the connection" };
        standing.points[0] = (struct attack_point){ .from = (enum role)role, .kind = POINT_START };
        if (!relay_tamper(relay, direction, &standing, NULL, 0, &outcome))
            continue;
        relay_emit(relay, direction, outcome.before.data, outcome.before.len);
        relay_emit(relay, direction, outcome.unit.data, outcome.unit.len);
        relay_emit(relay, direction, outcome.after.data, outcome.after.len);
        relay_carry_out(relay, direction, outcome.fate);
        outcome_fini(&outcome);
    }
}

/* RST instead of FIN, when everything before it is with the kernel. */
static void reset_sockets(struct relay *relay)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    relay_record_resets(relay);
    setsockopt(relay->setting.client_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    setsockopt(relay->setting.server_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close_sockets(relay);
}

static bool is_finished(const struct direction *direction)
{
    return direction->ended && (direction->closed || direction->dead);
}

static bool all_written(const struct relay *relay)
{
    return queued(&relay->directions[ROLE_CLIENT]) + queued(&relay->directions[ROLE_SERVER]) == 0;
}

enum relay_status relay_step(struct relay *relay)
{
    if (relay->gone)
        return RELAY_DONE;
    if (!relay->begun)
        begin(relay);
    for (int role = 0; role < 2 && !relay->reset; role++)
        fill(relay, &relay->directions[role]);
    for (int role = 0; role < 2; role++) {
        flush(relay, &relay->directions[role]);
        if (!relay->reset) /* RST is no FIN */
            hand_on_end(relay, &relay->directions[role]);
    }
    if (relay->reset && all_written(relay))
        reset_sockets(relay);
    else if (is_finished(&relay->directions[ROLE_CLIENT]) &&
             is_finished(&relay->directions[ROLE_SERVER]))
        close_sockets(relay);
    relay_record_flush(relay);
    return relay->gone ? RELAY_DONE : RELAY_GOING;
}

void relay_waits(const struct relay *relay, struct relay_wait out[2])
{
    const struct direction *from_client = &relay->directions[ROLE_CLIENT];
    const struct direction *from_server = &relay->directions[ROLE_SERVER];
    bool open = !relay->gone && !relay->reset;
    out[ROLE_CLIENT] = (struct relay_wait){ .fd = relay->setting.client_fd,
                                            .readable = open && may_read(from_client),
                                            .writable = !relay->gone && may_write(from_server) };
    out[ROLE_SERVER] = (struct relay_wait){ .fd = relay->setting.server_fd,
                                            .readable = open && may_read(from_server),
                                            .writable = !relay->gone && may_write(from_client) };
}

int relay_timeout_ms(const struct relay *relay)
{
    int timeout = -1;
    uint64_t now = monotonic_ms();
    if (!relay->begun)
        return 0;
    for (int role = 0; role < 2 && !relay->gone; role++) {
        const struct direction *direction = &relay->directions[role];
        if (queued(direction) == 0 || direction->ready_ms <= now)
            continue;
        int wait = (int)(direction->ready_ms - now);
        if (timeout < 0 || wait < timeout)
            timeout = wait;
    }
    return timeout;
}
