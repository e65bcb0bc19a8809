/* A mutation of a script is mostly one more step, made from what the partner says there; else a
 * change of a step or of the options. Messages and points are chosen evenly, so that what lies
 * inside protection gets as much as the first hello. */
#include "fuzz/stacks/mutate.h"

#include "fuzz/stacks/generate.h"
#include "fuzz/stacks/structure.h"
#include "harness/wire/handshake.h"
#include "harness/wire/registry.h"

#include <string.h>

enum {
    NUM_POINTS = 3,
    NEW_BYTES_MAX = 16 * 1024, /* of one mutation */
    RECORDS_GUESS = 8,
    MESSAGES_GUESS = 5,
};

struct workbench {
    struct chance chance;
    const struct mutator *mutator;
    struct script script;
    const struct partner_log *log; /* may be NULL */
    struct writer bytes;           /* of new steps; never moves while steps point into it */
};

static uint32_t below(struct workbench *w, uint32_t bound)
{
    return chance_below(&w->chance, bound);
}

static bool once_in(struct workbench *w, uint32_t times)
{
    return chance_once_in(&w->chance, times);
}

/* The bytes of `bytes` from `mark` on become the step's. */
static void take_bytes(struct workbench *w, struct step *step, size_t mark)
{
    size_t len = w->bytes.len - mark;
    step->bytes = w->bytes.data + mark;
    step->bytes_len = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
}

/* ---- steps that know a message ---- */

struct known {
    uint8_t number;
    bool tls13;
    const uint8_t *message;
    size_t len; /* header and all */
    struct structure structure;
};

static bool is_client_hello(const struct known *m)
{
    return m->message[0] == HANDSHAKE_CLIENT_HELLO;
}

static const uint8_t *body_of(const struct known *m)
{
    return m->message + HANDSHAKE_HEADER_LEN;
}

static size_t body_len(const struct known *m)
{
    return m->len - HANDSHAKE_HEADER_LEN;
}

static void set_range(struct step *step, size_t from, size_t to)
{
    step->offset = (uint16_t)(from < UINT16_MAX ? from : UINT16_MAX);
    step->drop = (uint16_t)(to - from < UINT16_MAX ? to - from : UINT16_MAX);
}

/* Another number where a length stands: a little more or less, nothing, much. */
static void change_length(struct workbench *w, struct step *step, const struct vector *v)
{
    size_t len = v->to - v->from;
    const size_t choices[] = { 0,    len + 1, len - 1,  len + 2,          len * 2,
                               0xFF, 0xFFFF,  0xFFFFFF, below(w, 1 << 16) };
    size_t chosen = choices[below(w, sizeof choices / sizeof choices[0])];
    step->kind = STEP_PATCH;
    set_range(step, v->from - v->prefix_len, v->from);
    for (size_t i = v->prefix_len; i > 0; i--)
        writer_u8(&w->bytes, (uint8_t)(chosen >> (8 * (i - 1))));
}

static void change_vector(struct workbench *w, struct step *step, const struct known *m)
{
    const struct vector *v = &m->structure.vectors[below(w, (uint32_t)m->structure.num_vectors)];
    size_t len = v->to - v->from;
    switch (below(w, 6)) {
    case 0: /* nothing in it */
        set_range(step, v->from, v->to);
        break;
    case 1: /* shorter by a little */
        set_range(step, len > 0 ? v->to - 1 - below(w, len < 4 ? (uint32_t)len : 4) : v->to, v->to);
        break;
    case 2: /* other content */
        set_range(step, v->from, v->to);
        generate_bytes(&w->chance, &w->bytes, 1 + 2 * (uint32_t)(len < 64 ? len : 64));
        break;
    case 3: /* twice the same */
        set_range(step, v->from, v->to);
        writer_bytes(&w->bytes, body_of(m) + v->from, len);
        writer_bytes(&w->bytes, body_of(m) + v->from, len);
        break;
    default:
        change_length(w, step, v);
        break;
    }
}

/* Another element of the same list; the same one if there is no other. */
static const struct element *sibling(struct workbench *w, const struct known *m,
                                     const struct element *of)
{
    const struct structure *s = &m->structure;
    for (size_t tries = 0; tries < 8; tries++) {
        const struct element *e = &s->elements[below(w, (uint32_t)s->num_elements)];
        if (e->list == of->list && e != of)
            return e;
    }
    return of;
}

