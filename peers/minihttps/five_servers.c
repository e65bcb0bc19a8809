#include "peers/minihttps/five_servers.h"

#include "harness/net.h"
#include "harness/wire/registry.h"
#include "peers/minihttps/credentials.h"
#include "peers/minihttps/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCENARIO_TIME INT64_C(1754006400) /* 2025-08-01 00:00:00 UTC, for issue and check */

enum { SESSION_MS = 10000 }; /* four messages on loopback; a loaded machine is not at fault */

_Static_assert((int)FIVE_SERVERS == (int)NUM_SERVERS, "one entry for each server");

static const enum minihttps_fault expected_faults[FIVE_SERVERS] = {
    FAULT_SIGNATURE, FAULT_NAME, FAULT_ISSUER_UNKNOWN, FAULT_NONE, FAULT_ISSUER_FORGED,
};

/* What each outcome means in plain words, and its counterpart in TLS. */
struct meaning {
    const char *words;
    const char *rfc;
    int alert;
};
static const struct meaning meanings[NUM_FAULTS] = {
    [FAULT_NONE] = { "is the one to trust: a trusted authority issued its certificate for this "
                     "name, and its signature was made with that certificate's private key",
                     "RFC 8446 appendix E.1", -1 },
    [FAULT_KEY] = { "sent something that is no P-384 key", "RFC 8446 section 4.2.8.2", 47 },
    [FAULT_TAG] = { "sent a hello that was changed on the way", "RFC 8446 section 5.2", 20 },
    [FAULT_PADDING] = { "sent a signature that is not padded as it must be",
                        "RFC 8446 section 4.4.3", 51 },
    [FAULT_SIGNATURE] = { "is an imposter with the wrong private key: its certificate is genuine, "
                          "but its signature was not made with that certificate's key",
                          "RFC 8446 section 4.4.3", 51 },
    [FAULT_ISSUER_UNKNOWN] = { "is an imposter with an untrusted authority: nobody whom the client "
                               "trusts has the name of its certificate's issuer",
                               "RFC 8446 section 6.2", 48 },
    [FAULT_ISSUER_FORGED] = { "is an imposter with a forged authority: its certificate's issuer "
                              "has a trusted authority's name, but not its key",
                              "RFC 8446 section 6.2", 48 },
    [FAULT_CHAIN] = { "has a certificate that no trusted authority issued directly",
                      "RFC 8446 section 6.2", 48 },
    [FAULT_NAME] = { "is an imposter on a look-alike domain: its certificate is genuine, but not "
                     "for " CREDENTIALS_NAME,
                     "RFC 8446 appendix E.1 and section 6.2", 42 },
    [FAULT_TIME] = { "has a certificate that is not valid at this time", "RFC 8446 section 6.2",
                     45 },
    [FAULT_DECODE] = { "sent a hello that is not in the message's format", "RFC 8446 section 6.2",
                       50 },
    [FAULT_READY] = { "was told something else than " READY_TEXT, "RFC 8446 section 4.4.4", 51 },
    [FAULT_INTERNAL] = { "could not be tried: the client itself failed", "RFC 8446 section 6.2",
                         80 },
};

/* ---- one session, both ends ---- */

struct server_thread {
    const struct minihttps_identity *identity;
    int listener;
    struct session_report report;
    int result;
    struct error err;
};

static void *serve(void *context)
{
    struct server_thread *thread = context;
    char from[NET_TEXT_LEN];
    int socket;
    thread->result = net_accept(&socket, from, &thread->listener, 1, &thread->err);
    if (thread->result == 0)
        session_server(&thread->report, thread->identity, socket, SESSION_MS);
    return NULL;
}

/* The client connects before anybody accepts, so that the server never waits for a client that did
 * not come. */
