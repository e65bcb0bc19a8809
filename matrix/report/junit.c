/* The run as JUnit's XML. A page of a CI system shows each test case as a line, and a run has a
 * hundred thousand: what passed is one test case for each pair of stacks, what is known or
 * unsupported one for each reason, and of what is red the first of each cause have one each. */
#include "matrix/report/causes.h"
#include "matrix/report/formats.h"
#include "matrix/report/markup.h"
#include "matrix/report/pairs.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_OF_CAUSE = 5 /* of one pair; the others are one test case together */ };

/* What is not red, counted by why. */
static const char groups_sql[] =
    "SELECT verdict, deviation, count(*), sum(max(client_us, server_us)) / 1e6 FROM cases"
    " WHERE planned AND NOT " CAUSE_IS_RED_SQL " AND " PAIR_IS_SQL
    " GROUP BY verdict, deviation ORDER BY verdict, deviation";
static const char red_sql[] =
    "SELECT verdict, kind, reason, id, max(client_us, server_us) / 1e6 FROM cases"
    " WHERE planned AND " CAUSE_IS_RED_SQL " AND " PAIR_IS_SQL " ORDER BY" CAUSE_ORDER_SQL;

struct test_suite {
    FILE *body;
    const char *name;
    const char *rerun_options; /* of the run (rerun_options.h) */
    uint64_t tests, failures, errors, skipped;
    double seconds;
};

/* The cause under way, and how many of its cases had no test case of their own. */
struct open_cause {
    char verdict[NAME_MAX_LEN], kind[NAME_MAX_LEN], reason[TEXT_LEN];
    uint64_t num_cases;
    struct pattern rest;
    double rest_seconds;
};

static const char *column(sqlite3_stmt *row, int index)
{
    return (const char *)sqlite3_column_text(row, index);
}

static void attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    markup_text(out, text);
    fputc('"', out);
}

static void begin_test(struct test_suite *suite, const char *name, double seconds)
{
    fputs("    <testcase", suite->body);
    attribute(suite->body, "classname", suite->name);
    attribute(suite->body, "name", name);
    fprintf(suite->body, " time=\"%.3f\"", seconds);
    suite->tests++;
    suite->seconds += seconds;
}

/* ---- what is not red ---- */

static void put_group(struct test_suite *suite, sqlite3_stmt *row)
{
    char name[TEXT_LEN];
    int verdict = verdict_by_name(column(row, 0));
    int64_t num = sqlite3_column_int64(row, 2);
    const char *deviation = column(row, 1);
    snprintf(name, sizeof name, "%s: %" PRId64 " case%s%s%s", column(row, 0), num,
             num == 1 ? "" : "s", deviation[0] == '\0' ? "" : ", ", deviation);
    begin_test(suite, name, sqlite3_column_double(row, 3));
    if (verdict == VERDICT_PASS) {
        fputs("/>\n", suite->body);
        return;
    }
    suite->skipped++;
    fputs("><skipped", suite->body);
    attribute(suite->body, "message",
              deviation[0] == '\0' ? "a stack declares that it cannot" : deviation);
    fputs("/></testcase>\n", suite->body);
}

/* ---- what is red ---- */

/* Crashes, hangs and our own failures are errors in JUnit's words, the others failures. */
static void put_red(struct test_suite *suite, const struct open_cause *cause, const char *name,
                    double seconds, const char *id, const char *pattern)
{
    int verdict = verdict_by_name(cause->verdict);
    bool error =
        verdict == VERDICT_CRASH || verdict == VERDICT_TIMEOUT || verdict == VERDICT_HARNESS_ERROR;
    const char *element = error ? "error" : "failure";
    begin_test(suite, name, seconds);
    suite->errors += error;
    suite->failures += !error;
    fprintf(suite->body, ">\n      <%s", element);
    attribute(suite->body, "type", cause->kind[0] != '\0' ? cause->kind : cause->verdict);
    attribute(suite->body, "message", cause->reason);
    fputc('>', suite->body);
    markup_text(suite->body, cause->reason);
    fprintf(suite->body, "\nrerun: %s rerun -v '", told_program());
    markup_text(suite->body, id);
    fputc('\'', suite->body);
    markup_text(suite->body, suite->rerun_options);
    if (pattern != NULL) {
        fputs("\nin: ", suite->body);
        markup_text(suite->body, pattern);
    }
    fprintf(suite->body, "</%s>\n    </testcase>\n", element);
}

static void end_cause(struct test_suite *suite, struct open_cause *cause)
{
    char name[TEXT_LEN * 2], pattern[PATTERN_TEXT_MAX];
    if (cause->rest.num_cases > 0) {
        snprintf(name, sizeof name, "%s %s: %" PRIu64 " more: %s", cause->verdict, cause->kind,
                 cause->rest.num_cases, cause->reason);
        put_red(suite, cause, name, cause->rest_seconds, cause->rest.example,
                pattern_text(pattern, &cause->rest));
    }
    pattern_fini(&cause->rest);
    *cause = (struct open_cause){ 0 };
}

