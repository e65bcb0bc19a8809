/* The commands that write files for others: merge, pki. */
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/merged_captures.h"
#include "matrix/report/run.h"
#include "matrix/summary.h"

#include "harness/pki/forge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int merge_into(struct results *results, const struct parsed_options *options,
                      struct error *err)
{
    for (size_t i = 1; i < options->num_operands; i++) {
        char path[PATH_LEN];
        if (snprintf(path, sizeof path, "%s/results.db", options->operands[i]) >= PATH_LEN)
            return error_set(err, ERROR_USAGE, "%s: path too long", options->operands[i]);
        if (results_merge(results, path, err) < 0)
            return -1;
    }
    return merged_captures(options->operands[0], options->operands + 1, options->num_operands - 1,
                           err);
}

int command_merge(const struct parsed_options *options, struct error *err)
{
    char path[PATH_LEN];
    struct results *results = NULL;
    struct session_outcome outcome = { 0 };
    if (options->num_operands < 2)
        return error_set(err, ERROR_USAGE, "merge needs a folder to write and those to join");
    const char *directory = options->operands[0];
    snprintf(path, sizeof path, "%s/results.db", directory);
    bool made = mkdir(directory, 0755) == 0;
    if (!made && errno != EEXIST)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    if (results_open(&results, path, RESULTS_CREATE, err) < 0)
        return -1;
    int ret = merge_into(results, options, err);
    if (ret == 0)
        ret = told_outcome(&outcome, results, err);
    if (ret == 0)
        ret = option_given(options, "json")
                  ? summary_print_json(stdout, results, &outcome, directory, err)
                  : summary_print(stdout, results, &outcome, directory, err);
    if (results_close(results, ret == 0 ? err : NULL) < 0)
        ret = -1;
    if (ret < 0) { /* half of the shards are no results */
        results_remove(path);
        if (made)
            rmdir(directory);
    }
    return ret < 0 ? -1 : session_exit_code(&outcome);
}

int command_pki(const struct parsed_options *options, struct error *err)
{
    static struct forge forge;
    char cache[PATH_LEN];
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "pki needs the folder to write to");
    forge_default_key_cache(cache);
    if (forge_make(&forge, options->operands[0], cache, err) < 0)
        return -1;
    forge_list(stdout, &forge);
    return 0;
}
