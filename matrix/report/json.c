/* The run as one JSON document, and as JSON Lines. */
#include "matrix/report/causes.h"
#include "matrix/report/formats.h"
#include "matrix/show_wire.h"

#include <inttypes.h>
#include <sqlite3.h>

static const char deviations_sql[] =
    "SELECT deviation, count(*) FROM cases WHERE planned AND deviation <> ''"
    " GROUP BY deviation ORDER BY 2 DESC, 1";
static const char values_sql[] = "SELECT key, value FROM run ORDER BY key";
static const char stacks_sql[] = "SELECT name, library, release FROM stacks ORDER BY position";
static const char ids_sql[] = "SELECT id FROM cases ORDER BY id";

static const char *column(sqlite3_stmt *row, int index)
{
    return (const char *)sqlite3_column_text(row, index);
}

/* Calls `take` for each row. */
static int each_row(struct results *results, const char *sql,
                    void (*take)(json_t *into, sqlite3_stmt *row), json_t *into, struct error *err)
{
    sqlite3 *db = results_database(results);
    sqlite3_stmt *row = NULL;
    int status = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    while (status == SQLITE_OK || status == SQLITE_ROW) {
        status = sqlite3_step(row);
        if (status == SQLITE_ROW)
            take(into, row);
    }
    sqlite3_finalize(row);
    return status == SQLITE_DONE ? 0 : error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
}

static void take_deviation(json_t *into, sqlite3_stmt *row)
{
    json_array_append_new(into, json_pack("{s:s, s:I}", "id", column(row, 0), "cases",
                                          (json_int_t)sqlite3_column_int64(row, 1)));
}

static void take_value(json_t *into, sqlite3_stmt *row)
{
    json_object_set_new(into, column(row, 0), json_string(column(row, 1)));
}

static void take_stack(json_t *into, sqlite3_stmt *row)
{
    json_array_append_new(into, json_pack("{s:s, s:s, s:s}", "name", column(row, 0), "library",
                                          column(row, 1), "release", column(row, 2)));
}

json_t *report_deviations(struct results *results, struct error *err)
{
    json_t *all = json_array();
    if (each_row(results, deviations_sql, take_deviation, all, err) == 0)
        return all;
    json_decref(all);
    return NULL;
}

static void take_cause(void *context, const struct cause *cause)
{
    char pattern[PATTERN_TEXT_MAX];
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:o}", "verdict", cause->verdict, "kind", cause->kind,
        "reason", cause->reason, "cases", (json_int_t)cause->cases.num_cases, "in",
        pattern_text(pattern, &cause->cases), "example", cause->cases.example, "rerun",
        json_sprintf("%s rerun -v '%s'%s", told_program(), cause->cases.example,
                     cause->rerun_options));
    json_array_append_new(context, object);
}

static json_t *counts_of(const struct session_outcome *outcome)
{
    json_t *counts = json_object();
    for (int i = 0; i < NUM_VERDICTS; i++)
        json_object_set_new(counts, verdict_name((enum verdict)i),
                            json_integer((json_int_t)outcome->counts[i]));
    return counts;
}

int report_json(FILE *out, const struct told_run *run, struct error *err)
{
    const struct session_outcome *outcome = &run->outcome;
    json_t *causes = json_array(), *values = json_object(), *stacks = json_array();
    json_t *deviations = report_deviations(run->results, err);
    int ret = deviations == NULL ? -1 : 0;
    if (ret == 0 && causes_each(run->results, take_cause, causes, err) < 0)
        ret = -1;
    if (ret == 0)
        ret = each_row(run->results, values_sql, take_value, values, err);
    if (ret == 0)
        ret = each_row(run->results, stacks_sql, take_stack, stacks, err);
    json_t *all = json_pack("{s:i, s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o*, s:i, s:I, s:I}",
                            "format", 1, "made_by", "tlsmatrix " TLSMATRIX_VERSION, "folder",
                            run->directory, "verdict", told_verdict(outcome), "exit_code",
                            session_exit_code(outcome), "counts", counts_of(outcome), "run", values,
                            "stacks", stacks, "causes", causes, "known_deviations", deviations,
                            "missing_capabilities", outcome->missing_capabilities, "missing_shards",
                            (json_int_t)outcome->missing_parts, "unmatched_deviations",
                            (json_int_t)outcome->unmatched_deviations);
    if (ret == 0 && all == NULL)
        ret = error_set(err, ERROR_HARNESS, "out of memory");
    if (ret == 0) {
        json_dumpf(all, out, JSON_INDENT(2));
        fputc('\n', out);
    }
    json_decref(all);
    return ret;
}

/* ---- a case on a line ---- */

static json_t *parsed(const char *text)
{
    return text == NULL ? NULL : json_loads(text, 0, NULL);
}

static int write_case(FILE *out, const struct result_row *row, struct error *err)
{
    json_t *object = json_pack(
        "{s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o*, s:o*, s:o*}", "id", row->id,
        "planned", row->planned, "verdict", verdict_name(row->verdict), "kind",
        failure_kind_name(row->kind), "reason", row->reason, "deviation", row->deviation, "check",
        row->check, "sequence", (json_int_t)row->sequence, "client_us",
        (json_int_t)row->duration_us[ROLE_CLIENT], "server_us",
        (json_int_t)row->duration_us[ROLE_SERVER], "expectation", parsed(row->expectation),
        "client", parsed(row->facts[ROLE_CLIENT]), "server", parsed(row->facts[ROLE_SERVER]));
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "%s: its texts are no UTF-8, or out of memory",
                         row->id);
    show_wire_json(object, row);
    json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(object);
    return ferror(out) ? error_errno(err, "writing") : 0;
}

int report_jsonl(FILE *out, const struct told_run *run, struct error *err)
{
    sqlite3 *db = results_database(run->results);
    sqlite3_stmt *id = NULL;
    int ret = 0, status = SQLITE_DONE;
    if (sqlite3_prepare_v2(db, ids_sql, -1, &id, NULL) != SQLITE_OK)
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    while (ret == 0 && (status = sqlite3_step(id)) == SQLITE_ROW) {
        struct result_row row;
        ret = results_find(run->results, column(id, 0), true, &row, err) > 0
                  ? write_case(out, &row, err)
                  : -1;
    }
    if (ret == 0 && status != SQLITE_DONE)
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(id);
    return ret;
}
