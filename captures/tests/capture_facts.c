/* capture_facts CAPTURE [KEYLOG]: every connection as a line of JSON. For the tests that compare
 * with other programs. */
#include "captures/analysis.h"

#include <stdlib.h>

static void print_connection(void *context, const struct wire_facts *facts, void **tap)
{
    (void)context, (void)tap;
    json_t *json = wire_facts_to_json(facts);
    if (json == NULL)
        abort();
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
}

static int run(struct analysis *analysis, int argc, char **argv, struct error *err)
{
    char warning[ERROR_TEXT_MAX];
    if (argc > 2 && keylog_read(analysis_keys(analysis), argv[2], err) < 0)
        return -1;
    int ret = analysis_file(analysis, argv[1], warning, err);
    analysis_finish(analysis);
    if (warning[0] != '\0')
        fprintf(stderr, "warning: %s\n", warning);
    return ret;
}

int main(int argc, char **argv)
{
    static const struct analysis_sink sink = { .connection = print_connection };
    struct error err;
    if (argc < 2 || argc > 3) {
        fputs("usage: capture_facts CAPTURE [KEYLOG]\n", stderr);
        return ERROR_USAGE;
    }
    struct analysis *analysis = analysis_new(&sink, NULL);
    if (analysis == NULL)
        return ERROR_HARNESS;
    int ret = run(analysis, argc, argv, &err);
    analysis_free(analysis);
    if (ret == 0)
        return 0;
    fprintf(stderr, "capture_facts: %s\n", err.text);
    return err.class;
}
