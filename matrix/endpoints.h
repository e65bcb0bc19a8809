/* From a case to what its two peers are told: the only place that knows both. */
#ifndef TLSMATRIX_MATRIX_ENDPOINTS_H
#define TLSMATRIX_MATRIX_ENDPOINTS_H

#include "harness/pki/forge.h"
#include "matrix/case.h"
#include "matrix/judge.h"

/* What does not come from the case. */
struct case_setting {
    const struct stack_set *stacks;
    const struct forge *forge;
    const struct imposters *const *imposters; /* [enum credential]; NULL where no case needs them */
    uint32_t deadline_ms;
    bool keylog;
    const char *tofu_store;        /* path for trust on first use */
    const char *fault[STACKS_MAX]; /* the lie each stack is told to tell; NULL: none */
};

/* Fills the endpoints of both stacks; that of a raw end stays as it is. */
void endpoints_make(struct endpoint endpoints[2], const struct matrix_case *c,
                    const struct case_setting *setting);

/* Puts the first-use store into the state that the case begins with, and notes in *evidence the
 * truth that the judge needs: leaf hashes and what the store held. */
int endpoints_prepare(struct evidence *evidence, const struct matrix_case *c,
                      const struct case_setting *setting, struct error *err);

/* Reads back the first-use store. */
int endpoints_collect(struct evidence *evidence, const struct matrix_case *c,
                      const struct case_setting *setting, struct error *err);

#endif
