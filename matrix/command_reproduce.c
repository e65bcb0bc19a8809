/* `tlsmatrix reproduce`, and `rerun` of the case files that it writes. */
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/reproduce/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SAME_SECOND_MAX = 1000 }; /* more reproductions at once than any machine plays */

/* Absolute, so that what stands in it can be told apart. */
static int absolute_folder(char out[PATH_LEN], const char *path, struct error *err)
{
    char *absolute = realpath(path, NULL);
    if (absolute == NULL || strlen(absolute) > PATH_LEN / 2) {
        free(absolute);
        return error_set(err, ERROR_USAGE, "%s: not a folder, or its path is too long", path);
    }
    snprintf(out, PATH_LEN, "%s", absolute);
    free(absolute);
    return 0;
}

/* "last-night.pcapng" -> "reproduced-last-night-TIME"; "-" -> "reproduced-stdin-TIME"; what is
 * there already, from the same second, is passed over: "…-TIME-2". */
static int make_default_folder(char out[PATH_LEN], const char *capture, struct error *err)
{
    char stamp[32], name[NAME_MAX_LEN], path[PATH_LEN];
    time_t now = time(NULL);
    struct tm local;
    const char *slash = strrchr(capture, '/');
    snprintf(name, sizeof name, "%s",
             strcmp(capture, "-") == 0 ? "stdin"
             : slash == NULL           ? capture
                                       : slash + 1);
    char *dot = strrchr(name, '.');
    if (dot != NULL)
        *dot = '\0';
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
    snprintf(path, sizeof path, "reproduced-%s-%s", name, stamp);
    for (unsigned n = 2; mkdir(path, 0755) != 0; n++) {
        if (errno != EEXIST || n > SAME_SECOND_MAX)
            return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
        snprintf(path, sizeof path, "reproduced-%s-%s-%u", name, stamp, n);
    }
    return absolute_folder(out, path, err);
}

/* A folder of its own, where the user wants it. */
static int make_folder(char out[PATH_LEN], const char *path, struct error *err)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    if (rmdir(path) != 0 && errno == ENOTEMPTY)
        return error_set(err, ERROR_USAGE, "%s: is not empty; --out wants a folder of its own",
                         path);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    return absolute_folder(out, path, err);
}

static void shut_ground(struct ground *ground)
{
    if (ground != NULL)
        ground_close(ground);
    free(ground);
}

