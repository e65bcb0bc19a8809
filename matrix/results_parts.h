/* What the files of the results share. For results*.c only. */
#ifndef TLSMATRIX_MATRIX_RESULTS_PARTS_H
#define TLSMATRIX_MATRIX_RESULTS_PARTS_H

#include "matrix/results.h"

#include <sqlite3.h>

enum statement {
    STATEMENT_SET,
    STATEMENT_GET,
    STATEMENT_PUT_STACK,
    STATEMENT_STACKS,
    STATEMENT_ADD_DOCUMENT,
    STATEMENT_DOCUMENT_ID,
    STATEMENT_PUT,
    STATEMENT_REJUDGE,
    STATEMENT_FIND,
    STATEMENT_NEXT,
    STATEMENT_COUNTS,
    NUM_STATEMENTS,
};

struct results {
    sqlite3 *db;
    char *path;
    bool writable;
    bool in_transaction;
    sqlite3_stmt *statements[NUM_STATEMENTS];
};

/* -1, with what SQLite says. */
int results_database_error(struct results *results, struct error *err);
/* A transaction, if none is under way. */
int results_begin(struct results *results, struct error *err);
/* Runs a statement that returns no rows. */
int results_execute(struct results *results, sqlite3_stmt *statement, struct error *err);
/* The text has to live until the statement has run. */
void results_bind_text(sqlite3_stmt *statement, int index, const char *text);

#endif
