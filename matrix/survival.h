/* Survival: after a refusal the same server process has to serve the next good client. Every other
 * refusal (by its id) is proved at once, by its healthy twin on the very same worker, so that what
 * spoils the next client only shows, and whose doing it is. The others pile up, because refusal
 * upon refusal is a state of its own: good cases that come by prove them, and what is still owed
 * when no case is left is proved by the last one's twin before the worker ends. One record for each
 * worker that is a server. Plain data; zero is the beginning. */
#ifndef TLSMATRIX_MATRIX_SURVIVAL_H
#define TLSMATRIX_MATRIX_SURVIVAL_H

#include "matrix/judge.h"

struct survival {
    uint32_t num_owed;          /* refusals since the process last served a good client */
    bool claimed;               /* the proof has been asked for, once is enough */
    struct matrix_case refused; /* the last of them */
    char refused_id[CASE_ID_MAX];
};

/* Is the case one that the server's process has to survive? */
bool survival_is_owed(const struct expectation *e, const struct evidence *evidence);

/* Takes in a case that the worker has carried. Returns the number of refusals that this case shows
 * it to have survived. 0 proves nothing either way: nothing was owed, or the case is no proof (a
 * refusal, which is owed from now on; a good case that did not pass; one whose process ended, and
 * with it the debt, as another takes its place). */
uint32_t survival_note(struct survival *survival, const struct matrix_case *c, const char *id,
                       const struct expectation *e, const struct evidence *evidence,
                       const struct judgement *judgement);

/* Is the last refusal one that is to be proved at once? */
bool survival_is_urgent(const struct survival *survival);

/* Is something owed that a case can prove? Fills *out with that case. Says so once for a debt,
 * whatever becomes of the proof. */
bool survival_claim(struct survival *survival, struct matrix_case *out,
                    const struct stack_set *stacks);

#endif
