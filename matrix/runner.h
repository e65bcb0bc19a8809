/* The runner: takes cases from a source, carries out `lanes` of them at a time on supervised
 * workers, and hands each with its evidence and judgement to a sink. One thread, one epoll. */
#ifndef TLSMATRIX_MATRIX_RUNNER_H
#define TLSMATRIX_MATRIX_RUNNER_H

#include "harness/pki/forge.h"
#include "matrix/judge.h"
#include "matrix/network.h"
#include "matrix/stacks.h"

#include <signal.h>

enum { LANES_MAX = 64 }; /* each holds two workers a stack */

struct runner_setting {
    const struct stack_list *stacks;
    const struct forge *forge;
    const struct imposters *const *imposters; /* as in struct case_setting */
    struct network *network;
    const char *directory; /* of the run: worker logs and first-use stores go below it */
    unsigned lanes;
    uint32_t deadline_ms; /* of a case */
    bool keylog;
    const char *fault[STACKS_MAX];     /* see struct case_setting */
    uint32_t first_sequence;           /* numbers of the cases' address pairs begin here */
    int watched;                       /* a descriptor to wait for as well; -1: none */
    const volatile sig_atomic_t *stop; /* non-zero: take no more cases, finish those under way */
};

struct finished_case {
    const struct matrix_case *c;
    const char *id;
    uint32_t sequence;
    const struct expectation *expectation;
    const struct evidence *evidence;
    const struct judgement *judgement;
    bool is_refusal;       /* the server's process has a refusal to survive */
    uint32_t num_survived; /* refusals that the server's process is hereby seen to have survived */
};

struct runner_hooks {
    void *context;
    /* The next case: 1; 0: no more; -1: error. */
    int (*next)(void *context, struct matrix_case *out, struct error *err);
    /* A case is done. Non-zero ends the run with the error. */
    int (*done)(void *context, const struct finished_case *finished, struct error *err);
    /* No case was left, and a server process still owed the proof that it survived `refused_id`:
     * its healthy twin was run on it. Non-zero ends the run with the error. */
    int (*proved)(void *context, const char *refused_id, const struct finished_case *twin,
                  struct error *err);
    /* A worker ended or spoke out of turn after it had given its facts: the last case that it
     * carried is no longer to be believed. Non-zero ends the run with the error. */
    int (*late)(void *context, const char *id, enum peer_outcome outcome, const char *reason,
                struct error *err);
    /* setting.watched is readable, or some time has passed. Non-zero ends the run with the error.
     * Not called without a watched descriptor. */
    int (*watched)(void *context, struct error *err);
    /* Called a few times a second. May be NULL. */
    void (*tick)(void *context);
};

/* Runs until the source is empty or *stop. 0, or -1 when the harness itself failed (no worker can
 * be started, a hook failed). A peer's misbehaviour is never an error here: it is evidence. */
int runner_run(const struct runner_setting *setting, const struct runner_hooks *hooks,
               struct error *err);

#endif
