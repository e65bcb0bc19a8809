/* Profile files: what their words stand for, and what is said of wrong ones. */
#include "matrix/plan.h"
#include "matrix/profile.h"
#include "matrix/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define REST "credential: [rsa2048]\n    auth: [server]\n    pin: [\"off\"]\n"
#define HEAD "title: t\nblocks:\n  - name: b\n    coverage: full\n"

/* Loads a profile of this text; NULL with *err filled if it is wrong. */
static struct profile *load_text(const char *text, struct error *err)
{
    char path[] = "/tmp/profile_testXXXXXX.yaml";
    struct profile *profile = NULL;
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    profile_load(&profile, path, fixture_stacks(), err);
    unlink(path);
    return profile;
}

static void assert_error(const char *text, const char *expected)
{
    struct error err = { 0 };
    assert_null(load_text(text, &err));
    assert_int_equal(err.class, ERROR_USAGE);
    if (strstr(err.text, expected) == NULL)
        fail_msg("'%s' is not in '%s'", expected, err.text);
}

static size_t num_values(enum axis axis, const char *word)
{
    struct value_list list = { 0 };
    struct error err;
    assert_int_equal(axis_word_expand(&list, axis, word, fixture_stacks(), &err), 0);
    free(list.values);
    return list.num;
}

static size_t num_groups_of(const char *groups_line)
{
    char text[512];
    struct error err;
    snprintf(text, sizeof text,
             HEAD "    version: [tls1.3]\n    suite: [any]\n    group: %s\n    " REST, groups_line);
    struct profile *profile = load_text(text, &err);
    assert_non_null(profile);
    size_t num = profile->blocks[0].axes[AXIS_GROUP].num;
    profile_free(profile);
    return num;
}

static void a_word_with_an_exclamation_mark_takes_away(void **state)
{
    (void)state;
    assert_int_equal(num_groups_of("[all]"), num_groups);
    assert_int_equal(num_groups_of("[all, \"!ffdhe*\"]"), num_groups - 5);
    assert_int_equal(num_groups_of("[all, \"!ffdhe*\", ffdhe2048]"), num_groups - 4);
    assert_error(HEAD "    version: [tls1.3]\n    suite: [any]\n"
                      "    group: [\"!x25519\", all]\n    " REST,
                 ":7: '!x25519' takes nothing away");
}

static void keywords_stand_for_what_they_say(void **state)
{
    (void)state;
    assert_int_equal(num_values(AXIS_CLIENT, "all"), 2);
    assert_int_equal(num_values(AXIS_VERSION, "each"), 4);
    assert_int_equal(num_values(AXIS_VERSION, "ranges"), 100);
    assert_int_equal(num_values(AXIS_VERSION, "mismatched"), 30);
    assert_int_equal(num_values(AXIS_VERSION, "all"), 100);
    assert_int_equal(num_values(AXIS_SUITE, "all"), num_suites);
    assert_int_equal(num_values(AXIS_GROUP, "all"), num_groups);
    assert_int_equal(num_values(AXIS_CREDENTIAL, "all"), NUM_CREDENTIALS);
    assert_int_equal(num_values(AXIS_AUTH, "mutual*"), 2);
    assert_int_equal(num_values(AXIS_GROUP, "ffdhe*"), 5);
}

static void mismatched_suites_differ_in_nothing_that_rules_ask(void **state)
{
    struct value_list list = { 0 };
    struct error err;
    (void)state;
    assert_int_equal(axis_word_expand(&list, AXIS_SUITE, "mismatched", fixture_stacks(), &err), 0);
    assert_true(list.num > num_suites / 2);
    for (size_t i = 0; i < list.num; i++) {
        const struct suite *client = suite_by_id(list.values[i].v[0]);
        const struct suite *server = suite_by_id(list.values[i].v[1]);
        assert_ptr_not_equal(client, server);
        assert_int_equal(client->kx, server->kx);
        assert_int_equal(client->auth, server->auth);
        assert_true(server->min_version <= client->min_version &&
                    server->max_version >= client->max_version);
    }
    free(list.values);
}

static void a_good_profile_loads(void **state)
{
    struct error err = { 0 };
    (void)state;
    struct profile *profile = load_text(HEAD "    version: [tls1.2, \"tls1.2:tls1.3\"]\n"
                                             "    suite: any\n    group: [any]\n    " REST,
                                        &err);
    if (profile == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(profile_title(profile), "t");
    assert_int_equal(profile->axes[AXIS_CLIENT].num, 2); /* left out: all */
    assert_int_equal(profile->axes[AXIS_VERSION].num, 2);
    profile_free(profile);
}

static void wrong_profiles_are_told_where_and_what(void **state)
{
    (void)state;
    assert_error(HEAD "    version: [tls1.2]\n    suite: [any,\n      ecdhe-rsa-aes128gmc]\n"
                      "    group: [any]\n    " REST,
                 ".yaml:7: unknown suite 'ecdhe-rsa-aes128gmc', did you mean "
                 "'ecdhe-rsa-aes128gcm'?");
    assert_error(HEAD "    version: [tls1.4]\n    suite: [any]\n    group: [any]\n    " REST,
                 ".yaml:5: unknown version 'tls1.4'");
    assert_error(HEAD
                 "    version: [tls1.2]\n    suite: [\"nothing-*\"]\n    group: [any]\n    " REST,
                 ".yaml:6: no suite matches 'nothing-*'");
    assert_error(HEAD "    version: [tls1.2]\n    suit: [any]\n    group: [any]\n    " REST,
                 ".yaml:6: ");
    assert_error(HEAD "    version: [tls1.2]\n    group: [any]\n    " REST, "suite");
    assert_error(HEAD "    version: []\n    suite: [any]\n    group: [any]\n    " REST,
                 ".yaml:5: no version in the list");
    assert_error("title: t\nblocks:\n  - name: b\n    coverage: pairwize\n    version: [tls1.2]\n"
                 "    suite: [any]\n    group: [any]\n    " REST,
                 ".yaml:4: unknown coverage 'pairwize', did you mean 'pairwise'?");
    assert_error("title: t\nblocks: []\n", "blocks");
}

static void a_wrong_name_gets_the_right_one(void **state)
{
    struct error err = { 0 };
    struct profile *profile;
    (void)state;
    assert_int_equal(profile_load(&profile, "smok", fixture_stacks(), &err), -1);
    assert_non_null(strstr(err.text, "did you mean 'smoke'?"));
    assert_int_equal(profile_load(&profile, "smoke", fixture_stacks(), &err), 0);
    profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_with_an_exclamation_mark_takes_away),
        cmocka_unit_test(keywords_stand_for_what_they_say),
        cmocka_unit_test(mismatched_suites_differ_in_nothing_that_rules_ask),
        cmocka_unit_test(a_good_profile_loads),
        cmocka_unit_test(wrong_profiles_are_told_where_and_what),
        cmocka_unit_test(a_wrong_name_gets_the_right_one),
    };
    profile_set_directory(SOURCE_DIR "/matrix/profiles");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
