/* The run that another is held against: walked beside it, in the order of ids. */
#include "matrix/report/html/gather.h"

#include <sqlite3.h>
#include <string.h>

enum { VANISHED_LISTED = 1000 };

int against_open(struct against *against, const char *directory, struct error *err)
{
    char path[PATH_LEN];
    if (snprintf(path, sizeof path, "%s/results.db", directory) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: path too long", directory);
    if (results_open(&against->results, path, RESULTS_READ, err) < 0)
        return -1;
    against->vanished = json_array();
    sqlite3 *db = results_database(against->results);
    if (sqlite3_prepare_v2(db,
                           "SELECT id, verdict, kind, check_name, deviation, reason FROM cases"
                           " WHERE planned ORDER BY id",
                           -1, &against->rows, NULL) != SQLITE_OK)
        return error_set(err, ERROR_HARNESS, "%s: %s", path, sqlite3_errmsg(db));
    against->has_row = sqlite3_step(against->rows) == SQLITE_ROW;
    return 0;
}

void against_close(struct against *against)
{
    sqlite3_finalize(against->rows);
    results_close(against->results, NULL);
    json_decref(against->vanished);
    *against = (struct against){ 0 };
}

static const char *column(const struct against *against, int index)
{
    return (const char *)sqlite3_column_text(against->rows, index);
}

static void note_vanished(struct against *against)
{
    if (against->num_vanished++ < VANISHED_LISTED)
        json_array_append_new(against->vanished, json_string(column(against, 0)));
}

static int set_was(const struct against *against, struct table *table, struct error *err)
{
    char text[CAUSE_TEXT_MAX];
    uint32_t cause;
    cause_text(text, column(against, 1), column(against, 2), column(against, 3), column(against, 4),
               column(against, 5));
    if (dictionary_number(&cause, &table->words[COLUMN_CAUSE], text, err) < 0)
        return -1;
    table_set(table, COLUMN_WAS, cause + 1);
    return 0;
}

int against_note(struct against *against, struct table *table, const char *id, struct error *err)
{
    int ret = 0;
    while (ret == 0 && against->has_row) {
        int order = id == NULL ? -1 : strcmp(column(against, 0), id);
        if (order > 0)
            break;
        if (order < 0)
            note_vanished(against);
        else
            ret = set_was(against, table, err);
        int status = sqlite3_step(against->rows);
        against->has_row = status == SQLITE_ROW;
        if (ret == 0 && status != SQLITE_ROW && status != SQLITE_DONE)
            ret = error_set(err, ERROR_HARNESS, "%s",
                            sqlite3_errmsg(results_database(against->results)));
        if (order == 0)
            break;
    }
    return ret;
}
