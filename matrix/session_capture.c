/* The wire's part of a run: tcpdump's stream is taken apart while it comes, a finished case waits
 * for the last of its packets, is judged again with what they show, and leaves them in a file where
 * the policy keeps it. */
#include "captures/case_comment.h"
#include "harness/clock.h"
#include "harness/pki/forge.h"
#include "matrix/capture_case.h"
#include "matrix/flights.h"
#include "matrix/relay/path.h"
#include "matrix/session_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LAST_PACKET_MS =
        5000,           /* after the facts: packets take some milliseconds, a busy machine more */
    WAITING_MAX = 4096, /* cases; beyond, the runner waits for the packets */
};

static const char *const policy_names[NUM_CAPTURE_POLICIES] = {
    [CAPTURE_NONE] = "none",
    [CAPTURE_FAILURES] = "failures",
    [CAPTURE_ALL] = "all",
    [CAPTURE_WHOLE] = "whole",
};

const char *capture_policy_name(enum capture_policy policy)
{
    return policy_names[policy];
}

int capture_policy_by_name(const char *name)
{
    for (int i = 0; i < NUM_CAPTURE_POLICIES; i++)
        if (strcmp(policy_names[i], name) == 0)
            return i;
    return -1;
}

static const char *const source_names[NUM_CAPTURE_SOURCES] = {
    [CAPTURE_FROM_NETWORK] = "network",
    [CAPTURE_FROM_RELAY] = "relay",
};

const char *capture_source_name(enum capture_source source)
{
    return source_names[source];
}

int capture_source_by_name(const char *name)
{
    for (int i = 0; i < NUM_CAPTURE_SOURCES; i++)
        if (strcmp(source_names[i], name) == 0)
            return i;
    return -1;
}

/* ---- beginning ---- */

/* What was recorded before the run was interrupted stays: run.pcap, run-2.pcap and so on. */
static void whole_name(struct session *session, char path[PATH_LEN])
{
    char *name = session->outcome->capture;
    size_t len = sizeof session->outcome->capture;
    snprintf(name, len, "run.pcap");
    for (unsigned part = 2;; part++) {
        snprintf(path, PATH_LEN, "%s/%s", session->request->directory, name);
        if (access(path, F_OK) != 0)
            return;
        snprintf(name, len, "run-%u.pcap", part);
    }
}

/* Opens keys.log to go on with it. A line that was cut off, as the run was killed or the disk was
 * full, belongs to a case that runs again: it goes, or the next line would be glued to it. */
static int open_keys(struct session *session, struct error *err)
{
    char path[PATH_LEN], *line = NULL;
    size_t size = 0;
    ssize_t len;
    off_t whole = 0;
    snprintf(path, sizeof path, "%s/keys.log", session->request->directory);
    FILE *keys = fopen(path, "a+e");
    if (keys == NULL)
        return error_errno(err, "%s", path);
    while ((len = getline(&line, &size, keys)) > 0)
        whole += line[len - 1] == '\n' ? len : 0;
    free(line);
    if (ferror(keys) || fseeko(keys, 0, SEEK_END) != 0 || ftruncate(fileno(keys), whole) != 0) {
        int ret = error_errno(err, "%s", path);
        fclose(keys);
        return ret;
    }
    session->keys = keys;
    return 0;
}

static int start_whole(struct session *session, struct error *err)
{
    char path[PATH_LEN];
    if (open_keys(session, err) < 0)
        return -1;
    whole_name(session, path);
    return tcpdump_start(&session->tcpdump, path, session->network.port,
                         session->network.packet_max, err);
}

/* A stream of packets out of the relay: the end to read, or -1. */
static int start_relaying(struct session *session, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_errno(err, "pipe");
    session->network.recorder = synthetic_new(ends[1], err);
    if (session->network.recorder != NULL)
        return ends[0];
    close(ends[0]);
    return -1;
}

static int start_packets(struct session *session, struct error *err)
{
    if (session->request->capture_source == CAPTURE_FROM_RELAY)
        return start_relaying(session, err);
    return tcpdump_start(&session->tcpdump, NULL, session->network.port,
                         session->network.packet_max, err) < 0
               ? -1
               : session->tcpdump.packets_fd;
}

static int start_splitting(struct session *session, struct error *err)
{
    char path[PATH_LEN];
    snprintf(path, sizeof path, "%s/captures", session->request->directory);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_errno(err, "%s", path);
    int packets = start_packets(session, err);
    if (packets < 0)
        return -1;
    FILE *stream = fdopen(packets, "r");
    if (stream == NULL)
        return error_errno(err, "fdopen");
    session->splitter = splitter_start(
        stream, capture_source_name(session->request->capture_source), case_capture_key, err);
    session->waiting_end = &session->waiting;
    return session->splitter == NULL ? -1 : 0;
}

