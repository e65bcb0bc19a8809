/* A script's steps, carried out in the hooks of peers/careless. */
#include "fuzz/stacks/partner.h"

#include "fuzz/stacks/pipes.h"
#include "fuzz/stacks/structure.h"
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"
#include "peers/careless/tamper.h"

#include <stdlib.h>
#include <string.h>

/* What steps put in altogether, so that no script works for ever. */
enum {
    TIMES_MAX = 64,             /* of one step */
    PUT_MAX = 160,              /* records and messages */
    PUT_BYTES_MAX = 192 * 1024, /* twelve of the longest records */
    PIECES_MAX = 64,            /* of one record; the rest of it is the last */
    HELD_MAX = 8,               /* messages at a time */
    GATHERED_MAX = 128 * 1024,
    HEARD_MAX = 64, /* reads in one turn */
};

enum phase { PHASE_HANDSHAKE, PHASE_TALK, PHASE_HEAR };

struct held {
    struct writer message;
    unsigned until; /* behind the message of this number */
    bool is_finished;
};

struct partner {
    const struct script *script;
    struct stack_connection *c;
    struct tamper tamper;
    struct facts facts;
    struct partner_log *log;
    const char *word;
    enum phase phase;

    unsigned num_messages, num_records; /* so far, without those put in */
    bool putting;                       /* what comes is of a step */
    bool wire_due;                      /* the next record on the wire is number num_records - 1 */
    bool stopped, ended;
    bool finished, connected;
    size_t num_put, put_bytes;
    size_t piece_max; /* 0: as long as they are */
    struct writer gathered;
    unsigned gathering; /* so many more records */
    struct held held[HELD_MAX];
    size_t num_held;
    struct writer said;
    bool spares, spared;
    struct assembler half; /* handshake messages under the keys of application data */
};

/* ---- what steps put in ---- */

static bool may_put(struct partner *p, size_t len)
{
    if (p->num_put >= PUT_MAX || len > PUT_BYTES_MAX - p->put_bytes)
        return false;
    p->num_put++;
    p->put_bytes += len;
    return true;
}

static unsigned times(const struct step *step)
{
    return 1 + (step->drop < TIMES_MAX ? step->drop : TIMES_MAX);
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
    if (!may_put(p, len))
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
    for (unsigned i = 0; i < times(step); i++) {
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
        for (unsigned i = 0; i < times(step); i++)
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
        if (may_put(p, step->bytes_len))
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

/* What goes before record `at`, or at that point. */
static void put_before(struct partner *p, unsigned at)
{
    for (size_t i = 0; i < p->script->num_steps && !p->stopped && !p->ended; i++)
        if (is_there(&p->script->steps[i], at))
            put_at(p, &p->script->steps[i]);
}

/* ---- edits ---- */

static void replace(struct writer *bytes, const struct step *step)
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

static void patch(struct writer *message, const struct step *step)
{
    struct step moved = *step;
    moved.offset = (uint16_t)(step->offset < UINT16_MAX - HANDSHAKE_HEADER_LEN
                                  ? step->offset + HANDSHAKE_HEADER_LEN
                                  : UINT16_MAX);
    replace(message, &moved);
    if (message->failed || message->len < HANDSHAKE_HEADER_LEN)
        return;
    size_t len = message->len - HANDSHAKE_HEADER_LEN;
    message->data[1] = (uint8_t)(len >> 16);
    message->data[2] = (uint8_t)(len >> 8);
    message->data[3] = (uint8_t)len;
}

static bool says_tls13(const struct partner *p)
{
    bool application;
    return careless_protection(p->c, &application) == TLS13;
}

static void edit_message(struct partner *p, struct writer *message, unsigned number)
{
    for (size_t i = 0; i < p->script->num_steps; i++) {
        const struct step *step = &p->script->steps[i];
        if (step->at != number)
            continue;
        if (step->kind == STEP_EDIT)
            structure_edit(message, says_tls13(p) ? TLS13 : TLS12, step->offset, step->drop,
                           step->bytes, step->bytes_len);
        else if (step->kind == STEP_PATCH)
            patch(message, step);
        else if (step->kind == STEP_SPLICE)
            replace(message, step);
    }
}

/* ---- messages ---- */

static void log_message(struct partner *p, const struct writer *message)
{
    struct partner_log *log = p->log;
    if (log == NULL || log->num_messages == PARTNER_MESSAGES_MAX)
        return;
    log->is_tls13[log->num_messages] = says_tls13(p);
    struct writer *kept = &log->messages[log->num_messages++];
    writer_init(kept, HANDSHAKE_HEADER_LEN + HANDSHAKE_BODY_MAX);
    writer_bytes(kept, message->data, message->len);
}

static void put_message(struct partner *p, const struct writer *message, bool is_finished)
{
    if (message->failed || !may_put(p, message->len))
        return;
    careless_put_message(p->c, message->data, message->len);
    p->finished = p->finished || (is_finished && !p->stopped && !p->ended);
}

static void put_messages_before(struct partner *p, unsigned number)
{
    p->putting = true;
    for (size_t i = 0; i < p->script->num_steps; i++) {
        const struct step *step = &p->script->steps[i];
        struct writer message;
        if (step->kind != STEP_MESSAGE || step->at != number)
            continue;
        writer_init(&message, HANDSHAKE_HEADER_LEN + UINT16_MAX);
        handshake_write(&message, (uint8_t)step->offset, step->bytes, step->bytes_len);
        for (unsigned j = 0; j < times(step); j++)
            put_message(p, &message, false);
        writer_fini(&message);
    }
    p->putting = false;
}

/* Those whose turn it is behind message `number`. */
static void release(struct partner *p, unsigned number)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->num_held; i++) {
        struct held held = p->held[i];
        if (held.until > number) {
            p->held[kept++] = held;
            continue;
        }
        put_message(p, &held.message, held.is_finished);
        writer_fini(&held.message);
    }
    p->num_held = kept;
}

