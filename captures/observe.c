/* The capture is read twice at once: without keys for what is observed, with keys for the control.
 * Both see the same packets, so that connections end in the same order in both. */
#include "captures/observe.h"

#include "captures/observe_parts.h"

#include <stdlib.h>
#include <string.h>

/* What the reading with keys found, until the one without asks for it. */
struct control {
    struct control *next;
    uint64_t number; /* of the connection */
    bool has_random;
    uint8_t client_random[KEYLOG_RANDOM_LEN];
    struct observed_control found;
};

struct observing {
    observe_sink *sink;
    void *context;
    struct observe_totals *totals;
    struct analysis *without_keys, *with_keys;
    struct dns_log *dns;
    struct control *controls, **controls_end;
    bool no_memory;
};

/* ---- with keys ---- */

static struct control *control_of(struct observing *observing, void **tap)
{
    if (*tap == NULL)
        *tap = calloc(1, sizeof(struct control));
    if (*tap == NULL)
        observing->no_memory = true;
    return *tap;
}

/* Does the content stand in its record as it is? Of a few bytes it may be chance. */
static bool is_in_clear(const struct tls_record *record)
{
    enum { CHANCE_MAX = 4 };
    return record->content_len >= CHANCE_MAX &&
           memmem(record->fragment, record->fragment_len, record->content, record->content_len);
}

static void control_record(void *context, const struct tls_record *record,
                           const struct tls_state *state, void **tap)
{
    struct control *control = control_of(context, tap);
    if (control == NULL)
        return;
    control->has_random = state->has_client_hello;
    memcpy(control->client_random, state->client_random, sizeof control->client_random);
    if (record->content_type != CONTENT_APPLICATION_DATA || record->protection == PROTECTION_OPAQUE)
        return;
    control->found.application_bytes[record->from] += record->content_len;
    if (is_in_clear(record))
        control->found.in_clear[record->from] += record->content_len;
}

static void control_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct observing *observing = context;
    struct control *control = control_of(observing, tap);
    if (control == NULL)
        return;
    control->number = facts->number;
    control->found.keys_fit =
        control->has_random &&
        keys_given_count(&observing->totals->given, facts->number, control->client_random);
    control->found.opened = facts->decrypted;
    memcpy(control->found.why_not, facts->why_not, sizeof control->found.why_not);
    *observing->controls_end = control;
    observing->controls_end = &control->next;
}

static void take_control(struct observed_control *out, struct observing *observing, uint64_t number)
{
    struct control **at = &observing->controls;
    while (*at != NULL && (*at)->number != number)
        at = &(*at)->next;
    struct control *control = *at;
    if (control == NULL)
        return;
    *at = control->next;
    if (control->next == NULL)
        observing->controls_end = at;
    *out = control->found;
    out->has_keys = keylog_count(analysis_keys(observing->with_keys)) > 0;
    free(control);
}

/* ---- without ---- */

static struct observation *observation_of(struct observing *observing, void **tap)
{
    if (*tap == NULL)
        *tap = calloc(1, sizeof(struct observation));
    if (*tap == NULL)
        observing->no_memory = true;
    return *tap;
}

static void observation_free(struct observation *seen)
{
    if (seen == NULL)
        return;
    free(seen->records);
    free(seen->bursts);
    free(seen->end[ROLE_CLIENT].chain);
    free(seen->end[ROLE_SERVER].chain);
    free(seen);
}

static bool make_room(struct observation *seen)
{
    if (seen->num_records < seen->records_room)
        return true;
    size_t room = seen->records_room == 0 ? 32 : 2 * seen->records_room;
    struct observed_record *records = realloc(seen->records, room * sizeof records[0]);
    if (records == NULL)
        return false;
    seen->records = records;
    seen->records_room = room;
    return true;
}

static void add_alert(struct observation *seen, enum role from, const struct wire_alert *alert)
{
    if (seen->num_alerts == OBSERVE_ALERTS_MAX)
        return;
    seen->alerts_from[seen->num_alerts] = (uint8_t)from;
    seen->alerts[seen->num_alerts++] = *alert;
}

/* A suite without encryption has nothing but a MAC behind the content. */
static void read_content(struct observation *seen, const struct tls_record *record)
{
    struct length_range content;
    if (!seen->shape.is_null || !record_shape_content(&content, &seen->shape, record->fragment_len))
        return;
    if (record->type == CONTENT_APPLICATION_DATA) {
        seen->readable[record->from] += content.max;
        append_printable(seen->sample[record->from], sizeof seen->sample[0], record->fragment,
                         content.max);
    } else if (record->type == CONTENT_ALERT && content.max == 2) {
        const struct wire_alert alert = { record->last, record->fragment[0], record->fragment[1],
                                          true };
        add_alert(seen, record->from, &alert);
    }
}

static void take_state(struct observation *seen, const struct tls_state *state)
{
    seen->encrypt_then_mac = state->encrypt_then_mac;
    seen->extended_master_secret = state->extended_master_secret;
    if (!seen->shape.known && state->has_server_hello)
        record_shape_of(&seen->shape, state->version, state->suite, state->encrypt_then_mac);
}

/* Of what is in clear the content is known otherwise: it gets half of the room at most, so that a
 * handshake in very small records does not crowd out the data. */
static void keep_record(struct observing *observing, struct observation *seen,
                        const struct observed_record *record)
{
    size_t max = record->under_protection ? OBSERVE_RECORDS_MAX : OBSERVE_RECORDS_MAX / 2;
    if (seen->num_records >= max)
        seen->records_left_out++;
    else if (make_room(seen))
        seen->records[seen->num_records++] = *record;
    else
        observing->no_memory = true;
}

