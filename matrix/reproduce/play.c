#include "matrix/reproduce/play.h"

#include "harness/clock.h"
#include "matrix/raw/player.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"
#include "matrix/reproduce/tap.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BACKSTOP_MS = 2000,    /* as the runner has it: how much later a worker is not believed */
    LAST_PACKET_MS = 5000, /* likewise: packets take some milliseconds, a busy machine more */
    DRAIN_MS = 1000,       /* for what the judged end still sends when it has said its facts */
    FRAGMENT = 1 << 14,
    FLIGHT_MIN = 64, /* of a server's flight under protection: that it comes is enough */
};

/* One connection. */
struct play {
    struct ground *ground;
    const struct recipe *recipe;
    size_t stack[2]; /* by role; of a recorded end STACKS_MAX */
    struct endpoint ends[2];
    int sockets[2];              /* -1: given away */
    const struct attack *attack; /* NULL: nothing is done in the path */
    struct raw_hello *raw;
    struct player *player;
    struct relay *relay;
    struct tap *tap;   /* NULL: tcpdump records */
    uint32_t sequence; /* of the judged end's connection */
    bool answered[2];
    bool broken;
    char why[TEXT_LEN];
    struct evidence *evidence;
};

static enum role other_role(enum role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

static bool is_live(const struct play *play, enum role role)
{
    return play->stack[role] < STACKS_MAX;
}

static struct worker *worker_of(struct play *play, enum role role)
{
    return &play->ground->workers[play->stack[role]][role];
}

/* ---- beginning ---- */

static int start_worker(struct play *play, enum role role, struct error *err)
{
    struct worker *worker = worker_of(play, role);
    struct endpoint *endpoint = &play->ends[role];
    const char *fault = play->ground->faults[play->stack[role]];
    if (worker->channel < 0 &&
        worker_start(worker, &play->ground->stacks.programs[play->stack[role]], -1, NULL, err) < 0)
        return -1;
    if (fault != NULL)
        snprintf(endpoint->fault, sizeof endpoint->fault, "%s", fault);
    if (worker_send_case(worker, endpoint, play->sockets[role], err) < 0)
        return -1;
    close(play->sockets[role]);
    play->sockets[role] = -1;
    return 0;
}

static int start_player(struct play *play, enum role role, struct error *err)
{
    play->raw = calloc(1, sizeof *play->raw);
    if (play->raw == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    play->raw->to = other_role(role);
    play->raw->num_sends = 1;
    play->raw->fin_at_once = play->recipe->hangs_up;
    play->raw->sends[0].fragment = FRAGMENT;
    play->raw->sends[0].before =
        (struct raw_bytes){ play->recipe->bytes.data, play->recipe->bytes.len };
    play->raw->sends[0].echo_at = play->recipe->echo_at;
    play->raw->sends[0].echo_len = play->recipe->echo_len;
    const struct player_setting setting = { .hello = play->raw,
                                            .fd = play->sockets[role],
                                            .flight_min = FLIGHT_MIN };
    play->sockets[role] = -1;
    play->player = player_new(&setting, err);
    play->answered[role] = true;
    return play->player == NULL ? -1 : 0;
}

/* Two connections with the relay between them. */
static int start_relay(struct play *play, struct error *err)
{
    struct network *network = &play->ground->network;
    struct relay_setting setting = { .attack = play->attack, .application_len = CASE_REQUEST_LEN };
    uint32_t first = ++play->ground->sequence, second = ++play->ground->sequence;
    if (network_pair(network, first, &play->sockets[ROLE_CLIENT], &setting.client_fd, err) < 0)
        return -1;
    if (network_pair(network, second, &setting.server_fd, &play->sockets[ROLE_SERVER], err) < 0) {
        close(setting.client_fd);
        return -1;
    }
    play->sequence = play->recipe->judged == ROLE_CLIENT ? first : second;
    play->relay = relay_new(&setting, err);
    return play->relay == NULL ? -1 : 0;
}

static int connect_ends(struct play *play, struct error *err)
{
    if (play->attack != NULL)
        return start_relay(play, err);
    play->sequence = ++play->ground->sequence;
    return network_pair(&play->ground->network, play->sequence, &play->sockets[ROLE_CLIENT],
                        &play->sockets[ROLE_SERVER], err);
}

/* One connection more, to the judged end, with the tap between that and the others. */
static int start_tap(struct play *play, struct error *err)
{
    enum role judged = play->recipe->judged;
    struct tap_setting setting = { .noted = judged };
    int fds[2];
    uint32_t sequence = ++play->ground->sequence;
    if (network_pair(&play->ground->network, sequence, &fds[0], &fds[1], err) < 0)
        return -1;
    setting.fds[judged] = fds[other_role(judged)];
    setting.fds[other_role(judged)] = play->sockets[judged];
    play->sockets[judged] = fds[judged];
    play->sequence = sequence;
    play->tap = tap_new(&setting, err);
    return play->tap == NULL ? -1 : 0;
}

static int start(struct play *play, struct error *err)
{
    static const enum role order[] = { ROLE_SERVER, ROLE_CLIENT }; /* a server only waits */
    if (connect_ends(play, err) < 0 || (play->ground->splitter == NULL && start_tap(play, err) < 0))
        return -1;
    for (int i = 0; i < 2; i++)
        if ((is_live(play, order[i]) ? start_worker(play, order[i], err)
                                     : start_player(play, order[i], err)) < 0)
            return -1;
    return 0;
}

/* ---- under way ---- */

static void receive(struct play *play, enum role role)
{
    char reason[TEXT_LEN];
    enum peer_outcome outcome =
        worker_receive(worker_of(play, role), &play->evidence->facts[role], reason);
    play->answered[role] = true;
    if (outcome == PEER_ANSWERED)
        return;
    play->broken = true;
    snprintf(play->why, TEXT_LEN, "the %s: %.400s", role_name(role), reason);
}

static bool is_done(const struct play *play)
{
    return play->answered[ROLE_CLIENT] && play->answered[ROLE_SERVER];
}

enum {
    RELAY_WAITS = 2,
    PLAYER_WAIT = 4,
    TAP_WAITS = 5,
    NUM_WAITS = 7
}; /* behind those of the workers */

static void add_waits(struct pollfd wait[NUM_WAITS], const struct play *play)
{
    struct relay_wait relay[2];
    for (int i = 0; i < NUM_WAITS; i++)
        wait[i] = (struct pollfd){ .fd = -1 };
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (is_live(play, role) && !play->answered[role])
            wait[role] =
                (struct pollfd){ .fd = play->ground->workers[play->stack[role]][role].channel,
                                 .events = POLLIN };
    if (play->player != NULL) {
        struct player_wait player = player_waits(play->player);
        wait[PLAYER_WAIT] =
            (struct pollfd){ .fd = player.fd,
                             .events = (short)(POLLIN | (player.writable ? POLLOUT : 0)) };
    }
    if (play->tap != NULL)
        tap_waits(play->tap, wait + TAP_WAITS);
    if (play->relay == NULL)
        return;
    relay_waits(play->relay, relay);
    for (int i = 0; i < 2; i++)
        if (relay[i].readable || relay[i].writable)
            wait[RELAY_WAITS + i] = (struct pollfd){
                .fd = relay[i].fd,
                .events =
                    (short)((relay[i].readable ? POLLIN : 0) | (relay[i].writable ? POLLOUT : 0)),
            };
}

static int wait_ms(const struct play *play, uint64_t left_ms)
{
    int relay = play->relay == NULL ? -1 : relay_timeout_ms(play->relay);
    return relay >= 0 && (uint64_t)relay < left_ms ? relay : (int)left_ms;
}

/* Waits for whatever comes next; false when the time is up. */
static bool wait_for(struct play *play, uint64_t until_ms)
{
    struct pollfd wait[NUM_WAITS];
    uint64_t now = monotonic_ms();
    if (now >= until_ms)
        return false;
    add_waits(wait, play);
    if (poll(wait, NUM_WAITS, wait_ms(play, until_ms - now)) < 0 && errno != EINTR)
        return false;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (wait[role].fd >= 0 && wait[role].revents != 0)
            receive(play, role);
    if (play->player != NULL)
        player_step(play->player);
    if (play->relay != NULL)
        relay_step(play->relay);
    if (play->tap != NULL)
        tap_step(play->tap);
    return true;
}

/* Is there still something on its way? */
static bool is_open(const struct play *play)
{
    return (play->player != NULL && player_waits(play->player).fd >= 0) ||
           (play->tap != NULL && !tap_is_over(play->tap));
}

static void give_up_on_hung(struct play *play)
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        if (play->answered[role])
            continue;
        worker_stop(worker_of(play, role), NULL);
        play->answered[role] = play->broken = true;
        snprintf(play->why, TEXT_LEN, "the %s said nothing in time; ended", role_name(role));
    }
}

