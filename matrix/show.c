#include "matrix/show.h"

#include "harness/wire/registry.h"
#include "matrix/network.h"
#include "matrix/oracle.h"
#include "matrix/show_wire.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_WIDTH = 18, COLUMN_WIDTH = 44 };

static void print_label(FILE *out, const char *label)
{
    fprintf(out, "  %-*s", LABEL_WIDTH, label);
}

/* "a, b, c" on one line behind the label; nothing for an empty list. */
static void print_words(FILE *out, const char *label, const json_t *words)
{
    if (json_array_size(words) == 0)
        return;
    print_label(out, label);
    for (size_t i = 0; i < json_array_size(words); i++)
        fprintf(out, "%s%s", i == 0 ? "" : ", ", json_string_value(json_array_get(words, i)));
    fputc('\n', out);
}

static void print_refusal(FILE *out, const char *role, const json_t *refusal)
{
    const json_t *list = json_object_get(refusal, "alerts");
    if (!json_is_true(json_object_get(refusal, "may_refuse")))
        return;
    print_label(out, "refused by");
    fprintf(out, "the %s, ", role);
    if (json_array_size(list) == 0)
        fputs("with close_notify or an alert of its own choice", out);
    else
        fputs("alert ", out);
    for (size_t i = 0; i < json_array_size(list); i++)
        fprintf(out, "%s%s", i == 0 ? "" : " or ", json_string_value(json_array_get(list, i)));
    if (json_array_size(list) > 0 && json_is_true(json_object_get(refusal, "alert_may_be_absent")))
        fputs(", or none", out);
    fputc('\n', out);
}

static void print_rules(FILE *out, const json_t *rules)
{
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        fprintf(out, "  because %s\n    %s\n    %s\n",
                json_string_value(json_object_get(rule, "id")),
                json_string_value(json_object_get(rule, "text")),
                json_string_value(json_object_get(rule, "references")));
    }
}

static void print_expectation(FILE *out, const json_t *e)
{
    bool accepted = json_is_true(json_object_get(e, "accepted"));
    fputs("expected\n", out);
    print_label(out, "outcome");
    const json_t *hello = json_object_get(e, "hello");
    if (hello != NULL) {
        fprintf(out, "%s answers with %s\n", json_string_value(json_object_get(hello, "to")),
                json_string_value(json_object_get(hello, "answer")));
        print_rules(out, json_object_get(e, "requirements"));
        return;
    }
    if (accepted)
        fputs("both ends accept\n", out);
    else
        fprintf(out, "refused: %s\n", json_string_value(json_object_get(e, "fault")));
    print_refusal(out, "client", json_object_get(e, "client"));
    print_refusal(out, "server", json_object_get(e, "server"));
    if (json_object_get(e, "version") != NULL) {
        print_label(out, "version");
        fprintf(out, "%s\n", json_string_value(json_object_get(e, "version")));
    }
    print_words(out, "suite", json_object_get(e, "suites"));
    print_words(out, "group", json_object_get(e, "groups"));
    print_words(out, "signature scheme", json_object_get(e, "signature_schemes"));
    print_label(out, "application data");
    fprintf(out, "%lld bytes to the server, %lld to the client\n",
            (long long)json_integer_value(json_object_get(e, "bytes_to_server")),
            (long long)json_integer_value(json_object_get(e, "bytes_to_client")));
    print_rules(out, json_object_get(e, "requirements"));
}

/* The case of an id, if it is one that can run. */
static int possible_case(struct matrix_case *c, const char *id, const struct stack_set *stacks,
                         struct error *err)
{
    char reason[TEXT_LEN];
    if (case_from_id(c, id, stacks, err) < 0)
        return -1;
    const struct exclusion_rule *rule = case_excluded(c);
    if (rule != NULL)
        return error_set(err, ERROR_USAGE, "%s: not a possible case: %s (%s)", id, rule->text,
                         rule->reference);
    if (case_unsupported(reason, c, stacks))
        return error_set(err, ERROR_USAGE, "%s: unsupported: %s", id, reason);
    return 0;
}

int show_expectation(FILE *out, const char *id, const struct stack_set *stacks, bool json,
                     struct error *err)
{
    struct matrix_case c, twin;
    struct expectation expectation;
    if (possible_case(&c, id, stacks, err) < 0)
        return -1;
    oracle_expect(&expectation, &c, stacks);
    json_t *object = expectation_to_json(&expectation);
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (json) {
        json_object_set_new(object, "id", json_string(id));
        json_dumpf(object, out, JSON_INDENT(2));
        fputc('\n', out);
    } else {
        fprintf(out, "%s\n", id);
        print_expectation(out, object);
        if (case_hello(&c) != NULL)
            hello_describe(out, case_hello(&c));
        if (case_twin(&twin, &c)) {
            char twin_id[CASE_ID_MAX];
            case_id(twin_id, &twin, stacks);
            fprintf(out, "  healthy twin, which must be accepted\n    %s\n", twin_id);
        }
    }
    json_decref(object);
    return 0;
}

static void print_value(FILE *out, const json_t *value, int width)
{
    char *text = NULL;
    if (value == NULL)
        fprintf(out, "%-*s", width, "-");
    else if (json_is_string(value))
        fprintf(out, "%-*s", width, json_string_value(value));
    else if ((text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)) != NULL)
        fprintf(out, "%-*s", width, text);
    free(text);
}

/* Long texts (hashes, library errors) get a line each instead of two columns. */
static bool is_long(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) >= COLUMN_WIDTH;
}

