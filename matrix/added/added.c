#include "matrix/added/added.h"

#include "matrix/added/parts.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the folder ---- */

/* Makes every folder of the path that is not there. */
static int make_folders(const char *path, struct error *err)
{
    char part[PATH_LEN];
    for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", slash == NULL ? PATH_LEN : (int)(slash - path), path);
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            return error_set(err, ERROR_USAGE, "%s: %s", part, strerror(errno));
        if (slash == NULL)
            return 0;
    }
}

int added_folder(char out[PATH_LEN], bool make, struct error *err)
{
    const char *given = getenv("TLSMATRIX_STACKS");
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int len;
    if (given != NULL && given[0] == '\0')
        return make ? error_set(err, ERROR_USAGE, "no folder for stacks: TLSMATRIX_STACKS is empty")
                    : 0;
    if (given != NULL)
        len = snprintf(out, PATH_LEN, "%s", given);
    else if (data != NULL && data[0] == '/') /* the XDG specification: others are to be ignored */
        len = snprintf(out, PATH_LEN, "%s/tlsmatrix/stacks", data);
    else if (home != NULL && home[0] == '/')
        len = snprintf(out, PATH_LEN, "%s/.local/share/tlsmatrix/stacks", home);
    else if (!make)
        return 0;
    else
        return error_set(err, ERROR_USAGE, "no folder for stacks: set TLSMATRIX_STACKS, or HOME");
    if (len >= PATH_LEN / 2)
        return error_set(err, ERROR_USAGE, "the path of the folder of stacks is too long");
    if (make)
        return make_folders(out, err) < 0 ? -1 : 1;
    if (access(out, F_OK) == 0)
        return 1;
    if (given != NULL || errno != ENOENT)
        return error_set(err, ERROR_USAGE, "the folder of added stacks, %s: %s%s", out,
                         strerror(errno), errno == ENOENT ? "; mkdir -p makes it" : "");
    return 0;
}

static int is_stack_folder(const struct dirent *entry)
{
    return stack_name_allowed(entry->d_name);
}

int added_names(char ***out, struct error *err)
{
    char folder[PATH_LEN];
    struct dirent **entries = NULL;
    *out = NULL;
    int there = added_folder(folder, false, err);
    if (there <= 0)
        return there;
    int num = scandir(folder, &entries, is_stack_folder, alphasort);
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", folder, strerror(errno));
    char **names = calloc((size_t)num + 1, sizeof *names);
    for (int i = 0; i < num; i++) {
        if (names != NULL)
            names[i] = strdup(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    *out = names;
    return names == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : num;
}

void added_names_free(char **names, int num)
{
    for (int i = 0; names != NULL && i < num; i++)
        free(names[i]);
    free(names);
}

/* ---- the record ---- */

void added_fill_paths(struct added_stack *stack, const char *folder, const char *name)
{
    snprintf(stack->name, sizeof stack->name, "%s", name);
    snprintf(stack->program, PATH_LEN, "%.*s/tlspeer-%s", PATH_LEN / 2 + NAME_MAX_LEN, folder,
             name);
    snprintf(stack->expected, PATH_LEN, "%.*s/%s", PATH_LEN / 2 + NAME_MAX_LEN, folder,
             ADDED_EXPECTED);
}

int added_put_record(const char *folder, const struct added_stack *stack, struct error *err)
{
    char path[PATH_LEN * 2];
    const struct layout *layout = &stack->layout;
    json_t *libraries = json_array();
    for (size_t i = 0; layout->api->libraries[i] != NULL; i++)
        if (layout->is_shared[i])
            json_array_append_new(libraries, json_string(layout->libraries[i]));
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "name", stack->name, "api",
                               layout->api->name, "prefix", layout->prefix, "loader",
                               layout->loader, "sources", stack->sources, "libraries", libraries);
    snprintf(path, sizeof path, "%s/%s", folder, ADDED_RECORD);
    int ret = record != NULL && json_dump_file(record, path, JSON_INDENT(1)) == 0
                  ? 0
                  : error_set(err, ERROR_HARNESS, "cannot write %s", path);
    json_decref(record);
    return ret;
}

/* What the record says of the libraries, and everything else but the name. */
static int take_record(struct added_stack *stack, const json_t *record, struct error *err)
{
    const char *api, *prefix, *loader, *sources;
    json_t *libraries;
    struct layout *layout = &stack->layout;
    if (json_unpack((json_t *)record, "{s:s, s:s, s:s, s:s, s:o}", "api", &api, "prefix", &prefix,
                    "loader", &loader, "sources", &sources, "libraries", &libraries) != 0)
        return error_set(err, ERROR_USAGE, "it is not what was written there");
    memset(layout, 0, sizeof *layout);
    layout->api = api_by_name(api, err);
    if (layout->api == NULL)
        return -1;
    snprintf(layout->prefix, sizeof layout->prefix, "%s", prefix);
    snprintf(layout->loader, sizeof layout->loader, "%s", loader);
    snprintf(stack->sources, sizeof stack->sources, "%s", sources);
    for (size_t i = 0; i < json_array_size(libraries) && i < LAYOUT_LIBRARIES_MAX; i++) {
        const char *path = json_string_value(json_array_get(libraries, i));
        snprintf(layout->libraries[i], PATH_LEN, "%s", path != NULL ? path : "");
        layout->is_shared[i] = true;
    }
    return 0;
}

int added_own_folder(char out[PATH_LEN], const char *name, struct error *err)
{
    char folder[PATH_LEN];
    int there = added_folder(folder, false, err);
    if (there <= 0)
        return there;
    snprintf(out, PATH_LEN, "%.*s/%s", PATH_LEN / 2, folder, name);
    return stack_name_allowed(name) && access(out, F_OK) == 0;
}

int added_read(struct added_stack *out, const char *name, struct error *err)
{
    char folder[PATH_LEN], path[PATH_LEN * 2];
    json_error_t problem;
    int there = added_own_folder(folder, name, err);
    if (there <= 0)
        return there;
    snprintf(path, sizeof path, "%s/%s", folder, ADDED_RECORD);
    json_t *record = json_load_file(path, 0, &problem);
    if (record == NULL)
        return error_set(err, ERROR_USAGE,
                         "stack '%s' is broken: %s: %s; tlsmatrix stacks remove %s", name, path,
                         problem.text, name);
    added_fill_paths(out, folder, name);
    int ret = take_record(out, record, err);
    json_decref(record);
    return ret < 0 ? error_prefix(err, "stack '%s' is broken: %s", name, path) : 1;
}
