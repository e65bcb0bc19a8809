/* The oracle against expectations that were written by hand: matrix/scenarios/. */
#include "matrix/tests/full_stacks.h"

#include "harness/yaml/yaml.h"
#include "matrix/story.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define DIRECTORY SOURCE_DIR "/matrix/scenarios"
#define STORIES   SOURCE_DIR "/matrix/stories"

enum { SCENARIOS_MIN = 30, STORY_CASES_MIN = 30 };

static struct stack_set stacks;
static size_t num_scenarios, num_story_cases;

static const char *const faults[] = {
    [FAULT_NONE] = "none",
    [FAULT_NO_COMMON_VERSION] = "no-common-version",
    [FAULT_NO_COMMON_SUITE] = "no-common-suite",
    [FAULT_NO_COMMON_GROUP] = "no-common-group",
    [FAULT_NO_CLIENT_CERTIFICATE] = "no-client-certificate",
    [FAULT_WRONG_PSK] = "wrong-psk",
    [FAULT_UNKNOWN_PSK] = "unknown-psk",
    [FAULT_WRONG_PASSWORD] = "wrong-password",
    [FAULT_UNKNOWN_USER] = "unknown-user",
    [FAULT_PIN_MISMATCH] = "pin-mismatch",
    [FAULT_FIRST_USE_CHANGED] = "first-use-changed",
    [FAULT_IDENTITY] = "imposter",
    [FAULT_ATTACK] = "attack",
};

static const char *suite_text(uint16_t id)
{
    return suite_by_id(id)->name;
}

static const char *group_text(uint16_t id)
{
    return group_by_id(id)->name;
}

static const char *scheme_text(uint16_t id)
{
    return signature_scheme_by_id(id)->name;
}

/* Where a scenario stands, for messages. */
#define AT(item, format, ...) fail_msg("%s:%d: " format, (item)->file, (item)->line, __VA_ARGS__)

static bool has_word(const struct yaml_item *list, const char *word)
{
    for (const struct yaml_item *i = list != NULL ? list->first : NULL; i != NULL; i = i->next)
        if (strcmp(i->text, word) == 0)
            return true;
    return false;
}

static void check_words(const struct yaml_item *scenario, const char *key, const uint16_t ids[],
                        size_t num_ids, const char *(*text)(uint16_t id))
{
    const struct yaml_item *list = yaml_get(scenario, key);
    size_t num_wanted = list != NULL ? list->num_items : 0;
    for (size_t i = 0; i < num_ids; i++)
        if (!has_word(list, text(ids[i])))
            AT(scenario, "%s: the oracle also has %s", key, text(ids[i]));
    if (num_ids != num_wanted)
        AT(scenario, "%s: %zu of the oracle, %zu of the scenario", key, num_ids, num_wanted);
}

static bool flag(const struct yaml_item *map, const char *key, bool otherwise)
{
    struct error err = { 0 };
    if (yaml_get_bool(&otherwise, map, key, &err) < 0)
        fail_msg("%s", err.text);
    return otherwise;
}

static void check_flag(const struct yaml_item *scenario, const char *what, bool oracle, bool wanted)
{
    if (oracle != wanted)
        AT(scenario, "%s: %d of the oracle, %d of the scenario", what, oracle, wanted);
}

static void check_refusal(const struct yaml_item *scenario, const struct expectation *e,
                          enum role role)
{
    const struct yaml_item *all = yaml_get(scenario, "refusals");
    const struct yaml_item *wanted = all != NULL ? yaml_get(all, role_name(role)) : NULL;
    const struct expected_refusal *refusal = &e->refusal[role];
    const char *stage = "handshake";
    struct error err = { 0 };
    check_flag(scenario, role_name(role), refusal->may_refuse,
               wanted != NULL && flag(wanted, "may_refuse", true));
    if (wanted != NULL && yaml_get_string(&stage, wanted, "stage", &err) < 0)
        fail_msg("%s", err.text);
    if (strcmp(stage, stage_name(refusal->stage)) != 0)
        AT(scenario, "%s: stage %s", role_name(role), stage_name(refusal->stage));
    const struct yaml_item *list = wanted != NULL ? yaml_get(wanted, "alerts") : NULL;
    for (size_t i = 0; i < refusal->num_alerts; i++)
        if (!has_word(list, alert_text(refusal->alerts[i])))
            AT(scenario, "%s: alert %s", role_name(role), alert_text(refusal->alerts[i]));
    if (refusal->num_alerts != (list != NULL ? list->num_items : 0))
        AT(scenario, "%s: %zu alerts of the oracle", role_name(role), refusal->num_alerts);
    check_flag(scenario, "alert may be absent", refusal->alert_may_be_absent,
               refusal->may_refuse && refusal->num_alerts == 0);
}

