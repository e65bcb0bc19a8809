/* What is to be played so that a recorded failure happens again: which end is judged (a live stack,
 * told to be as that end evidently was) and what stands at the other end. A recipe is made from a
 * recording, written as a case file (JSON, beside the files that it names) and read back by
 * `rerun`.
 */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_RECIPE_H
#define TLSMATRIX_MATRIX_REPRODUCE_RECIPE_H

#include "harness/control/endpoint.h"
#include "matrix/reproduce/recording.h"

enum {
    RECIPES_MAX = 4,          /* ways in which one failure can have come about */
    RECIPE_LEFT_OUT_MAX = 8,  /* remarks */
    RECIPE_AVOIDED_MAX = 128, /* ids of one list of a hello (HELLO_LIST_MAX) */
};

enum partner {
    PARTNER_HELLO,  /* the recorded ClientHello, byte for byte */
    PARTNER_FLIGHT, /* the recorded server's first flight, likewise */
    PARTNER_STACK,  /* a live stack, configured as the recorded end */
    NUM_PARTNERS,
};

enum ending_alert { ENDING_NO_ALERT, ENDING_HIDDEN_ALERT, ENDING_ALERT };

/* How a connection ended, in the words by which two are compared. */
struct ending {
    bool refused;
    bool somebody; /* it is known who: `by` */
    enum role by;
    enum reached stage;
    enum ending_alert alert;
    uint8_t description;
    char cause[NAME_MAX_LEN]; /* as `explain` has it */
};

struct ids {
    uint16_t of[RECIPE_AVOIDED_MAX];
    size_t num;
};

struct recipe {
    char name[NAME_MAX_LEN]; /* "no-common-suite", in file names */
    char theory[TEXT_LEN];   /* what the judged end is told, one sentence */
    bool alone;              /* no other theory fits the failure */
    char capture[PATH_LEN];  /* where it comes from */
    uint64_t connection;
    char sentence[1024]; /* what `explain` says */
    struct ending recorded;
    enum role judged;
    enum partner partner;
    struct endpoint ends[2];   /* by role; suites and groups: those of them that the stack has */
    struct ids avoided[2];     /* [0] suites, [1] groups: the judged end takes any but these */
    char attack[NAME_MAX_LEN]; /* PARTNER_STACK: what is done in the path; empty: nothing */
    bool has_twin;
    struct endpoint twin[2]; /* both ends without the fault: the judged one has to accept */
    bool hangs_up;           /* PARTNER_FLIGHT: the recorded server closed right behind its bytes */
    uint32_t echo_at;    /* PARTNER_FLIGHT: where its ServerHello repeats the session id of the */
    uint32_t echo_len;   /* recorded client, which a live one compares with its own; 0: nowhere */
    struct writer bytes; /* PARTNER_HELLO, PARTNER_FLIGHT; owned */
    char left_out[RECIPE_LEFT_OUT_MAX][TEXT_LEN];
    size_t num_left_out;
};

void recipe_fini(struct recipe *recipe);

struct recipe_order {
    const char *capture;
    const char *folder;  /* exists; credentials are written there */
    const char *ca_file; /* the user's: trusted, with the recorded chain as it is; NULL */
};

/* Is it a failure that a TLS stack decides, so that one can be made to? Needs nothing written. */
bool recipes_fit(const struct recording *recording);

/* Makes the recipes of a failure, the likeliest first: their number, -1 on error. Those made are
 * the caller's to recipe_fini(). */
int recipes_make(struct recipe out[RECIPES_MAX], const struct recording *recording,
                 const struct recipe_order *order, struct error *err);

/* PATH as JSON; the files that it names stand in its folder, or below. */
int recipe_write(const struct recipe *recipe, const char *path, struct error *err);
/* Errors are ERROR_USAGE and name the file. */
int recipe_read(struct recipe *out, const char *path, struct error *err);

struct ending ending_of(const struct recording *recording);
/* Of a recipe that was played. A server that hangs up by itself is played as one that does: who is
 * first is a matter of microseconds then, no answer of the live client's, and told as recorded. */
struct ending ending_of_played(const struct recording *seen, const struct recipe *recipe);
/* Is it the same failure: the same end, at the same stage, with the same alert? */
bool ending_is_same(const struct ending *played, const struct recipe *recipe);
/* "handshake_failure from the server at client-hello", "accepted", … */
void ending_text(char out[TEXT_LEN], const struct ending *ending);
json_t *ending_to_json(const struct ending *ending);

const char *partner_name(enum partner partner);

#endif
