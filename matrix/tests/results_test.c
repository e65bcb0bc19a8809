/* The results file: what is put is found, what is not ours is refused, merging keeps every case. */
#include "matrix/results.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tlsmatrix-results-XXXXXX";

static const char *path_of(const char *name)
{
    static char paths[4][PATH_LEN];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_LEN, "%s/%s", directory, name);
    return path;
}

static struct results *create(const char *name)
{
    struct results *results = NULL;
    struct error err;
    unlink(path_of(name));
    assert_int_equal(results_open(&results, path_of(name), RESULTS_CREATE, &err), 0);
    return results;
}

static void put(struct results *results, const char *id, enum verdict verdict, bool planned)
{
    struct error err;
    static const uint8_t exporter[EXPORTER_LEN] = { 1, 2, 3 };
    struct result_row row = { .id = id,
                              .planned = planned,
                              .verdict = verdict,
                              .kind = verdict == VERDICT_FAIL ? KIND_WRONG_ALERT : KIND_NONE,
                              .reason = verdict == VERDICT_FAIL ? "why" : "",
                              .deviation = "",
                              .check = verdict == VERDICT_FAIL ? "alert.unexpected" : NULL,
                              .sequence = 7,
                              .facts = { "{\"a\":1}", "{\"a\":1}" },
                              .exporter = { exporter, exporter },
                              .duration_us = { 10, 20 },
                              .wire = { true, { 100, 200 }, { 5, 6 }, 1234 },
                              .ladder = { "[[\"c\",\"x\",\"y\",0]]", NULL },
                              .lengths = { "9", NULL } };
    assert_int_equal(results_put(results, &row, &err), 0);
}

static void a_stored_case_is_found_with_its_documents(void **state)
{
    (void)state;
    struct results *results = create("found.db");
    struct result_row row;
    struct error err;
    put(results, "x", VERDICT_FAIL, true);
    assert_int_equal(results_find(results, "x", true, &row, &err), 1);
    assert_int_equal(row.verdict, VERDICT_FAIL);
    assert_int_equal(row.kind, KIND_WRONG_ALERT);
    assert_string_equal(row.reason, "why");
    assert_string_equal(row.check, "alert.unexpected");
    assert_string_equal(row.facts[ROLE_SERVER], "{\"a\":1}");
    assert_int_equal(row.exporter[ROLE_CLIENT][2], 3);
    assert_int_equal(row.duration_us[ROLE_SERVER], 20);
    assert_int_equal(results_find(results, "y", true, &row, &err), 0);
    assert_int_equal(results_close(results, &err), 0);
}

static void has_the_wire_of_put(const struct result_row *row)
{
    assert_true(row->wire.recorded);
    assert_int_equal(row->wire.bytes[ROLE_CLIENT], 100);
    assert_int_equal(row->wire.bytes[ROLE_SERVER], 200);
    assert_int_equal(row->wire.packets[ROLE_CLIENT], 5);
    assert_int_equal(row->wire.packets[ROLE_SERVER], 6);
    assert_int_equal(row->wire.handshake_us, 1234);
    assert_string_equal(row->ladder[ROLE_CLIENT], "[[\"c\",\"x\",\"y\",0]]");
    assert_string_equal(row->lengths[ROLE_CLIENT], "9");
    assert_null(row->ladder[ROLE_SERVER]);
}

static void what_the_wire_showed_is_found_again(void **state)
{
    (void)state;
    struct results *results = create("wire.db");
    struct result_row row = { .id = "unrecorded", .reason = "", .deviation = "" };
    struct error err;
    put(results, "x", VERDICT_PASS, true);
    assert_int_equal(results_put(results, &row, &err), 0);
    assert_int_equal(results_find(results, "x", true, &row, &err), 1);
    has_the_wire_of_put(&row);
    assert_int_equal(results_find(results, "unrecorded", true, &row, &err), 1);
    assert_false(row.wire.recorded);
    assert_null(row.ladder[ROLE_CLIENT]);
    assert_int_equal(results_close(results, &err), 0);
}

