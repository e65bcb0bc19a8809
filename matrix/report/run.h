/* A finished run, opened for telling: what all outputs begin with. */
#ifndef TLSMATRIX_MATRIX_REPORT_RUN_H
#define TLSMATRIX_MATRIX_REPORT_RUN_H

#include "matrix/rerun_options.h"
#include "matrix/results.h"
#include "matrix/session.h"

struct told_run {
    struct results *results;
    const char *directory; /* the caller's */
    struct session_outcome outcome;
    char rerun_options[RERUN_OPTIONS_MAX]; /* what `rerun` takes beside an id (rerun_options.h) */
};

/* Opens the results of a run's folder. ERROR_USAGE: there are none that this version reads. */
int told_run_open(struct told_run *run, const char *directory, struct error *err);
void told_run_close(struct told_run *run); /* all zeros is fine */

/* The counts and what else makes a run red, as far as its results know. */
int told_outcome(struct session_outcome *out, struct results *results, struct error *err);

/* "green", "red", "interrupted", "unusable" (harness errors: it says nothing about TLS). */
const char *told_verdict(const struct session_outcome *outcome);

/* How the command is to be typed by whoever reads the output. */
const char *told_program(void);

#endif
