/* `tlsmatrix explain` of a whole capture, text and JSON (captures/explain.h). Input: the capture.
 */
#include "captures/explain.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/telling.h"

#include <stdlib.h>
#include <string.h>

struct told {
    FILE *stream;
    uint64_t num[OUTCOME_NOT_TLS + 1];
    uint64_t connections;
};

static const char *text_under(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text == NULL ? "" : text;
}

/* Text and JSON say the same of a connection: outcome, cause, sentence. */
static void check_agree(const char *text, const json_t *json, const struct finding *finding)
{
    FUZZ_ASSERT(strcmp(text_under(json, "outcome"), outcome_name(finding->outcome)) == 0);
    if (finding->cause == NULL)
        return;
    FUZZ_ASSERT(strstr(text, finding->cause->id) != NULL);
    const json_t *cause = json_object_get(json, "cause");
    FUZZ_ASSERT(strcmp(text_under(cause, "id"), finding->cause->id) == 0);
    FUZZ_ASSERT(strcmp(text_under(cause, "sentence"), finding->sentence) == 0);
    FUZZ_ASSERT(strstr(text, finding->sentence) != NULL);
}

static void on_connection(void *context, const struct story *story, const struct finding *finding)
{
    struct told *told = context;
    char *text = NULL;
    size_t len = 0;
    FUZZ_ASSERT(finding->outcome <= OUTCOME_NOT_TLS);
    told->num[finding->outcome]++;
    told->connections++;
    FILE *stream = open_memstream(&text, &len);
    explain_print(stream, story, finding);
    fclose(stream);
    json_t *json = explain_to_json(story, finding);
    FUZZ_ASSERT(json != NULL);
    char *dump = json_dumps(json, JSON_COMPACT);
    FUZZ_ASSERT(dump != NULL);
    check_harmless(text, len);
    check_agree(text, json, finding);
    fprintf(told->stream, "%s%s", text, dump);
    free(text);
    free(dump);
    json_decref(json);
}

static void on_case(void *context, const struct case_comment *recorded)
{
    const struct told *told = context;
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    explain_print_case(stream, recorded);
    fclose(stream);
    check_harmless(text, len);
    fprintf(told->stream, "%s", text);
    free(text);
}

static void on_datagrams(void *context, const struct datagrams *datagrams)
{
    const struct told *told = context;
    FUZZ_ASSERT(datagrams->num_packets > 0);
    fprintf(told->stream, "%s\n", datagrams->protocol);
}

static int tell(FILE *out, const char *path)
{
    static const struct explain_sink sink = { .recorded = on_case,
                                              .connection = on_connection,
                                              .datagrams = on_datagrams };
    struct explain_totals totals;
    struct error err = { .class = ERROR_NONE };
    uint64_t sum = 0;
    struct told told = { .stream = out };
    int ret = explain_file(&totals, &sink, &told, path, NULL, &err);
    FUZZ_ASSERT(totals.connections == told.connections || ret < 0);
    for (int i = 0; i <= OUTCOME_NOT_TLS; i++) {
        FUZZ_ASSERT(totals.outcomes[i] == told.num[i]);
        sum += totals.outcomes[i];
    }
    FUZZ_ASSERT(sum == told.connections);
    if (ret < 0)
        FUZZ_ASSERT(err.class == ERROR_USAGE && err.text[0] != '\0');
    return ret;
}

static void run(const uint8_t *data, size_t len)
{
    tell_twice(tell, data, len);
}

static void init(void)
{
    tell_first(tell, SOURCE_DIR "/captures/samples/good-13-keys.pcapng");
}

const struct fuzz_target fuzz_target = {
    .name = "explain",
    .init = init,
    .run = run,
    .memory_base = 8 << 20,
    .memory_per_byte = 2048, /* a SYN of 60 bytes is a connection with all its state */
    .time_base_us = 500000,
    .time_per_byte_us = 500,
};
