#include "matrix/runner.h"

#include "harness/clock.h"
#include "matrix/endpoints.h"
#include "matrix/raw/end.h"
#include "matrix/relay/path.h"
#include "matrix/survival.h"
#include "matrix/worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* A worker keeps the case's deadline itself; this is how much later we stop believing it. */
    BACKSTOP_MS = 2000,
    TICK_MS = 200, /* progress a few times a second */
    EVENTS_AT_ONCE = 64,
    RELAY_EVENT = 0xFF, /* in place of a stack: no stack has this index */
};
#define WATCHED_EVENT UINT64_MAX /* no lane has this number */

struct lane {
    unsigned number;
    bool busy;
    bool answered[2];
    uint64_t backstop_ms; /* monotonic */
    uint32_t sequence;
    struct matrix_case c;
    char id[CASE_ID_MAX];
    char tofu_store[PATH_LEN];
    struct expectation expectation;
    struct evidence evidence;
    struct path path;                          /* the relay, where the case has one */
    struct raw_end raw;                        /* likewise, an end that is no stack */
    struct worker workers[STACKS_MAX][2];      /* [stack][role] */
    char last_id[STACKS_MAX][2][CASE_ID_MAX];  /* the case that each carried last */
    struct survival survivals[STACKS_MAX + 1]; /* of the servers among them */
    bool proving;                              /* the case under way is there to prove one */
    char refused_id[CASE_ID_MAX];              /* what it is to have survived */
};

struct runner {
    const struct runner_setting *setting;
    const struct runner_hooks *hooks;
    struct lane *lanes;
    int epoll;
    unsigned num_busy;
    uint32_t sequence;
    bool source_empty;
};

static struct worker *lane_worker(struct lane *lane, enum role role)
{
    return &lane->workers[case_stack(&lane->c, role)][role];
}

static bool is_raw(const struct lane *lane, enum role role)
{
    return case_stack(&lane->c, role) == RAW_STACK;
}

/* epoll's word for "the worker of this stack and role in this lane". */
static uint64_t event_key(const struct lane *lane, size_t stack, enum role role)
{
    return (uint64_t)lane->number << 16 | stack << 8 | role;
}

static struct case_setting case_setting(const struct runner *runner, const struct lane *lane)
{
    const struct runner_setting *setting = runner->setting;
    struct case_setting made = {
        .stacks = &setting->stacks->set,
        .forge = setting->forge,
        .imposters = setting->imposters,
        .deadline_ms = setting->deadline_ms,
        .keylog = setting->keylog,
        .tofu_store = lane->tofu_store,
    };
    memcpy(made.fault, setting->fault, sizeof made.fault);
    return made;
}

/* A log for what the worker writes to its standard error; -1 (ours) if it cannot be opened. */
static int open_log(const struct runner *runner, const struct lane *lane, size_t stack,
                    enum role role)
{
    char path[PATH_LEN * 2];
    snprintf(path, sizeof path, "%s/logs/%s-%s-%u.log", runner->setting->directory,
             runner->setting->stacks->set.stacks[stack].stack, role_name(role), lane->number);
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

/* A worker spoke or ended though it owes nothing: whatever it was, it belongs to the case that it
 * carried last (a crash while tearing down its connection, for example), which may wait for the
 * other end still. */
static int on_idle_worker(struct runner *runner, struct lane *lane, size_t stack, enum role role,
                          struct error *err)
{
    struct worker *worker = &lane->workers[stack][role];
    struct facts ignored;
    char reason[TEXT_LEN];
    enum peer_outcome outcome = worker_receive(worker, &ignored, reason);
    if (outcome == PEER_ANSWERED) {
        outcome = PEER_BROKE_CONTRACT;
        snprintf(reason, sizeof reason, "sent facts twice");
        worker_stop(worker, NULL);
    }
    if (!lane->busy || is_raw(lane, role) || worker != lane_worker(lane, role))
        return runner->hooks->late(runner->hooks->context, lane->last_id[stack][role], outcome,
                                   reason, err);
    lane->evidence.outcome[role] = outcome;
    snprintf(lane->evidence.reason[role], TEXT_LEN, "after its facts: %.400s", reason);
    return 0;
}

/* The worker for a role of the lane's case, started if it does not run. */
static struct worker *ready_worker(struct runner *runner, struct lane *lane, enum role role,
                                   struct error *err)
{
    struct worker *worker = lane_worker(lane, role);
    size_t stack = case_stack(&lane->c, role);
    /* What it says before it has the case is not about the case. */
    if (worker->channel >= 0 && worker_has_news(worker) &&
        on_idle_worker(runner, lane, stack, role, err) < 0)
        return NULL;
    if (worker->channel >= 0)
        return worker;
    int log = open_log(runner, lane, stack, role);
    int started = worker_start(worker, &runner->setting->stacks->programs[stack], log, NULL, err);
    if (log >= 0)
        close(log);
    if (started < 0)
        return NULL;
    if (role == ROLE_SERVER)
        lane->survivals[stack] = (struct survival){ 0 };
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = event_key(lane, stack, role) };
    if (epoll_ctl(runner->epoll, EPOLL_CTL_ADD, worker->channel, &event) != 0) {
        error_errno(err, "epoll_ctl");
        worker_stop(worker, NULL);
        return NULL;
    }
    return worker;
}

