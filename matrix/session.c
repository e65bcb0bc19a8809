#include "matrix/session.h"

#include "captures/tcpdump.h"
#include "harness/control/facts.h"
#include "matrix/deviations.h"
#include "matrix/deviations_matched.h"
#include "matrix/progress.h"
#include "matrix/twins.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    COMMIT_EVERY = 500,    /* cases; a killed run repeats at most these and those of a tick */
    EXIT_INTERRUPTED = 130 /* what shells expect after Ctrl-C */
};

struct session {
    const struct session_request *request;
    struct session_outcome *outcome;
    struct stack_list stacks;
    struct forge forge;
    struct network network;
    struct profile *profile;
    struct plan *plan;
    struct results *results;
    struct deviations *deviations;
    struct twin_walk twins;
    struct progress progress;
    struct tcpdump tcpdump;
    FILE *keys;
    const char *faults[STACKS_MAX]; /* the lie that each stack is told to tell; NULL: none */
    size_t next_id;       /* with request->ids */
    bool planned;         /* the cases under way belong to the plan, not to the twins */
    unsigned uncommitted;
    uint32_t num_sequences;
};

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

static int commit_now_and_then(struct session *session, struct error *err)
{
    if (++session->uncommitted < COMMIT_EVERY)
        return 0;
    session->uncommitted = 0;
    return results_commit(session->results, err);
}

/* A case that a stack declares itself unable to do gets its verdict without being run. */
static int put_unsupported(struct session *session, const char *id, const char *reason,
                           struct error *err)
{
    struct result_row row = { .id = id,
                              .planned = true,
                              .verdict = VERDICT_UNSUPPORTED,
                              .reason = reason,
                              .deviation = "" };
    if (results_put(session->results, &row, err) < 0)
        return -1;
    return commit_now_and_then(session, err);
}

/* Before anything is written: every id names a case that the protocol has. */
static int check_ids(const struct session_request *request, const struct stack_set *stacks,
                     struct error *err)
{
    struct matrix_case c;
    for (size_t i = 0; i < request->num_ids; i++) {
        const char *id = request->ids[i];
        if (case_from_id(&c, id, stacks, err) < 0)
            return -1;
        const struct exclusion_rule *rule = case_excluded(&c);
        if (rule != NULL)
            return error_set(err, ERROR_USAGE, "%s: not a possible case: %s (%s)", id, rule->text,
                             rule->reference);
    }
    return 0;
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
        if (put_unsupported(session, id, reason, err) < 0)
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
        if (put_unsupported(session, id, reason, err) < 0)
            return -1;
    }
    return 0;
}

static int next_of_twins(void *context, struct matrix_case *out, struct error *err)
{
    struct session *session = context;
    return twins_next(&session->twins, out, err);
}

