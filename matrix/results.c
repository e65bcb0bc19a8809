#include "matrix/results_parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x746C736D, /* "tlsm": tells our files from other SQLite files */
    SCHEMA_VERSION = 3,
    BUSY_TIMEOUT_MS = 10000, /* a reader (report, sqlite3 shell) may hold a lock for a moment */
};

static const char schema[] =
    "CREATE TABLE run(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE stacks(position INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL,"
    " library TEXT NOT NULL, release TEXT NOT NULL, capabilities TEXT NOT NULL);"
    /* Found by a hash of theirs: an index on the texts would hold all of them again. */
    "CREATE TABLE documents(id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, json TEXT NOT NULL);"
    "CREATE INDEX documents_by_hash ON documents(hash);"
    "CREATE TABLE cases(id TEXT PRIMARY KEY, planned INTEGER NOT NULL, verdict TEXT NOT NULL,"
    " kind TEXT NOT NULL, reason TEXT NOT NULL, deviation TEXT NOT NULL,"
    " sequence INTEGER NOT NULL, expectation INTEGER REFERENCES documents(id),"
    " client_facts INTEGER REFERENCES documents(id),"
    " server_facts INTEGER REFERENCES documents(id),"
    " client_exporter BLOB, server_exporter BLOB,"
    " client_us INTEGER NOT NULL, server_us INTEGER NOT NULL, check_name TEXT NOT NULL,"
    " client_bytes INTEGER, server_bytes INTEGER, client_packets INTEGER, server_packets INTEGER,"
    " handshake_us INTEGER, ladder INTEGER REFERENCES documents(id), lengths TEXT,"
    " server_ladder INTEGER REFERENCES documents(id), server_lengths TEXT)"
    " WITHOUT ROWID;"
    "CREATE INDEX cases_by_verdict ON cases(verdict, id);"
    /* The cases with the texts of their documents; read_row() counts on the order. */
    "CREATE VIEW readable AS SELECT c.id, c.planned, c.verdict, c.kind, c.reason, c.deviation,"
    " c.sequence, c.client_exporter, c.server_exporter, c.client_us, c.server_us, c.check_name,"
    " c.client_bytes, c.server_bytes, c.client_packets, c.server_packets, c.handshake_us,"
    " e.json AS expectation, cf.json AS client_facts, sf.json AS server_facts,"
    " l.json AS ladder, c.lengths, sl.json AS server_ladder, c.server_lengths FROM cases c"
    " LEFT JOIN documents e ON e.id = c.expectation"
    " LEFT JOIN documents cf ON cf.id = c.client_facts"
    " LEFT JOIN documents sf ON sf.id = c.server_facts"
    " LEFT JOIN documents l ON l.id = c.ladder"
    " LEFT JOIN documents sl ON sl.id = c.server_ladder;";

static const char *const statements[NUM_STATEMENTS] = {
    [STATEMENT_SET] = "INSERT OR REPLACE INTO run VALUES(?1, ?2)",
    [STATEMENT_GET] = "SELECT value FROM run WHERE key = ?1",
    [STATEMENT_PUT_STACK] = "INSERT INTO stacks(name, library, release, capabilities)"
                            " VALUES(?1, ?2, ?3, ?4)"
                            " ON CONFLICT(name) DO UPDATE SET library = ?2, release = ?3,"
                            " capabilities = ?4",
    [STATEMENT_STACKS] = "SELECT capabilities FROM stacks ORDER BY position",
    [STATEMENT_ADD_DOCUMENT] = "INSERT INTO documents(json, hash) VALUES(?1, ?2)",
    [STATEMENT_DOCUMENT_ID] = "SELECT id FROM documents WHERE hash = ?2 AND json = ?1",
    [STATEMENT_PUT] = "INSERT OR REPLACE INTO cases"
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
                      " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
    [STATEMENT_REJUDGE] = "UPDATE cases SET verdict = ?2, kind = ?3, reason = ?4, deviation = ?5,"
                          " check_name = '' WHERE id = ?1",
    [STATEMENT_FIND] = "SELECT * FROM readable WHERE id = ?1",
    /* A page of one: the caller may change the verdict that the index is on. */
    [STATEMENT_NEXT] = "SELECT * FROM readable"
                       " WHERE verdict = ?1 AND id > ?2 AND planned ORDER BY id LIMIT 1",
    [STATEMENT_COUNTS] = "SELECT verdict, count(*), total(deviation = '') FROM cases"
                         " WHERE planned GROUP BY verdict",
};

