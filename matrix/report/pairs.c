#include "matrix/report/pairs.h"

#include <sqlite3.h>
#include <string.h>

int pairs_next(char pair[PAIR_MAX], struct results *results, struct error *err)
{
    sqlite3 *db = results_database(results);
    sqlite3_stmt *row = NULL;
    int ret = 0;
    if (sqlite3_prepare_v2(db,
                           "SELECT id FROM cases WHERE id >= CASE ?1 WHEN '' THEN '' ELSE"
                           " ?1 || '0' END ORDER BY id LIMIT 1",
                           -1, &row, NULL) != SQLITE_OK)
        return error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    sqlite3_bind_text(row, 1, pair, -1, SQLITE_TRANSIENT);
    int status = sqlite3_step(row);
    if (status == SQLITE_ROW) {
        const char *id = (const char *)sqlite3_column_text(row, 0);
        size_t len = strcspn(id, "/");
        ret = len < PAIR_MAX ? 1 : error_set(err, ERROR_USAGE, "%s: no case's id", id);
        snprintf(pair, PAIR_MAX, "%.*s", (int)len, id);
    } else if (status != SQLITE_DONE) {
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(row);
    return ret;
}

static bool is_stack(const struct stack_set *stacks, const char *name)
{
    return stack_index(stacks, name) >= 0 || strcmp(name, stack_name(stacks, RAW_STACK)) == 0;
}

int pair_split(char client[NAME_MAX_LEN], char server[NAME_MAX_LEN], const char *pair,
               const struct stack_set *stacks, struct error *err)
{
    for (const char *dash = strchr(pair, '-'); dash != NULL; dash = strchr(dash + 1, '-')) {
        snprintf(client, NAME_MAX_LEN, "%.*s", (int)(dash - pair), pair);
        snprintf(server, NAME_MAX_LEN, "%s", dash + 1);
        if (is_stack(stacks, client) && is_stack(stacks, server))
            return 0;
    }
    return error_set(err, ERROR_USAGE, "cases of '%s': no pair of the run's stacks", pair);
}
