#include "peers/minihttps/session.h"

#include "peers/common/clock.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const stage_names[NUM_SESSION_STAGES] = {
    [STAGE_CLIENT_HELLO] = "client_hello",
    [STAGE_SERVER_HELLO] = "server_hello",
    [STAGE_CLIENT_READY] = "client_ready",
    [STAGE_DATA] = "data",
    [STAGE_ALL] = "all",
};

struct link {
    int socket;
    uint64_t deadline_us;
    struct session_report *report;
};

static bool say(struct link *link, enum session_stage stage, const uint8_t *message, size_t len)
{
    link->report->stage = stage;
    link->report->frame = frame_send(link->socket, message, len, link->deadline_us);
    return link->report->frame == FRAME_WHOLE;
}

static bool hear(struct bytes *out, struct link *link, enum session_stage stage)
{
    link->report->stage = stage;
    link->report->frame = frame_receive(out, link->socket, link->deadline_us);
    return link->report->frame == FRAME_WHOLE;
}

static bool judge(struct link *link, enum minihttps_fault fault)
{
    link->report->fault = fault;
    return fault == FAULT_NONE;
}

/* ---- client ---- */

static bool client_proves_server(struct link *link, struct minihttps_client *client)
{
    struct bytes hello;
    uint8_t ready[CLIENT_READY_LEN];
    if (!hear(&hello, link, STAGE_SERVER_HELLO))
        return false;
    bool trusted = judge(link, client_ready(ready, client, hello.data, hello.len));
    free(hello.data);
    return trusted && say(link, STAGE_CLIENT_READY, ready, sizeof ready);
}

static bool client_takes_data(struct link *link, const struct minihttps_client *client)
{
    struct bytes data;
    if (!hear(&data, link, STAGE_DATA))
        return false;
    bool ok = judge(link, client_data(&link->report->text, client, data.data, data.len));
    free(data.data);
    return ok;
}

void session_client(struct session_report *out, struct minihttps_client *client, int socket,
                    uint32_t deadline_ms)
{
    *out = (struct session_report){ 0 };
    struct link link = { socket, clock_us() + deadline_ms * UINT64_C(1000), out };
    if (say(&link, STAGE_CLIENT_HELLO, client->hello, sizeof client->hello) &&
        client_proves_server(&link, client) && client_takes_data(&link, client))
        out->stage = STAGE_ALL;
    transport_close(socket, link.deadline_us);
}

/* ---- server ---- */

static bool server_answers_hello(struct link *link, struct minihttps_server *server)
{
    struct bytes hello, answer;
    if (!hear(&hello, link, STAGE_CLIENT_HELLO))
        return false;
    bool ok = judge(link, server_hello(&answer, server, hello.data, hello.len));
    free(hello.data);
    if (!ok)
        return false;
    ok = say(link, STAGE_SERVER_HELLO, answer.data, answer.len);
    free(answer.data);
    return ok;
}

static bool server_answers_ready(struct link *link, const struct minihttps_server *server)
{
    struct bytes ready, data;
    if (!hear(&ready, link, STAGE_CLIENT_READY))
        return false;
    bool ok = judge(link, server_data(&data, server, ready.data, ready.len));
    free(ready.data);
    if (!ok)
        return false;
    ok = say(link, STAGE_DATA, data.data, data.len);
    free(data.data);
    return ok;
}

void session_server(struct session_report *out, const struct minihttps_identity *identity,
                    int socket, uint32_t deadline_ms)
{
    *out = (struct session_report){ 0 };
    struct link link = { socket, clock_us() + deadline_ms * UINT64_C(1000), out };
    struct minihttps_server server = { .identity = identity };
    if (server_answers_hello(&link, &server) && server_answers_ready(&link, &server))
        out->stage = STAGE_ALL;
    OPENSSL_cleanse(&server, sizeof server);
    transport_close(socket, link.deadline_us);
}

void session_describe(char *out, size_t size, const struct session_report *report)
{
    const char *stage = stage_names[report->stage];
    if (report->stage == STAGE_ALL)
        snprintf(out, size, "all messages passed");
    else if (report->frame != FRAME_WHOLE)
        snprintf(out, size, "%s did not pass: %s", stage, frame_result_name(report->frame));
    else
        snprintf(out, size, "%s refused: %s", stage, minihttps_fault_name(report->fault));
}
