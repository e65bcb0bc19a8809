#include "captures/explain.h"

#include "captures/explain_datagrams.h"

#include <stdlib.h>
#include <string.h>

/* What was heard of one connection: flows give what the analysis does not hand on, the first bytes
 * of both ends. The analysis reads the same segments by the same rules, so numbers agree. */
struct heard {
    uint64_t number;
    struct tcp_address address[2];
    struct speech speech[2];
    struct heard *next; /* of those that are over, until the analysis tells them */
};

struct explainer {
    const struct explain_sink *sink;
    void *context;
    struct explain_totals *totals;
    struct analysis *analysis;
    struct flow_table *flows;
    struct heard *over; /* owned; the analysis tells them in the same order */
    struct heard **over_end;
    struct datagram_table *datagrams;
    struct case_comment recorded; /* of the present section */
    uint64_t end_ns;
    bool no_memory;
};

/* ---- the flows ---- */

static void on_opened(void *context, struct connection *connection)
{
    struct explainer *explainer = context;
    struct heard *heard = calloc(1, sizeof *heard);
    connection->user = heard;
    explainer->no_memory |= heard == NULL;
}

static void on_data(void *context, struct connection *connection, enum role from,
                    const uint8_t *data, size_t len, struct place place)
{
    struct heard *heard = connection->user;
    (void)context;
    if (heard == NULL)
        return;
    struct speech *speech = &heard->speech[from];
    size_t room = sizeof speech->clear - speech->clear_len;
    size_t taken = len < room ? len : room;
    memcpy(speech->clear + speech->clear_len, data, taken);
    speech->clear_len += taken;
    if (speech->first.packet == 0)
        speech->first = place;
    speech->last = place;
}

static void on_closed(void *context, struct connection *connection, enum flow_end end)
{
    struct explainer *explainer = context;
    struct heard *heard = connection->user;
    (void)end;
    if (heard == NULL)
        return;
    heard->number = connection->number;
    memcpy(heard->address, connection->address, sizeof heard->address);
    *explainer->over_end = heard;
    explainer->over_end = &heard->next;
}

static const struct flow_sink flow_sink = {
    .opened = on_opened,
    .data = on_data,
    .closed = on_closed,
};

/* Takes that connection out of those that are over; the caller owns it. NULL: not heard of. */
static struct heard *take_heard(struct explainer *explainer, uint64_t number)
{
    for (struct heard **at = &explainer->over; *at != NULL; at = &(*at)->next) {
        struct heard *heard = *at;
        if (heard->number != number)
            continue;
        *at = heard->next;
        if (heard->next == NULL)
            explainer->over_end = at;
        return heard;
    }
    return NULL;
}

/* ---- the analysis ---- */

static struct story *story_of(struct explainer *explainer, void **tap)
{
    struct story *story = *tap;
    if (story != NULL)
        return story;
    story = *tap = calloc(1, sizeof *story);
    explainer->no_memory |= story == NULL;
    if (story != NULL)
        story->recorded = explainer->recorded;
    return story;
}

static void on_record(void *context, const struct tls_record *record, const struct tls_state *state,
                      void **tap)
{
    struct story *story = story_of(context, tap);
    if (story != NULL)
        story_record(story, record, state);
}

static void on_message(void *context, const struct tls_message *message,
                       const struct tls_state *state, void **tap)
{
    struct story *story = story_of(context, tap);
    if (story != NULL)
        story_message(story, message, state);
}

static void on_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct explainer *explainer = context;
    struct story *story = story_of(explainer, tap);
    struct heard *heard = take_heard(explainer, facts->number);
    struct finding finding;
    explainer->totals->connections++;
    if (story == NULL) {
        free(heard);
        return;
    }
    story->facts = facts;
    story->capture_end_ns = explainer->end_ns;
    for (int role = 0; heard != NULL && role < 2; role++)
        story->speech[role] =
            heard->speech[tcp_address_equal(&heard->address[role], &facts->address[role])
                              ? role
                              : 1 - role];
    story_conclude(story);
    explain_story(&finding, story);
    finding.keys_fit = story->has_random && keys_given_count(&explainer->totals->given,
                                                             facts->number, story->client_random);
    explainer->totals->outcomes[finding.outcome]++;
    if (explainer->sink->connection != NULL)
        explainer->sink->connection(explainer->context, story, &finding);
    free(story);
    free(heard);
    *tap = NULL;
}

