/* The connection of a script's partner: peers/careless, and its hooks. */
#include "fuzz/stacks/partner_state.h"

#include "fuzz/stacks/pipes.h"

#include <stdlib.h>
#include <string.h>

enum {
    GATHERED_MAX = 128 * 1024,
    HEARD_MAX = 64, /* reads in one turn */
};

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
    p->tamper = (struct tamper){ .state = p,
                                 .on_message = partner_on_message,
                                 .on_record = partner_on_record,
                                 .on_wire = partner_on_wire,
                                 .on_keys = partner_on_keys,
                                 .mac_first = script->cipher == CIPHERS_CBC_MAC_FIRST,
                                 .lenient = true };
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
    partner_put_before(p, POINT_CONNECTED);
    tls_stack->write(p->c, &num_done, p->word, strlen(p->word));
    partner_put_before(p, POINT_SAID);
    tls_stack->close_notify(p->c);
    partner_put_before(p, POINT_CLOSED);
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
    partner_release(p, UINT32_MAX);
    partner_flush_gathered(p);
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