int session_start_capture(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    if (request->corpus != NULL && flights_open(request->corpus, err) < 0)
        return -1;
    if (request->capture == CAPTURE_NONE)
        return 0;
    int ret = request->capture == CAPTURE_WHOLE ? start_whole(session, err)
                                                : start_splitting(session, err);
    if (ret == 0 && request->capture_source == CAPTURE_FROM_RELAY && !request->quiet)
        fputs("tlsmatrix: recorded by the relay, not from the network: the bytes are real, packets "
              "and times are its own\n",
              stderr);
    if (ret == 0 || request->capture_asked)
        return ret;
    session->outcome->unrecorded = true;
    if (!request->quiet)
        fprintf(stderr, "tlsmatrix: %s; the run is not recorded\n", err->text);
    *err = (struct error){ 0 };
    return 0;
}

/* ---- a finished case ---- */

bool session_records(const struct session *session, const struct matrix_case *c)
{
    return session->splitter != NULL &&
           (session->network.recorder == NULL || path_is_wanted(c, &session->network));
}

int session_hold(struct session *session, const struct finished_case *finished, struct error *err)
{
    struct waiting *waiting = malloc(sizeof *waiting);
    if (waiting == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    waiting->c = *finished->c;
    snprintf(waiting->id, sizeof waiting->id, "%s", finished->id);
    waiting->sequence = finished->sequence;
    waiting->planned = session->planned;
    waiting->expectation = *finished->expectation;
    waiting->evidence = *finished->evidence;
    waiting->deadline_ms = monotonic_ms() + LAST_PACKET_MS;
    waiting->next = NULL;
    *session->waiting_end = waiting;
    session->waiting_end = &waiting->next;
    session->num_waiting++;
    return session->num_waiting < WAITING_MAX ? 0 : session_drain_capture(session, err);
}

static uint32_t leg_key(const struct waiting *waiting, int leg)
{
    return network_key(waiting->sequence + (uint32_t)leg);
}

static int num_legs(const struct session *session, const struct waiting *waiting)
{
    return path_is_wanted(&waiting->c, &session->network) ? 2 : 1;
}

static bool is_over(struct session *session, const struct waiting *waiting)
{
    for (int leg = 0; leg < num_legs(session, waiting); leg++)
        if (!splitter_is_over(session->splitter, leg_key(waiting, leg)))
            return false;
    return true;
}

static bool keeps(const struct session *session, enum verdict verdict)
{
    return session->request->capture == CAPTURE_ALL ||
           (verdict != VERDICT_PASS && verdict != VERDICT_XFAIL);
}

/* "refused: expired-leaf" is enough here; `tlsmatrix show` has the rest. */
static void describe(struct case_comment *out, const struct session *session,
                     const struct waiting *waiting, const struct judgement *judgement, bool whole)
{
    const struct stack_set *stacks = &session->stacks.set;
    const struct expectation *e = &waiting->expectation;
    *out = (struct case_comment){ .verified_at = FORGE_TIME };
    snprintf(out->id, sizeof out->id, "%s", waiting->id);
    snprintf(out->client, sizeof out->client, "%s", stacks->stacks[waiting->c.client].library);
    snprintf(out->server, sizeof out->server, "%s", stacks->stacks[waiting->c.server].library);
    snprintf(out->expected, sizeof out->expected, "%s%s", e->accepted ? "accepted" : "refused, ",
             e->accepted ? "" : expectation_fault_name(e));
    snprintf(out->verdict, sizeof out->verdict, "%s%s%s%s%.500s", verdict_name(judgement->verdict),
             judgement->kind == KIND_NONE ? "" : " ", failure_kind_name(judgement->kind),
             judgement->reason[0] == '\0' ? "" : ": ", judgement->reason);
    if (strlen(session->rerun_options) <
        sizeof out->options) /* half of them would be another run */
        snprintf(out->options, sizeof out->options, "%s", session->rerun_options);
    snprintf(out->addresses, sizeof out->addresses, "the client's is the lower one%s",
             num_legs(session, waiting) > 1 ? "; two connections, the relay between them" : "");
    snprintf(out->capture, sizeof out->capture, "%s%s", whole ? "complete" : "incomplete",
             session->network.recorder == NULL ? "" : "; " CASE_CAPTURE_RELAY);
}

static int keep(struct session *session, const struct waiting *waiting,
                const struct judgement *judgement, const struct case_capture *capture,
                struct error *err)
{
    char name[CAPTURE_NAME_MAX], path[PATH_LEN * 2], text[CASE_COMMENT_MAX];
    struct case_comment comment;
    bool whole = case_capture_is_whole(capture);
    if (capture->legs[0] == NULL || !keeps(session, judgement->verdict))
        return 0;
    case_capture_name(name, waiting->id);
    snprintf(path, sizeof path, "%s/captures/%s", session->request->directory, name);
    describe(&comment, session, waiting, judgement, whole);
    if (case_capture_write(capture, path, case_comment_write(text, &comment),
                           session->network.recorder != NULL, &waiting->evidence,
                           &session->outcome->bytes_kept, err) < 0)
        return -1;
    session->outcome->num_kept++;
    return 0;
}

/* Looks for the random among those that came before it, and keeps it. */
static bool is_repeated(struct randoms *randoms, const uint8_t random[KEYLOG_RANDOM_LEN])
{
    bool found = false;
    for (unsigned i = 0; i < randoms->num && i < RANDOMS_KEPT && !found; i++)
        found = memcmp(randoms->values[i], random, KEYLOG_RANDOM_LEN) == 0;
    memcpy(randoms->values[randoms->num++ % RANDOMS_KEPT], random, KEYLOG_RANDOM_LEN);
    return found;
}

/* A raw end says what its data file says; the others make their randoms, a server's independently
 * of the client's (RFC 5246 section 7.4.1.3). */
static int note_randoms(struct session *session, const struct waiting *waiting,
                        struct case_capture *capture, struct error *err)
{
    if (session->randoms == NULL)
        session->randoms = calloc(STACKS_MAX, sizeof *session->randoms);
    if (session->randoms == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        size_t stack = case_stack(&waiting->c, role);
        bool own_leg = role == ROLE_SERVER && capture->legs[1] != NULL;
        struct wire_habits *sent = capture->views[own_leg ? 1 : 0].sent;
        if (!sent[role].random_known || stack >= session->stacks.set.num_stacks)
            continue;
        bool copied = role == ROLE_SERVER && sent[ROLE_CLIENT].random_known &&
                      memcmp(sent[ROLE_CLIENT].random, sent[role].random, KEYLOG_RANDOM_LEN) == 0;
        sent[role].random_repeated =
            is_repeated(&session->randoms[stack], sent[role].random) || copied;
    }
    return 0;
}

/* Judged anew: the wire may know better than both ends. */
static int settle(struct session *session, struct waiting *waiting, struct error *err)
{
    struct case_capture capture = { 0 };
    struct judgement judgement;
    for (int leg = 0; leg < num_legs(session, waiting); leg++)
        capture.legs[leg] = splitter_take(session->splitter, leg_key(waiting, leg));
    int ret = case_capture_read(&capture, &waiting->evidence, err);
    if (ret == 0)
        ret = note_randoms(session, waiting, &capture, err);
    if (ret == 0) {
        bool whole = case_capture_is_whole(&capture);
        session->outcome->num_seen += whole;
        session->outcome->num_read += whole && case_capture_is_read(&capture);
        session->outcome->num_unseen += !whole;
        judge_either(&judgement, &waiting->expectation, &waiting->c, &session->stacks.set,
                     &waiting->evidence);
        struct finished_case finished = { .c = &waiting->c,
                                          .id = waiting->id,
                                          .sequence = waiting->sequence,
                                          .expectation = &waiting->expectation,
                                          .evidence = &waiting->evidence,
                                          .judgement = &judgement };
        ret = session_settle(session, &finished, waiting->planned, &judgement, err);
    }
    if (ret == 0)
        ret = keep(session, waiting, &judgement, &capture, err);
    if (ret == 0 && session->request->corpus != NULL)
        ret = flights_keep(session->request->corpus, &capture, waiting->id,
                           &session->outcome->num_shapes, err);
    case_capture_fini(&capture);
    return ret;
}

int session_look_at_capture(struct session *session, struct error *err)
{
    splitter_clear(session->splitter);
    bool ended = splitter_ended(session->splitter);
    struct waiting **at = &session->waiting;
    while (*at != NULL) {
        struct waiting *waiting = *at;
        if (!is_over(session, waiting) && !ended && monotonic_ms() < waiting->deadline_ms) {
            at = &waiting->next;
            continue;
        }
        *at = waiting->next;
        if (session->waiting_end == &waiting->next)
            session->waiting_end = at;
        session->num_waiting--;
        int ret = settle(session, waiting, err);
        free(waiting);
        if (ret < 0)
            return -1;
    }
    return 0;
}

int session_drain_capture(struct session *session, struct error *err)
{
    if (session->splitter == NULL)
        return 0;
    for (;;) {
        if (session_look_at_capture(session, err) < 0)
            return -1;
        if (session->waiting == NULL)
            return 0;
        struct pollfd wait = { .fd = splitter_fd(session->splitter), .events = POLLIN };
        uint64_t now = monotonic_ms(), until = session->waiting->deadline_ms;
        poll(&wait, 1, until > now ? (int)(until - now) : 0);
    }
}

/* ---- the end ---- */

int session_stop_capture(struct session *session, struct error *err)
{
    int ret = 0;
    if (session->keys != NULL && fclose(session->keys) != 0)
        ret = error_errno(err, "%s/keys.log", session->request->directory);
    session->keys = NULL;
    if (synthetic_end(session->network.recorder, &session->outcome->packets_captured,
                      ret == 0 ? err : NULL) < 0)
        ret = -1;
    session->network.recorder = NULL;
    if (tcpdump_stop(&session->tcpdump, &session->outcome->packets_captured,
                     &session->outcome->packets_dropped, ret == 0 ? err : NULL) < 0)
        ret = -1;
    if (splitter_finish(session->splitter, ret == 0 ? err : NULL) < 0)
        ret = -1;
    session->splitter = NULL;
    while (session->waiting != NULL) {
        struct waiting *next = session->waiting->next;
        free(session->waiting);
        session->waiting = next;
    }
    return ret;
}