static int put_case(struct test_suite *suite, struct open_cause *cause, sqlite3_stmt *row,
                    struct error *err)
{
    double seconds = sqlite3_column_double(row, 4);
    if (strcmp(cause->verdict, column(row, 0)) != 0 || strcmp(cause->kind, column(row, 1)) != 0 ||
        strncmp(cause->reason, column(row, 2), TEXT_LEN - 1) != 0) {
        end_cause(suite, cause);
        snprintf(cause->verdict, sizeof cause->verdict, "%s", column(row, 0));
        snprintf(cause->kind, sizeof cause->kind, "%s", column(row, 1));
        snprintf(cause->reason, sizeof cause->reason, "%s", column(row, 2));
    }
    if (cause->num_cases++ < CASES_OF_CAUSE) {
        put_red(suite, cause, column(row, 3), seconds, column(row, 3), NULL);
        return 0;
    }
    cause->rest_seconds += seconds;
    return pattern_note(&cause->rest, column(row, 3), err);
}

/* ---- suites ---- */

static int each_of_pair(struct test_suite *suite, struct results *results, const char *sql,
                        bool red, struct error *err)
{
    sqlite3 *db = results_database(results);
    sqlite3_stmt *row = NULL;
    struct open_cause *cause = calloc(1, sizeof *cause);
    int ret = cause == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
    int status = SQLITE_DONE;
    if (ret == 0 && (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK ||
                     sqlite3_bind_text(row, 1, suite->name, -1, SQLITE_STATIC) != SQLITE_OK))
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    while (ret == 0 && (status = sqlite3_step(row)) == SQLITE_ROW)
        if (red)
            ret = put_case(suite, cause, row, err);
        else
            put_group(suite, row);
    if (ret == 0 && status != SQLITE_DONE)
        ret = error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    if (cause != NULL)
        end_cause(suite, cause);
    free(cause);
    sqlite3_finalize(row);
    return ret;
}

/* What is red beside the cases: each a test case of its own, which fails. */
static void put_rest(struct test_suite *suite, const struct session_outcome *outcome)
{
    const struct {
        const char *what, *why;
        bool red;
    } rest[] = {
        { "the run has ended", "it was interrupted: cases are missing", outcome->interrupted },
        { "every expected capability is declared",
          "capabilities that the checked-in lists expect are missing",
          outcome->missing_capabilities > 0 },
        { "every shard is here", "shards of the whole are missing", outcome->missing_parts > 0 },
        { "every known deviation is met", "known deviations matched no case",
          outcome->unmatched_deviations > 0 },
    };
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        begin_test(suite, rest[i].what, 0);
        if (rest[i].red) {
            suite->failures++;
            fputs("><failure type=\"run\"", suite->body);
            attribute(suite->body, "message", rest[i].why);
            fputs("/></testcase>\n", suite->body);
        } else {
            fputs("/>\n", suite->body);
        }
    }
}

/* The numbers stand before what is counted. */
static void write_suite(FILE *out, const struct test_suite *suite, const char *started,
                        const char *body)
{
    fputs("  <testsuite", out);
    attribute(out, "name", suite->name);
    fprintf(out,
            " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
            "\" skipped=\"%" PRIu64 "\" time=\"%.3f\"",
            suite->tests, suite->failures, suite->errors, suite->skipped, suite->seconds);
    if (started[0] != '\0')
        attribute(out, "timestamp", started);
    fprintf(out, ">\n%s  </testsuite>\n", body);
}

/* `pair` NULL: what is told of the run as a whole. */
static int put_suite(FILE *out, const struct told_run *run, const char *pair, const char *started,
                     struct error *err)
{
    char *text = NULL;
    size_t len = 0;
    struct test_suite suite = { .name = pair == NULL ? "run" : pair,
                                .rerun_options = run->rerun_options };
    suite.body = open_memstream(&text, &len);
    if (suite.body == NULL)
        return error_errno(err, "open_memstream");
    int ret = 0;
    if (pair == NULL)
        put_rest(&suite, &run->outcome);
    else if (each_of_pair(&suite, run->results, red_sql, true, err) < 0 ||
             each_of_pair(&suite, run->results, groups_sql, false, err) < 0)
        ret = -1;
    if (fclose(suite.body) != 0 && ret == 0)
        ret = error_errno(err, "open_memstream");
    if (ret == 0 && suite.tests > 0)
        write_suite(out, &suite, started, text);
    free(text);
    return ret;
}

/* "2026-11-22T01:37:11Z" without the zone, which the usual schemas do not take. */
static int read_start(char started[32], struct results *results, struct error *err)
{
    started[0] = '\0';
    if (results_get(results, "started", started, 32, err) < 0)
        return -1;
    started[strcspn(started, "Z")] = '\0';
    return 0;
}

int report_junit(FILE *out, const struct told_run *run, struct error *err)
{
    char pair[PAIR_MAX] = "", started[32];
    if (read_start(started, run->results, err) < 0)
        return -1;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tlsmatrix\">\n", out);
    int ret = put_suite(out, run, NULL, started, err), more = 0;
    while (ret == 0 && (more = pairs_next(pair, run->results, err)) > 0)
        ret = put_suite(out, run, pair, started, err);
    fputs("</testsuites>\n", out);
    return ret < 0 || more < 0 ? -1 : 0;
}
