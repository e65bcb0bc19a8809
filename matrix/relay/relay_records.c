/* What passes, taken apart: records, and while they are in clear, handshake messages; each given to
 * the attack where it is due, noted, and handed on. */
#include "harness/wire/hello.h"
#include "matrix/relay/relay_parts.h"

#include <string.h>

enum {
    TAG_LEN = 16,      /* of every AEAD of TLS 1.3 … */
    TAG_LEN_CCM_8 = 8, /* … but TLS_AES_128_CCM_8_SHA256 (RFC 8446 appendix B.4) */
    SUITE_AES_128_CCM_8 = 0x1305,
    INNER_TYPE_LEN = 1, /* TLSInnerPlaintext.type (RFC 8446 section 5.2) */
    ALERT_LEN = 2,
    ALERT_LEVEL_FATAL = 2,
    CLEAR_ALERT_WARNING = 256,
};

/* ---- what a record is ---- */

static bool is_tls13(const struct relay *relay)
{
    return relay->facts.version == TLS13;
}

/* Length of the plaintext in a record of TLS 1.3, as nobody here pads. */
static size_t plaintext_len(const struct relay *relay, const struct record *record)
{
    size_t tag_len = relay->facts.suite == SUITE_AES_128_CCM_8 ? TAG_LEN_CCM_8 : TAG_LEN;
    return record->fragment_len < tag_len + INNER_TYPE_LEN
               ? 0
               : record->fragment_len - tag_len - INNER_TYPE_LEN;
}

static bool is_protected(const struct direction *direction, const struct record *record)
{
    return direction->protected || record->type == CONTENT_APPLICATION_DATA;
}

static bool is_sealed_alert(const struct relay *relay, const struct record *record)
{
    return is_tls13(relay) ? plaintext_len(relay, record) == ALERT_LEN
                           : record->type == CONTENT_ALERT;
}

static bool is_application(const struct relay *relay, const struct direction *direction,
                           const struct record *record)
{
    if (record->type != CONTENT_APPLICATION_DATA)
        return false;
    if (!is_tls13(relay))
        return true;
    if (direction->from == ROLE_SERVER && relay->directions[ROLE_CLIENT].num_application == 0)
        return false; /* the server answers only; before, it is a message of just that length */
    return plaintext_len(relay, record) == relay->setting.application_len;
}

/* ---- handing on ---- */

static void flush_delayed(struct relay *relay, struct direction *direction)
{
    if (direction->delayed.len == 0)
        return;
    if (direction->delayed_by_attack)
        relay_note_change(relay, direction, "a record from the %s came behind the next one",
                          role_name(direction->from));
    relay_emit(relay, direction, direction->delayed.data, direction->delayed.len);
    writer_clear(&direction->delayed);
}

void relay_pass(struct relay *relay, struct direction *direction, const void *bytes, size_t len)
{
    if (direction->muted || len == 0)
        return;
    relay_emit(relay, direction, bytes, len);
    flush_delayed(relay, direction);
}

/* A unit that was tampered with, as whole records. */
static void pass_outcome(struct relay *relay, struct direction *direction,
                         const struct outcome *outcome, const void *records, size_t len)
{
    relay_emit(relay, direction, outcome->before.data, outcome->before.len);
    if (outcome->fate == FATE_FORWARD)
        relay_pass(relay, direction, records, len);
    relay_emit(relay, direction, outcome->after.data, outcome->after.len);
    if (outcome->fate == FATE_HOLD)
        writer_bytes(&direction->delayed, records, len);
    relay_carry_out(relay, direction, outcome->fate);
}

/* ---- handshake messages in clear ---- */

/* Handshake bytes put into records again. */
struct framing {
    struct relay *relay;
    struct direction *direction;
    struct writer messages; /* waiting to be framed */
};

static void frame(struct writer *out, const struct relay *relay, uint16_t version,
                  const uint8_t *bytes, size_t len)
{
    size_t chunk_max =
        relay->setting.delivery == DELIVERY_ONE_BYTE_RECORD ? 1 : (size_t)RECORD_PLAINTEXT_MAX;
    while (len > 0) {
        size_t chunk = len < chunk_max ? len : chunk_max;
        record_write(out, CONTENT_HANDSHAKE, version, bytes, chunk);
        bytes += chunk;
        len -= chunk;
    }
}

static void flush_framing(struct framing *framing)
{
    struct writer records;
    writer_init(&records, QUEUE_MAX);
    frame(&records, framing->relay, framing->direction->unit_version, framing->messages.data,
          framing->messages.len);
    relay_pass(framing->relay, framing->direction, records.data, records.len);
    writer_fini(&records);
    writer_clear(&framing->messages);
}

static void note_server_hello(struct relay *relay, const struct handshake_message *message)
{
    struct hello hello;
    if (hello_read(&hello, message->type, message->body, message->len, NULL) < 0)
        return;
    relay->facts.version = hello_chosen_version(&hello);
    relay->facts.suite = hello.suites[0];
    relay->facts.hello_retry |= hello.kind == HELLO_RETRY;
    hello_fini(&hello);
}

