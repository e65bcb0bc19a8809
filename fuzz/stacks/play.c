/* Turn by turn: the partner says what it can, the victim hears and answers, until neither moves;
 * then TCP ends. */
#include "fuzz/stacks/play.h"

#include "fuzz/stacks/configuration.h"
#include "fuzz/stacks/pipes.h"
#include "fuzz/stacks/wrapped.h"
#include "harness/pki/forge.h"
#include "harness/wire/registry.h"

#include <string.h>

enum {
    TURNS_MAX = 24,       /* a handshake has three flights a side, with a retry */
    CALLS_MAX = 200000,   /* of the victim: more than one for each byte that may come */
    SPARE_CALLS = 64,     /* that bring nothing: warnings, empty records, … */
    IN_MAX = 1024 * 1024, /* application bytes that are kept */
};

#define VICTIM_WORD  "the victim's word"
#define PARTNER_WORD "the partner's word"

/* ---- the victim ---- */

enum phase { PHASE_HANDSHAKE, PHASE_SPEAK, PHASE_LISTEN, PHASE_OVER };

struct listener {
    const struct fuzz_stack *victim;
    struct stack_connection *c;
    struct outcome *outcome;
    struct facts facts;
    enum phase phase;
    struct writer in;
    size_t num_calls;
    size_t num_idle; /* calls in a row that brought nothing */
    bool behind_end;
};

static void end(struct listener *l, enum ending ending)
{
    l->outcome->ending = ending;
    l->phase = PHASE_OVER;
}

static void stalled(struct listener *l, enum stall stall)
{
    l->outcome->stall = stall;
    l->phase = PHASE_OVER;
}

static enum io_status listen_once(struct listener *l)
{
    uint8_t bytes[16 * 1024];
    size_t num_done = 0;
    enum io_status status = l->victim->stack->read(l->c, bytes, &num_done, sizeof bytes);
    if (status == IO_DONE)
        writer_bytes(&l->in, bytes, num_done);
    return status;
}

/* One call; IO_DONE: the next phase's call may follow at once. */
static enum io_status call(struct listener *l)
{
    static const char word[] = VICTIM_WORD;
    size_t num_done;
    enum io_status status;
    switch (l->phase) {
    case PHASE_HANDSHAKE:
        status = l->victim->stack->handshake(l->c);
        if (status == IO_DONE) {
            l->outcome->accepted = true;
            l->phase = PHASE_SPEAK;
        }
        return status;
    case PHASE_SPEAK:
        status = l->victim->stack->write(l->c, &num_done, word, strlen(word));
        if (status == IO_DONE)
            l->phase = PHASE_LISTEN;
        return status;
    default:
        return listen_once(l);
    }
}

/* Behind a refusal nothing may be delivered. */
static void refused(struct listener *l)
{
    size_t before = l->in.len;
    end(l, l->facts.alert_received >= 0 ? ENDING_TOLD : ENDING_REFUSED);
    if (l->outcome->accepted && (listen_once(l) == IO_DONE || l->in.len > before))
        l->outcome->broken = "data was delivered behind a refusal";
}

/* Does it still have a right to this call? */
static bool may_go_on(struct listener *l, size_t left_before, size_t said_before,
                      bool waits_for_writing)
{
    bool moved =
        pipes_waiting(PIPE_VICTIM) != left_before || pipes_sent(PIPE_VICTIM) != said_before;
    l->num_idle = moved ? 0 : l->num_idle + 1;
    if (l->num_idle <= SPARE_CALLS && ++l->num_calls <= CALLS_MAX)
        return true;
    stalled(l, waits_for_writing ? STALL_WRITE : STALL_ENDLESS);
    return false;
}

/* It wants more: true if it should be asked again at once. */
static bool wants_more(struct listener *l, size_t left_before)
{
    if (l->behind_end)
        stalled(l, STALL_DEAF);
    else if (pipes_waiting(PIPE_VICTIM) > 0 && pipes_waiting(PIPE_VICTIM) == left_before)
        stalled(l, STALL_UNREAD);
    return l->phase != PHASE_OVER && pipes_waiting(PIPE_VICTIM) > 0;
}

static void victim_calls(struct listener *l)
{
    while (l->phase != PHASE_OVER) {
        size_t left = pipes_waiting(PIPE_VICTIM), said = pipes_sent(PIPE_VICTIM),
               num_in = l->in.len;
        enum io_status status = call(l);
        if (status == IO_WANT_READ && !wants_more(l, left))
            return;
        if (status == IO_CLOSED)
            end(l, ENDING_CLOSED);
        else if (status == IO_EOF)
            end(l, ENDING_TRUNCATED);
        else if (status == IO_FAILED)
            refused(l);
        else if (l->phase == PHASE_LISTEN && l->in.len > num_in)
            l->num_idle = 0;
        else if (!may_go_on(l, left, said, status == IO_WANT_WRITE))
            return;
    }
}

static void end_tcp(struct listener *l)
{
    pipes_end(PIPE_PARTNER);
    l->behind_end = true;
}

/* ---- the conversation ---- */

