/* Asking an added stack's worker, and looking at what it runs with (added.h). */
#include "matrix/added/build.h"
#include "matrix/added/parts.h"
#include "matrix/worker.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Is the file among those that the process has mapped? */
static bool has_mapped(pid_t pid, const char *path)
{
    char maps[PATH_LEN], line[PATH_LEN * 3], real[PATH_MAX];
    bool found = false;
    snprintf(maps, sizeof maps, "/proc/%d/maps", (int)pid);
    FILE *file = realpath(path, real) != NULL ? fopen(maps, "r") : NULL;
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *mapped = strchr(line, '/');
        found = mapped != NULL && strcmp(mapped, real) == 0;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* Adds a path that is a shared object of outside the root. */
static void note_foreign(struct foreign *out, const char *path, const char *prefix)
{
    size_t len = strlen(prefix);
    if (strstr(path, ".so") == NULL || (strncmp(path, prefix, len) == 0 && path[len] == '/'))
        return;
    for (size_t i = 0; i < out->num; i++)
        if (strcmp(out->paths[i], path) == 0)
            return;
    if (out->num < FOREIGN_MAX)
        snprintf(out->paths[out->num++], PATH_LEN, "%s", path);
}

/* For a root: what the process has mapped of outside. */
static int look_for_foreign(void *context, const struct added_stack *stack, pid_t pid,
                            struct error *err)
{
    struct foreign *out = context;
    char maps[PATH_LEN], line[PATH_LEN * 3];
    snprintf(maps, sizeof maps, "/proc/%d/maps", (int)pid);
    FILE *file = fopen(maps, "r");
    if (file == NULL)
        return error_errno(err, "%s", maps);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *mapped = strchr(line, '/');
        line[strcspn(line, "\n")] = '\0';
        if (mapped != NULL)
            note_foreign(out, mapped, stack->layout.prefix);
    }
    fclose(file);
    return 0;
}

static int check_mapped(void *context, const struct added_stack *stack, pid_t pid,
                        struct error *err)
{
    struct foreign *foreign = context;
    for (size_t i = 0; i < LAYOUT_LIBRARIES_MAX; i++)
        if (stack->layout.is_shared[i] && !has_mapped(pid, stack->layout.libraries[i]))
            return error_set(
                err, ERROR_USAGE,
                "its peer does not run with %s, for which it was made (a copy of it under "
                "another name, where a link should be?)",
                stack->layout.libraries[i]);
    if (stack->layout.loader[0] == '\0')
        return 0;
    if (look_for_foreign(foreign, stack, pid, err) < 0)
        return -1;
    return foreign->num == 0
               ? 0
               : error_set(err, ERROR_USAGE, "its peer runs with %s, which is not of %s",
                           foreign->paths[0], stack->layout.prefix);
}

/* The words that worker_start() wants. The path is one word, whatever is in it. */
static void point_to(struct stack_program *program, const char *path)
{
    snprintf(program->command, sizeof program->command, "%s", path);
    program->argv[0] = program->command;
    program->argv[1] = (char *)"worker";
    program->argv[2] = NULL;
}

typedef int (*look_fn)(void *context, const struct added_stack *stack, pid_t pid,
                       struct error *err);

/* Starts it, has `look` at the process, ends it. What it says on standard error is part of the
 * error. */
static int look_at(struct capabilities *out, struct stack_program *program,
                   const struct added_stack *stack, look_fn look, void *context, struct error *err)
{
    struct worker worker;
    char said[TEXT_LEN];
    point_to(program, stack->program);
    int log = child_log_new(err);
    if (log < 0)
        return -1;
    int ret = worker_start(&worker, program, log, out, err);
    bool started = ret == 0;
    if (ret == 0 && strcmp(out->api, stack->layout.api->name) != 0)
        ret = error_set(err, ERROR_USAGE, "its peer says that it is %s", out->api);
    if (ret == 0)
        ret = look(context, stack, worker.child.pid, err);
    if (started)
        worker_stop(&worker, NULL);
    child_log_take(log, said, sizeof said);
    close(log);
    said[strcspn(said, "\n")] = '\0';
    if (!started && said[0] != '\0')
        error_set(err, ERROR_USAGE, "its peer does not start: %s", said);
    return ret;
}

int added_hash_sources(char out[SOURCES_HASH_LEN], const struct api *api, struct error *err)
{
    uint64_t hash;
    if (build_sources_hash(&hash, api, err) < 0)
        return -1;
    snprintf(out, SOURCES_HASH_LEN, "%016llx", (unsigned long long)hash);
    return 0;
}

/* All that it was made of, by name, so that what is missing is told by name. */
static int check_there(const struct added_stack *stack, struct error *err)
{
    const struct layout *layout = &stack->layout;
    const struct {
        const char *what;
        const char *path;
    } parts[] = {
        { "its prefix", layout->prefix },        { "its loader", layout->loader },
        { "its library", layout->libraries[0] }, { "its library", layout->libraries[1] },
        { "its peer", stack->program },
    };
    char now[SOURCES_HASH_LEN];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].path[0] != '\0' && access(parts[i].path, F_OK) != 0)
            return error_set(err, ERROR_USAGE, "%s is gone: %s", parts[i].what, parts[i].path);
    if (added_hash_sources(now, layout->api, err) < 0)
        return -1;
    if (strcmp(now, stack->sources) != 0)
        return error_set(err, ERROR_USAGE,
                         "its peer was built from other sources than this tlsmatrix has: tlsmatrix "
                         "stacks renew %s",
                         stack->name);
    return 0;
}

int added_look_for_foreign(struct foreign *out, const struct added_stack *stack, struct error *err)
{
    struct capabilities caps;
    struct stack_program program;
    out->num = 0;
    return look_at(&caps, &program, stack, look_for_foreign, out, err);
}

int added_ask_new(struct capabilities *out, const struct added_stack *stack, struct error *err)
{
    struct stack_program program;
    struct foreign foreign = { 0 };
    return look_at(out, &program, stack, check_mapped, &foreign, err);
}

int added_ask(struct capabilities *out, struct stack_program *program,
              const struct added_stack *stack, struct error *err)
{
    struct foreign foreign = { 0 };
    if (check_there(stack, err) == 0 &&
        look_at(out, program, stack, check_mapped, &foreign, err) == 0)
        return 0;
    error_prefix(err, "stack '%s'", stack->name);
    if (strstr(err->text, "tlsmatrix stacks") == NULL) {
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, " (tlsmatrix stacks remove %s)",
                 stack->name);
    }
    return -1;
}