static void run(struct play *play)
{
    uint64_t until = monotonic_ms() + play->ends[play->recipe->judged].deadline_ms + BACKSTOP_MS;
    if (play->player != NULL)
        player_step(play->player);
    if (play->relay != NULL)
        relay_step(play->relay);
    while (!is_done(play))
        if (!wait_for(play, until))
            break;
    give_up_on_hung(play);
    until = monotonic_ms() + DRAIN_MS;
    while (is_open(play))
        if (!wait_for(play, until))
            break;
}

static void play_fini(struct play *play)
{
    player_free(play->player);
    relay_free(play->relay);
    tap_free(play->tap);
    free(play->raw);
    free(play->evidence);
    for (int role = 0; role < 2; role++)
        if (play->sockets[role] >= 0)
            close(play->sockets[role]);
}

/* ---- what was recorded ---- */

static struct split_connection *take_recorded(struct ground *ground, uint32_t sequence)
{
    uint32_t key = network_key(sequence);
    uint64_t until = monotonic_ms() + LAST_PACKET_MS, now;
    while (splitter_clear(ground->splitter), !splitter_is_over(ground->splitter, key) &&
                                                 !splitter_ended(ground->splitter) &&
                                                 (now = monotonic_ms()) < until) {
        struct pollfd wait = { .fd = splitter_fd(ground->splitter), .events = POLLIN };
        poll(&wait, 1, (int)(until - now));
    }
    return splitter_take(ground->splitter, key);
}