static void converse(struct listener *l, struct partner *partner)
{
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        size_t said = pipes_sent(PIPE_VICTIM), heard = pipes_sent(PIPE_PARTNER);
        partner_turn(partner);
        if (partner_ended(partner) && !l->behind_end && pipes_waiting(PIPE_VICTIM) == 0)
            end_tcp(l);
        victim_calls(l);
        if (said == pipes_sent(PIPE_VICTIM) && heard == pipes_sent(PIPE_PARTNER))
            break;
    }
    l->outcome->waited = l->phase != PHASE_OVER;
    end_tcp(l);
    victim_calls(l);
    partner_turn(partner); /* for the victim's alert */
}

static const char *find_broken(const struct listener *l, struct partner *partner,
                               const struct facts *theirs)
{
    const struct writer *said = partner_said(partner);
    const struct outcome *o = l->outcome;
    if (o->stall != STALL_NONE)
        return stall_name(o->stall);
    if (l->in.len > said->len || (l->in.len > 0 && memcmp(l->in.data, said->data, l->in.len) != 0))
        return "data was delivered that the partner did not send";
    if (o->accepted && !partner_finished(partner))
        return "accepted without the partner's Finished";
    if (o->accepted && partner_accepted(partner) && l->facts.exporter_known &&
        theirs->exporter_known && memcmp(l->facts.exporter, theirs->exporter, EXPORTER_LEN) != 0)
        return "both ends completed, and do not agree on the exporter";
    return NULL;
}

static void conclude(struct listener *l, struct partner *partner)
{
    struct outcome *o = l->outcome;
    struct facts theirs;
    partner_facts(partner, &theirs);
    if (o->stall == STALL_NONE)
        l->victim->stack->connection_facts(l->c, &l->facts);
    o->alert_sent = l->facts.alert_sent;
    o->alert_received = l->facts.alert_received;
    o->version = l->facts.version;
    o->suite = l->facts.suite;
    o->group = l->facts.group;
    o->signature_scheme = l->facts.signature_scheme;
    o->resumed = l->facts.resumed;
    o->num_in = l->in.len;
    memcpy(o->error_text, l->facts.error_text, sizeof o->error_text);
    o->hash_said = pipes_hash(PIPE_VICTIM);
    o->hash_heard = pipes_hash(PIPE_PARTNER);
    o->num_said = pipes_sent(PIPE_VICTIM);
    o->num_heard = pipes_sent(PIPE_PARTNER);
    o->partner_accepted = partner_accepted(partner);
    o->spared = partner_spared(partner);
    memcpy(o->partner_text, theirs.error_text, sizeof o->partner_text);
    if (o->broken == NULL)
        o->broken = find_broken(l, partner, &theirs);
}

static size_t segment_of(const struct script *script)
{
    for (size_t i = 0; i < script->num_steps; i++)
        if (script->steps[i].kind == STEP_SEGMENT)
            return 1 + (size_t)script->steps[i].offset;
    return 0;
}

static bool sparing = true;

void play_unsparing(void)
{
    sparing = false;
}

static int play_in(struct configuration *conf, struct listener *l, const struct script *script,
                   struct partner_log *log, struct error *err)
{
    struct partner *partner = NULL;
    if (l->victim->stack->connection_new(&l->c, conf->victim, &conf->victim_end, PIPE_VICTIM,
                                         &l->facts, err) != 0)
        return -1;
    partner = partner_new(script, conf->partner, &conf->partner_end, PARTNER_WORD, log, err);
    if (partner != NULL) {
        if (sparing && strcmp(l->victim->name, "gnutls") == 0)
            partner_spare(partner);
        converse(l, partner);
        conclude(l, partner);
    }
    partner_free(partner);
    l->victim->stack->connection_free(l->c);
    return partner != NULL ? 0 : -1;
}

static int play_once(struct configuration *conf, struct outcome *out,
                     const struct fuzz_stack *victim, const struct script *script,
                     struct partner_log *log, struct error *err)
{
    struct listener l = { .victim = victim, .outcome = out };
    *out = (struct outcome){ .alert_sent = -1, .alert_received = -1 };
    writer_init(&l.in, IN_MAX);
    facts_init(&l.facts);
    pipes_reset(segment_of(script));
    wrapped_reset(2, FORGE_TIME);
    victim_reset(victim);
    int result = play_in(conf, &l, script, log, err);
    writer_fini(&l.in);
    return result;
}

/* The connection whose session is to be taken up: a healthy one. */
static int make_session(struct configuration *conf, const struct fuzz_stack *victim,
                        const struct script *script, struct error *err)
{
    struct script healthy = *script;
    struct outcome outcome;
    if (!script->resumption || conf->resumable)
        return 0;
    healthy.num_steps = 0;
    conf->resumable = true;
    return play_once(conf, &outcome, victim, &healthy, NULL, err);
}

int play(struct player *player, struct outcome *out, const struct fuzz_stack *victim,
         const struct script *script, struct partner_log *log, struct error *err)
{
    struct configuration *conf = configuration_of(player, victim, script, err);
    if (conf == NULL || make_session(conf, victim, script, err) != 0)
        return -1;
    return play_once(conf, out, victim, script, log, err);
}
