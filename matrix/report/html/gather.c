#include "matrix/report/html/gather.h"

#include "harness/verdict.h"
#include "matrix/capture_case.h"
#include "matrix/case_value.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* In the order of enum read_column. */
static const char rows_sql[] =
    "SELECT c.id, planned, verdict, kind, check_name, deviation, reason, sequence, client_facts,"
    " server_facts, client_exporter, server_exporter, client_us, server_us, handshake_us,"
    " client_bytes, server_bytes, client_packets, server_packets, ladder, lengths, server_ladder,"
    " server_lengths, d.json"
    " FROM cases c LEFT JOIN documents d ON d.id = c.expectation ORDER BY c.id";

static int database_error(const struct gather *gather, struct error *err)
{
    return error_set(err, ERROR_HARNESS, "%s/results.db: %s", gather->directory,
                     sqlite3_errmsg(results_database(gather->results)));
}

/* ---- beginning and end ---- */

/* An id leaves optional axes out, and tells the others by their words alone. */
static int read_optional_words(struct gather *gather, struct error *err)
{
    const char *word;
    gather->optional_words = json_object();
    for (int axis = FIRST_OPTIONAL_AXIS; axis < NUM_AXES; axis++)
        for (size_t i = 1; (word = axis_word((enum axis)axis, i, gather->stacks)) != NULL; i++)
            if (json_object_set_new(gather->optional_words, word, json_integer(axis)) < 0)
                return error_set(err, ERROR_HARNESS, "out of memory");
    return 0;
}

