#include "matrix/ladder.h"

#include "harness/wire/hello.h"
#include "harness/wire/registry.h"

#include <inttypes.h>
#include <stdlib.h>

enum { HANDSHAKE_HEADER_LEN = 4, ALERT_LEN = 2 };

/* What the third field of a step says where neither a message nor an alert has a name. */
static const char *const step_names[NUM_STEP_KINDS] = {
    [STEP_RECORD] = "",
    [STEP_EARLY] = "early_data",
    [STEP_OPAQUE] = "opaque",
    [STEP_HELLO_RETRY] = "hello_retry_request",
    [STEP_HELLO_SSLV2] = "sslv2_client_hello",
    [STEP_INCOMPLETE] = "incomplete",
    [STEP_NO_TLS] = "",
    [STEP_FIN] = "fin",
    [STEP_RST] = "rst",
};

static bool continues(const struct ladder_step *last, const struct ladder_step *step)
{
    return step->records > 0 && last->records > 0 && last->kind == step->kind &&
           last->from == step->from && last->content_type == step->content_type &&
           last->under_protection == step->under_protection;
}

static void add(struct ladder *ladder, const struct ladder_step *step)
{
    struct ladder_step *last =
        ladder->num_steps == 0 ? NULL : &ladder->steps[ladder->num_steps - 1];
    if (last != NULL && continues(last, step)) {
        last->len += step->len;
        last->records += step->records;
    } else if (ladder->num_steps < LADDER_MAX) {
        ladder->steps[ladder->num_steps++] = *step;
    } else {
        ladder->num_left_out++;
    }
}

static enum step_kind kind_of(const struct tls_record *record)
{
    if (record->version == 0x0002)
        return STEP_HELLO_SSLV2;
    if (record->protection == PROTECTION_OPAQUE)
        return STEP_OPAQUE;
    return record->early ? STEP_EARLY : STEP_RECORD;
}

void ladder_record(struct ladder *ladder, const struct tls_record *record)
{
    enum step_kind kind = kind_of(record);
    bool readable = kind == STEP_RECORD || kind == STEP_EARLY;
    bool under_protection = record->protection != PROTECTION_NONE;
    if (readable && record->content_type == CONTENT_ALERT)
        return; /* ladder_alert() has it */
    if (readable && record->content_type == CONTENT_HANDSHAKE) {
        ladder->unfinished[record->from] += record->content_len;
        ladder->unfinished_protected[record->from] = under_protection;
        return;
    }
    add(ladder, &(struct ladder_step){
                    .packet = record->last.packet,
                    .kind = kind,
                    .from = record->from,
                    .content_type = record->content_type,
                    .under_protection = under_protection,
                    .len = kind == STEP_OPAQUE ? record->fragment_len : record->content_len,
                    .records = 1,
                });
}

void ladder_message(struct ladder *ladder, const struct tls_message *message)
{
    bool retry =
        message->type == HANDSHAKE_SERVER_HELLO && hello_is_retry(message->body, message->len);
    uint64_t len = HANDSHAKE_HEADER_LEN + message->len;
    uint64_t *unfinished = &ladder->unfinished[message->from];
    *unfinished -= len < *unfinished ? len : *unfinished;
    add(ladder, &(struct ladder_step){
                    .packet = message->last.packet,
                    .kind = retry ? STEP_HELLO_RETRY : STEP_MESSAGE,
                    .from = message->from,
                    .content_type = CONTENT_HANDSHAKE,
                    .code = message->type,
                    .under_protection = message->under_protection,
                    .len = len,
                });
}

void ladder_alert(struct ladder *ladder, const struct tls_alert *alert)
{
    add(ladder, &(struct ladder_step){
                    .packet = alert->place.packet,
                    .kind = STEP_ALERT,
                    .from = alert->from,
                    .content_type = CONTENT_ALERT,
                    .code = alert->description,
                    .under_protection = alert->under_protection,
                    .len = ALERT_LEN,
                });
}

/* ---- the end ---- */

static void add_close(struct ladder *ladder, enum role from, enum step_kind kind,
                      struct place place)
{
    if (place.packet > 0)
        add(ladder, &(struct ladder_step){ .packet = place.packet, .kind = kind, .from = from });
}

