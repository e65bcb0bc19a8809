/* Known deviations: what a stack is known to do otherwise than the RFC says, one YAML file per
 * stack in matrix/deviations/, each entry with selector, observation, reason and link. */
#ifndef TLSMATRIX_MATRIX_DEVIATIONS_H
#define TLSMATRIX_MATRIX_DEVIATIONS_H

#include "matrix/judge.h"

struct deviations; /* all entries of all files */

struct deviation {
    const char *id;   /* "gnutls.no-alert-on-…": unique, named in results */
    const char *file; /* path and line, for messages */
    int line;
    const char *stack;   /* whose deviation; must be one of the case's stacks, in `role` if given */
    int role;            /* enum role, or -1: either */
    const char *release; /* which of its releases (matrix/release.h): "3.0.*", "3.0..3.5" */
    const char *version; /* fnmatch over the highest common version, "none" without; "*": any */
    const char *select;  /* fnmatch over the case id, stacks called by name or by API */
    enum failure_kind kind; /* the failure that it excuses */
    const char *observed;   /* substring that the judge's reason must contain */
    const char *reason;     /* why, at packet level */
    const char *link;       /* RFC section, bug report */
};

/* Loads every *.yaml in the directory. Errors are "FILE:LINE: …", ERROR_USAGE. */
int deviations_load(struct deviations **out, const char *directory, struct error *err);
void deviations_free(struct deviations *deviations);
size_t deviations_count(const struct deviations *deviations);
const struct deviation *deviations_at(const struct deviations *deviations, size_t index);

/* Is it one of this build? By the stack's name or its API, and by its release. */
bool deviation_concerns(const struct deviation *entry, const struct capabilities *caps);

/* The entry that covers this case by stack, role, release and selector, whatever was observed
 * (the first in file order at or after *index, which advances past it), NULL when there is no
 * more. For xpass: an entry that covers a case which passes is gone. */
const struct deviation *deviations_covering(const struct deviations *deviations, size_t *index,
                                            const char *id, const struct matrix_case *c,
                                            const struct stack_set *stacks);

/* Turns a FAIL that an entry covers and describes (kind and observed text) into XFAIL, and a PASS
 * that an entry covers into XPASS. Returns the entry, or NULL and leaves *judgement alone. */
const struct deviation *deviations_apply(const struct deviations *deviations,
                                         struct judgement *judgement, const char *id,
                                         const struct matrix_case *c,
                                         const struct stack_set *stacks);

#endif