static void note_message(struct relay *relay, const struct direction *direction,
                         const struct handshake_message *message)
{
    if (message->type == HANDSHAKE_SERVER_HELLO && direction->from == ROLE_SERVER)
        note_server_hello(relay, message);
    if (message->type == HANDSHAKE_CERTIFICATE)
        relay->facts.certificate_in_clear[direction->from] = true;
}

static struct standing message_standing(struct direction *direction,
                                        const struct handshake_message *message)
{
    bool retry =
        message->type == HANDSHAKE_SERVER_HELLO && hello_is_retry(message->body, message->len);
    uint8_t type = retry ? MESSAGE_HELLO_RETRY_REQUEST : message->type;
    const char *name = handshake_type_name(message->type);
    struct standing standing = { .num_points = 1, .record_version = direction->unit_version };
    standing.points[0] = (struct attack_point){ .from = direction->from,
                                                .kind = POINT_MESSAGE,
                                                .message = type,
                                                .index = direction->num_messages[type] };
    if (direction->num_messages[type] < UINT8_MAX)
        direction->num_messages[type]++;
    standing.what = retry ? "hello_retry_request" : name != NULL ? name : "an unknown message";
    return standing;
}

/* A message that the attack was called for. */
static void pass_tampered(struct framing *framing, const struct outcome *outcome, uint8_t type)
{
    struct writer message, records;
    const struct writer *whole = &outcome->unit;
    writer_init(&message, QUEUE_HIGH);
    writer_init(&records, QUEUE_MAX);
    flush_framing(framing);
    if (!outcome->replaced) {
        handshake_write(&message, type, outcome->unit.data, outcome->unit.len);
        frame(&records, framing->relay, framing->direction->unit_version, message.data,
              message.len);
        whole = &records;
    }
    pass_outcome(framing->relay, framing->direction, outcome, whole->data, whole->len);
    writer_fini(&message);
    writer_fini(&records);
}

/* Notes the message, lets the attack act, hands it on. Returns whether the attack changed it. */
static bool take_message(struct framing *framing, const struct handshake_message *message)
{
    struct outcome outcome;
    struct standing standing = message_standing(framing->direction, message);
    note_message(framing->relay, framing->direction, message);
    bool tampered = relay_tamper(framing->relay, framing->direction, &standing, message->body,
                                 message->len, &outcome);
    bool changed = tampered && outcome.changed;
    if (changed)
        pass_tampered(framing, &outcome, message->type);
    else
        handshake_write(&framing->messages, message->type, message->body, message->len);
    if (tampered)
        outcome_fini(&outcome);
    return changed;
}

/* Beyond our bounds: from here on nothing is taken apart any more. */
static void give_up_reading(struct relay *relay, struct direction *direction)
{
    direction->opaque = true;
    relay_pass(relay, direction, direction->unit.data, direction->unit.len);
    writer_clear(&direction->unit);
}

/* Records that end at the end of a message. Those that the attack leaves alone go on as they came.
 */
static void take_unit(struct relay *relay, struct direction *direction)
{
    struct framing framing = { .relay = relay, .direction = direction };
    struct handshake_message message;
    bool reframe = relay->setting.delivery == DELIVERY_ONE_BYTE_RECORD;
    int more;
    writer_init(&framing.messages, QUEUE_HIGH + RECORD_LEN_MAX);
    while ((more = assembler_next(&direction->assembler, &message)) > 0)
        reframe |= take_message(&framing, &message);
    if (more < 0 && !reframe)
        give_up_reading(relay, direction);
    else if (reframe)
        flush_framing(&framing);
    else
        relay_pass(relay, direction, direction->unit.data, direction->unit.len);
    writer_fini(&framing.messages);
    writer_clear(&direction->unit);
}

/* Does the unit end where a message ends? Looked at without taking anything out. */
static bool unit_is_whole(const struct direction *direction)
{
    struct assembler ahead = direction->assembler;
    struct handshake_message message;
    int more;
    while ((more = assembler_next(&ahead, &message)) > 0)
        ;
    return more < 0 || assembler_at_boundary(&ahead);
}

static void take_handshake(struct relay *relay, struct direction *direction,
                           const struct record *record)
{
    if (direction->unit.len == 0)
        direction->unit_version = record->version;
    writer_bytes(&direction->unit, record->data, record->len);
    if (direction->unit.failed ||
        assembler_feed(&direction->assembler, record->fragment, record->fragment_len) < 0)
        give_up_reading(relay, direction);
    else if (unit_is_whole(direction))
        take_unit(relay, direction);
}

/* ---- other records ---- */

static void note_clear_alert(struct relay *relay, const struct direction *direction,
                             const struct record *record)
{
    int *noted = &relay->facts.clear_alert[direction->from];
    relay->facts.num_clear_alerts[direction->from]++;
    if (record->fragment_len != ALERT_LEN)
        return;
    bool fatal = record->fragment[0] == ALERT_LEVEL_FATAL;
    if (fatal)
        relay_note_end(relay, RELAY_END_ALERT, direction->from);
    if (*noted < 0 || (fatal && *noted >= CLEAR_ALERT_WARNING))
        *noted = fatal ? record->fragment[1] : CLEAR_ALERT_WARNING + record->fragment[1];
}

