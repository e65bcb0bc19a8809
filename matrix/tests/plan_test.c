/* Plans: what is in them, each case once, selections, and what is printed of them. */
#include "matrix/plan.h"
#include "matrix/plan_parts.h"
#include "matrix/raw/hellos.h"
#include "matrix/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD(coverage) "title: t\nblocks:\n  - name: b\n    coverage: " coverage "\n"
#define AXES                                                                                       \
    "    version: [each, tls1.0-1.2, tls1.2-1.3, \"tls1.2:tls1.3\"]\n"                             \
    "    suite: [any, aes128gcm, aes256gcm, \"aes128gcm:aes256gcm\", ecdhe-rsa-aes128gcm,\n"       \
    "            ecdhe-ecdsa-aes128cbc-sha, dhe-rsa-aes128cbc-sha, rsa-aes128cbc-sha,\n"           \
    "            psk-aes128cbc-sha, dh-anon-aes128cbc-sha, srp-sha-aes128cbc-sha]\n"               \
    "    group: [any, none, p256, x448, ffdhe2048, \"p256:p384\"]\n"                               \
    "    credential: [none, rsa2048, rsapss2048, ecdsa-p256, ed25519]\n"                           \
    "    auth: [all]\n    pin: [all]\n"

static struct profile *profile_of_text(const char *text)
{
    char path[] = "/tmp/plan_testXXXXXX.yaml";
    struct profile *profile = NULL;
    struct error err = { 0 };
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    if (profile_load(&profile, path, fixture_stacks(), &err) < 0)
        fail_msg("%s", err.text);
    unlink(path);
    return profile;
}

static struct plan *plan_of(const struct profile *profile, const struct selection *selection)
{
    struct plan *plan = NULL;
    struct error err = { 0 };
    if (plan_new(&plan, profile, fixture_stacks(), selection, &err) < 0)
        fail_msg("%s", err.text);
    return plan;
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* Runs the plan to its end and checks that no id comes twice. Returns how many came. */
static size_t drain(struct plan *plan)
{
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN], id[CASE_ID_MAX];
    size_t num = 0, capacity = 0;
    uint64_t *hashes = NULL;
    while (plan_next(plan, &c, &unsupported, reason) > 0) {
        assert_null(case_excluded(&c));
        assert_int_equal(case_unsupported(reason, &c, fixture_stacks()), unsupported);
        if (num == capacity)
            hashes = realloc(hashes, (capacity = capacity * 2 + 1024) * sizeof *hashes);
        case_id(id, &c, fixture_stacks());
        hashes[num++] = case_hash(id);
    }
    if (num > 0)
        qsort(hashes, num, sizeof *hashes, by_value);
    for (size_t i = 1; i < num; i++)
        assert_true(hashes[i] != hashes[i - 1]);
    free(hashes);
    assert_int_equal(plan_counts(plan)->cases + plan_counts(plan)->unsupported, num);
    return num;
}

/* Steps over every combination of the profile's values, possible or not. */
static bool next_combination(struct row *row, const struct profile *profile)
{
    for (int axis = 0; axis < NUM_AXES; axis++) {
        if (++row->values[axis] < profile->axes[axis].num)
            return true;
        row->values[axis] = 0;
    }
    return false;
}

static void full_coverage_is_every_possible_case_and_counts_the_rest(void **state)
{
    struct profile *profile = profile_of_text(HEAD("full") AXES);
    struct plan *plan = plan_of(profile, NULL);
    struct row row = { { 0 } };
    uint64_t possible = 0, excluded = 0, by_rule = 0;
    struct matrix_case c;
    (void)state;
    do {
        row_to_case(&c, &row, profile);
        *(case_excluded(&c) == NULL ? &possible : &excluded) += 1;
    } while (next_combination(&row, profile));
    assert_true(possible > 1000);
    assert_int_equal(drain(plan), possible);
    assert_int_equal(plan_counts(plan)->excluded, excluded);
    for (size_t i = 0; i < num_exclusion_rules; i++)
        by_rule += plan_counts(plan)->per_rule[i];
    assert_int_equal(by_rule, excluded);
    plan_free(plan);
    profile_free(profile);
}

