/* The comment of a capture that a run of ours keeps of a case: what the case is, what was expected
 * and judged, and the time at which certificates were verified, which is not the packets'. Written
 * by matrix/, read by explain; lines of "key: value". */
#ifndef TLSMATRIX_CAPTURES_CASE_COMMENT_H
#define TLSMATRIX_CAPTURES_CASE_COMMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CASE_COMMENT_MAX = 8192, /* bytes of the whole: more than all fields together */
    CASE_COMMENT_ID_MAX = 384,
    CASE_COMMENT_LINE_MAX = 640, /* a verdict with its reason */
    CASE_COMMENT_HINT_MAX = 1600,
};

struct case_comment {
    char id[CASE_COMMENT_ID_MAX]; /* empty: it is of no case */
    char client[CASE_COMMENT_LINE_MAX], server[CASE_COMMENT_LINE_MAX];
    char expected[CASE_COMMENT_LINE_MAX];
    char verdict[CASE_COMMENT_LINE_MAX]; /* "fail wrong-alert: the reason" */
    char options[CASE_COMMENT_LINE_MAX]; /* what `rerun` takes beside the id: " --stack …", or "" */
    char addresses[CASE_COMMENT_LINE_MAX], capture[CASE_COMMENT_LINE_MAX];
    int64_t verified_at; /* seconds since 1970; 0: not said */
};

/* The comment's text; empty fields and a time of 0 are left out. Returns `out`. */
char *case_comment_write(char out[CASE_COMMENT_MAX], const struct case_comment *comment);

/* Any comment: what is not known is left empty. An id with characters that no id of ours has is
 * none, so that it can be handed to a shell, and so are options that a shell would take for more
 * than words; control characters become '?'. */
void case_comment_read(struct case_comment *out, const char *text, size_t len);

/* The verdict without its reason: "fail wrong-alert". Returns `out`. */
char *case_comment_verdict(char out[CASE_COMMENT_LINE_MAX], const struct case_comment *comment);

/* For the end of a message: "; it is a case of ours, judged fail: …"; empty where it is of no case.
 * Returns `out`. */
char *case_comment_hint(char out[CASE_COMMENT_HINT_MAX], const struct case_comment *comment);

/* Is this a case that is not as it should be? */
bool case_comment_is_red(const struct case_comment *comment);

#endif
