/* A run from beginning to end: the hooks through which the runner takes its cases and leaves their
 * results, then the twins. */
#include "matrix/deviations_matched.h"
#include "matrix/relay/path.h"
#include "matrix/session_parts.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_INTERRUPTED = 130 }; /* what shells expect after Ctrl-C */

static volatile sig_atomic_t stop_requested;

static void on_signal(int number)
{
    (void)number;
    stop_requested = 1;
}

static bool is_red(enum verdict verdict)
{
    return verdict == VERDICT_FAIL || verdict == VERDICT_XPASS || verdict == VERDICT_TIMEOUT ||
           verdict == VERDICT_CRASH || verdict == VERDICT_HARNESS_ERROR;
}

/* 1: the case has its verdict from before (resume); 0: not yet; -1. */
static int is_done_already(struct session *session, const char *id, struct error *err)
{
    struct result_row row;
    if (!session->request->resume)
        return 0;
    int found = results_find(session->results, id, false, &row, err);
    return found > 0 ? row.planned : found;
}

static int next_of_plan(void *context, struct matrix_case *out, struct error *err)
{
    struct session *session = context;
    bool unsupported;
    char reason[TEXT_LEN];
    while (plan_next(session->plan, out, &unsupported, reason)) {
        char id[CASE_ID_MAX];
        case_id(id, out, &session->stacks.set);
        int done = is_done_already(session, id, err);
        if (done < 0)
            return -1;
        if (done > 0)
            continue;
        if (!unsupported)
            return 1;
        if (session_put_unsupported(session, id, reason, err) < 0)
            return -1;
    }
    return 0;
}

static int next_of_ids(void *context, struct matrix_case *out, struct error *err)
{
    struct session *session = context;
    const struct session_request *request = session->request;
    while (session->next_id < request->num_ids) {
        const char *id = request->ids[session->next_id++];
        char reason[TEXT_LEN];
        if (case_from_id(out, id, &session->stacks.set, err) < 0)
            return -1;
        int done = is_done_already(session, id, err);
        if (done < 0)
            return -1;
        if (done > 0)
            continue;
        if (!case_unsupported(reason, out, &session->stacks.set))
            return 1;
        if (session_put_unsupported(session, id, reason, err) < 0)
            return -1;
    }
    return 0;
}

static int next_of_twins(void *context, struct matrix_case *out, struct error *err)
{
    struct session *session = context;
    return twins_next(&session->twins, out, err);
}

int session_settle(struct session *session, const struct finished_case *finished, bool planned,
                   struct judgement *judgement, struct error *err)
{
    const struct deviation *deviation = deviations_apply(
        session->deviations, judgement, finished->id, finished->c, &session->stacks.set);
    if (session_put_result(session, finished, planned, judgement,
                           deviation == NULL ? "" : deviation->id, err) < 0)
        return -1;
    session->progress.done += planned;
    session->progress.twins += !planned;
    session->progress.failures += is_red(judgement->verdict);
    return session_commit_now_and_then(session, err);
}

static int on_done(void *context, const struct finished_case *finished, struct error *err)
{
    struct session *session = context;
    struct judgement judgement = *finished->judgement;
    session->outcome->num_run++;
    session->outcome->num_refusals += finished->is_refusal;
    session->outcome->num_survived += finished->num_survived;
    session->outcome->num_twins += !session->planned;
    session->num_sequences += path_is_wanted(finished->c, &session->network) ? 2 : 1;
    if (session_records(session, finished->c))
        return session_hold(session, finished, err);
    session->outcome->num_unseen += session->splitter != NULL;
    if (session_write_keys(session, finished->evidence, err) < 0)
        return -1;
    return session_settle(session, finished, session->planned, &judgement, err);
}

static int on_watched(void *context, struct error *err)
{
    return session_look_at_capture(context, err);
}

/* A proof that failed is held against the refusal only if the same case is accepted in a fresh
 * process: see judge_survivals(). One that a known deviation explains proves nothing either way. */