/* a … b becomes b … a. */
static void swap_elements(struct workbench *w, struct step *step, const struct known *m,
                          const struct element *a, const struct element *b)
{
    const struct element *first = a->from < b->from ? a : b, *last = first == a ? b : a;
    if (first->to > last->from)
        return;
    set_range(step, first->from, last->to);
    writer_bytes(&w->bytes, body_of(m) + last->from, last->to - last->from);
    writer_bytes(&w->bytes, body_of(m) + first->to, last->from - first->to);
    writer_bytes(&w->bytes, body_of(m) + first->from, first->to - first->from);
}

static void change_element(struct workbench *w, struct step *step, const struct known *m)
{
    const struct structure *s = &m->structure;
    const struct element *e = &s->elements[below(w, (uint32_t)s->num_elements)];
    const struct vector *list = e->list >= 0 ? &s->vectors[e->list] : NULL;
    size_t len = e->to - e->from;
    switch (below(w, 5)) {
    case 0: /* out */
        set_range(step, e->from, e->to);
        break;
    case 1: /* once more, or many times */
        set_range(step, e->from, e->from);
        for (uint32_t i = once_in(w, 4) ? 1 + below(w, 64) : 1; i > 0; i--)
            writer_bytes(&w->bytes, body_of(m) + e->from, len);
        break;
    case 2:
        swap_elements(w, step, m, e, sibling(w, m, e));
        break;
    default: /* another, or one more */
        set_range(step, e->from, once_in(w, 3) ? e->from : e->to);
        if (len == 2)
            writer_u16(&w->bytes, generate_id(&w->chance, list != NULL ? list->extension : 0));
        else
            generate_bytes(&w->chance, &w->bytes, (uint32_t)(len < 64 ? len : 64));
        break;
    }
}

/* One more extension, in front of another or behind all; or another body for one. */
static void change_extension(struct workbench *w, struct step *step, const struct known *m)
{
    const struct structure *s = &m->structure;
    const struct vector *bodies[STRUCTURE_VECTORS_MAX];
    size_t num = 0;
    for (size_t i = 0; i < s->num_vectors; i++)
        if (s->vectors[i].in_extension &&
            (s->vectors[i].parent < 0 || !s->vectors[s->vectors[i].parent].in_extension))
            bodies[num++] = &s->vectors[i];
    if (num > 0 && once_in(w, 2)) {
        const struct vector *v = bodies[below(w, (uint32_t)num)];
        set_range(step, v->from, v->to);
        generate_extension_body(&w->chance, &w->bytes, v->extension, is_client_hello(m));
        return;
    }
    size_t at = num > 0 ? bodies[below(w, (uint32_t)num)]->from - 4 : body_len(m);
    set_range(step, at, at);
    generate_extension(&w->chance, &w->bytes, is_client_hello(m));
}

/* Some bytes anywhere; with or without the lengths around. */
static void change_bytes(struct workbench *w, struct step *step, const struct known *m)
{
    size_t from = below(w, (uint32_t)body_len(m) + 1);
    step->kind = once_in(w, 3) ? STEP_PATCH : STEP_EDIT;
    set_range(step, from, from + below(w, 5));
    if (once_in(w, 3))
        for (uint32_t i = 0; i < step->drop; i++)
            writer_u8(&w->bytes, once_in(w, 2) ? 0xFF : 0);
    else
        generate_bytes(&w->chance, &w->bytes, once_in(w, 8) ? 300 : 4);
}

/* Its type or length, another message in its place, or what comes with no form at all. */
static void change_header(struct workbench *w, struct step *step, const struct known *m)
{
    step->kind = STEP_SPLICE;
    if (once_in(w, 3)) {
        set_range(step, 0, 1);
        writer_u8(&w->bytes, generate_message_type(&w->chance));
    } else if (once_in(w, 2)) {
        size_t len = body_len(m);
        const size_t choices[] = { 0, len + 1, len > 0 ? len - 1 : 1, 0xFFFFFF, 0x10000 };
        set_range(step, 1, HANDSHAKE_HEADER_LEN);
        writer_u24(&w->bytes, (uint32_t)choices[below(w, sizeof choices / sizeof choices[0])]);
    } else {
        step->kind = STEP_PATCH;
        set_range(step, 0, UINT16_MAX);
        generate_message_body(&w->chance, &w->bytes, m->message[0], m->tls13);
    }
}