static void add_rest(struct ladder *ladder, const struct wire_facts *facts, enum role role)
{
    const struct wire_end *end = &facts->end[role];
    if (facts->preamble_len[role] > 0)
        add(ladder, &(struct ladder_step){ .packet = 0, /* before all TLS */
                                           .kind = STEP_NO_TLS,
                                           .from = role,
                                           .len = facts->preamble_len[role] });
    if (ladder->unfinished[role] > 0)
        add(ladder,
            &(struct ladder_step){
                .packet = end->tcp.fin.packet != 0 ? end->tcp.fin.packet : facts->last.packet,
                .kind = STEP_INCOMPLETE,
                .from = role,
                .content_type = CONTENT_HANDSHAKE,
                .under_protection = ladder->unfinished_protected[role],
                .len = ladder->unfinished[role],
            });
    add_close(ladder, role, STEP_FIN, end->tcp.fin);
    add_close(ladder, role, STEP_RST, end->tcp.rst);
}

/* By insertion, which keeps the order within a packet: there is next to nothing to move. */
static void sort(struct ladder *ladder)
{
    for (size_t i = 1; i < ladder->num_steps; i++) {
        struct ladder_step step = ladder->steps[i];
        size_t at = i;
        for (; at > 0 && ladder->steps[at - 1].packet > step.packet; at--)
            ladder->steps[at] = ladder->steps[at - 1];
        ladder->steps[at] = step;
    }
}

void ladder_end(struct ladder *ladder, const struct wire_facts *facts)
{
    add_rest(ladder, facts, ROLE_CLIENT);
    add_rest(ladder, facts, ROLE_SERVER);
    sort(ladder);
}

/* ---- as text ---- */

static json_t *name_or_number(const char *name, uint8_t number)
{
    return name != NULL ? json_string(name) : json_sprintf("%d", number);
}

static json_t *type_of(const struct ladder_step *step)
{
    if (step->kind == STEP_FIN || step->kind == STEP_RST)
        return json_string("tcp");
    if (step->kind == STEP_NO_TLS)
        return json_string("none");
    return name_or_number(content_type_name(step->content_type), step->content_type);
}

static json_t *name_of(const struct ladder_step *step)
{
    if (step->kind == STEP_MESSAGE)
        return name_or_number(handshake_type_name(step->code), step->code);
    if (step->kind == STEP_ALERT)
        return json_string(alert_text(step->code));
    return json_string(step_names[step->kind]);
}

char *ladder_steps(const struct ladder *ladder)
{
    json_t *all = json_array();
    for (size_t i = 0; i < ladder->num_steps; i++) {
        const struct ladder_step *step = &ladder->steps[i];
        json_t *fields = json_pack("[s, o, o, i]", step->from == ROLE_CLIENT ? "c" : "s",
                                   type_of(step), name_of(step), (int)step->under_protection);
        if (step->records > 1)
            json_array_append_new(fields, json_integer((json_int_t)step->records));
        json_array_append_new(all, fields);
    }
    if (ladder->num_left_out > 0)
        json_array_append_new(all, json_pack("{s:I}", "more", (json_int_t)ladder->num_left_out));
    char *text = all == NULL ? NULL : json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return text;
}

char *ladder_lengths(const struct ladder *ladder)
{
    enum { LENGTH_TEXT_MAX = 21 };
    size_t size = ladder->num_steps * LENGTH_TEXT_MAX + 1, at = 0;
    char *text = calloc(size, 1);
    for (size_t i = 0; text != NULL && i < ladder->num_steps; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%" PRIu64, i == 0 ? "" : ",",
                               ladder->steps[i].len);
    return text;
}

json_t *ladder_join(const char *steps, const char *lengths)
{
    enum { LENGTH_AT = 4 };
    json_t *all = steps == NULL || lengths == NULL ? NULL : json_loads(steps, 0, NULL);
    size_t index;
    json_t *step;
    json_array_foreach(all, index, step)
    {
        char *end = NULL;
        if (!json_is_array(step))
            continue; /* what was left out */
        unsigned long long len = strtoull(lengths, &end, 10);
        if (end == lengths || (*end != ',' && *end != '\0')) {
            json_decref(all);
            return NULL;
        }
        lengths = *end == ',' ? end + 1 : end;
        json_array_insert_new(step, LENGTH_AT, json_integer((json_int_t)len));
    }
    if (all != NULL && *lengths == '\0')
        return all;
    json_decref(all);
    return NULL;
}
