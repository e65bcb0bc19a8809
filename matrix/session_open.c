/* The beginning of a session: stacks, profile and request are read and checked, then the run's
 * folder is made, or opened again. */
#include "harness/yaml/yaml.h"
#include "matrix/plan_survey.h"
#include "matrix/session_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void note_imposter(struct session *session, const struct matrix_case *c, bool unsupported)
{
    if (!unsupported && c->identity != IDENTITY_GENUINE)
        session->wants_imposters[c->credential] = true;
}

/* Puts "FILE:LINE: " before what is wrong with an id that stands in a file. */
static int bad_id(const struct session_request *request, size_t i, struct error *err)
{
    return request->ids_file == NULL
               ? -1
               : error_prefix(err, "%s:%zu", request->ids_file, request->id_lines[i]);
}

/* Before anything is written: every id names a case that the protocol has. */
static int check_ids(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    const struct stack_set *stacks = &session->stacks.set;
    struct matrix_case c;
    char reason[TEXT_LEN];
    for (size_t i = 0; i < request->num_ids; i++) {
        const char *id = request->ids[i];
        if (case_from_id(&c, id, stacks, err) < 0)
            return bad_id(request, i, err);
        const struct exclusion_rule *rule = case_excluded(&c);
        if (rule != NULL) {
            error_set(err, ERROR_USAGE, "%s: not a possible case: %s (%s)", id, rule->text,
                      rule->reference);
            return bad_id(request, i, err);
        }
        note_imposter(session, &c, case_unsupported(reason, &c, stacks));
    }
    return 0;
}

static int parse_faults(struct session *session, struct error *err)
{
    size_t stack;
    const char *fault;
    for (size_t i = 0; i < session->request->num_faults; i++) {
        if (stack_fault(&stack, &fault, &session->stacks.set, session->request->faults[i], err) < 0)
            return -1;
        session->faults[stack] = fault;
    }
    return 0;
}

/* Makes a directory and those above it; one that is there is fine. */
static int make_directory(const char *path, struct error *err)
{
    char partial[PATH_LEN];
    struct stat status;
    snprintf(partial, sizeof partial, "%s", path);
    for (char *slash = strchr(partial + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST)
            return error_set(err, ERROR_USAGE, "%s: %s", partial, strerror(errno));
        *slash = '/';
    }
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(ENOTDIR));
    return 0;
}

/* One run at a time in a folder: two would share its first-use stores, and each judge by what the
 * other does. The lock goes with the process, however it ends. */