/* The message as a whole: its place among the others. */
static void change_order(struct workbench *w, struct step *step, const struct known *m)
{
    static const enum step_kind kinds[] = { STEP_SKIP, STEP_AGAIN, STEP_HOLD, STEP_MESSAGE,
                                            STEP_MESSAGE };
    const struct partner_log *log = w->log;
    step->kind = kinds[below(w, sizeof kinds / sizeof kinds[0])];
    if (step->kind == STEP_AGAIN && once_in(w, 3))
        step->drop = (uint16_t)below(w, 8);
    if (step->kind == STEP_HOLD)
        step->offset = (uint16_t)below(w, 3);
    if (step->kind != STEP_MESSAGE)
        return;
    const struct writer *other = &log->messages[below(w, (uint32_t)log->num_messages)];
    if (once_in(w, 3)) {
        step->offset = other->data[0];
        writer_bytes(&w->bytes, other->data + HANDSHAKE_HEADER_LEN,
                     other->len - HANDSHAKE_HEADER_LEN);
    } else {
        step->offset = generate_message_type(&w->chance);
        generate_message_body(&w->chance, &w->bytes, (uint8_t)step->offset, m->tls13);
    }
    if (once_in(w, 8))
        step->drop = (uint16_t)below(w, 40);
}

static void message_step(struct workbench *w, struct step *step, uint8_t number)
{
    struct known m = { .number = number };
    const struct writer *message = &w->log->messages[number];
    m.tls13 = w->log->is_tls13[number];
    m.message = message->data;
    m.len = message->len;
    structure_read(&m.structure, m.tls13 ? TLS13 : TLS12, m.message, m.len);
    step->kind = STEP_EDIT;
    step->at = number;
    uint32_t choice = below(w, 16);
    if (choice < 4 && m.structure.num_vectors > 0)
        change_vector(w, step, &m);
    else if (choice < 7 && m.structure.num_elements > 0)
        change_element(w, step, &m);
    else if (choice < 10 && structure_message_form(m.message[0], m.tls13) != NULL &&
             strchr(structure_message_form(m.message[0], m.tls13), 'E') != NULL)
        change_extension(w, step, &m);
    else if (choice < 12)
        change_header(w, step, &m);
    else if (choice < 14)
        change_order(w, step, &m);
    else
        change_bytes(w, step, &m);
}

/* ---- steps of records ---- */

static bool says_tls13(const struct workbench *w)
{
    return w->script.versions == VERSIONS_13 || w->script.versions == VERSIONS_BOTH;
}

static void record_bytes(struct workbench *w)
{
    uint8_t type = generate_content_type(&w->chance);
    writer_u8(&w->bytes, type);
    writer_u16(&w->bytes, once_in(w, 8) ? (uint16_t)below(w, 1 << 16) : TLS12);
    size_t mark = writer_open(&w->bytes, 2);
    generate_content(&w->chance, &w->bytes, type, says_tls13(w));
    writer_close(&w->bytes, mark, 2);
}

