/* The command that explains a capture. Output goes out as connections end, so that memory does not
 * grow with the capture; in JSON too, which is one document all the same. */
#include "matrix/commands.h"

#include "captures/explain.h"
#include "matrix/command_capture.h"

#include <inttypes.h>
#include <string.h>

struct telling {
    bool json, failed_only;
    struct wanted wanted;
    bool comma;        /* something stands before in the JSON's list */
    json_t *datagrams; /* owned; in JSON they come behind the connections */
    const char *keys;  /* NULL: none were given */
    uint64_t num_told;
};

static bool is_wanted(const struct telling *telling, const struct story *story,
                      const struct finding *finding)
{
    if (telling->wanted.one)
        return wanted_has(&telling->wanted, story->facts->number);
    if (telling->failed_only)
        return finding->outcome == OUTCOME_FAILED || finding->outcome == OUTCOME_UNUSED ||
               case_comment_is_red(&story->recorded);
    return finding->outcome != OUTCOME_NOT_TLS || story->recorded.id[0] != '\0';
}

static void dump(struct telling *telling, json_t *object)
{
    fputs(telling->comma ? ",\n" : "{\"connections\": [\n", stdout);
    json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    telling->comma = true;
}

static void tell_connection(void *context, const struct story *story, const struct finding *finding)
{
    struct telling *telling = context;
    if (!is_wanted(telling, story, finding))
        return;
    telling->num_told++;
    telling->wanted.keys_fit = finding->keys_fit;
    if (telling->json)
        dump(telling, explain_to_json(story, finding));
    else
        explain_print(stdout, story, finding);
}

static void tell_case(void *context, const struct case_comment *recorded)
{
    const struct telling *telling = context;
    if (!telling->json)
        explain_print_case(stdout, recorded);
}

static void tell_datagrams(void *context, const struct datagrams *datagrams)
{
    const struct telling *telling = context;
    if (telling->wanted.one || telling->failed_only)
        return;
    if (telling->json)
        json_array_append_new(telling->datagrams, explain_datagrams_to_json(datagrams));
    else
        explain_print_datagrams(stdout, datagrams);
}

/* What was no connection of TLS, so that nobody takes silence for an answer. */
static void print_rest(const struct telling *telling, const struct explain_totals *totals)
{
    char text[KEYS_GIVEN_TEXT_LEN];
    printf("%" PRIu64 " TCP connection%s: %" PRIu64 " completed, %" PRIu64 " unused, %" PRIu64
           " failed, %" PRIu64 " unfinished, %" PRIu64 " without TLS; %zu secret%s\n",
           totals->connections, plural(totals->connections), totals->outcomes[OUTCOME_COMPLETED],
           totals->outcomes[OUTCOME_UNUSED], totals->outcomes[OUTCOME_FAILED],
           totals->outcomes[OUTCOME_UNFINISHED], totals->outcomes[OUTCOME_NOT_TLS],
           totals->num_secrets, plural(totals->num_secrets));
    if (totals->given.num_fitting > 0)
        printf("%s %s\n", telling->keys, keys_given_text(text, &totals->given));
    for (int kind = 0; kind < NUM_PACKET_KINDS; kind++)
        if (kind != PACKET_TCP && totals->packets[kind] > 0)
            printf("%" PRIu64 " packet%s: %s\n", totals->packets[kind],
                   plural(totals->packets[kind]), packet_kind_text((enum packet_kind)kind));
    if (totals->dropped > 0)
        printf("lost by the recorder: %" PRIu64 " packet%s\n", totals->dropped,
               plural(totals->dropped));
    if (totals->unlisted_udp > 0)
        printf("not listed: %" PRIu64 " packet%s of further pairs over UDP\n", totals->unlisted_udp,
               plural(totals->unlisted_udp));
}

static void print_rest_json(const struct telling *telling, const struct explain_totals *totals,
                            const struct error *failure)
{
    json_t *outcomes = json_object();
    json_t *packets = json_object();
    for (int i = 0; i <= OUTCOME_NOT_TLS; i++)
        json_object_set_new(outcomes, outcome_name((enum outcome)i),
                            json_integer((json_int_t)totals->outcomes[i]));
    for (int i = 0; i < NUM_PACKET_KINDS; i++)
        json_object_set_new(packets, packet_kind_text((enum packet_kind)i),
                            json_integer((json_int_t)totals->packets[i]));
    json_t *rest = json_pack(
        "{s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:s}", "total", (json_int_t)totals->connections,
        "outcomes", outcomes, "packets", packets, "dropped", (json_int_t)totals->dropped,
        "unlisted_udp", (json_int_t)totals->unlisted_udp, "secrets",
        (json_int_t)totals->num_secrets, "keys", keys_given_to_json(&totals->given, telling->keys),
        "warning", totals->warning);
    if (failure != NULL)
        json_object_set_new(rest, "error", json_string(failure->text));
    printf("%s\n],\n\"datagrams\": ", telling->comma ? "" : "{\"connections\": [");
    json_dumpf(telling->datagrams, stdout, JSON_COMPACT);
    printf(",\n\"totals\": ");
    json_dumpf(rest, stdout, JSON_COMPACT);
    printf("}\n");
    json_decref(rest);
}

static void print_all(const struct telling *telling, const struct explain_totals *totals,
                      const struct error *failure)
{
    if (telling->json && (failure == NULL || telling->comma))
        print_rest_json(telling, totals, failure);
    else if (failure == NULL && !telling->wanted.one)
        print_rest(telling, totals);
    fflush(stdout);
}

int command_explain(const struct parsed_options *options, struct error *err)
{
    static const struct explain_sink sink = { .recorded = tell_case,
                                              .connection = tell_connection,
                                              .datagrams = tell_datagrams };
    static struct explain_totals totals;
    struct telling telling = { .json = option_given(options, "json"),
                               .failed_only = option_given(options, "failed"),
                               .keys = option_value(options, "keys") };
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "explain needs one capture, or - for standard input");
    if (wanted_read(&telling.wanted, options, err) < 0)
        return -1;
    const char *path = options->operands[0];
    telling.datagrams = json_array();
    int ret = explain_file(&totals, &sink, &telling, path, telling.keys, err);
    if (ret == 0 && telling.wanted.one && telling.num_told == 0)
        ret = wanted_missing(&telling.wanted, path, totals.connections, err);
    else
        print_all(&telling, &totals, ret < 0 ? err : NULL);
    json_decref(telling.datagrams);
    if (ret < 0)
        return -1;
    note_useless_keys(&totals.given, telling.keys, &telling.wanted);
    if (totals.warning[0] != '\0')
        fprintf(stderr, "tlsmatrix: %s\n", totals.warning);
    return 0;
}
