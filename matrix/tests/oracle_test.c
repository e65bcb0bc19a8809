/* The oracle over many cases: what must hold whatever the case, and agreement with case.h. */
#include "matrix/tests/full_stacks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    NUM_TRIES = 100000, /* random cases, of which one in fifteen is possible */
    CASES_MIN = 2000,
    SEED = 8446,
};

static struct stack_set stacks;

/* A small generator of our own, so that the same cases come everywhere. */
static uint32_t random_below(uint32_t limit)
{
    static uint64_t state = SEED;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % limit;
}

static uint16_t random_suite(void)
{
    return random_below(3) == 0 ? SUITE_ANY : suites[random_below((uint32_t)num_suites)].id;
}

static uint16_t random_group(void)
{
    uint32_t kind = random_below(4);
    if (kind == 0)
        return GROUP_ANY;
    return kind == 1 ? GROUP_NONE : groups[random_below((uint32_t)num_groups)].id;
}

/* Both ends alike, but for one axis in four. */
static void random_case(struct matrix_case *c)
{
    *c = (struct matrix_case){
        .client = (uint8_t)random_below(3),
        .server = (uint8_t)random_below(3),
        .credential = (enum credential)random_below(NUM_CREDENTIALS),
        .auth = (enum auth)random_below(NUM_AUTH_MODES),
        .pinning = random_below(2) == 0 ? PINNING_OFF : (enum pinning)random_below(NUM_PINNINGS),
    };
    uint16_t version = (uint16_t)(TLS10 + random_below(4)), suite = random_suite(),
             group = random_group();
    for (int i = 0; i < 2; i++) {
        bool other = random_below(8) == 0;
        c->min_version[i] = other ? (uint16_t)(TLS10 + random_below(4)) : version;
        c->max_version[i] =
            (uint16_t)(c->min_version[i] + random_below(TLS13 - c->min_version[i] + 1u));
        c->suite[i] = random_below(8) == 0 ? random_suite() : suite;
        c->group[i] = random_below(8) == 0 ? random_group() : group;
    }
}

static void for_each_random_case(void (*check)(const struct matrix_case *c,
                                               const struct expectation *e, const char *id))
{
    size_t num_cases = 0;
    char id[CASE_ID_MAX], reason[TEXT_LEN];
    for (int i = 0; i < NUM_TRIES; i++) {
        struct matrix_case c;
        struct expectation e;
        random_case(&c);
        if (case_excluded(&c) != NULL || case_unsupported(reason, &c, &stacks))
            continue;
        case_id(id, &c, &stacks);
        oracle_expect(&e, &c, &stacks);
        check(&c, &e, id);
        num_cases++;
    }
    assert_true(num_cases > CASES_MIN);
}

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: not so: " #condition, id);                                               \
    } while (0)

static void check_fault(const struct matrix_case *c, const struct expectation *e, const char *id)
{
    HOLDS(e->fault == case_fault(c));
    HOLDS(e->accepted == (e->fault == FAULT_NONE));
}

static void check_shape(const struct matrix_case *c, const struct expectation *e, const char *id)
{
    const struct expected_refusal *client = &e->refusal[ROLE_CLIENT];
    const struct expected_refusal *server = &e->refusal[ROLE_SERVER];
    (void)c;
    HOLDS(!e->accepted || e->version != 0);
    HOLDS(e->version == 0 || e->num_suites > 0);
    HOLDS(e->accepted != (client->may_refuse || server->may_refuse));
    HOLDS(e->accepted ||
          client->alert_may_be_absent == (client->may_refuse && !client->num_alerts));
    HOLDS(e->accepted ||
          server->alert_may_be_absent == (server->may_refuse && !server->num_alerts));
    HOLDS(e->accepted || e->bytes_to_server + e->bytes_to_client == 0);
    HOLDS(e->num_rules > 0);
}

static void check_suites_have_groups(const struct matrix_case *c, const struct expectation *e,
                                     const char *id)
{
    (void)c;
    for (size_t i = 0; i < e->num_suites; i++) {
        const struct suite *suite = suite_by_id(e->suites[i]);
        HOLDS(suite_allows_version(suite, e->version));
        HOLDS(!suite_uses_group(suite) || e->num_groups > 0 || e->dhe_group_free);
    }
}

static void check_perfect_evidence(const struct matrix_case *c, const struct expectation *e,
                                   const char *id)
{
    struct evidence v;
    struct judgement j;
    perfect_evidence(&v, c, e);
    judge(&j, c, e, &v);
    if (j.verdict != VERDICT_PASS)
        fail_msg("%s: %s: %s", id, j.check, j.reason);
}

static void check_twin(const struct matrix_case *c, const struct expectation *e, const char *id)
{
    struct matrix_case twin;
    struct expectation healthy;
    if (!case_twin(&twin, c)) {
        HOLDS(e->accepted);
        return;
    }
    oracle_expect(&healthy, &twin, &stacks);
    HOLDS(healthy.accepted);
}

static void fault_is_the_one_of_the_case(void **state)
{
    (void)state;
    for_each_random_case(check_fault);
}

static void every_expectation_is_well_formed(void **state)
{
    (void)state;
    for_each_random_case(check_shape);
}

static void no_suite_is_expected_without_its_group(void **state)
{
    (void)state;
    for_each_random_case(check_suites_have_groups);
}