/* For every two values: does a possible case hold them, and a supported one? */
struct pairs {
    uint8_t seen[NUM_AXES][64][NUM_AXES][64];
};

static void enter_pairs(struct pairs *pairs, const struct row *row, uint8_t mark)
{
    for (int a = 0; a < NUM_AXES; a++)
        for (int b = 0; b < a; b++)
            pairs->seen[a][row->values[a]][b][row->values[b]] |= mark;
}

enum { POSSIBLE = 1, SUPPORTED = 2 };

static uint8_t marks_of(const struct matrix_case *c)
{
    char reason[TEXT_LEN];
    return case_unsupported(reason, c, fixture_stacks()) ? POSSIBLE : POSSIBLE | SUPPORTED;
}

static void pairwise_has_every_possible_pair_and_runs_every_runnable_one(void **state)
{
    struct profile *profile = profile_of_text(HEAD("pairwise") AXES);
    struct plan *plan = plan_of(profile, NULL);
    struct pairs *expected = calloc(1, sizeof *expected), *found = calloc(1, sizeof *found);
    struct row row = { { 0 } };
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN];
    (void)state;
    do {
        row_to_case(&c, &row, profile);
        if (case_excluded(&c) == NULL)
            enter_pairs(expected, &row, marks_of(&c));
    } while (next_combination(&row, profile));
    while (plan_next(plan, &c, &unsupported, reason) > 0)
        enter_pairs(found, plan_row(plan), marks_of(&c));
    assert_memory_equal(expected, found, sizeof *found);
    assert_true(plan_counts(plan)->cases < 400);
    assert_true(plan_counts(plan)->impossible_combinations > 0);
    plan_free(plan);
    free(expected);
    free(found);
    profile_free(profile);
}

static void a_case_of_two_blocks_comes_once(void **state)
{
    static const char overlapping[] = HEAD("full") AXES
        "  - name: again, and more\n    coverage: full\n    version: [tls1.2, tls1.3]\n"
        "    suite: [any]\n    group: [any, p384]\n    credential: [rsa2048]\n"
        "    auth: [server]\n    pin: [\"off\"]\n"
        "  - name: again\n    coverage: pairwise\n" AXES;
    struct profile *alone = profile_of_text(HEAD("full") AXES);
    struct profile *both = profile_of_text(overlapping);
    struct plan *plan_alone = plan_of(alone, NULL), *plan_both = plan_of(both, NULL);
    (void)state;
    /* what is new: group p384, 2 versions, 4 pairs */
    assert_int_equal(drain(plan_both), drain(plan_alone) + 8);
    plan_free(plan_alone);
    plan_free(plan_both);
    profile_free(alone);
    profile_free(both);
}

static void same_pairs_are_pairs_of_one_stack(void **state)
{
    struct profile *profile = profile_of_text(
        HEAD("full") "    pairs: same\n    version: [tls1.2]\n    suite: [any]\n    group: [any]\n"
                     "    credential: [rsa2048, ed25519]\n    auth: [server, psk]\n"
                     "    pin: [\"off\"]\n");
    struct plan *plan = plan_of(profile, NULL);
    (void)state;
    assert_int_equal(drain(plan), 4);
    assert_int_equal(plan_counts(plan)->excluded, 4);
    plan_free(plan);
    profile_free(profile);
}

static void shards_part_the_plan_by_hash(void **state)
{
    struct profile *profile = profile_of_text(HEAD("full") AXES);
    struct plan *whole = plan_of(profile, NULL);
    size_t sum = 0;
    (void)state;
    for (uint32_t shard = 0; shard < 3; shard++) {
        struct selection selection = { .shard = shard, .num_shards = 3, .repeats = 1 };
        struct plan *part = plan_of(profile, &selection);
        struct plan *again = plan_of(profile, &selection);
        struct matrix_case c;
        bool unsupported;
        char reason[TEXT_LEN], id[CASE_ID_MAX];
        size_t num = drain(part);
        assert_true(num > 0);
        sum += num;
        while (plan_next(again, &c, &unsupported, reason) > 0) {
            case_id(id, &c, fixture_stacks());
            assert_int_equal(case_hash(id) % 3, shard);
        }
        plan_free(part);
        plan_free(again);
    }
    assert_int_equal(sum, drain(whole));
    plan_free(whole);
    profile_free(profile);
}

