#include "matrix/stacks.h"

#include "harness/nearest.h"
#include "matrix/added/added.h"
#include "matrix/worker.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef TLSMATRIX_INSTALLED_PEERS
#error "the build defines where peers and data are installed"
#endif

static const char program_prefix[] = "tlspeer-";
static const char *const not_stacks[] = { "null", "liar", "careless", "raw" };

/* The directory of the running program, without a slash at the end. */
static void own_directory(char out[PATH_LEN])
{
    ssize_t len = readlink("/proc/self/exe", out, PATH_LEN - 1);
    out[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* Writes the running program's own directory plus `name`. */
static void beside_program(char out[PATH_LEN], const char *name)
{
    char own[PATH_LEN];
    own_directory(own);
    if (snprintf(out, PATH_LEN, "%s/%s", own, name) >= PATH_LEN)
        out[0] = '\0';
}

/* The program as it was built, with its peers in its own directory. */
static bool in_build_tree(char peers[PATH_LEN])
{
    beside_program(peers, "peers");
    return access(peers, X_OK) == 0;
}

const char *stacks_peer_directory(void)
{
    static char directory[PATH_LEN];
    const char *given = getenv("TLSMATRIX_PEERS");
    if (given != NULL)
        return given;
    if (!in_build_tree(directory))
        beside_program(directory, TLSMATRIX_INSTALLED_PEERS);
    return directory;
}

void stacks_data_path(char out[PATH_LEN], const char *name)
{
    const char *given = getenv("TLSMATRIX_DATA");
    char base[PATH_LEN];
    if (given != NULL)
        snprintf(base, sizeof base, "%s", given);
    else if (in_build_tree(base))
        snprintf(base, sizeof base, "%s", TLSMATRIX_SOURCE_DATA);
    else
        beside_program(base, TLSMATRIX_INSTALLED_DATA);
    if (snprintf(out, PATH_LEN, "%s/%s", base, name) >= PATH_LEN)
        out[0] = '\0';
}

bool stack_name_allowed(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._+");
    return len > 0 && len < NAME_MAX_LEN && name[len] == '\0' && name[0] != '.' && name[0] != '_' &&
           name[0] != '+';
}

/* Splits command into argv, "worker" behind the program. */
static int split_command(struct stack_program *program, struct error *err)
{
    size_t num = 0;
    char *state = NULL;
    for (char *word = strtok_r(program->command, " ", &state); word != NULL;
         word = strtok_r(NULL, " ", &state)) {
        if (num == STACK_ARGUMENTS_MAX)
            return error_set(err, ERROR_USAGE, "more than %d words in a stack's command",
                             STACK_ARGUMENTS_MAX);
        program->argv[num++] = word;
        if (num == 1)
            program->argv[num++] = (char *)"worker";
    }
    program->argv[num] = NULL;
    if (num == 0)
        return error_set(err, ERROR_USAGE, "a stack's command is empty");
    if (access(program->argv[0], X_OK) != 0)
        return error_set(err, ERROR_USAGE, "%s: %s", program->argv[0], strerror(errno));
    return 0;
}

bool stack_name_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof not_stacks / sizeof not_stacks[0]; i++)
        if (strcmp(name, not_stacks[i]) == 0)
            return true;
    return false;
}

static bool is_default_stack(const char *file)
{
    if (strncmp(file, program_prefix, sizeof program_prefix - 1) != 0)
        return false;
    const char *name = file + sizeof program_prefix - 1;
    return !stack_name_reserved(name) && stack_name_allowed(name);
}

static int filter_default_stack(const struct dirent *entry)
{
    return is_default_stack(entry->d_name);
}

size_t stacks_names(struct stack_set *out)
{
    struct dirent **entries = NULL;
    int num = scandir(stacks_peer_directory(), &entries, filter_default_stack, alphasort);
    size_t used = 0;
    for (int i = 0; i < num; i++) {
        if (used < STACKS_MAX)
            snprintf(out->stacks[used++].stack, sizeof out->stacks[0].stack, "%s",
                     entries[i]->d_name + sizeof program_prefix - 1);
        free(entries[i]);
    }
    free(entries);
    char **added;
    num = added_names(&added, NULL);
    for (int i = 0; i < num && used < STACKS_MAX; i++)
        snprintf(out->stacks[used++].stack, sizeof out->stacks[0].stack, "%s", added[i]);
    added_names_free(added, num);
    return used;
}

/* "there is no stack 'opensl' in DIRECTORY, nor among those added in FOLDER, did you mean
 * 'openssl'?" */