static int open_ground(struct ground **out, const struct parsed_options *options, struct error *err)
{
    struct stack_specs specs;
    const char *const *faults;
    size_t num_faults = option_values(options, "fault", &faults);
    *out = malloc(sizeof **out);
    if (*out == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (stack_specs_read(&specs, options, err) == 0 &&
        ground_open(*out, specs.specs, specs.num_specs, faults, num_faults,
                    !option_given(options, "no-isolation"), err) == 0)
        return 0;
    shut_ground(*out);
    *out = NULL;
    return -1;
}

static int play_all(struct report *report, struct ground *ground,
                    const struct parsed_options *options, struct error *err)
{
    int ret = 0;
    report->num_stacks = ground->stacks.set.num_stacks;
    for (size_t i = 0; i < report->num_stacks; i++)
        snprintf(report->stacks[i], NAME_MAX_LEN, "%s", ground->stacks.set.stacks[i].stack);
    snprintf(report->not_recorded, sizeof report->not_recorded, "%s", ground->not_recorded);
    for (size_t r = 0; ret == 0 && r < report->num_recipes; r++)
        for (size_t i = 0; ret == 0 && i < report->num_stacks; i++)
            ret = recipe_play(&report->played[r][i], ground, &report->recipes[r], i, report->folder,
                              err);
    if (ret < 0)
        return -1;
    if (option_given(options, "json"))
        report_print_json(report);
    else
        report_print(report);
    return report_exit_code(report);
}

static int write_cases(const struct report *report, struct error *err)
{
    for (size_t i = 0; i < report->num_recipes; i++) {
        char path[PATH_LEN];
        report_case_path(path, report, i);
        if (recipe_write(&report->recipes[i], path, err) < 0)
            return -1;
    }
    return 0;
}

static void report_fini(struct report *report)
{
    for (size_t i = 0; report != NULL && i < report->num_recipes; i++)
        recipe_fini(&report->recipes[i]);
    free(report);
}

static int make_recipes(struct report *report, const struct parsed_options *options,
                        struct error *err)
{
    uint64_t connection;
    const char *operand = options->operands[0], *out = option_value(options, "out");
    const char *capture = strcmp(operand, "-") == 0 ? "standard input" : operand;
    if (option_number(&connection, options, "connection", 0, 1, UINT64_MAX, err) < 0)
        return -1;
    struct recording *recording =
        recording_read(operand, option_value(options, "keys"), connection, err);
    if (recording == NULL)
        return -1;
    const struct recipe_order order = { .capture = capture,
                                        .folder = report->folder,
                                        .ca_file = option_value(options, "ca") };
    char hint[CASE_COMMENT_HINT_MAX];
    int num = -1;
    if (!ending_of(recording).refused)
        error_set(err, ERROR_USAGE, "%s: connection %" PRIu64 " did not fail (%s)%s", capture,
                  recording->facts.number, outcome_name(recording->finding.outcome),
                  case_comment_hint(hint, &recording->story.recorded));
    else if (!recipes_fit(recording))
        error_set(err, ERROR_USAGE,
                  "%s: connection %" PRIu64 ": no TLS stack decided this, so none can be made to: "
                  "%s",
                  capture, recording->facts.number, recording->finding.sentence);
    else {
        int ret = out == NULL ? make_default_folder(report->folder, operand, err)
                              : make_folder(report->folder, out, err);
        if (ret == 0)
            num = recipes_make(report->recipes, recording, &order, err);
    }
    recording_free(recording);
    if (num < 0)
        return -1;
    report->num_recipes = (size_t)num;
    return 0;
}

int command_reproduce(const struct parsed_options *options, struct error *err)
{
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "reproduce needs one capture");
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    struct ground *ground = NULL; /* first, so that a wrong option leaves no folder behind */
    int ret = open_ground(&ground, options, err) < 0 || make_recipes(report, options, err) < 0 ||
                      write_cases(report, err) < 0
                  ? -1
                  : play_all(report, ground, options, err);
    shut_ground(ground);
    report_fini(report);
    return ret;
}

bool is_case_file(const char *operand)
{
    const char *dot = strrchr(operand, '.');
    return dot != NULL && strcmp(dot, ".json") == 0;
}

/* The captures of a rerun go where the user says, or nowhere that lasts. */
static int rerun_folder(char out[PATH_LEN], const struct parsed_options *options, struct error *err)
{
    char path[PATH_LEN];
    const char *base = getenv("TMPDIR"), *wanted = option_value(options, "out");
    if (wanted != NULL)
        return make_folder(out, wanted, err);
    snprintf(path, sizeof path, "%s/tlsmatrix-rerun-XXXXXX", base == NULL ? "/tmp" : base);
    return mkdtemp(path) == NULL ? error_errno(err, "%s", path) : make_folder(out, path, err);
}

int rerun_case_file(const struct parsed_options *options, struct error *err)
{
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE,
                         "rerun takes one case file at a time, and no ids beside");
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = -1;
    struct ground *ground = NULL;
    if (recipe_read(&report->recipes[0], options->operands[0], err) == 0) {
        report->num_recipes = 1;
        snprintf(report->case_file, sizeof report->case_file, "%s", options->operands[0]);
        if (open_ground(&ground, options, err) == 0 &&
            rerun_folder(report->folder, options, err) == 0)
            ret = play_all(report, ground, options, err);
    }
    shut_ground(ground);
    report_fini(report);
    return ret;
}
