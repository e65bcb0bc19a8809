/* What an instrument may change in what this peer says: for the fuzzer, whose partner it is. The
 * hooks stand at three depths, so that a change reaches what lies behind protection: a handshake
 * message before it enters the transcript and the protection (Finished stays right), a record's
 * content before the protection, a record as it goes on the wire. Without them, the usual case, a
 * connection says what it says; the code path is the same. */
#ifndef TLSMATRIX_PEERS_CARELESS_TAMPER_H
#define TLSMATRIX_PEERS_CARELESS_TAMPER_H

#include "harness/wire/writer.h"
#include "peers/common/stack.h"

/* Every hook may be NULL. One that returns false has taken the thing out of its way: whatever goes
 * instead it has put itself (careless_put_*), or it drops or keeps it. A put at one depth passes
 * the hooks of those below, never its own. */
struct tamper {
    void *state;

    /* A handshake message, header and all. */
    bool (*on_message)(void *state, struct writer *message);
    /* A record's content: what will be protected if writing is. */
    bool (*on_record)(void *state, uint8_t *type, struct writer *content);
    /* A record with its header, as it goes on the wire. */
    bool (*on_wire)(void *state, struct writer *record);
    /* From the next record on, other keys protect what is sent. */
    void (*on_keys)(void *state);

    /* Encrypt-then-MAC (RFC 7366) is neither offered nor agreed to. */
    bool mac_first;

    /* Careless in everything at once that demand() can leave out, so that the connection gets
     * further; and how often it was. */
    bool lenient;
    unsigned num_forgiven;
};

/* `tamper` outlives the connection. To be called before the first operation. */
void careless_tamper(struct stack_connection *c, struct tamper *tamper);

/* Put something at one of the three depths; it goes out with the connection's next operation. A
 * record may be longer than RFC 8446 allows, up to what its length can say; the rest is cut. */
void careless_put_message(struct stack_connection *c, const void *message, size_t len);
void careless_put_record(struct stack_connection *c, uint8_t type, const void *content, size_t len);
void careless_put_wire(struct stack_connection *c, const void *bytes, size_t len);

/* Takes on the next keys for sending, as behind a KeyUpdate (RFC 8446 section 4.6.3). -1: there are
 * none: the version is another, or the traffic keys are not in use. */
int careless_update_keys(struct stack_connection *c);

/* Sends what was put, as far as the socket takes it. */
enum io_status careless_flush(struct stack_connection *c);

/* What is sent now: under which version's protection, 0: in clear; and is it that of application
 * data? */
uint16_t careless_protection(const struct stack_connection *c, bool *application);

#endif
