/* The messages of one connection in the order in which they crossed the wire: what a person draws
 * as a ladder between two ends. Filled while a capture is looked at (wire_view.c), kept in the
 * results as one compact document, which most cases share with many others. */
#ifndef TLSMATRIX_MATRIX_LADDER_H
#define TLSMATRIX_MATRIX_LADDER_H

#include "captures/wire_facts.h"

enum {
    LADDER_MAX = 96, /* steps kept; an ordinary handshake with an exchange has about twenty */
};

enum step_kind {
    STEP_MESSAGE,     /* a whole handshake message; its length counts the header */
    STEP_ALERT,       /* `code` is the alert */
    STEP_RECORD,      /* another record, or several of one kind in a row */
    STEP_EARLY,       /* … of early data */
    STEP_OPAQUE,      /* … that could not be decrypted */
    STEP_HELLO_RETRY, /* a server_hello that is a HelloRetryRequest */
    STEP_HELLO_SSLV2, /* a ClientHello in SSLv2 format */
    STEP_INCOMPLETE,  /* bytes of a handshake message that never became whole */
    STEP_NO_TLS,      /* bytes before TLS, or of no TLS at all */
    STEP_FIN,
    STEP_RST,
    NUM_STEP_KINDS
};

struct ladder_step {
    uint64_t packet; /* that completed it */
    enum step_kind kind;
    enum role from;
    uint8_t content_type;
    uint8_t code; /* HandshakeType or AlertDescription */
    bool under_protection;
    uint64_t len;     /* bytes of content; of records that stayed opaque, of the fragment */
    uint64_t records; /* how many, STEP_RECORD, STEP_EARLY and STEP_OPAQUE only */
};

struct ladder {
    struct ladder_step steps[LADDER_MAX];
    size_t num_steps;
    uint64_t num_left_out;  /* for which there was no room */
    uint64_t unfinished[2]; /* bytes of handshake records that no message has claimed, by role */
    bool unfinished_protected[2];
};

/* As the connection goes on. */
void ladder_record(struct ladder *ladder, const struct tls_record *record);
void ladder_message(struct ladder *ladder, const struct tls_message *message);
void ladder_alert(struct ladder *ladder, const struct tls_alert *alert);
/* It is over: adds what only its end shows, and puts all in the order of the packets. */
void ladder_end(struct ladder *ladder, const struct wire_facts *facts);

/* Kept in two parts: most connections have the same steps as thousands of others, but lengths of
 * their own (signatures, names, certificates).
 *
 * The steps, a JSON array, compact; each an array:
 *   ["c" or "s" (who), record type or "tcp" or "none", message or alert name or what else it is,
 *    1 if under protection else 0, records if more than one]
 * If steps were left out the last element is {"more": how many}. The caller frees it; NULL: out of
 * memory. */
char *ladder_steps(const struct ladder *ladder);
/* The length of each step in bytes, in their order: "155,2,0,0". Likewise. */
char *ladder_lengths(const struct ladder *ladder);

/* The two joined again: each step an array of who, record type, name, protection, bytes, records if
 * more than one. The caller owns it; NULL where they do not belong together, or of NULL. */
json_t *ladder_join(const char *steps, const char *lengths);

#endif
