#include "fuzz/differential/ensemble.h"

#include "fuzz/stacks/pipes.h"
#include "fuzz/stacks/structure.h"
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "openssl", "boringssl", "gnutls" };

int ensemble_new(struct ensemble **out, struct error *err)
{
    struct ensemble *e = calloc(1, sizeof *e);
    if (e == NULL)
        return error_errno(err, "ensemble");
    int result = player_new(&e->player, err);
    for (size_t i = 0; result == 0 && i < sizeof names / sizeof names[0]; i++)
        result = victim_open(&e->stacks[e->num++], names[i], err);
    if (result != 0) {
        ensemble_free(e);
        return -1;
    }
    *out = e;
    return 0;
}

void ensemble_free(struct ensemble *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < OPTIONS_NUM; i++)
        partner_log_fini(&e->logs[i]);
    player_free(e->player);
    free(e);
}

/* ---- the control, and what it teaches ---- */

/* The extensions of the ClientHello that the victim has just sent, which is one record. */
static void read_offer(struct offer *out)
{
    static struct structure structure;
    size_t len;
    const uint8_t *bytes = pipes_bytes(PIPE_VICTIM, &len);
    out->known = true;
    if (len < RECORD_HEADER_LEN + HANDSHAKE_HEADER_LEN)
        return;
    size_t message_len = (size_t)bytes[RECORD_HEADER_LEN + 1] << 16 |
                         (size_t)bytes[RECORD_HEADER_LEN + 2] << 8 | bytes[RECORD_HEADER_LEN + 3];
    message_len += HANDSHAKE_HEADER_LEN;
    if (message_len > len - RECORD_HEADER_LEN)
        return;
    structure_read(&structure, TLS12, bytes + RECORD_HEADER_LEN, message_len);
    for (size_t i = 0; i < structure.num_vectors && out->num < OFFERED_MAX; i++)
        if (structure.vectors[i].in_extension &&
            !id_listed(out->extensions, out->num, structure.vectors[i].extension))
            out->extensions[out->num++] = structure.vectors[i].extension;
}

static int play_one(struct ensemble *e, struct compared *out, size_t i, const struct script *script,
                    struct partner_log *log, struct error *err)
{
    *out = (struct compared){ .name = e->stacks[i].name };
    e->num_plays++;
    return play(e->player, &out->outcome, &e->stacks[i], script, log, err);
}

/* A step counts messages and records: to all stacks the partner has to say the same ones. */
static bool says_the_same(const struct partner_log *a, const struct partner_log *b)
{
    bool same = a->num_messages == b->num_messages && a->num_records == b->num_records;
    for (size_t i = 0; same && i < a->num_messages; i++)
        same = a->messages[i].data[0] == b->messages[i].data[0];
    return same;
}

static int control_one(struct ensemble *e, struct compared *out, size_t i,
                       const struct script *healthy, struct error *err)
{
    uint16_t options = script_options(healthy);
    struct partner_log *first = &e->logs[options], other = { .num_messages = 0 };
    const struct outcome *o = &out->outcome;
    if (play_one(e, out, i, healthy, i == 0 ? first : &other, err) != 0)
        return -1;
    if (healthy->victim == ROLE_CLIENT)
        read_offer(&e->offers[options][i]);
    bool same = i == 0 || says_the_same(first, &other);
    partner_log_fini(&other);
    if (!o->accepted || !o->partner_accepted || o->ending != ENDING_CLOSED)
        return error_set(err, ERROR_HARNESS,
                         "options %04x: a healthy handshake of %s does not complete: %s", options,
                         out->name, o->error_text);
    return same ? 0
                : error_set(err, ERROR_HARNESS,
                            "options %04x: the partner says other messages to %s", options,
                            out->name);
}

static int play_healthy(struct ensemble *e, const struct script *healthy, struct error *err)
{
    struct compared compared[COMPARED_MAX];
    struct disagreement found;
    struct touched nothing = { 0 };
    for (size_t i = 0; i < e->num; i++)
        if (control_one(e, &compared[i], i, healthy, err) != 0)
            return -1;
    compare(&found, compared, e->num, healthy, &nothing, true);
    if (found.worst != DIFFERENCE_NONE)
        return error_set(err, ERROR_HARNESS, "the stacks disagree on a healthy handshake: %s",
                         found.signature);
    return 0;
}

const struct partner_log *ensemble_log(struct ensemble *e, const struct script *script,
                                       struct error *err)
{
    struct script healthy = *script;
    healthy.num_steps = 0;
    uint16_t options = script_options(&healthy);
    if (!e->logged[options] && play_healthy(e, &healthy, err) != 0)
        return NULL;
    e->logged[options] = true;
    return &e->logs[options];
}

/* ---- a script ---- */

/* Bytes of a ClientHello are counted by a step, those of its records among them. */
static bool counts_in_client_hello(const struct script *script)
{
    static const uint32_t kinds = 1U << STEP_EDIT | 1U << STEP_PATCH | 1U << STEP_SPLICE |
                                  1U << STEP_CONTENT | 1U << STEP_WIRE;
    unsigned last = script->retry ? 2 : 0; /* ChangeCipherSpec is between them */
    for (size_t i = 0; i < script->num_steps; i++)
        if ((kinds & 1U << script->steps[i].kind) != 0 && script->steps[i].at <= last)
            return true;
    return false;
}

/* Behind a ticket, which is as long as its server likes, a number names other bytes to each. */
void ensemble_align(struct script *script)
{
    if (script->victim == ROLE_SERVER && counts_in_client_hello(script))
        script->resumption = false;
    if (script->victim == ROLE_CLIENT)
        script->retry = false;
    if (script->victim == ROLE_CLIENT && script_version(script) == TLS13)
        script->p256 = false;
    if (script->cipher == CIPHERS_CBC) /* BoringSSL has no encrypt-then-MAC */
        script->cipher = CIPHERS_CBC_MAC_FIRST;
}

