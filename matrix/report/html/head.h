/* The head of a report's data: everything but the cases. */
#ifndef TLSMATRIX_MATRIX_REPORT_HTML_HEAD_H
#define TLSMATRIX_MATRIX_REPORT_HTML_HEAD_H

#include "matrix/report/html/gather.h"
#include "matrix/report/html/html.h"
#include "matrix/session.h"

/* The counts and what else makes a run red, as far as its results know. */
int head_outcome(struct session_outcome *out, struct results *results, struct error *err);

/* The head as JSON for the page (page/data.js says what is read of it), which the caller owns; NULL
 * on error. All cases have to be gathered. */
json_t *head_make(struct gather *gather, const struct html_request *request,
                  const struct session_outcome *outcome, struct error *err);

#endif
