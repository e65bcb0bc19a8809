/* What a script's steps do to the partner's records, and what they put between them. */
#include "fuzz/stacks/partner_state.h"

#include "harness/wire/record.h"
#include "harness/wire/registry.h"

/* What steps put in altogether. */
enum {
    TIMES_MAX = 64,  /* of one step */
    PUT_MAX = 160,   /* records and messages */
    PIECES_MAX = 64, /* of one record; the rest of it is the last */
};

/* ---- what steps put in ---- */

unsigned step_times(const struct step *step)
{
    return 1 + (step->drop < TIMES_MAX ? step->drop : TIMES_MAX);
}

bool partner_may_put(struct partner *p, size_t len)
{
    if (p->num_put >= PUT_MAX || len > PUT_BYTES_MAX - p->put_bytes)
        return false;
    p->num_put++;
    p->put_bytes += len;
    return true;
}

/* Would it hang a victim that must be spared? See partner_spare(). */
static bool hangs(struct partner *p, uint8_t type, const uint8_t *data, size_t len)
{
    struct handshake_message message;
    if (!p->spares || type != CONTENT_HANDSHAKE)
        return false;
    if (len == 0)
        return !assembler_at_boundary(&p->half);
    if (assembler_feed(&p->half, data, len) == 0)
        while (assembler_next(&p->half, &message) > 0)
            ;
    return false;
}

/* Takes notice of a record's content; false: it is not sent. RFC 8446 section 5.2: a type of zero
 * and zeros before it are padding, and the type stands before them. */
static bool note_said(struct partner *p, uint8_t type, const uint8_t *data, size_t len)
{
    bool application;
    uint16_t version = careless_protection(p->c, &application);
    while (version == TLS13 && type == 0 && len > 0)
        type = data[--len];
    if (version == TLS13 && application && hangs(p, type, data, len)) {
        p->spared = true;
        return false;
    }
    if (type == CONTENT_APPLICATION_DATA && version != 0 && application && p->finished &&
        !p->stopped && !p->ended)
        writer_bytes(&p->said, data, len);
    return true;
}

static void put_record(struct partner *p, uint8_t type, const uint8_t *data, size_t len)
{
    if (!partner_may_put(p, len))
        return;
    if (note_said(p, type, data, len))
        careless_put_record(p->c, type, data, len);
}

static void put_bulk(struct partner *p, const struct step *step)
{
    struct writer content;
    writer_init(&content, UINT16_MAX);
    for (size_t i = 0; i < step->drop; i++)
        writer_u8(&content, step->bytes_len > 0 ? step->bytes[0] : 0);
    put_record(p, (uint8_t)step->offset, content.data, content.len);
    writer_fini(&content);
}

static void put_update(struct partner *p, const struct step *step)
{
    const uint8_t message[] = { HANDSHAKE_KEY_UPDATE, 0, 0, 1, (uint8_t)step->offset };
    bool application;
    for (unsigned i = 0; i < step_times(step); i++) {
        if (careless_protection(p->c, &application) != TLS13 || !application)
            return;
        put_record(p, CONTENT_HANDSHAKE, message, sizeof message);
        careless_update_keys(p->c);
    }
}

static void put_at(struct partner *p, const struct step *step)
{
    switch (step->kind) {
    case STEP_RECORD:
        for (unsigned i = 0; i < step_times(step); i++)
            put_record(p, (uint8_t)step->offset, step->bytes, step->bytes_len);
        break;
    case STEP_BULK:
        put_bulk(p, step);
        break;
    case STEP_UPDATE:
        put_update(p, step);
        break;
    case STEP_RAW:
    case STEP_STOP:
        if (partner_may_put(p, step->bytes_len))
            careless_put_wire(p->c, step->bytes, step->bytes_len);
        p->stopped = step->kind == STEP_STOP;
        break;
    case STEP_END:
        p->ended = true;
        break;
    default:
        break;
    }
}

static bool is_there(const struct step *step, unsigned at)
{
    return step->at == at || (at == POINT_CLOSED && step->at > at);
}

