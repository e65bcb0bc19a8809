/* Endpoint, facts, capabilities: what goes out comes back the same, and nothing else comes in. */
#include "harness/control/capabilities.h"
#include "harness/control/endpoint.h"
#include "harness/control/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char minimal_endpoint[] =
    "{\"role\":\"client\",\"min_version\":\"tls1.2\",\"max_version\":\"tls1.3\","
    "\"deadline_ms\":1000%s}";

static struct endpoint full_endpoint(void)
{
    return (struct endpoint){ .role = ROLE_SERVER,
                              .min_version = TLS10,
                              .max_version = TLS13,
                              .suites = { 0x1301, 0xC02F },
                              .num_suites = 2,
                              .groups = { 0x001D, 0x0017 },
                              .num_groups = 2,
                              .chain_file = "/run/chain.pem",
                              .key_file = "/run/key.pem",
                              .trust_file = "/run/root.pem",
                              .crl_file = "/run/crl.pem",
                              .staple_file = "/run/staple.der",
                              .check_staple = true,
                              .server_order = true,
                              .partial_chain = true,
                              .strict = true,
                              .wrong_key = true,
                              .peer_name = "server.example",
                              .served_name = "other.example",
                              .protocols = "h2,http/1.1",
                              .late_verify = true,
                              .verify = VERIFY_REQUEST,
                              .verify_time = 1767225600,
                              .pin = PIN_LEAF,
                              .pin_sha256 = { 1, 2, 0xFF },
                              .tofu_store = "/run/tofu",
                              .psk_identity = "who",
                              .psk = { 0xAB, 0xCD },
                              .psk_len = 2,
                              .srp_user = "user",
                              .srp_password = "secret \xC3\xA9",
                              .request_len = 32,
                              .deadline_ms = 5000,
                              .keylog = true,
                              .fault = "crash" };
}

static int parse_endpoint(struct endpoint *out, const char *more, struct error *err)
{
    char text[2048];
    snprintf(text, sizeof text, minimal_endpoint, more);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    int status = endpoint_from_json(out, object, err);
    json_decref(object);
    return status;
}

static void endpoint_comes_back_the_same(void **state)
{
    (void)state;
    struct endpoint out, in = full_endpoint();
    json_t *object = endpoint_to_json(&in);
    struct error err = { 0 };
    assert_int_equal(endpoint_from_json(&out, object, &err), 0);
    json_t *again = endpoint_to_json(&out);
    assert_true(json_equal(object, again));
    assert_int_equal(json_object_size(object), 32); /* every key is there */
    assert_string_equal(out.crl_file, in.crl_file);
    assert_string_equal(out.staple_file, in.staple_file);
    assert_true(out.check_staple && out.late_verify);
    assert_string_equal(out.served_name, in.served_name);
    assert_string_equal(out.protocols, in.protocols);
    assert_true(out.wrong_key && out.server_order && out.partial_chain && out.strict);
    assert_string_equal(out.srp_password, in.srp_password);
    assert_memory_equal(out.pin_sha256, in.pin_sha256, SHA256_LEN);
    assert_memory_equal(out.suites, in.suites, sizeof in.suites);
    assert_int_equal(out.deadline_ms, 5000);
    json_decref(object);
    json_decref(again);
}

static void defaults_are_absent(void **state)
{
    (void)state;
    struct endpoint endpoint;
    assert_int_equal(parse_endpoint(&endpoint, "", NULL), 0);
    json_t *object = endpoint_to_json(&endpoint);
    assert_int_equal(json_object_size(object), 4);
    json_decref(object);
}

struct bad_member {
    const char *more;
    const char *named; /* what the error must name */
};

