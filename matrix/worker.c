#include "matrix/worker.h"

#include "harness/control/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A worker loads its library and asks it for every capability before it says hello: well under a
 * second; the rest is for a loaded machine and sanitizer builds. */
enum { HELLO_DEADLINE_MS = 30000 };

/* To free what it holds and exit: a moment, and more under a sanitizer on a loaded machine. */
enum { FAREWELL_DEADLINE_MS = 5000 };

/* poll() for input that a signal does not cut short (the deadline starts again). */
static int wait_for(int descriptor, int deadline_ms)
{
    struct pollfd wait = { .fd = descriptor, .events = POLLIN };
    int ready;
    do
        ready = poll(&wait, 1, deadline_ms);
    while (ready < 0 && errno == EINTR);
    return ready;
}

static int receive_hello(struct worker *worker, json_t **hello, struct error *err)
{
    int ready = wait_for(worker->channel, HELLO_DEADLINE_MS);
    if (ready == 0)
        return error_set(err, ERROR_HARNESS, "no hello within %d s", HELLO_DEADLINE_MS / 1000);
    if (ready < 0)
        return error_errno(err, "poll");
    int received = channel_receive(worker->channel, hello, NULL, err);
    if (received == 0)
        return error_set(err, ERROR_HARNESS, "ended before its hello");
    return received < 0 ? -1 : 0;
}

static int check_hello(const json_t *hello, struct capabilities *caps, struct error *err)
{
    const json_t *contract = json_object_get(hello, "contract");
    if (strcmp(channel_type(hello), "hello") != 0 || !json_is_integer(contract))
        return error_set(err, ERROR_HARNESS, "its first message is no hello");
    if (json_integer_value(contract) != CONTROL_CONTRACT)
        return error_set(err, ERROR_HARNESS,
                         "speaks contract version %lld, this tlsmatrix speaks version %d",
                         (long long)json_integer_value(contract), CONTROL_CONTRACT);
    if (caps == NULL)
        return 0;
    return capabilities_from_json(caps, json_object_get(hello, "capabilities"), err);
}

static int answer_hello(int channel, struct error *err)
{
    json_t *answer = json_pack("{s:s, s:i}", "type", "hello", "contract", CONTROL_CONTRACT);
    if (answer == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = channel_send(channel, answer, -1, err);
    json_decref(answer);
    return ret;
}

int worker_start(struct worker *worker, const struct stack_program *program, int stderr_fd,
                 struct capabilities *caps, struct error *err)
{
    json_t *hello = NULL;
    worker->program = program;
    worker->channel = -1;
    if (child_spawn(&worker->child, &worker->channel, program->argv, stderr_fd, err) < 0)
        return error_prefix(err, "%s", program->argv[0]);
    int ret = receive_hello(worker, &hello, err);
    if (ret == 0)
        ret = check_hello(hello, caps, err);
    if (ret == 0)
        ret = answer_hello(worker->channel, err);
    json_decref(hello);
    if (ret < 0) {
        char how[TEXT_LEN];
        worker_stop(worker, how);
        error_prefix(err, "%s (%s)", program->argv[0], how);
    }
    return ret;
}

void worker_stop(struct worker *worker, char how[TEXT_LEN])
{
    if (worker->channel < 0)
        return;
    close(worker->channel);
    worker->channel = -1;
    child_stop(&worker->child, how);
}

int worker_send_case(struct worker *worker, const struct endpoint *endpoint, int socket,
                     struct error *err)
{
    json_t *object = endpoint_to_json(endpoint);
    json_t *message =
        object == NULL ? NULL : json_pack("{s:s, s:o}", "type", "case", "endpoint", object);
    if (message == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = channel_send(worker->channel, message, socket, err);
    json_decref(message);
    return ret;
}

static enum peer_outcome broke_contract(struct worker *worker, char reason[TEXT_LEN],
                                        const char *what)
{
    char how[TEXT_LEN];
    worker_stop(worker, how);
    snprintf(reason, TEXT_LEN, "%.400s", what);
    return PEER_BROKE_CONTRACT;
}

enum peer_outcome worker_receive(struct worker *worker, struct facts *facts, char reason[TEXT_LEN])
{
    json_t *message = NULL;
    struct error err = { .class = ERROR_NONE };
    int received = channel_receive(worker->channel, &message, NULL, &err);
    if (received < 0 && errno != ECONNRESET)
        return broke_contract(worker, reason, err.text);
    if (received <= 0) {
        worker_stop(worker, reason);
        return PEER_CRASHED;
    }
    enum peer_outcome outcome = PEER_ANSWERED;
    if (strcmp(channel_type(message), "facts") != 0)
        outcome = broke_contract(worker, reason, "a message that is not facts");
    else if (facts_from_json(facts, json_object_get(message, "facts"), &err) < 0)
        outcome = broke_contract(worker, reason, err.text);
    json_decref(message);
    return outcome;
}

bool worker_has_news(const struct worker *worker)
{
    return wait_for(worker->channel, 0) != 0;
}

void worker_quit(struct worker *worker)
{
    json_t *message = json_pack("{s:s}", "type", "quit");
    if (message != NULL)
        channel_send(worker->channel, message, -1, NULL); /* if it is dead, its end tells */
    json_decref(message);
}

static bool ended_well(const struct worker *worker)
{
    siginfo_t info = { .si_pid = 0 };
    return waitid(P_PIDFD, (id_t)worker->child.pidfd, &info, WEXITED | WNOWAIT) == 0 &&
           info.si_code == CLD_EXITED && info.si_status == 0;
}

enum peer_outcome worker_farewell(struct worker *worker, char reason[TEXT_LEN])
{
    struct facts ignored;
    if (wait_for(worker->child.pidfd, FAREWELL_DEADLINE_MS) <= 0) {
        worker_stop(worker, NULL);
        return PEER_ANSWERED;
    }
    bool well = ended_well(worker);
    enum peer_outcome outcome = worker_receive(worker, &ignored, reason);
    if (outcome == PEER_CRASHED && well)
        return PEER_ANSWERED;
    if (outcome == PEER_ANSWERED) {
        worker_stop(worker, NULL);
        snprintf(reason, TEXT_LEN, "sent facts twice");
        return PEER_BROKE_CONTRACT;
    }
    return outcome;
}

int worker_ask(struct capabilities *out, const struct stack_program *program, struct error *err)
{
    struct worker worker;
    if (worker_start(&worker, program, -1, out, err) < 0)
        return -1;
    worker_stop(&worker, NULL);
    return 0;
}
