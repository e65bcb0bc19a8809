#include "captures/analysis.h"

#include "captures/wire_observe.h"

#include <stdlib.h>
#include <string.h>

/* One connection on its way through the layers; the flow's `user`. */
struct passage {
    struct analysis *analysis;
    struct tls_flow *tls;
    struct wire_observer observer;
    void *tap;
};

struct analysis {
    struct analysis_sink sink;
    void *context;
    struct keylog *keys;
    struct flow_table *flows;
    struct analysis_counts counts;
    bool no_memory; /* for a connection; its facts are missing */
};

/* ---- from TLS ---- */

static void on_record(void *context, const struct tls_record *record)
{
    struct passage *passage = context;
    const struct analysis *analysis = passage->analysis;
    const struct tls_state *state = tls_flow_state(passage->tls);
    wire_observe_record(&passage->observer, record, state);
    if (analysis->sink.record != NULL)
        analysis->sink.record(analysis->context, record, state, &passage->tap);
}

static void on_message(void *context, const struct tls_message *message)
{
    struct passage *passage = context;
    const struct analysis *analysis = passage->analysis;
    const struct tls_state *state = tls_flow_state(passage->tls);
    wire_observe_message(&passage->observer, message, state);
    if (analysis->sink.message != NULL)
        analysis->sink.message(analysis->context, message, state, &passage->tap);
}

static void on_alert(void *context, const struct tls_alert *alert)
{
    struct passage *passage = context;
    const struct analysis *analysis = passage->analysis;
    const struct tls_state *state = tls_flow_state(passage->tls);
    wire_observe_alert(&passage->observer, alert, state);
    if (analysis->sink.alert != NULL)
        analysis->sink.alert(analysis->context, alert, state, &passage->tap);
}

static const struct tls_sink tls_sink = {
    .record = on_record,
    .message = on_message,
    .alert = on_alert,
};

/* ---- from the flows ---- */

static void on_opened(void *context, struct connection *connection)
{
    struct analysis *analysis = context;
    struct passage *passage = calloc(1, sizeof *passage);
    analysis->counts.connections++;
    if (passage != NULL)
        passage->tls = tls_flow_new(analysis->keys, &tls_sink, passage);
    if (passage == NULL || passage->tls == NULL) {
        free(passage);
        analysis->no_memory = true;
        return;
    }
    passage->analysis = analysis;
    connection->user = passage;
}

static void on_data(void *context, struct connection *connection, enum role from,
                    const uint8_t *data, size_t len, struct place place)
{
    struct passage *passage = connection->user;
    (void)context;
    if (passage != NULL)
        tls_flow_data(passage->tls, from, data, len, place);
}

static void on_gap(void *context, struct connection *connection, enum role from, uint64_t len,
                   struct place place)
{
    struct passage *passage = connection->user;
    (void)context;
    if (passage != NULL)
        tls_flow_gap(passage->tls, from, len, place);
}

static void passage_free(struct passage *passage)
{
    tls_flow_free(passage->tls);
    free(passage);
}

static void on_closed(void *context, struct connection *connection, enum flow_end end)
{
    struct analysis *analysis = context;
    struct passage *passage = connection->user;
    if (passage == NULL)
        return;
    tls_flow_finish(passage->tls);
    wire_observe_end(&passage->observer, connection, tls_flow_state(passage->tls), end);
    if (analysis->sink.connection != NULL)
        analysis->sink.connection(analysis->context, &passage->observer.facts, &passage->tap);
    passage_free(passage);
}

static const struct flow_sink flow_sink = {
    .opened = on_opened,
    .data = on_data,
    .gap = on_gap,
    .closed = on_closed,
};

/* ---- the whole ---- */

struct analysis *analysis_new(const struct analysis_sink *sink, void *context)
{
    struct analysis *analysis = calloc(1, sizeof *analysis);
    if (analysis == NULL)
        return NULL;
    analysis->sink = *sink;
    analysis->context = context;
    analysis->keys = keylog_new();
    analysis->flows = flow_table_new(&flow_sink, analysis);
    if (analysis->keys != NULL && analysis->flows != NULL)
        return analysis;
    keylog_free(analysis->keys);
    flow_table_free(analysis->flows);
    free(analysis);
    return NULL;
}

void analysis_free(struct analysis *analysis)
{
    if (analysis == NULL)
        return;
    analysis_finish(analysis);
    flow_table_free(analysis->flows);
    keylog_free(analysis->keys);
    free(analysis);
}

struct keylog *analysis_keys(struct analysis *analysis)
{
    return analysis->keys;
}

const struct analysis_counts *analysis_counts(const struct analysis *analysis)
{
    return &analysis->counts;
}

int analysis_packet(struct analysis *analysis, const struct capture_packet *packet,
                    struct error *err)
{
    struct segment segment;
    enum packet_kind kind = packet_read(&segment, packet);
    analysis->counts.packets[kind]++;
    if (kind != PACKET_TCP)
        return 0;
    struct place place = { packet->number, packet->time_ns };
    if (flow_table_add(analysis->flows, &segment, place, err) < 0)
        return -1;
    return analysis->no_memory ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
}

int analysis_item(struct analysis *analysis, const struct capture_item *item, struct error *err)
{
    switch (item->kind) {
    case CAPTURE_PACKET:
        return analysis_packet(analysis, &item->packet, err);
    case CAPTURE_SECRETS:
        return keylog_add(analysis->keys, item->text, item->text_len, err) < 0 ? -1 : 0;
    case CAPTURE_STATISTICS:
        analysis->counts.dropped += item->dropped;
        return 0;
    case CAPTURE_SECTION:
        return 0;
    }
    return 0;
}

void analysis_finish(struct analysis *analysis)
{
    flow_table_finish(analysis->flows);
}

int analysis_file(struct analysis *analysis, const char *path, char warning[ERROR_TEXT_MAX],
                  struct error *err)
{
    struct capture_item item;
    int ret = 0;
    struct capture_file *file = capture_file_open(path, err);
    warning[0] = '\0';
    if (file == NULL)
        return -1;
    while (ret == 0 && (ret = capture_file_next(file, &item, err)) == 1)
        ret = analysis_item(analysis, &item, err);
    if (capture_file_warning(file) != NULL)
        snprintf(warning, ERROR_TEXT_MAX, "%s", capture_file_warning(file));
    capture_file_close(file);
    return ret;
}
