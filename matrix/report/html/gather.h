/* From the results of a run to what the page is told of it. */
#ifndef TLSMATRIX_MATRIX_REPORT_HTML_GATHER_H
#define TLSMATRIX_MATRIX_REPORT_HTML_GATHER_H

#include "matrix/report/html/documents.h"
#include "matrix/report/html/table.h"
#include "matrix/results.h"

#include <sqlite3.h>

/* A document of the results that was taken in; of facts also what they are good for besides being
 * shown. */
struct document_note {
    uint32_t number; /* in the report; 0: not taken in yet */
    uint32_t values[6];
};

/* What the cases are held against: the run before. */
struct against {
    struct results *results;
    struct sqlite3_stmt *rows; /* in the order of ids; NULL: there is no such run */
    bool has_row;
    uint64_t num_vanished; /* cases that only the other run has */
    json_t *vanished;      /* the first of them */
};

struct expectations; /* what must happen in each case, each distinct expectation once */

struct gather {
    struct results *results;
    const char *directory; /* of the run */
    struct stack_set *stacks;
    struct table table;
    struct documents documents;
    struct expectations *expectations;
    struct against against;
    json_t *optional_words;      /* word of an optional axis -> enum axis */
    json_t *captures;            /* names of the files in captures/ */
    json_t *capture_names;       /* row -> name, where the id is too long to tell it */
    struct document_note *notes; /* by the results' number of the document */
    size_t num_notes;
    struct sqlite3_stmt *document; /* text of a document by that number */
    json_t *lengths;               /* lengths of a ladder's steps -> number in the report */
};

/* `against` may be NULL. The gather is finished with gather_fini() in any case. */
int gather_init(struct gather *gather, struct results *results, const char *directory,
                const char *against, struct error *err);
void gather_fini(struct gather *gather);
/* Reads all cases. */
int gather_run(struct gather *gather, struct error *err);

/* For the files of gather.h only. */

/* The columns that a case is read from, as gather.c selects them. */
enum read_column {
    READ_ID,
    READ_PLANNED,
    READ_VERDICT,
    READ_KIND,
    READ_CHECK,
    READ_DEVIATION,
    READ_REASON,
    READ_SEQUENCE,
    READ_CLIENT_FACTS,
    READ_SERVER_FACTS,
    READ_CLIENT_EXPORTER,
    READ_SERVER_EXPORTER,
    READ_CLIENT_US,
    READ_SERVER_US,
    READ_HANDSHAKE_US,
    READ_CLIENT_BYTES,
    READ_SERVER_BYTES,
    READ_CLIENT_PACKETS,
    READ_SERVER_PACKETS,
    READ_LADDER,
    READ_LENGTHS,
    READ_SERVER_LADDER,
    READ_SERVER_LENGTHS,
    READ_EXPECTATION,
};

static inline const char *gather_text(struct sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

/* gather_documents.c: take in the documents of the row that was added last. */
int gather_facts(struct gather *gather, struct sqlite3_stmt *row, enum role role,
                 struct error *err);
int gather_ladders(struct gather *gather, struct sqlite3_stmt *row, struct error *err);

/* The verdict and what belongs to it as one text, for the dictionary of causes. */
enum { CAUSE_TEXT_MAX = 3 * TEXT_LEN };
const char *cause_text(char out[CAUSE_TEXT_MAX], const char *verdict, const char *kind,
                       const char *check, const char *deviation, const char *reason);

/* The verdict and the deviation out of that text. */
void cause_read(char *verdict, size_t verdict_len, char *deviation, size_t deviation_len,
                const char *text);

int against_open(struct against *against, const char *directory, struct error *err);
void against_close(struct against *against);
/* Sets COLUMN_WAS of the last row, whose id is `id`. To be called in the order of ids, and at the
 * end with NULL. */
int against_note(struct against *against, struct table *table, const char *id, struct error *err);

struct expectations *expectations_new(struct error *err);
void expectations_free(struct expectations *expectations);
/* The number of the document, 0 where nothing could have been expected, and the fault in words. Of
 * a case whose results hold no expectation (`stored` is NULL) the oracle is asked. */
int expectation_number(uint32_t *number, const char **fault, struct gather *gather,
                       const char *stored, const char *id, struct error *err);
/* [{"id", "text", "references"}]: what expectations name by number. Borrowed. */
json_t *expectations_requirements(const struct expectations *expectations);

#endif