static void documents_of_equal_hash_are_kept_apart(void **state)
{
    (void)state;
    struct results *results = create("hash.db");
    struct result_row row = { .id = "z", .reason = "", .deviation = "", .facts = { "{}", "{}" } };
    struct error err;
    put(results, "x", VERDICT_PASS, true);
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE documents SET hash = %" PRId64, (int64_t)case_hash("{}"));
    assert_int_equal(sqlite3_exec(results_database(results), sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(results_put(results, &row, &err), 0);
    assert_int_equal(results_find(results, "z", true, &row, &err), 1);
    assert_string_equal(row.facts[ROLE_CLIENT], "{}");
    assert_int_equal(results_find(results, "x", true, &row, &err), 1);
    assert_string_equal(row.facts[ROLE_CLIENT], "{\"a\":1}");
    results_close(results, NULL);
}

static void a_file_that_the_disk_has_no_room_for_is_not_left_behind(void **state)
{
    (void)state;
    struct results *results = NULL;
    struct error err;
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){ 100, before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int opened = results_open(&results, path_of("small.db"), RESULTS_CREATE, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(opened, -1);
    assert_int_equal(err.class, ERROR_HARNESS);
    assert_int_equal(access(path_of("small.db"), F_OK), -1);
    assert_int_equal(results_open(&results, path_of("small.db"), RESULTS_CREATE, &err), 0);
    results_close(results, NULL);
}

static int64_t count(struct results *results, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(results_database(results), sql, -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void equal_facts_are_stored_once(void **state)
{
    (void)state;
    struct results *results = create("once.db");
    put(results, "x", VERDICT_PASS, true);
    put(results, "y", VERDICT_PASS, true);
    assert_int_equal(count(results, "SELECT count(*) FROM documents"), 2); /* and the ladder */
    results_close(results, NULL);
}

static void what_was_committed_survives_and_resumes(void **state)
{
    (void)state;
    struct results *results = create("resume.db");
    struct result_row row;
    char value[16];
    struct error err;
    put(results, "x", VERDICT_PASS, true);
    assert_int_equal(results_set(results, "profile", "smoke", &err), 0);
    assert_int_equal(results_close(results, &err), 0);
    assert_int_equal(results_open(&results, path_of("resume.db"), RESULTS_RESUME, &err), 0);
    assert_int_equal(results_find(results, "x", false, &row, &err), 1);
    assert_int_equal(results_get(results, "profile", value, sizeof value, &err), 1);
    assert_string_equal(value, "smoke");
    assert_int_equal(results_get(results, "absent", value, sizeof value, &err), 0);
    results_close(results, NULL);
}

static void a_file_that_is_there_is_not_overwritten(void **state)
{
    (void)state;
    struct results *results = create("there.db");
    struct results *second = NULL;
    struct error err;
    results_close(results, NULL);
    assert_int_equal(results_open(&second, path_of("there.db"), RESULTS_CREATE, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "there already"));
}

static void refused_as_not_ours(const char *path, const char *words)
{
    struct results *results = NULL;
    struct error err;
    assert_int_equal(results_open(&results, path, RESULTS_READ, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, words));
    assert_null(strchr(err.text, '\n'));
}

static void files_of_others_are_refused(void **state)
{
    (void)state;
    sqlite3 *db;
    FILE *text = fopen(path_of("text.db"), "w");
    for (int i = 0; i < 1000; i++)
        fputs("not a database\n", text);
    fclose(text);
    assert_int_equal(sqlite3_open(path_of("other.db"), &db), SQLITE_OK);
    sqlite3_exec(db, "CREATE TABLE cases(id)", NULL, NULL, NULL);
    sqlite3_close(db);
    refused_as_not_ours(path_of("text.db"), "not a tlsmatrix results file");
    refused_as_not_ours(path_of("other.db"), "not a tlsmatrix results file");
    refused_as_not_ours(path_of("nowhere.db"), "No such file");
}

static void another_schema_version_is_refused(void **state)
{
    (void)state;
    struct results *results = create("version.db");
    sqlite3_exec(results_database(results), "PRAGMA user_version = 99", NULL, NULL, NULL);
    results_close(results, NULL);
    refused_as_not_ours(path_of("version.db"), "schema version 99");
    refused_as_not_ours(path_of("version.db"), "run it again, or use the tlsmatrix that wrote it");
}

static void counts_are_of_planned_cases(void **state)
{
    (void)state;
    struct results *results = create("counts.db");
    uint64_t counts[NUM_VERDICTS], red;
    struct error err;
    put(results, "a", VERDICT_PASS, true);
    put(results, "b", VERDICT_PASS, false);
    put(results, "c", VERDICT_INCONCLUSIVE, true);
    put(results, "d", VERDICT_INCONCLUSIVE, true);
    results_rejudge(results, "d", VERDICT_INCONCLUSIVE, KIND_NONE, "twin", "a.known", &err);
    assert_int_equal(results_counts(results, counts, &red, &err), 0);
    assert_int_equal(counts[VERDICT_PASS], 1);
    assert_int_equal(counts[VERDICT_INCONCLUSIVE], 2);
    assert_int_equal(red, 1);
    results_close(results, NULL);
}

static void next_walks_a_verdict_in_order_and_skips_twins(void **state)
{
    (void)state;
    struct results *results = create("next.db");
    struct result_row row;
    struct error err;
    put(results, "b", VERDICT_PASS, true);
    put(results, "a", VERDICT_PASS, true);
    put(results, "aa", VERDICT_PASS, false);
    put(results, "ab", VERDICT_FAIL, true);
    assert_int_equal(results_next(results, VERDICT_PASS, "", &row, &err), 1);
    assert_string_equal(row.id, "a");
    assert_int_equal(results_next(results, VERDICT_PASS, "a", &row, &err), 1);
    assert_string_equal(row.id, "b");
    assert_int_equal(results_next(results, VERDICT_PASS, "b", &row, &err), 0);
    results_close(results, NULL);
}

/* A second file with these cases, closed. */
static void make_part(const char *name, const char *const ids[], enum verdict verdict, bool planned)
{
    struct results *part = create(name);
    for (size_t i = 0; ids[i] != NULL; i++)
        put(part, ids[i], verdict, planned);
    assert_int_equal(results_set(part, "state", "finished", NULL), 0);
    results_close(part, NULL);
}

static void merging_joins_cases_and_documents(void **state)
{
    (void)state;
    static const char *const first[] = { "a", "b", NULL }, *const second[] = { "c", NULL };
    struct results *whole = create("whole.db");
    struct result_row row;
    struct error err;
    make_part("part1.db", first, VERDICT_PASS, true);
    make_part("part2.db", second, VERDICT_FAIL, true);
    assert_int_equal(results_merge(whole, path_of("part1.db"), &err), 0);
    assert_int_equal(results_merge(whole, path_of("part2.db"), &err), 0);
    assert_int_equal(count(whole, "SELECT count(*) FROM cases"), 3);
    assert_int_equal(count(whole, "SELECT count(*) FROM documents"), 2);
    assert_int_equal(results_find(whole, "c", true, &row, &err), 1);
    assert_int_equal(row.verdict, VERDICT_FAIL);
    assert_string_equal(row.facts[ROLE_CLIENT], "{\"a\":1}");
    has_the_wire_of_put(&row);
    results_close(whole, NULL);
}

/* A killed or interrupted run lacks cases, and the twins have not been asked. */
static void merging_a_run_that_has_not_ended_is_refused(void **state)
{
    (void)state;
    static const char *const ids[] = { "a", NULL };
    struct results *whole = create("whole.db");
    struct error err;
    make_part("part1.db", ids, VERDICT_PASS, true);
    struct results *part = create("part2.db");
    put(part, "b", VERDICT_PASS, true);
    assert_int_equal(results_set(part, "state", "unfinished", &err), 0);
    results_close(part, NULL);
    assert_int_equal(results_merge(whole, path_of("part1.db"), &err), 0);
    assert_int_equal(results_merge(whole, path_of("part2.db"), &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "its run has not ended"));
    assert_int_equal(count(whole, "SELECT count(*) FROM cases"), 1);
    results_close(whole, NULL);
}

static void a_shard_that_was_not_merged_is_missed(void **state)
{
    (void)state;
    static const char *const shards[] = { "0/2", "1/2" };
    struct results *whole = create("whole.db");
    struct error err;
    uint64_t num_missing = 99;
    for (int i = 0; i < 2; i++) {
        struct results *part = create("part1.db");
        assert_int_equal(results_set(part, "shard", shards[i], &err), 0);
        assert_int_equal(results_set(part, "parts", "2", &err), 0);
        assert_int_equal(results_set(part, "state", "finished", &err), 0);
        results_close(part, NULL);
        assert_int_equal(results_merge(whole, path_of("part1.db"), &err), 0);
        assert_int_equal(results_missing_parts(whole, &num_missing, &err), 0);
        assert_int_equal(num_missing, 1 - i);
    }
    results_close(whole, NULL);
}

static void merging_contradictions_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const ids[] = { "a", NULL }, *const more[] = { "a", "z", NULL };
    struct results *whole = create("whole.db");
    struct error err;
    make_part("part1.db", ids, VERDICT_PASS, true);
    make_part("part2.db", more, VERDICT_FAIL, true);
    assert_int_equal(results_merge(whole, path_of("part1.db"), &err), 0);
    assert_int_equal(results_merge(whole, path_of("part2.db"), &err), -1);
    assert_non_null(strstr(err.text, "the verdict of a is 'pass' here and 'fail' there"));
    assert_int_equal(count(whole, "SELECT count(*) FROM cases"), 1);
    results_close(whole, NULL);
}

static void a_planned_case_beats_the_same_one_run_as_a_twin(void **state)
{
    (void)state;
    static const char *const ids[] = { "a", NULL };
    struct results *whole = create("whole.db");
    struct result_row row;
    struct error err;
    make_part("part1.db", ids, VERDICT_PASS, false);
    make_part("part2.db", ids, VERDICT_PASS, true);
    assert_int_equal(results_merge(whole, path_of("part1.db"), &err), 0);
    assert_int_equal(results_merge(whole, path_of("part2.db"), &err), 0);
    assert_int_equal(results_find(whole, "a", false, &row, &err), 1);
    assert_true(row.planned);
    results_close(whole, NULL);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_directory(void **state)
{
    char command[PATH_LEN];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_the_disk_has_no_room_for_is_not_left_behind),
        cmocka_unit_test(a_stored_case_is_found_with_its_documents),
        cmocka_unit_test(what_the_wire_showed_is_found_again),
        cmocka_unit_test(documents_of_equal_hash_are_kept_apart),
        cmocka_unit_test(equal_facts_are_stored_once),
        cmocka_unit_test(what_was_committed_survives_and_resumes),
        cmocka_unit_test(a_file_that_is_there_is_not_overwritten),
        cmocka_unit_test(files_of_others_are_refused),
        cmocka_unit_test(another_schema_version_is_refused),
        cmocka_unit_test(counts_are_of_planned_cases),
        cmocka_unit_test(next_walks_a_verdict_in_order_and_skips_twins),
        cmocka_unit_test(merging_joins_cases_and_documents),
        cmocka_unit_test(merging_a_run_that_has_not_ended_is_refused),
        cmocka_unit_test(a_shard_that_was_not_merged_is_missed),
        cmocka_unit_test(merging_contradictions_is_refused_and_changes_nothing),
        cmocka_unit_test(a_planned_case_beats_the_same_one_run_as_a_twin),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