static bool hold(struct partner *p, struct writer *message, unsigned until, bool is_finished)
{
    if (p->num_held == HELD_MAX)
        return false;
    p->held[p->num_held++] = (struct held){ *message, until, is_finished };
    writer_init(message, message->max); /* its bytes have another owner now */
    return true;
}

static const struct step *find_step(const struct partner *p, enum step_kind kind, unsigned at)
{
    for (size_t i = 0; i < p->script->num_steps; i++)
        if (p->script->steps[i].kind == kind && p->script->steps[i].at == at)
            return &p->script->steps[i];
    return NULL;
}

/* What stands behind a message is another. */
static bool begins_with(const struct writer *a, const uint8_t *bytes, size_t len)
{
    return a->len >= len && memcmp(a->data, bytes, len) == 0;
}

static void send_one(struct partner *p, struct writer *message, unsigned number, bool is_finished)
{
    const struct step *again = find_step(p, STEP_AGAIN, number);
    const struct step *later = find_step(p, STEP_HOLD, number);
    if (find_step(p, STEP_SKIP, number) != NULL)
        return;
    if (later != NULL && hold(p, message, number + 1 + later->offset, is_finished))
        return;
    put_message(p, message, is_finished);
    p->putting = true;
    for (unsigned i = 1; again != NULL && i < times(again) + (again->drop == 0); i++)
        put_message(p, message, false);
    p->putting = false;
}

static bool on_message(void *state, struct writer *message)
{
    enum { FINISHED_MAX = HANDSHAKE_HEADER_LEN + 64 };
    struct partner *p = state;
    uint8_t original[FINISHED_MAX];
    unsigned number = p->num_messages++;
    bool is_finished = message->data[0] == HANDSHAKE_FINISHED && message->len <= FINISHED_MAX;
    size_t len = message->len;
    if (is_finished)
        memcpy(original, message->data, len);
    log_message(p, message);
    put_messages_before(p, number);
    edit_message(p, message, number);
    send_one(p, message, number, is_finished && begins_with(message, original, len));
    release(p, number);
    return false;
}

/* ---- records ---- */

static void flush_gathered(struct partner *p)
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

static void on_keys(void *state)
{
    flush_gathered(state);
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
            replace(content, step);
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
        flush_gathered(p);
    return true;
}

static bool on_record(void *state, uint8_t *type, struct writer *content)
{
    struct partner *p = state;
    if (!p->putting) {
        unsigned number = p->num_records++;
        if (number < POINT_CONNECTED) {
            put_before(p, number);
            change_record(p, number, type, content);
        }
        p->wire_due = true;
    }
    if (gather(p, *type, content))
        return false;
    flush_gathered(p);
    put_pieces(p, *type, content);
    p->wire_due = false;
    return false;
}

