/* Deviations: what loads, what each mistake in a file is told as, and what an entry excuses. */
#include "matrix/deviations.h"
#include "matrix/release.h"
#include "matrix/tests/full_stacks.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct stack_set stacks;
static char directory[] = "/tmp/tlsmatrix-deviations-XXXXXX";

#define ENTRY(id, role, extra)                                                                     \
    "  - id: " id "\n" role "    release: \"3.0.*\"\n"                                             \
    "    select: \"openssl-*/tls1.3/*:*/*\"\n    kind: no-alert\n    observed: \"client: no\"\n"   \
    "    reason: it closes\n    link: RFC 8446 section 6.2\n" extra
#define HEAD "stack: openssl\ndeviations:\n"
#define ROLE "    role: client\n"

static void write_file(const char *name, const char *text)
{
    char path[PATH_LEN];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int clear(void **state)
{
    (void)state;
    DIR *entries = opendir(directory);
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    return 0;
}

static struct deviations *load(const char *text)
{
    struct deviations *deviations = NULL;
    struct error err = { 0 };
    write_file("openssl.yaml", text);
    if (deviations_load(&deviations, directory, &err) < 0)
        fail_msg("%s", err.text);
    return deviations;
}

static void an_entry_is_read_whole(void **state)
{
    (void)state;
    struct deviations *all = load(HEAD ENTRY("openssl.quiet", ROLE, ""));
    assert_int_equal(deviations_count(all), 1);
    const struct deviation *entry = deviations_at(all, 0);
    assert_string_equal(entry->id, "openssl.quiet");
    assert_string_equal(entry->stack, "openssl");
    assert_int_equal(entry->role, ROLE_CLIENT);
    assert_string_equal(entry->release, "3.0.*");
    assert_int_equal(entry->kind, KIND_NO_ALERT);
    assert_string_equal(entry->reason, "it closes");
    assert_int_equal(entry->line, 3);
    assert_non_null(strstr(entry->file, "/openssl.yaml"));
    deviations_free(all);
}

static void the_projects_own_files_load(void **state)
{
    (void)state;
    struct deviations *all;
    struct error err = { 0 };
    if (deviations_load(&all, SOURCE_DIR "/matrix/deviations", &err) < 0)
        fail_msg("%s", err.text);
    deviations_free(all);
}

static void a_missing_directory_is_a_usage_error(void **state)
{
    (void)state;
    struct deviations *all;
    struct error err = { 0 };
    assert_int_equal(deviations_load(&all, "/nonexistent", &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent: "));
}

static const struct mistake {
    const char *text;
    const char *told; /* behind the directory */
} mistakes[] = {
    { "stack: gnutls\ndeviations: []\n", "openssl.yaml:1: the stack is 'gnutls'" },
    { "deviations: []\n", "openssl.yaml:1: " },
    { "stack: openssl\ndeviation: []\n", "openssl.yaml:2: " },
    { HEAD ENTRY("openssl.a", ROLE, "    severity: low\n"), "openssl.yaml:11: " },
    { HEAD ENTRY("openssl.a", ROLE, "") ENTRY("openssl.a", ROLE, ""),
      "openssl.yaml:11: the id 'openssl.a' is already used at " },
    { HEAD ENTRY("quiet", ROLE, ""), "openssl.yaml:3: the id 'quiet' must begin with 'openssl.'" },
    { HEAD ENTRY("openssl.a", "    role: peer\n", ""), "openssl.yaml:4: 'peer' is no role" },
    { HEAD "  - id: openssl.a\n    release: \"*\"\n    select: \"*\"\n    kind: no-alrt\n"
           "    observed: x\n    reason: y\n    link: z\n",
      "openssl.yaml:6: 'no-alrt' is no kind of failure; did you mean no-alert" },
    { HEAD "  - id: openssl.a\n    release: \"*\"\n    select: \"*\"\n    kind: no-alert\n"
           "    observed: \"\"\n    reason: y\n    link: z\n",
      "openssl.yaml:7: 'observed' must not be empty" },
    { HEAD "  - id: openssl.a\n    release: \"*\"\n    select: \"*\"\n    kind: no-alert\n"
           "    observed: x\n    link: z\n",
      "openssl.yaml:3: " },
#define WITH_RELEASE(release)                                                                      \
    HEAD "  - id: openssl.a\n    release: \"" release "\"\n    select: \"*\"\n"                    \
         "    kind: no-alert\n    observed: x\n    reason: y\n    link: z\n"
    { WITH_RELEASE("3.5..3.0"), "openssl.yaml:4: the range '3.5..3.0' holds nothing" },
    { WITH_RELEASE("3.0.."), "openssl.yaml:4: the range '3.0..' lacks an end" },
    { WITH_RELEASE("..3.0"), "openssl.yaml:4: the range '..3.0' lacks an end" },
    { WITH_RELEASE("3.0..3.*"), "openssl.yaml:4: '3.0..3.*' is a range and a glob at once" },
};

static void each_mistake_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct deviations *all;
        struct error err = { 0 };
        write_file("openssl.yaml", mistakes[i].text);
        assert_int_equal(deviations_load(&all, directory, &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        if (strstr(err.text, mistakes[i].told) == NULL)
            fail_msg("mistake %zu: %s", i, err.text);
    }
}

static void files_that_are_not_yaml_are_left_alone(void **state)
{
    (void)state;
    write_file("README.md", "# not YAML: [\n");
    struct deviations *all = load("stack: openssl\ndeviations: []\n");
    assert_int_equal(deviations_count(all), 0);
    deviations_free(all);
}

#define COVERED "openssl-gnutls/tls1.3/aes128gcm/x25519:p256/rsa2048/server/off"

static const struct deviation *apply(struct judgement *judgement, const char *text,
                                     enum verdict verdict, enum failure_kind kind, const char *id)
{
    static struct deviations *all;
    struct matrix_case c;
    struct error err = { 0 };
    deviations_free(all);
    all = load(text);
    *judgement = (struct judgement){ .verdict = verdict, .kind = kind };
    if (verdict == VERDICT_FAIL)
        snprintf(judgement->reason, sizeof judgement->reason, "client: no alert; expected: one");
    if (case_from_id(&c, id, &stacks, &err) < 0)
        fail_msg("%s", err.text);
    const struct deviation *entry = deviations_apply(all, judgement, id, &c, &stacks);
    if (entry == NULL) {
        deviations_free(all);
        all = NULL;
    }
    return entry;
}

static const char plain[] = HEAD ENTRY("openssl.quiet", ROLE, "");

static void a_described_failure_is_expected(void **state)
{
    (void)state;
    struct judgement j;
    const struct deviation *entry = apply(&j, plain, VERDICT_FAIL, KIND_NO_ALERT, COVERED);
    assert_non_null(entry);
    assert_string_equal(entry->id, "openssl.quiet");
    assert_int_equal(j.verdict, VERDICT_XFAIL);
    assert_string_equal(j.reason, "client: no alert; expected: one");
}

static void a_covered_pass_is_unexpected(void **state)
{
    (void)state;
    struct judgement j;
    assert_non_null(apply(&j, plain, VERDICT_PASS, KIND_NONE, COVERED));
    assert_int_equal(j.verdict, VERDICT_XPASS);
    assert_non_null(strstr(j.reason, "openssl.quiet"));
}

static const struct untouched {
    const char *text;
    enum verdict verdict;
    enum failure_kind kind;
    const char *id;
} untouched[] = {
    { plain, VERDICT_FAIL, KIND_WRONG_ALERT, COVERED }, /* another kind */
    { HEAD "  - id: openssl.a\n    release: \"*\"\n    select: \"*\"\n    kind: no-alert\n"
           "    observed: \"server: no\"\n    reason: y\n    link: z\n",
      VERDICT_FAIL, KIND_NO_ALERT, COVERED },     /* another observation */
    { plain, VERDICT_CRASH, KIND_NONE, COVERED }, /* nothing excuses a crash */
    { plain, VERDICT_HARNESS_ERROR, KIND_NONE, COVERED },
    { plain, VERDICT_PASS, KIND_NONE, "openssl-gnutls/tls1.3/aes128gcm/x25519/rsa2048/server/off" },
    { plain, VERDICT_FAIL, KIND_NO_ALERT, /* the other role */
      "gnutls-openssl/tls1.3/aes128gcm/x25519:p256/rsa2048/server/off" },
    { HEAD "  - id: openssl.a\n    release: \"3.5.*\"\n    select: \"*\"\n    kind: no-alert\n"
           "    observed: \"client: no\"\n    reason: y\n    link: z\n",
      VERDICT_FAIL, KIND_NO_ALERT, COVERED }, /* another release */
    { HEAD "  - id: openssl.a\n    role: server\n    release: \"*\"\n    select: \"*\"\n"
           "    kind: no-alert\n    observed: \"client: no\"\n    reason: y\n    link: z\n",
      VERDICT_PASS, KIND_NONE, COVERED }, /* openssl is the client here */
    { HEAD ENTRY("openssl.a", ROLE, "    version: \"tls1.[012]\"\n"), VERDICT_FAIL, KIND_NO_ALERT,
      COVERED }, /* another highest common version */
};

static void everything_else_stays_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof untouched / sizeof untouched[0]; i++) {
        struct judgement j;
        const struct untouched *u = &untouched[i];
        if (apply(&j, u->text, u->verdict, u->kind, u->id) != NULL || j.verdict != u->verdict)
            fail_msg("row %zu was touched", i);
    }
}

static void the_highest_common_version_is_matched(void **state)
{
    (void)state;
    struct judgement j;
    const char *text = HEAD ENTRY("openssl.a", ROLE, "    version: \"tls1.3\"\n");
    assert_non_null(apply(&j, text, VERDICT_FAIL, KIND_NO_ALERT, COVERED));
}

static void without_a_role_either_end_will_do(void **state)
{
    (void)state;
    struct judgement j;
    const char *text = HEAD "  - id: openssl.a\n    release: \"3.*\"\n    select: \"*\"\n"
                            "    kind: no-alert\n    observed: \"client: no\"\n    reason: y\n"
                            "    link: z\n";
    const char *id = "gnutls-openssl/tls1.3/aes128gcm/x25519/rsa2048/server/off";
    assert_non_null(apply(&j, text, VERDICT_FAIL, KIND_NO_ALERT, COVERED));
    assert_non_null(apply(&j, text, VERDICT_FAIL, KIND_NO_ALERT, id));
}

static void another_build_of_the_api_shares_its_deviations(void **state)
{
    (void)state;
    struct judgement j;
    snprintf(stacks.stacks[0].stack, NAME_MAX_LEN, "mine");
    const char *text = HEAD "  - id: openssl.a\n    release: \"3.*\"\n    select: \"mine-*\"\n"
                            "    kind: no-alert\n    observed: \"client: no\"\n    reason: y\n"
                            "    link: z\n";
    assert_non_null(apply(&j, text, VERDICT_FAIL, KIND_NO_ALERT,
                          "mine-gnutls/tls1.3/aes128gcm/x25519:p256/rsa2048/server/off"));
    full_stacks(&stacks);
}

/* What is known of a library is known of every build of it, at either end. */
static void a_selector_may_call_stacks_by_their_api(void **state)
{
    (void)state;
    struct judgement j;
    const char *text =
        HEAD "  - id: openssl.a\n    release: \"3.*\"\n    select: "
             "\"openssl-gnutls/*\"\n    kind: no-alert\n    observed: \"client: no\"\n"
             "    reason: y\n    link: z\n";
    snprintf(stacks.stacks[0].stack, NAME_MAX_LEN, "mine");
    snprintf(stacks.stacks[1].stack, NAME_MAX_LEN, "theirs");
    char id[CASE_ID_MAX];
    snprintf(id, sizeof id, "mine-%s/tls1.3/aes128gcm/x25519/rsa2048/server/off",
             strcmp(stacks.stacks[1].api, "gnutls") == 0 ? "theirs" : "gnutls");
    assert_non_null(apply(&j, text, VERDICT_FAIL, KIND_NO_ALERT, id));
    assert_null(apply(&j, text, VERDICT_FAIL, KIND_NO_ALERT,
                      "mine-mine/tls1.3/aes128gcm/x25519/rsa2048/server/off"));
    full_stacks(&stacks);
}

static const struct release_row {
    const char *wanted, *release;
    bool matches;
} release_rows[] = {
    { "3.0.*", "3.0.22", true },
    { "3.0.*", "3.5.7", false },
    { "*", "api17", true },
    { "3.0..3.5", "3.0.22", true },
    { "3.0..3.5", "3.5.7", true }, /* the end holds what is below it */
    { "3.0..3.5", "3.2.1", true },
    { "3.0..3.5", "3.6.0", false },
    { "3.0..3.5", "3.10.0", false }, /* numbers, not texts */
    { "3.0..3.5", "1.1.1", false },
    { "3.2.1..3.2.3", "3.2.4", false },
    { "3.2.1..3.2.3", "3.2.3-1", true },
    { "3.7..3.8", "3.8.9", true },
    { "3.7..3.8", "3.7", true },
    { "3.7..3.8", "3", false }, /* less than the first is before it */
    { "api17..api19", "api19", true },
    { "api17..api19", "api2", false },
    { "api17..api19", "api20", false },
    { "api17..api19", "3.0", false },
};

static void a_release_is_in_a_range_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof release_rows / sizeof release_rows[0]; i++)
        if (release_matches(release_rows[i].wanted, release_rows[i].release) !=
            release_rows[i].matches)
            fail_msg("row %zu", i);
}

static int setup(void **state)
{
    (void)state;
    full_stacks(&stacks);
    return mkdtemp(directory) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    clear(state);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_entry_is_read_whole, clear),
        cmocka_unit_test_teardown(the_projects_own_files_load, clear),
        cmocka_unit_test_teardown(a_missing_directory_is_a_usage_error, clear),
        cmocka_unit_test_teardown(each_mistake_is_told_with_its_line, clear),
        cmocka_unit_test_teardown(files_that_are_not_yaml_are_left_alone, clear),
        cmocka_unit_test_teardown(a_described_failure_is_expected, clear),
        cmocka_unit_test_teardown(a_covered_pass_is_unexpected, clear),
        cmocka_unit_test_teardown(everything_else_stays_as_it_is, clear),
        cmocka_unit_test_teardown(the_highest_common_version_is_matched, clear),
        cmocka_unit_test_teardown(without_a_role_either_end_will_do, clear),
        cmocka_unit_test_teardown(another_build_of_the_api_shares_its_deviations, clear),
        cmocka_unit_test_teardown(a_selector_may_call_stacks_by_their_api, clear),
        cmocka_unit_test(a_release_is_in_a_range_or_not),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
