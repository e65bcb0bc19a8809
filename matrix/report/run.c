#include "matrix/report/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int told_outcome(struct session_outcome *out, struct results *results, struct error *err)
{
    char missing[32] = "0", unmatched[32] = "0", state[32] = "finished";
    *out = (struct session_outcome){ 0 };
    if (results_counts(results, out->counts, &out->red_inconclusive, err) < 0 ||
        results_missing_parts(results, &out->missing_parts, err) < 0 ||
        results_get(results, "missing_capabilities", missing, sizeof missing, err) < 0 ||
        results_get(results, "unmatched_deviations", unmatched, sizeof unmatched, err) < 0 ||
        results_get(results, "state", state, sizeof state, err) < 0)
        return -1;
    out->missing_capabilities = atoi(missing);
    out->unmatched_deviations = strtoull(unmatched, NULL, 10);
    out->interrupted = strcmp(state, "finished") != 0;
    return 0;
}

int told_run_open(struct told_run *run, const char *directory, struct error *err)
{
    char path[PATH_LEN];
    *run = (struct told_run){ .directory = directory };
    if (snprintf(path, sizeof path, "%s/results.db", directory) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: path too long", directory);
    if (results_open(&run->results, path, RESULTS_READ, err) < 0)
        return -1;
    if (told_outcome(&run->outcome, run->results, err) == 0 &&
        rerun_options_read(run->rerun_options, run->results, err) == 0)
        return 0;
    told_run_close(run);
    return -1;
}

void told_run_close(struct told_run *run)
{
    results_close(run->results, NULL);
    *run = (struct told_run){ 0 };
}

const char *told_verdict(const struct session_outcome *outcome)
{
    int code = session_exit_code(outcome);
    if (outcome->interrupted)
        return "interrupted";
    return code == 0 ? "green" : code == ERROR_HARNESS ? "unusable" : "red";
}

const char *told_program(void)
{
    return program_invocation_short_name;
}
