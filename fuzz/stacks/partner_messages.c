/* What a script's steps do to the partner's handshake messages. */
#include "fuzz/stacks/partner_state.h"
#include "fuzz/stacks/structure.h"
#include "harness/wire/registry.h"

#include <string.h>

/* ---- edits ---- */

static void patch(struct writer *message, const struct step *step)
{
    struct step moved = *step;
    moved.offset = (uint16_t)(step->offset < UINT16_MAX - HANDSHAKE_HEADER_LEN
                                  ? step->offset + HANDSHAKE_HEADER_LEN
                                  : UINT16_MAX);
    step_replace(message, &moved);
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
        else if (step->kind == STEP_REPEAT)
            structure_repeat(message, says_tls13(p) ? TLS13 : TLS12, step->offset, step->drop,
                             step_repetitions(step));
        else if (step->kind == STEP_PATCH)
            patch(message, step);
        else if (step->kind == STEP_SPLICE)
            step_replace(message, step);
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
    if (message->failed || !partner_may_put(p, message->len))
        return;
    careless_put_message(p->c, message->data, message->len);
    p->finished = p->finished || (is_finished && !p->stopped && !p->ended);
}

/* What stands behind a message is another. */
static bool begins_with(const struct writer *a, const uint8_t *bytes, size_t len)
{
    return a->len >= len && memcmp(a->data, bytes, len) == 0;
}

/* Of `finished`, the partner's own that comes next (finished_len 0: it is none), the fuzzer may
 * have learnt the bytes: put in front of it they are as good. */
static void put_messages_before(struct partner *p, unsigned number, const uint8_t *finished,
                                size_t finished_len)
{
    p->putting = true;
    for (size_t i = 0; i < p->script->num_steps; i++) {
        const struct step *step = &p->script->steps[i];
        struct writer message;
        if (step->kind != STEP_MESSAGE || step->at != number)
            continue;
        writer_init(&message, HANDSHAKE_HEADER_LEN + UINT16_MAX);
        handshake_write(&message, (uint8_t)step->offset, step->bytes, step->bytes_len);
        for (unsigned j = 0; j < step_times(step); j++)
            put_message(p, &message,
                        finished_len > 0 && begins_with(&message, finished, finished_len));
        writer_fini(&message);
    }
    p->putting = false;
}

/* Those whose turn it is behind message `number`. */
void partner_release(struct partner *p, unsigned number)
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
    for (unsigned i = 1; again != NULL && i < step_times(again) + (again->drop == 0); i++)
        put_message(p, message, false);
    p->putting = false;
}

bool partner_on_message(void *state, struct writer *message)
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
    put_messages_before(p, number, original, is_finished ? len : 0);
    edit_message(p, message, number);
    send_one(p, message, number, is_finished && begins_with(message, original, len));
    partner_release(p, number);
    return false;
}