static int on_proved(void *context, const char *refused_id, const struct finished_case *twin,
                     struct error *err)
{
    struct session *session = context;
    struct judgement judgement = *twin->judgement;
    session->outcome->num_run++;
    session->outcome->num_twins++;
    session->outcome->num_survived += twin->num_survived;
    session->num_sequences += path_is_wanted(twin->c, &session->network) ? 2 : 1;
    if (session_write_keys(session, twin->evidence, err) < 0)
        return -1;
    if (judgement.verdict == VERDICT_PASS ||
        deviations_apply(session->deviations, &judgement, twin->id, twin->c,
                         &session->stacks.set) != NULL)
        return 0;
    if (session->num_spoilt == SPOILT_MAX)
        return 0; /* the count of survivals tells of the rest */
    struct spoilt *grown = reallocarray(session->spoilt, session->num_spoilt + 1, sizeof *grown);
    if (grown == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    session->spoilt = grown;
    struct spoilt *spoilt = &grown[session->num_spoilt++];
    snprintf(spoilt->refused_id, sizeof spoilt->refused_id, "%s", refused_id);
    snprintf(spoilt->good_id, sizeof spoilt->good_id, "%s", twin->id);
    spoilt->judgement = judgement;
    return 0;
}

static int on_late(void *context, const char *id, enum peer_outcome outcome, const char *reason,
                   struct error *err)
{
    struct session *session = context;
    char text[TEXT_LEN];
    snprintf(text, sizeof text, "after its facts a worker: %.400s", reason);
    if (session_drain_capture(session, err) < 0) /* the case may wait for its packets still */
        return -1;
    session->progress.failures++;
    return results_rejudge(session->results, id,
                           outcome == PEER_CRASHED ? VERDICT_CRASH : VERDICT_HARNESS_ERROR,
                           KIND_NONE, text, "", err);
}

static void on_tick(void *context)
{
    struct session *session = context;
    if (session->request->quiet)
        return;
    if (stop_requested && !session->told_stop) {
        progress_end(&session->progress);
        fputs("stopping: waiting for the cases under way\n", stderr);
        session->told_stop = true;
    }
    if (!stop_requested)
        progress_show(&session->progress);
}

static int run_cases(struct session *session,
                     int (*next)(void *, struct matrix_case *, struct error *), bool planned,
                     struct error *err)
{
    struct runner_setting setting = {
        .stacks = &session->stacks,
        .forge = &session->forge,
        .imposters = (const struct imposters *const *)session->imposters,
        .network = &session->network,
        .directory = session->request->directory,
        .lanes = session->request->lanes,
        .deadline_ms = session->request->deadline_ms,
        .keylog = session->keys != NULL || session->splitter != NULL,
        .first_sequence = session->num_sequences + 1,
        .watched = session->splitter == NULL ? -1 : splitter_fd(session->splitter),
        .stop = &stop_requested,
    };
    struct runner_hooks hooks = {
        .context = session,
        .next = next,
        .done = on_done,
        .proved = on_proved,
        .late = on_late,
        .watched = on_watched,
        .tick = on_tick,
    };
    memcpy(setting.fault, session->faults, sizeof setting.fault);
    session->planned = planned;
    return runner_run(&setting, &hooks, err) < 0 ? -1 : session_drain_capture(session, err);
}

/* The good cases that were not served, each once, but for those that the twins held. */
static int next_of_good(void *context, struct matrix_case *out, struct error *err)
{
    struct session *session = context;
    while (session->next_good < session->num_spoilt) {
        struct result_row row;
        const char *id = session->spoilt[session->next_good].good_id;
        bool again = false;
        for (size_t i = 0; i < session->next_good; i++)
            again = again || strcmp(session->spoilt[i].good_id, id) == 0;
        session->next_good++;
        int found = again ? 1 : results_find(session->results, id, false, &row, err);
        if (found < 0)
            return -1;
        if (found == 0)
            return case_from_id(out, id, &session->stacks.set, err) < 0 ? -1 : 1;
    }
    return 0;
}

static bool is_green(const struct result_row *row)
{
    return row->verdict == VERDICT_PASS || row->verdict == VERDICT_XFAIL;
}

/* After the twins: what a good client met behind a refusal is held against the refusal only where
 * that stands, and the same good client, by itself, is served as it should. */
static int judge_survivals(struct session *session, struct error *err)
{
    for (size_t i = 0; i < session->num_spoilt; i++) {
        const struct spoilt *spoilt = &session->spoilt[i];
        struct result_row refused, good;
        char reason[TEXT_LEN];
        int found = results_find(session->results, spoilt->refused_id, false, &refused, err);
        int alone = results_find(session->results, spoilt->good_id, false, &good, err);
        if (found < 0 || alone < 0)
            return -1;
        if (found == 0 || !is_green(&refused) || alone == 0 || !is_green(&good))
            continue;
        snprintf(reason, sizeof reason,
                 "the same server process did not serve the next client: %.400s",
                 spoilt->judgement.reason);
        if (results_rejudge(session->results, spoilt->refused_id, spoilt->judgement.verdict,
                            spoilt->judgement.kind, reason, "", err) < 0)
            return -1;
    }
    return 0;
}

/* Refusals count only where the healthy twin was accepted: run the twins that the plan did not
 * hold, then look at each refusal again. */
static int run_twins(struct session *session, struct error *err)
{
    twins_begin(&session->twins, session->results, &session->stacks.set);
    if (run_cases(session, next_of_twins, false, err) < 0 ||
        run_cases(session, next_of_good, false, err) < 0)
        return -1;
    if (stop_requested)
        return 0;
    return twins_judge(session->results, &session->stacks.set, err) < 0
               ? -1
               : judge_survivals(session, err);
}

static uint64_t sum_run(const uint64_t counts[NUM_VERDICTS])
{
    uint64_t sum = 0;
    for (int i = 0; i < NUM_VERDICTS; i++)
        sum += i == VERDICT_UNSUPPORTED ? 0 : counts[i];
    return sum;
}

static int init_progress(struct session *session, struct error *err)
{
    uint64_t counts[NUM_VERDICTS], inconclusive;
    if (results_counts(session->results, counts, &inconclusive, err) < 0)
        return -1;
    progress_init(&session->progress, session->num_planned, sum_run(counts));
    return results_last_sequence(session->results, &session->num_sequences, err);
}

static int init_network(struct session *session, struct error *err)
{
    char reason[ERROR_TEXT_MAX];
    bool isolated = session->request->isolate && network_isolate(reason);
    if (session->request->isolate && !isolated && !session->request->quiet)
        fprintf(stderr, "tlsmatrix: %s; the run shares the machine's loopback\n", reason);
    return network_init(&session->network, isolated, err);
}

/* An entry of matrix/deviations that no case of a whole `full` run matches has gone stale. */
static int check_deviations(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    char full[PATH_LEN];
    stacks_data_path(full, "matrix/profiles/full.yaml");
    if (session->profile == NULL || strcmp(profile_path(session->profile), full) != 0 ||
        request->selection.num_globs > 0 || request->selection.num_shards > 1 || stop_requested)
        return 0;
    if (deviations_check_matched(session->results, session->deviations, &session->stacks.set,
                                 &session->outcome->unmatched_deviations, err) < 0)
        return -1;
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, session->outcome->unmatched_deviations);
    return results_set(session->results, "unmatched_deviations", text, err);
}

