/* The kinds of differences, and groups of cases that differ in the same way. */
#ifndef TLSMATRIX_MATRIX_REPORT_DIFFERENCES_H
#define TLSMATRIX_MATRIX_REPORT_DIFFERENCES_H

#include "matrix/report/page.h"
#include "matrix/report/pattern.h"

#include <jansson.h>

/* The worst first; each case is counted under one. */
enum difference {
    DIFFERENCE_NEW_FAILURE,
    DIFFERENCE_OTHER_FAILURE, /* red before and after, for another reason */
    DIFFERENCE_FIXED,
    DIFFERENCE_VERDICT, /* neither is red: known by now, supported by now, … */
    DIFFERENCE_OUTCOME, /* accepted or refused, and at which stage */
    DIFFERENCE_ALERT,
    DIFFERENCE_PARAMETERS,
    DIFFERENCE_FACT, /* what else an end reports */
    DIFFERENCE_NEW_CASE,
    DIFFERENCE_VANISHED,
    DIFFERENCE_CAPABILITY,
    DIFFERENCE_SPEED,
    DIFFERENCE_BYTES,
    NUM_DIFFERENCES,
    DIFFERENCE_NONE = NUM_DIFFERENCES,
};

/* "new-failures", "alerts", …, as in --fail-on. */
const char *difference_name(enum difference difference);
int difference_by_name(const char *name); /* -1 if unknown */
/* "New failures". */
const char *difference_title(enum difference difference);

/* What two ends' facts differ in. */
struct facts_difference {
    enum difference difference; /* the worst; DIFFERENCE_NONE: nothing */
    bool timing;                /* only what depends on timing (facts_differ.c) */
    char text[TEXT_LEN]; /* "server alert_sent: 40 handshake_failure -> 50 decode_error; …" */
};

/* Facts as JSON by role, NULL where there are none. `roles` has a bit for each role to look at,
 * `id` is the case's. What differs from run to run anyway (hashes of certificates, libraries'
 * words) is no difference. */
void facts_differ(struct facts_difference *out, const char *id, const char *const a[2],
                  const char *const b[2], unsigned roles);

/* ---- groups ---- */

enum {
    GROUPS_MAX = 20000
}; /* a few 10 MB; what comes later is counted with the last of its kind */

struct difference_group {
    enum difference difference;
    char *title;  /* what happened; owned */
    char *detail; /* what differs in the facts, "" if nothing; owned */
    struct pattern cases;
};

struct difference_groups {
    struct difference_group *all; /* owned, as all is */
    size_t num, room;
    json_t *index; /* what makes a group -> its place */
    uint64_t num_cases[NUM_DIFFERENCES];
    uint64_t num_timing;       /* cases that differ only in what depends on timing: noise */
    const char *rerun_options; /* of the run that has the examples (rerun_options.h); or NULL */
};

int difference_groups_init(struct difference_groups *found, struct error *err);
void difference_groups_fini(struct difference_groups *found);
/* One more case (`id` NULL: none, but a fact by itself). */
int difference_note(struct difference_groups *found, enum difference difference, const char *title,
                    const char *detail, const char *id, struct error *err);
/* The largest first within their kind; call before telling. */
void difference_groups_sort(struct difference_groups *found);

/* All kinds that there are, each with its groups. `run` is for the rerun command's example. */
int difference_groups_tell(const struct difference_groups *found, struct page *page,
                           struct error *err);
/* {"new-failures": {"cases", "groups": [{"what", "facts", "cases", "in", "example"}]}, …}: every
 * kind, also where there is nothing of it. The caller owns it. */
json_t *difference_groups_json(const struct difference_groups *found);

#endif
