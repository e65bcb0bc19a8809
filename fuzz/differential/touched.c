#include "fuzz/differential/touched.h"

#include "fuzz/stacks/structure.h"
#include "harness/wire/handshake.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <stdlib.h>
#include <string.h>

enum { ALERT_BYTES = 2 }; /* of one: its level and its description */

/* ---- words ---- */

static int compare_words(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void add_word(struct touched *out, const char *word)
{
    for (size_t i = 0; i < out->num_words; i++)
        if (strcmp(out->words[i], word) == 0)
            return;
    if (out->num_words < TOUCHED_MAX)
        snprintf(out->words[out->num_words++], TOUCHED_WORD_LEN, "%s", word);
}

static const char *message_name(const struct partner_log *log, unsigned at)
{
    const char *name = at < log->num_messages && log->messages[at].len > 0
                           ? handshake_type_name(log->messages[at].data[0])
                           : NULL;
    return name != NULL ? name : "nothing";
}

/* Hellos say it of themselves only later. */
static bool is_tls13(const struct partner_log *log)
{
    return log->num_messages > 0 && log->is_tls13[log->num_messages - 1];
}

/* ".second" behind what is of the ClientHello that answers a HelloRetryRequest. */
static const char *which_hello(const struct partner_log *log, unsigned at)
{
    unsigned num_before = 0;
    for (unsigned i = 0; i < at && i < log->num_messages; i++)
        num_before +=
            log->messages[i].len > 0 && log->messages[i].data[0] == HANDSHAKE_CLIENT_HELLO;
    return num_before > 0 && log->messages[at].data[0] == HANDSHAKE_CLIENT_HELLO ? ".second" : "";
}

static const char *place_name(unsigned at)
{
    return at >= POINT_CLOSED      ? "closed"
           : at == POINT_SAID      ? "said"
           : at == POINT_CONNECTED ? "connected"
           : at == 0               ? "first"
                                   : "handshake";
}

/* ---- what an edit changes: extensions, else which vector of the message ---- */

struct body {
    const uint8_t *data;
    size_t len;
};

/* The first extension of this type in a message; a NULL `data` if there is none. */
static struct body find_extension(const struct structure *s, const struct writer *message,
                                  uint16_t type)
{
    for (size_t i = 0; i < s->num_vectors; i++)
        if (s->vectors[i].in_extension && s->vectors[i].extension == type)
            return (struct body){ message->data + HANDSHAKE_HEADER_LEN + s->vectors[i].from,
                                  s->vectors[i].to - s->vectors[i].from };
    return (struct body){ NULL, 0 };
}

/* How often it is in its block. */
static size_t count_extension(const struct structure *s, uint16_t type)
{
    size_t num = 0;
    for (size_t i = 0; i < s->num_elements; i++) {
        int list = s->elements[i].list;
        for (size_t j = 0; j < s->num_vectors; j++)
            num += list >= 0 && !s->vectors[list].in_extension && s->vectors[j].in_extension &&
                   s->vectors[j].extension == type && s->vectors[j].parent == list &&
                   s->vectors[j].to == s->elements[i].to;
    }
    return num;
}

static bool has_extension_twice(const struct structure *s)
{
    for (size_t i = 0; i < s->num_vectors; i++)
        if (s->vectors[i].in_extension && count_extension(s, s->vectors[i].extension) > 1)
            return true;
    return false;
}

static void add_extension(struct touched *out, uint16_t type)
{
    if (!id_listed(out->extensions, out->num_extensions, type) && out->num_extensions < TOUCHED_MAX)
        out->extensions[out->num_extensions++] = type;
}

/* One that is in `a` and not the same in `b`. */
static bool differs(uint16_t *type, const struct structure *a, const struct writer *message_a,
                    const struct structure *b, const struct writer *message_b)
{
    for (size_t i = 0; i < a->num_vectors; i++) {
        if (!a->vectors[i].in_extension)
            continue;
        *type = a->vectors[i].extension;
        struct body x = find_extension(a, message_a, *type),
                    y = find_extension(b, message_b, *type);
        if (y.data == NULL || x.len != y.len || memcmp(x.data, y.data, x.len) != 0 ||
            count_extension(a, *type) != count_extension(b, *type))
            return true;
    }
    return false;
}

static const char *extension_word(uint16_t type)
{
    const struct extension_type *known = extension_type_by_id(type);
    return known != NULL ? known->name : "unknown";
}

/* In TLS 1.3 what follows it is protected by other keys: RFC 8446 section 5.1 says what becomes of
 * bytes between them. */
static bool changes_keys(uint8_t message)
{
    return message == HANDSHAKE_CLIENT_HELLO || message == HANDSHAKE_SERVER_HELLO ||
           message == HANDSHAKE_FINISHED;
}

/* Is what lies at `at`, which is in no list, followed by something that is read by its place? */
static bool is_among_fields(const struct structure *s, size_t at, size_t dropped, size_t body_len)
{
    int index = structure_at(s, at, dropped);
    if (index < 0)
        return at < body_len;
    int parent = s->vectors[index].parent;
    return s->vectors[index].in_extension && (parent < 0 || !s->vectors[parent].in_extension) &&
           at < s->vectors[index].to;
}

/* Whole extensions, or none? */
static bool are_extensions(const uint8_t *bytes, size_t len)
{
    enum { EXTENSION_HEADER_LEN = 4 };
    size_t at = 0;
    while (at + EXTENSION_HEADER_LEN <= len)
        at += EXTENSION_HEADER_LEN + (size_t)bytes[at + 2] * 256 + bytes[at + 3];
    return at == len;
}

/* Are bytes of a block of extensions put in or taken out that are no whole extension, so that what
 * is behind them is read at other places? */
static bool shifts_extensions(const struct structure *s, const struct step *step, size_t at,
                              const uint8_t *dropped, size_t dropped_len)
{
    int index = structure_at(s, at, dropped_len);
    return index >= 0 && s->vectors[index].is_block && step->bytes_len != dropped_len &&
           !(are_extensions(step->bytes, step->bytes_len) && are_extensions(dropped, dropped_len));
}

/* `at`: in the message's body as it was, which has the structure. */
static void note_reach(struct touched *out, const struct step *step, const struct writer *original,
                       const struct structure *before, size_t at, bool tls13)
{
    size_t body_len = original->len - HANDSHAKE_HEADER_LEN;
    size_t left = at < body_len ? body_len - at : 0;
    size_t dropped = step->drop < left ? step->drop : left;
    if (original->data[0] == HANDSHAKE_FINISHED)
        return;
    if (at <= body_len &&
        shifts_extensions(before, step, at, original->data + HANDSHAKE_HEADER_LEN + at, dropped))
        out->num_shifting++;
    else if (dropped < left && dropped != step->bytes_len)
        out->num_shifting += is_among_fields(before, at, dropped, body_len);
    else if (dropped != step->bytes_len && step->bytes_len > 0) /* and nothing is left behind it */
        out->num_shifting += at > 0 && at < body_len && structure_at(before, at, 0) < 0;
    if (step->kind != STEP_EDIT && dropped > 1 &&
        structure_at(before, at, dropped) != structure_at(before, at, 1))
        out->num_shifting++; /* bytes of several fields */
    out->num_between += step->kind == STEP_SPLICE && at >= body_len && step->bytes_len > 0 &&
                        !(tls13 && changes_keys(original->data[0]));
    out->num_renewing += at == 0 && dropped == body_len && step->bytes_len > 0;
}

/* Of a ClientHello: shares that are as long as they say, and as their groups want them? */
static bool are_good_shares(struct body body)
{
    enum { X25519 = 0x001D, X25519_LEN = 32, P256 = 0x0017, P256_LEN = 65, UNCOMPRESSED = 4 };
    struct reader list = reader_of(body.data, body.len);
    if (body.data == NULL)
        return false;
    struct reader shares = reader_block(&list, 2);
    while (shares.len > 0) {
        uint16_t group = reader_u16(&shares);
        struct reader key = reader_block(&shares, 2);
        if ((group == X25519 && key.len != X25519_LEN) ||
            (group == P256 && (key.len != P256_LEN || key.data[0] != UNCOMPRESSED)))
            return false;
    }
    return reader_done(&list) && reader_done(&shares);
}

/* Does it have entries that do not fill it? */
static bool are_broken_shares(struct body body)
{
    struct reader list = reader_of(body.data, body.len);
    if (body.data == NULL)
        return false;
    struct reader shares = reader_block(&list, 2);
    while (shares.len > 0) {
        reader_u16(&shares);
        reader_block(&shares, 2);
    }
    return !reader_done(&list) || !reader_done(&shares);
}

static void describe_edit(char word[TOUCHED_WORD_LEN], struct touched *out, const struct step *step,
                          const struct partner_log *log)
{
    static struct structure before, after; /* large */
    const struct writer *original = &log->messages[step->at];
    uint16_t version = log->is_tls13[step->at] ? TLS13 : TLS12, type;
    struct writer edited;
    writer_init(&edited, HANDSHAKE_HEADER_LEN + 2 * UINT16_MAX);
    writer_bytes(&edited, original->data, original->len);
    structure_edit(&edited, version, step->offset, step->drop, step->bytes, step->bytes_len);
    structure_read(&before, version, original->data, original->len);
    structure_read(&after, version, edited.data, edited.len);
    note_reach(out, step, original, &before, step->offset, is_tls13(log));
    if (!edited.failed && (differs(&type, &after, &edited, &before, original) ||
                           differs(&type, &before, original, &after, &edited))) {
        add_extension(out, type);
        out->num_twice += has_extension_twice(&after);
        struct body shares = find_extension(&after, &edited, EXTENSION_KEY_SHARE);
        out->has_good_shares = are_good_shares(shares);
        out->has_broken_shares = are_broken_shares(shares);
        snprintf(word, TOUCHED_WORD_LEN, "%s:%s:%s%s%s", step_names[step->kind],
                 message_name(log, step->at), extension_word(type), which_hello(log, step->at),
                 has_extension_twice(&after) ? ".twice" : "");
    } else {
        size_t body_len = original->len - HANDSHAKE_HEADER_LEN;
        size_t at = step->offset < body_len ? step->offset : body_len;
        snprintf(word, TOUCHED_WORD_LEN, "%s:%s:field%d%s", step_names[step->kind],
                 message_name(log, step->at), structure_at(&before, at, 0),
                 which_hello(log, step->at));
    }
    writer_fini(&edited);
}

/* Patches and splices leave lengths as they are: the place in the original says what they hit. */
static void describe_patch(char word[TOUCHED_WORD_LEN], struct touched *out,
                           const struct step *step, const struct partner_log *log)
{
    static struct structure structure;
    const struct writer *original = &log->messages[step->at];
    size_t at = step->offset;
    if (step->kind == STEP_SPLICE && at < HANDSHAKE_HEADER_LEN) {
        snprintf(word, TOUCHED_WORD_LEN, "splice:%s:header", message_name(log, step->at));
        return;
    }
    at -= step->kind == STEP_SPLICE ? HANDSHAKE_HEADER_LEN : 0;
    structure_read(&structure, log->is_tls13[step->at] ? TLS13 : TLS12, original->data,
                   original->len);
    note_reach(out, step, original, &structure, at, is_tls13(log));
    int index = structure_at(&structure, at, 0);
    if (index >= 0 && structure.vectors[index].in_extension) {
        uint16_t type = structure.vectors[index].extension;
        add_extension(out, type);
        snprintf(word, TOUCHED_WORD_LEN, "%s:%s:%s", step_names[step->kind],
                 message_name(log, step->at), extension_word(type));
        return;
    }
    snprintf(word, TOUCHED_WORD_LEN, "%s:%s:field%d", step_names[step->kind],
             message_name(log, step->at), index);
}

/* ---- records ---- */

static const char *content_name(unsigned type)
{
    const char *name = content_type_name((uint8_t)type);
    return name != NULL ? name : type % 256 == 0 ? "padding" : "unknown";
}

static const struct partner_record *find_record(const struct partner_log *log, unsigned at)
{
    return at < log->num_records && at < PARTNER_RECORDS_MAX ? &log->records[at] : NULL;
}

/* Of the record that a step changes: the message that it begins with, else what it carries. */
static const char *record_name(const struct partner_log *log, unsigned at)
{
    const struct partner_record *record = find_record(log, at);
    if (record == NULL)
        return place_name(at);
    const char *message =
        record->type == CONTENT_HANDSHAKE ? handshake_type_name(record->message) : NULL;
    return message != NULL ? message : content_name(record->type);
}

static void describe_bytes(char word[TOUCHED_WORD_LEN], const struct step *step,
                           const struct partner_log *log)
{
    const char *part = step->offset == 0 ? "type" : step->offset < 3 ? "version" : "length";
    if (step->kind == STEP_WIRE && step->offset < 5)
        snprintf(word, TOUCHED_WORD_LEN, "wire:%s:%s", part, place_name(step->at));
    else if (step->kind == STEP_WIRE)
        snprintf(word, TOUCHED_WORD_LEN, "wire:content:%s", record_name(log, step->at));
    else
        snprintf(word, TOUCHED_WORD_LEN, "%s:%s:%s", step_names[step->kind],
                 step->bytes_len > 0 ? content_name(step->bytes[0]) : "empty",
                 place_name(step->at));
}

/* Is this less than a record, so that the rest of it is what comes next? */
static bool is_begun_record(const struct step *step)
{
    size_t at = 0;
    while (at + RECORD_HEADER_LEN <= step->bytes_len)
        at += RECORD_HEADER_LEN + (size_t)step->bytes[at + 3] * 256 + step->bytes[at + 4];
    return at != step->bytes_len;
}

/* Of messages, `record` being the one that the step is at; what is less than a header gets the rest
 * of it from what comes next. */
static bool is_between_messages(const struct step *step, const struct partner_record *record,
                                bool tls13)
{
    bool handshake = (uint8_t)step->offset == CONTENT_HANDSHAKE;
    switch (step->kind) {
    case STEP_CONTENT:
        return record != NULL && record->type == CONTENT_HANDSHAKE && step->bytes_len > 0 &&
               step->drop != step->bytes_len &&
               (step->offset < HANDSHAKE_HEADER_LEN ||
                (step->offset >= record->len &&
                 !(changes_keys(record->message) &&
                   (tls13 || record->message == HANDSHAKE_FINISHED))));
    case STEP_RECORD:
        return handshake && step->bytes_len > 0 && step->bytes_len < HANDSHAKE_HEADER_LEN;
    case STEP_BULK:
        return handshake && step->drop > 0 && step->drop < HANDSHAKE_HEADER_LEN;
    case STEP_RAW:
        return step->bytes_len > 0 && step->bytes[0] == CONTENT_HANDSHAKE &&
               (is_begun_record(step) ||
                step->bytes_len < RECORD_HEADER_LEN + HANDSHAKE_HEADER_LEN);
    default:
        return false;
    }
}

/* Before ServerHello nothing is protected, nor is ChangeCipherSpec. */
static bool is_clear(const struct step *step, const struct partner_log *log)
{
    const struct partner_record *record = find_record(log, step->at);
    switch (step->kind) {
    case STEP_RAW:
    case STEP_STOP:
    case STEP_WIRE:
        return true;
    case STEP_RECORD:
    case STEP_BULK:
    case STEP_RETYPE:
        return record != NULL &&
               (record->type == CONTENT_CHANGE_CIPHER_SPEC ||
                (record->type == CONTENT_HANDSHAKE && changes_keys(record->message) &&
                 record->message != HANDSHAKE_FINISHED));
    case STEP_AGAIN:
        return step->at < log->num_messages && log->messages[step->at].len > 0 &&
               (log->messages[step->at].data[0] == HANDSHAKE_CLIENT_HELLO ||
                log->messages[step->at].data[0] == HANDSHAKE_SERVER_HELLO);
    default:
        return false;
    }
}

static void describe_record(char word[TOUCHED_WORD_LEN], const struct step *step,
                            const struct partner_log *log)
{
    char inner[40] = "";
    uint8_t type = (uint8_t)step->offset;
    if (type == CONTENT_HANDSHAKE && step->bytes_len > 0) {
        const char *name = handshake_type_name(step->bytes[0]);
        snprintf(inner, sizeof inner, ".%s", name != NULL ? name : "unknown");
    } else if (type == CONTENT_ALERT && step->bytes_len == 2) {
        const struct alert *alert = alert_by_id(step->bytes[1]);
        snprintf(inner, sizeof inner, ".%s.%s",
                 step->bytes[0] == 1   ? "warning"
                 : step->bytes[0] == 2 ? "fatal"
                                       : "level",
                 alert != NULL ? alert->name : "unknown");
    } else if (step->kind == STEP_BULK ? step->drop == 0 : step->bytes_len == 0) {
        bool late_and_clear = type != CONTENT_CHANGE_CIPHER_SPEC && step->at > 0 && is_tls13(log) &&
                              is_clear(step, log);
        snprintf(inner, sizeof inner, ".empty%s", late_and_clear ? ".clear" : "");
    }
    snprintf(word, TOUCHED_WORD_LEN, "%s:%s%s:%s", step_names[step->kind], content_name(type),
             inner, place_name(step->at));
}

/* In the middle of a message whose fields are read by their places. */
static bool shifts_content(const struct step *step, const struct partner_record *record)
{
    return step->kind == STEP_CONTENT && record != NULL && record->type == CONTENT_HANDSHAKE &&
           record->message != HANDSHAKE_FINISHED && step->drop != step->bytes_len &&
           step->offset >= HANDSHAKE_HEADER_LEN && step->offset < record->len;
}

static bool is_no_alert(const struct step *step, const struct partner_record *record)
{
    bool alert = (uint8_t)step->offset == CONTENT_ALERT;
    size_t len = step->kind == STEP_BULK     ? step->drop
                 : step->kind == STEP_RECORD ? step->bytes_len
                 : record != NULL            ? record->len
                                             : 0;
    switch (step->kind) {
    case STEP_RECORD:
    case STEP_BULK:
    case STEP_RETYPE:
        return alert && len != 0 && len != ALERT_BYTES;
    case STEP_FRAGMENT: /* of the alerts that come */
        return step->offset < ALERT_BYTES;
    case STEP_CONTENT:
        return record != NULL && record->type == CONTENT_ALERT && step->drop != step->bytes_len;
    default:
        return false;
    }
}

/* Of steps that count records. */
static void note_record(struct touched *out, const struct step *step, const struct partner_log *log)
{
    const struct partner_record *record = find_record(log, step->at);
    out->num_between += is_between_messages(step, record, is_tls13(log));
    out->num_shifting += shifts_content(step, record);
    out->num_clear += is_clear(step, log);
    out->num_alerts += is_no_alert(step, record);
}

/* What comes to the victim before it knows the version, of two that it supports. */
static bool is_version_open(const struct script *script, const struct step *step)
{
    bool both = script->versions == VERSIONS_BOTH || script->versions == VERSIONS_LOWER;
    return both && step->at == 0 &&
           (step->kind == STEP_RECORD || step->kind == STEP_BULK || step->kind == STEP_MESSAGE);
}

static void describe(char word[TOUCHED_WORD_LEN], struct touched *out, const struct step *step,
                     const struct partner_log *log)
{
    switch (step->kind) {
    case STEP_EDIT:
    case STEP_PATCH:
    case STEP_SPLICE:
        if (step->at >= log->num_messages || log->messages[step->at].len < HANDSHAKE_HEADER_LEN)
            snprintf(word, TOUCHED_WORD_LEN, "%s:nothing", step_names[step->kind]);
        else if (step->kind == STEP_EDIT)
            describe_edit(word, out, step, log);
        else
            describe_patch(word, out, step, log);
        break;
    case STEP_MESSAGE: {
        const char *name = handshake_type_name((uint8_t)step->offset);
        snprintf(word, TOUCHED_WORD_LEN, "message:%s:%s", name != NULL ? name : "unknown",
                 message_name(log, step->at));
        break;
    }
    case STEP_SKIP:
    case STEP_AGAIN:
    case STEP_HOLD:
        snprintf(word, TOUCHED_WORD_LEN, "%s:%s", step_names[step->kind],
                 message_name(log, step->at));
        break;
    case STEP_RETYPE:
        snprintf(word, TOUCHED_WORD_LEN, "retype:%s:%s", content_name(step->offset),
                 place_name(step->at));
        break;
    case STEP_RECORD:
    case STEP_BULK:
        describe_record(word, step, log);
        break;
    case STEP_WIRE:
    case STEP_RAW:
    case STEP_STOP:
        describe_bytes(word, step, log);
        break;
    case STEP_CONTENT:
        snprintf(word, TOUCHED_WORD_LEN, "content:%s", record_name(log, step->at));
        break;
    case STEP_SEGMENT:
        snprintf(word, TOUCHED_WORD_LEN, "segment");
        break;
    default:
        snprintf(word, TOUCHED_WORD_LEN, "%s:%s", step_names[step->kind], place_name(step->at));
        break;
    }
}

/* What is repeated is an edit, as structure_repeat() does it: rules speak of that. Its bytes are
 * appended to `room`. */
static struct step as_edit(const struct step *step, const struct partner_log *log,
                           struct writer *room)
{
    struct step edit = *step;
    if (step->kind != STEP_REPEAT)
        return edit;
    const struct writer *message = step->at < log->num_messages ? &log->messages[step->at] : NULL;
    size_t end = message != NULL ? message->len : 0;
    size_t from = HANDSHAKE_HEADER_LEN + (size_t)step->offset;
    size_t len = from >= end ? 0 : step->drop < end - from ? step->drop : end - from;
    for (unsigned i = 0; len > 0 && i <= step_repetitions(step); i++)
        writer_bytes(room, message->data + from, len);
    edit.kind = STEP_EDIT;
    edit.drop = (uint16_t)len;
    edit.bytes = room->data;
    edit.bytes_len = (uint16_t)(room->len < UINT16_MAX ? room->len : UINT16_MAX);
    return edit;
}

void touched_read(struct touched *out, const struct script *script, const struct partner_log *log)
{
    struct writer room;
    writer_init(&room, UINT16_MAX);
    *out = (struct touched){ .num_steps = script->num_steps };
    for (size_t i = 0; i < script->num_steps; i++) {
        writer_clear(&room);
        const struct step edit = as_edit(&script->steps[i], log, &room), *step = &edit;
        char word[TOUCHED_WORD_LEN] = "";
        size_t num_extensions = out->num_extensions;
        bool repeats = step->kind == STEP_AGAIN || step->kind == STEP_MESSAGE ||
                       step->kind == STEP_RECORD || step->kind == STEP_UPDATE;
        out->steps |= 1U << step->kind;
        out->times += repeats ? step->drop + 1U : 0;
        if (script->steps[i].kind == STEP_REPEAT)
            out->repeats += step_repetitions(&script->steps[i]);
        describe(word, out, step, log);
        if (is_version_open(script, step))
            snprintf(word + strlen(word), sizeof word - strlen(word), ".open");
        note_record(out, step, log);
        if (step->kind == STEP_EDIT && num_extensions == out->num_extensions &&
            touched_has(out, word)) /* the same extension by two steps */
            snprintf(word + strlen(word), sizeof word - strlen(word), ".twice");
        add_word(out, word);
    }
    writer_fini(&room);
    qsort(out->words, out->num_words, sizeof out->words[0], compare_words);
}

bool touched_has(const struct touched *touched, const char *beginning)
{
    for (size_t i = 0; i < touched->num_words; i++)
        if (strncmp(touched->words[i], beginning, strlen(beginning)) == 0)
            return true;
    return false;
}

bool touched_only(const struct touched *touched, const char *beginning)
{
    for (size_t i = 0; i < touched->num_words; i++)
        if (strncmp(touched->words[i], beginning, strlen(beginning)) != 0)
            return false;
    return touched->num_words > 0;
}
