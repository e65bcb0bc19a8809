/* The victim's partner: peers/careless in the other role, saying what a script makes of it. */
#ifndef TLSMATRIX_FUZZ_STACKS_PARTNER_H
#define TLSMATRIX_FUZZ_STACKS_PARTNER_H

#include "fuzz/stacks/script.h"
#include "peers/common/stack.h"

enum {
    PARTNER_MESSAGES_MAX = 12, /* that are kept: a flight has at most six */
    PARTNER_RECORDS_MAX = 24,  /* likewise: a message each, ChangeCipherSpec, data, close_notify */
};

/* What a record carries, before protection. */
struct partner_record {
    uint8_t type;    /* ContentType */
    uint8_t message; /* of handshake: HandshakeType of the message that it begins with */
    size_t len;
};

/* What the partner would have said: its own messages before any step, for a mutator. */
struct partner_log {
    struct writer messages[PARTNER_MESSAGES_MAX];
    bool is_tls13[PARTNER_MESSAGES_MAX]; /* the form that each has */
    size_t num_messages;
    struct partner_record records[PARTNER_RECORDS_MAX];
    size_t num_records; /* all of them; the first PARTNER_RECORDS_MAX are kept */
};

void partner_log_fini(struct partner_log *log);

/* One connection's partner; only one at a time. */
struct partner;

/* `context` as of tls_stack (peers/careless); `word` is the application data that it says. `log`
 * may be NULL. NULL and *err on failure. */
struct partner *partner_new(const struct script *script, struct stack_context *context,
                            const struct endpoint *endpoint, const char *word,
                            struct partner_log *log, struct error *err);
void partner_free(struct partner *partner);

/* Keeps one thing to itself: behind the handshake of TLS 1.3, an empty handshake record where half
 * a message is waiting, which GnuTLS 3.7 goes round and round with for ever, at either end. RFC
 * 8446 section 5.4 wants it refused. */
void partner_spare(struct partner *partner);
/* Has something been kept back? */
bool partner_spared(const struct partner *partner);

/* Says and hears as much as it can. */
void partner_turn(struct partner *partner);

/* Is its handshake done, and nothing was forgiven on the way? */
bool partner_accepted(const struct partner *partner);
/* Has a Finished of its own been sent, as it should be? */
bool partner_finished(const struct partner *partner);
/* Has TCP been ended by a step? */
bool partner_ended(const struct partner *partner);
/* What it knows of the connection, alert_received included. */
void partner_facts(struct partner *partner, struct facts *out);
/* The application data that it sent after its Finished, under the keys for that. */
const struct writer *partner_said(const struct partner *partner);

#endif