/* A run without a recording has no such folder. */
static int read_captures(struct gather *gather, struct error *err)
{
    char path[PATH_LEN];
    gather->captures = json_object();
    gather->capture_names = json_object();
    if (snprintf(path, sizeof path, "%s/captures", gather->directory) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: path too long", gather->directory);
    DIR *directory = opendir(path);
    if (directory == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        json_object_set_new(gather->captures, entry->d_name, json_true());
    closedir(directory);
    return 0;
}

static int open_documents(struct gather *gather, struct error *err)
{
    sqlite3 *db = results_database(gather->results);
    sqlite3_stmt *last = NULL;
    if (sqlite3_prepare_v2(db, "SELECT coalesce(max(id), 0) FROM documents", -1, &last, NULL) !=
            SQLITE_OK ||
        sqlite3_step(last) != SQLITE_ROW ||
        sqlite3_prepare_v2(db, "SELECT json FROM documents WHERE id = ?1", -1, &gather->document,
                           NULL) != SQLITE_OK) {
        sqlite3_finalize(last);
        return database_error(gather, err);
    }
    gather->num_notes = (size_t)sqlite3_column_int64(last, 0) + 1;
    sqlite3_finalize(last);
    gather->lengths = json_object();
    gather->notes = calloc(gather->num_notes, sizeof *gather->notes);
    return gather->notes == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
}

int gather_init(struct gather *gather, struct results *results, const char *directory,
                const char *against, struct error *err)
{
    *gather = (struct gather){ .results = results, .directory = directory };
    gather->stacks = malloc(sizeof *gather->stacks);
    if (gather->stacks == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (results_stacks(results, gather->stacks, err) < 0 || table_init(&gather->table, err) < 0 ||
        documents_init(&gather->documents, err) < 0 ||
        (gather->expectations = expectations_new(err)) == NULL ||
        read_optional_words(gather, err) < 0 || read_captures(gather, err) < 0 ||
        open_documents(gather, err) < 0)
        return -1;
    return against == NULL ? 0 : against_open(&gather->against, against, err);
}

void gather_fini(struct gather *gather)
{
    sqlite3_finalize(gather->document);
    against_close(&gather->against);
    expectations_free(gather->expectations);
    documents_fini(&gather->documents);
    table_fini(&gather->table);
    json_decref(gather->optional_words);
    json_decref(gather->captures);
    json_decref(gather->capture_names);
    json_decref(gather->lengths);
    free(gather->notes);
    free(gather->stacks);
    *gather = (struct gather){ 0 };
}

/* ---- the id ---- */

/* Where the pair's client ends: by the stacks of the run, as a name may have a dash. */
static char *pair_dash(const struct stack_set *stacks, char *pair)
{
    for (char *dash = strchr(pair, '-'); dash != NULL; dash = strchr(dash + 1, '-')) {
        *dash = '\0';
        bool known =
            stack_index(stacks, pair) >= 0 || strcmp(pair, stack_name(stacks, RAW_STACK)) == 0;
        *dash = '-';
        if (known)
            return dash;
    }
    return strchr(pair, '-');
}

static int set_pair(struct gather *gather, char *pair, struct error *err)
{
    char *dash = pair_dash(gather->stacks, pair);
    if (dash == NULL)
        return error_set(err, ERROR_USAGE, "%s/results.db: '%s' is not CLIENT-SERVER",
                         gather->directory, pair);
    *dash = '\0';
    if (table_set_word(&gather->table, AXIS_CLIENT, pair, err) < 0)
        return -1;
    return table_set_word(&gather->table, AXIS_SERVER, dash + 1, err);
}

/* What follows the pin. What nobody here knows is a raw hello of the run's own (`run --hellos`). */
static int set_optional_axis(struct gather *gather, const char *word, struct error *err)
{
    const json_t *axis = json_object_get(gather->optional_words, word);
    return table_set_word(&gather->table, axis == NULL ? AXIS_HELLO : (int)json_integer_value(axis),
                          word, err);
}

static int set_axes(struct gather *gather, const char *id, struct error *err)
{
    char copy[CASE_ID_MAX];
    if ((size_t)snprintf(copy, sizeof copy, "%s", id) >= sizeof copy)
        return error_set(err, ERROR_USAGE, "%s/results.db: the id '%.40s…' is too long",
                         gather->directory, id);
    char *repeat = strchr(copy, '#'), *rest = copy;
    if (repeat != NULL) {
        *repeat = '\0';
        table_set(&gather->table, COLUMN_REPEAT, (uint32_t)strtoul(repeat + 1, NULL, 10));
    }
    int ret = set_pair(gather, strsep(&rest, "/"), err);
    for (int axis = AXIS_VERSION; ret == 0 && axis < FIRST_OPTIONAL_AXIS; axis++) {
        const char *word = strsep(&rest, "/");
        ret = table_set_word(&gather->table, axis, word == NULL ? "" : word, err);
    }
    while (ret == 0 && rest != NULL)
        ret = set_optional_axis(gather, strsep(&rest, "/"), err);
    return ret;
}

/* ---- the verdict, the capture ---- */

const char *cause_text(char out[CAUSE_TEXT_MAX], const char *verdict, const char *kind,
                       const char *check, const char *deviation, const char *reason)
{
    snprintf(out, CAUSE_TEXT_MAX, "%s\t%s\t%s\t%s\t%s", verdict, kind, check, deviation, reason);
    return out;
}

void cause_read(char *verdict, size_t verdict_len, char *deviation, size_t deviation_len,
                const char *text)
{
    snprintf(verdict, verdict_len, "%.*s", (int)strcspn(text, "\t"), text);
    for (int field = 0; field < 3; field++) /* kind, check and what is wanted */
        text += strcspn(text, "\t") + 1;
    snprintf(deviation, deviation_len, "%.*s", (int)strcspn(text, "\t"), text);
}

static int set_verdict(struct gather *gather, sqlite3_stmt *row, struct error *err)
{
    char text[CAUSE_TEXT_MAX];
    if (verdict_by_name(gather_text(row, READ_VERDICT)) < 0)
        return error_set(err, ERROR_HARNESS, "%s/results.db: unknown verdict '%s'",
                         gather->directory, gather_text(row, READ_VERDICT));
    cause_text(text, gather_text(row, READ_VERDICT), gather_text(row, READ_KIND),
               gather_text(row, READ_CHECK), gather_text(row, READ_DEVIATION),
               gather_text(row, READ_REASON));
    return table_set_word(&gather->table, COLUMN_CAUSE, text, err);
}

static enum exporter_state exporters(sqlite3_stmt *row)
{
    int len[2] = { sqlite3_column_bytes(row, READ_CLIENT_EXPORTER),
                   sqlite3_column_bytes(row, READ_SERVER_EXPORTER) };
    if (len[0] == 0 && len[1] == 0)
        return EXPORTER_UNKNOWN;
    if (len[0] == 0 || len[1] == 0)
        return EXPORTER_ONE_END;
    return len[0] == len[1] &&
                   memcmp(sqlite3_column_blob(row, READ_CLIENT_EXPORTER),
                          sqlite3_column_blob(row, READ_SERVER_EXPORTER), (size_t)len[0]) == 0
               ? EXPORTER_EQUAL
               : EXPORTER_DIFFERS;
}

/* The page knows a capture's name by the id, but for those that are cut. */
static bool has_capture(struct gather *gather, const char *id)
{
    char name[CAPTURE_NAME_MAX], key[24];
    if (json_object_size(gather->captures) == 0)
        return false;
    case_capture_name(name, id);
    if (json_object_get(gather->captures, name) == NULL)
        return false;
    if (strlen(name) != strlen(id) + strlen(".pcapng")) {
        snprintf(key, sizeof key, "%zu", gather->table.num_rows - 1);
        json_object_set_new(gather->capture_names, key, json_string(name));
    }
    return true;
}

static void set_flags(struct gather *gather, sqlite3_stmt *row)
{
    uint32_t flags = (uint32_t)exporters(row) << FLAG_EXPORTER_SHIFT;
    if (sqlite3_column_int(row, READ_PLANNED))
        flags |= FLAG_PLANNED;
    if (has_capture(gather, gather_text(row, READ_ID)))
        flags |= FLAG_CAPTURED;
    table_set(&gather->table, COLUMN_FLAGS, flags);
}

static uint32_t clamped(sqlite3_int64 value)
{
    return value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void set_numbers(struct gather *gather, sqlite3_stmt *row)
{
    static const struct {
        int column;
        int read;
    } numbers[] = {
        { COLUMN_SEQUENCE, READ_SEQUENCE },
        { COLUMN_CLIENT_US, READ_CLIENT_US },
        { COLUMN_SERVER_US, READ_SERVER_US },
        { COLUMN_HANDSHAKE_US, READ_HANDSHAKE_US },
        { COLUMN_CLIENT_BYTES, READ_CLIENT_BYTES },
        { COLUMN_SERVER_BYTES, READ_SERVER_BYTES },
        { COLUMN_CLIENT_PACKETS, READ_CLIENT_PACKETS },
        { COLUMN_SERVER_PACKETS, READ_SERVER_PACKETS },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        table_set(&gather->table, numbers[i].column,
                  clamped(sqlite3_column_int64(row, numbers[i].read)));
}

static int set_expectation(struct gather *gather, sqlite3_stmt *row, struct error *err)
{
    uint32_t number;
    const char *fault;
    if (sqlite3_column_int64(row, READ_SEQUENCE) == 0 && gather_text(row, READ_EXPECTATION) == NULL)
        return 0; /* unsupported, or left undone */
    if (expectation_number(&number, &fault, gather, gather_text(row, READ_EXPECTATION),
                           gather_text(row, READ_ID), err) < 0)
        return -1;
    table_set(&gather->table, COLUMN_EXPECTATION, number);
    return table_set_word(&gather->table, COLUMN_FAULT, fault, err);
}

static int gather_row(struct gather *gather, sqlite3_stmt *row, struct error *err)
{
    if (table_add_row(&gather->table, err) < 0 ||
        set_axes(gather, gather_text(row, READ_ID), err) < 0 || set_verdict(gather, row, err) < 0 ||
        set_expectation(gather, row, err) < 0 || gather_facts(gather, row, ROLE_CLIENT, err) < 0 ||
        gather_facts(gather, row, ROLE_SERVER, err) < 0 || gather_ladders(gather, row, err) < 0)
        return -1;
    set_flags(gather, row);
    set_numbers(gather, row);
    return against_note(&gather->against, &gather->table, gather_text(row, READ_ID), err);
}

int gather_run(struct gather *gather, struct error *err)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(results_database(gather->results), rows_sql, -1, &rows, NULL) !=
        SQLITE_OK)
        return database_error(gather, err);
    int status, ret = 0;
    while (ret == 0 && (status = sqlite3_step(rows)) == SQLITE_ROW)
        ret = gather_row(gather, rows, err);
    if (ret == 0 && status != SQLITE_DONE)
        ret = database_error(gather, err);
    sqlite3_finalize(rows);
    return ret < 0 ? -1 : against_note(&gather->against, &gather->table, NULL, err);
}
