/* Which values of a profile the cases of a plan use: what `plan` prints, and what is wrong with a
 * profile that names a value for nothing. */
#ifndef TLSMATRIX_MATRIX_PLAN_SURVEY_H
#define TLSMATRIX_MATRIX_PLAN_SURVEY_H

#include "matrix/plan.h"
#include "matrix/profile.h"

struct plan_use {
    uint64_t cases;
    uint64_t unsupported;
};

struct plan_survey {
    const struct profile *profile;
    struct plan_use *uses[NUM_AXES]; /* [axis][value index] */
    uint64_t num_cases;              /* noted so far, the unsupported ones with them */
};

/* `profile` must outlive the survey; to be ended with plan_survey_fini() even if this fails. */
int plan_survey_init(struct plan_survey *survey, const struct profile *profile, struct error *err);
void plan_survey_fini(struct plan_survey *survey);

/* Enters the case that plan_next() delivered last. */
void plan_survey_note(struct plan_survey *survey, const struct plan *plan, bool unsupported);

bool plan_is_used(const struct plan_use *use);

/* Once the plan is at its end: ERROR_USAGE if it has no case ("nothing selected by …" where globs
 * or shards left it so), and, unless globs, shards or the user's choice of stacks narrow it, for a
 * word of the profile of whose values no case uses any ("FILE:LINE: no case uses …"). Returns 0 or
 * -1. */
int plan_survey_check(const struct plan_survey *survey, const struct selection *selection,
                      const struct stack_set *stacks, struct error *err);

#endif
