/* The rows of the table of causes. For explain_causes*.c only. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_CAUSES_H
#define TLSMATRIX_CAPTURES_EXPLAIN_CAUSES_H

#include "captures/explain.h"

enum blame {
    BLAME_WHO_ENDED, /* who sent the alert, else who closed first */
    BLAME_SERVER,
};

struct cause {
    struct cause_row row;
    bool (*holds)(const struct story *story);
    const char *why;
    const char *references;
    enum blame blame;
    enum outcome outcome; /* OUTCOME_FAILED in a row that names none */
};

/* The first row that holds counts, and the tables count in this order. A row whose `holds` is NULL
 * ends each. */
extern const struct cause causes_before[];      /* TCP, clear dialogues */
extern const struct cause causes_negotiation[]; /* the hellos */
extern const struct cause causes_server[];      /* the server's certificate */
extern const struct cause causes_client[];      /* the client's certificate */
extern const struct cause causes_proofs[];      /* shared keys, signatures, Finished, records */
extern const struct cause causes_end[];         /* cuts, silence, what comes behind the handshake */

/* Was this the alert that ended it, from this end, and could it be read? */
bool story_said(const struct story *story, enum role from, uint8_t description);

/* Did the client send data, and the server none until the connection was closed? Known where
 * records can be told apart. */
bool story_unanswered(const struct story *story);

/* Who ended it; the client if nobody did. */
enum role story_ended_by(const struct story *story);

#endif
