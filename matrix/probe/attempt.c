/* One connection to the server. Between our worker and the server stands a tap, so that what the
 * server says is read off the wire, not only told by the worker. */
#include "harness/clock.h"
#include "harness/upgrade.h"
#include "matrix/probe/probe.h"
#include "matrix/reproduce/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 1000, /* of one probe: beyond what `--all` needs with every stack */
    TELLS_MS = 400,         /* before the worker's deadline: what it has seen then is told */
    BACKSTOP_MS = 2000,     /* how much later than its deadline a worker is not believed */
    TRIES = 3,              /* to connect, where the server has taken connections before */
    BACK_OFF_MS = 500,      /* between them, doubled each time */
};

static const char *const attempt_names[NUM_ATTEMPT_RESULTS] = {
    [ATTEMPT_ACCEPTED] = "accepted",   [ATTEMPT_REFUSED] = "refused",
    [ATTEMPT_CLOSED] = "closed",       [ATTEMPT_NOT_TLS] = "not-tls",
    [ATTEMPT_STALLED] = "stalled",     [ATTEMPT_UNREACHABLE] = "unreachable",
    [ATTEMPT_NOT_TRIED] = "not-tried",
};

const char *attempt_name(enum attempt attempt)
{
    return attempt_names[attempt];
}

int probe_init(struct probe *probe, const struct probe_target *target, struct stack_list *stacks,
               struct error *err)
{
    *probe = (struct probe){ .target = target, .stacks = stacks };
    for (size_t i = 0; i < STACKS_MAX; i++)
        probe->workers[i].channel = -1;
    return network_init(&probe->network, false, err);
}

void probe_fini(struct probe *probe)
{
    for (size_t i = 0; i < probe->stacks->set.num_stacks; i++)
        if (probe->workers[i].channel >= 0)
            worker_stop(&probe->workers[i], NULL);
    network_fini(&probe->network);
}

struct endpoint probe_endpoint(const struct probe *probe, uint16_t min_version,
                               uint16_t max_version)
{
    const struct probe_target *target = probe->target;
    struct endpoint endpoint = { .role = ROLE_CLIENT,
                                 .min_version = min_version,
                                 .max_version = max_version,
                                 .verify = VERIFY_NONE,
                                 .verify_time = time(NULL),
                                 .deadline_ms = target->deadline_ms,
                                 .keylog = true };
    snprintf(endpoint.peer_name, sizeof endpoint.peer_name, "%.*s", NAME_MAX_LEN - 1, target->name);
    return endpoint;
}

static void pause_ms(uint32_t ms)
{
    poll(NULL, 0, (int)ms);
}

static void note_address(struct probe *probe, int socket)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char text[INET6_ADDRSTRLEN] = "?";
    if (probe->connected_to[0] != '\0' ||
        getpeername(socket, (struct sockaddr *)&address, &len) != 0)
        return;
    const void *bytes = address.ss_family == AF_INET
                            ? (const void *)&((struct sockaddr_in *)&address)->sin_addr
                            : &((struct sockaddr_in6 *)&address)->sin6_addr;
    inet_ntop(address.ss_family, bytes, text, sizeof text);
    snprintf(probe->connected_to, sizeof probe->connected_to, "%s", text);
}

int probe_connect(int *out, struct seen *seen, struct probe *probe, struct error *err)
{
    const struct probe_target *target = probe->target;
    enum net_result result = NET_ERROR;
    bool known = probe->connected_to[0] != '\0';
    struct error said = { .class = ERROR_NONE };
    if (probe->num_attempts++ == CONNECTIONS_MAX)
        return error_set(err, ERROR_HARNESS, "more than %d connections", CONNECTIONS_MAX);
    if (probe->num_attempts > 1 && target->pause_ms > 0)
        pause_ms(target->pause_ms);
    for (int i = 0; i < (known ? TRIES : 1) && result != NET_CONNECTED; i++) {
        if (i > 0)
            pause_ms(BACK_OFF_MS << i);
        result = net_connect(out, target->address, target->deadline_ms, &said);
    }
    if (result == NET_NO_ADDRESS) {
        if (err != NULL)
            *err = said;
        return -1;
    }
    if (result != NET_CONNECTED) {
        seen->outcome = ATTEMPT_UNREACHABLE;
        snprintf(seen->why, TEXT_LEN, "%.400s%s", said.text,
                 known ? " (it took connections before: it may limit how many)" : "");
        return 1;
    }
    note_address(probe, *out);
    if (target->starttls && upgrade_client(*out, target->deadline_ms, &said) != 0) {
        seen->outcome = ATTEMPT_NOT_TLS;
        snprintf(seen->why, TEXT_LEN, "before TLS: %.400s", said.text);
        close(*out);
        return 1;
    }
    return 0;
}