static void add_point(struct standing *standing, const struct direction *direction,
                      enum point_kind kind, unsigned index, const char *what)
{
    standing->points[standing->num_points++] = (struct attack_point){
        .from = direction->from, .kind = kind, .index = (uint8_t)(index < 255 ? index : 255)
    };
    standing->what = what;
}

static void stand_protected(struct relay *relay, struct direction *direction,
                            const struct record *record, struct standing *standing)
{
    add_point(standing, direction, POINT_PROTECTED, direction->num_protected++, "protected record");
    if (is_application(relay, direction, record)) {
        add_point(standing, direction, POINT_APPLICATION, direction->num_application++,
                  "record of application data");
    } else if (is_sealed_alert(relay, record)) {
        relay->facts.num_sealed_alerts[direction->from]++;
        relay_note_end(relay, RELAY_END_SEALED, direction->from);
        if (!direction->close_seen)
            add_point(standing, direction, POINT_CLOSE, 0, "protected alert");
        direction->close_seen = true;
    }
}

static struct standing record_standing(struct relay *relay, struct direction *direction,
                                       const struct record *record)
{
    struct standing standing = { .record_version = record->version, .what = "record" };
    if (is_protected(direction, record))
        stand_protected(relay, direction, record, &standing);
    else if (record->type == CONTENT_CHANGE_CIPHER_SPEC)
        add_point(&standing, direction, POINT_CHANGE, 0, "change_cipher_spec");
    else if (record->type == CONTENT_ALERT)
        note_clear_alert(relay, direction, record);
    if (record->type == CONTENT_CHANGE_CIPHER_SPEC && !is_tls13(relay))
        direction->protected = true;
    return standing;
}

static void take_other(struct relay *relay, struct direction *direction,
                       const struct record *record)
{
    struct outcome outcome;
    unsigned before = direction->num_application;
    struct standing standing = record_standing(relay, direction, record);
    bool tampered = relay_tamper(relay, direction, &standing, record->data, record->len, &outcome);
    bool handed_on = !direction->muted &&
                     (!tampered || outcome.fate == FATE_FORWARD || outcome.fate == FATE_HOLD);
    if (direction->num_application > before && handed_on)
        relay->facts.num_application[direction->from][relay->facts.changed]++;
    if (!tampered) {
        relay_pass(relay, direction, record->data, record->len);
        return;
    }
    pass_outcome(relay, direction, &outcome, outcome.unit.data, outcome.unit.len);
    outcome_fini(&outcome);
}

/* What waits for the rest of its message goes before the record that came before that rest: the
 * order is the sender's. */
static void cut_message(struct relay *relay, struct direction *direction)
{
    if (direction->unit.len == 0)
        return;
    direction->messages_opaque = true;
    relay_pass(relay, direction, direction->unit.data, direction->unit.len);
    writer_clear(&direction->unit);
}

static void take_record(struct relay *relay, struct direction *direction,
                        const struct record *record)
{
    relay->facts.num_records[direction->from]++;
    bool handshake = record->type == CONTENT_HANDSHAKE && !is_protected(direction, record);
    if (!handshake)
        cut_message(relay, direction);
    if (handshake && direction->messages_opaque)
        relay_pass(relay, direction, record->data, record->len);
    else if (handshake)
        take_handshake(relay, direction, record);
    else
        take_other(relay, direction, record);
}

static void take_opaque(struct relay *relay, struct direction *direction)
{
    size_t len;
    direction->opaque = true;
    cut_message(relay, direction);
    const uint8_t *rest = splitter_rest(&direction->splitter, &len);
    relay_pass(relay, direction, rest, len);
}

static void take_records(struct relay *relay, struct direction *direction)
{
    struct record record;
    while (!direction->opaque) {
        switch (splitter_next(&direction->splitter, &record)) {
        case SPLIT_RECORD:
            take_record(relay, direction, &record);
            break;
        case SPLIT_SSLV2_HELLO:
            relay_pass(relay, direction, record.data, record.len);
            break;
        case SPLIT_NOT_TLS:
            take_opaque(relay, direction);
            break;
        case SPLIT_MORE:
            return;
        }
    }
    take_opaque(relay, direction);
}

void relay_take(struct relay *relay, struct direction *direction, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t taken = splitter_feed(&direction->splitter, at, len);
        take_records(relay, direction);
        if (taken == 0)
            return; /* out of memory: the case will not end well, and says so */
        at += taken;
        len -= taken;
    }
}

void relay_take_end(struct relay *relay, struct direction *direction)
{
    direction->delayed_by_attack = false; /* nothing has overtaken it, nor does what is left */
    if (!direction->muted)
        flush_delayed(relay, direction);
    relay_pass(relay, direction, direction->unit.data, direction->unit.len);
    writer_clear(&direction->unit);
    take_opaque(relay, direction);
}
