/* The command that explains a capture. Output goes out as connections end, so that memory does not
 * grow with the capture; in JSON too, which is one document all the same. */
#include "matrix/commands.h"

#include "captures/explain.h"

#include <inttypes.h>
#include <string.h>

struct telling {
    bool json, failed_only;
    uint64_t only; /* 0: all */
    bool comma;    /* something stands before in the JSON's list */
    uint64_t num_told;
};

static bool is_wanted(const struct telling *telling, const struct story *story,
                      const struct finding *finding)
{
    if (telling->only != 0)
        return story->facts->number == telling->only;
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
    char from[TCP_ADDRESS_TEXT_LEN], to[TCP_ADDRESS_TEXT_LEN];
    if (telling->json || telling->only != 0 || telling->failed_only)
        return;
    printf("udp  %s > %s  %s, %" PRIu64 " packets from %" PRIu64 " on: over UDP, not followed\n",
           tcp_address_format(from, &datagrams->address[0]),
           tcp_address_format(to, &datagrams->address[1]), datagrams->protocol,
           datagrams->num_packets, datagrams->first.packet);
}

/* What was no connection of TLS, so that nobody takes silence for an answer. */
static void print_rest(const struct explain_totals *totals)
{
    printf("%" PRIu64 " TCP connections: %" PRIu64 " completed, %" PRIu64 " unused, %" PRIu64
           " failed, %" PRIu64 " unfinished, %" PRIu64 " without TLS; %zu secrets\n",
           totals->connections, totals->outcomes[OUTCOME_COMPLETED],
           totals->outcomes[OUTCOME_UNUSED], totals->outcomes[OUTCOME_FAILED],
           totals->outcomes[OUTCOME_UNFINISHED], totals->outcomes[OUTCOME_NOT_TLS],
           totals->num_secrets);
    for (int kind = 0; kind < NUM_PACKET_KINDS; kind++)
        if (kind != PACKET_TCP && totals->packets[kind] > 0)
            printf("%" PRIu64 " packets: %s\n", totals->packets[kind],
                   packet_kind_text((enum packet_kind)kind));
    if (totals->dropped > 0)
        printf("%" PRIu64 " packets were lost by the recorder\n", totals->dropped);
    if (totals->unlisted_udp > 0)
        printf("%" PRIu64 " packets of further pairs over UDP are not listed\n",
               totals->unlisted_udp);
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
    json_t *rest =
        json_pack("{s:I, s:o, s:o, s:I, s:I, s:s}", "total", (json_int_t)totals->connections,
                  "outcomes", outcomes, "packets", packets, "dropped", (json_int_t)totals->dropped,
                  "secrets", (json_int_t)totals->num_secrets, "warning", totals->warning);
    if (failure != NULL)
        json_object_set_new(rest, "error", json_string(failure->text));
    printf("%s\n],\n\"totals\": ", telling->comma ? "" : "{\"connections\": [");
    json_dumpf(rest, stdout, JSON_COMPACT);
    printf("}\n");
    json_decref(rest);
}

int command_explain(const struct parsed_options *options, struct error *err)
{
    static const struct explain_sink sink = { .recorded = tell_case,
                                              .connection = tell_connection,
                                              .datagrams = tell_datagrams };
    static struct explain_totals totals;
    struct telling telling = { .json = option_given(options, "json"),
                               .failed_only = option_given(options, "failed") };
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "explain needs one capture, or - for standard input");
    if (option_number(&telling.only, options, "connection", 0, 1, UINT64_MAX, err) < 0)
        return -1;
    int ret = explain_file(&totals, &sink, &telling, options->operands[0],
                           option_value(options, "keys"), err);
    if (telling.json && (ret == 0 || telling.comma))
        print_rest_json(&telling, &totals, ret == 0 ? NULL : err);
    else if (ret == 0 && telling.only == 0)
        print_rest(&totals);
    fflush(stdout);
    if (ret < 0)
        return -1;
    if (totals.warning[0] != '\0')
        fprintf(stderr, "tlsmatrix: %s\n", totals.warning);
    if (telling.only != 0 && telling.num_told == 0)
        return error_set(err, ERROR_USAGE, "%s has no connection %" PRIu64, options->operands[0],
                         telling.only);
    return 0;
}