static size_t num_selected(const struct profile *profile, const char *glob, uint32_t repeats)
{
    const char *const globs[] = { glob };
    struct selection selection = {
        .globs = globs, .num_globs = 1, .num_shards = 1, .repeats = repeats
    };
    struct plan *plan = plan_of(profile, &selection);
    size_t num = drain(plan);
    plan_free(plan);
    return num;
}

static void globs_select_by_id_and_repeats_follow(void **state)
{
    static const char id[] = "rich-rich/tls1.3/aes128gcm/p256/rsa2048/server/off";
    static const char declared_unable[] = "small-rich/tls1.3/aes128gcm/x448/rsa2048/server/off";
    struct profile *profile = profile_of_text(HEAD("full") AXES);
    (void)state;
    assert_int_equal(num_selected(profile, id, 1), 1);
    assert_int_equal(num_selected(profile, id, 5), 5);
    assert_int_equal(num_selected(profile, declared_unable, 5), 1);
    assert_int_equal(
        num_selected(profile, "rich-rich/tls1.3/aes128gcm/p256/rsa2048/server/off#4", 5), 1);
    assert_int_equal(num_selected(profile, "*/tls1.3/aes128gcm/p256/rsa2048/server/off", 1), 4);
    assert_int_equal(num_selected(profile, "rich-rich/tls1.3/aes128gcm/p256/rsa3072/server/off", 1),
                     0);
    profile_free(profile);
}

static int print_to_text(char **text, const struct profile *profile,
                         const struct selection *selection, bool json, struct error *err)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    int failed = plan_print(out, profile, fixture_stacks(), selection, json, err);
    fclose(out);
    return failed;
}

static void an_empty_selection_is_an_error_that_names_it(void **state)
{
    static const char *const globs[] = { "nothing/*" };
    struct selection selection = { .globs = globs, .num_globs = 1, .num_shards = 1, .repeats = 1 };
    struct profile *profile = profile_of_text(HEAD("full") AXES);
    struct error err = { 0 };
    char *text = NULL;
    (void)state;
    assert_int_equal(print_to_text(&text, profile, &selection, false, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "nothing selected by 'nothing/*'"));
    free(text);
    profile_free(profile);
}

static void a_word_that_no_case_uses_is_an_error_with_its_line(void **state)
{
    struct profile *profile = profile_of_text(
        HEAD("full") "    version: [tls1.2]\n    suite: [any,\n      aes128gcm]\n    group: [any]\n"
                     "    credential: [rsa2048]\n    auth: [server]\n    pin: [\"off\"]\n");
    struct error err = { 0 };
    char *text = NULL;
    (void)state;
    assert_int_equal(print_to_text(&text, profile, NULL, false, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, ".yaml:7: no case uses suite 'aes128gcm'"));
    free(text);
    profile_free(profile);
}

