/* `tlsmatrix run` and `tlsmatrix rerun`. */
#include "harness/pki/files.h"
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/id_list.h"
#include "matrix/session.h"
#include "matrix/show.h"
#include "matrix/summary.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_DEADLINE_MS = 30000, LANES_PER_PROCESSOR = 2 };

/* --capture, --capture-from and --corpus. */
static int read_capture(struct session_request *request, const struct parsed_options *options,
                        struct error *err)
{
    const char *capture = option_value(options, "capture");
    const char *from = option_value(options, "capture-from");
    int policy = capture == NULL ? CAPTURE_FAILURES : capture_policy_by_name(capture);
    int source = from == NULL ? CAPTURE_FROM_NETWORK : capture_source_by_name(from);
    assert(policy >= 0 && source >= 0 && "the table of options lets no other word pass");
    if (from != NULL && policy == CAPTURE_NONE)
        return error_set(err, ERROR_USAGE, "--capture-from: --capture none records nothing");
    if (source == CAPTURE_FROM_RELAY && policy == CAPTURE_WHOLE)
        return error_set(err, ERROR_USAGE,
                         "--capture whole: not from the relay, as nothing in a pcap can say that "
                         "no network had these packets");
    request->capture = (enum capture_policy)policy;
    request->capture_source = (enum capture_source)source;
    request->corpus = option_value(options, "corpus");
    if (request->corpus != NULL && (policy == CAPTURE_NONE || policy == CAPTURE_WHOLE))
        return error_set(err, ERROR_USAGE, "--corpus needs what --capture failures or all records");
    request->capture_asked = capture != NULL || from != NULL || request->corpus != NULL;
    return 0;
}

/* The options that `run` and `rerun` share. */
static int read_request(struct session_request *request, struct stack_specs *specs,
                        const struct parsed_options *options, struct error *err)
{
    static char profiles[PATH_LEN];
    uint64_t lanes, deadline_ms;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t default_lanes = (uint64_t)(processors < 1 ? 1 : processors) * LANES_PER_PROCESSOR;
    if (default_lanes > LANES_MAX)
        default_lanes = LANES_MAX;
    if (hellos_from_options(options, err) < 0 || stack_specs_read(specs, options, err) < 0 ||
        option_number(&lanes, options, "lanes", default_lanes, 1, LANES_MAX, err) < 0 ||
        option_number(&deadline_ms, options, "deadline-ms", DEFAULT_DEADLINE_MS, 1, DEADLINE_MS_MAX,
                      err) < 0 ||
        read_capture(request, options, err) < 0)
        return -1;
    stacks_data_path(profiles, "matrix/profiles");
    profile_set_directory(profiles);
    request->stacks = specs->specs;
    request->num_stacks = specs->num_specs;
    request->num_faults = option_values(options, "fault", &request->faults);
    request->num_hellos = option_values(options, "hellos", &request->hellos);
    request->lanes = (unsigned)lanes;
    request->deadline_ms = (uint32_t)deadline_ms;
    request->isolate = !option_given(options, "no-isolation");
    request->quiet = option_given(options, "quiet");
    return 0;
}

/* runs/PROFILE-TIME, with the profile's path cut to its name. */
static void default_directory(char out[PATH_LEN], const char *profile)
{
    char stamp[32], name[NAME_MAX_LEN];
    time_t now = time(NULL);
    struct tm local;
    const char *slash = strrchr(profile, '/');
    snprintf(name, sizeof name, "%s", slash == NULL ? profile : slash + 1);
    name[strcspn(name, ".")] = '\0';
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
    snprintf(out, PATH_LEN, "runs/%s-%s", name, stamp);
}

/* The profile, selection and shard that a run was begun with. */
struct resumed {
    char profile[PATH_LEN];
    json_t *globs;
    const char *patterns[OPTION_VALUES_MAX];
};

