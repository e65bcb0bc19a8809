/* How wire facts come about while a connection is read. For analysis.c. */
#ifndef TLSMATRIX_CAPTURES_WIRE_OBSERVE_H
#define TLSMATRIX_CAPTURES_WIRE_OBSERVE_H

#include "captures/wire_facts.h"

struct wire_observer {
    struct wire_facts facts;
    bool server_hello_done; /* a full handshake before TLS 1.3 */
};

void wire_observe_record(struct wire_observer *observer, const struct tls_record *record,
                         const struct tls_state *state);
void wire_observe_message(struct wire_observer *observer, const struct tls_message *message,
                          const struct tls_state *state);
void wire_observe_alert(struct wire_observer *observer, const struct tls_alert *alert,
                        const struct tls_state *state);

/* The connection is over: the rest of the facts. */
void wire_observe_end(struct wire_observer *observer, const struct connection *connection,
                      const struct tls_state *state, enum flow_end end);

#endif