static void check_refused(const struct yaml_item *scenario, const struct expectation *e)
{
    const struct yaml_item *finished = yaml_get(scenario, "finished");
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        check_refusal(scenario, e, role);
        check_flag(scenario, "handshake may finish", e->handshake_may_finish[role],
                   has_word(finished, role_name(role)));
    }
    assert_int_equal(e->bytes_to_client, 0);
    assert_int_equal(e->bytes_to_server, 0);
    assert_int_equal(e->may_write[ROLE_SERVER], 0);
    check_flag(scenario, "client may send", e->may_write[ROLE_CLIENT] > 0,
               flag(scenario, "client_may_send", false));
}

/* Application bytes from client and server in each exchange. */
static const size_t crossing[NUM_EXCHANGES][2] = {
    [EXCHANGE_PATTERN] = { 32, 32 }, [EXCHANGE_ECHO] = { 30, 30 }, [EXCHANGE_PRODUCT] = { 9, 4 },
    [EXCHANGE_GET] = { 25, 151 },    [EXCHANGE_BANK] = { 4, 233 }, [EXCHANGE_BANNER] = { 0, 30 },
    [EXCHANGE_MESSAGE] = { 65, 0 },
};

static void check_accepted(const struct expectation *e, const struct matrix_case *c)
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        assert_true(e->handshake_may_finish[role]);
        assert_int_equal(e->may_write[role], crossing[c->exchange][role]);
    }
    assert_int_equal(e->bytes_to_client, crossing[c->exchange][ROLE_SERVER]);
    assert_int_equal(e->bytes_to_server, crossing[c->exchange][ROLE_CLIENT]);
}

/* What the verifier's own code must name, where it is an imposter that is refused. */
static void check_problem(const struct yaml_item *scenario, const struct expectation *e)
{
    const char *problem = "none";
    struct error err = { 0 };
    if (yaml_get_string(&problem, scenario, "problem", &err) < 0)
        fail_msg("%s", err.text);
    if (strcmp(problem, verify_problem_name(e->verify_problem)) != 0)
        AT(scenario, "problem %s of the oracle", verify_problem_name(e->verify_problem));
}

static void check_handshake(const struct yaml_item *scenario, const struct expectation *e)
{
    const struct yaml_item *certificates = yaml_get(scenario, "certificates");
    const char *version = "none";
    struct error err = { 0 };
    if (yaml_get_string(&version, scenario, "version", &err) < 0)
        fail_msg("%s", err.text);
    const char *oracle = e->version != 0 ? version_name(e->version) : "none";
    if (strcmp(version, oracle) != 0)
        AT(scenario, "version %s of the oracle", oracle);
    check_words(scenario, "suites", e->suites, e->num_suites, suite_text);
    check_words(scenario, "groups", e->groups, e->num_groups, group_text);
    check_words(scenario, "signature_schemes", e->signature_schemes, e->num_signature_schemes,
                scheme_text);
    check_flag(scenario, "free DHE group", e->dhe_group_free,
               flag(scenario, "free_dhe_group", false));
    check_flag(scenario, "server's certificate", e->client_sees_certificate,
               has_word(certificates, "server"));
    check_flag(scenario, "client's certificate", e->server_sees_certificate,
               has_word(certificates, "client"));
}

