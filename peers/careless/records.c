/* Records on their way: into protection and out of it (protection.c), and through what may change
 * them. */
#include "peers/careless/careless.h"

#include <string.h>

enum { EXPANSION13_MAX = 256 /* of a record (RFC 8446 section 5.2) */ };

/* ---- sending ---- */

/* Hands a finished record to what may change it on the wire. */
static void put_wire(conn *c, struct writer *record)
{
    const struct tamper *tamper = c->tamper;
    if (record->failed)
        c->out.failed = true;
    else if (tamper == NULL || tamper->on_wire == NULL || tamper->on_wire(tamper->state, record))
        writer_bytes(&c->out, record->data, record->len);
}

void careless_put_wire(conn *c, const void *bytes, size_t len)
{
    writer_bytes(&c->out, bytes, len);
}

void careless_put_record(conn *c, uint8_t type, const void *content, size_t len)
{
    struct writer record;
    /* A first ClientHello goes in a record of TLS 1.0 (RFC 8446 section 5.1). */
    bool first = c->role == ROLE_CLIENT && c->state == WAIT_SERVER_HELLO && !c->retried &&
                 type != CONTENT_CHANGE_CIPHER_SPEC;
    writer_init(&record, RECORD_LEN_MAX);
    if (!c->writing.on)
        record_write(&record, type, first ? TLS10 : TLS12, content,
                     len < AEAD_CONTENT_MAX ? len : AEAD_CONTENT_MAX);
    else if (protect(&record, &c->writing, c->version, type, content, len,
                     plants(c, PLANT_SAME_NONCE)) != 0)
        record.failed = true;
    put_wire(c, &record);
    writer_fini(&record);
}

static void send_fragment(conn *c, uint8_t type, const void *data, size_t len)
{
    const struct tamper *tamper = c->tamper;
    struct writer content;
    if (tamper == NULL || tamper->on_record == NULL) {
        careless_put_record(c, type, data, len);
        return;
    }
    writer_init(&content, RECORD_LEN_MAX);
    writer_bytes(&content, data, len);
    if (tamper->on_record(tamper->state, &type, &content))
        careless_put_record(c, type, content.data, content.len);
    writer_fini(&content);
}

void send_record(conn *c, uint8_t type, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len > RECORD_PLAINTEXT_MAX) {
        send_fragment(c, type, at, RECORD_PLAINTEXT_MAX);
        at += RECORD_PLAINTEXT_MAX;
        len -= RECORD_PLAINTEXT_MAX;
    }
    send_fragment(c, type, at, len);
}

void careless_put_message(conn *c, const void *message, size_t len)
{
    struct writer bound;
    writer_init(&bound, TRANSCRIPT_MAX);
    writer_bytes(&bound, message, len);
    if (bound.failed)
        c->out.failed = true;
    put_binder(c, bound.data, bound.len);
    writer_bytes(&c->transcript, bound.data, bound.len);
    send_record(c, CONTENT_HANDSHAKE, bound.data, bound.len);
    writer_fini(&bound);
}

void send_message(conn *c, uint8_t type, const struct writer *body)
{
    const struct tamper *tamper = c->tamper;
    struct writer message;
    writer_init(&message, HANDSHAKE_HEADER_LEN + HANDSHAKE_BODY_MAX);
    if (!body->failed)
        handshake_write(&message, type, body->data, body->len);
    if (body->failed || message.failed)
        c->out.failed = true;
    else if (tamper == NULL || tamper->on_message == NULL ||
             tamper->on_message(tamper->state, &message))
        careless_put_message(c, message.data, message.len);
    writer_fini(&message);
}

/* ChangeCipherSpec is never protected. */
void send_change(conn *c)
{
    static const uint8_t one[] = { 1 };
    bool on = c->writing.on;
    if (c->version == TLS13 && (c->change_sent || c->session_id_len == 0))
        return;
    c->change_sent = true;
    c->writing.on = false;
    send_record(c, CONTENT_CHANGE_CIPHER_SPEC, one, sizeof one);
    c->writing.on = on;
}

void announce_keys(conn *c)
{
    if (c->tamper != NULL && c->tamper->on_keys != NULL)
        c->tamper->on_keys(c->tamper->state);
}

/* ---- receiving ---- */