int ensemble_play(struct ensemble *e, struct compared compared[COMPARED_MAX],
                  const struct script *script, struct error *err)
{
    uint16_t options = script_options(script);
    for (size_t i = 0; i < e->num; i++) {
        const struct offer *offer = &e->offers[options][i];
        if (play_one(e, &compared[i], i, script, NULL, err) != 0)
            return -1;
        compared[i].offered = offer->known ? offer->extensions : NULL;
        compared[i].num_offered = offer->num;
    }
    return 0;
}

int ensemble_compare(struct ensemble *e, struct disagreement *out, const struct script *script,
                     bool minimal, struct error *err)
{
    struct compared compared[COMPARED_MAX];
    struct touched touched;
    const struct partner_log *log = ensemble_log(e, script, err);
    if (log == NULL || ensemble_play(e, compared, script, err) != 0)
        return -1;
    touched_read(&touched, script, log);
    compare(out, compared, e->num, script, &touched, minimal);
    return 0;
}

/* ---- minimising ---- */

struct minimising {
    struct ensemble *ensemble;
    struct script *best;
    struct writer *room;
    char facts[SIGNATURE_LEN];
    size_t plays_max;
    int result;
    struct error *err;
};

/* Keeps the candidate if it shows the same facts. */
static bool try(struct minimising *m, const struct script *candidate)
{
    struct disagreement found;
    if (m->result != 0 || m->ensemble->num_plays >= m->plays_max)
        return false;
    m->result = ensemble_compare(m->ensemble, &found, candidate, false, m->err);
    if (m->result != 0 || strcmp(found.facts, m->facts) != 0)
        return false;
    *m->best = *candidate;
    return true;
}

static bool try_without_steps(struct minimising *m)
{
    bool smaller = false;
    for (size_t i = m->best->num_steps; i-- > 0 && m->best->num_steps > 1;) {
        struct script candidate = *m->best;
        memmove(&candidate.steps[i], &candidate.steps[i + 1],
                (candidate.num_steps - i - 1) * sizeof candidate.steps[0]);
        candidate.num_steps--;
        smaller = try(m, &candidate) || smaller;
    }
    return smaller;
}

static bool try_bytes(struct minimising *m, size_t step, size_t from, size_t len)
{
    struct script candidate = *m->best;
    candidate.steps[step].bytes += from;
    candidate.steps[step].bytes_len = (uint16_t)len;
    return try(m, &candidate);
}

/* Halves from either end, then single bytes. */
static void shrink_bytes(struct minimising *m, size_t step)
{
    if (m->best->steps[step].bytes_len == 0 || try_bytes(m, step, 0, 0))
        return;
    for (size_t cut = m->best->steps[step].bytes_len / 2; cut > 0; cut /= 2) {
        while (m->best->steps[step].bytes_len > cut &&
               try_bytes(m, step, 0, m->best->steps[step].bytes_len - cut))
            ;
        while (m->best->steps[step].bytes_len > cut &&
               try_bytes(m, step, cut, m->best->steps[step].bytes_len - cut))
            ;
    }
}

static void shrink_numbers(struct minimising *m, size_t step)
{
    static const uint16_t smaller[] = { 0, 1 };
    for (size_t i = 0; i < 2; i++) {
        struct script candidate = *m->best;
        if (candidate.steps[step].drop <= smaller[i])
            break;
        candidate.steps[step].drop = smaller[i];
        if (try(m, &candidate))
            break;
    }
}

/* Towards the plainest handshake. */
static void simplify_options(struct minimising *m)
{
    struct script candidate = *m->best;
    candidate.authentication = AUTHENTICATION_SERVER;
    try(m, &candidate);
    candidate = *m->best;
    candidate.rsa = candidate.p256 = false;
    try(m, &candidate);
    candidate = *m->best;
    candidate.cipher = CIPHERS_GCM;
    try(m, &candidate);
    candidate = *m->best;
    candidate.rsa_exchange = false;
    try(m, &candidate);
    candidate = *m->best;
    candidate.resumption = false;
    try(m, &candidate);
    candidate = *m->best;
    candidate.retry = false;
    try(m, &candidate);
    candidate = *m->best;
    candidate.versions = script_version(&candidate) == TLS13 ? VERSIONS_13 : VERSIONS_12;
    try(m, &candidate);
}

static void own_bytes(struct script *script, struct writer *room)
{
    struct writer bytes;
    writer_init(&bytes, SCRIPT_MAX);
    script_write(&bytes, script);
    writer_clear(room);
    writer_bytes(room, bytes.data, bytes.len);
    writer_fini(&bytes);
    script_read(script, room->data, room->len);
}

int ensemble_minimise(struct ensemble *e, struct disagreement *out, struct script *script,
                      struct writer *room, size_t plays_max, struct error *err)
{
    struct minimising m = { .ensemble = e, .best = script, .room = room, .err = err };
    struct disagreement found;
    m.plays_max = e->num_plays + plays_max;
    if (ensemble_compare(e, &found, script, false, err) != 0)
        return -1;
    memcpy(m.facts, found.facts, sizeof m.facts);
    if (found.worst != DIFFERENCE_NONE) {
        while (try_without_steps(&m))
            ;
        simplify_options(&m);
        for (size_t i = 0; i < script->num_steps; i++) {
            shrink_numbers(&m, i);
            shrink_bytes(&m, i);
        }
    }
    if (m.result != 0)
        return -1;
    own_bytes(script, room);
    return ensemble_compare(e, out, script, true, err);
}