static void check_keys(const struct yaml_item *scenario)
{
    static const struct yaml_key keys[] = {
        { "id", YAML_SCALAR, .required = true },
        { "accepted", YAML_SCALAR, .required = true },
        { "why", YAML_SCALAR, .required = true },
        { "fault", YAML_SCALAR },
        { "version", YAML_SCALAR },
        { "suites", YAML_LIST },
        { "groups", YAML_LIST },
        { "signature_schemes", YAML_LIST },
        { "free_dhe_group", YAML_SCALAR },
        { "certificates", YAML_LIST },
        { "finished", YAML_LIST },
        { "client_may_send", YAML_SCALAR },
        { "refusals", YAML_MAP },
    };
    struct error err = { 0 };
    if (yaml_check_map(scenario, keys, sizeof keys / sizeof keys[0], &err) < 0)
        fail_msg("%s", err.text);
}

static void check_expectation(const struct yaml_item *scenario, const char *id)
{
    struct matrix_case c;
    struct expectation e;
    struct error err = { 0 };
    char reason[TEXT_LEN];
    const char *fault = "none";
    yaml_get_string(&fault, scenario, "fault", &err);
    if (case_from_id(&c, id, &stacks, &err) < 0)
        AT(scenario, "%s", err.text);
    if (case_excluded(&c) != NULL)
        AT(scenario, "excluded: %s", case_excluded(&c)->name);
    if (case_unsupported(reason, &c, &stacks))
        AT(scenario, "unsupported: %s", reason);
    oracle_expect(&e, &c, &stacks);
    if (strcmp(fault, faults[e.fault]) != 0)
        AT(scenario, "fault %s of the oracle", faults[e.fault]);
    check_flag(scenario, "accepted", e.accepted, flag(scenario, "accepted", true));
    /* Of an imposter's or an attacked handshake that is refused the oracle states no parameters. */
    if (e.fault != FAULT_IDENTITY && e.fault != FAULT_ATTACK)
        check_handshake(scenario, &e);
    check_problem(scenario, &e);
    if (e.accepted)
        check_accepted(&e, &c);
    else
        check_refused(scenario, &e);
}

static void check_scenario(const struct yaml_item *scenario)
{
    const char *id = NULL;
    check_keys(scenario);
    yaml_get_string(&id, scenario, "id", NULL);
    check_expectation(scenario, id);
    num_scenarios++;
}

/* A step of a story says "problem" where one of scenarios/ may. */
static void check_story(const char *name)
{
    static struct story story;
    struct error err = { 0 };
    if (story_load(&story, name, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < story.num_steps; i++)
        for (size_t c = 0; c < story.steps[i].num_cases; c++) {
            char id[CASE_ID_MAX * 2];
            snprintf(id, sizeof id, "openssl-gnutls/%s", story.steps[i].cases[c]);
            check_expectation(story.steps[i].item, id);
            num_story_cases++;
        }
    story_fini(&story);
}

static void oracle_says_what_the_stories_say(void **state)
{
    (void)state;
    char **names;
    struct error err = { 0 };
    setenv("TLSMATRIX_DATA", SOURCE_DIR, 1);
    full_stacks(&stacks);
    int num = story_names(&names, &err);
    assert_true(num > 0);
    for (int i = 0; i < num; i++)
        check_story(names[i]);
    story_names_free(names, num);
    assert_true(num_story_cases >= STORY_CASES_MIN);
}

static void check_file(const char *name)
{
    char path[PATH_LEN];
    struct error err = { 0 };
    struct yaml_file *file;
    snprintf(path, sizeof path, DIRECTORY "/%s", name);
    if (yaml_file_load(&file, path, &err) < 0)
        fail_msg("%s", err.text);
    const struct yaml_item *list = yaml_get(yaml_file_root(file), "scenarios");
    assert_non_null(list);
    for (const struct yaml_item *i = list->first; i != NULL; i = i->next)
        check_scenario(i);
    yaml_file_free(file);
}

static void oracle_says_what_the_scenarios_say(void **state)
{
    (void)state;
    DIR *directory = opendir(DIRECTORY);
    const struct dirent *entry;
    assert_non_null(directory);
    full_stacks(&stacks);
    while ((entry = readdir(directory)) != NULL)
        if (strstr(entry->d_name, ".yaml") != NULL)
            check_file(entry->d_name);
    closedir(directory);
    assert_true(num_scenarios >= SCENARIOS_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oracle_says_what_the_scenarios_say),
        cmocka_unit_test(oracle_says_what_the_stories_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