static int no_such_stack(const char *name, struct error *err)
{
    static struct stack_set all; /* large */
    struct nearest nearest;
    char folder[PATH_LEN] = "";
    size_t num = stacks_names(&all);
    if (added_folder(folder, false, NULL) < 0)
        folder[0] = '\0';
    nearest_init(&nearest, name);
    for (size_t i = 0; i < num; i++)
        nearest_offer(&nearest, all.stacks[i].stack);
    return error_set(
        err, ERROR_USAGE, "there is no stack '%s' in %s%s%s%s", name, stacks_peer_directory(),
        folder[0] == '\0' ? "" : ", nor among those added in ", folder, nearest_hint(&nearest));
}

/* What the program can do, and what is expected of it: of a stack that a user has added by that
 * name, of one that was built with this program, or of another command. */
static int ask_stack(struct stack_list *list, const char *name, bool is_command, struct error *err)
{
    struct stack_program *program = &list->programs[list->set.num_stacks];
    struct capabilities *caps = &list->set.stacks[list->set.num_stacks];
    struct added_stack added;
    program->expected[0] = '\0';
    if (!is_command && access(program->command, F_OK) != 0) {
        int there = added_read(&added, name, err);
        if (there <= 0)
            return there < 0 ? -1 : no_such_stack(name, err);
        snprintf(program->expected, sizeof program->expected, "%s", added.expected);
        return added_ask(caps, program, &added, err);
    }
    if (split_command(program, err) < 0 || worker_ask(caps, program, err) < 0)
        return error_prefix(err, "stack '%s'", name);
    return 0;
}

/* Fills the next entry from a spec and asks the program what it can do. */
static int add_stack(struct stack_list *list, const char *spec, struct error *err)
{
    if (list->set.num_stacks == STACKS_MAX)
        return error_set(err, ERROR_USAGE, "more than %d stacks", STACKS_MAX);
    struct stack_program *program = &list->programs[list->set.num_stacks];
    struct capabilities *caps = &list->set.stacks[list->set.num_stacks];
    char name[PATH_LEN];
    snprintf(name, sizeof name, "%s", spec);
    char *equals = strchr(name, '=');
    if (equals != NULL) {
        *equals = '\0';
        snprintf(program->command, sizeof program->command, "%s", equals + 1);
    } else {
        snprintf(program->command, sizeof program->command, "%s/%s%s", stacks_peer_directory(),
                 program_prefix, name);
    }
    if (strcmp(name, stack_name(&list->set, RAW_STACK)) == 0)
        return error_set(err, ERROR_USAGE, "'%s' is no stack: it is who says raw hellos", name);
    if (!stack_name_allowed(name))
        return error_set(err, ERROR_USAGE, "'%s' is no stack name: a-z, 0-9, '.', '_' and '+' only",
                         name);
    if (stack_index(&list->set, name) >= 0)
        return error_set(err, ERROR_USAGE, "stack '%s' is named twice%s", name,
                         equals != NULL ? ": --stack NAME=COMMAND is one by itself" : "");
    if (ask_stack(list, name, equals != NULL, err) < 0)
        return -1;
    snprintf(caps->stack, sizeof caps->stack, "%s", name);
    list->set.num_stacks++;
    return 0;
}

static int add_added(struct stack_list *list, struct error *err)
{
    char **names;
    int ret = 0;
    int num = added_names(&names, err);
    for (int i = 0; i < num && ret == 0; i++)
        ret = add_stack(list, names[i], err);
    added_names_free(names, num);
    return num < 0 ? -1 : ret;
}

static int add_all(struct stack_list *list, struct error *err)
{
    struct dirent **entries = NULL;
    const char *directory = stacks_peer_directory();
    int num = scandir(directory, &entries, filter_default_stack, alphasort);
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    int ret = num > 0 ? 0
                      : error_set(err, ERROR_USAGE, "%s: no %s* there: build the peers first",
                                  directory, program_prefix);
    for (int i = 0; i < num; i++) {
        if (ret == 0)
            ret = add_stack(list, entries[i]->d_name + sizeof program_prefix - 1, err);
        free(entries[i]);
    }
    free(entries);
    return ret < 0 ? -1 : add_added(list, err);
}

int stacks_load(struct stack_list *out, const char *const *specs, size_t num_specs,
                struct error *err)
{
    out->set.num_stacks = 0;
    if (num_specs == 0)
        return add_all(out, err);
    for (size_t i = 0; i < num_specs; i++)
        if (add_stack(out, specs[i], err) < 0)
            return -1;
    return 0;
}

