#include "matrix/report/join.h"

#include "matrix/report/pairs.h"

#include <sqlite3.h>
#include <string.h>

static const char cases_sql[] =
    "SELECT substr(id, length(?1) + 2), id, verdict, kind, reason, deviation, client_facts,"
    " server_facts, client_us, server_us, client_bytes, server_bytes, client_packets,"
    " server_packets, handshake_us, sequence FROM readable WHERE planned AND " PAIR_IS_SQL
    " ORDER BY id";

struct side {
    struct results *results;
    sqlite3_stmt *row;
    bool has_row;
    const char *rest;
    struct joined_case c;
};

static int database_error(const struct side *side, struct error *err)
{
    return error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(results_database(side->results)));
}

static const char *column(const struct side *side, int index)
{
    return (const char *)sqlite3_column_text(side->row, index);
}

static uint64_t number(const struct side *side, int index)
{
    return (uint64_t)sqlite3_column_int64(side->row, index);
}

static int read_case(struct side *side, struct error *err)
{
    int verdict = verdict_by_name(column(side, 2));
    if (verdict < 0)
        return error_set(err, ERROR_HARNESS, "results hold an unknown verdict '%s'",
                         column(side, 2));
    side->rest = column(side, 0);
    side->c = (struct joined_case){
        .id = column(side, 1),
        .verdict = (enum verdict)verdict,
        .kind = column(side, 3),
        .reason = column(side, 4),
        .deviation = column(side, 5),
        .facts = { column(side, 6), column(side, 7) },
        .us = { number(side, 8), number(side, 9) },
        .wire = { .recorded = sqlite3_column_type(side->row, 10) != SQLITE_NULL,
                  .bytes = { number(side, 10), number(side, 11) },
                  .packets = { number(side, 12), number(side, 13) },
                  .handshake_us = number(side, 14) },
        .sequence = (uint32_t)number(side, 15),
    };
    return 0;
}

static int step(struct side *side, struct error *err)
{
    int status = sqlite3_step(side->row);
    side->has_row = status == SQLITE_ROW;
    if (side->has_row)
        return read_case(side, err);
    return status == SQLITE_DONE ? 0 : database_error(side, err);
}

static int begin(struct side *side, struct results *results, const char *pair, struct error *err)
{
    side->results = results;
    if (sqlite3_prepare_v2(results_database(results), cases_sql, -1, &side->row, NULL) !=
            SQLITE_OK ||
        sqlite3_bind_text(side->row, 1, pair, -1, SQLITE_STATIC) != SQLITE_OK)
        return database_error(side, err);
    return step(side, err);
}

int join_pairs(struct results *a, const char *pair_a, struct results *b, const char *pair_b,
               join_visit *visit, void *context, struct error *err)
{
    struct side left = { 0 }, right = { 0 };
    int ret = begin(&left, a, pair_a, err);
    if (ret == 0)
        ret = begin(&right, b, pair_b, err);
    while (ret == 0 && (left.has_row || right.has_row)) {
        int order = !left.has_row ? 1 : !right.has_row ? -1 : strcmp(left.rest, right.rest);
        ret = visit(context, order <= 0 ? left.rest : right.rest, order <= 0 ? &left.c : NULL,
                    order >= 0 ? &right.c : NULL, err);
        if (ret == 0 && order <= 0)
            ret = step(&left, err);
        if (ret == 0 && order >= 0)
            ret = step(&right, err);
    }
    sqlite3_finalize(left.row);
    sqlite3_finalize(right.row);
    return ret;
}
