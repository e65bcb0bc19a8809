/* What a finished case leaves behind: its row, its keys. */
#include "matrix/session_parts.h"

#include <stdlib.h>

enum { COMMIT_EVERY = 500 }; /* cases; a killed run repeats at most these */

int session_commit_now_and_then(struct session *session, struct error *err)
{
    if (++session->uncommitted < COMMIT_EVERY)
        return 0;
    session->uncommitted = 0;
    /* The keys first: a case that is in the results will not be run, and logged, again. */
    if (session->keys != NULL && fflush(session->keys) != 0)
        return error_errno(err, "%s/keys.log", session->request->directory);
    return results_commit(session->results, err);
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

/* What the recording shows. Both ends have the same view unless the case is relayed. The ladders
 * are then the caller's to free. */
static void set_wire(struct result_row *row, const struct evidence *evidence)
{
    const struct wire_view *client = evidence->wire[ROLE_CLIENT];
    const struct wire_view *server = evidence->wire[ROLE_SERVER];
    if (client == NULL)
        return;
    row->wire.recorded = client->facts.complete;
    row->wire.handshake_us = wire_view_handshake_us(client);
    for (int role = 0; role < 2; role++) {
        row->wire.bytes[role] = client->facts.end[role].tcp.bytes;
        row->wire.packets[role] = client->facts.end[role].tcp.packets;
    }
    for (int role = 0; role < (server == client ? 1 : 2); role++) {
        row->ladder[role] = ladder_steps(&evidence->wire[role]->ladder);
        row->lengths[role] = ladder_lengths(&evidence->wire[role]->ladder);
    }
}

int session_put_result(struct session *session, const struct finished_case *finished, bool planned,
                       const struct judgement *judgement, const char *deviation, struct error *err)
{
    /* The expectation follows from the id; it is kept only where somebody will want to read it. */
    json_t *expected =
        judgement->verdict == VERDICT_PASS ? NULL : expectation_to_json(finished->expectation);
    char *expectation = expected == NULL ? NULL : json_dumps(expected, JSON_COMPACT);
    char *client = stored_facts(finished->evidence, ROLE_CLIENT);
    char *server = stored_facts(finished->evidence, ROLE_SERVER);
    struct result_row row = {
        .id = finished->id,
        .planned = planned,
        .verdict = judgement->verdict,
        .kind = judgement->kind,
        .reason = judgement->reason,
        .check = judgement->check,
        .deviation = deviation,
        .sequence = finished->sequence,
        .expectation = expectation,
        .facts = { client, server },
    };
    set_exporters(&row, finished->evidence);
    set_wire(&row, finished->evidence);
    int ret = results_put(session->results, &row, err);
    json_decref(expected);
    free(expectation);
    free(client);
    free(server);
    for (int role = 0; role < 2; role++) {
        free((char *)row.ladder[role]);
        free((char *)row.lengths[role]);
    }
    return ret;
}

int session_write_keys(struct session *session, const struct evidence *evidence, struct error *err)
{
    if (session->keys == NULL)
        return 0;
    /* Both ends log the same secrets; the server's serve where the client has none. */
    const char *lines = evidence->facts[ROLE_CLIENT].keylog[0] != '\0'
                            ? evidence->facts[ROLE_CLIENT].keylog
                            : evidence->facts[ROLE_SERVER].keylog;
    if (fputs(lines, session->keys) < 0)
        return error_errno(err, "%s/keys.log", session->request->directory);
    return 0;
}

/* A case that a stack declares itself unable to do gets its verdict without being run. */
int session_put_unsupported(struct session *session, const char *id, const char *reason,
                            struct error *err)
{
    struct result_row row = {
        .id = id, .planned = true, .verdict = VERDICT_UNSUPPORTED, .reason = reason, .deviation = ""
    };
    if (results_put(session->results, &row, err) < 0)
        return -1;
    return session_commit_now_and_then(session, err);
}
