/* Ids, rules, twins and offers of cases. */
#include "matrix/case.h"
#include "matrix/tests/fixture.h"

#include "matrix/case_judged.h"
#include "matrix/case_value.h"
#include "matrix/raw/hellos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct matrix_case parse(const char *id)
{
    struct matrix_case c;
    struct error err = { 0 };
    if (case_from_id(&c, id, fixture_stacks(), &err) < 0)
        fail_msg("%s", err.text);
    return c;
}

static void assert_id_error(const char *id, const char *text)
{
    struct matrix_case c;
    struct error err = { 0 };
    assert_int_equal(case_from_id(&c, id, fixture_stacks(), &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    if (strstr(err.text, text) == NULL)
        fail_msg("'%s' is not in '%s'", text, err.text);
}

static void assert_excluded(const char *id, const char *rule)
{
    struct matrix_case c = parse(id);
    const struct exclusion_rule *found = case_excluded(&c);
    assert_non_null(found);
    assert_string_equal(found->name, rule);
}

static void assert_possible(const char *id)
{
    struct matrix_case c = parse(id);
    const struct exclusion_rule *rule = case_excluded(&c);
    if (rule != NULL)
        fail_msg("%s is excluded by %s", id, rule->name);
}

static void ids_come_back_as_they_were(void **state)
{
    static const char *const ids[] = {
        "rich-small/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/leaf",
        "rich-rich/tls1.0-1.2/any/any/rsa2048/server/off",
        "rich-rich/tls1.0-1.1:tls1.2-1.3/any/any/rsa2048/server/off",
        "small-rich/tls1.2/rsa-aes128gcm:rsa-aes256gcm/none/rsa2048/server/off",
        "rich-rich/tls1.3/aes128gcm/x25519:p256/ed25519/server/off#17",
    };
    char id[CASE_ID_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct matrix_case c = parse(ids[i]);
        case_id(id, &c, fixture_stacks());
        assert_string_equal(id, ids[i]);
    }
}

static void wrong_ids_name_the_segment_and_the_right_word(void **state)
{
    (void)state;
    assert_id_error("rich-small/tls1.2/ecdhe-rsa-aes128gmc/x25519/rsa2048/server/off",
                    "unknown suite 'ecdhe-rsa-aes128gmc', did you mean 'ecdhe-rsa-aes128gcm'?");
    assert_id_error("rich-smal/tls1.2/any/any/rsa2048/server/off",
                    "unknown server 'smal', did you mean 'small'?");
    assert_id_error("rich/tls1.2/any/any/rsa2048/server/off", "'rich' is not CLIENT-SERVER");
    assert_id_error("rich-rich/tls1.3-1.2/any/any/rsa2048/server/off", "does not ascend");
    assert_id_error("rich-rich/tls1.2/any:aes128gcm/any/rsa2048/server/off", "specific");
    assert_id_error("rich-rich/tls1.2/any/any/rsa2048/server", "ends before its pin");
    assert_id_error("rich-rich/tls1.2/any/any/rsa2048/server/off/expired-laef",
                    "did you mean 'expired-leaf'?");
    assert_id_error("rich-rich/tls1.2/any/any/rsa2048/server/off/expired-leaf/x",
                    "is no identity, attack, delivery, hello or exchange");
    assert_id_error("rich-raw/tls1.2/any/any/rsa2048/server/off/server-tls12/x",
                    "is no identity, attack, delivery, hello or exchange");
    assert_id_error("rich-rich/tls1.2/any/any/rsa2048/server/off/paused/product/x",
                    "after the last segment");
    assert_id_error("rich-rich/tls1.2/any/any/rsa2048/server/off#0", "repeat");
}

static void a_repeat_has_another_hash(void **state)
{
    (void)state;
    assert_int_equal(case_hash(""), UINT64_C(0xcbf29ce484222325));
    assert_int_equal(case_hash("a"), UINT64_C(0xaf63dc4c8601ec8c)); /* the published FNV-1a value */
    assert_true(case_hash("a#2") != case_hash("a#3"));
}

/* Each row: what is excluded by which rule; the line after it differs in one value and is fine. */
static void every_rule_excludes_and_its_neighbour_is_possible(void **state)
{
    (void)state;
    assert_excluded("rich-rich/tls1.2/any/any/rsa2048/server/off/base-tls12-only", "hello-end");
    assert_excluded("rich-raw/tls1.2/any/any/rsa2048/server/off/base-tls12-only", "hello-end");
    assert_excluded("raw-rich/tls1.2/any/any/rsa2048/server/off", "hello-end");
    assert_excluded("raw-rich/tls1.3/any/any/rsa2048/server/off/base-tls12-only", "hello-version");
    assert_excluded("raw-rich/tls1.2/any/any/ecdsa-p256/server/off/base-tls12-only", "hello-alone");
    assert_excluded("raw-rich/tls1.2/any/x25519/rsa2048/server/off/base-tls12-only", "hello-alone");
    assert_excluded("raw-rich/tls1.2/any/any/rsa2048/server/leaf/base-tls12-only", "hello-alone");
    assert_excluded("raw-rich/tls1.2/any/any/rsa2048/server/off/paused/base-tls12-only",
                    "hello-alone");
    assert_possible("raw-rich/tls1.2/any/any/rsa2048/server/off/base-tls12-only");
    assert_possible("rich-raw/tls1.2/any/any/rsa2048/server/off/server-tls12");
    assert_excluded("rich-rich/tls1.2/aes128gcm/x25519/rsa2048/server/off", "suite-version");
    assert_possible("rich-rich/tls1.3/aes128gcm/x25519/rsa2048/server/off");
    assert_excluded("rich-rich/tls1.0-1.2/rsa-aes128gcm/none/rsa2048/server/off", "suite-version");
    assert_possible("rich-rich/tls1.0-1.2/rsa-aes128cbc-sha/none/rsa2048/server/off");
    assert_excluded("rich-rich/tls1.2/rsa-aes128gcm/none/rsapss2048/server/off",
                    "credential-suite");
    assert_possible("rich-rich/tls1.2/ecdhe-rsa-aes128gcm/x25519/rsapss2048/server/off");
    assert_excluded("rich-rich/tls1.2/ecdhe-rsa-aes128gcm/x25519/ecdsa-p256/server/off",
                    "credential-suite");
    assert_possible("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519/ed448/server/off");
    assert_excluded("rich-rich/tls1.2/dh-rsa-aes128cbc-sha/none/rsa2048/server/off",
                    "credential-suite");
    assert_excluded("rich-rich/tls1.2/dh-dss-aes128cbc-sha/none/dsa2048/server/off",
                    "credential-suite");
    assert_excluded("rich-rich/tls1.2/ecdh-rsa-aes128cbc-sha/none/rsa2048/server/off",
                    "credential-suite");
    assert_excluded("rich-rich/tls1.2/ecdh-rsa-aes128cbc-sha/none/ecdsa-p256/server/off",
                    "credential-suite");
    assert_possible("rich-rich/tls1.2/ecdh-ecdsa-aes128cbc-sha/none/ecdsa-p256/server/off");
    assert_excluded("rich-rich/tls1.1/ecdhe-ecdsa-aes128cbc-sha/x25519/ed25519/server/off",
                    "credential-version");
    assert_possible("rich-rich/tls1.2/ecdhe-ecdsa-aes128cbc-sha/x25519/ed25519/server/off");
    assert_excluded("rich-rich/tls1.3/any/any/dsa2048/server/off", "credential-version");
    assert_possible("rich-rich/tls1.2/any/any/dsa2048/server/off");
    assert_excluded("rich-rich/tls1.2/rsa-aes128gcm/x25519/rsa2048/server/off", "group-suite");
    assert_excluded("rich-rich/tls1.2/ecdhe-rsa-aes128gcm/ffdhe2048/rsa2048/server/off",
                    "group-suite");
    assert_possible("rich-rich/tls1.3/aes128gcm/ffdhe2048/rsa2048/server/off");
    assert_excluded("rich-rich/tls1.3/any/bp256/rsa2048/server/off", "group-version");
    assert_excluded("rich-rich/tls1.2-1.3/any/bp256/rsa2048/server/off", "group-version");
    assert_possible("rich-rich/tls1.0-1.2/any/bp256/rsa2048/server/off");
    assert_excluded("rich-rich/tls1.2/any/ffdhe2048/rsa2048/server/off", "any-suite-group");
    assert_possible("rich-rich/tls1.2/any/ffdhe2048/dsa2048/server/off");
    assert_excluded("rich-rich/tls1.2/any/x25519:p256/rsa2048/server/off", "any-suite-group");
    assert_possible("rich-rich/tls1.3/any/x25519:p256/rsa2048/server/off");
    assert_excluded("rich-rich/tls1.2/dh-anon-aes128cbc-sha/ffdhe2048/none/server/off",
                    "auth-suite");
    assert_possible("rich-rich/tls1.2/dh-anon-aes128cbc-sha/ffdhe2048/none/none/off");
    assert_excluded("rich-rich/tls1.2/psk-aes128gcm/none/none/none/off", "auth-suite");
    assert_possible("rich-rich/tls1.2/psk-aes128gcm/none/none/psk/off");
    assert_possible("rich-rich/tls1.2/rsa-psk-aes128gcm/none/rsa2048/psk/off");
    assert_possible("rich-rich/tls1.2/srp-sha-aes128cbc-sha/none/none/srp/off");
    assert_possible("rich-rich/tls1.2/srp-sha-dss-aes128cbc-sha/none/dsa2048/srp/off");
    assert_excluded("rich-rich/tls1.2-1.3/any/any/none/psk/off", "any-suite-auth");
    assert_possible("rich-rich/tls1.3/any/any/none/psk/off");
    assert_excluded("rich-rich/tls1.3/aes128gcm/x25519/none/server/off", "credential-auth");
    assert_excluded("rich-rich/tls1.3/aes128gcm/x25519/rsa2048/psk/off", "credential-auth");
    assert_excluded("rich-rich/tls1.3/aes256gcm/x25519/none/psk/off", "psk-hash");
    assert_possible("rich-rich/tls1.3/aes128gcm/x25519/none/psk/off");
    assert_excluded("rich-rich/tls1.3/aes128gcm/x25519/none/psk/leaf", "pin-needs-certificate");
    assert_excluded("rich-rich/tls1.2/dhe-rsa-aes128gcm/ffdhe2048:ffdhe3072/rsa2048/server/off",
                    "ffdhe-mismatch-before-1.3");
    assert_possible("rich-rich/tls1.3/aes128gcm/ffdhe2048:ffdhe3072/rsa2048/server/off");
    assert_excluded("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519:p256/ecdsa-p256/server/off",
                    "ecdsa-curve-is-common");
    assert_excluded("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519:p256/ecdsa-p384/mutual/off",
                    "ecdsa-curve-is-common");
    assert_possible("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519:p256/ecdsa-p384/server/off");
    assert_possible("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519:p256/ed25519/server/off");
    assert_excluded("rich-rich/tls1.3/any/any/rsa2048/server/off/paused/product", "exchange-alone");
    assert_possible("rich-rich/tls1.3/any/any/rsa2048/server/off/product");
    assert_excluded("rich-rich/tls1.3/any/any/rsa2048/server/leaf-wrong/banner", "exchange-alone");
    assert_possible("rich-rich/tls1.3/any/any/rsa2048/server/leaf-wrong/bank");
    assert_excluded("rich-rich/tls1.2:tls1.3/any/any/rsa2048/mutual-none-sent/off", "one-fault");
    assert_excluded("rich-rich/tls1.2:tls1.3/any/any/rsa2048/server/leaf", "one-fault");
    assert_possible("rich-rich/tls1.2:tls1.3/any/any/rsa2048/mutual/off");
    assert_excluded("rich-rich/tls1.3/any/any/rsa2048/mutual-none-sent/leaf-wrong", "one-fault");
    assert_possible("rich-rich/tls1.3/any/any/rsa2048/mutual-none-sent/leaf");
    assert_excluded("rich-rich/tls1.2:tls1.3/any/any/none/psk-unknown/off", "any-suite-auth");
    assert_excluded("rich-rich/tls1.3/aes128gcm/x25519:p256/none/psk-wrong-key/off", "one-fault");
    assert_possible("rich-rich/tls1.2/rsa-psk-aes128gcm/none/rsa2048/psk-wrong-key/leaf");
}

/* The planner prunes and the covering arrays tabulate by `axes`: a rule that looked at more would
 * be asked too early. */
static void rules_look_at_no_axis_but_their_own(void **state)
{
    static const char *const from[2] = {
        "small-small/tls1.0/rsa-null-md5/none/none/none/off",
        "rich-rich/tls1.3/aes256gcm/x448:ffdhe2048/ed25519/psk/leaf-wrong",
    };
    (void)state;
    for (size_t i = 0; i < num_exclusion_rules; i++)
        for (size_t suite = 0; suite < num_suites; suite++)
            for (int credential = 0; credential < NUM_CREDENTIALS; credential++) {
                bool answers[2];
                for (int other = 0; other < 2; other++) {
                    struct matrix_case c =
                        parse("rich-rich/tls1.2/any/p256/none/mutual-none-sent/tofu-changed");
                    struct matrix_case filler = parse(from[other]);
                    c.suite[0] = suites[suite].id;
                    c.suite[1] = suites[suite / 2].id;
                    c.credential = (enum credential)credential;
                    for (int axis = 0; axis < NUM_AXES; axis++)
                        if ((exclusion_rules[i].axes & 1u << axis) == 0)
                            axis_value_put(&c, (enum axis)axis,
                                           axis_value_get(&filler, (enum axis)axis));
                    answers[other] = exclusion_rules[i].excludes(&c);
                }
                assert_int_equal(answers[0], answers[1]);
            }
}

static void assert_twin(const char *id, const char *expected)
{
    char text[CASE_ID_MAX];
    struct matrix_case c = parse(id), twin;
    assert_true(case_twin(&twin, &c));
    case_id(text, &twin, fixture_stacks());
    assert_string_equal(text, expected);
}

static void twins_take_the_fault_away(void **state)
{
    struct matrix_case twin, healthy = parse("rich-rich/tls1.3/any/any/rsa2048/server/leaf");
    (void)state;
    assert_false(case_twin(&twin, &healthy));
    assert_twin("rich-rich/tls1.2:tls1.3/any/any/rsa2048/mutual/off",
                "rich-rich/tls1.3/any/any/rsa2048/mutual/off");
    assert_twin("rich-rich/tls1.2/rsa-aes128gcm:rsa-aes256gcm/none/rsa2048/server/off",
                "rich-rich/tls1.2/rsa-aes256gcm/none/rsa2048/server/off");
    assert_twin("rich-rich/tls1.3/aes128gcm/x25519:p256/rsa2048/server/off",
                "rich-rich/tls1.3/aes128gcm/p256/rsa2048/server/off");
    assert_twin("rich-rich/tls1.3/any/any/none/psk-wrong-key/off",
                "rich-rich/tls1.3/any/any/none/psk/off");
    assert_twin("rich-rich/tls1.2/srp-sha-aes128cbc-sha/none/none/srp-unknown/off",
                "rich-rich/tls1.2/srp-sha-aes128cbc-sha/none/none/srp/off");
    assert_twin("rich-rich/tls1.3/any/any/rsa2048/mutual-none-sent/leaf",
                "rich-rich/tls1.3/any/any/rsa2048/mutual/leaf");
    assert_twin("rich-rich/tls1.3/any/any/rsa2048/server/spki-wrong",
                "rich-rich/tls1.3/any/any/rsa2048/server/spki");
    assert_twin("rich-rich/tls1.3/any/any/rsa2048/server/tofu-changed#3",
                "rich-rich/tls1.3/any/any/rsa2048/server/tofu-known#3");
}

/* The client can use its suite in its own range only, and so can the server. */
static void a_twin_is_possible_where_only_one_side_fits(void **state)
{
    struct matrix_case twin;
    (void)state;
    struct matrix_case c = parse("rich-rich/tls1.2:tls1.0-1.2/"
                                 "rsa-aes128gcm:rsa-aes128cbc-sha/none/rsa2048/server/off");
    assert_null(case_excluded(&c));
    assert_true(case_twin(&twin, &c));
    assert_null(case_excluded(&twin));
    c = parse(
        "rich-rich/tls1.0-1.2:tls1.2/rsa-aes128cbc-sha:rsa-aes128gcm/none/rsa2048/server/off");
    assert_null(case_excluded(&c));
    assert_true(case_twin(&twin, &c));
    assert_null(case_excluded(&twin));
    assert_int_equal(case_fault(&twin), FAULT_NONE);
}

static void assert_unsupported(const char *id, const char *expected)
{
    char reason[TEXT_LEN] = "";
    struct matrix_case c = parse(id);
    assert_int_equal(case_unsupported(reason, &c, fixture_stacks()), expected != NULL);
    assert_string_equal(reason, expected != NULL ? expected : "");
}

static void stacks_are_held_to_their_lists(void **state)
{
    (void)state;
    assert_unsupported("rich-rich/tls1.0-1.2/any/any/rsa2048/server/off", NULL);
    assert_unsupported("rich-small/tls1.0-1.2/any/any/rsa2048/server/off", "small: no tls1.0");
    assert_unsupported("small-rich/tls1.2/dhe-rsa-aes128gcm/ffdhe2048/rsa2048/server/off",
                       "small: no suite dhe-rsa-aes128gcm");
    assert_unsupported("small-rich/tls1.3/aes128gcm/x448/rsa2048/server/off",
                       "small: no group x448 in tls1.3");
    assert_unsupported("rich-small/tls1.3/aes128gcm/x25519/ed25519/server/off",
                       "small: no credential ed25519 in tls1.3");
    assert_unsupported("rich-small/tls1.3/aes128gcm/x25519/none/psk/off", NULL);
    assert_unsupported("rich-small/tls1.2:tls1.3/any/any/rsa2048/server/off", NULL);
}

static void set_suites(struct capabilities *stack, const uint16_t ids[], size_t num)
{
    memcpy(stack->suites, ids, num * sizeof ids[0]);
    stack->num_suites = num;
}

static void set_group(struct capabilities *stack, uint16_t group)
{
    for (int version = 0; version < NUM_TLS_VERSIONS; version++) {
        stack->groups[version][0] = group;
        stack->num_groups[version] = 1;
    }
}

#define TO_SERVER(name) "raw-rich/tls1.2-1.3/any/any/rsa2048/server/off/" name
#define TO_CLIENT(name) "rich-raw/tls1.2-1.3/any/any/rsa2048/server/off/" name

static bool rich_lacks(char reason[TEXT_LEN], const char *id, const struct stack_set *stacks)
{
    struct matrix_case c = parse(id);
    return case_unsupported(reason, &c, stacks);
}

static void a_client_is_held_to_its_own_list_where_it_sends_a_certificate(void **state)
{
    (void)state;
    char reason[TEXT_LEN] = "";
    static struct stack_set stacks;
    stacks = *fixture_stacks();
    stacks.stacks[0].client_credentials[TLS12 - TLS10][CREDENTIAL_ED25519] = true;
    assert_false(rich_lacks(reason, "rich-rich/tls1.2/any/any/rsa2048/server/off", &stacks));
    assert_false(
        rich_lacks(reason, "rich-rich/tls1.2/any/any/rsa2048/optional-none-sent/off", &stacks));
    assert_false(rich_lacks(reason, "rich-rich/tls1.2/any/any/ed25519/mutual/off", &stacks));
    assert_false(rich_lacks(reason, "rich-rich/tls1.3/any/any/rsa2048/mutual/off", &stacks));
    assert_false(rich_lacks(reason, "small-rich/tls1.2/any/any/rsa2048/mutual/off", &stacks));
    assert_string_equal(reason, "");
    assert_true(rich_lacks(reason, "rich-rich/tls1.2/any/any/rsa2048/optional/off", &stacks));
    assert_true(rich_lacks(reason, "rich-small/tls1.2/any/any/rsa2048/mutual/off", &stacks));
    assert_string_equal(reason, "rich: no credential rsa2048 of a client in tls1.2");
}

static void a_stack_that_cannot_choose_leaves_the_choice_to_the_other(void **state)
{
    (void)state;
    assert_unsupported("rich-small/tls1.3/aes256gcm/x25519/rsa2048/server/off", NULL);
    assert_unsupported("small-small/tls1.3/aes256gcm/x25519/rsa2048/server/off",
                       "small: no tls1.3-suite-choice");
    assert_unsupported("small-small/tls1.3/any/x25519/rsa2048/server/off", NULL);
    assert_unsupported("rich-small/tls1.3/aes128gcm:aes256gcm/x25519/rsa2048/server/off",
                       "small: no tls1.3-suite-choice");
    assert_unsupported("rich-rich/tls1.3/aes128gcm:aes256gcm/x25519/rsa2048/server/off", NULL);
}

static void the_general_list_is_cut_to_range_and_stack(void **state)
{
    uint16_t ids[CONFIG_SUITES_MAX];
    (void)state;
    struct matrix_case c = parse("rich-small/tls1.3/any/any/rsa2048/server/off");
    assert_int_equal(case_offered_suites(ids, &c, ROLE_CLIENT, fixture_stacks()), 3);
    assert_int_equal(ids[0], 0x1301);
    c = parse("rich-small/tls1.2/any/any/rsa2048/server/off");
    assert_int_equal(case_offered_suites(ids, &c, ROLE_SERVER, fixture_stacks()), 5);
    c = parse("rich-small/tls1.2/rsa-aes128gcm/none/rsa2048/server/off");
    assert_int_equal(case_offered_suites(ids, &c, ROLE_SERVER, fixture_stacks()), 1);
}

static void before_tls13_the_certificates_curve_is_offered_too(void **state)
{
    uint16_t ids[CONFIG_GROUPS_MAX];
    (void)state;
    struct matrix_case c =
        parse("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519/ecdsa-p384/server/off");
    assert_int_equal(case_offered_groups(ids, &c, ROLE_CLIENT, fixture_stacks()), 2);
    assert_int_equal(ids[0], 0x001D);
    assert_int_equal(ids[1], 0x0018);
    assert_int_equal(case_offered_groups(ids, &c, ROLE_SERVER, fixture_stacks()), 1);
    assert_int_equal(ids[0], 0x001D);
    c = parse("rich-rich/tls1.2/ecdhe-ecdsa-aes128gcm/x25519/ecdsa-p384/mutual/off");
    assert_int_equal(case_offered_groups(ids, &c, ROLE_SERVER, fixture_stacks()), 2);
    c = parse("rich-rich/tls1.3/aes128gcm/x25519/ecdsa-p384/server/off");
    assert_int_equal(case_offered_groups(ids, &c, ROLE_CLIENT, fixture_stacks()), 1);
    c = parse("rich-rich/tls1.2/rsa-aes128gcm/none/rsa2048/server/off");
    assert_int_equal(case_offered_groups(ids, &c, ROLE_SERVER, fixture_stacks()), 0);
    c = parse("rich-rich/tls1.2/any/any/dsa2048/server/off");
    assert_int_equal(case_offered_groups(ids, &c, ROLE_SERVER, fixture_stacks()), 4);
}

static int load_hellos(void **state)
{
    (void)state;
    return hellos_load(SOURCE_DIR "/matrix/hellos", NULL);
}

/* What a stack needs for a hello is in the hello; what must be refused whatever it has is not
 * asked about. */
static void a_hello_is_said_to_who_can_take_it(void **state)
{
    static const uint16_t modern[] = { 0x1301, 0xC02F };
    static const uint16_t rsa_pss[] = { 0x0804 }, ecdsa[] = { 0x0403 };
    static const char *const of_rsa[] = {
        "raw-rich/tls1.2/any/any/rsa2048/server/off/tls12-no-extensions",
        TO_SERVER("groups-unknown-tls12-rsa"),
        TO_SERVER("key-exchange-rsa-short-tls12"),
        TO_CLIENT("server-tls12-older"),
        TO_CLIENT("sh-sentinel-tls12"), /* its twin is that */
        "rich-raw/tls1.2/any/any/rsa2048/server/off/sh-session-id-32",
    };
    static const char *const of_x25519[] = { TO_SERVER("base-tls13"),
                                             TO_SERVER("tls12-bodyless-alpn"),
                                             TO_SERVER("suites-only-unknown"),
                                             TO_CLIENT("server-tls13") };
    static const char *const of_p384[] = { TO_CLIENT("server-retry"), TO_CLIENT("retry-suite") };
    struct stack_set stacks = *fixture_stacks();
    struct capabilities *rich = &stacks.stacks[0];
    char reason[TEXT_LEN];
    (void)state;
    for (size_t i = 0; i < 6; i++)
        assert_false(rich_lacks(reason, of_rsa[i], &stacks));
    set_suites(rich, modern, 2);
    for (size_t i = 0; i < 6; i++)
        assert_true(rich_lacks(reason, of_rsa[i], &stacks));
    for (size_t i = 0; i < 4; i++)
        assert_false(rich_lacks(reason, of_x25519[i], &stacks));
    assert_false(rich_lacks(reason, TO_SERVER("base-tls12"), &stacks));
    for (size_t i = 0; i < 2; i++)
        assert_false(rich_lacks(reason, of_p384[i], &stacks));
    set_group(rich, 0x001D);
    for (size_t i = 0; i < 2; i++)
        assert_true(rich_lacks(reason, of_p384[i], &stacks));
    assert_string_equal(reason,
                        "rich: does not offer the suite or group that hello server-retry chooses");
    set_group(rich, 0x0018);
    for (size_t i = 0; i < 4; i++)
        assert_true(rich_lacks(reason, of_x25519[i], &stacks));
    set_group(rich, 0x001D);
    memcpy(rich->signature_schemes, rsa_pss, sizeof rsa_pss);
    rich->num_signature_schemes = 1;
    assert_false(rich_lacks(reason, TO_SERVER("base-tls13"), &stacks));
    memcpy(rich->signature_schemes, ecdsa, sizeof ecdsa);
    assert_true(rich_lacks(reason, TO_SERVER("base-tls13"), &stacks));
    assert_string_equal(
        reason, "rich: has no suite, group or signature scheme in common with hello base-tls13");
}

static void patterns_match_as_a_shell_has_it(void **state)
{
    static const struct {
        const char *glob, *id;
        bool matches;
    } rows[] = {
        { "*", "a/b", true },
        { "{a,b}/*", "b/c", true },
        { "{a,b}/*", "c/c", false },
        { "*/{product,get}", "a-b/off/get", true },
        { "*/{product,get}", "a-b/off/getx", false },
        { "{a*,b}-{c,d?}/x", "aaa-dz/x", true },
        { "{a*,b}-{c,d?}/x", "aaa-d/x", false },
        { "{,a}b", "b", true },
        { "{,a}b", "ab", true },
        { "{a,b", "{a,b", true }, /* not closed */
        { "{a,b", "a", false },
        { "{x,[a-c]\\*}", "b*", true },
        { "{x,[a-c]\\*}", "bb", false },
        { "{x,[!a-c]}", "d", true },
        { "{x,[!a-c]}", "a", false },
        { "{a,b}{c,d}{e,f}", "bcf", true },
        { "{a,b}{c,d}{e,f}", "bc", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(case_id_matches(rows[i].glob, rows[i].id), rows[i].matches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_come_back_as_they_were),
        cmocka_unit_test(patterns_match_as_a_shell_has_it),
        cmocka_unit_test(wrong_ids_name_the_segment_and_the_right_word),
        cmocka_unit_test(a_repeat_has_another_hash),
        cmocka_unit_test(every_rule_excludes_and_its_neighbour_is_possible),
        cmocka_unit_test(rules_look_at_no_axis_but_their_own),
        cmocka_unit_test(twins_take_the_fault_away),
        cmocka_unit_test(a_twin_is_possible_where_only_one_side_fits),
        cmocka_unit_test(a_hello_is_said_to_who_can_take_it),
        cmocka_unit_test(stacks_are_held_to_their_lists),
        cmocka_unit_test(a_client_is_held_to_its_own_list_where_it_sends_a_certificate),
        cmocka_unit_test(a_stack_that_cannot_choose_leaves_the_choice_to_the_other),
        cmocka_unit_test(the_general_list_is_cut_to_range_and_stack),
        cmocka_unit_test(before_tls13_the_certificates_curve_is_offered_too),
    };
    return cmocka_run_group_tests(tests, load_hellos, NULL);
}