static int unknown_fault(const char *spec, const char *fault, const struct capabilities *caps,
                         struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, fault);
    for (size_t i = 0; i < caps->num_faults; i++)
        nearest_offer(&nearest, caps->faults[i]);
    if (caps->num_faults == 0)
        return error_set(err, ERROR_USAGE,
                         "--fault '%s': %s has no faults; tlspeer-liar and tlspeer-careless have",
                         spec, caps->stack);
    return error_set(err, ERROR_USAGE, "--fault '%s': %s has no fault '%s'%s", spec, caps->stack,
                     fault, nearest_hint(&nearest));
}

static int no_stack_in_run(const char *spec, const char *name, const struct stack_set *set,
                           struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < set->num_stacks; i++)
        nearest_offer(&nearest, set->stacks[i].stack);
    return error_set(err, ERROR_USAGE, "--fault '%s': no stack '%s' in this run%s", spec, name,
                     nearest_hint(&nearest));
}

int stack_fault(size_t *stack, const char **fault, const struct stack_set *set, const char *spec,
                struct error *err)
{
    const char *equals = strchr(spec, '=');
    char name[NAME_MAX_LEN];
    if (equals == NULL)
        return error_set(err, ERROR_USAGE, "--fault '%s': it must be STACK=LIE", spec);
    snprintf(name, sizeof name, "%.*s", (int)(equals - spec), spec);
    int index = stack_index(set, name);
    if (index < 0)
        return no_stack_in_run(spec, name, set, err);
    const struct capabilities *caps = &set->stacks[index];
    for (size_t i = 0; i < caps->num_faults; i++) {
        if (strcmp(caps->faults[i], equals + 1) != 0)
            continue;
        *stack = (size_t)index;
        *fault = equals + 1;
        return 0;
    }
    return unknown_fault(spec, equals + 1, caps, err);
}

/* Nothing is written where nobody wants to read it. */
static void say(FILE *out, const char *stack, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(FILE *out, const char *stack, const char *format, ...)
{
    if (out == NULL)
        return;
    va_list args;
    va_start(args, format);
    fprintf(out, "%s: ", stack);
    vfprintf(out, format, args);
    fputc('\n', out);
    va_end(args);
}

/* The path of the checked-in list of the longest prefix of the release ("3.0.22", "3.0", "3"). */
static bool find_checked_in(char path[PATH_LEN], const struct capabilities *caps)
{
    char directory[PATH_LEN];
    char release[NAME_MAX_LEN];
    stacks_data_path(directory, "peers");
    snprintf(release, sizeof release, "%s", caps->release);
    for (;;) {
        if (snprintf(path, PATH_LEN, "%s/%s/expected/%s.json", directory, caps->api, release) >=
            PATH_LEN)
            return false;
        if (access(path, F_OK) == 0)
            return true;
        char *dot = strrchr(release, '.');
        if (dot == NULL)
            return false;
        *dot = '\0';
    }
}

/* What was recorded when the stack was added, else the checked-in list; NULL if there is none. */
static json_t *expected_list(char path[PATH_LEN], const struct capabilities *caps,
                             const struct stack_program *program, struct error *err)
{
    if (program->expected[0] != '\0')
        memcpy(path, program->expected, PATH_LEN);
    else if (!find_checked_in(path, caps))
        return NULL;
    json_error_t problem;
    json_t *object = json_load_file(path, 0, &problem);
    if (object == NULL)
        error_set(err, ERROR_USAGE, "%s:%d: %s", path, problem.line, problem.text);
    return object;
}

struct check {
    FILE *out;
    const char *stack;
    int missing;
};

static void report_difference(void *context, const char *line)
{
    struct check *check = context;
    say(check->out, check->stack, "%s", line);
    if (line[0] == '-')
        check->missing++;
}

int stacks_check(FILE *out, const struct stack_list *list, struct error *err)
{
    struct check check = { .out = out };
    for (size_t i = 0; i < list->set.num_stacks; i++) {
        const struct capabilities *caps = &list->set.stacks[i];
        char path[PATH_LEN];
        struct error problem = { .class = ERROR_NONE };
        json_t *object = expected_list(path, caps, &list->programs[i], &problem);
        check.stack = caps->stack;
        if (object == NULL && problem.class != ERROR_NONE) {
            *err = problem;
            return -1;
        }
        if (object == NULL) {
            say(out, caps->stack,
                "no checked-in capability list for %s %s; what it declares is taken", caps->api,
                caps->release);
            continue;
        }
        struct capabilities expected;
        int parsed = capabilities_from_json(&expected, object, err);
        json_decref(object);
        if (parsed < 0)
            return error_prefix(err, "%s", path);
        capabilities_compare(&expected, caps, report_difference, &check);
    }
    return check.missing;
}