static void what_is_wrong_is_named(void **state)
{
    static const struct bad_member bad[] = {
        { ",\"color\":1", "endpoint.color: unknown key" },
        { ",\"keylog\":1", "endpoint.keylog" },
        { ",\"crl_file\":true", "endpoint.crl_file" },
        { ",\"staple_file\":1", "endpoint.staple_file" },
        { ",\"check_staple\":1", "endpoint.check_staple" },
        { ",\"wrong_key\":\"yes\"", "endpoint.wrong_key" },
        { ",\"request_len\":\"32\"", "endpoint.request_len" },
        { ",\"request_len\":-1", "endpoint.request_len" },
        { ",\"request_len\":1.5", "endpoint.request_len" },
        { ",\"request_len\":99999999999", "endpoint.request_len" },
        { ",\"suites\":[\"TLS_NOTHING\"]", "endpoint.suites" },
        { ",\"suites\":[1]", "endpoint.suites" },
        { ",\"suites\":\"TLS_AES_128_GCM_SHA256\"", "endpoint.suites" },
        { ",\"groups\":[\"p256\"]", "endpoint.groups" },
        { ",\"verify\":\"maybe\"", "endpoint.verify" },
        { ",\"pin\":\"leaf\"", "endpoint.pin_sha256: missing" },
        { ",\"pin\":\"tofu\"", "endpoint.tofu_store: missing" },
        { ",\"pin_sha256\":\"abcd\"", "endpoint.pin_sha256" },
        { ",\"psk\":\"0\"", "endpoint.psk" },
        { ",\"psk\":\"zz\"", "endpoint.psk" },
        { ",\"peer_name\":null", "endpoint.peer_name" },
        { ",\"peer_name\":\"0123456789012345678901234567890123456789012345678901234567890123\"",
          "endpoint.peer_name" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct endpoint endpoint;
        struct error err = { 0 };
        assert_int_equal(parse_endpoint(&endpoint, bad[i].more, &err), -1);
        assert_int_equal(err.class, ERROR_HARNESS);
        assert_non_null(strstr(err.text, bad[i].named));
    }
}

static void lists_have_bounds(void **state)
{
    (void)state;
    char more[1024] = ",\"groups\":[";
    for (int i = 0; i < CONFIG_GROUPS_MAX; i++)
        strcat(more, "\"x25519\",");
    struct endpoint endpoint;
    struct error err = { 0 };
    size_t end = strlen(more);
    memcpy(more + end - 1, "]", 2);
    assert_int_equal(parse_endpoint(&endpoint, more, &err), 0);
    assert_int_equal(endpoint.num_groups, CONFIG_GROUPS_MAX);
    strcpy(more + end - 1, ",\"x25519\"]");
    assert_int_equal(parse_endpoint(&endpoint, more, &err), -1);
}

static void required_keys_are_demanded(void **state)
{
    (void)state;
    struct endpoint endpoint;
    struct error err = { 0 };
    json_t *object =
        json_pack("{s:s, s:s, s:i}", "role", "client", "min_version", "tls1.2", "deadline_ms", 5);
    assert_int_equal(endpoint_from_json(&endpoint, object, &err), -1);
    assert_string_equal(err.text, "endpoint.max_version: missing");
    json_decref(object);
    assert_int_equal(endpoint_from_json(&endpoint, NULL, &err), -1);
}

static struct facts full_facts(void)
{
    return (struct facts){ .result = RESULT_REFUSED,
                           .stage = STAGE_CLOSE,
                           .handshake_done = true,
                           .version = TLS12,
                           .suite = 0xC02F,
                           .group = 0x001D,
                           .signature_scheme = 0x0804,
                           .resumed = true,
                           .verify_known = true,
                           .verify_code = -5,
                           .verify_text = "not good",
                           .verify_problem = VERIFY_PROBLEM_NAME,
                           .alert_sent = 0,
                           .alert_received = 116,
                           .peer_leaf_known = true,
                           .peer_leaf_sha256 = { 0 },
                           .bytes_in = 7,
                           .bytes_out = 8,
                           .close = CLOSE_ALERT,
                           .exporter_known = true,
                           .exporter = { 9 },
                           .error_text = "a \"quoted\"\tline",
                           .duration_us = 12345,
                           .keylog = "CLIENT_RANDOM 00 11\n" };
}

static void facts_come_back_the_same(void **state)
{
    (void)state;
    struct facts out, in = full_facts();
    json_t *object = facts_to_json(&in);
    assert_int_equal(facts_from_json(&out, object, NULL), 0);
    json_t *again = facts_to_json(&out);
    assert_true(json_equal(object, again));
    assert_int_equal(json_object_size(object), 21); /* every key is there */
    assert_int_equal(out.verify_code, -5);
    assert_int_equal(out.alert_sent, 0); /* close_notify is not "none" */
    assert_true(out.peer_leaf_known);
    assert_string_equal(out.keylog, in.keylog);
    json_decref(object);
    json_decref(again);
}

static void unknown_facts_are_absent(void **state)
{
    (void)state;
    struct facts out, in;
    facts_init(&in);
    json_t *object = facts_to_json(&in);
    assert_int_equal(json_object_size(object), 2); /* result and stage */
    assert_int_equal(facts_from_json(&out, object, NULL), 0);
    assert_int_equal(out.alert_sent, -1);
    assert_false(out.verify_known || out.exporter_known || out.peer_leaf_known);
    json_decref(object);
}

static void suites_beyond_the_registry_travel_as_numbers(void **state)
{
    (void)state;
    struct facts out, in;
    facts_init(&in);
    in.suite = 0xABCD;
    json_t *object = facts_to_json(&in);
    assert_string_equal(json_string_value(json_object_get(object, "suite")), "0xABCD");
    assert_int_equal(facts_from_json(&out, object, NULL), 0);
    assert_int_equal(out.suite, 0xABCD);
    json_decref(object);
}

static void texts_that_are_no_utf8_still_travel(void **state)
{
    (void)state;
    struct facts facts;
    facts_init(&facts);
    strcpy(facts.error_text, "broken \xFF byte");
    json_t *object = facts_to_json(&facts);
    assert_string_equal(json_string_value(json_object_get(object, "error_text")), "broken ? byte");
    json_decref(object);
}

static struct capabilities some_capabilities(void)
{
    struct capabilities caps = { .stack = "a", .api = "b", .library = "A 1.0", .release = "1.0" };
    caps.suites[0] = 0x1301;
    caps.suites[1] = 0x002F;
    caps.num_suites = 2;
    caps.versions[TLS13 - TLS10] = true;
    caps.versions[0] = true;
    caps.groups[TLS13 - TLS10][0] = 0x001D;
    caps.num_groups[TLS13 - TLS10] = 1;
    caps.credentials[TLS13 - TLS10][CREDENTIAL_ED25519] = true;
    caps.credentials[0][CREDENTIAL_DSA2048] = caps.credentials[0][CREDENTIAL_RSA2048] = true;
    caps.client_credentials[0][CREDENTIAL_RSA2048] = true;
    caps.signature_schemes[0] = 0x0807;
    caps.num_signature_schemes = 1;
    caps.features[FEATURE_EXPORTER] = true;
    strcpy(caps.faults[0], "no-pin");
    caps.num_faults = 1;
    return caps;
}

static void count_line(void *context, const char *line)
{
    strcat(context, line);
    strcat(context, "\n");
}

static void capabilities_come_back_the_same(void **state)
{
    (void)state;
    static struct capabilities out;
    struct capabilities in = some_capabilities();
    struct error err = { 0 };
    char lines[4096] = "";
    json_t *object = capabilities_to_json(&in);
    assert_int_equal(capabilities_from_json(&out, object, &err), 0);
    assert_int_equal(capabilities_compare(&in, &out, count_line, lines), 0);
    assert_string_equal(lines, "");
    assert_int_equal(out.num_faults, 1);
    assert_string_equal(out.faults[0], "no-pin");
    assert_true(capabilities_have_group(&out, TLS13, 0x001D));
    assert_false(capabilities_have_group(&out, TLS12, 0x001D));
    assert_false(capabilities_have_group(&out, 0x0305, 0x001D));
    json_decref(object);
}

static json_t *many_names(size_t num)
{
    json_t *array = json_array();
    for (size_t i = 0; i < num; i++)
        json_array_append_new(array, json_string("x"));
    return array;
}

static void faults_are_names_and_not_too_many(void **state)
{
    static const char long_name[] =
        "[\"a-name-of-sixty-four-bytes-which-is-just-one-more-than-there-is-room\"]";
    static const char *const wrong[] = { "{}", "\"x\"", "[1]", "[\"\"]", long_name };
    static struct capabilities out;
    struct capabilities in = some_capabilities();
    struct error err = { 0 };
    (void)state;
    json_t *object = capabilities_to_json(&in);
    json_object_set_new(object, "faults", many_names(CAPABILITY_FAULTS_MAX));
    assert_int_equal(capabilities_from_json(&out, object, &err), 0);
    assert_int_equal(out.num_faults, CAPABILITY_FAULTS_MAX);
    json_object_set_new(object, "faults", many_names(CAPABILITY_FAULTS_MAX + 1));
    assert_int_equal(capabilities_from_json(&out, object, &err), -1);
    assert_non_null(strstr(err.text, "faults"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_object_set_new(object, "faults", json_loads(wrong[i], 0, NULL));
        assert_int_equal(capabilities_from_json(&out, object, &err), -1);
        assert_non_null(strstr(err.text, "faults"));
    }
    json_object_del(object, "faults");
    assert_int_equal(capabilities_from_json(&out, object, &err), 0);
    assert_int_equal(out.num_faults, 0);
    json_decref(object);
}

static void each_difference_is_a_line(void **state)
{
    (void)state;
    struct capabilities expected = some_capabilities(), actual = expected;
    char lines[4096] = "";
    strcpy(actual.release, "2.0"); /* does not count */
    actual.num_suites = 1;
    actual.groups[TLS13 - TLS10][1] = 0x001E;
    actual.num_groups[TLS13 - TLS10] = 2;
    actual.features[FEATURE_EXPORTER] = false;
    assert_int_equal(capabilities_compare(&expected, &actual, count_line, lines), 3);
    assert_non_null(strstr(lines, "+ group x448 (tls1.3): there, not expected\n"));
    assert_non_null(strstr(lines, "- suite TLS_RSA_WITH_AES_128_CBC_SHA: expected, not there\n"));
    assert_non_null(strstr(lines, "- feature exporter: expected, not there\n"));
}

static void a_client_has_the_credentials_of_its_list_or_else_the_servers(void **state)
{
    (void)state;
    static struct capabilities out;
    struct capabilities in = some_capabilities();
    json_t *object = capabilities_to_json(&in);
    json_t *versions = json_object_get(object, "versions");
    assert_non_null(json_object_get(json_object_get(versions, "tls1.0"), "client_credentials"));
    assert_null(json_object_get(json_object_get(versions, "tls1.3"), "client_credentials"));
    assert_int_equal(capabilities_from_json(&out, object, NULL), 0);
    assert_false(capabilities_have_client_credential(&out, TLS10, CREDENTIAL_DSA2048));
    assert_true(capabilities_have_client_credential(&out, TLS10, CREDENTIAL_RSA2048));
    assert_true(capabilities_have_client_credential(&out, TLS13, CREDENTIAL_ED25519));
    assert_false(capabilities_have_client_credential(&out, TLS13, CREDENTIAL_RSA2048));
    assert_false(capabilities_have_client_credential(&out, 0x0305, CREDENTIAL_RSA2048));
    json_decref(object);
}

static void a_difference_in_what_clients_have_is_a_line_both_ways(void **state)
{
    (void)state;
    struct capabilities with = some_capabilities(), without = with;
    char lines[4096] = "";
    memset(without.client_credentials, 0, sizeof without.client_credentials);
    assert_int_equal(capabilities_compare(&with, &without, count_line, lines), 1);
    assert_string_equal(lines, "+ client credential dsa2048 (tls1.0): there, not expected\n");
    lines[0] = '\0';
    assert_int_equal(capabilities_compare(&without, &with, count_line, lines), 1);
    assert_string_equal(lines, "- client credential dsa2048 (tls1.0): expected, not there\n");
    lines[0] = '\0'; /* one line, not two, where there is one list for both */
    with = without;
    with.credentials[TLS13 - TLS10][CREDENTIAL_ED25519] = false;
    assert_int_equal(capabilities_compare(&without, &with, count_line, lines), 1);
    assert_string_equal(lines, "- credential ed25519 (tls1.3): expected, not there\n");
}

static void unknown_capabilities_are_errors(void **state)
{
    (void)state;
    static struct capabilities out;
    struct capabilities in = some_capabilities();
    json_t *object = capabilities_to_json(&in);
    struct error err = { 0 };
    json_object_set_new(json_object_get(object, "versions"), "tls1.4", json_object());
    assert_int_equal(capabilities_from_json(&out, object, &err), -1);
    assert_non_null(strstr(err.text, "capabilities.versions"));
    json_decref(object);
}

static void every_credential_and_feature_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < NUM_CREDENTIALS; i++)
        assert_int_equal(credential_by_name(credential_name((enum credential)i)), i);
    for (int i = 0; i < NUM_FEATURES; i++)
        assert_int_equal(feature_by_name(feature_name((enum feature)i)), i);
    assert_int_equal(credential_by_name("rsa1024"), -1);
    assert_int_equal(feature_by_name(""), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_comes_back_the_same),
        cmocka_unit_test(defaults_are_absent),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(lists_have_bounds),
        cmocka_unit_test(required_keys_are_demanded),
        cmocka_unit_test(facts_come_back_the_same),
        cmocka_unit_test(unknown_facts_are_absent),
        cmocka_unit_test(suites_beyond_the_registry_travel_as_numbers),
        cmocka_unit_test(texts_that_are_no_utf8_still_travel),
        cmocka_unit_test(capabilities_come_back_the_same),
        cmocka_unit_test(faults_are_names_and_not_too_many),
        cmocka_unit_test(each_difference_is_a_line),
        cmocka_unit_test(a_client_has_the_credentials_of_its_list_or_else_the_servers),
        cmocka_unit_test(a_difference_in_what_clients_have_is_a_line_both_ways),
        cmocka_unit_test(unknown_capabilities_are_errors),
        cmocka_unit_test(every_credential_and_feature_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
