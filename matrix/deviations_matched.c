#include "matrix/deviations_matched.h"

#include <sqlite3.h>
#include <stdio.h>

static bool concerns_run(const struct deviation *deviation, const struct stack_set *stacks)
{
    for (size_t i = 0; i < stacks->num_stacks; i++)
        if (deviation_concerns(deviation, &stacks->stacks[i]))
            return true;
    return false;
}

/* 1 if a case carries the entry's id, 0 if none does, -1. */
static int is_matched(sqlite3_stmt *statement, const char *id)
{
    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
}

int deviations_check_matched(struct results *results, const struct deviations *deviations,
                             const struct stack_set *stacks, uint64_t *num_unmatched,
                             struct error *err)
{
    static const char sql[] = "SELECT EXISTS(SELECT 1 FROM cases WHERE planned AND"
                              " verdict IN ('xfail', 'xpass') AND deviation = ?1)";
    sqlite3 *db = results_database(results);
    sqlite3_stmt *statement = NULL;
    int matched = 0;
    *num_unmatched = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        return error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    for (size_t i = 0; i < deviations_count(deviations) && matched >= 0; i++) {
        const struct deviation *deviation = deviations_at(deviations, i);
        if (!concerns_run(deviation, stacks))
            continue;
        matched = is_matched(statement, deviation->id);
        if (matched == 0) {
            fprintf(stderr, "%s:%d: the known deviation '%s' matched no case: it is gone\n",
                    deviation->file, deviation->line, deviation->id);
            (*num_unmatched)++;
        }
    }
    sqlite3_finalize(statement);
    return matched < 0 ? error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db)) : 0;
}
