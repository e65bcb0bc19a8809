/* A script: what one input of a stack's fuzz target says. It is played against a live handshake
 * (play.h): the victim is the stack under test, its partner our own small stack (peers/careless),
 * which says what it always says, but for what the steps change. No step: a healthy handshake.
 *
 * Bytes: an options byte, a flags byte, then the steps. Every byte string is a script; what is
 * missing at the end is zero, what is too much is ignored.
 *
 *   options  bits 0-1 versions, 2-3 authentication, 4-5 credential and group, 6 retry, 7 the victim
 *            is the client
 *   flags    bits 0-1 cipher, 2 key exchange by RSA, 3 a session is taken up again
 *   step     kind (1 byte, modulo NUM_STEP_KINDS), at (1), offset (2), drop (2), length (2), and as
 *            many bytes; numbers in network order
 *
 * What a step's `at` counts: the partner's handshake messages from 0, or its records from 0, both
 * without those that steps put in. A record's number may also be one of the three points behind the
 * handshake. Steps of the same place take effect in their order. */
#ifndef TLSMATRIX_FUZZ_STACKS_SCRIPT_H
#define TLSMATRIX_FUZZ_STACKS_SCRIPT_H

#include "harness/control/endpoint.h"
#include "harness/wire/writer.h"

#include <stdio.h>

enum {
    SCRIPT_STEPS_MAX = 48,  /* a handshake has some ten messages, and each can be changed thrice */
    SCRIPT_MAX = 64 * 1024, /* bytes of an input: two records of the greatest length and more */
    SCRIPT_HEADER_LEN = 2,
    STEP_HEADER_LEN = 8,
};

enum script_versions {
    VERSIONS_BOTH, /* TLS 1.2 and 1.3, at both ends */
    VERSIONS_12,
    VERSIONS_13,
    VERSIONS_LOWER, /* both at the victim, TLS 1.2 at the partner */
};

enum script_authentication {
    AUTHENTICATION_SERVER,
    AUTHENTICATION_MUTUAL,  /* the server demands a certificate, and the client has one */
    AUTHENTICATION_ASKED,   /* the server asks for one, and the client has none */
    AUTHENTICATION_LENIENT, /* the victim takes any: a client verifies nothing, a server asks and
                               verifies what comes, and the partner has one */
};

/* What the partner has suites of: in TLS 1.2, and as far as there are such ones in TLS 1.3. */
enum script_cipher {
    CIPHERS_GCM,           /* AES-128-GCM */
    CIPHERS_CHACHA20,      /* ChaCha20-Poly1305 */
    CIPHERS_CBC,           /* AES-128-CBC with SHA-1; encrypt-then-MAC if the victim has it */
    CIPHERS_CBC_MAC_FIRST, /* likewise, MAC-then-encrypt */
    NUM_SCRIPT_CIPHERS,
};

/* Options and flags together are a number below this. */
enum { SCRIPT_OPTIONS = 1 << 12 };

enum step_kind {
    /* Of message `at`: `drop` bytes at `offset` of its body are replaced. */
    STEP_EDIT,    /* the lengths of all that it lies in follow */
    STEP_PATCH,   /* the message's own length follows, none inside */
    STEP_SPLICE,  /* nothing follows, and `offset` counts from the header */
    STEP_SKIP,    /* it is not sent */
    STEP_AGAIN,   /* it is sent twice, or `drop` times more */
    STEP_HOLD,    /* it is sent behind the next message, or the `offset`th after that */
    STEP_MESSAGE, /* before it goes another, of HandshakeType `offset` with the bytes as its body,
                     `drop` times more than once */
    /* Of record `at`, before protection; the transcript knows nothing of it. */
    STEP_CONTENT,  /* `drop` bytes at `offset` of its content are replaced */
    STEP_RETYPE,   /* its ContentType is `offset` */
    STEP_RECORD,   /* before it goes another, of ContentType `offset` with the bytes as its content,
                      `drop` times more than once */
    STEP_BULK,     /* likewise, `drop` times the first of the bytes */
    STEP_FRAGMENT, /* from it on, no more than `offset` bytes to a record */
    STEP_COALESCE, /* it and the next `offset` + 1 records of handshake messages go as one, as far
                      as their keys are the same */
    STEP_UPDATE,   /* before it goes a KeyUpdate with request_update `offset`, and the keys behind
                      it are the next ones; TLS 1.3, once the traffic keys are there; `drop` times
                      more than once */
    /* Of record `at`, on the wire. */
    STEP_WIRE, /* `drop` bytes at `offset` of it, header and all, are replaced */
    STEP_RAW,  /* before it go the bytes */
    STEP_STOP, /* instead of it and all that follows go the bytes */
    STEP_END,  /* TCP ends before it */
    /* Of the whole connection. */
    STEP_SEGMENT, /* the victim receives at most `offset` + 1 bytes at a time */
    /* Of message `at`, again: the `drop` bytes at `offset` of its body are there as many times more
     * as the first of the bytes says, once if there is none; lengths follow. So a long list is a
     * short step. */
    STEP_REPEAT,
    NUM_STEP_KINDS,
};

/* Points behind the partner's handshake, for steps that count records. */
enum {
    POINT_CONNECTED = 0x80, /* its handshake is done, it has said nothing yet */
    POINT_SAID = 0x81,      /* behind its application data */
    POINT_CLOSED = 0x82,    /* behind its close_notify; above it the same */
};

struct step {
    enum step_kind kind;
    uint8_t at;
    uint16_t offset;
    uint16_t drop;
    uint16_t bytes_len;
    const uint8_t *bytes; /* not owned */
};

struct script {
    enum role victim;
    enum script_versions versions;
    enum script_authentication authentication;
    bool rsa;   /* RSA credentials, else ECDSA P-256 */
    bool p256;  /* the partner's first group is P-256, else x25519 */
    bool retry; /* a HelloRetryRequest will be necessary in TLS 1.3 */
    enum script_cipher cipher;
    bool resumption;   /* TLS 1.3: there was a connection before, whose session is offered */
    bool rsa_exchange; /* with RSA credentials in TLS 1.2: key exchange by RSA, else ECDHE */
    size_t num_steps;
    struct step steps[SCRIPT_STEPS_MAX];
};

/* Reads any byte string. The steps' bytes are those of `data`, which therefore outlives *out. */
void script_read(struct script *out, const uint8_t *data, size_t len);

/* Appends the canonical bytes: script_read() of them gives the same script. */
void script_write(struct writer *out, const struct script *script);

/* Options byte and flags, those in the upper bits, which name a configuration; and the script
 * without steps that they are of. */
uint16_t script_options(const struct script *script);
void script_of_options(struct script *out, uint16_t options);

/* A step at the end of the script; false if there is no room. */
bool script_add(struct script *script, struct step step);

/* What the words of a step are about. */
bool step_counts_messages(enum step_kind kind);

/* How many times more a STEP_REPEAT has its bytes there. */
unsigned step_repetitions(const struct step *step);

/* ---- as text, for people: `fuzz-script show`, `fuzz-script make` ---- */

/* One line an option, one line a step. */
void script_show(FILE *out, const struct script *script);

/* Reads such a text. The steps' bytes are written to `room`, which outlives *out. ERROR_USAGE names
 * the line. */
int script_make(struct script *out, struct writer *room, FILE *in, struct error *err);

extern const char *const step_names[NUM_STEP_KINDS];

#endif