/* The facts as they are stored: without what differs in every case. */
static char *stored_facts(const struct evidence *evidence, enum role role)
{
    if (evidence->outcome[role] != PEER_ANSWERED)
        return NULL;
    struct facts facts = evidence->facts[role];
    facts.exporter_known = false;
    facts.duration_us = 0;
    facts.keylog[0] = '\0';
    json_t *object = facts_to_json(&facts);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

static void set_exporters(struct result_row *row, const struct evidence *evidence)
{
    for (int role = 0; role < 2; role++) {
        const struct facts *facts = &evidence->facts[role];
        if (evidence->outcome[role] != PEER_ANSWERED)
            continue;
        row->duration_us[role] = facts->duration_us;
        if (facts->exporter_known)
            row->exporter[role] = facts->exporter;
    }
}

static int put_result(struct session *session, const struct finished_case *finished,
                      const struct judgement *judgement, const char *deviation, struct error *err)
{
    /* The expectation follows from the id; it is kept only where somebody will want to read it. */
    json_t *expected = judgement->verdict == VERDICT_PASS
                           ? NULL
                           : expectation_to_json(finished->expectation);
    char *expectation = expected == NULL ? NULL : json_dumps(expected, JSON_COMPACT);
    char *client = stored_facts(finished->evidence, ROLE_CLIENT);
    char *server = stored_facts(finished->evidence, ROLE_SERVER);
    struct result_row row = {
        .id = finished->id,
        .planned = session->planned,
        .verdict = judgement->verdict,
        .kind = judgement->kind,
        .reason = judgement->reason,
        .deviation = deviation,
        .sequence = finished->sequence,
        .expectation = expectation,
        .facts = { client, server },
    };
    set_exporters(&row, finished->evidence);
    int ret = results_put(session->results, &row, err);
    json_decref(expected);
    free(expectation);
    free(client);
    free(server);
    return ret;
}

static int write_keys(struct session *session, const struct evidence *evidence, struct error *err)
{
    if (session->keys == NULL)
        return 0;
    /* Both ends log the same secrets; the server's serve where the client has none. */
    const char *lines = evidence->facts[ROLE_CLIENT].keylog[0] != '\0'
                            ? evidence->facts[ROLE_CLIENT].keylog
                            : evidence->facts[ROLE_SERVER].keylog;
    if (fputs(lines, session->keys) < 0)
        return error_errno(err, "keys.log");
    return 0;
}

static int on_done(void *context, const struct finished_case *finished, struct error *err)
{
    struct session *session = context;
    struct judgement judgement = *finished->judgement;
    const struct deviation *deviation =
        deviations_apply(session->deviations, &judgement, finished->id, finished->c,
                         &session->stacks.set);
    if (put_result(session, finished, &judgement, deviation == NULL ? "" : deviation->id, err) < 0 ||
        write_keys(session, finished->evidence, err) < 0)
        return -1;
    session->outcome->num_run++;
    session->num_sequences++;
    session->progress.done += session->planned;
    session->progress.failures += is_red(judgement.verdict);
    return commit_now_and_then(session, err);
}

static int on_late(void *context, const char *id, enum peer_outcome outcome, const char *reason,
                   struct error *err)
{
    struct session *session = context;
    char text[TEXT_LEN];
    snprintf(text, sizeof text, "after its facts a worker: %.400s", reason);
    session->progress.failures++;
    return results_rejudge(session->results, id,
                           outcome == PEER_CRASHED ? VERDICT_CRASH : VERDICT_HARNESS_ERROR,
                           KIND_NONE, text, "", err);
}

static void on_tick(void *context)
{
    struct session *session = context;
    if (!session->request->quiet)
        progress_show(&session->progress);
}

static int parse_faults(struct session *session, struct error *err)
{
    for (size_t i = 0; i < session->request->num_faults; i++) {
        const char *spec = session->request->faults[i];
        const char *equals = strchr(spec, '=');
        char name[NAME_MAX_LEN];
        if (equals == NULL)
            return error_set(err, ERROR_USAGE, "--fault '%s': it must be STACK=LIE", spec);
        snprintf(name, sizeof name, "%.*s", (int)(equals - spec), spec);
        int stack = stack_index(&session->stacks.set, name);
        if (stack < 0)
            return error_set(err, ERROR_USAGE, "--fault '%s': no stack '%s' in this run", spec,
                             name);
        session->faults[stack] = equals + 1;
    }
    return 0;
}

static int run_cases(struct session *session,
                     int (*next)(void *, struct matrix_case *, struct error *), bool planned,
                     struct error *err)
{
    struct runner_setting setting = {
        .stacks = &session->stacks,
        .forge = &session->forge,
        .network = &session->network,
        .directory = session->request->directory,
        .lanes = session->request->lanes,
        .deadline_ms = session->request->deadline_ms,
        .keylog = session->keys != NULL,
        .first_sequence = session->num_sequences + 1,
        .stop = &stop_requested,
    };
    struct runner_hooks hooks = { .context = session,
                                  .next = next,
                                  .done = on_done,
                                  .late = on_late,
                                  .tick = on_tick };
    memcpy(setting.fault, session->faults, sizeof setting.fault);
    session->planned = planned;
    return runner_run(&setting, &hooks, err);
}

/* Refusals count only where the healthy twin was accepted: run the twins that the plan did not
 * hold, then look at each refusal again. */
static int run_twins(struct session *session, struct error *err)
{
    twins_begin(&session->twins, session->results, &session->stacks.set);
    if (run_cases(session, next_of_twins, false, err) < 0)
        return -1;
    if (stop_requested)
        return 0;
    return twins_judge(session->results, &session->stacks.set, err);
}

/* Makes a directory and those above it; one that is there is fine. */
static int make_directory(const char *path, struct error *err)
{
    char partial[PATH_LEN];
    snprintf(partial, sizeof partial, "%s", path);
    for (char *slash = strchr(partial + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST)
            return error_set(err, ERROR_USAGE, "%s: %s", partial, strerror(errno));
        *slash = '/';
    }
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    return 0;
}

static int open_results(struct session *session, struct error *err)
{
    char path[PATH_LEN];
    const struct session_request *request = session->request;
    snprintf(path, sizeof path, "%s/results.db", request->directory);
    return results_open(&session->results, path, request->resume ? RESULTS_RESUME : RESULTS_CREATE,
                        err);
}

/* On resuming, the stacks must still be what they were: other libraries would mix two runs. */
static int check_same_stacks(struct session *session, struct error *err)
{
    struct stack_set *before = malloc(sizeof *before);
    if (before == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = results_stacks(session->results, before, err);
    if (ret == 0 && before->num_stacks != session->stacks.set.num_stacks)
        ret = error_set(err, ERROR_USAGE, "%s: was begun with other stacks",
                        session->request->directory);
    for (size_t i = 0; ret == 0 && i < before->num_stacks; i++) {
        const struct capabilities *was = &before->stacks[i], *is = &session->stacks.set.stacks[i];
        if (strcmp(was->stack, is->stack) != 0 || strcmp(was->library, is->library) != 0)
            ret = error_set(err, ERROR_USAGE, "%s: was begun with %s (%s), now it is %s (%s)",
                            session->request->directory, was->stack, was->library, is->stack,
                            is->library);
    }
    free(before);
    return ret;
}

static int put_stacks(struct session *session, struct error *err)
{
    for (size_t i = 0; i < session->stacks.set.num_stacks; i++)
        if (results_put_stack(session->results, &session->stacks.set.stacks[i], err) < 0)
            return -1;
    return 0;
}

static int put_numbers(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    char text[64];
    time_t now = time(NULL);
    struct tm utc;
    snprintf(text, sizeof text, "%u/%u", request->selection.shard, request->selection.num_shards);
    if (results_set(session->results, "shard", text, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%u", request->selection.repeats);
    if (results_set(session->results, "repeats", text, err) < 0)
        return -1;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return results_set(session->results, "started", text, err);
}

/* What --resume needs to make the same plan again, and what merge compares. */
static int put_request(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    json_t *globs = json_array();
    for (size_t i = 0; i < request->selection.num_globs; i++)
        json_array_append_new(globs, json_string(request->selection.globs[i]));
    char *text = json_dumps(globs, JSON_COMPACT);
    json_decref(globs);
    if (text == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = results_set(session->results, "select", text, err);
    free(text);
    if (ret < 0 ||
        results_set(session->results, "profile",
                    session->profile == NULL ? "" : profile_path(session->profile), err) < 0 ||
        results_set(session->results, "version", TLSMATRIX_VERSION, err) < 0 ||
        put_numbers(session, err) < 0 || put_stacks(session, err) < 0)
        return -1;
    return results_commit(session->results, err);
}

/* Runs through the plan once without carrying anything out, for the total. */
static int count_plan(struct session *session, uint64_t *total, struct error *err)
{
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN];
    if (session->request->ids != NULL) {
        *total = session->request->num_ids;
        return 0;
    }
    if (plan_new(&session->plan, session->profile, &session->stacks.set,
                 &session->request->selection, err) < 0)
        return -1;
    while (plan_next(session->plan, &c, &unsupported, reason) && !stop_requested)
        ;
    *total = plan_counts(session->plan)->cases;
    uint64_t all = *total + plan_counts(session->plan)->unsupported;
    plan_free(session->plan);
    session->plan = NULL;
    if (all == 0)
        return error_set(err, ERROR_USAGE, "nothing selected: no case of profile '%s' matches",
                         session->request->profile);
    return plan_new(&session->plan, session->profile, &session->stacks.set,
                    &session->request->selection, err);
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
    uint64_t total, counts[NUM_VERDICTS], inconclusive;
    if (count_plan(session, &total, err) < 0 || results_counts(session->results, counts, &inconclusive, err) < 0)
        return -1;
    uint64_t before = sum_run(counts);
    session->num_sequences = (uint32_t)before;
    progress_init(&session->progress, total, before);
    return 0;
}

static int start_capture(struct session *session, struct error *err)
{
    char path[PATH_LEN];
    if (!session->request->capture)
        return 0;
    snprintf(path, sizeof path, "%s/keys.log", session->request->directory);
    session->keys = fopen(path, "ae");
    if (session->keys == NULL)
        return error_errno(err, "%s", path);
    snprintf(path, sizeof path, "%s/run.pcap", session->request->directory);
    return tcpdump_start(&session->tcpdump, path, session->network.port, err);
}

static int stop_capture(struct session *session, struct error *err)
{
    int ret = 0;
    if (session->keys != NULL && fclose(session->keys) != 0)
        ret = error_errno(err, "keys.log");
    session->keys = NULL;
    if (tcpdump_stop(&session->tcpdump, &session->outcome->packets_captured,
                     &session->outcome->packets_dropped, err) < 0)
        ret = -1;
    return ret;
}

static int init_network(struct session *session, struct error *err)
{
    char reason[ERROR_TEXT_MAX];
    bool isolated = session->request->isolate && network_isolate(reason);
    if (session->request->isolate && !isolated && !session->request->quiet)
        fprintf(stderr, "tlsmatrix: %s; the run shares the machine's loopback\n", reason);
    return network_init(&session->network, isolated, err);
}

static int load_parts(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    char path[PATH_LEN], cache[PATH_LEN];
    if (stacks_load(&session->stacks, request->stacks, request->num_stacks, err) < 0)
        return -1;
    session->outcome->missing_capabilities =
        stacks_check(request->quiet ? NULL : stderr, &session->stacks.set, err);
    if (session->outcome->missing_capabilities < 0)
        return -1;
    if (request->profile != NULL &&
        profile_load(&session->profile, request->profile, &session->stacks.set, err) < 0)
        return -1;
    stacks_data_path(path, "matrix/deviations");
    if (check_ids(request, &session->stacks.set, err) < 0 || parse_faults(session, err) < 0 ||
        deviations_load(&session->deviations, path, err) < 0 ||
        make_directory(request->directory, err) < 0 ||
        open_results(session, err) < 0)
        return -1;
    if (request->resume ? check_same_stacks(session, err) < 0 : put_request(session, err) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/pki", request->directory);
    forge_default_key_cache(cache);
    return forge_make(&session->forge, path, cache, err);
}

/* An entry of matrix/deviations that no case of a whole `full` run matches has gone stale. */
static int check_deviations(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    const char *profile = request->profile == NULL ? "" : request->profile;
    if (strcmp(profile, "full") != 0 || request->selection.num_globs > 0 ||
        request->selection.num_shards > 1 || stop_requested)
        return 0;
    return deviations_check_matched(session->results, session->deviations, &session->stacks.set,
                                    &session->outcome->unmatched_deviations, err);
}

static int run_all(struct session *session, struct error *err)
{
    if (init_network(session, err) < 0 || load_parts(session, err) < 0 ||
        init_progress(session, err) < 0 || start_capture(session, err) < 0)
        return -1;
    bool by_ids = session->request->ids != NULL;
    int ret = run_cases(session, by_ids ? next_of_ids : next_of_plan, true, err);
    if (ret == 0 && !stop_requested)
        ret = run_twins(session, err);
    if (ret == 0)
        ret = check_deviations(session, err);
    if (!session->request->quiet)
        progress_end(&session->progress);
    struct error *first = ret == 0 ? err : NULL; /* the first error is the one to tell */
    if (stop_capture(session, first) < 0 || results_commit(session->results, first) < 0)
        ret = -1;
    return ret;
}

static double elapsed(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
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
    *out = (struct session_outcome){ 0 };
    session->request = request;
    session->outcome = out;
    session->network.listener = -1;
    catch_signals();
    int ret = run_all(session, err);
    if (ret == 0)
        ret = results_counts(session->results, out->counts, &out->red_inconclusive, err);
    out->interrupted = stop_requested;
    out->seconds = elapsed(&start);
    tcpdump_stop(&session->tcpdump, &out->packets_captured, &out->packets_dropped, NULL);
    if (results_close(session->results, ret == 0 ? err : NULL) < 0)
        ret = -1;
    network_fini(&session->network);
    plan_free(session->plan);
    profile_free(session->profile);
    deviations_free(session->deviations);
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
               outcome->unmatched_deviations > 0;
    for (int i = 0; i < NUM_VERDICTS; i++)
        red = red || (is_red((enum verdict)i) && outcome->counts[i] > 0);
    return red ? 1 : 0;
}
