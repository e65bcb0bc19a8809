/* tlspeer-liar: a worker that is not to be believed. `lies` lists what it can do; which one it
 * does comes with the case (`fault`), or for all cases from --fault. */
#include "harness/control/channel.h"
#include "harness/nearest.h"
#include "harness/options.h"
#include "peers/common/worker.h"
#include "peers/liar/lies.h"

#include <signal.h>
#include <stdio.h>

static const struct lie *lie_for_all; /* NULL: none */

static const char *fault_at(size_t index)
{
    return index < num_lies ? lies[index].name : NULL;
}

static void before(struct endpoint *endpoint)
{
    const struct lie *lie = endpoint->fault[0] != '\0' ? lie_by_name(endpoint->fault) : lie_for_all;
    lie_begin(lie, endpoint);
    if (lie != NULL && lie->before != NULL)
        lie->before(endpoint);
}

static void after(struct facts *facts)
{
    const struct lie *lie = lie_current();
    if (lie != NULL && lie->after != NULL)
        lie->after(facts);
}

static int unknown_lie(const char *name, struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < num_lies; i++)
        nearest_offer(&nearest, lies[i].name);
    return error_set(err, ERROR_USAGE, "--fault: unknown '%s'%s", name, nearest_hint(&nearest));
}

static int run_worker(const struct parsed_options *options, struct error *err)
{
    const char *fault = option_value(options, "fault");
    if (fault != NULL && (lie_for_all = lie_by_name(fault)) == NULL)
        return unknown_lie(fault, err);
    bool other_contract = lie_for_all != NULL && lie_for_all->other_contract;
    struct worker_hooks hooks = { .contract = CONTROL_CONTRACT + other_contract,
                                  .fault_at = fault_at,
                                  .before = before,
                                  .after = after };
    return worker_main(lying_stack(tls_stack), &hooks);
}

static int list_lies(const struct parsed_options *options, struct error *err)
{
    (void)options;
    (void)err;
    for (size_t i = 0; i < num_lies; i++)
        printf("%-22s %s\n", lies[i].name, lies[i].help);
    return 0;
}

enum command { WORKER, LIES };

static const struct command_row commands[] = {
    [WORKER] = { "worker", "", "Takes cases from the control socket, and lies.", NULL, run_worker },
    [LIES] = { "lies", "", "Lists the lies.", NULL, list_lies },
    { 0 },
};

static const struct option_row options[] = {
    { "fault", 0, "NAME", "the lie to tell in cases that name none", UINT32_C(1) << WORKER },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "tlspeer-liar",
        .summary = "OpenSSL behind a peer that lies: the harness must notice.",
        .commands = commands,
        .options = options,
    };
    signal(SIGPIPE, SIG_IGN);
    return program_main(&program, argc, argv);
}
