/* Where the attack steps in: is its next step due, what did it do, what follows from that. */
#include "matrix/relay/relay_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void relay_note_change(struct relay *relay, const struct direction *direction, const char *format,
                       ...)
{
    struct relay_facts *facts = &relay->facts;
    va_list args;
    if (facts->changed)
        return;
    facts->changed = true;
    facts->changed_from = direction->from;
    facts->changed_record =
        facts->num_records[direction->from] == 0 ? 0 : facts->num_records[direction->from] - 1;
    va_start(args, format);
    vsnprintf(facts->what, sizeof facts->what, format, args);
    va_end(args);
}

static bool same_point(const struct attack_point *a, const struct attack_point *b)
{
    return a->from == b->from && a->kind == b->kind && a->message == b->message &&
           a->index == b->index;
}

/* The attack's next step, if it is due at one of these points. */
static const struct attack_step *due_step(const struct relay *relay,
                                          const struct standing *standing)
{
    const struct attack *attack = relay->setting.attack;
    if (attack == NULL || relay->next_step == ATTACK_STEPS_MAX)
        return NULL;
    const struct attack_step *step = &attack->steps[relay->next_step];
    for (size_t i = 0; step->act != NULL && i < standing->num_points; i++)
        if (same_point(&step->at, &standing->points[i]))
            return step;
    return NULL;
}

static const char *fate_text(enum fate fate)
{
    static const char *const texts[] = {
        [FATE_FORWARD] = "handed on",
        [FATE_DROP] = "dropped",
        [FATE_HOLD] = "held back behind the next",
        [FATE_CLOSE] = "and all behind it replaced by FIN both ways",
        [FATE_RESET] = "and all behind it replaced by RST both ways",
        [FATE_MUTE] = "and all behind it replaced by FIN",
    };
    return texts[fate];
}

static void note(struct relay *relay, struct direction *direction, const struct standing *standing,
                 size_t old_len, const struct outcome *out, size_t back_len)
{
    relay->facts.num_steps_done++;
    if (out->fate == FATE_HOLD && out->before.len + out->after.len + back_len == 0) {
        direction->delayed_by_attack = true; /* it is one when something has overtaken it */
        return;
    }
    relay_note_change(
        relay, direction,
        "%s from the %s: %zu bytes became %zu, %zu before, %zu behind, %zu sent back; "
        "%s",
        standing->what, role_name(direction->from), old_len, out->unit.len, out->before.len,
        out->after.len, back_len, fate_text(out->fate));
}

static void init_outcome(struct outcome *out)
{
    *out = (struct outcome){ .fate = FATE_FORWARD };
    writer_init(&out->before, QUEUE_HIGH);
    writer_init(&out->unit, QUEUE_HIGH);
    writer_init(&out->after, QUEUE_HIGH);
}

void outcome_fini(struct outcome *outcome)
{
    writer_fini(&outcome->before);
    writer_fini(&outcome->unit);
    writer_fini(&outcome->after);
}

static bool is_changed(const struct outcome *out, const void *unit, size_t len, size_t back_len)
{
    bool same = !out->replaced && out->unit.len == len &&
                (len == 0 || memcmp(out->unit.data, unit, len) == 0);
    return !same || out->before.len + out->after.len + back_len > 0 || out->fate != FATE_FORWARD;
}

/* Lets the step act, and moves what it wrote in place of the unit there. */
static void act(struct relay *relay, const struct attack_step *step, struct outcome *out,
                struct writer *back, uint16_t record_version)
{
    struct writer replace;
    writer_init(&replace, QUEUE_HIGH);
    struct tamper tamper = { .step = step,
                             .unit = &out->unit,
                             .before = &out->before,
                             .after = &out->after,
                             .back = back,
                             .replace = &replace,
                             .stash = &relay->stash,
                             .record_version = record_version,
                             .version = relay->facts.version,
                             .certificate = relay->setting.certificate,
                             .certificate_len = relay->setting.certificate_len };
    step->act(&tamper);
    out->fate = tamper.fate;
    out->replaced = replace.len > 0;
    if (out->replaced) {
        writer_clear(&out->unit);
        writer_bytes(&out->unit, replace.data, replace.len);
    }
    writer_fini(&replace);
}

bool relay_tamper(struct relay *relay, struct direction *direction, const struct standing *standing,
                  const void *unit, size_t len, struct outcome *out)
{
    const struct attack_step *step = due_step(relay, standing);
    struct writer back;
    if (step == NULL)
        return false;
    relay->next_step++;
    init_outcome(out);
    writer_init(&back, QUEUE_HIGH);
    writer_bytes(&out->unit, unit, len);
    act(relay, step, out, &back, standing->record_version);
    out->changed = is_changed(out, unit, len, back.len);
    if (out->changed)
        note(relay, direction, standing, len, out, back.len);
    relay_emit(relay, relay_other(relay, direction), back.data, back.len);
    writer_fini(&back);
    return true;
}

void relay_carry_out(struct relay *relay, struct direction *direction, enum fate fate)
{
    if (fate != FATE_CLOSE && fate != FATE_RESET && fate != FATE_MUTE)
        return;
    direction->muted = true;
    if (fate != FATE_MUTE)
        relay_other(relay, direction)->muted = true;
    if (fate == FATE_RESET)
        relay->reset = true;
    relay_note_end(relay, RELAY_END_RELAY, direction->from);
}
