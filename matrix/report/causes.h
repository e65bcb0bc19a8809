/* What is red in a run, grouped by cause, the worst first: what every output tells of a run. */
#ifndef TLSMATRIX_MATRIX_REPORT_CAUSES_H
#define TLSMATRIX_MATRIX_REPORT_CAUSES_H

#include "matrix/report/pattern.h"
#include "matrix/rerun_options.h"
#include "matrix/results.h"

/* Cases of one verdict, kind and reason. */
struct cause {
    char verdict[NAME_MAX_LEN];
    char kind[NAME_MAX_LEN]; /* "" unless the verdict is fail */
    char reason[TEXT_LEN];
    struct pattern cases;
    char rerun_options[RERUN_OPTIONS_MAX]; /* what `rerun` takes beside the id (rerun_options.h) */
};

/* Is a case red? One whose healthy twin has a known deviation is inconclusive for a known reason.
 */
bool cause_is_red(enum verdict verdict, const char *deviation);
/* The same in SQL, over the columns of `cases`. */
#define CAUSE_IS_RED_SQL                                                                           \
    "(verdict IN ('harness-error', 'crash', 'fail', 'timeout', 'xpass')"                           \
    " OR (verdict = 'inconclusive' AND deviation = ''))"
/* What the causes are ordered by in SQL: verdicts in this order, kinds in the enum's, and of a kind
 * the causes of the most cases first. */
#define CAUSE_ORDER_SQL                                                                            \
    " CASE verdict WHEN 'harness-error' THEN 0 WHEN 'crash' THEN 1 WHEN 'fail' THEN 2"             \
    "  WHEN 'timeout' THEN 3 WHEN 'xpass' THEN 4 ELSE 5 END,"                                      \
    " CASE kind WHEN 'accepted-what-must-be-refused' THEN 0 WHEN 'ends-disagree' THEN 1"           \
    "  WHEN 'refused-what-must-be-accepted' THEN 2 WHEN 'wrong-negotiation' THEN 3"                \
    "  WHEN 'no-alert' THEN 4 ELSE 5 END,"                                                         \
    " count(*) OVER (PARTITION BY verdict, kind, reason) DESC, reason, id"

typedef void cause_emit(void *context, const struct cause *cause);

/* Calls `emit` for each cause in order, over the planned cases; returns their number, -1 on error.
 * Memory does not grow with the number of cases or causes. */
int64_t causes_each(struct results *results, cause_emit *emit, void *context, struct error *err);

#endif