/* A worker that cannot take its case has died since its last one: evidence of this case, because
 * nobody else can carry it. */
static void note_lost_worker(struct lane *lane, enum role role)
{
    lane->answered[role] = true;
    lane->evidence.outcome[role] = PEER_CRASHED;
    worker_stop(lane_worker(lane, role), lane->evidence.reason[role]);
}

/* Sends both ends their part. The server first: it only waits. */
static int send_case(struct runner *runner, struct lane *lane, const int sockets[2],
                     struct error *err)
{
    struct case_setting setting = case_setting(runner, lane);
    struct endpoint endpoints[2];
    static const enum role order[2] = { ROLE_SERVER, ROLE_CLIENT };
    endpoints_make(endpoints, &lane->c, &setting);
    for (int i = 0; i < 2; i++) {
        enum role role = order[i];
        if (is_raw(lane, role))
            continue;
        struct worker *worker = ready_worker(runner, lane, role, err);
        if (worker == NULL)
            return -1;
        if (worker_send_case(worker, &endpoints[role], sockets[role], NULL) < 0)
            note_lost_worker(lane, role);
        memcpy(lane->last_id[case_stack(&lane->c, role)][role], lane->id, sizeof lane->id);
    }
    return 0;
}

/* The case's two ends: connected to each other, or with the relay between them. */
static int connect_ends(struct runner *runner, struct lane *lane, int sockets[2], struct error *err)
{
    const struct runner_setting *setting = runner->setting;
    lane->sequence = runner->sequence;
    if (path_is_wanted(&lane->c, setting->network))
        return path_start(&lane->path, sockets, &lane->c, setting->forge, setting->network,
                          &runner->sequence, runner->epoll,
                          event_key(lane, RELAY_EVENT, ROLE_CLIENT), err);
    const struct raw_hello *hello = case_hello(&lane->c);
    if (hello != NULL)
        return raw_end_start(&lane->raw, &sockets[hello->to], &lane->c, setting->forge,
                             setting->network, &runner->sequence, runner->epoll,
                             event_key(lane, RELAY_EVENT, ROLE_CLIENT), err);
    runner->sequence++;
    return network_pair(setting->network, lane->sequence, &sockets[ROLE_CLIENT],
                        &sockets[ROLE_SERVER], err);
}

static int start_case(struct runner *runner, struct lane *lane, struct error *err)
{
    int sockets[2] = { -1, -1 };
    const struct stack_set *stacks = &runner->setting->stacks->set;
    struct case_setting setting = case_setting(runner, lane);
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        lane->answered[role] = is_raw(lane, role);
    lane->evidence = (struct evidence){ .outcome = { PEER_ANSWERED, PEER_ANSWERED } };
    case_id(lane->id, &lane->c, stacks);
    oracle_expect(&lane->expectation, &lane->c, stacks);
    if (endpoints_prepare(&lane->evidence, &lane->c, &setting, err) < 0 ||
        connect_ends(runner, lane, sockets, err) < 0)
        return -1;
    int ret = send_case(runner, lane, sockets, err);
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (sockets[role] >= 0)
            close(sockets[role]);
    lane->busy = true;
    runner->num_busy++;
    lane->backstop_ms = monotonic_ms() + runner->setting->deadline_ms + BACKSTOP_MS;
    return ret;
}

