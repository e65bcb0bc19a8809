/* What the files of a session share. For session*.c only. */
#ifndef TLSMATRIX_MATRIX_SESSION_PARTS_H
#define TLSMATRIX_MATRIX_SESSION_PARTS_H

#include "captures/splitter.h"
#include "captures/synthetic.h"
#include "captures/tcpdump.h"
#include "matrix/deviations.h"
#include "matrix/progress.h"
#include "matrix/rerun_options.h"
#include "matrix/session.h"
#include "matrix/twins.h"

#include <stdio.h>

enum { SPOILT_MAX = 4096 }; /* a few MB; a run with so many is red enough */

/* A server process that did not serve the next good client after a refusal. */
struct spoilt {
    char refused_id[CASE_ID_MAX];
    char good_id[CASE_ID_MAX];
    struct judgement judgement; /* of the good client's case */
};

/* A finished case that waits for the rest of its packets. */
struct waiting {
    struct matrix_case c;
    char id[CASE_ID_MAX];
    uint32_t sequence;
    bool planned;
    struct expectation expectation;
    struct evidence evidence;
    uint64_t deadline_ms;
    struct waiting *next;
};

enum { RANDOMS_KEPT = 256 }; /* of each stack: a fixed or short-cycled one shows at once */

/* The randoms of the last hellos of a stack, in either role. */
struct randoms {
    uint8_t values[RANDOMS_KEPT][KEYLOG_RANDOM_LEN];
    unsigned num; /* all so far; the ring's next place is num % RANDOMS_KEPT */
};

struct session {
    const struct session_request *request;
    struct session_outcome *outcome;
    struct stack_list stacks;
    struct forge forge;
    bool wants_imposters[NUM_CREDENTIALS];        /* some case of the plan has one */
    struct imposters *imposters[NUM_CREDENTIALS]; /* made for those; else NULL */
    struct network network;
    struct profile *profile;
    struct plan *plan;
    struct results *results;
    struct deviations *deviations;
    struct twin_walk twins;
    struct progress progress;
    struct tcpdump tcpdump;
    FILE *keys; /* CAPTURE_WHOLE */
    struct splitter *splitter;
    struct waiting *waiting; /* in the order in which they finished; owned */
    struct waiting **waiting_end;
    size_t num_waiting;
    struct randoms *randoms; /* [stack]; owned, NULL until needed */
    int lock;                /* on the run's folder; -1: none */
    char rerun_options[RERUN_OPTIONS_MAX];
    const char *faults[STACKS_MAX]; /* the lie that each stack is told to tell; NULL: none */
    uint64_t num_planned;           /* cases of the plan, for the progress */
    size_t next_id;                 /* with request->ids */
    bool told_stop;                 /* the user knows that a signal was heard */
    bool planned;                   /* the cases under way belong to the plan, not to the twins */
    struct spoilt *spoilt;          /* owned; at most SPOILT_MAX */
    size_t num_spoilt;
    size_t next_good; /* of them, whose good case is to be run by itself */
    unsigned uncommitted;
    uint32_t num_sequences;
};

/* session_open.c: everything before the first case. What can be wrong in the request is found
 * before anything is written; a folder that this call began is not left behind on failure. */
int session_open(struct session *session, struct error *err);

/* session.c: a case has all its evidence: a known deviation makes *judgement final, and the case is
 * stored. */
int session_settle(struct session *session, const struct finished_case *finished, bool planned,
                   struct judgement *judgement, struct error *err);

/* session_capture.c: cases that are recorded wait there until their packets have come. */
int session_start_capture(struct session *session, struct error *err);
/* Is this case recorded? */
bool session_records(const struct session *session, const struct matrix_case *c);
/* Takes a copy of a finished case. */
int session_hold(struct session *session, const struct finished_case *finished, struct error *err);
/* Settles those whose packets have all come, or will not. */
int session_look_at_capture(struct session *session, struct error *err);
/* Waits until none is left. */
int session_drain_capture(struct session *session, struct error *err);
/* Ends the recording. NULL for `err`: on the way out after another error. */
int session_stop_capture(struct session *session, struct error *err);

/* session_store.c: what a finished case leaves behind. */
int session_put_unsupported(struct session *session, const char *id, const char *reason,
                            struct error *err);
int session_put_result(struct session *session, const struct finished_case *finished, bool planned,
                       const struct judgement *judgement, const char *deviation, struct error *err);
int session_write_keys(struct session *session, const struct evidence *evidence, struct error *err);
/* Commits after every so many cases. */
int session_commit_now_and_then(struct session *session, struct error *err);

#endif