void partner_put_before(struct partner *p, unsigned at)
{
    for (size_t i = 0; i < p->script->num_steps && !p->stopped && !p->ended; i++)
        if (is_there(&p->script->steps[i], at))
            put_at(p, &p->script->steps[i]);
}

/* ---- records ---- */

void step_replace(struct writer *bytes, const struct step *step)
{
    struct writer edited;
    size_t offset = step->offset < bytes->len ? step->offset : bytes->len;
    size_t rest = bytes->len - offset, drop = step->drop < rest ? step->drop : rest;
    writer_init(&edited, bytes->max);
    writer_bytes(&edited, bytes->data, offset);
    writer_bytes(&edited, step->bytes, step->bytes_len);
    if (rest > drop)
        writer_bytes(&edited, bytes->data + offset + drop, rest - drop);
    writer_fini(bytes);
    *bytes = edited;
}

void partner_flush_gathered(struct partner *p)
{
    size_t at = 0;
    for (size_t len; at < p->gathered.len; at += len) {
        len = p->gathered.len - at;
        len = len < RECORD_PLAINTEXT_MAX ? len : RECORD_PLAINTEXT_MAX;
        careless_put_record(p->c, CONTENT_HANDSHAKE, p->gathered.data + at, len);
    }
    writer_clear(&p->gathered);
    p->gathering = 0;
}

void partner_on_keys(void *state)
{
    partner_flush_gathered(state);
}

static void put_pieces(struct partner *p, uint8_t type, const struct writer *content)
{
    size_t at = 0;
    if (!note_said(p, type, content->data, content->len))
        return;
    for (unsigned i = 1; p->piece_max > 0 && i < PIECES_MAX && content->len - at > p->piece_max;
         i++, at += p->piece_max)
        careless_put_record(p->c, type, content->data + at, p->piece_max);
    careless_put_record(p->c, type, content->len > 0 ? content->data + at : NULL,
                        content->len - at);
}

static void change_record(struct partner *p, unsigned number, uint8_t *type, struct writer *content)
{
    for (size_t i = 0; i < p->script->num_steps; i++) {
        const struct step *step = &p->script->steps[i];
        if (step->at != number)
            continue;
        if (step->kind == STEP_CONTENT)
            step_replace(content, step);
        else if (step->kind == STEP_RETYPE)
            *type = (uint8_t)step->offset;
        else if (step->kind == STEP_FRAGMENT)
            p->piece_max = step->offset > 0 ? step->offset : 1;
        else if (step->kind == STEP_COALESCE)
            p->gathering = 2 + (unsigned)step->offset;
    }
}

static bool gather(struct partner *p, uint8_t type, const struct writer *content)
{
    if (p->gathering == 0 || type != CONTENT_HANDSHAKE)
        return false;
    writer_bytes(&p->gathered, content->data, content->len);
    if (--p->gathering == 0 || p->gathered.failed)
        partner_flush_gathered(p);
    return true;
}

static void log_record(struct partner *p, unsigned number, uint8_t type,
                       const struct writer *content)
{
    if (p->log != NULL && number < PARTNER_RECORDS_MAX)
        p->log->records[number] = (struct partner_record){
            .type = type,
            .message = content->len > 0 ? content->data[0] : 0,
            .len = content->len,
        };
}

bool partner_on_record(void *state, uint8_t *type, struct writer *content)
{
    struct partner *p = state;
    if (!p->putting) {
        unsigned number = p->num_records++;
        log_record(p, number, *type, content);
        if (number < POINT_CONNECTED) {
            partner_put_before(p, number);
            change_record(p, number, type, content);
        }
        p->wire_due = true;
    }
    if (gather(p, *type, content))
        return false;
    partner_flush_gathered(p);
    put_pieces(p, *type, content);
    p->wire_due = false;
    return false;
}

bool partner_on_wire(void *state, struct writer *record)
{
    struct partner *p = state;
    if (p->stopped || p->ended)
        return false;
    for (size_t i = 0; p->wire_due && i < p->script->num_steps; i++)
        if (p->script->steps[i].kind == STEP_WIRE && p->script->steps[i].at == p->num_records - 1)
            step_replace(record, &p->script->steps[i]);
    p->wire_due = false;
    return true;
}