static void print_alert_name(json_t *facts, const char *key)
{
    const json_t *value = json_object_get(facts, key);
    if (!json_is_integer(value))
        return;
    char text[64];
    snprintf(text, sizeof text, "%lld %s", (long long)json_integer_value(value),
             alert_text((int)json_integer_value(value)));
    json_object_set_new(facts, key, json_string(text));
}

static void print_fact(FILE *out, const char *key, const json_t *client, const json_t *server)
{
    if (is_long(client) || is_long(server)) {
        fprintf(out, "  %s\n    client  ", key);
        print_value(out, client, 0);
        fputs("\n    server  ", out);
        print_value(out, server, 0);
    } else {
        print_label(out, key);
        print_value(out, client, COLUMN_WIDTH);
        print_value(out, server, 0);
    }
    fputc('\n', out);
}

static void print_facts(FILE *out, json_t *client, json_t *server)
{
    const char *key;
    json_t *value;
    fputs("facts\n", out);
    print_label(out, "");
    fprintf(out, "%-*sserver\n", COLUMN_WIDTH, "client");
    for (int i = 0; i < 2; i++) {
        print_alert_name(i == 0 ? client : server, "alert_sent");
        print_alert_name(i == 0 ? client : server, "alert_received");
    }
    json_object_foreach(client, key, value)
        print_fact(out, key, value, json_object_get(server, key));
    json_object_foreach(server, key, value) if (json_object_get(client, key) == NULL)
        print_fact(out, key, NULL, value);
}

static void print_exporters(FILE *out, const struct result_row *row)
{
    const uint8_t *client = row->exporter[ROLE_CLIENT], *server = row->exporter[ROLE_SERVER];
    print_label(out, "exporter");
    if (client == NULL || server == NULL)
        fprintf(out, "%s\n", client == NULL && server == NULL ? "none" : "at one end only");
    else
        fprintf(out, "%s\n",
                memcmp(client, server, EXPORTER_LEN) == 0 ? "equal at both ends"
                                                          : "DIFFERENT at the ends");
}

static void print_head(FILE *out, const struct result_row *row)
{
    fprintf(out, "%s\n  %-*s%s%s%s\n", row->id, LABEL_WIDTH, "verdict", verdict_name(row->verdict),
            row->kind == KIND_NONE ? "" : " ", failure_kind_name(row->kind));
    if (row->reason[0] != '\0')
        fprintf(out, "  %-*s%s\n", LABEL_WIDTH, "reason", row->reason);
    if (row->check[0] != '\0')
        fprintf(out, "  %-*s%s\n", LABEL_WIDTH, "check", row->check);
    if (row->deviation[0] != '\0')
        fprintf(out, "  %-*s%s\n", LABEL_WIDTH, "known deviation", row->deviation);
}

static void print_address(FILE *out, const struct result_row *row)
{
    char client[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN];
    network_addresses(row->sequence, client, server);
    fprintf(out, "  %-*s%s (client), %s (server)\n", LABEL_WIDTH, "addresses", client, server);
}

static json_t *parse(const char *text)
{
    return text == NULL ? NULL : json_loads(text, 0, NULL);
}

static void print_json(FILE *out, const struct result_row *row, json_t *expectation, json_t *client,
                       json_t *server)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o*, s:O*, s:O*}", "id", row->id, "verdict",
                  verdict_name(row->verdict), "kind", failure_kind_name(row->kind), "reason",
                  row->reason, "deviation", row->deviation, "check", row->check, "expectation",
                  expectation, "client_facts", client, "server_facts", server);
    if (row->sequence > 0) {
        char addresses[2][INET_ADDRSTRLEN];
        network_addresses(row->sequence, addresses[ROLE_CLIENT], addresses[ROLE_SERVER]);
        json_object_set_new(object, "addresses",
                            json_pack("{s:s, s:s}", "client", addresses[ROLE_CLIENT], "server",
                                      addresses[ROLE_SERVER]));
    }
    show_wire_json(object, row);
    json_dumpf(object, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(object);
}

static json_t *expectation_of(struct results *results, const char *id, struct error *err)
{
    struct stack_set *stacks = malloc(sizeof *stacks);
    struct expectation expectation;
    struct matrix_case c;
    json_t *object = NULL;
    if (stacks == NULL)
        error_set(err, ERROR_HARNESS, "out of memory");
    else if (results_stacks(results, stacks, err) == 0 && possible_case(&c, id, stacks, err) == 0) {
        oracle_expect(&expectation, &c, stacks);
        object = expectation_to_json(&expectation);
    }
    free(stacks);
    return object;
}

static int find_row(struct results *results, const char *id, struct result_row *row,
                    struct error *err)
{
    int found = results_find(results, id, true, row, err);
    if (found == 0)
        return error_set(err, ERROR_USAGE, "%s: no such case in these results", id);
    return found < 0 ? -1 : 0;
}

int show_result(FILE *out, struct results *results, const char *id, bool details, bool json,
                struct error *err)
{
    struct result_row row;
    if (find_row(results, id, &row, err) < 0)
        return -1;
    json_t *client = parse(row.facts[ROLE_CLIENT]), *server = parse(row.facts[ROLE_SERVER]);
    json_t *expectation = row.verdict == VERDICT_UNSUPPORTED || !(details || json)
                              ? NULL
                              : expectation_of(results, id, NULL);
    if (json) {
        print_json(out, &row, expectation, client, server);
        expectation = NULL;
    } else {
        print_head(out, &row);
        if (details && expectation != NULL) {
            print_address(out, &row);
            print_expectation(out, expectation);
            print_facts(out, client, server);
            print_exporters(out, &row);
            show_wire(out, &row);
        }
    }
    json_decref(expectation);
    json_decref(client);
    json_decref(server);
    return 0;
}
