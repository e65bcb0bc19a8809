/* Cases in and out of the results. */
#include "matrix/results_parts.h"

#include <string.h>

/* Finds or adds a document; its id, 0 for no text, -1 on error. */
static sqlite3_int64 document_id(struct results *results, const char *json, struct error *err)
{
    if (json == NULL)
        return 0;
    sqlite3_stmt *find = results->statements[STATEMENT_DOCUMENT_ID];
    sqlite3_int64 hash = (sqlite3_int64)case_hash(json);
    results_bind_text(find, 1, json);
    sqlite3_bind_int64(find, 2, hash);
    sqlite3_int64 id = sqlite3_step(find) == SQLITE_ROW ? sqlite3_column_int64(find, 0) : -1;
    sqlite3_reset(find);
    if (id >= 0)
        return id;
    sqlite3_stmt *add = results->statements[STATEMENT_ADD_DOCUMENT];
    results_bind_text(add, 1, json);
    sqlite3_bind_int64(add, 2, hash);
    if (results_execute(results, add, err) < 0)
        return -1;
    return sqlite3_last_insert_rowid(results->db);
}

static void bind_document(sqlite3_stmt *statement, int index, sqlite3_int64 id)
{
    if (id > 0)
        sqlite3_bind_int64(statement, index, id);
}

static void bind_exporter(sqlite3_stmt *statement, int index, const uint8_t *exporter)
{
    if (exporter != NULL)
        sqlite3_bind_blob(statement, index, exporter, EXPORTER_LEN, SQLITE_STATIC);
}

static void bind_wire(sqlite3_stmt *statement, int index, const struct result_wire *wire)
{
    sqlite3_bind_int64(statement, index, (sqlite3_int64)wire->bytes[ROLE_CLIENT]);
    sqlite3_bind_int64(statement, index + 1, (sqlite3_int64)wire->bytes[ROLE_SERVER]);
    sqlite3_bind_int64(statement, index + 2, (sqlite3_int64)wire->packets[ROLE_CLIENT]);
    sqlite3_bind_int64(statement, index + 3, (sqlite3_int64)wire->packets[ROLE_SERVER]);
    if (wire->handshake_us > 0)
        sqlite3_bind_int64(statement, index + 4, (sqlite3_int64)wire->handshake_us);
}

int results_put(struct results *results, const struct result_row *row, struct error *err)
{
    if (results_begin(results, err) < 0)
        return -1;
    sqlite3_int64 expectation = document_id(results, row->expectation, err);
    sqlite3_int64 client = document_id(results, row->facts[ROLE_CLIENT], err);
    sqlite3_int64 server = document_id(results, row->facts[ROLE_SERVER], err);
    const sqlite3_int64 ladder[] = { document_id(results, row->ladder[ROLE_CLIENT], err),
                                     document_id(results, row->ladder[ROLE_SERVER], err) };
    if (expectation < 0 || client < 0 || server < 0 || ladder[0] < 0 || ladder[1] < 0)
        return -1;
    sqlite3_stmt *statement = results->statements[STATEMENT_PUT];
    results_bind_text(statement, 1, row->id);
    sqlite3_bind_int(statement, 2, row->planned);
    results_bind_text(statement, 3, verdict_name(row->verdict));
    results_bind_text(statement, 4, failure_kind_name(row->kind));
    results_bind_text(statement, 5, row->reason);
    results_bind_text(statement, 6, row->deviation);
    sqlite3_bind_int64(statement, 7, row->sequence);
    bind_document(statement, 8, expectation);
    bind_document(statement, 9, client);
    bind_document(statement, 10, server);
    bind_exporter(statement, 11, row->exporter[ROLE_CLIENT]);
    bind_exporter(statement, 12, row->exporter[ROLE_SERVER]);
    sqlite3_bind_int64(statement, 13, (sqlite3_int64)row->duration_us[ROLE_CLIENT]);
    sqlite3_bind_int64(statement, 14, (sqlite3_int64)row->duration_us[ROLE_SERVER]);
    results_bind_text(statement, 15, row->check != NULL ? row->check : "");
    if (row->wire.recorded)
        bind_wire(statement, 16, &row->wire);
    bind_document(statement, 21, ladder[ROLE_CLIENT]);
    results_bind_text(statement, 22, row->lengths[ROLE_CLIENT]);
    bind_document(statement, 23, ladder[ROLE_SERVER]);
    results_bind_text(statement, 24, row->lengths[ROLE_SERVER]);
    return results_execute(results, statement, err);
}