static void record_step(struct workbench *w, struct step *step, uint8_t at)
{
    static const enum step_kind kinds[] = {
        STEP_RECORD, STEP_RECORD, STEP_RECORD,   STEP_RECORD,   STEP_CONTENT,
        STEP_RETYPE, STEP_BULK,   STEP_FRAGMENT, STEP_COALESCE, STEP_UPDATE,
        STEP_WIRE,   STEP_RAW,    STEP_STOP,     STEP_END,      STEP_SEGMENT,
    };
    static const uint16_t lengths[] = { 0, 1, 16384, 16385, 16640, 16641, 18432, 18433, 65535 };
    step->kind = kinds[below(w, sizeof kinds / sizeof kinds[0])];
    step->at = at;
    switch (step->kind) {
    case STEP_RECORD:
        step->offset = generate_content_type(&w->chance);
        step->drop = (uint16_t)(once_in(w, 8) ? below(w, 40) : 0);
        generate_content(&w->chance, &w->bytes, (uint8_t)step->offset, says_tls13(w));
        break;
    case STEP_RETYPE:
        step->offset = generate_content_type(&w->chance);
        break;
    case STEP_BULK:
        step->offset = generate_content_type(&w->chance);
        step->drop = lengths[below(w, sizeof lengths / sizeof lengths[0])];
        break;
    case STEP_FRAGMENT:
    case STEP_SEGMENT:
        step->offset = (uint16_t)(once_in(w, 4) ? below(w, 400) : below(w, 8));
        break;
    case STEP_COALESCE:
        step->offset = (uint16_t)below(w, 5);
        break;
    case STEP_UPDATE:
        step->offset = (uint16_t)below(w, 3);
        step->drop = (uint16_t)(once_in(w, 4) ? below(w, 40) : 0);
        break;
    case STEP_CONTENT:
    case STEP_WIRE:
        step->offset = (uint16_t)below(w, once_in(w, 2) ? 8 : 200);
        step->drop = (uint16_t)below(w, 4);
        generate_bytes(&w->chance, &w->bytes, 4);
        break;
    case STEP_RAW:
    case STEP_STOP:
        if (once_in(w, 4))
            generate_bytes(&w->chance, &w->bytes, 40);
        else
            record_bytes(w);
        break;
    default:
        break;
    }
}

/* ---- mutations ---- */

/* A place among all that there are: a message, a record, a point behind the handshake. */
static void add_step(struct workbench *w)
{
    uint32_t messages = w->log != NULL ? (uint32_t)w->log->num_messages : 0;
    uint32_t records = w->log != NULL ? (uint32_t)w->log->num_records : RECORDS_GUESS;
    struct step step = { .kind = STEP_EDIT };
    size_t mark = w->bytes.len;
    uint32_t place = below(w, 2 * messages + records + 2 * NUM_POINTS);
    if (place < 2 * messages)
        message_step(w, &step, (uint8_t)(place / 2));
    else if (place < 2 * messages + records)
        record_step(w, &step, (uint8_t)(place - 2 * messages));
    else
        record_step(w, &step, (uint8_t)(POINT_CONNECTED + below(w, NUM_POINTS)));
    if (w->bytes.failed)
        return;
    take_bytes(w, &step, mark);
    if (w->script.num_steps == SCRIPT_STEPS_MAX)
        w->script.steps[below(w, SCRIPT_STEPS_MAX)] = step;
    else
        script_add(&w->script, step);
}

static void change_step_bytes(struct workbench *w, struct step *step)
{
    enum { ROOM_MAX = 4096 };
    size_t mark = w->bytes.len, len = step->bytes_len;
    size_t room = len + 64 < ROOM_MAX ? len + 64 : ROOM_MAX;
    if (len > ROOM_MAX || w->bytes.max - w->bytes.len < room)
        return;
    writer_bytes(&w->bytes, step->bytes, len);
    for (size_t i = len; i < room; i++)
        writer_u8(&w->bytes, 0);
    w->bytes.len = mark + w->mutator->mutate_bytes(w->bytes.data + mark, len, room);
    take_bytes(w, step, mark);
}

static void change_step(struct workbench *w)
{
    if (w->script.num_steps == 0)
        return;
    struct step *step = &w->script.steps[below(w, (uint32_t)w->script.num_steps)];
    int32_t little = (int32_t)below(w, 5) - 2;
    switch (below(w, 7)) {
    case 0:
        step->at = (uint8_t)(once_in(w, 3) ? POINT_CONNECTED + below(w, NUM_POINTS)
                                           : below(w, RECORDS_GUESS + 2));
        break;
    case 1:
        step->offset = (uint16_t)(step->offset + little);
        break;
    case 2:
        step->drop = (uint16_t)(step->drop + little);
        break;
    case 3:
        step->kind = (enum step_kind)below(w, NUM_STEP_KINDS);
        break;
    case 4:
        step->offset = (uint16_t)below(w, once_in(w, 2) ? 1 << 16 : 64);
        break;
    default:
        change_step_bytes(w, step);
        break;
    }
}

