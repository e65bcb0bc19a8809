#include "matrix/report/causes.h"

#include <sqlite3.h>
#include <string.h>

static const char causes_sql[] = "SELECT verdict, kind, reason, id FROM cases WHERE planned AND " //
    CAUSE_IS_RED_SQL " ORDER BY" CAUSE_ORDER_SQL;

bool cause_is_red(enum verdict verdict, const char *deviation)
{
    switch (verdict) {
    case VERDICT_HARNESS_ERROR:
    case VERDICT_CRASH:
    case VERDICT_FAIL:
    case VERDICT_TIMEOUT:
    case VERDICT_XPASS:
        return true;
    case VERDICT_INCONCLUSIVE:
        return deviation[0] == '\0';
    default:
        return false;
    }
}

static const char *column(sqlite3_stmt *row, int index)
{
    return (const char *)sqlite3_column_text(row, index);
}

static bool belongs(const struct cause *cause, sqlite3_stmt *row)
{
    return cause->cases.num_cases > 0 && strcmp(cause->verdict, column(row, 0)) == 0 &&
           strcmp(cause->kind, column(row, 1)) == 0 &&
           strncmp(cause->reason, column(row, 2), TEXT_LEN - 1) == 0;
}

static void begin_cause(struct cause *cause, sqlite3_stmt *row)
{
    pattern_fini(&cause->cases);
    snprintf(cause->verdict, sizeof cause->verdict, "%s", column(row, 0));
    snprintf(cause->kind, sizeof cause->kind, "%s", column(row, 1));
    snprintf(cause->reason, sizeof cause->reason, "%s", column(row, 2));
}

int64_t causes_each(struct results *results, cause_emit *emit, void *context, struct error *err)
{
    sqlite3 *db = results_database(results);
    sqlite3_stmt *row = NULL;
    struct cause cause = { 0 };
    int64_t num_causes = 0;
    int ret = rerun_options_read(cause.rerun_options, results, err), status = SQLITE_DONE;
    if (ret == 0 && sqlite3_prepare_v2(db, causes_sql, -1, &row, NULL) != SQLITE_OK)
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    while (ret == 0 && (status = sqlite3_step(row)) == SQLITE_ROW) {
        if (!belongs(&cause, row)) {
            if (cause.cases.num_cases > 0)
                emit(context, &cause);
            begin_cause(&cause, row);
            num_causes++;
        }
        ret = pattern_note(&cause.cases, column(row, 3), err);
    }
    if (ret == 0 && status != SQLITE_DONE)
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    if (ret == 0 && cause.cases.num_cases > 0)
        emit(context, &cause);
    pattern_fini(&cause.cases);
    sqlite3_finalize(row);
    return ret < 0 ? -1 : num_causes;
}
