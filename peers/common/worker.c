#include "peers/common/worker.h"

#include "harness/control/channel.h"
#include "peers/common/exchange.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct worker {
    const struct tls_stack *stack;
    const struct worker_hooks *hooks;
    struct contexts *contexts;
};

/* Sends {"type":TYPE,KEY:value} and gives up the reference to `value`. */
static int send_object(const char *type, const char *key, json_t *value, struct error *err)
{
    json_t *message = json_pack("{s:s, s:o}", "type", type, key, value);
    if (message == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int status = channel_send(CONTROL_FD, message, -1, err);
    json_decref(message);
    return status;
}

/* The names of the faults that may come with a case. */
static void list_faults(struct capabilities *caps, const struct worker_hooks *hooks)
{
    const char *name;
    while (hooks != NULL && (name = hooks->fault_at(caps->num_faults)) != NULL) {
        assert(caps->num_faults < CAPABILITY_FAULTS_MAX && strlen(name) < NAME_MAX_LEN);
        strcpy(caps->faults[caps->num_faults++], name);
    }
}

static int send_hello(const struct worker *worker, struct error *err)
{
    struct capabilities caps = { 0 };
    if (peer_capabilities(worker->stack, &caps, err) != 0)
        return -1;
    list_faults(&caps, worker->hooks);
    int contract = worker->hooks != NULL ? worker->hooks->contract : CONTROL_CONTRACT;
    json_t *message = json_pack("{s:s, s:i, s:o}", "type", "hello", "contract", contract,
                                "capabilities", capabilities_to_json(&caps));
    if (message == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int status = channel_send(CONTROL_FD, message, -1, err);
    json_decref(message);
    return status;
}

static int check_hello(const json_t *message, struct error *err)
{
    const json_t *contract = json_object_get(message, "contract");
    if (strcmp(channel_type(message), "hello") != 0)
        return error_set(err, ERROR_HARNESS, "message \"%s\" instead of \"hello\"",
                         channel_type(message));
    if (!json_is_integer(contract) || json_integer_value(contract) != CONTROL_CONTRACT)
        return error_set(err, ERROR_HARNESS, "the other end speaks contract %lld, this end %d",
                         (long long)json_integer_value(contract), CONTROL_CONTRACT);
    return 0;
}

/* 1: agreed; 0: the other end has gone; -1. */
static int exchange_hello(const struct worker *worker, struct error *err)
{
    json_t *message;
    if (send_hello(worker, err) != 0)
        return -1;
    int status = channel_receive(CONTROL_FD, &message, NULL, err);
    if (status <= 0)
        return status;
    status = check_hello(message, err);
    json_decref(message);
    return status == 0 ? 1 : -1;
}

static bool knows(const struct worker_hooks *hooks, const char *fault)
{
    const char *name = NULL;
    for (size_t i = 0; hooks != NULL && (name = hooks->fault_at(i)) != NULL; i++)
        if (strcmp(name, fault) == 0)
            return true;
    return false;
}

static void decline_fault(const char *fault, struct facts *facts)
{
    facts_init(facts);
    facts->result = RESULT_DECLINED;
    snprintf(facts->error_text, sizeof facts->error_text, "fault \"%s\": not known here", fault);
}

static void run_case(const struct worker *worker, struct endpoint *endpoint, int socket,
                     struct facts *facts)
{
    const struct worker_hooks *hooks = worker->hooks;
    if (endpoint->fault[0] != '\0' && !knows(hooks, endpoint->fault)) {
        decline_fault(endpoint->fault, facts);
        return;
    }
    if (hooks != NULL)
        hooks->before(endpoint);
    run_connection(worker->contexts, worker->stack, endpoint, socket, &exchange_case, facts);
    if (hooks != NULL)
        hooks->after(facts);
}

static int handle_case(const struct worker *worker, const json_t *message, int socket,
                       struct error *err)
{
    struct endpoint endpoint;
    struct facts facts;
    if (socket < 0)
        return error_set(err, ERROR_HARNESS, "a case without a socket");
    if (endpoint_from_json(&endpoint, json_object_get(message, "endpoint"), err) != 0)
        return -1;
    run_case(worker, &endpoint, socket, &facts);
    return send_object("facts", "facts", facts_to_json(&facts), err);
}

/* 1: go on; 0: end; -1. */
static int handle_message(const struct worker *worker, const json_t *message, int socket,
                          struct error *err)
{
    const char *type = channel_type(message);
    if (strcmp(type, "case") == 0)
        return handle_case(worker, message, socket, err) == 0 ? 1 : -1;
    if (strcmp(type, "quit") == 0)
        return 0;
    return error_set(err, ERROR_HARNESS, "unexpected message \"%s\"", type);
}

/* As handle_message(). */
static int serve_one(const struct worker *worker, struct error *err)
{
    json_t *message;
    int socket;
    int status = channel_receive(CONTROL_FD, &message, &socket, err);
    if (status <= 0)
        return status;
    status = handle_message(worker, message, socket, err);
    json_decref(message);
    if (socket >= 0)
        close(socket);
    return status;
}

static int serve(const struct worker *worker, struct error *err)
{
    int status = exchange_hello(worker, err);
    while (status > 0)
        status = serve_one(worker, err);
    return status;
}

int worker_main(const struct tls_stack *stack, const struct worker_hooks *hooks)
{
    struct error err = { 0 };
    struct worker worker = { .stack = stack, .hooks = hooks, .contexts = contexts_new(stack) };
    int status = worker.contexts != NULL ? serve(&worker, &err)
                                         : error_set(&err, ERROR_HARNESS, "out of memory");
    contexts_free(worker.contexts);
    if (status == 0)
        return 0;
    fprintf(stderr, "tlspeer-%s worker: %s\n", stack->name, err.text);
    return ERROR_HARNESS;
}
