/* Merging: the cases of another results file, documents renumbered on the way. */
#include "matrix/results.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* A case both hold as planned, judged differently: two runs of different things. */
static const char conflict_sql[] =
    "SELECT a.id, a.verdict, b.verdict FROM cases a JOIN other.cases b ON a.id = b.id"
    " WHERE a.planned AND b.planned AND"
    " (a.verdict, a.kind, a.reason) IS NOT (b.verdict, b.kind, b.reason) LIMIT 1";

static const char copy_sql[] =
    "INSERT OR IGNORE INTO run SELECT key, value FROM other.run WHERE key <> 'shard';"
    /* Which parts are in; and what was red about a part beside its cases stays red. */
    "INSERT OR IGNORE INTO run SELECT 'part ' || value, '' FROM other.run WHERE key = 'shard';"
    "UPDATE run SET value = max(CAST(value AS INTEGER), (SELECT CAST(o.value AS INTEGER)"
    "  FROM other.run o WHERE o.key = run.key)) WHERE key = 'missing_capabilities';"
    "INSERT INTO documents(hash, json) SELECT hash, json FROM other.documents o WHERE NOT EXISTS"
    " (SELECT 1 FROM main.documents d WHERE d.hash = o.hash AND d.json = o.json);"
    "CREATE TABLE temp.renumbered(there INTEGER PRIMARY KEY, here INTEGER NOT NULL);"
    "INSERT INTO temp.renumbered SELECT o.id, d.id FROM other.documents o"
    " JOIN main.documents d ON d.hash = o.hash AND d.json = o.json;"
    "INSERT OR IGNORE INTO stacks(name, library, release, capabilities)"
    " SELECT name, library, release, capabilities FROM other.stacks ORDER BY position;"
    "INSERT INTO cases SELECT b.id, b.planned, b.verdict, b.kind, b.reason, b.deviation,"
    " b.sequence, (SELECT here FROM temp.renumbered WHERE there = b.expectation),"
    " (SELECT here FROM temp.renumbered WHERE there = b.client_facts),"
    " (SELECT here FROM temp.renumbered WHERE there = b.server_facts),"
    " b.client_exporter, b.server_exporter, b.client_us, b.server_us, b.check_name,"
    " b.client_bytes, b.server_bytes, b.client_packets, b.server_packets, b.handshake_us,"
    " (SELECT here FROM temp.renumbered WHERE there = b.ladder), b.lengths,"
    " (SELECT here FROM temp.renumbered WHERE there = b.server_ladder), b.server_lengths"
    " FROM other.cases b WHERE true"
    /* A planned row beats the same case run only as somebody's twin. */
    " ON CONFLICT(id) DO UPDATE SET planned = excluded.planned, verdict = excluded.verdict,"
    " kind = excluded.kind, reason = excluded.reason, deviation = excluded.deviation,"
    " sequence = excluded.sequence, expectation = excluded.expectation,"
    " client_facts = excluded.client_facts, server_facts = excluded.server_facts,"
    " client_exporter = excluded.client_exporter, server_exporter = excluded.server_exporter,"
    " client_us = excluded.client_us, server_us = excluded.server_us,"
    " check_name = excluded.check_name,"
    " client_bytes = excluded.client_bytes, server_bytes = excluded.server_bytes,"
    " client_packets = excluded.client_packets, server_packets = excluded.server_packets,"
    " handshake_us = excluded.handshake_us, ladder = excluded.ladder,"
    " lengths = excluded.lengths, server_ladder = excluded.server_ladder,"
    " server_lengths = excluded.server_lengths"
    " WHERE excluded.planned AND NOT cases.planned;"
    "DROP TABLE temp.renumbered;";

/* Two runs belong together if they agree on these. */
static const char same_run_sql[] =
    "SELECT a.key, a.value, b.value FROM run a JOIN other.run b ON a.key = b.key"
    " WHERE a.key IN ('content', 'version', 'select', 'repeats', 'parts')"
    " AND a.value <> b.value LIMIT 1";
static const char same_stack_sql[] =
    "SELECT a.name, a.library, b.library FROM stacks a JOIN other.stacks b ON a.name = b.name"
    " WHERE a.capabilities <> b.capabilities LIMIT 1";

/* An error if the query has a row; `what` says what its three columns mean. */
static int must_be_empty(sqlite3 *db, const char *sql, const char *path, const char *what,
                         struct error *err)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        return error_set(err, ERROR_HARNESS, "%s: %s", path, sqlite3_errmsg(db));
    int status = sqlite3_step(statement);
    int ret = 0;
    if (status == SQLITE_ROW)
        ret = error_set(err, ERROR_USAGE, "%s: cannot be merged: %s %s is '%s' here and '%s' there",
                        path, what, (const char *)sqlite3_column_text(statement, 0),
                        (const char *)sqlite3_column_text(statement, 1),
                        (const char *)sqlite3_column_text(statement, 2));
    else if (status != SQLITE_DONE)
        ret = error_set(err, ERROR_HARNESS, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return ret;
}

static int attach(sqlite3 *db, const char *path, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int ret = 0;
    if (sqlite3_prepare_v2(db, "ATTACH ?1 AS other", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        ret = error_set(err, ERROR_HARNESS, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return ret;
}

static int copy(sqlite3 *db, const char *path, struct error *err)
{
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, copy_sql, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    if (sqlite3_errcode(db) == SQLITE_FULL) /* not the disk of what is read */
        path = sqlite3_db_filename(db, "main");
    error_set(err, ERROR_HARNESS, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

/* An error unless the run came to its end, its twins with it. */
static int must_be_finished(struct results *other, const char *path, struct error *err)
{
    char state[32] = "";
    if (results_get(other, "state", state, sizeof state, err) < 0)
        return -1;
    if (strcmp(state, "finished") == 0)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "%s: cannot be merged: its run has not ended; first: "
                     "tlsmatrix run --resume %.*s",
                     path, (int)(strrchr(path, '/') - path), path);
}

int results_merge(struct results *results, const char *path, struct error *err)
{
    /* Opening it as results checks that it is ours, readable and of our schema version. */
    struct results *other = NULL;
    if (results_open(&other, path, RESULTS_READ, err) < 0)
        return -1;
    int finished = must_be_finished(other, path, err);
    results_close(other, NULL);
    if (finished < 0 || results_commit(results, err) < 0)
        return -1;
    sqlite3 *db = results_database(results);
    if (attach(db, path, err) < 0)
        return -1;
    int ret = 0;
    if (must_be_empty(db, same_run_sql, path, "the run's", err) < 0 ||
        must_be_empty(db, same_stack_sql, path, "the stack", err) < 0 ||
        must_be_empty(db, conflict_sql, path, "the verdict of", err) < 0 || copy(db, path, err) < 0)
        ret = -1;
    sqlite3_exec(db, "DETACH other", NULL, NULL, NULL);
    return ret;
}

int results_missing_parts(struct results *results, uint64_t *num_missing, struct error *err)
{
    static const char sql[] =
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM run WHERE key = 'shard') THEN 0 ELSE"
        " (SELECT CAST(value AS INTEGER) FROM run WHERE key = 'parts') -"
        " (SELECT count(*) FROM run WHERE key LIKE 'part %') END";
    sqlite3 *db = results_database(results);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        sqlite3_finalize(statement);
        return error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    }
    *num_missing = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return 0;
}
