/* Why the TLS connections of a capture failed: one finding each, out of a table of causes
 * (explain_causes.c). A connection that worked has none. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_H
#define TLSMATRIX_CAPTURES_EXPLAIN_H

#include "captures/analysis.h"
#include "captures/keys_given.h"
#include "captures/story.h"

#include <jansson.h>

enum confidence {
    CONFIDENCE_CERTAIN,  /* the capture itself says so */
    CONFIDENCE_LIKELY,   /* the capture fits this and hardly anything else */
    CONFIDENCE_POSSIBLE, /* it fits this among others */
};

/* A row of the table of causes, for a catalogue. */
struct cause_row {
    const char *id; /* stable, "server-certificate-expired"; several rows may have the same */
    enum confidence confidence;
    const char *sentence; /* with {words} to be filled in */
};

enum outcome {
    OUTCOME_FAILED, /* the first, so that a cause means it unless it says otherwise */
    OUTCOME_COMPLETED,
    OUTCOME_UNUSED,     /* the handshake was completed, and nothing came of it */
    OUTCOME_UNFINISHED, /* the capture ends before, or begins behind the handshake */
    OUTCOME_NOT_TLS,    /* no TLS, and no sign that there should have been */
};

struct finding {
    enum outcome outcome;
    const struct cause_row *cause; /* NULL: nothing to explain */
    bool somebody;                 /* gave it up: `by` */
    enum role by;
    char sentence[1024];
    char why[512];          /* what is evidence and what is guess */
    const char *references; /* NULL: none */
    const char *note;       /* of one that was completed; NULL: none */
    bool keys_fit;          /* explain_file() was given keys of it */
};

/* Pure. */
void explain_story(struct finding *out, const struct story *story);

const char *confidence_name(enum confidence confidence);
const char *outcome_name(enum outcome outcome);

/* NULL behind the last. */
const struct cause_row *explain_cause_row(size_t index);

/* ---- a whole capture ---- */

/* What there was over UDP: named, not followed. */
struct datagrams {
    struct tcp_address address[2]; /* as in the first datagram */
    const char *protocol;          /* "DTLS 1.2", "QUIC version 1" */
    struct place first, last;
    uint64_t num_packets;
};

/* Each may be NULL. */
struct explain_sink {
    /* A section begins that holds a case of ours. */
    void (*recorded)(void *context, const struct case_comment *recorded);
    /* Every connection as it ends, TLS or not. */
    void (*connection)(void *context, const struct story *story, const struct finding *finding);
    void (*datagrams)(void *context, const struct datagrams *datagrams); /* at the end */
};

struct explain_totals {
    uint64_t connections;
    uint64_t outcomes[OUTCOME_NOT_TLS + 1];
    uint64_t packets[NUM_PACKET_KINDS];
    uint64_t dropped;             /* as the capture says */
    size_t num_secrets;           /* of the file and of `keys` */
    struct keys_given given;      /* of `keys`: the counts */
    uint64_t unlisted_udp;        /* pairs of addresses beyond the bound */
    char warning[ERROR_TEXT_MAX]; /* what is wrong with the file but could be read past; empty */
};

/* `keys` may be NULL. On error what was told before stands. */
int explain_file(struct explain_totals *totals, const struct explain_sink *sink, void *context,
                 const char *path, const char *keys, struct error *err);

/* ---- for people and programs ---- */

/* A block with what the file says of the case in it. */
void explain_print_case(FILE *out, const struct case_comment *recorded);
/* One line, and a block where there is something to explain. */
void explain_print(FILE *out, const struct story *story, const struct finding *finding);
/* One line. */
void explain_print_datagrams(FILE *out, const struct datagrams *datagrams);

/* The caller owns them; NULL: out of memory. */
json_t *explain_to_json(const struct story *story, const struct finding *finding);
json_t *explain_datagrams_to_json(const struct datagrams *datagrams);

#endif