/* Whether the results are whole: merge takes no others, because what a part lacks would be missed
 * by nobody. */
static int put_state(struct session *session, const char *state, struct error *err)
{
    return results_set(session->results, "state", state, err) < 0
               ? -1
               : results_commit(session->results, err);
}

static int run_all(struct session *session, struct error *err)
{
    if (init_network(session, err) < 0 || session_open(session, err) < 0 ||
        init_progress(session, err) < 0 || put_state(session, "unfinished", err) < 0)
        return -1;
    bool by_ids = session->request->ids != NULL;
    int ret = run_cases(session, by_ids ? next_of_ids : next_of_plan, true, err);
    if (ret == 0 && !stop_requested)
        ret = run_twins(session, err);
    if (ret == 0)
        ret = check_deviations(session, err);
    if (ret == 0 && !stop_requested)
        ret = put_state(session, "finished", err);
    if (!session->request->quiet)
        progress_end(&session->progress);
    struct error *first = ret == 0 ? err : NULL; /* the first error is the one to tell */
    if (session_stop_capture(session, first) < 0 || results_commit(session->results, first) < 0)
        ret = -1;
    return ret;
}

static double elapsed(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* A worker is two descriptors: many lanes and stacks want more than the usual soft limit. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int session_run(struct session_outcome *out, const struct session_request *request,
                struct error *err)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    struct session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    *out = (struct session_outcome){ .capture_source = request->capture_source };
    session->request = request;
    session->outcome = out;
    session->network.listener = -1;
    session->lock = -1;
    catch_signals();
    raise_descriptor_limit();
    int ret = run_all(session, err);
    if (ret == 0)
        ret = results_counts(session->results, out->counts, &out->red_inconclusive, err);
    out->interrupted = stop_requested;
    out->seconds = elapsed(&start);
    session_stop_capture(session, NULL); /* where it did not come so far */
    if (results_close(session->results, ret == 0 ? err : NULL) < 0)
        ret = -1;
    network_fini(&session->network);
    plan_free(session->plan);
    profile_free(session->profile);
    deviations_free(session->deviations);
    for (int kind = 0; kind < NUM_CREDENTIALS; kind++)
        free(session->imposters[kind]);
    free(session->spoilt);
    free(session->randoms);
    if (session->lock >= 0)
        close(session->lock);
    free(session);
    return ret;
}

int session_exit_code(const struct session_outcome *outcome)
{
    if (outcome->interrupted)
        return EXIT_INTERRUPTED;
    if (outcome->counts[VERDICT_HARNESS_ERROR] > 0)
        return ERROR_HARNESS;
    bool red = outcome->red_inconclusive > 0 || outcome->missing_capabilities > 0 ||
               outcome->unmatched_deviations > 0 || outcome->missing_parts > 0;
    for (int i = 0; i < NUM_VERDICTS; i++)
        red = red || (is_red((enum verdict)i) && outcome->counts[i] > 0);
    return red ? 1 : 0;
}