static const struct analysis_sink analysis_sink = {
    .connection = on_connection,
    .record = on_record,
    .message = on_message,
};

/* ---- the whole ---- */

/* A section begins, perhaps with what a run of ours says of the case that it holds. */
static void take_section(struct explainer *explainer, const struct capture_item *item)
{
    case_comment_read(&explainer->recorded, item->text, item->text_len);
    if (explainer->recorded.id[0] != '\0' && explainer->sink->recorded != NULL)
        explainer->sink->recorded(explainer->context, &explainer->recorded);
}

static int take_item(struct explainer *explainer, const struct capture_item *item,
                     struct error *err)
{
    if (item->kind == CAPTURE_SECTION)
        take_section(explainer, item);
    if (item->kind == CAPTURE_PACKET) {
        const struct capture_packet *packet = &item->packet;
        struct place place = { packet->number, packet->time_ns };
        struct segment segment;
        enum packet_kind kind = packet_read(&segment, packet);
        if (packet->time_ns > explainer->end_ns)
            explainer->end_ns = packet->time_ns;
        if (kind == PACKET_UDP)
            datagram_table_add(explainer->datagrams, &segment, place);
        if (kind == PACKET_TCP && flow_table_add(explainer->flows, &segment, place, err) < 0)
            return -1;
    }
    if (analysis_item(explainer->analysis, item, err) < 0)
        return -1;
    return explainer->no_memory ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
}

static int read_items(struct explainer *explainer, const char *path, struct error *err)
{
    struct capture_item item;
    int ret;
    struct capture_file *file = capture_file_open(path, err);
    if (file == NULL)
        return -1;
    while ((ret = capture_file_next(file, &item, err)) == 1)
        if (take_item(explainer, &item, err) < 0) {
            ret = -1;
            break;
        }
    if (capture_file_warning(file) != NULL)
        snprintf(explainer->totals->warning, ERROR_TEXT_MAX, "%s", capture_file_warning(file));
    capture_file_close(file);
    return ret;
}

static void add_up(struct explainer *explainer)
{
    struct explain_totals *totals = explainer->totals;
    const struct analysis_counts *counts = analysis_counts(explainer->analysis);
    memcpy(totals->packets, counts->packets, sizeof totals->packets);
    totals->dropped = counts->dropped;
    totals->num_secrets = keylog_count(analysis_keys(explainer->analysis));
    totals->unlisted_udp =
        datagram_table_tell(explainer->datagrams, explainer->sink, explainer->context);
}

int explain_file(struct explain_totals *totals, const struct explain_sink *sink, void *context,
                 const char *path, const char *keys, struct error *err)
{
    struct explainer explainer = { .sink = sink, .context = context, .totals = totals };
    int ret = -1;
    memset(totals, 0, sizeof *totals);
    if (keys_given_init(&totals->given, keys, err) < 0)
        return -1;
    explainer.over_end = &explainer.over;
    explainer.analysis = analysis_new(&analysis_sink, &explainer);
    explainer.flows = flow_table_new(&flow_sink, &explainer);
    explainer.datagrams = datagram_table_new();
    if (explainer.analysis == NULL || explainer.flows == NULL || explainer.datagrams == NULL)
        error_set(err, ERROR_HARNESS, "out of memory");
    else if (keys == NULL || keylog_read(analysis_keys(explainer.analysis), keys, err) == 0)
        ret = read_items(&explainer, path, err);
    if (explainer.flows != NULL)
        flow_table_finish(explainer.flows);
    if (explainer.analysis != NULL && explainer.datagrams != NULL) {
        analysis_finish(explainer.analysis);
        add_up(&explainer);
    }
    analysis_free(explainer.analysis);
    flow_table_free(explainer.flows);
    datagram_table_free(explainer.datagrams);
    keys_given_fini(&totals->given);
    while (explainer.over != NULL)
        free(take_heard(&explainer, explainer.over->number));
    return ret;
}
