/* The outputs for other programs: each from the same results to a stream. */
#ifndef TLSMATRIX_MATRIX_REPORT_FORMATS_H
#define TLSMATRIX_MATRIX_REPORT_FORMATS_H

#include "matrix/report/run.h"

#include <stdio.h>

typedef int report_write_fn(FILE *out, const struct told_run *run, struct error *err);

/* One JSON document: verdict, counts, stacks, causes, known deviations. */
report_write_fn report_json;
/* Each case as a JSON object on a line of its own, in the order of ids. */
report_write_fn report_jsonl;
/* JUnit's XML as Jenkins, GitLab and GitHub's actions read it: a suite for each pair of stacks. */
report_write_fn report_junit;
/* For a pull request or a job's page: of bounded length, whatever the run found. */
report_write_fn report_markdown;

/* The known deviations that cases met: [{"id", "cases"}], most cases first; NULL on error. */
json_t *report_deviations(struct results *results, struct error *err);

#endif