static void on_record(void *context, const struct tls_record *record, const struct tls_state *state,
                      void **tap)
{
    struct observing *observing = context;
    struct observation *seen = observation_of(observing, tap);
    if (seen == NULL)
        return;
    const struct observed_record observed = {
        .from = (uint8_t)record->from,
        .type = record->type,
        .under_protection = record->protection == PROTECTION_OPAQUE,
        .fragment_len = (uint32_t)record->fragment_len,
        .place = record->last,
    };
    struct observed_end *end = &seen->end[record->from];
    take_state(seen, state);
    if (record->from == ROLE_CLIENT && seen->client.record_version == 0)
        seen->client.record_version = record->version;
    end->last = observed;
    end->has_last = true;
    if (observed.under_protection) {
        end->num_protected++;
        end->protected_bytes += record->fragment_len;
        read_content(seen, record);
    }
    keep_record(observing, seen, &observed);
}

static void on_message(void *context, const struct tls_message *message,
                       const struct tls_state *state, void **tap)
{
    struct observing *observing = context;
    struct observation *seen = observation_of(observing, tap);
    if (seen == NULL)
        return;
    observe_message(seen, message, state);
    if (message->type != HANDSHAKE_CLIENT_HELLO || seen->client.server_name[0] == '\0')
        return;
    snprintf(seen->dns_name, sizeof seen->dns_name, "%s", seen->client.server_name);
    seen->dns = dns_log_find(observing->dns, seen->dns_name);
}

static void on_alert(void *context, const struct tls_alert *alert, const struct tls_state *state,
                     void **tap)
{
    struct observation *seen = observation_of(context, tap);
    const struct wire_alert observed = { alert->place, alert->level, alert->description,
                                         alert->under_protection };
    (void)state;
    if (seen != NULL)
        add_alert(seen, alert->from, &observed);
}

static void on_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct observing *observing = context;
    struct observed_control control = { .has_keys = false };
    struct observation *seen = *tap;
    take_control(&control, observing, facts->number);
    observing->totals->connections++;
    observing->totals->broken_off += !facts->is_tls && facts->end[ROLE_CLIENT].record_left;
    if (facts->is_tls && seen != NULL) {
        seen->facts = facts;
        seen->control = control;
        observe_infer(seen);
        observing->totals->tls++;
        observing->sink(observing->context, seen);
    }
    observation_free(seen);
    *tap = NULL;
}

/* ---- the whole ---- */

static void take_datagram(struct observing *observing, const struct capture_packet *packet)
{
    struct segment datagram;
    const struct place place = { packet->number, packet->time_ns };
    if (packet_read(&datagram, packet) == PACKET_UDP &&
        dns_log_add(observing->dns, &datagram, place))
        observing->totals->dns_queries++;
}

static int take_item(struct observing *observing, const struct capture_item *item,
                     struct error *err)
{
    if (item->kind == CAPTURE_PACKET)
        take_datagram(observing, &item->packet);
    if (analysis_item(observing->with_keys, item, err) < 0)
        return -1;
    if (item->kind != CAPTURE_SECRETS && analysis_item(observing->without_keys, item, err) < 0)
        return -1;
    return observing->no_memory ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
}

static int take_file(struct observing *observing, const char *path, struct error *err)
{
    struct capture_item item;
    int ret = 0;
    struct capture_file *file = capture_file_open(path, err);
    if (file == NULL)
        return -1;
    while (ret == 0 && (ret = capture_file_next(file, &item, err)) == 1)
        ret = take_item(observing, &item, err);
    if (capture_file_warning(file) != NULL)
        snprintf(observing->totals->warning, sizeof observing->totals->warning, "%s",
                 capture_file_warning(file));
    capture_file_close(file);
    analysis_finish(observing->with_keys);
    analysis_finish(observing->without_keys);
    observing->totals->dropped = analysis_counts(observing->without_keys)->dropped;
    return ret;
}

static int observing_open(struct observing *observing, struct error *err)
{
    static const struct analysis_sink observer = { on_connection, on_record, on_message, on_alert };
    static const struct analysis_sink controller = { .connection = control_connection,
                                                     .record = control_record };
    observing->controls_end = &observing->controls;
    observing->dns = dns_log_new();
    observing->without_keys = analysis_new(&observer, observing);
    observing->with_keys = analysis_new(&controller, observing);
    if (observing->dns == NULL || observing->without_keys == NULL || observing->with_keys == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    return 0;
}

static void observing_close(struct observing *observing)
{
    analysis_free(observing->with_keys);
    analysis_free(observing->without_keys);
    dns_log_free(observing->dns);
    while (observing->controls != NULL) {
        struct control *next = observing->controls->next;
        free(observing->controls);
        observing->controls = next;
    }
}

int observe_file(struct observe_totals *out, observe_sink *sink, void *context, const char *path,
                 const char *keys, struct error *err)
{
    struct observing observing = { .sink = sink, .context = context, .totals = out };
    *out = (struct observe_totals){ .connections = 0 };
    if (keys_given_init(&out->given, keys, err) < 0)
        return -1;
    int ret = observing_open(&observing, err);
    if (ret == 0 && keys != NULL)
        ret = keylog_read(analysis_keys(observing.with_keys), keys, err);
    if (ret == 0)
        ret = take_file(&observing, path, err);
    observing_close(&observing);
    keys_given_fini(&out->given);
    return ret;
}
