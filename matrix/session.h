/* A run from beginning to end: stacks, credentials, plan, runner, results, twins, summary. */
#ifndef TLSMATRIX_MATRIX_SESSION_H
#define TLSMATRIX_MATRIX_SESSION_H

#include "matrix/plan.h"
#include "matrix/results.h"
#include "matrix/runner.h"

enum { SELECTION_TEXT_MAX = 64 * 1024 }; /* all globs as JSON: 32 of some 2,000 characters */

/* What is kept of what crosses the wire. Every policy but `none` records, and judges by it. */
enum capture_policy {
    CAPTURE_NONE,
    /* A file for each case that is red by itself. One that is so only afterwards has none, because
     * the healthy twin failed, which has, or its worker died behind its facts. */
    CAPTURE_FAILURES,
    CAPTURE_ALL,   /* a file for each case */
    CAPTURE_WHOLE, /* one file for the whole run, with its keys beside; not taken apart */
    NUM_CAPTURE_POLICIES,
};
/* "none", "failures", "all", "whole". */
const char *capture_policy_name(enum capture_policy policy);
int capture_policy_by_name(const char *name); /* -1 if unknown */

/* Who records. What the relay writes down are the bytes that it moved, in packets of its own making
 * (captures/synthetic.h): it needs no right to, and is no network's word. */
enum capture_source { CAPTURE_FROM_NETWORK, CAPTURE_FROM_RELAY, NUM_CAPTURE_SOURCES };
/* "network", "relay". */
const char *capture_source_name(enum capture_source source);
int capture_source_by_name(const char *name); /* -1 if unknown */

/* What the user asked for. Strings belong to the caller. */
struct session_request {
    const char *profile;    /* name or path; NULL with `ids` */
    const char *const *ids; /* these cases instead of a profile (rerun, --ids) */
    size_t num_ids;
    const char *ids_file;   /* where they stand, for what is wrong with one; NULL: in no file */
    const size_t *id_lines; /* with ids_file: the line of each */
    struct selection selection;
    const char *directory;     /* the run's folder; created */
    bool resume;               /* go on with the run in that folder */
    const char *const *stacks; /* specs for stacks_load() */
    size_t num_stacks;
    const char *const *faults; /* "STACK=LIE" */
    size_t num_faults;
    const char *const *hellos; /* folders beside the built-in one, already loaded */
    size_t num_hellos;
    unsigned lanes;
    uint32_t deadline_ms;
    enum capture_policy capture;
    enum capture_source capture_source;
    bool capture_asked; /* the user said so: being unable to is an error */
    const char *corpus; /* NULL, or the folder for shapes of conversations (flights.h) */
    bool isolate;       /* own network namespace, if the kernel allows it */
    bool quiet;         /* nothing but errors on standard error */
};

struct session_outcome {
    uint64_t counts[NUM_VERDICTS]; /* of planned cases */
    uint64_t red_inconclusive;     /* inconclusive, and not because of a known deviation */
    int missing_capabilities;
    uint64_t missing_parts;        /* shards that a merge was not given */
    uint64_t unmatched_deviations; /* entries that no case of a whole `full` run matched */
    uint64_t num_run;              /* cases carried out by this process, twins included */
    uint64_t num_twins;            /* of those, twins */
    uint64_t num_refusals;         /* by or of a server process that was there to tell */
    uint64_t num_survived;         /* refusals after which the same process served a good client */
    double seconds;
    bool interrupted;
    enum capture_source capture_source;
    uint64_t packets_captured; /* of the relay: packets of its making */
    uint64_t packets_dropped;
    char capture[32];    /* CAPTURE_WHOLE: the file in the run's folder that they are in */
    bool unrecorded;     /* recording was not possible, and nobody had asked for it */
    uint64_t num_shapes; /* written to the corpus */
    uint64_t num_kept;   /* files in the run's folder "captures" */
    uint64_t bytes_kept;
    uint64_t num_seen;   /* cases whose capture is whole */
    uint64_t num_read;   /* of those, cases of which every record could be decrypted */
    uint64_t num_unseen; /* cases whose capture is not, or that have none, so that the wire has no
                            say */
};

/* Runs. 0 if the run came to an end (whatever the verdicts), -1 if the harness failed. */
int session_run(struct session_outcome *out, const struct session_request *request,
                struct error *err);

/* 0 all as expected; 1 something is not; 3 a harness-error verdict; 130 interrupted. */
int session_exit_code(const struct session_outcome *outcome);

#endif