int results_database_error(struct results *results, struct error *err)
{
    return error_set(err, ERROR_HARNESS, "%s: %s", results->path, sqlite3_errmsg(results->db));
}

static int execute(struct results *results, const char *sql, struct error *err)
{
    if (sqlite3_exec(results->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return results_database_error(results, err);
    return 0;
}

static int read_number(struct results *results, const char *sql, int *value, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(results->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        sqlite3_finalize(statement);
        return error_set(err, ERROR_USAGE, "%s: not a tlsmatrix results file (%s)", results->path,
                         sqlite3_errmsg(results->db));
    }
    *value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return 0;
}

static int check_ours(struct results *results, struct error *err)
{
    int id = 0, version = 0;
    if (read_number(results, "PRAGMA application_id", &id, err) < 0)
        return -1;
    if (id != APPLICATION_ID)
        return error_set(err, ERROR_USAGE, "%s: not a tlsmatrix results file", results->path);
    if (read_number(results, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (version != SCHEMA_VERSION)
        return error_set(err, ERROR_USAGE,
                         "%s: results of schema version %d, this tlsmatrix reads version %d: run "
                         "it again, or use the tlsmatrix that wrote it",
                         results->path, version, SCHEMA_VERSION);
    return 0;
}

static int create_schema(struct results *results, struct error *err)
{
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION_ID, SCHEMA_VERSION);
    if (execute(results, "BEGIN", err) < 0 || execute(results, schema, err) < 0 ||
        execute(results, pragmas, err) < 0 || execute(results, "COMMIT", err) < 0)
        return -1;
    return 0;
}

static int prepare_statements(struct results *results, struct error *err)
{
    for (size_t i = 0; i < NUM_STATEMENTS; i++)
        if (sqlite3_prepare_v3(results->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &results->statements[i], NULL) != SQLITE_OK)
            return results_database_error(results, err);
    return 0;
}

static int open_flags(enum results_mode mode)
{
    switch (mode) {
    case RESULTS_CREATE:
        return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case RESULTS_RESUME:
        return SQLITE_OPEN_READWRITE;
    case RESULTS_READ:
        return SQLITE_OPEN_READONLY;
    }
    return 0;
}

/* Makes the empty file, so that of two who want to begin one run only one gets it. */
static int create_file(const char *path, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0) {
        close(fd);
        return 0;
    }
    if (errno == EEXIST)
        return error_set(err, ERROR_USAGE, "%s: there already", path);
    return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
}

static int check_path(const char *path, enum results_mode mode, struct error *err)
{
    if (mode == RESULTS_CREATE)
        return create_file(path, err);
    struct stat status;
    if (access(path, R_OK) != 0 || stat(path, &status) != 0)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_USAGE, "%s: not a tlsmatrix results file", path);
    return 0;
}

int results_open(struct results **out, const char *path, enum results_mode mode, struct error *err)
{
    if (check_path(path, mode, err) < 0)
        return -1;
    struct results *results = calloc(1, sizeof *results);
    if (results == NULL || (results->path = strdup(path)) == NULL) {
        free(results);
        return error_set(err, ERROR_HARNESS, "out of memory");
    }
    int ret = -1;
    if (sqlite3_open_v2(path, &results->db, open_flags(mode), NULL) != SQLITE_OK) {
        results_database_error(results, err);
        goto out;
    }
    results->writable = mode != RESULTS_READ;
    sqlite3_busy_timeout(results->db, BUSY_TIMEOUT_MS);
    if (mode == RESULTS_CREATE ? create_schema(results, err) < 0 : check_ours(results, err) < 0)
        goto out;
    /* WAL with NORMAL: a killed process loses nothing committed; readers do not stop the run. */
    if (mode != RESULTS_READ &&
        execute(results, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;", err) < 0)
        goto out;
    if (prepare_statements(results, err) < 0)
        goto out;
    *out = results;
    ret = 0;
out:
    if (ret < 0)
        results_close(results, NULL);
    if (ret < 0 && mode == RESULTS_CREATE)
        results_remove(path); /* ours, and nothing is in it */
    return ret;
}

void results_remove(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char name[PATH_LEN];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

int results_close(struct results *results, struct error *err)
{
    if (results == NULL)
        return 0;
    int ret = results->db == NULL ? 0 : results_commit(results, err);
    /* The file alone is the results: the log is folded into it. A reader elsewhere may prevent that
     * for now, which is no error. */
    if (ret == 0 && results->writable)
        sqlite3_exec(results->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    for (size_t i = 0; i < NUM_STATEMENTS; i++)
        sqlite3_finalize(results->statements[i]);
    sqlite3_close(results->db);
    free(results->path);
    free(results);
    return ret;
}

struct sqlite3 *results_database(struct results *results)
{
    return results->db;
}

int results_commit(struct results *results, struct error *err)
{
    /* A reader that is still open would keep SQLite from folding the log into the file. */
    sqlite3_reset(results->statements[STATEMENT_FIND]);
    sqlite3_reset(results->statements[STATEMENT_NEXT]);
    if (!results->in_transaction)
        return 0;
    results->in_transaction = false;
    return execute(results, "COMMIT", err);
}

int results_begin(struct results *results, struct error *err)
{
    if (results->in_transaction)
        return 0;
    if (execute(results, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    results->in_transaction = true;
    return 0;
}

void results_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

int results_execute(struct results *results, sqlite3_stmt *statement, struct error *err)
{
    int status = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status == SQLITE_DONE ? 0 : results_database_error(results, err);
}

int results_set(struct results *results, const char *key, const char *value, struct error *err)
{
    if (results_begin(results, err) < 0)
        return -1;
    sqlite3_stmt *statement = results->statements[STATEMENT_SET];
    results_bind_text(statement, 1, key);
    results_bind_text(statement, 2, value);
    return results_execute(results, statement, err);
}

int results_get(struct results *results, const char *key, char *out, size_t out_len,
                struct error *err)
{
    sqlite3_stmt *statement = results->statements[STATEMENT_GET];
    results_bind_text(statement, 1, key);
    int status = sqlite3_step(statement);
    if (status == SQLITE_ROW)
        snprintf(out, out_len, "%s", (const char *)sqlite3_column_text(statement, 0));
    else if (status != SQLITE_DONE)
        results_database_error(results, err);
    sqlite3_reset(statement);
    return status == SQLITE_ROW ? 1 : status == SQLITE_DONE ? 0 : -1;
}

int results_put_stack(struct results *results, const struct capabilities *caps, struct error *err)
{
    json_t *object = capabilities_to_json(caps);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (text == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = results_begin(results, err);
    if (ret == 0) {
        sqlite3_stmt *statement = results->statements[STATEMENT_PUT_STACK];
        results_bind_text(statement, 1, caps->stack);
        results_bind_text(statement, 2, caps->library);
        results_bind_text(statement, 3, caps->release);
        results_bind_text(statement, 4, text);
        ret = results_execute(results, statement, err);
    }
    free(text);
    return ret;
}

static int parse_stack(struct capabilities *out, const char *text, struct error *err)
{
    json_t *object = json_loads(text, 0, NULL);
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "capability list in the results is not JSON");
    int ret = capabilities_from_json(out, object, err);
    json_decref(object);
    return ret;
}

int results_stacks(struct results *results, struct stack_set *out, struct error *err)
{
    sqlite3_stmt *statement = results->statements[STATEMENT_STACKS];
    memset(out, 0, sizeof *out); /* RAW_STACK, too, has nothing */
    int ret = 0, status = SQLITE_DONE;
    while (ret == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        if (out->num_stacks == STACKS_MAX)
            ret = error_set(err, ERROR_HARNESS, "more than %d stacks", STACKS_MAX);
        else
            ret = parse_stack(&out->stacks[out->num_stacks++],
                              (const char *)sqlite3_column_text(statement, 0), err);
    }
    if (ret == 0 && status != SQLITE_DONE)
        ret = results_database_error(results, err);
    sqlite3_reset(statement);
    return ret;
}

int results_counts(struct results *results, uint64_t counts[NUM_VERDICTS],
                   uint64_t *red_inconclusive, struct error *err)
{
    memset(counts, 0, sizeof counts[0] * NUM_VERDICTS);
    *red_inconclusive = 0;
    sqlite3_stmt *statement = results->statements[STATEMENT_COUNTS];
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        int verdict = verdict_by_name((const char *)sqlite3_column_text(statement, 0));
        if (verdict >= 0)
            counts[verdict] = (uint64_t)sqlite3_column_int64(statement, 1);
        if (verdict == VERDICT_INCONCLUSIVE)
            *red_inconclusive = (uint64_t)sqlite3_column_int64(statement, 2);
    }
    sqlite3_reset(statement);
    return status == SQLITE_DONE ? 0 : results_database_error(results, err);
}

int results_last_sequence(struct results *results, uint32_t *sequence, struct error *err)
{
    int value = 0;
    if (read_number(results, "SELECT coalesce(max(sequence), 0) FROM cases", &value, err) < 0)
        return -1;
    *sequence = (uint32_t)value;
    return 0;
}
