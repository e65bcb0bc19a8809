/* The scenario: exactly one server is trusted, and each imposter is refused for what is wrong. */
#include "peers/minihttps/tests/fixture.h"

#include "peers/minihttps/five_servers.h"

static int run(void **state)
{
    static struct five_servers_report report;
    assert_int_equal(five_servers_run(&report, NULL), 0);
    *state = &report;
    return 0;
}

static void only_the_fourth_is_trusted(void **state)
{
    const struct five_servers_report *report = *state;
    assert_true(report->as_expected);
    assert_int_equal(report->num_trusted, 1);
    for (int i = 0; i < FIVE_SERVERS; i++) {
        assert_int_equal(report->servers[i].trusted, i == 3);
        assert_string_equal(report->servers[i].text, i == 3 ? "100% legit!" : "");
    }
}

static void each_imposter_is_refused_for_its_fault(void **state)
{
    const struct five_servers_report *report = *state;
    static const char *const faults[FIVE_SERVERS] = { "signature", "name", "issuer-unknown", "none",
                                                      "issuer-forged" };
    for (int i = 0; i < FIVE_SERVERS; i++)
        assert_string_equal(report->servers[i].fault, faults[i]);
}

static void an_imposter_hears_nothing_after_its_hello(void **state)
{
    const struct five_servers_report *report = *state;
    for (int i = 0; i < FIVE_SERVERS; i++)
        assert_int_equal(report->servers[i].ready_seen, i == 3);
}

static void a_client_that_checks_nothing_gets_five_texts(void **state)
{
    const struct five_servers_report *report = *state;
    static const char *const texts[FIVE_SERVERS] = { "The one and only!", "Are you looking for me?",
                                                     "Simply the best!", "100% legit!",
                                                     "Don't trust anyone else!" };
    for (int i = 0; i < FIVE_SERVERS; i++)
        assert_string_equal(report->servers[i].unchecked_text, texts[i]);
}

static void each_has_the_alert_of_its_tls_counterpart(void **state)
{
    const struct five_servers_report *report = *state;
    static const int alerts[FIVE_SERVERS] = { 51, 42, 48, -1, 48 };
    for (int i = 0; i < FIVE_SERVERS; i++)
        assert_int_equal(report->servers[i].alert, alerts[i]);
}

static void each_sentence_names_the_server_and_the_wrong(void **state)
{
    const struct five_servers_report *report = *state;
    static const char *const words[FIVE_SERVERS] = { "wrong private key", "look-alike domain",
                                                     "untrusted authority", "the one to trust",
                                                     "forged authority" };
    for (int i = 0; i < FIVE_SERVERS; i++) {
        const struct five_servers_entry *entry = &report->servers[i];
        assert_memory_equal(entry->sentence, entry->server, strlen(entry->server));
        assert_non_null(strstr(entry->sentence, words[i]));
        assert_non_null(strstr(entry->rfc, "RFC 8446"));
    }
}

static void json_says_the_same(void **state)
{
    const struct five_servers_report *report = *state;
    json_t *json = five_servers_json(report);
    assert_non_null(json);
    assert_true(json_is_true(json_object_get(json, "as_expected")));
    const json_t *fourth = json_array_get(json_object_get(json, "servers"), 3);
    assert_string_equal(json_string_value(json_object_get(fourth, "text")), "100% legit!");
    assert_true(json_is_true(json_object_get(fourth, "trusted")));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_fourth_is_trusted),
        cmocka_unit_test(each_imposter_is_refused_for_its_fault),
        cmocka_unit_test(an_imposter_hears_nothing_after_its_hello),
        cmocka_unit_test(a_client_that_checks_nothing_gets_five_texts),
        cmocka_unit_test(each_has_the_alert_of_its_tls_counterpart),
        cmocka_unit_test(each_sentence_names_the_server_and_the_wrong),
        cmocka_unit_test(json_says_the_same),
    };
    return cmocka_run_group_tests(tests, run, NULL);
}
