/* Survival: after a refusal the same server process has to serve the next good client. Good cases
 * that come by on the same worker prove it; what is still owed when no case is left is proved by
 * the refusal's healthy twin, run on that worker before it ends. One record for each worker that
 * is a server. Plain data; zero is the beginning. */
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
 * it to have survived; 0 for most. A process that ended owes nothing: another takes its place. */
uint32_t survival_note(struct survival *survival, const struct matrix_case *c, const char *id,
                       const struct expectation *e, const struct evidence *evidence,
                       const struct judgement *judgement);

/* Is something owed that a case can prove? Fills *out with that case. Says so once for a debt,
 * whatever becomes of the proof. */
bool survival_claim(struct survival *survival, struct matrix_case *out,
                    const struct stack_set *stacks);

#endif
