/* What the files of a session share. For session*.c only. */
#ifndef TLSMATRIX_MATRIX_SESSION_PARTS_H
#define TLSMATRIX_MATRIX_SESSION_PARTS_H

#include "captures/tcpdump.h"
#include "matrix/deviations.h"
#include "matrix/progress.h"
#include "matrix/session.h"
#include "matrix/twins.h"

#include <stdio.h>

/* A server process that did not serve the next good client after a refusal. */
struct spoilt {
    char refused_id[CASE_ID_MAX];
    struct judgement judgement; /* of the good client's case */
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
    FILE *keys;
    int lock;                       /* on the run's folder; -1: none */
    const char *faults[STACKS_MAX]; /* the lie that each stack is told to tell; NULL: none */
    uint64_t num_planned;           /* cases of the plan, for the progress */
    size_t next_id;                 /* with request->ids */
    bool told_stop;                 /* the user knows that a signal was heard */
    bool planned;                   /* the cases under way belong to the plan, not to the twins */
    struct spoilt *spoilt;          /* owned; few: at most one a worker */
    size_t num_spoilt;
    unsigned uncommitted;
    uint32_t num_sequences;
};

/* session_open.c: everything before the first case. What can be wrong in the request is found
 * before anything is written; a folder that this call began is not left behind on failure. */
int session_open(struct session *session, struct error *err);

/* session_store.c: what a finished case leaves behind. */
int session_put_unsupported(struct session *session, const char *id, const char *reason,
                            struct error *err);
int session_put_result(struct session *session, const struct finished_case *finished,
                       const struct judgement *judgement, const char *deviation, struct error *err);
int session_write_keys(struct session *session, const struct evidence *evidence, struct error *err);
/* Commits after every so many cases. */
int session_commit_now_and_then(struct session *session, struct error *err);

#endif