/* ---- the worker's conversation, through the tap ---- */

struct conversation {
    struct worker *worker;
    struct tap *tap;
    int server; /* another descriptor of its socket: to end it */
    struct facts facts;
    bool answered;
    bool ended_by_us;
    char problem[TEXT_LEN]; /* of a worker that did not answer */
};

/* Before the worker's time is up the server's side is ended: a handshake that is done by then, and
 * only the close of which is waited for, is told as done. */
static void converse(struct conversation *c, uint32_t deadline_ms)
{
    uint64_t start = monotonic_ms();
    uint64_t tells = start + deadline_ms - (deadline_ms > 2 * TELLS_MS ? TELLS_MS : 0);
    uint64_t end = start + deadline_ms + BACKSTOP_MS;
    for (uint64_t now = start; !c->answered && now < end; now = monotonic_ms()) {
        struct pollfd wait[3] = { { .fd = c->worker->channel, .events = POLLIN } };
        tap_waits(c->tap, wait + 1);
        uint64_t until = c->ended_by_us ? end : tells;
        poll(wait, 3, until > now ? (int)(until - now) : 0);
        tap_step(c->tap);
        if (!c->ended_by_us && monotonic_ms() >= tells) {
            shutdown(c->server, SHUT_RD);
            c->ended_by_us = true;
        }
        if (worker_has_news(c->worker))
            c->answered = true;
    }
    tap_step(c->tap);
    if (!c->answered) {
        snprintf(c->problem, TEXT_LEN, "the peer did not answer in time");
        worker_stop(c->worker, NULL);
    } else if (worker_receive(c->worker, &c->facts, c->problem) != PEER_ANSWERED) {
        c->answered = false;
    }
}

static void judge_facts(struct seen *out, const struct conversation *c)
{
    const struct facts *facts = &c->facts;
    out->completed = facts->handshake_done;
    out->chain_judged = facts->verify_known;
    out->trusted = facts->verify_known && facts->verify_code == 0;
    snprintf(out->verdict, TEXT_LEN, "%s", facts->verify_text);
    if (facts->group != 0)
        out->group = facts->group;
    if (facts->signature_scheme != 0)
        out->signature_scheme = facts->signature_scheme;
    if (out->outcome == ATTEMPT_ACCEPTED && !out->completed)
        snprintf(out->why, TEXT_LEN, "%s", facts->error_text);
}

static void stalled(struct seen *out, uint32_t deadline_ms)
{
    out->outcome = ATTEMPT_STALLED;
    snprintf(out->why, TEXT_LEN, "no answer within %u ms", (unsigned)deadline_ms);
}

/* What the attempt came to, by the wire first: a worker that gave up says nothing about why. */
static void conclude(struct seen *out, const struct conversation *c,
                     const struct endpoint *endpoint)
{
    char text[TEXT_LEN];
    size_t first_len;
    if (!c->answered) {
        out->outcome = ATTEMPT_NOT_TRIED;
        snprintf(out->why, TEXT_LEN, "%.400s", c->problem);
        return;
    }
    if (c->facts.result == RESULT_DECLINED || out->hello_len == 0) {
        out->outcome = ATTEMPT_NOT_TRIED;
        snprintf(out->why, TEXT_LEN, "%s", c->facts.error_text);
        return;
    }
    const uint8_t *first = tap_first(&first_len, c->tap, ROLE_SERVER);
    if (seen_no_tls(text, first, first_len)) {
        out->outcome = ATTEMPT_NOT_TLS;
        snprintf(out->why, TEXT_LEN, "%s", text);
        return;
    }
    judge_facts(out, c);
    if (out->outcome == ATTEMPT_CLOSED && c->ended_by_us)
        stalled(out, endpoint->deadline_ms);
    if (out->outcome == ATTEMPT_ACCEPTED &&
        (out->version < endpoint->min_version || out->version > endpoint->max_version)) {
        const char *chosen = version_name(out->version);
        out->outcome = ATTEMPT_REFUSED;
        snprintf(out->why, TEXT_LEN, "it chose %s, which was not offered",
                 chosen != NULL ? chosen : "another version");
    }
}

