/* Stories made by hand, each with the finding that it has to lead to. */
#ifndef TLSMATRIX_CAPTURES_TESTS_STORIES_H
#define TLSMATRIX_CAPTURES_TESTS_STORIES_H

#include "captures/explain.h"

enum { NOBODY = -1, SECOND_NS = 1000000000 };

struct made {
    struct story story;
    struct wire_facts facts;
};

/* How far it came. */
enum far { TCP, OPEN, HELLO, SERVER_FLIGHT, CLIENT_FLIGHT, FINISHED, USED, END };

/* One whose `far` is END ends a table. */
struct row {
    const char *id;
    const char *sentence; /* a part of it that no other row of the same id has */
    enum far far;
    int alert_from; /* NOBODY */
    uint8_t alert;
    enum wire_close close; /* WIRE_CLOSE_NONE */
    enum role closed_by;
    void (*more)(struct made *made);
};

/* Provoke each row of the table of causes. */
extern const struct row stories_before[]; /* TCP, clear dialogues, the hellos */
extern const struct row stories_trust[];  /* certificates and proofs */
extern const struct row stories_end[];    /* how it ended */
/* Sessions that worked; what may have worked. Without id and sentence. */
extern const struct row stories_worked[];
extern const struct row stories_doubted[];

/* Makes the story of the row and explains it. */
void tell(struct finding *out, const struct row *row);

/* ---- what makes a story a special one ---- */

void ids(struct id_list *out, size_t num, const uint16_t values[]);
void say(struct made *made, enum role role, const char *text);
struct certificate_view *certificate(struct made *made, enum role role);
/* A record under protection. */
void sealed(struct made *made, enum role from, size_t len, uint64_t packet);

void server_expired(struct made *made);
void server_misnamed(struct made *made);
void server_self_signed(struct made *made);
void client_empty(struct made *made);

/* Flights of TLS 1.3 in encrypted records. */
void client_sealed_alert(struct made *made);
void empty_then_alert(struct made *made);
void empty_asked_alert(struct made *made);
void chain_then_alert(struct made *made);
void chain_asked_alert(struct made *made);
void chain_then_leave(struct made *made);
void chain_asked_idle(struct made *made);
void chain_asked_stays(struct made *made);
void empty_sent_left(struct made *made);
void chain_asked_alerts(struct made *made);
void chain_alerts_crossing(struct made *made);
void chain_then_alerts(struct made *made);
void padded_alert(struct made *made);
void padded_asked(struct made *made);
void padded_empty_asked(struct made *made);
void server_padded_refuses(struct made *made);
void tickets(struct made *made);
void server_first(struct made *made);
void server_first_short(struct made *made);

#endif