static struct split_connection *take_packets(struct play *play)
{
    return play->tap != NULL ? tap_packets(play->tap, play->sequence)
                             : take_recorded(play->ground, play->sequence);
}

static int write_capture(struct play *play, const char *path, struct error *err)
{
    char comment[TEXT_LEN * 4], time[CASE_COMMENT_MAX];
    uint64_t num_bytes = 0;
    struct case_capture capture = { .legs = { take_packets(play) } };
    const struct recipe *recipe = play->recipe;
    if (capture.legs[0] == NULL)
        return error_set(err, ERROR_HARNESS, "%s: nothing was recorded", path);
    const struct case_comment of_case = { .verified_at = play->ends[recipe->judged].verify_time };
    snprintf(comment, sizeof comment, "%sreproduction of %s, connection %llu: %s\n%s\n%s",
             case_comment_write(time, &of_case), recipe->capture,
             (unsigned long long)recipe->connection, recipe->sentence, recipe->theory,
             play->tap == NULL ? "" : "not recorded: noted by a tap between the ends\n");
    int ret = case_capture_write(&capture, path, comment, play->tap != NULL, play->evidence,
                                 &num_bytes, err);
    case_capture_fini(&capture);
    return ret;
}

/* A recorded end goes no further than its bytes: how the other end took them is all there is. */
static bool has_gone_on(const struct play *play, const struct recording *seen)
{
    const struct facts *facts = play->evidence->facts;
    const struct last_alert *alert = &seen->story.alert;
    bool refused = alert->seen && alert->from == play->recipe->judged;
    switch (play->recipe->partner) {
    case PARTNER_HELLO: /* BoringSSL answers, and refuses in the middle of its flight */
        return (seen->story.has_choice || seen->facts.retried) && !refused;
    case PARTNER_FLIGHT:
        return seen->story.stage >= REACHED_CLIENT_FLIGHT && !refused;
    default:
        return facts[ROLE_CLIENT].result == RESULT_ACCEPTED &&
               facts[ROLE_SERVER].result == RESULT_ACCEPTED && !seen->story.alert.seen &&
               seen->finding.outcome != OUTCOME_FAILED;
    }
}

/* What the new capture shows; what the ends say of themselves does not count. */
static int conclude(struct ending *out, const char *path, struct play *play, struct error *err)
{
    if (write_capture(play, path, err) < 0)
        return -1;
    struct recording *seen = recording_read_outcome(path, err);
    if (seen == NULL)
        return -1;
    *out = ending_of_played(seen, play->recipe);
    if (has_gone_on(play, seen))
        out->refused = false;
    recording_free(seen);
    return 0;
}

/* ---- one connection, and its twin ---- */