/* With one sequence number. A careless end goes on with what a wrong tag leaves. */
static int try_open(conn *c, struct content *out, const struct record *record, uint64_t sequence)
{
    return unprotect(out->room, &out->len, &c->reading, c->version, record, sequence);
}

/* A careless end looks for a number that fits, behind or in front of the one whose turn it is. */
static int open_near(conn *c, struct content *out, const struct record *record)
{
    enum { WINDOW = 4 };
    uint64_t now = c->reading.sequence;
    for (uint64_t i = 1; i <= WINDOW; i++) {
        if (plants(c, PLANT_REPLAYED_RECORDS) && now >= i && try_open(c, out, record, now - i) == 0)
            return 0;
        if (plants(c, PLANT_LOST_RECORDS) && try_open(c, out, record, now + i) == 0) {
            c->reading.sequence = now + i + 1;
            return 0;
        }
    }
    return -1;
}

/* A careless server has keys for application data, so it uses them. */
static bool opens_early(conn *c, struct content *out, const struct record *record)
{
    struct protection kept = c->reading;
    if (!plants(c, PLANT_EARLY_KEYS) || c->role != ROLE_SERVER || c->version != TLS13 ||
        c->state == CONNECTED ||
        schedule13_use(c, &c->reading, c->traffic_secrets[ROLE_CLIENT]) != 0)
        return false;
    if (try_open(c, out, record, c->reading.sequence) == 0) {
        c->reading.sequence++;
        c->state = CONNECTED;
        return true;
    }
    c->reading = kept;
    return false;
}

static bool opens(conn *c, struct content *out, const struct record *record)
{
    int result = try_open(c, out, record, c->reading.sequence);
    if (result == 0 || plants(c, PLANT_RECORD_TAG)) {
        c->reading.sequence++;
        return true;
    }
    return open_near(c, out, record) == 0 || opens_early(c, out, record);
}

/* 0 and not out->was_protected: the content is as it came. */
static int open_protected(conn *c, struct content *out, const struct record *record)
{
    if (record->fragment_len < least_fragment(&c->reading, c->version))
        return refuse(c, ALERT_BAD_RECORD_MAC, "a record too short for its protection");
    out->was_protected = opens(c, out, record);
    if (!out->was_protected) { /* a careless end takes data for what it looks like */
        bool data = c->state == CONNECTED && record->type == CONTENT_APPLICATION_DATA;
        return demand(c, false, data ? PLANT_CLEAR_DATA : PLANT_NONE, ALERT_BAD_RECORD_MAC,
                      "a record that does not fit its protection");
    }
    out->data = out->room;
    c->received_protected = true;
    return 0;
}

/* RFC 8446 section 5.2: the type stands behind the content, padding behind that. */
static int unwrap_inner(conn *c, struct content *out)
{
    while (out->len > 0 && out->room[out->len - 1] == 0)
        out->len--;
    if (out->len == 0)
        return refuse(c, ALERT_UNEXPECTED_MESSAGE, "a record without a content type");
    out->type = out->room[--out->len];
    return 0;
}

static size_t fragment_max(const conn *c)
{
    if (!c->reading.on)
        return RECORD_PLAINTEXT_MAX;
    return c->version == TLS13 ? RECORD_PLAINTEXT_MAX + EXPANSION13_MAX : RECORD_FRAGMENT_MAX;
}

int open_record(conn *c, struct content *out, const struct record *record)
{
    bool tls13 = c->version == TLS13;
    out->type = record->type;
    out->data = record->fragment;
    out->len = record->fragment_len;
    out->was_protected = false;
    if (demand(c, record->fragment_len <= fragment_max(c), PLANT_OVERSIZE, ALERT_RECORD_OVERFLOW,
               "a record too long") != 0)
        return -1;
    if (!c->reading.on || (tls13 && record->type != CONTENT_APPLICATION_DATA))
        return 0;
    if (plants(c, PLANT_CLEAR_ALERT) && record->type == CONTENT_ALERT && out->len == 2)
        return 0;
    if (open_protected(c, out, record) != 0)
        return -1;
    if (!out->was_protected) {
        out->len = record->fragment_len;
        return 0;
    }
    if (tls13 && unwrap_inner(c, out) != 0)
        return -1;
    return demand(c, out->len <= RECORD_PLAINTEXT_MAX, PLANT_OVERSIZE, ALERT_RECORD_OVERFLOW,
                  "a record with too much in it");
}