static void every_expectation_can_be_met(void **state)
{
    (void)state;
    for_each_random_case(check_perfect_evidence);
}

static void the_twin_of_a_faulty_case_is_accepted(void **state)
{
    (void)state;
    for_each_random_case(check_twin);
}

static bool used_rules[64];

static void note_rules(const struct matrix_case *c, const struct expectation *e, const char *id)
{
    (void)c;
    (void)id;
    for (size_t i = 0; i < e->num_rules; i++)
        if (requirement_by_id(e->rules[i]->id) != NULL) /* else the row of an imposter */
            used_rules[e->rules[i] - requirements] = true;
}

static void expect_with(struct expectation *out, const char *id)
{
    struct matrix_case c;
    struct error err = { 0 };
    if (case_from_id(&c, id, &stacks, &err) < 0)
        fail_msg("%s", err.text);
    assert_null(case_excluded(&c));
    oracle_expect(out, &c, &stacks);
}

static void every_requirement_is_used(void **state)
{
    (void)state;
    struct expectation e;
    static const char *const rare[] = {
        /* too seldom made at random */
        "openssl-gnutls/tls1.2/srp-sha-aes128cbc-sha/none/none/srp-wrong-password/off",
        "openssl-gnutls/tls1.2/srp-sha-aes128cbc-sha/none/none/srp-unknown/off",
    };
    assert_true(num_requirements <= sizeof used_rules / sizeof used_rules[0]);
    for_each_random_case(note_rules);
    for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++) {
        expect_with(&e, rare[i]);
        note_rules(NULL, &e, NULL);
    }
    stacks.stacks[2].num_groups[TLS12 - TLS10] = 0;
    expect_with(&e, "openssl-gnutls/tls1.2/dhe-rsa-aes128gcm/any/rsa2048/server/off");
    note_rules(NULL, &e, NULL);
    full_stacks(&stacks);
    for (size_t i = 0; i < num_requirements; i++) {
        if (!used_rules[i])
            fail_msg("no case rests on %s", requirements[i].id);
        assert_ptr_equal(requirement_by_id(requirements[i].id), &requirements[i]);
    }
    assert_null(requirement_by_id("no.such"));
}

/* RFC 7919 section 4: a server that knows no FFDHE groups takes one of its own. */
static void dhe_group_is_free_where_one_end_knows_no_named_ones(void **state)
{
    (void)state;
    struct expectation e;
    const char *id = "openssl-gnutls/tls1.2/dhe-rsa-aes128gcm/any/rsa2048/server/off";
    expect_with(&e, id);
    assert_false(e.dhe_group_free);
    assert_int_equal(e.num_groups, 1);
    stacks.stacks[2].num_groups[TLS12 - TLS10] = 0;
    expect_with(&e, id);
    full_stacks(&stacks);
    assert_true(e.accepted);
    assert_true(e.dhe_group_free);
    assert_int_equal(e.num_groups, 0);
}

static void exporter_is_expected_of_stacks_that_declare_it(void **state)
{
    (void)state;
    struct expectation e;
    stacks.stacks[1].features[FEATURE_EXPORTER] = false;
    expect_with(&e, "openssl-boringssl/tls1.3/any/any/rsa2048/server/off");
    full_stacks(&stacks);
    assert_true(e.exporter_declared[ROLE_CLIENT]);
    assert_false(e.exporter_declared[ROLE_SERVER]);
}

static void json_names_what_is_expected(void **state)
{
    (void)state;
    struct expectation e;
    expect_with(&e, "openssl-boringssl/tls1.3/aes128gcm/x25519/rsa2048/mutual-none-sent/off");
    json_t *object = expectation_to_json(&e);
    const char *fault, *alert, *rule;
    int accepted;
    assert_int_equal(json_unpack(object, "{s:b, s:s, s:{s:[s]}, s:[{s:s}]}", "accepted", &accepted,
                                 "fault", &fault, "server", "alerts", &alert, "requirements", "id",
                                 &rule),
                     0);
    assert_false(accepted);
    assert_string_equal(fault, "no-client-certificate");
    assert_string_equal(alert, "certificate_required");
    assert_string_equal(rule, "client-certificate.missing");
    json_decref(object);
    expect_with(&e, "openssl-boringssl/tls1.3/aes128gcm/x25519/rsa2048/mutual/off");
    object = expectation_to_json(&e);
    assert_string_equal(json_string_value(json_object_get(object, "version")), "tls1.3");
    assert_int_equal(json_array_size(json_object_get(object, "signature_schemes")), 3);
    assert_null(json_object_get(object, "server"));
    json_decref(object);
}

static int setup(void **state)
{
    (void)state;
    full_stacks(&stacks);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_is_the_one_of_the_case),
        cmocka_unit_test(every_expectation_is_well_formed),
        cmocka_unit_test(no_suite_is_expected_without_its_group),
        cmocka_unit_test(every_expectation_can_be_met),
        cmocka_unit_test(the_twin_of_a_faulty_case_is_accepted),
        cmocka_unit_test(every_requirement_is_used),
        cmocka_unit_test(dhe_group_is_free_where_one_end_knows_no_named_ones),
        cmocka_unit_test(exporter_is_expected_of_stacks_that_declare_it),
        cmocka_unit_test(json_names_what_is_expected),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
