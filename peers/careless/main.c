/* tlspeer-careless: a worker that is careful, but for what it is told to leave out. `plants` lists
 * that; which one it is comes with the case (`fault`), or for all cases from --fault. */
#include "harness/control/channel.h"
#include "harness/nearest.h"
#include "harness/options.h"
#include "peers/careless/plants.h"
#include "peers/common/worker.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>

static enum plant for_all; /* PLANT_NONE: none */

static const char *fault_at(size_t index)
{
    return index < NUM_PLANTS - (PLANT_NONE + 1) ? plant_rows[PLANT_NONE + 1 + index].name : NULL;
}

static void before(struct endpoint *endpoint)
{
    plant_begin(endpoint->fault[0] != '\0' ? plant_by_name(endpoint->fault) : for_all);
    if (plant_current() == PLANT_PIN)
        endpoint->pin = PIN_OFF;
}

static void after(struct facts *facts)
{
    (void)facts; /* what it reports is true */
}

static int unknown_plant(const char *name, struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = PLANT_NONE + 1; i < NUM_PLANTS; i++)
        nearest_offer(&nearest, plant_rows[i].name);
    return error_set(err, ERROR_USAGE, "--fault: unknown '%s'%s", name, nearest_hint(&nearest));
}

static int run_worker(const struct parsed_options *options, struct error *err)
{
    const struct worker_hooks hooks = {
        .contract = CONTROL_CONTRACT, .fault_at = fault_at, .before = before, .after = after
    };
    const char *fault = option_value(options, "fault");
    if (fault != NULL && (for_all = plant_by_name(fault)) == PLANT_NONE)
        return unknown_plant(fault, err);
    return worker_main(tls_stack, &hooks);
}

static int list_json(struct error *err)
{
    json_t *list = json_array();
    for (size_t i = PLANT_NONE + 1; i < NUM_PLANTS; i++) {
        const struct plant_row *row = &plant_rows[i];
        json_t *cases = json_array();
        for (size_t j = 0; j < PLANT_CASES_MAX && row->cases[j] != NULL; j++)
            json_array_append_new(cases, json_string(row->cases[j]));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:s}", "name", row->name,
                                              "text", row->text, "references", row->references,
                                              "cases", cases, "kind", row->kind));
    }
    int status = json_dumpf(list, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(list);
    return status == 0 ? 0 : error_set(err, ERROR_HARNESS, "the list could not be written");
}

static int list_plants(const struct parsed_options *options, struct error *err)
{
    if (option_given(options, "json"))
        return list_json(err);
    for (size_t i = PLANT_NONE + 1; i < NUM_PLANTS; i++)
        printf("%-26s %s\n", plant_rows[i].name, plant_rows[i].text);
    return 0;
}

enum command { WORKER, PLANTS };

static const struct command_row commands[] = {
    [WORKER] = { "worker", "", "Takes cases from the control socket.", NULL, run_worker },
    [PLANTS] = { "plants", "", "Lists what it can leave out.", NULL, list_plants },
    { 0 },
};

static const struct option_row options[] = {
    { "fault", 0, "NAME", "what to leave out in cases that name nothing", UINT32_C(1) << WORKER },
    { "json", 0, NULL, "for programs, with references and cases", UINT32_C(1) << PLANTS },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "tlspeer-careless",
        .summary = "A small TLS stack that is careless on request: the harness must notice.",
        .commands = commands,
        .options = options,
    };
    signal(SIGPIPE, SIG_IGN);
    return program_main(&program, argc, argv);
}
