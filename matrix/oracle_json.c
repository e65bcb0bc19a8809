/* An expectation as JSON, in the words of the registries, for people and for stored results. */
#include "matrix/oracle.h"

static const char *const fault_names[] = {
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
    [FAULT_HELLO] = "hello",
};

const char *expectation_fault_name(const struct expectation *e)
{
    return fault_names[e->fault];
}

static const char *suite_word(uint16_t id)
{
    const struct suite *suite = suite_by_id(id);
    return suite != NULL ? suite->name : "unknown";
}

static const char *group_word(uint16_t id)
{
    const struct group *group = group_by_id(id);
    return group != NULL ? group->name : "unknown";
}

static const char *scheme_word(uint16_t id)
{
    const struct signature_scheme *scheme = signature_scheme_by_id(id);
    return scheme != NULL ? scheme->name : "unknown";
}

static json_t *words(const uint16_t ids[], size_t num_ids, const char *(*word)(uint16_t id))
{
    json_t *array = json_array();
    for (size_t i = 0; i < num_ids; i++)
        json_array_append_new(array, json_string(word(ids[i])));
    return array;
}

static json_t *refusal_to_json(const struct expected_refusal *refusal)
{
    json_t *alerts_array = json_array();
    for (size_t i = 0; i < refusal->num_alerts; i++)
        json_array_append_new(alerts_array, json_string(alert_text(refusal->alerts[i])));
    return json_pack("{s:b, s:o, s:b, s:s}", "may_refuse", refusal->may_refuse, "alerts",
                     alerts_array, "alert_may_be_absent", refusal->alert_may_be_absent,
                     "latest_stage", stage_name(refusal->stage));
}

static json_t *rules_to_json(const struct expectation *e)
{
    json_t *array = json_array();
    for (size_t i = 0; i < e->num_rules; i++)
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s}", "id", e->rules[i]->id, "text",
                                        e->rules[i]->text, "references", e->rules[i]->references));
    return array;
}

static void add_handshake(json_t *object, const struct expectation *e)
{
    if (e->version == 0)
        return;
    json_object_set_new(object, "version", json_string(version_name(e->version)));
    json_object_set_new(object, "suites", words(e->suites, e->num_suites, suite_word));
    json_object_set_new(object, "groups", words(e->groups, e->num_groups, group_word));
    json_object_set_new(object, "dhe_group_free", json_boolean(e->dhe_group_free));
    json_object_set_new(object, "signature_schemes",
                        words(e->signature_schemes, e->num_signature_schemes, scheme_word));
    json_object_set_new(object, "client_sees_certificate",
                        json_boolean(e->client_sees_certificate));
    json_object_set_new(object, "server_sees_certificate",
                        json_boolean(e->server_sees_certificate));
}

static json_t *hello_to_json(const struct raw_hello *hello)
{
    char expected[TEXT_LEN];
    hello_expected_text(expected, hello);
    return json_pack("{s:s, s:s, s:s, s:s}", "name", hello->name, "ids", hello->ids, "to",
                     role_name(hello->to), "answer", expected);
}

json_t *expectation_to_json(const struct expectation *e)
{
    json_t *object = json_pack("{s:b, s:s, s:i, s:i}", "accepted", e->accepted, "fault",
                               fault_names[e->fault], "bytes_to_server", (int)e->bytes_to_server,
                               "bytes_to_client", (int)e->bytes_to_client);
    if (object == NULL)
        return NULL;
    add_handshake(object, e);
    if (e->identity != &identities[IDENTITY_GENUINE])
        json_object_set_new(object, "identity", json_string(e->identity->name));
    if (e->attack != NULL)
        json_object_set_new(object, "attack_outcome",
                            json_string(attack_outcome_name(e->attack->outcome)));
    if (e->fault == FAULT_IDENTITY)
        json_object_set_new(object, "verify_problem",
                            json_string(verify_problem_name(e->verify_problem)));
    if (e->hello != NULL)
        json_object_set_new(object, "hello", hello_to_json(e->hello));
    for (enum role role = ROLE_CLIENT; !e->accepted && e->hello == NULL && role <= ROLE_SERVER;
         role++)
        json_object_set_new(object, role_name(role), refusal_to_json(&e->refusal[role]));
    json_object_set_new(object, "requirements", rules_to_json(e));
    return object;
}