static int run_ends(struct session_report *client_saw, struct server_thread *thread,
                    struct minihttps_client *client, struct error *err)
{
    char address[NET_TEXT_LEN];
    pthread_t id;
    int socket;
    net_local_text(address, thread->listener);
    if (net_connect(&socket, address, SESSION_MS, err) != NET_CONNECTED)
        return -1;
    int why = pthread_create(&id, NULL, serve, thread);
    if (why != 0) {
        close(socket);
        return error_set(err, ERROR_HARNESS, "cannot start a server: %s", strerror(why));
    }
    session_client(client_saw, client, socket, SESSION_MS);
    pthread_join(id, NULL);
    if (thread->result < 0 && err != NULL)
        *err = thread->err;
    return thread->result;
}

/* `trust` NULL: the client that checks nothing. */
static int run_session(struct session_report *client_saw, struct session_report *server_saw,
                       const struct minihttps_identity *identity, int listener,
                       const struct trust *trust, struct error *err)
{
    struct minihttps_client client;
    struct server_thread thread = { .identity = identity, .listener = listener };
    if (client_init(&client, trust, CREDENTIALS_NAME, SCENARIO_TIME, err) < 0)
        return -1;
    int result = run_ends(client_saw, &thread, &client, err);
    client_fini(&client);
    *server_saw = thread.report;
    return result;
}

/* ---- one server ---- */

static void keep_text(char out[FIVE_SERVERS_TEXT_LEN], const struct session_report *report)
{
    if (report->text.data != NULL)
        snprintf(out, FIVE_SERVERS_TEXT_LEN, "%s", (const char *)report->text.data);
}

/* Bytes that did not pass are no verdict on a server. */
static int check_passed(const struct session_report *report, const char *server, struct error *err)
{
    if (report->frame == FRAME_WHOLE)
        return 0;
    return error_set(err, ERROR_HARNESS, "%s: a message did not pass: %s", server,
                     frame_result_name(report->frame));
}

static void fill_entry(struct five_servers_entry *entry, const struct session_report *client_saw,
                       const struct session_report *server_saw, size_t index)
{
    const struct meaning *meaning = &meanings[client_saw->fault];
    enum minihttps_fault expected = expected_faults[index];
    entry->trusted = client_saw->stage == STAGE_ALL;
    entry->ready_seen = server_saw->stage > STAGE_CLIENT_READY ||
                        (server_saw->stage == STAGE_CLIENT_READY && server_saw->frame != FRAME_END);
    entry->fault = minihttps_fault_name(client_saw->fault);
    entry->expected = minihttps_fault_name(expected);
    entry->rfc = meaning->rfc;
    entry->alert = meaning->alert;
    keep_text(entry->text, client_saw);
    const char *wanted_text = expected == FAULT_NONE ? server_texts[index] : "";
    entry->as_expected =
        client_saw->fault == expected && entry->trusted == (expected == FAULT_NONE) &&
        entry->ready_seen == entry->trusted && strcmp(entry->text, wanted_text) == 0 &&
        strcmp(entry->unchecked_text, server_texts[index]) == 0;
    snprintf(entry->sentence, sizeof entry->sentence, "%s %s.", entry->server, meaning->words);
}

static int try_listening(struct five_servers_entry *entry, size_t index,
                         const struct minihttps_identity *identity, int listener,
                         const struct trust *trust, struct error *err)
{
    struct session_report client_saw, server_saw;
    if (run_session(&client_saw, &server_saw, identity, listener, NULL, err) < 0)
        return -1;
    keep_text(entry->unchecked_text, &client_saw);
    free(client_saw.text.data);
    if (check_passed(&client_saw, entry->server, err) < 0 ||
        run_session(&client_saw, &server_saw, identity, listener, trust, err) < 0)
        return -1;
    int result = check_passed(&client_saw, entry->server, err);
    if (result == 0)
        fill_entry(entry, &client_saw, &server_saw, index);
    free(client_saw.text.data);
    return result;
}

/* ---- all five ---- */

struct stage {
    char directory[PATH_LEN];
    struct trust trust;
    struct minihttps_identity identities[FIVE_SERVERS];
    int listeners[FIVE_SERVERS];
};

static int load(struct stage *stage, struct error *err)
{
    char path[PATH_LEN];
    if (credentials_make(stage->directory, SCENARIO_TIME, err) < 0 ||
        path_format(path, err, "%s/trusted_certs", stage->directory) < 0 ||
        trust_load(&stage->trust, path, err) < 0)
        return -1;
    for (int i = 0; i < FIVE_SERVERS; i++)
        if (path_format(path, err, "%s/server%d", stage->directory, i + 1) < 0 ||
            identity_load(&stage->identities[i], path, err) < 0)
            return -1;
    return 0;
}