static int read_selection(struct session_request *request, struct resumed *resumed,
                          const char *globs, const char *shard, const char *repeats)
{
    unsigned index, num;
    char *end;
    resumed->globs = json_loads(globs, 0, NULL);
    unsigned long times = strtoul(repeats, &end, 10);
    if (!json_is_array(resumed->globs) || json_array_size(resumed->globs) > OPTION_VALUES_MAX ||
        *end != '\0' || times < 1 || sscanf(shard, "%u/%u", &index, &num) != 2 || num < 1)
        return -1;
    for (size_t i = 0; i < json_array_size(resumed->globs); i++) {
        resumed->patterns[i] = json_string_value(json_array_get(resumed->globs, i));
        if (resumed->patterns[i] == NULL)
            return -1;
    }
    request->selection = (struct selection){ .globs = resumed->patterns,
                                             .num_globs = json_array_size(resumed->globs),
                                             .shard = index,
                                             .num_shards = num,
                                             .repeats = (uint32_t)times };
    return 0;
}

static int read_resumed(struct session_request *request, struct resumed *resumed, struct error *err)
{
    static char globs[SELECTION_TEXT_MAX];
    char path[PATH_LEN], shard[32] = "", repeats[32] = "";
    struct results *results = NULL;
    snprintf(path, sizeof path, "%s/results.db", request->directory);
    if (results_open(&results, path, RESULTS_READ, err) < 0)
        return -1;
    int ret = 0;
    if (results_get(results, "profile", resumed->profile, sizeof resumed->profile, err) < 0 ||
        results_get(results, "select", globs, sizeof globs, err) < 0 ||
        results_get(results, "shard", shard, sizeof shard, err) < 0 ||
        results_get(results, "repeats", repeats, sizeof repeats, err) < 0)
        ret = -1;
    else if (read_selection(request, resumed, globs, shard, repeats) < 0)
        ret = error_set(err, ERROR_USAGE, "%s: holds no run that could be resumed", path);
    else if ((resumed->profile[0] == '\0') != (request->ids != NULL))
        ret = error_set(err, ERROR_USAGE, "%s: was begun %s --ids: resume it %s", path,
                        request->ids == NULL ? "with" : "without",
                        request->ids == NULL ? "with the same list" : "without");
    request->profile = request->ids == NULL ? resumed->profile : NULL;
    results_close(results, NULL);
    return ret;
}

/* --ids, if it is given. */
static int read_ids(struct session_request *request, struct id_list *list,
                    const struct parsed_options *options, struct error *err)
{
    const char *path = option_value(options, "ids");
    if (path == NULL)
        return 0;
    if (options->num_operands > 0 || option_given(options, "select") ||
        option_given(options, "shard") || option_given(options, "repeat"))
        return error_set(err, ERROR_USAGE,
                         "--ids names every case: no profile, --select, --shard or --repeat");
    if (id_list_read(list, path, err) < 0)
        return -1;
    request->ids = list->ids;
    request->num_ids = list->num_ids;
    request->ids_file = path;
    request->id_lines = list->lines;
    return 0;
}

static int prepare_run(struct session_request *request, struct resumed *resumed,
                       char directory[PATH_LEN], const struct parsed_options *options,
                       struct error *err)
{
    const char *out = option_value(options, "out");
    request->directory = option_value(options, "resume");
    request->resume = request->directory != NULL;
    if (request->resume) {
        if (options->num_operands > 0 || out != NULL || option_given(options, "select") ||
            option_given(options, "shard") || option_given(options, "repeat"))
            return error_set(err, ERROR_USAGE,
                             "--resume goes on with what the folder says: no profile, --out, "
                             "--select, --shard or --repeat");
        return read_resumed(request, resumed, err);
    }
    if (selection_read(&request->selection, options, err) < 0)
        return -1;
    if (request->ids == NULL && (request->profile = profile_operand(options, err)) == NULL)
        return -1;
    if (out == NULL)
        default_directory(directory, request->ids == NULL ? request->profile : "ids");
    request->directory = out == NULL ? directory : out;
    return 0;
}

