/* The closed vocabulary of verdicts and kinds of failure, failures worst first. */
#ifndef TLSMATRIX_HARNESS_VERDICT_H
#define TLSMATRIX_HARNESS_VERDICT_H

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_INCONCLUSIVE, /* the case's own healthy twin fails on this pair */
    VERDICT_XFAIL,        /* a known deviation (matrix/deviations/) */
    VERDICT_XPASS,        /* a known deviation that is gone: the run is red */
    VERDICT_UNSUPPORTED,  /* declared beforehand by a stack's capability list */
    VERDICT_TIMEOUT,
    VERDICT_CRASH,
    VERDICT_HARNESS_ERROR, /* never a TLS failure, never a pass */
    NUM_VERDICTS,
};

enum failure_kind {
    KIND_NONE,
    KIND_ACCEPTED_WHAT_MUST_BE_REFUSED,
    KIND_ENDS_DISAGREE,
    KIND_REFUSED_WHAT_MUST_BE_ACCEPTED,
    KIND_WRONG_NEGOTIATION,
    KIND_NO_ALERT,
    KIND_WRONG_ALERT,
    NUM_FAILURE_KINDS,
};

/* "pass", "harness-error", … */
const char *verdict_name(enum verdict verdict);
int verdict_by_name(const char *name); /* -1 if unknown */
/* "accepted-what-must-be-refused", …; "" for KIND_NONE. */
const char *failure_kind_name(enum failure_kind kind);
int failure_kind_by_name(const char *name); /* -1 if unknown */

#endif
