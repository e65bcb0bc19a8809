/* The results of a run: one SQLite file, `results.db` in the run's folder, written while the run
 * goes on. Facts are kept apart from verdicts, so that another policy can be applied later.
 *
 *   run(key, value)           what was run: profile, selection, tool version, start, state
 *   stacks(name, …)           the stacks with their capability lists
 *   documents(id, hash, json) facts, expectations and ladders of messages (ladder.h), each distinct
 *                             text once: a hundred thousand cases have some thousand different ones
 *   cases(id, verdict, …)     one row a case; planned = 0 for a twin that was run only to support
 *                             a refusal
 *   readable                  a view: the cases with the texts of their documents
 *
 * Writes are gathered into transactions (results_commit), so a killed run loses the last moments
 * and nothing else. */
#ifndef TLSMATRIX_MATRIX_RESULTS_H
#define TLSMATRIX_MATRIX_RESULTS_H

#include "matrix/judge.h"

#include <stdbool.h>
#include <stdint.h>

struct results;

enum results_mode {
    RESULTS_CREATE, /* the file must not be there */
    RESULTS_RESUME, /* it must be there and ours; opened for writing */
    RESULTS_READ,   /* it must be there and ours; opened for reading */
};

/* What the recording says of a case in numbers; of a relayed case on the client's side of the
 * relay. */
struct result_wire {
    bool recorded;         /* the connection was seen from its first packet to its last */
    uint64_t bytes[2];     /* of TCP payload, by sender's role */
    uint64_t packets[2];   /* likewise */
    uint64_t handshake_us; /* ClientHello to last Finished; 0: not both were seen */
};

/* Everything stored of one case. Strings are the caller's (writing) or live until the next call
 * on the same results (reading). */
struct result_row {
    const char *id;
    bool planned;
    enum verdict verdict;
    enum failure_kind kind;
    const char *reason;         /* "" if none */
    const char *deviation;      /* id of the known deviation, "" if none */
    const char *check;          /* of the judge's, that was violated; "" or NULL: none */
    uint32_t sequence;          /* names the case's address pair (network.h); 0: was not run */
    const char *expectation;    /* JSON, or NULL */
    const char *facts[2];       /* JSON without exporter, duration and key log; NULL: none */
    const uint8_t *exporter[2]; /* EXPORTER_LEN bytes, or NULL */
    uint64_t duration_us[2];
    struct result_wire wire;
    /* The messages of the connection (ladder.h), or NULL; [ROLE_SERVER] only where the case is
     * relayed and the server's side has packets of its own. */
    const char *ladder[2];
    const char *lengths[2]; /* of its steps */
};

/* `path` is the database file. Errors (ERROR_USAGE): not there, not ours, other version;
 * (ERROR_HARNESS): disk. */
int results_open(struct results **out, const char *path, enum results_mode mode, struct error *err);
/* Commits what is pending. NULL is fine. */
int results_close(struct results *results, struct error *err);
/* Removes a database that is closed, and what a full disk leaves beside it. */
void results_remove(const char *path);

int results_set(struct results *results, const char *key, const char *value, struct error *err);
/* 1 and a copy of the value, 0 if there is none. */
int results_get(struct results *results, const char *key, char *out, size_t out_len,
                struct error *err);

int results_put_stack(struct results *results, const struct capabilities *caps, struct error *err);
/* Reads the stacks in the order in which they were put. */
int results_stacks(struct results *results, struct stack_set *out, struct error *err);

/* Inserts, or replaces the row of the same id. */
int results_put(struct results *results, const struct result_row *row, struct error *err);
/* Changes the verdict of a stored case. */
int results_rejudge(struct results *results, const char *id, enum verdict verdict,
                    enum failure_kind kind, const char *reason, const char *deviation,
                    struct error *err);
int results_commit(struct results *results, struct error *err);

/* 1 and the row (with documents if `documents`), 0 if the case is not there. */
int results_find(struct results *results, const char *id, bool documents, struct result_row *row,
                 struct error *err);

/* The planned case of that verdict whose id comes next after `after` ("" for the first), without
 * documents: 1, 0 if there is none. Between two calls anything may be changed. */
int results_next(struct results *results, enum verdict verdict, const char *after,
                 struct result_row *row, struct error *err);

/* Counts of planned cases; *red_inconclusive counts those whose twin failed for another reason
 * than a known deviation. */
int results_counts(struct results *results, uint64_t counts[NUM_VERDICTS],
                   uint64_t *red_inconclusive, struct error *err);

/* The highest sequence number so far, 0 if nothing was run. */
int results_last_sequence(struct results *results, uint32_t *sequence, struct error *err);

/* Copies every row of the database at `path` into `results`. A case that both hold as planned is
 * an error unless its verdict, kind and reason are the same; so is a run that has not ended
 * (run.state is not "finished"). */
int results_merge(struct results *results, const char *path, struct error *err);

/* How many of the shards that make up the whole were not merged into these results; 0 of a run that
 * was not merged, which is the shard that it was asked to be. */
int results_missing_parts(struct results *results, uint64_t *num_missing, struct error *err);

/* For the summary and for reports: the raw connection. */
struct sqlite3 *results_database(struct results *results);

#endif