static int tell(const struct session_outcome *outcome, const char *directory, bool json,
                struct error *err)
{
    char path[PATH_LEN];
    struct results *results = NULL;
    snprintf(path, sizeof path, "%s/results.db", directory);
    if (results_open(&results, path, RESULTS_READ, err) < 0)
        return -1;
    int ret = json ? summary_print_json(stdout, results, outcome, directory, err)
                   : summary_print(stdout, results, outcome, directory, err);
    results_close(results, NULL);
    return ret;
}

/* A run in which every case was declared unsupported shows nothing; a shard may be like that. */
static int exit_code(const struct session_outcome *outcome, const struct session_request *request)
{
    uint64_t num_judged = 0;
    for (int i = 0; i < NUM_VERDICTS; i++)
        num_judged += i == VERDICT_UNSUPPORTED ? 0 : outcome->counts[i];
    if (num_judged > 0 || outcome->interrupted || request->selection.num_shards > 1)
        return session_exit_code(outcome);
    fputs("tlsmatrix: nothing was run: every selected case is unsupported\n", stderr);
    return ERROR_USAGE;
}

int command_run(const struct parsed_options *options, struct error *err)
{
    struct session_request request = { 0 };
    struct session_outcome outcome;
    struct stack_specs specs;
    struct resumed resumed = { .globs = NULL };
    struct id_list list = { 0 };
    char directory[PATH_LEN];
    int ret = -1;
    if (read_request(&request, &specs, options, err) == 0 &&
        read_ids(&request, &list, options, err) == 0 &&
        prepare_run(&request, &resumed, directory, options, err) == 0 &&
        session_run(&outcome, &request, err) == 0 &&
        tell(&outcome, request.directory, option_given(options, "json"), err) == 0)
        ret = exit_code(&outcome, &request);
    json_decref(resumed.globs);
    id_list_fini(&list);
    return ret;
}

/* A folder for a rerun that nobody asked to keep. */
static int temporary_directory(char out[PATH_LEN], struct error *err)
{
    const char *base = getenv("TMPDIR");
    snprintf(out, PATH_LEN, "%s/tlsmatrix-rerun-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(out) == NULL)
        return error_errno(err, "%s", out);
    return 0;
}

static int show_cases(const struct session_request *request, bool verbose, bool json,
                      struct error *err)
{
    char path[PATH_LEN];
    struct results *results = NULL;
    snprintf(path, sizeof path, "%s/results.db", request->directory);
    if (results_open(&results, path, RESULTS_READ, err) < 0)
        return -1;
    int ret = 0;
    for (size_t i = 0; i < request->num_ids && ret == 0; i++)
        ret = show_result(stdout, results, request->ids[i], verbose, json, err);
    results_close(results, NULL);
    return ret;
}

int command_rerun(const struct parsed_options *options, struct error *err)
{
    struct session_request request = { .selection = { .num_shards = 1, .repeats = 1 } };
    struct session_outcome outcome;
    struct stack_specs specs;
    char directory[PATH_LEN];
    if (options->num_operands == 0)
        return error_set(err, ERROR_USAGE, "rerun needs the id of a case");
    if (is_case_file(options->operands[0]))
        return rerun_case_file(options, err);
    if (read_request(&request, &specs, options, err) < 0)
        return -1;
    request.ids = options->operands;
    request.num_ids = options->num_operands;
    request.quiet = true;
    request.directory = option_value(options, "out");
    if (request.directory == NULL) {
        if (temporary_directory(directory, err) < 0)
            return -1;
        request.directory = directory;
    }
    bool json = option_given(options, "json");
    if (session_run(&outcome, &request, err) < 0) {
        if (request.directory == directory)
            rmdir(directory); /* goes only if nothing was written */
        return -1;
    }
    if (show_cases(&request, option_given(options, "verbose"), json, err) < 0)
        return -1;
    int code = exit_code(&outcome, &request);
    if (code == 0 && request.directory == directory)
        directory_remove(directory);
    else if (!json)
        printf("results: %s\n", request.directory);
    return code;
}