/* 1: it came to an ending; 0: it did not, *out says why; -1. */
static int play_once(struct played *out, struct ending *ending, const char *path, struct play *play,
                     struct error *err)
{
    int ret = -1;
    play->evidence = calloc(1, sizeof *play->evidence);
    play->sockets[0] = play->sockets[1] = -1;
    if (play->evidence == NULL)
        error_set(err, ERROR_HARNESS, "out of memory");
    else if (start(play, err) == 0) {
        run(play);
        const struct facts *facts = &play->evidence->facts[play->recipe->judged];
        const struct facts *partner = &play->evidence->facts[other_role(play->recipe->judged)];
        /* Their ends of the connection are closed now. */
        player_free(play->player);
        relay_free(play->relay);
        play->player = NULL;
        play->relay = NULL;
        ret = conclude(ending, path, play, err) < 0 ? -1 : 1;
        bool declined =
            facts->result == RESULT_DECLINED ||
            (play->recipe->partner == PARTNER_STACK && partner->result == RESULT_DECLINED);
        if (ret > 0 && (play->broken || declined)) {
            out->kind = play->broken ? PLAYED_BROKEN : PLAYED_UNSUPPORTED;
            snprintf(out->why, TEXT_LEN, "%s",
                     play->broken                       ? play->why
                     : facts->result == RESULT_DECLINED ? facts->error_text
                                                        : partner->error_text);
            ret = 0;
        } else if (ret > 0 && out->why[0] == '\0') {
            snprintf(out->why, TEXT_LEN, "%s", facts->error_text);
        }
    }
    play_fini(play);
    return ret;
}

/* The first of the stacks that can be the other end; the judged one itself if it can, so that as
 * little as possible is foreign. */
static bool find_partner(struct play *play, struct played *out, enum role role, size_t judged)
{
    const struct stack_set *set = &play->ground->stacks.set;
    for (size_t i = 0; i <= set->num_stacks; i++) {
        size_t stack = i == 0 ? judged : i - 1;
        if (play->ground->faults[stack] != NULL && set->num_stacks > 1)
            continue; /* one liar at a time */
        if (!recipe_resolve(&play->ends[role], out->why, play->recipe, role, &set->stacks[stack]))
            continue;
        play->stack[role] = stack;
        snprintf(out->partner, sizeof out->partner, "%s", set->stacks[stack].stack);
        out->why[0] = '\0';
        return true;
    }
    return false;
}

static bool prepare(struct play *play, struct played *out, size_t stack)
{
    const struct recipe *recipe = play->recipe;
    enum role judged = recipe->judged, other = other_role(judged);
    play->attack = attack_by_name(recipe->attack);
    play->stack[judged] = stack;
    play->stack[other] = STACKS_MAX;
    return recipe_resolve(&play->ends[judged], out->why, recipe, judged,
                          &play->ground->stacks.set.stacks[stack]) &&
           (recipe->partner != PARTNER_STACK || find_partner(play, out, other, stack));
}

static void capture_path(char out[PATH_LEN], const struct recipe *recipe,
                         const struct capabilities *stack, const char *folder, bool twin)
{
    snprintf(out, PATH_LEN, "%s/captures/%s-%s%s.pcapng", folder, recipe->name, stack->stack,
             twin ? "-healthy" : "");
}

/* The same without the fault: a refusal that comes then too shows nothing. */
static int play_twin(struct played *out, struct ground *ground, const struct recipe *recipe,
                     size_t stack, const char *folder, struct error *err)
{
    char path[PATH_LEN];
    struct played ignored = { .kind = PLAYED_SAME };
    struct recipe healthy = *recipe; /* its bytes stay the recipe's */
    struct play play = { .ground = ground, .recipe = &healthy, .sockets = { -1, -1 } };
    capture_path(path, recipe, &ground->stacks.set.stacks[stack], folder, true);
    memcpy(healthy.ends, recipe->twin, sizeof healthy.ends);
    healthy.avoided[0].num = healthy.avoided[1].num = 0;
    healthy.attack[0] = '\0';
    if (!recipe->has_twin || !prepare(&play, &ignored, stack))
        return 0;
    int ret = play_once(&ignored, &out->twin, path, &play, err);
    out->has_twin = ret > 0;
    return ret < 0 ? -1 : 0;
}

int recipe_play(struct played *out, struct ground *ground, const struct recipe *recipe,
                size_t stack, const char *folder, struct error *err)
{
    char captures[PATH_LEN];
    struct play play = { .ground = ground, .recipe = recipe, .sockets = { -1, -1 } };
    *out = (struct played){ .kind = PLAYED_UNSUPPORTED };
    snprintf(captures, sizeof captures, "%s/captures", folder);
    if (mkdir(captures, 0755) != 0 && errno != EEXIST)
        return error_errno(err, "%s", captures);
    if (!prepare(&play, out, stack))
        return 0;
    capture_path(out->capture, recipe, &ground->stacks.set.stacks[stack], folder, false);
    int ret = play_once(out, &out->ending, out->capture, &play, err);
    if (ret <= 0)
        return ret;
    if (play_twin(out, ground, recipe, stack, folder, err) < 0)
        return -1;
    out->kind = played_judge(out, recipe);
    return 0;
}
