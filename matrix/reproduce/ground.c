/* Where recipes are played: a network of their own, its recording, the stacks' workers. */
#include "matrix/reproduce/play.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int read_faults(struct ground *ground, const char *const *faults, size_t num_faults,
                       struct error *err)
{
    for (size_t i = 0; i < num_faults; i++) {
        char name[NAME_MAX_LEN];
        const char *equals = strchr(faults[i], '=');
        snprintf(name, sizeof name, "%.*s", (int)strcspn(faults[i], "="), faults[i]);
        int stack = stack_index(&ground->stacks.set, name);
        if (equals == NULL || stack < 0)
            return error_set(err, ERROR_USAGE, "--fault '%s': it must be STACK=LIE", faults[i]);
        ground->faults[stack] = equals + 1;
    }
    return 0;
}

/* Without the right to record, a tap between the ends notes what passes. */
static int start_recording(struct ground *ground, struct error *err)
{
    struct error failure = { .class = ERROR_NONE };
    if (tcpdump_start(&ground->tcpdump, NULL, ground->network.port, ground->network.packet_max,
                      &failure) < 0) {
        const char *why = strstr(failure.text, ": "); /* behind an option of another command */
        snprintf(ground->not_recorded, sizeof ground->not_recorded, "%s",
                 why == NULL ? failure.text : why + 2);
        return 0;
    }
    FILE *stream = fdopen(ground->tcpdump.packets_fd, "r");
    if (stream == NULL)
        return error_errno(err, "fdopen");
    ground->splitter = splitter_start(stream, "tcpdump", case_capture_key, err);
    return ground->splitter == NULL ? -1 : 0;
}

int ground_open(struct ground *ground, const char *const *specs, size_t num_specs,
                const char *const *faults, size_t num_faults, bool isolate, struct error *err)
{
    char reason[ERROR_TEXT_MAX];
    memset(ground, 0, sizeof *ground);
    ground->network.listener = -1;
    for (size_t i = 0; i < STACKS_MAX; i++)
        ground->workers[i][0].channel = ground->workers[i][1].channel = -1;
    signal(SIGPIPE, SIG_IGN);
    bool isolated = isolate && network_isolate(reason);
    if (isolate && !isolated)
        fprintf(stderr, "tlsmatrix: %s; the connections share the machine's loopback\n", reason);
    return network_init(&ground->network, isolated, err) < 0 ||
                   stacks_load(&ground->stacks, specs, num_specs, err) < 0 ||
                   read_faults(ground, faults, num_faults, err) < 0
               ? -1
               : start_recording(ground, err);
}

void ground_close(struct ground *ground)
{
    uint64_t captured, dropped;
    for (size_t i = 0; i < STACKS_MAX; i++)
        for (int role = 0; role < 2; role++)
            worker_stop(&ground->workers[i][role], NULL);
    tcpdump_stop(&ground->tcpdump, &captured, &dropped, NULL);
    splitter_finish(ground->splitter, NULL);
    network_fini(&ground->network);
}