static int listen_all(struct stage *stage, struct error *err)
{
    int sockets[NET_LISTEN_MAX];
    for (int i = 0; i < FIVE_SERVERS; i++) {
        if (net_listen(sockets, "127.0.0.1:0", err) < 0)
            return -1;
        stage->listeners[i] = sockets[0];
    }
    return 0;
}

static int stage_init(struct stage *out, struct error *err)
{
    const char *parent = getenv("TMPDIR");
    *out = (struct stage){ .listeners = { -1, -1, -1, -1, -1 } };
    if (path_format(out->directory, err, "%s/five-servers.XXXXXX",
                    parent != NULL && parent[0] != '\0' ? parent : "/tmp") < 0)
        return -1;
    if (mkdtemp(out->directory) == NULL) {
        error_errno(err, "%s", out->directory);
        out->directory[0] = '\0';
        return -1;
    }
    return load(out, err) < 0 ? -1 : listen_all(out, err);
}

static void stage_fini(struct stage *stage)
{
    for (int i = 0; i < FIVE_SERVERS; i++) {
        if (stage->listeners[i] >= 0)
            close(stage->listeners[i]);
        identity_fini(&stage->identities[i]);
    }
    trust_fini(&stage->trust);
    if (stage->directory[0] != '\0')
        directory_remove(stage->directory);
}

static int try_all(struct five_servers_report *report, const struct stage *stage, struct error *err)
{
    report->as_expected = true;
    for (size_t i = 0; i < FIVE_SERVERS; i++) {
        struct five_servers_entry *entry = &report->servers[i];
        snprintf(entry->server, sizeof entry->server, "server%zu", i + 1);
        if (try_listening(entry, i, &stage->identities[i], stage->listeners[i], &stage->trust,
                          err) < 0)
            return -1;
        report->num_trusted += entry->trusted;
        report->as_expected = report->as_expected && entry->as_expected;
    }
    return 0;
}

int five_servers_run(struct five_servers_report *out, struct error *err)
{
    struct stage stage;
    struct five_servers_report report = { 0 };
    int result = stage_init(&stage, err);
    if (result == 0)
        result = try_all(&report, &stage, err);
    stage_fini(&stage);
    if (result == 0)
        *out = report;
    return result;
}

/* ---- output ---- */

void five_servers_print(FILE *out, const struct five_servers_report *report)
{
    for (size_t i = 0; i < FIVE_SERVERS; i++) {
        const struct five_servers_entry *entry = &report->servers[i];
        fprintf(out, "%s (%s", entry->sentence, entry->rfc);
        if (entry->alert >= 0)
            fprintf(out, ", alert %s", alert_text(entry->alert));
        fprintf(out, ")\n");
        if (!entry->as_expected)
            fprintf(out, "  not as expected: %s instead of %s\n", entry->fault, entry->expected);
    }
    fprintf(out, "%s\n", report->as_expected ? "As expected." : "NOT as expected.");
}

static json_t *entry_json(const struct five_servers_entry *entry)
{
    return json_pack("{ss sb sb sb ss ss ss ss ss ss si}", "server", entry->server, "trusted",
                     entry->trusted, "ready_seen", entry->ready_seen, "as_expected",
                     entry->as_expected, "fault", entry->fault, "expected", entry->expected, "text",
                     entry->text, "unchecked_text", entry->unchecked_text, "sentence",
                     entry->sentence, "rfc", entry->rfc, "alert", entry->alert);
}

json_t *five_servers_json(const struct five_servers_report *report)
{
    json_t *servers = json_array();
    for (size_t i = 0; i < FIVE_SERVERS; i++)
        json_array_append_new(servers, entry_json(&report->servers[i]));
    return json_pack("{sb si so}", "as_expected", report->as_expected, "num_trusted",
                     report->num_trusted, "servers", servers);
}
