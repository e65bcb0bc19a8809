/* Steps of the mutator that know the message that they change: its lengths, lists and extensions,
 * and its place among the others. */
#include "fuzz/stacks/structure.h"
#include "fuzz/stacks/workbench.h"
#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/registry.h"

#include <string.h>

enum { LONG_MAX_LEN = 600, MANY_MAX = 64 };

struct known {
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

/* Another number where a length stands: a little more or less, nothing, much. Much is even, too:
 * in lists of ids an odd length is refused before anything is read by it. */
static void change_length(struct workbench *w, struct step *step, const struct vector *v)
{
    size_t len = v->to - v->from;
    const size_t choices[] = { 0,    len + 1, len - 1,  len + 2,  len * 2,
                               0xFF, 0xFFFF,  0xFFFFFF, 0xFFFFFE, below(w, 1 << 16) };
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
    switch (below(w, 7)) {
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
    case 4: /* more than anyone keeps room for */
        set_range(step, v->from, v->to);
        generate_bytes(&w->chance, &w->bytes, v->prefix_len == 1 ? UINT8_MAX : LONG_MAX_LEN);
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
        step->kind = STEP_REPEAT;
        set_range(step, e->from, e->to);
        writer_u8(&w->bytes, (uint8_t)(once_in(w, 3) ? 1 + below(w, MANY_MAX) : 1));
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

/* One more extension, in front of another, into a block or behind all; or another body for one. */
static void change_extension(struct workbench *w, struct step *step, const struct known *m)
{
    const struct structure *s = &m->structure;
    const struct vector *bodies[STRUCTURE_VECTORS_MAX], *blocks[STRUCTURE_VECTORS_MAX];
    size_t num = 0, num_blocks = 0, at = body_len(m);
    for (size_t i = 0; i < s->num_vectors; i++) {
        if (s->vectors[i].in_extension &&
            (s->vectors[i].parent < 0 || !s->vectors[s->vectors[i].parent].in_extension))
            bodies[num++] = &s->vectors[i];
        if (s->vectors[i].is_block)
            blocks[num_blocks++] = &s->vectors[i];
    }
    if (num > 0 && once_in(w, 2)) {
        const struct vector *v = bodies[below(w, (uint32_t)num)];
        set_range(step, v->from, v->to);
        generate_extension_body(&w->chance, &w->bytes, v->extension, is_client_hello(m));
        return;
    }
    if (num_blocks > 0 && (num == 0 || once_in(w, 4)))
        at = blocks[below(w, (uint32_t)num_blocks)]->from;
    else if (num > 0)
        at = bodies[below(w, (uint32_t)num)]->from - 4;
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

/* A part of it: a vector, an element of a list, an extension; false if it has none. */
static bool change_part(struct workbench *w, struct step *step, const struct known *m)
{
    const char *form = structure_message_form(m->message[0], m->tls13);
    uint32_t choice = below(w, 10);
    if (choice < 4 && m->structure.num_vectors > 0)
        change_vector(w, step, m);
    else if (choice < 7 && m->structure.num_elements > 0)
        change_element(w, step, m);
    else if (form != NULL && strchr(form, 'E') != NULL)
        change_extension(w, step, m);
    else
        return false;
    return true;
}

static void know(struct known *m, const struct writer *message, bool tls13)
{
    m->message = message->data;
    m->len = message->len;
    m->tls13 = tls13;
    structure_read(&m->structure, tls13 ? TLS13 : TLS12, m->message, m->len);
}

void message_step(struct workbench *w, struct step *step, uint8_t number)
{
    struct known m;
    know(&m, &w->log->messages[number], w->log->is_tls13[number]);
    step->kind = STEP_EDIT;
    step->at = number;
    uint32_t choice = below(w, 16);
    if (choice < 10 && change_part(w, step, &m))
        return;
    if (choice < 12)
        change_header(w, step, &m);
    else if (choice < 14)
        change_order(w, step, &m);
    else
        change_bytes(w, step, &m);
}

/* ---- what a step brings ---- */

/* It as a whole message. */
struct brought {
    struct writer message;
    size_t before; /* bytes of the message that the step does not bring */
    size_t len;    /* bytes of the step that are in it */
    bool tls13;
};

/* The first message of a record. */
static bool bring_record(struct brought *out, const struct step *step)
{
    const uint8_t *bytes = step->bytes;
    if (step->offset != CONTENT_HANDSHAKE || step->bytes_len < HANDSHAKE_HEADER_LEN)
        return false;
    out->len = HANDSHAKE_HEADER_LEN + ((size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3]);
    if (out->len > step->bytes_len)
        return false;
    writer_bytes(&out->message, bytes, out->len);
    return true;
}

static bool bring_body(struct brought *out, const struct step *step)
{
    handshake_write(&out->message, (uint8_t)step->offset, step->bytes, step->bytes_len);
    out->before = HANDSHAKE_HEADER_LEN;
    return true;
}

/* Extensions, in a hello of nothing else. */
static bool bring_extensions(struct brought *out, const struct step *step, bool client_hello)
{
    static const uint8_t no_hello[2 + HELLO_RANDOM_LEN + 1 + 2 + 1];
    writer_u8(&out->message,
              client_hello ? HANDSHAKE_CLIENT_HELLO : HANDSHAKE_ENCRYPTED_EXTENSIONS);
    size_t mark = writer_open(&out->message, 3);
    writer_bytes(&out->message, no_hello, client_hello ? sizeof no_hello : 0);
    size_t block = writer_open(&out->message, 2);
    out->before = out->message.len;
    writer_bytes(&out->message, step->bytes, step->bytes_len);
    writer_close(&out->message, block, 2);
    writer_close(&out->message, mark, 3);
    return true;
}

static bool bring(struct workbench *w, struct brought *out, const struct step *step)
{
    const struct partner_log *log = w->log;
    bool said = log != NULL && step->at < log->num_messages;
    out->len = step->bytes_len;
    out->tls13 = said ? log->is_tls13[step->at] : w->script.versions != VERSIONS_12;
    return step->kind == STEP_RECORD    ? bring_record(out, step)
           : step->kind == STEP_MESSAGE ? bring_body(out, step)
           : step->kind == STEP_EDIT && said && step->bytes_len > 0
               ? bring_extensions(out, step,
                                  log->messages[step->at].data[0] == HANDSHAKE_CLIENT_HELLO)
               : false;
}

static void apply(struct brought *brought, const struct step *change)
{
    if (change->kind == STEP_PATCH) /* a length: as many bytes as before */
        memcpy(brought->message.data + HANDSHAKE_HEADER_LEN + change->offset, change->bytes,
               change->drop);
    else if (change->kind == STEP_REPEAT)
        structure_repeat(&brought->message, brought->tls13 ? TLS13 : TLS12, change->offset,
                         change->drop, step_repetitions(change));
    else
        structure_edit(&brought->message, brought->tls13 ? TLS13 : TLS12, change->offset,
                       change->drop, change->bytes, change->bytes_len);
}

/* A change of what the step brings, not of what stands around it. */
static bool find_change(struct workbench *w, struct step *change, const struct brought *brought)
{
    enum { TRIES = 6 };
    struct known m;
    size_t mark = w->bytes.len;
    know(&m, &brought->message, brought->tls13);
    for (int i = 0; i < TRIES && !w->bytes.failed; i++) {
        w->bytes.len = mark;
        *change = (struct step){ .kind = STEP_EDIT };
        if (change_part(w, change, &m) && !w->bytes.failed &&
            HANDSHAKE_HEADER_LEN + (size_t)change->offset >= brought->before) {
            take_bytes(w, change, mark);
            return true;
        }
    }
    return false;
}

bool change_brought(struct workbench *w, struct step *step)
{
    struct brought brought = { .before = 0 };
    struct step change;
    writer_init(&brought.message, UINT16_MAX);
    bool changed =
        bring(w, &brought, step) && !brought.message.failed && find_change(w, &change, &brought);
    if (changed) {
        apply(&brought, &change);
        size_t mark = w->bytes.len;
        writer_bytes(&w->bytes, brought.message.data + brought.before,
                     brought.message.len - brought.before);
        writer_bytes(&w->bytes, step->bytes + brought.len, step->bytes_len - brought.len);
        changed = !brought.message.failed && !w->bytes.failed;
        if (changed)
            take_bytes(w, step, mark);
    }
    writer_fini(&brought.message);
    return changed;
}