static void a_shard_that_is_not_there_is_an_error(void **state)
{
    struct selection selection = { .shard = 3, .num_shards = 3, .repeats = 1 };
    struct profile *profile = profile_of_text(HEAD("full") AXES);
    struct plan *plan;
    struct error err = { 0 };
    (void)state;
    assert_int_equal(plan_new(&plan, profile, fixture_stacks(), &selection, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    profile_free(profile);
}

static void the_json_adds_up(void **state)
{
    struct profile *profile = profile_of_text(HEAD("full") AXES);
    struct error err = { 0 };
    char *text = NULL;
    json_int_t cases = 0, excluded = 0;
    size_t i;
    json_t *item;
    (void)state;
    assert_int_equal(print_to_text(&text, profile, NULL, true, &err), 0);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_array_foreach(json_object_get(json_object_get(root, "axes"), "suite"), i, item) cases +=
        json_integer_value(json_object_get(item, "cases"));
    json_array_foreach(json_object_get(root, "rules"), i, item) excluded +=
        json_integer_value(json_object_get(item, "excluded"));
    assert_true(cases > 0 && excluded > 0);
    assert_int_equal(cases, json_integer_value(json_object_get(root, "cases")));
    assert_int_equal(excluded, json_integer_value(json_object_get(root, "excluded")));
    json_decref(root);
    free(text);
    profile_free(profile);
}

/* ---- the profiles that are shipped ---- */

static struct profile *shipped(const char *name)
{
    struct profile *profile = NULL;
    struct error err = { 0 };
    if (profile_load(&profile, name, fixture_stacks(), &err) < 0)
        fail_msg("%s", err.text);
    return profile;
}

static void every_word_of_the_shipped_profiles_is_used(void **state)
{
    static const char *const names[] = {
        "smoke", "pairwise", "threewise", "full", "bench", "hellos"
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct profile *profile = shipped(names[i]);
        struct error err = { 0 };
        char *text = NULL;
        if (print_to_text(&text, profile, NULL, false, &err) < 0)
            fail_msg("%s", err.text);
        free(text);
        profile_free(profile);
    }
}

static void smoke_is_small_and_bench_is_eight_a_stack(void **state)
{
    struct profile *smoke = shipped("smoke"), *bench = shipped("bench");
    struct plan *smoke_plan = plan_of(smoke, NULL), *bench_plan = plan_of(bench, NULL);
    (void)state;
    assert_true(drain(smoke_plan) < 200);
    assert_int_equal(drain(bench_plan), 16);
    assert_int_equal(plan_counts(bench_plan)->unsupported, 0);
    plan_free(smoke_plan);
    plan_free(bench_plan);
    profile_free(smoke);
    profile_free(bench);
}

/* Or a faulty case would be inconclusive for ever. */
static void every_faulty_case_of_full_has_a_possible_healthy_twin(void **state)
{
    struct profile *profile = shipped("full");
    struct plan *plan = plan_of(profile, NULL);
    struct matrix_case c, twin;
    bool unsupported;
    char reason[TEXT_LEN];
    size_t num_faulty = 0;
    (void)state;
    while (plan_next(plan, &c, &unsupported, reason) > 0) {
        if (case_fault(&c) == FAULT_NONE) {
            assert_false(case_twin(&twin, &c));
            continue;
        }
        num_faulty++;
        assert_true(case_twin(&twin, &c));
        assert_null(case_excluded(&twin));
        assert_int_equal(case_fault(&twin), FAULT_NONE);
    }
    assert_true(num_faulty > 1000);
    plan_free(plan);
    profile_free(profile);
}

static int load_hellos(void **state)
{
    (void)state;
    return hellos_load(SOURCE_DIR "/matrix/hellos", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_coverage_is_every_possible_case_and_counts_the_rest),
        cmocka_unit_test(pairwise_has_every_possible_pair_and_runs_every_runnable_one),
        cmocka_unit_test(a_case_of_two_blocks_comes_once),
        cmocka_unit_test(same_pairs_are_pairs_of_one_stack),
        cmocka_unit_test(shards_part_the_plan_by_hash),
        cmocka_unit_test(globs_select_by_id_and_repeats_follow),
        cmocka_unit_test(an_empty_selection_is_an_error_that_names_it),
        cmocka_unit_test(a_word_that_no_case_uses_is_an_error_with_its_line),
        cmocka_unit_test(a_shard_that_is_not_there_is_an_error),
        cmocka_unit_test(the_json_adds_up),
        cmocka_unit_test(every_word_of_the_shipped_profiles_is_used),
        cmocka_unit_test(smoke_is_small_and_bench_is_eight_a_stack),
        cmocka_unit_test(every_faulty_case_of_full_has_a_possible_healthy_twin),
    };
    profile_set_directory(SOURCE_DIR "/matrix/profiles");
    return cmocka_run_group_tests(tests, load_hellos, NULL);
}