static void stop_raw(struct lane *lane)
{
    const struct raw_hello *hello = case_hello(&lane->c);
    if (hello == NULL)
        return;
    raw_end_stop(&lane->raw, &lane->evidence.raw);
    player_tell(&lane->evidence.facts[hello->to == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT],
                &lane->evidence.raw);
}

static int finish_case(struct runner *runner, struct lane *lane, struct error *err)
{
    struct case_setting setting = case_setting(runner, lane);
    struct judgement judgement;
    lane->busy = false;
    runner->num_busy--;
    path_stop(&lane->path, &lane->evidence.relay);
    stop_raw(lane);
    if (endpoints_collect(&lane->evidence, &lane->c, &setting, err) < 0)
        return -1;
    judge_either(&judgement, &lane->expectation, &lane->c, &runner->setting->stacks->set,
                 &lane->evidence);
    struct finished_case finished = {
        .c = &lane->c,
        .id = lane->id,
        .sequence = lane->sequence,
        .expectation = &lane->expectation,
        .evidence = &lane->evidence,
        .judgement = &judgement,
        .is_refusal = survival_is_owed(&lane->expectation, &lane->evidence),
        .num_survived = survival_note(&lane->survivals[lane->c.server], &lane->c, lane->id,
                                      &lane->expectation, &lane->evidence, &judgement),
    };
    if (lane->proving)
        return runner->hooks->proved(runner->hooks->context, lane->refused_id, &finished, err);
    return runner->hooks->done(runner->hooks->context, &finished, err);
}

static bool has_answers(const struct lane *lane)
{
    return lane->answered[ROLE_CLIENT] && lane->answered[ROLE_SERVER];
}

/* Peers close behind their answers: what the relay has to write down is complete only then. */
static bool lane_is_done(const struct lane *lane)
{
    return has_answers(lane) && !lane->path.recording;
}

/* A case that proves a survival in this lane, of what is urgent or of all: 1, or 0 if nothing of it
 * is owed any more. */
static int next_proof(struct runner *runner, struct lane *lane, bool all)
{
    for (size_t stack = 0; stack < STACKS_MAX; stack++) {
        struct survival *survival = &lane->survivals[stack];
        if ((!all && !survival_is_urgent(survival)) ||
            lane->workers[stack][ROLE_SERVER].channel < 0 ||
            !survival_claim(survival, &lane->c, &runner->setting->stacks->set))
            continue;
        memcpy(lane->refused_id, survival->refused_id, sizeof lane->refused_id);
        lane->proving = true;
        return 1;
    }
    return 0;
}

/* The lane's next case: 1; 0: none is left; -1. */
static int next_case(struct runner *runner, struct lane *lane, struct error *err)
{
    if (runner->setting->stop != NULL && *runner->setting->stop) {
        runner->source_empty = true;
        return 0;
    }
    lane->proving = false;
    if (next_proof(runner, lane, false) > 0)
        return 1;
    if (!runner->source_empty) {
        int more = runner->hooks->next(runner->hooks->context, &lane->c, err);
        if (more != 0)
            return more;
        runner->source_empty = true;
    }
    return next_proof(runner, lane, true);
}

/* Gives the lane its next case until one is under way or there are none. */
static int refill(struct runner *runner, struct lane *lane, struct error *err)
{
    while (!lane->busy) {
        int more = next_case(runner, lane, err);
        if (more <= 0)
            return more;
        if (start_case(runner, lane, err) < 0)
            return -1;
        if (lane_is_done(lane) && finish_case(runner, lane, err) < 0)
            return -1;
    }
    return 0;
}

