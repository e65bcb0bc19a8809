/* The raw end of a case: sends what a hello says on a real socket, and notes what comes back. It
 * never blocks and holds no keys; what is under protection it knows by its length. */
#ifndef TLSMATRIX_MATRIX_RAW_PLAYER_H
#define TLSMATRIX_MATRIX_RAW_PLAYER_H

#include "harness/control/facts.h"
#include "matrix/raw/hellos.h"

/* What the raw end saw on the wire, until its own last byte had its answer. */
struct raw_facts {
    unsigned num_sent;                    /* sends that went out whole */
    enum answer answers[HELLO_SENDS_MAX]; /* to each of those; the last ones ANSWER_NONE where the
                                             connection ended before */
    int alert;         /* the first fatal alert in clear, whenever it came; -1: none */
    bool sealed_alert; /* the last record under protection is as long as an alert, or says it is one
                          (TLS 1.2) */
    unsigned num_warnings;
    uint16_t version; /* of the last ServerHello or HelloRetryRequest; 0: none */
    uint16_t suite;
    uint16_t group;
    uint8_t random_end[8]; /* of a ServerHello: where RFC 8446 section 4.1.3 puts its sentinels */
    size_t num_bytes;      /* that came */
    size_t num_sealed;     /* bytes under protection */
    enum close_kind close; /* how the other end's sending ended: CLOSE_TRUNCATED: a FIN */
};

struct player;

struct player_setting {
    const struct raw_hello *hello;
    int fd; /* connected, non-blocking; the player's from now on, also when player_new() fails */
    struct raw_bytes chain; /* certificate_list of the case; must live as long as the player */
    size_t flight_min;      /* bytes that a server's flight under protection has at least */
};

struct player *player_new(const struct player_setting *setting, struct error *err);
void player_free(struct player *player);

/* What it waits for now. */
struct player_wait {
    int fd; /* -1: nothing any more */
    bool writable;
};
struct player_wait player_waits(const struct player *player);

/* The descriptor, as long as the player lives. */
int player_fd(const struct player *player);

/* Moves what can be moved. May be called at any time. */
void player_step(struct player *player);

/* Complete once the other end has closed. */
const struct raw_facts *player_facts(const struct player *player);

/* The same in the words of a peer's facts, for those who look at a case. */
void player_tell(struct facts *out, const struct raw_facts *facts);

#endif
