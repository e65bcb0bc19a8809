/* `tlsmatrix observe` of a whole capture, text and JSON (captures/observe.h). Input: the capture.
 */
#include "captures/observe.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/telling.h"

#include <stdlib.h>
#include <string.h>

struct told {
    FILE *stream;
    uint64_t connections;
};

static void check_bounds(const struct observation *seen)
{
    FUZZ_ASSERT(seen->num_records <= OBSERVE_RECORDS_MAX);
    for (size_t i = 0; i < seen->num_bursts; i++)
        FUZZ_ASSERT(seen->bursts[i].first_record < seen->num_records);
    for (int role = 0; role < 2; role++) {
        const struct observed_chain *chain = seen->end[role].chain;
        FUZZ_ASSERT(chain == NULL || chain->num_kept <= OBSERVE_CERTIFICATES_MAX);
        FUZZ_ASSERT(seen->control.in_clear[role] <= seen->control.application_bytes[role]);
    }
}

static void on_connection(void *context, const struct observation *seen)
{
    struct told *told = context;
    char *text = NULL;
    size_t len = 0;
    told->connections++;
    check_bounds(seen);
    FILE *stream = open_memstream(&text, &len);
    observe_print(stream, seen);
    fclose(stream);
    check_harmless(text, len);
    json_t *json = observe_to_json(seen);
    FUZZ_ASSERT(json != NULL);
    char *dump = json_dumps(json, JSON_COMPACT);
    FUZZ_ASSERT(dump != NULL);
    fprintf(told->stream, "%s%s", text, dump);
    free(text);
    free(dump);
    json_decref(json);
}

static int tell(FILE *out, const char *path)
{
    struct observe_totals totals;
    struct error err = { .class = ERROR_NONE };
    struct told told = { .stream = out };
    int ret = observe_file(&totals, on_connection, &told, path, NULL, &err);
    if (ret < 0)
        FUZZ_ASSERT(err.class == ERROR_USAGE && err.text[0] != '\0');
    else
        FUZZ_ASSERT(totals.tls == told.connections && totals.tls <= totals.connections);
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
    .name = "observe",
    .init = init,
    .run = run,
    .memory_base = 8 << 20,
    .memory_per_byte = 2048,
    .time_base_us = 500000,
    .time_per_byte_us = 500,
};