static bool on_wire(void *state, struct writer *record)
{
    struct partner *p = state;
    if (p->stopped || p->ended)
        return false;
    for (size_t i = 0; p->wire_due && i < p->script->num_steps; i++)
        if (p->script->steps[i].kind == STEP_WIRE && p->script->steps[i].at == p->num_records - 1)
            replace(record, &p->script->steps[i]);
    p->wire_due = false;
    return true;
}

/* ---- the connection ---- */

struct partner *partner_new(const struct script *script, struct stack_context *context,
                            const struct endpoint *endpoint, const char *word,
                            struct partner_log *log, struct error *err)
{
    struct partner *p = calloc(1, sizeof *p);
    if (p == NULL) {
        error_errno(err, "partner");
        return NULL;
    }
    p->script = script;
    p->word = word;
    p->log = log;
    p->tamper = (struct tamper){ p, on_message, on_record, on_wire, on_keys, .lenient = true };
    writer_init(&p->gathered, GATHERED_MAX);
    writer_init(&p->said, 2 * PUT_BYTES_MAX);
    assembler_init(&p->half);
    facts_init(&p->facts);
    if (log != NULL)
        *log = (struct partner_log){ .num_messages = 0 };
    if (tls_stack->connection_new(&p->c, context, endpoint, PIPE_PARTNER, &p->facts, err) != 0) {
        partner_free(p);
        return NULL;
    }
    careless_tamper(p->c, &p->tamper);
    return p;
}

void partner_free(struct partner *p)
{
    if (p == NULL)
        return;
    tls_stack->connection_free(p->c);
    for (size_t i = 0; i < p->num_held; i++)
        writer_fini(&p->held[i].message);
    writer_fini(&p->gathered);
    writer_fini(&p->said);
    assembler_fini(&p->half);
    free(p);
}

void partner_spare(struct partner *p)
{
    p->spares = true;
}

bool partner_spared(const struct partner *p)
{
    return p->spared;
}

void partner_log_fini(struct partner_log *log)
{
    for (size_t i = 0; i < log->num_messages; i++)
        writer_fini(&log->messages[i]);
    log->num_messages = 0;
}

static enum phase shake_hands(struct partner *p)
{
    enum io_status status = tls_stack->handshake(p->c);
    p->connected = status == IO_DONE;
    return status == IO_DONE ? PHASE_TALK : status == IO_WANT_READ ? PHASE_HANDSHAKE : PHASE_HEAR;
}

static enum phase talk(struct partner *p)
{
    size_t num_done;
    put_before(p, POINT_CONNECTED);
    tls_stack->write(p->c, &num_done, p->word, strlen(p->word));
    put_before(p, POINT_SAID);
    tls_stack->close_notify(p->c);
    put_before(p, POINT_CLOSED);
    return PHASE_HEAR;
}

static void hear(struct partner *p)
{
    uint8_t bytes[4096];
    size_t num_done;
    for (unsigned i = 0; i < HEARD_MAX; i++)
        if (tls_stack->read(p->c, bytes, &num_done, sizeof bytes) != IO_DONE)
            return;
}

void partner_turn(struct partner *p)
{
    if (p->phase == PHASE_HANDSHAKE)
        p->phase = shake_hands(p);
    release(p, UINT32_MAX);
    flush_gathered(p);
    if (p->phase == PHASE_TALK)
        p->phase = talk(p);
    if (p->phase == PHASE_HEAR)
        hear(p);
    careless_flush(p->c);
    if (p->ended)
        pipes_end(PIPE_PARTNER);
    if (p->log != NULL)
        p->log->num_records = p->num_records;
}

bool partner_accepted(const struct partner *p)
{
    return p->connected && p->tamper.num_forgiven == 0;
}

bool partner_finished(const struct partner *p)
{
    return p->finished;
}

bool partner_ended(const struct partner *p)
{
    return p->ended;
}

void partner_facts(struct partner *p, struct facts *out)
{
    tls_stack->connection_facts(p->c, &p->facts);
    *out = p->facts;
}

const struct writer *partner_said(const struct partner *p)
{
    return &p->said;
}