static int on_worker(struct runner *runner, uint64_t key, struct error *err)
{
    struct lane *lane = &runner->lanes[key >> 16];
    size_t stack = key >> 8 & 0xFF;
    enum role role = key & 0xFF;
    if (stack == RELAY_EVENT)
        return 0; /* step_relays() is next */
    struct worker *worker = &lane->workers[stack][role];
    if (worker->channel < 0 || !worker_has_news(worker))
        return 0; /* stopped, or started again, earlier in the same batch of events */
    if (!lane->busy || is_raw(lane, role) || worker != lane_worker(lane, role) ||
        lane->answered[role])
        return on_idle_worker(runner, lane, stack, role, err);
    lane->evidence.outcome[role] =
        worker_receive(worker, &lane->evidence.facts[role], lane->evidence.reason[role]);
    lane->answered[role] = true;
    if (!lane_is_done(lane))
        return 0;
    if (finish_case(runner, lane, err) < 0)
        return -1;
    return refill(runner, lane, err);
}

/* Has the worker spoken although nobody has listened yet? Then it is not the one that hung: we
 * were busy with something else. */
static bool has_spoken(const struct worker *worker)
{
    struct pollfd wait = { .fd = worker->channel, .events = POLLIN };
    return poll(&wait, 1, 0) > 0;
}

static int on_backstop(struct runner *runner, struct lane *lane, struct error *err)
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        if (lane->answered[role] || has_spoken(lane_worker(lane, role)))
            continue;
        worker_stop(lane_worker(lane, role), NULL);
        lane->evidence.outcome[role] = PEER_HUNG;
        snprintf(lane->evidence.reason[role], TEXT_LEN, "no facts within %u ms; killed",
                 runner->setting->deadline_ms + BACKSTOP_MS);
        lane->answered[role] = true;
    }
    if (!has_answers(lane))
        return 0; /* the next events bring what is missing */
    if (finish_case(runner, lane, err) < 0)
        return -1;
    return refill(runner, lane, err);
}

static int check_backstops(struct runner *runner, struct error *err)
{
    uint64_t now = monotonic_ms();
    for (unsigned i = 0; i < runner->setting->lanes; i++) {
        struct lane *lane = &runner->lanes[i];
        if (lane->busy && now >= lane->backstop_ms && on_backstop(runner, lane, err) < 0)
            return -1;
    }
    return 0;
}

/* Moves what passes through the relays and the raw ends; how long the loop may wait at most. */
static int step_relays(struct runner *runner, int *timeout_ms, struct error *err)
{
    *timeout_ms = TICK_MS;
    for (unsigned i = 0; i < runner->setting->lanes; i++) {
        if (path_step(&runner->lanes[i].path, err) < 0 ||
            raw_end_step(&runner->lanes[i].raw, err) < 0)
            return -1;
        *timeout_ms = path_timeout_ms(&runner->lanes[i].path, *timeout_ms);
        if (runner->lanes[i].busy && lane_is_done(&runner->lanes[i]) &&
            (finish_case(runner, &runner->lanes[i], err) < 0 ||
             refill(runner, &runner->lanes[i], err) < 0))
            return -1;
    }
    return 0;
}

static int on_event(struct runner *runner, uint64_t key, struct error *err)
{
    return key == WATCHED_EVENT ? runner->hooks->watched(runner->hooks->context, err)
                                : on_worker(runner, key, err);
}

static int on_tick(struct runner *runner, struct error *err)
{
    if (check_backstops(runner, err) < 0 ||
        (runner->setting->watched >= 0 && runner->hooks->watched(runner->hooks->context, err) < 0))
        return -1;
    if (runner->hooks->tick != NULL)
        runner->hooks->tick(runner->hooks->context);
    return 0;
}

static int loop(struct runner *runner, struct error *err)
{
    uint64_t next_tick = 0;
    for (unsigned i = 0; i < runner->setting->lanes; i++)
        if (refill(runner, &runner->lanes[i], err) < 0)
            return -1;
    while (runner->num_busy > 0) {
        struct epoll_event events[EVENTS_AT_ONCE];
        int timeout_ms;
        if (step_relays(runner, &timeout_ms, err) < 0)
            return -1;
        int num = epoll_wait(runner->epoll, events, EVENTS_AT_ONCE, timeout_ms);
        if (num < 0 && errno != EINTR)
            return error_errno(err, "epoll_wait");
        for (int i = 0; i < num; i++)
            if (on_event(runner, events[i].data.u64, err) < 0)
                return -1;
        if (monotonic_ms() < next_tick)
            continue;
        next_tick = monotonic_ms() + TICK_MS;
        if (on_tick(runner, err) < 0)
            return -1;
    }
    return 0;
}

