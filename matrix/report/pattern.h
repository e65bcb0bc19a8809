/* What many case ids have in common, as a pattern for --select:
 * "gnutls-openssl/{tls1.0,tls1.1}/" "*" "/x25519/…". */
#ifndef TLSMATRIX_MATRIX_REPORT_PATTERN_H
#define TLSMATRIX_MATRIX_REPORT_PATTERN_H

#include "matrix/case.h"

enum {
    PATTERN_SEGMENTS = NUM_AXES - 1, /* of an id: the two stacks are one segment */
    PATTERN_WORDS = 3,               /* distinct values of a segment that are still spelled out */
    PATTERN_TEXT_MAX = 4 * CASE_ID_MAX,
};

struct pattern {
    uint64_t num_cases;
    char example[CASE_ID_MAX];                    /* the first id */
    char *words[PATTERN_SEGMENTS][PATTERN_WORDS]; /* the values that occur; owned */
    unsigned num_words[PATTERN_SEGMENTS];         /* PATTERN_WORDS + 1: too many */
};

/* A pattern of nothing is all zeros. Takes one more id in; ERROR_HARNESS: out of memory. */
int pattern_note(struct pattern *pattern, const char *id, struct error *err);
/* Cut where it is longer than PATTERN_TEXT_MAX. */
const char *pattern_text(char out[PATTERN_TEXT_MAX], const struct pattern *pattern);
void pattern_fini(struct pattern *pattern);

#endif