/* Both ends of the local connection, the tap between its far end and the server. */
static int start_tap(struct conversation *c, int *near, struct probe *probe, int server,
                     struct error *err)
{
    struct tap_setting setting = { .noted = ROLE_CLIENT };
    setting.fds[ROLE_SERVER] = server;
    c->server = dup(server);
    if (c->server < 0 || network_pair(&probe->network, probe->num_attempts, near,
                                      &setting.fds[ROLE_CLIENT], err) < 0) {
        close(server);
        return c->server < 0 ? error_errno(err, "dup") : -1;
    }
    c->tap = tap_new(&setting, err);
    if (c->tap == NULL)
        close(*near);
    return c->tap == NULL ? -1 : 0;
}

static int start_worker(struct worker *worker, const struct stack_program *program,
                        const struct endpoint *endpoint, int socket, struct error *err)
{
    if (worker->channel < 0 && worker_start(worker, program, -1, NULL, err) < 0)
        return -1;
    return worker_send_case(worker, endpoint, socket, err);
}

int probe_attempt(struct seen *out, struct probe *probe, size_t stack,
                  const struct endpoint *endpoint, struct error *err)
{
    static struct conversation c; /* large; one at a time */
    int server, near = -1;
    *out = (struct seen){ .stack = stack };
    stalled(out, endpoint->deadline_ms);
    int ret = probe_connect(&server, out, probe, err);
    if (ret != 0)
        return ret < 0 ? -1 : 0;
    c = (struct conversation){ .worker = &probe->workers[stack], .server = -1 };
    ret = start_tap(&c, &near, probe, server, err);
    if (ret == 0) {
        ret = start_worker(c.worker, &probe->stacks->programs[stack], endpoint, near, err);
        close(near);
    }
    if (ret == 0) {
        converse(&c, endpoint->deadline_ms);
        struct split_connection *packets = tap_packets(c.tap, 1);
        if (packets != NULL)
            seen_read(out, packets, c.answered ? c.facts.keylog : "", probe->target->name,
                      endpoint->verify_time);
        split_connection_free(packets);
        conclude(out, &c, endpoint);
    }
    tap_free(c.tap);
    if (c.server >= 0)
        close(c.server);
    return ret;
}

/* ---- a hello of our own ---- */

/* The first record of an answer: an alert says no, a handshake yes. */
static void judge_record(struct seen *out, const uint8_t *bytes, size_t len)
{
    if (seen_no_tls(out->why, bytes, len)) {
        out->outcome = ATTEMPT_NOT_TLS;
    } else if (len >= 7 && bytes[0] == CONTENT_ALERT) {
        out->outcome = ATTEMPT_REFUSED;
        snprintf(out->why, TEXT_LEN, "alert %s", alert_text(bytes[6]));
    } else if (len >= 6 && bytes[0] == CONTENT_HANDSHAKE && bytes[5] == HANDSHAKE_SERVER_HELLO) {
        out->outcome = ATTEMPT_ACCEPTED;
        out->why[0] = '\0';
    }
}

/* Reads until seven bytes are there, or the other end closes, or the time is up. */
static void hear(struct seen *out, int socket, uint32_t deadline_ms)
{
    uint8_t bytes[PROBE_FIRST_LEN];
    size_t len = 0;
    uint64_t end = monotonic_ms() + deadline_ms;
    for (uint64_t now = monotonic_ms(); len < 7 && now < end; now = monotonic_ms()) {
        struct pollfd ready = { .fd = socket, .events = POLLIN };
        if (poll(&ready, 1, (int)(end - now)) <= 0)
            break;
        ssize_t got = recv(socket, bytes + len, sizeof bytes - len, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            out->outcome = ATTEMPT_CLOSED;
            snprintf(out->why, TEXT_LEN, "%s without a word", got == 0 ? "closed" : "reset");
            break;
        }
        len += got > 0 ? (size_t)got : 0;
    }
    judge_record(out, bytes, len);
}

int probe_say(struct seen *out, struct probe *probe, const uint8_t *hello, size_t hello_len,
              struct error *err)
{
    int socket;
    uint8_t record[5 + PROBE_HELLO_MAX] = { CONTENT_HANDSHAKE, 3, 1, (uint8_t)(hello_len >> 8),
                                            (uint8_t)hello_len };
    *out = (struct seen){ .stack = 0 };
    stalled(out, probe->target->deadline_ms);
    if (hello_len > PROBE_HELLO_MAX)
        return error_set(err, ERROR_HARNESS, "a hello of %zu bytes", hello_len);
    memcpy(record + 5, hello, hello_len);
    int ret = probe_connect(&socket, out, probe, err);
    if (ret != 0)
        return ret < 0 ? -1 : 0;
    if (send(socket, record, 5 + hello_len, MSG_NOSIGNAL) == (ssize_t)(5 + hello_len))
        hear(out, socket, probe->target->deadline_ms);
    close(socket);
    return 0;
}
