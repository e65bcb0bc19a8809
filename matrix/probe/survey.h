/* What a server takes: the picture that many attempts make. */
#ifndef TLSMATRIX_MATRIX_PROBE_SURVEY_H
#define TLSMATRIX_MATRIX_PROBE_SURVEY_H

#include "matrix/probe/probe.h"

enum { CHOICES_MAX = 400, WHY_MAX = 160 };

/* One suite or group in one version. */
struct choice {
    uint16_t id;
    enum attempt answer; /* ATTEMPT_NOT_TRIED: no stack here offers it */
    size_t stack;        /* who saw that; of ATTEMPT_NOT_TRIED nobody */
    bool completed;      /* accepted, and the handshake was done at our end too */
    char why[WHY_MAX];
};

/* Accepted ones stand in the order in which the server chose among all that were left. */
struct choices {
    struct choice rows[CHOICES_MAX];
    size_t num;
};

enum order { ORDER_UNKNOWN, ORDER_SERVER, ORDER_CLIENT };

enum yes_no { ANSWER_NOT_TRIED, ANSWER_YES, ANSWER_NO };

struct survey {
    bool all; /* the rest below `verified` counts */
    struct seen base;
    struct seen verified[STACKS_MAX]; /* by stack: told to verify against the anchors */
    bool has_verified[STACKS_MAX];
    struct choices suites[NUM_TLS_VERSIONS]; /* [version - TLS10] */
    struct choices groups[NUM_TLS_VERSIONS]; /* of TLS 1.2 and 1.3 */
    enum order order[NUM_TLS_VERSIONS];
    enum yes_no retries;    /* asks for another key share by HelloRetryRequest */
    enum yes_no fallback;   /* refuses a fallback that says it is one (RFC 7507) */
    char stopped[TEXT_LEN]; /* why the survey ended before its end; empty: it did not */
};

/* The first attempt, and the trust that each stack has in the chain. 0, or -1. */
int survey_base(struct survey *out, struct probe *probe, struct error *err);
/* And what it accepts of everything that our stacks have. */
int survey_all(struct survey *out, struct probe *probe, struct error *err);

/* Did it accept any suite of this version? ATTEMPT_ACCEPTED, or how that failed. */
const struct choice *survey_version(const struct survey *survey, uint16_t version);

/* What is wrong with an accepted suite ("no encryption"); NULL: nothing that is known here. */
const char *suite_weakness(const struct suite *suite);
/* The same of a version; NULL: it is fine. */
const char *version_weakness(uint16_t version);

void survey_print(FILE *out, const struct survey *survey, const struct probe *probe);
json_t *survey_to_json(const struct survey *survey, const struct probe *probe);

/* ---- hello.c: what our own hello offered ---- */

/* Where the id stands in the hello's cipher_suites, or supported_groups; -1: it is not offered. */
int hello_suite_at(const struct seen *seen, uint16_t id);
int hello_group_at(const struct seen *seen, uint16_t id);
/* The same hello with a suite more, the last. Returns its length; 0: it cannot be made. */
size_t hello_with_suite(uint8_t out[PROBE_HELLO_MAX], const struct seen *seen, uint16_t id);

#endif