static void remove_step(struct workbench *w)
{
    struct script *script = &w->script;
    if (script->num_steps == 0)
        return;
    size_t at = below(w, (uint32_t)script->num_steps--);
    memmove(&script->steps[at], &script->steps[at + 1],
            (script->num_steps - at) * sizeof script->steps[0]);
}

static void swap_steps(struct workbench *w)
{
    struct script *script = &w->script;
    if (script->num_steps < 2)
        return;
    struct step *a = &script->steps[below(w, (uint32_t)script->num_steps)];
    struct step *b = &script->steps[below(w, (uint32_t)script->num_steps)];
    struct step kept = *a;
    *a = *b;
    *b = kept;
}

static void change_options(struct workbench *w)
{
    struct script *script = &w->script;
    switch (below(w, 5)) {
    case 0:
        script->versions = (enum script_versions)below(w, 4);
        break;
    case 1:
        script->authentication = (enum script_authentication)below(w, 4);
        break;
    case 2:
        script->rsa = !script->rsa;
        break;
    case 3:
        script->p256 = !script->p256;
        break;
    default:
        script->retry = !script->retry;
        break;
    }
}

static void mutate_once(struct workbench *w)
{
    uint32_t choice = below(w, 20);
    if (choice < 11)
        add_step(w);
    else if (choice < 15)
        change_step(w);
    else if (choice < 17)
        remove_step(w);
    else if (choice < 18)
        swap_steps(w);
    else
        change_options(w);
}

static size_t put_script(const struct script *script, uint8_t *out, size_t max)
{
    struct writer bytes;
    struct script some = *script;
    size_t len = 0;
    do { /* what is too long loses its last steps */
        writer_init(&bytes, max < SCRIPT_MAX ? max : SCRIPT_MAX);
        script_write(&bytes, &some);
        bool fits = !bytes.failed;
        len = fits ? bytes.len : 0;
        if (fits)
            memcpy(out, bytes.data, len);
        writer_fini(&bytes);
    } while (len == 0 && some.num_steps-- > 0);
    return len;
}

static bool set_up(struct workbench *w, const struct mutator *mutator, unsigned seed)
{
    *w = (struct workbench){ .chance = { seed }, .mutator = mutator };
    below(w, 1); /* seeds that follow each other are alike in their first number */
    writer_init(&w->bytes, NEW_BYTES_MAX);
    for (size_t i = 0; i < NEW_BYTES_MAX; i++) /* allocates all of it: it must not move */
        writer_u8(&w->bytes, 0);
    bool failed = w->bytes.failed;
    writer_clear(&w->bytes);
    return !failed;
}

size_t mutate_script(const struct mutator *mutator, uint8_t *data, size_t len, size_t max,
                     unsigned seed)
{
    static uint8_t kept[SCRIPT_MAX];
    struct workbench w;
    size_t new_len = 0;
    if (!set_up(&w, mutator, seed))
        return len;
    if (once_in(&w, 16))
        len = mutator->mutate_bytes(data, len, max);
    len = len < SCRIPT_MAX ? len : SCRIPT_MAX;
    memcpy(kept, data, len);
    script_read(&w.script, kept, len);
    w.script.victim = mutator->victim;
    do {
        w.log = mutator->log_of != NULL ? mutator->log_of(mutator->context, &w.script) : NULL;
        mutate_once(&w);
    } while (once_in(&w, 3) && !w.bytes.failed);
    new_len = put_script(&w.script, data, max);
    writer_fini(&w.bytes);
    return new_len;
}

size_t cross_scripts(const struct mutator *mutator, uint8_t *out, size_t max, const uint8_t *a,
                     size_t a_len, const uint8_t *b, size_t b_len, unsigned seed)
{
    struct chance chance = { seed };
    struct script first, second, crossed;
    script_read(&first, a, a_len);
    script_read(&second, b, b_len);
    crossed = first;
    crossed.victim = mutator->victim;
    crossed.num_steps = 0;
    for (size_t i = 0; i < first.num_steps || i < second.num_steps; i++) {
        if (i < first.num_steps && !chance_once_in(&chance, 3))
            script_add(&crossed, first.steps[i]);
        if (i < second.num_steps && !chance_once_in(&chance, 3))
            script_add(&crossed, second.steps[i]);
    }
    return put_script(&crossed, out, max);
}