int results_rejudge(struct results *results, const char *id, enum verdict verdict,
                    enum failure_kind kind, const char *reason, const char *deviation,
                    struct error *err)
{
    if (results_begin(results, err) < 0)
        return -1;
    sqlite3_stmt *statement = results->statements[STATEMENT_REJUDGE];
    results_bind_text(statement, 1, id);
    results_bind_text(statement, 2, verdict_name(verdict));
    results_bind_text(statement, 3, failure_kind_name(kind));
    results_bind_text(statement, 4, reason);
    results_bind_text(statement, 5, deviation);
    return results_execute(results, statement, err);
}

static const char *column_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

static uint64_t column_number(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

static void read_documents(struct result_row *row, sqlite3_stmt *statement)
{
    row->expectation = column_text(statement, 17);
    row->facts[ROLE_CLIENT] = column_text(statement, 18);
    row->facts[ROLE_SERVER] = column_text(statement, 19);
    row->ladder[ROLE_CLIENT] = column_text(statement, 20);
    row->lengths[ROLE_CLIENT] = column_text(statement, 21);
    row->ladder[ROLE_SERVER] = column_text(statement, 22);
    row->lengths[ROLE_SERVER] = column_text(statement, 23);
}

/* Reads a row of the view; the strings live until the statement is reset. */
static int read_row(struct result_row *row, sqlite3_stmt *statement, bool documents,
                    struct error *err)
{
    int verdict = verdict_by_name(column_text(statement, 2));
    int kind = failure_kind_by_name(column_text(statement, 3));
    if (verdict < 0 || kind < 0)
        return error_set(err, ERROR_HARNESS, "results hold an unknown verdict '%s' or kind '%s'",
                         column_text(statement, 2), column_text(statement, 3));
    *row = (struct result_row){
        .id = column_text(statement, 0),
        .planned = sqlite3_column_int(statement, 1),
        .verdict = (enum verdict)verdict,
        .kind = (enum failure_kind)kind,
        .reason = column_text(statement, 4),
        .deviation = column_text(statement, 5),
        .sequence = (uint32_t)sqlite3_column_int64(statement, 6),
        .duration_us = { column_number(statement, 9), column_number(statement, 10) },
        .check = column_text(statement, 11),
        .wire = { .recorded = sqlite3_column_type(statement, 12) != SQLITE_NULL,
                  .bytes = { column_number(statement, 12), column_number(statement, 13) },
                  .packets = { column_number(statement, 14), column_number(statement, 15) },
                  .handshake_us = column_number(statement, 16) },
    };
    for (int i = 0; i < 2; i++)
        if (sqlite3_column_bytes(statement, 7 + i) == EXPORTER_LEN)
            row->exporter[i] = sqlite3_column_blob(statement, 7 + i);
    if (documents)
        read_documents(row, statement);
    return 0;
}

/* Steps to the row that the statement asks for: 1 and the row, 0: there is none. */
static int step_to_row(struct results *results, sqlite3_stmt *statement, bool documents,
                       struct result_row *row, struct error *err)
{
    int status = sqlite3_step(statement);
    if (status == SQLITE_DONE) {
        sqlite3_reset(statement);
        return 0;
    }
    if (status != SQLITE_ROW)
        return results_database_error(results, err);
    return read_row(row, statement, documents, err) < 0 ? -1 : 1;
}

int results_find(struct results *results, const char *id, bool documents, struct result_row *row,
                 struct error *err)
{
    sqlite3_stmt *statement = results->statements[STATEMENT_FIND];
    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_TRANSIENT);
    return step_to_row(results, statement, documents, row, err);
}

int results_next(struct results *results, enum verdict verdict, const char *after,
                 struct result_row *row, struct error *err)
{
    sqlite3_stmt *statement = results->statements[STATEMENT_NEXT];
    sqlite3_reset(statement);
    results_bind_text(statement, 1, verdict_name(verdict));
    sqlite3_bind_text(statement, 2, after, -1, SQLITE_TRANSIENT);
    return step_to_row(results, statement, false, row, err);
}
