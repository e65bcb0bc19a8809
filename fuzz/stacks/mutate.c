/* A mutation of a script is mostly one more step, made from what the partner says there; else a
 * change of a step or of the options. Messages and points are chosen evenly, so that what lies
 * inside protection gets as much as the first hello. */
#include "fuzz/stacks/workbench.h"

#include <string.h>

enum {
    NUM_POINTS = 3,
    NEW_BYTES_MAX = 16 * 1024, /* of one mutation */
    RECORDS_GUESS = 8,
    ELSE_ANEW = 4, /* once in so many times a script begins anew, with its options */
};

void take_bytes(struct workbench *w, struct step *step, size_t mark)
{
    size_t len = w->bytes.len - mark;
    step->bytes = w->bytes.data + mark;
    step->bytes_len = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
}

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
    switch (below(w, 10)) {
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
        if (once_in(w, 4) || !change_brought(w, step))
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
    switch (below(w, 10)) {
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
    case 4:
        script->retry = !script->retry;
        break;
    case 5:
        script->rsa_exchange = !script->rsa_exchange;
        break;
    case 6:
    case 7:
        script->resumption = !script->resumption;
        break;
    default:
        script->cipher = (enum script_cipher)below(w, NUM_SCRIPT_CIPHERS);
        break;
    }
}

static void mutate_once(struct workbench *w)
{
    uint32_t choice = below(w, 20);
    if (choice < 9 || (choice < 18 && w->script.num_steps == 0))
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
    /* Most of what is kept ends early, and what lies deep is not reached behind it. */
    if (once_in(&w, ELSE_ANEW))
        w.script.num_steps = 0;
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