static int make_directories(const struct runner_setting *setting, struct error *err)
{
    static const char *const names[] = { "logs", "first-use" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_LEN];
        snprintf(path, sizeof path, "%s/%s", setting->directory, names[i]);
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return error_errno(err, "%s", path);
    }
    return 0;
}

static void init_lanes(struct runner *runner)
{
    for (unsigned i = 0; i < runner->setting->lanes; i++) {
        struct lane *lane = &runner->lanes[i];
        lane->number = i;
        snprintf(lane->tofu_store, sizeof lane->tofu_store, "%s/first-use/lane-%u",
                 runner->setting->directory, i);
        for (size_t stack = 0; stack < STACKS_MAX; stack++)
            lane->workers[stack][ROLE_CLIENT].channel = lane->workers[stack][ROLE_SERVER].channel =
                -1;
    }
}

static void quit_lane(struct lane *lane)
{
    for (size_t stack = 0; stack < STACKS_MAX; stack++)
        for (int role = 0; role < 2; role++)
            if (lane->workers[stack][role].channel >= 0)
                worker_quit(&lane->workers[stack][role]);
}

static int part_from_lane(struct runner *runner, struct lane *lane, struct error *err)
{
    for (size_t stack = 0; stack < STACKS_MAX; stack++)
        for (int role = 0; role < 2; role++) {
            char reason[TEXT_LEN];
            if (lane->workers[stack][role].channel < 0)
                continue;
            enum peer_outcome outcome = worker_farewell(&lane->workers[stack][role], reason);
            if (outcome != PEER_ANSWERED &&
                runner->hooks->late(runner->hooks->context, lane->last_id[stack][role], outcome,
                                    reason, err) < 0)
                return -1;
        }
    return 0;
}

/* No case is left: every worker ends on its own, so that what its last case has broken shows. */
static int part_from_workers(struct runner *runner, struct error *err)
{
    for (unsigned i = 0; i < runner->setting->lanes; i++)
        quit_lane(&runner->lanes[i]);
    for (unsigned i = 0; i < runner->setting->lanes; i++)
        if (part_from_lane(runner, &runner->lanes[i], err) < 0)
            return -1;
    return 0;
}

static void stop_lanes(struct runner *runner)
{
    for (unsigned i = 0; i < runner->setting->lanes; i++) {
        struct lane *lane = &runner->lanes[i];
        for (size_t stack = 0; stack < STACKS_MAX; stack++)
            for (int role = 0; role < 2; role++)
                worker_stop(&lane->workers[stack][role], NULL);
        path_stop(&lane->path, NULL);
        raw_end_stop(&lane->raw, NULL);
        unlink(lane->tofu_store);
    }
}

static int watch(struct runner *runner, struct error *err)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = WATCHED_EVENT };
    if (runner->setting->watched < 0 ||
        epoll_ctl(runner->epoll, EPOLL_CTL_ADD, runner->setting->watched, &event) == 0)
        return 0;
    return error_errno(err, "epoll_ctl");
}

int runner_run(const struct runner_setting *setting, const struct runner_hooks *hooks,
               struct error *err)
{
    assert(setting->lanes >= 1 && setting->lanes <= LANES_MAX);
    struct runner runner = { .setting = setting,
                             .hooks = hooks,
                             .sequence = setting->first_sequence };
    if (make_directories(setting, err) < 0)
        return -1;
    runner.lanes = calloc(setting->lanes, sizeof *runner.lanes);
    if (runner.lanes == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    init_lanes(&runner);
    runner.epoll = epoll_create1(EPOLL_CLOEXEC);
    int ret = runner.epoll < 0 ? error_errno(err, "epoll_create1") : watch(&runner, err);
    if (ret == 0)
        ret = loop(&runner, err);
    if (ret == 0)
        ret = part_from_workers(&runner, err);
    stop_lanes(&runner);
    if (runner.epoll >= 0)
        close(runner.epoll);
    free(runner.lanes);
    return ret;
}