static int lock_directory(struct session *session, struct error *err)
{
    const char *path = session->request->directory;
    session->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (session->lock < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    if (flock(session->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return error_set(err, ERROR_USAGE, "%s: another run is at work there", path);
    return 0; /* where a file system has no locks, we do without */
}

static int open_results(struct session *session, struct error *err)
{
    char path[PATH_LEN];
    const struct session_request *request = session->request;
    snprintf(path, sizeof path, "%s/results.db", request->directory);
    return results_open(&session->results, path, request->resume ? RESULTS_RESUME : RESULTS_CREATE,
                        err);
}

static int told_other_stacks(const struct session *session, const struct stack_set *before,
                             struct error *err)
{
    char names[TEXT_LEN] = "";
    for (size_t i = 0, len = 0; i < before->num_stacks && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i == 0 ? "" : ",",
                                before->stacks[i].stack);
    return error_set(err, ERROR_USAGE, "%s: was begun with other stacks; with these: --stacks %s",
                     session->request->directory, names);
}

/* On resuming, the stacks must still be what they were: other libraries would mix two runs. */
static int check_same_stacks(struct session *session, struct error *err)
{
    struct stack_set *before = malloc(sizeof *before);
    if (before == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = results_stacks(session->results, before, err);
    if (ret == 0 && before->num_stacks != session->stacks.set.num_stacks)
        ret = told_other_stacks(session, before, err);
    for (size_t i = 0; ret == 0 && i < before->num_stacks; i++) {
        const struct capabilities *was = &before->stacks[i], *is = &session->stacks.set.stacks[i];
        if (strcmp(was->stack, is->stack) != 0 || strcmp(was->library, is->library) != 0)
            ret = error_set(err, ERROR_USAGE, "%s: was begun with %s (%s), now it is %s (%s)",
                            session->request->directory, was->stack, was->library, is->stack,
                            is->library);
    }
    free(before);
    return ret;
}

static int put_stacks(struct session *session, struct error *err)
{
    for (size_t i = 0; i < session->stacks.set.num_stacks; i++)
        if (results_put_stack(session->results, &session->stacks.set.stacks[i], err) < 0)
            return -1;
    return 0;
}

static int put_numbers(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    char text[64];
    time_t now = time(NULL);
    struct tm utc;
    snprintf(text, sizeof text, "%u/%u", request->selection.shard, request->selection.num_shards);
    if (results_set(session->results, "shard", text, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%u", request->selection.num_shards);
    if (results_set(session->results, "parts", text, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%u", request->selection.repeats);
    if (results_set(session->results, "repeats", text, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%d", session->outcome->missing_capabilities);
    if (results_set(session->results, "missing_capabilities", text, err) < 0)
        return -1;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return results_set(session->results, "started", text, err);
}

enum { CONTENT_LEN = 17 }; /* 64 bits in hex */

/* A fingerprint of the profile's text: its path may differ from machine to machine, or stay the
 * same while the file changes. Empty without a profile. */
static int profile_content(char out[CONTENT_LEN], const struct session *session, struct error *err)
{
    out[0] = '\0';
    if (session->profile == NULL)
        return 0;
    const char *path = profile_path(session->profile);
    FILE *file = fopen(path, "re");
    char *text = calloc(1, YAML_FILE_MAX + 1);
    int ret = file == NULL || text == NULL ? error_errno(err, "%s", path) : 0;
    if (ret == 0 && (fread(text, 1, YAML_FILE_MAX, file) == 0 || ferror(file)))
        ret = error_errno(err, "%s", path);
    if (ret == 0)
        snprintf(out, CONTENT_LEN, "%016" PRIx64, case_hash(text));
    free(text);
    if (file != NULL)
        fclose(file);
    return ret;
}

/* A value that the run was begun with and that must be what it is now. */
static int check_same(struct session *session, const char *key, const char *what, const char *now,
                      struct error *err)
{
    char before[TEXT_LEN] = "";
    if (results_get(session->results, key, before, sizeof before, err) < 0)
        return -1;
    if (strcmp(before, now) == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "%s: %s is not what the run was begun with",
                     session->request->directory, what);
}

static int check_same_options(struct session *session, struct error *err)
{
    char before[RERUN_OPTIONS_MAX];
    if (rerun_options_read(before, session->results, err) < 0)
        return -1;
    if (strcmp(before, session->rerun_options) == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "%s: was begun with%s: resume it with the same",
                     session->request->directory,
                     before[0] == '\0' ? "out --stack, --fault and --hellos" : before);
}

static int check_same_request(struct session *session, struct error *err)
{
    char content[CONTENT_LEN];
    return profile_content(content, session, err) < 0 ||
                   check_same(session, "content", "the profile", content, err) < 0 ||
                   check_same(session, "version", "tlsmatrix", TLSMATRIX_VERSION, err) < 0
               ? -1
           : check_same_stacks(session, err) < 0 ? -1
                                                 : check_same_options(session, err);
}

/* What --resume needs to make the same plan again, and what merge compares. */
static int put_request(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    char content[CONTENT_LEN];
    if (profile_content(content, session, err) < 0)
        return -1;
    json_t *globs = json_array();
    for (size_t i = 0; i < request->selection.num_globs; i++)
        json_array_append_new(globs, json_string(request->selection.globs[i]));
    char *text = json_dumps(globs, JSON_COMPACT);
    json_decref(globs);
    if (text == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = strlen(text) < SELECTION_TEXT_MAX
                  ? results_set(session->results, "select", text, err)
                  : error_set(err, ERROR_USAGE, "--select: more than %d bytes together",
                              SELECTION_TEXT_MAX);
    free(text);
    if (ret < 0 || results_set(session->results, "content", content, err) < 0 ||
        results_set(session->results, "profile",
                    session->profile == NULL ? "" : profile_path(session->profile), err) < 0 ||
        results_set(session->results, "version", TLSMATRIX_VERSION, err) < 0 ||
        rerun_options_put(session->results, session->rerun_options, err) < 0 ||
        put_numbers(session, err) < 0 || put_stacks(session, err) < 0)
        return -1;
    return results_commit(session->results, err);
}

/* Runs through the plan once without carrying anything out, for the total and for what is wrong
 * with the profile: an empty selection, a value for nothing. A shard may well be empty, and what is
 * resumed was found right when it began. */
static int survey_plan(struct session *session, struct error *err)
{
    const struct selection *selection = &session->request->selection;
    struct plan_survey survey;
    struct plan *plan = NULL;
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN];
    int ret = plan_survey_init(&survey, session->profile, err);
    if (ret == 0)
        ret = plan_new(&plan, session->profile, &session->stacks.set, selection, err);
    if (ret == 0) {
        while (plan_next(plan, &c, &unsupported, reason) > 0) {
            note_imposter(session, &c, unsupported);
            plan_survey_note(&survey, plan, unsupported);
        }
        session->num_planned = plan_counts(plan)->cases;
        if (selection->num_shards == 1 && !session->request->resume)
            ret = plan_survey_check(&survey, selection, &session->stacks.set, err);
    }
    plan_free(plan);
    plan_survey_fini(&survey);
    return ret;
}

static int prepare_plan(struct session *session, struct error *err)
{
    if (session->request->ids != NULL) {
        session->num_planned = session->request->num_ids;
        return 0;
    }
    return survey_plan(session, err) < 0
               ? -1
               : plan_new(&session->plan, session->profile, &session->stacks.set,
                          &session->request->selection, err);
}

/* Everything that can be wrong with the request, before a file is written. */
static int check_request(struct session *session, struct error *err)
{
    const struct session_request *request = session->request;
    char path[PATH_LEN];
    if (stacks_load(&session->stacks, request->stacks, request->num_stacks, err) < 0 ||
        parse_faults(session, err) < 0 || rerun_options(session->rerun_options, request, err) < 0)
        return -1;
    session->outcome->missing_capabilities =
        stacks_check(request->quiet ? NULL : stderr, &session->stacks, err);
    if (session->outcome->missing_capabilities < 0)
        return -1;
    if (request->profile != NULL &&
        profile_load(&session->profile, request->profile, &session->stacks.set, err) < 0)
        return -1;
    stacks_data_path(path, "matrix/deviations");
    if (check_ids(session, err) < 0 || deviations_load(&session->deviations, path, err) < 0)
        return -1;
    return prepare_plan(session, err);
}

/* What a run, or one whose start failed, leaves in its folder. */
static bool is_ours(const char *name)
{
    static const char *const names[] = { ".",    "..",        "pki",     "imposters",
                                         "logs", "first-use", "captures" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* A new run wants a folder of its own, so that nobody else's files are mixed with its. */
static int check_folder(const char *path, struct error *err)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int ret = folder == NULL ? error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno)) : 0;
    while (ret == 0 && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, "results.db") == 0)
            ret = error_set(err, ERROR_USAGE,
                            "%s/results.db: there already; --resume goes on with it", path);
        else if (!is_ours(entry->d_name))
            ret = error_set(err, ERROR_USAGE,
                            "%s: holds '%s', which is no run's; --out wants a "
                            "folder of its own",
                            path, entry->d_name);
    }
    if (folder != NULL)
        closedir(folder);
    return ret;
}

static int begin_run(struct session *session, struct error *err)
{
    return make_directory(session->request->directory, err) < 0 ||
                   check_folder(session->request->directory, err) < 0 ||
                   lock_directory(session, err) < 0 || open_results(session, err) < 0
               ? -1
               : put_request(session, err);
}

static int resume_run(struct session *session, struct error *err)
{
    return lock_directory(session, err) < 0 || open_results(session, err) < 0
               ? -1
               : check_same_request(session, err);
}

static int make_credentials(struct session *session, struct error *err)
{
    char path[PATH_LEN], cache[PATH_LEN];
    snprintf(path, sizeof path, "%s/pki", session->request->directory);
    forge_default_key_cache(cache);
    return forge_make(&session->forge, path, cache, err);
}

static int make_imposters(struct session *session, struct error *err)
{
    char path[PATH_LEN];
    snprintf(path, sizeof path, "%s/imposters", session->request->directory);
    for (int kind = 0; kind < NUM_CREDENTIALS; kind++) {
        if (!session->wants_imposters[kind])
            continue;
        session->imposters[kind] = calloc(1, sizeof *session->imposters[kind]);
        if (session->imposters[kind] == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        if (forge_imposters(session->imposters[kind], path, &session->forge, (enum credential)kind,
                            err) < 0)
            return -1;
    }
    return 0;
}

/* A run that never began can be begun again under the same name. */
static void forget_run(struct session *session)
{
    static const char *const files[] = { "keys.log", "run.pcap" };
    char path[PATH_LEN];
    if (session->results == NULL || session->request->resume)
        return;
    results_close(session->results, NULL);
    session->results = NULL;
    snprintf(path, sizeof path, "%s/results.db", session->request->directory);
    results_remove(path);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", session->request->directory, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/captures", session->request->directory);
    rmdir(path); /* empty still, or not ours */
}

int session_open(struct session *session, struct error *err)
{
    if (check_request(session, err) < 0)
        return -1;
    if ((session->request->resume ? resume_run(session, err) : begin_run(session, err)) == 0 &&
        make_credentials(session, err) == 0 && make_imposters(session, err) == 0 &&
        session_start_capture(session, err) == 0)
        return 0;
    forget_run(session);
    return -1;
}
