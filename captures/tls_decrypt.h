/* Which key opens which record: the keys of a connection as its handshake goes on, out of a key
 * log. For tls_flow. */
#ifndef TLSMATRIX_CAPTURES_TLS_DECRYPT_H
#define TLSMATRIX_CAPTURES_TLS_DECRYPT_H

#include "captures/cipher.h"
#include "captures/tls_flow.h"

/* Under which of the secrets of TLS 1.3 an end sends. */
enum phase { PHASE_EARLY, PHASE_HANDSHAKE, PHASE_TRAFFIC, NUM_PHASES };

struct decrypting {
    bool active;          /* what comes is under protection */
    const char *why;      /* no key: why; NULL else */
    enum phase phase;     /* TLS 1.3 */
    bool skipped;         /* records were lost, so that the sequence number may have gone on */
    struct secret secret; /* TLS 1.3: of the present phase */
    struct cipher_state keys;
};

struct decryptor {
    const struct keylog *keylog; /* not owned */
    struct decrypting side[2];   /* by role */
    uint8_t *buffer;             /* the content of the last record */
    size_t room;
};

void decryptor_init(struct decryptor *decryptor, const struct keylog *keylog);
void decryptor_fini(struct decryptor *decryptor);

/* The server has chosen TLS 1.3: both ends are under handshake keys, the client after its early
 * data. */
void decryptor_begin_tls13(struct decryptor *decryptor, const struct tls_state *state);

/* ChangeCipherSpec in a version before 1.3: what this end sends next is under the keys that belong
 * to the hellos. */
void decryptor_change_cipher(struct decryptor *decryptor, const struct tls_state *state,
                             enum role from);

/* A handshake message may change keys: Finished, EndOfEarlyData, KeyUpdate of TLS 1.3. */
void decryptor_message(struct decryptor *decryptor, const struct tls_state *state, enum role from,
                       uint8_t type);

/* A number of records that is not known was lost. */
void decryptor_skip(struct decryptor *decryptor, enum role from);

/* Fills in protection, why, content_type, content, content_len, padding_len from the rest of the
 * record. The content stands until the next call. */
void decryptor_open(struct decryptor *decryptor, const struct tls_state *state,
                    struct tls_record *record);

#endif
