/* Adding, renewing and removing stacks (added.h). */
#include "matrix/added/build.h"
#include "matrix/added/parts.h"

#include "harness/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Removes a folder and the files in it; folders in it stay, and with them it. */
static int remove_folder(const char *folder, struct error *err)
{
    const struct dirent *entry;
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", folder, strerror(errno));
    while ((entry = readdir(entries)) != NULL)
        unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    return rmdir(folder) == 0 ? 0 : error_set(err, ERROR_USAGE, "%s: %s", folder, strerror(errno));
}

/* "made-XXXXXX" and in it "objects": the one becomes the stack's folder, the other is scratch. A
 * name with '-' is no stack's. */
struct workshop {
    char folder[PATH_LEN];
    char objects[PATH_LEN];
};

static int workshop_open(struct workshop *out, struct error *err)
{
    char stacks[PATH_LEN];
    if (added_folder(stacks, true, err) < 0)
        return -1;
    snprintf(out->folder, PATH_LEN, "%.*s/made-XXXXXX", PATH_LEN / 2, stacks);
    if (mkdtemp(out->folder) == NULL || chmod(out->folder, 0755) < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", stacks, strerror(errno));
    snprintf(out->objects, PATH_LEN, "%.*s/objects", PATH_LEN / 2 + NAME_MAX_LEN, out->folder);
    return mkdir(out->objects, 0777) == 0
               ? 0
               : error_set(err, ERROR_USAGE, "%s: %s", out->objects, strerror(errno));
}

/* Nothing of it stays, unless it has moved to its place. */
static void workshop_close(const struct workshop *workshop)
{
    remove_folder(workshop->objects, NULL);
    if (access(workshop->folder, F_OK) == 0)
        remove_folder(workshop->folder, NULL);
}

/* Where the root has a library of the name of a foreign one: that one, to be linked by name. The
 * loader looks for what a library needs in the library's own RUNPATH, if it has one, and then no
 * more in the peer's RPATH; what the peer has loaded already is not looked for. */
static bool find_in_root(char out[PATH_LEN], const char *foreign, const struct layout *layout)
{
    const char *name = strrchr(foreign, '/') + 1;
    for (size_t i = 0; i < layout->num_directories; i++) {
        DIR *entries = opendir(layout->directories[i]);
        const struct dirent *entry;
        size_t len = strcspn(name, ".");
        bool found = false;
        while (!found && entries != NULL && (entry = readdir(entries)) != NULL) {
            /* "libstdc++.so.6", whatever its last numbers are in the other place */
            found = strncmp(entry->d_name, name, len) == 0 &&
                    strncmp(entry->d_name + len, ".so.", 4) == 0;
            if (found)
                snprintf(out, PATH_LEN, "%.*s/%.*s", PATH_LEN / 2, layout->directories[i],
                         NAME_MAX_LEN, entry->d_name);
        }
        if (entries != NULL)
            closedir(entries);
        if (found)
            return true;
    }
    return false;
}

/* A root has to stand alone. */
static int link_whole_root(const struct added_stack *stack, const struct workshop *workshop,
                           struct error *err)
{
    static struct foreign foreign;
    static char found[FOREIGN_MAX][PATH_LEN];
    char *more[FOREIGN_MAX];
    size_t num = 0;
    if (added_look_for_foreign(&foreign, stack, err) < 0)
        return -1;
    for (size_t i = 0; i < foreign.num; i++)
        if (find_in_root(found[num], foreign.paths[i], &stack->layout)) {
            more[num] = found[num];
            num++;
        }
    return num == 0 ? 0
                    : build_link(stack->program, workshop->objects, &stack->layout, more, num, err);
}

/* Builds, asks, and writes the record: all in the workshop. */
static int make_stack(struct capabilities *caps, struct added_stack *stack,
                      const struct workshop *workshop, const char *name, struct error *err)
{
    added_fill_paths(stack, workshop->folder, name);
    if (build_peer(stack->program, workshop->objects, &stack->layout, err) < 0 ||
        (stack->layout.loader[0] != '\0' && link_whole_root(stack, workshop, err) < 0) ||
        added_ask_new(caps, stack, err) < 0 ||
        added_hash_sources(stack->sources, stack->layout.api, err) < 0)
        return -1;
    snprintf(caps->stack, sizeof caps->stack, "%s", name);
    return added_put_record(workshop->folder, stack, err);
}

static int put_expected(const char *path, const struct capabilities *caps, struct error *err)
{
    json_t *object = capabilities_to_json(caps);
    int ret = object != NULL && json_dump_file(object, path, JSON_INDENT(1)) == 0
                  ? 0
                  : error_set(err, ERROR_HARNESS, "cannot write %s", path);
    json_decref(object);
    return ret;
}

static int is_taken(const char *name, const char *place, struct error *err)
{
    return error_set(err, ERROR_USAGE, "there is a stack '%s' already: %s", name, place);
}

/* Is the name free, and one that a stack may have? */
static int check_name(char place[PATH_LEN], const char *name, struct error *err)
{
    char built[PATH_LEN * 2], stacks[PATH_LEN];
    if (!stack_name_allowed(name))
        return error_set(err, ERROR_USAGE, "'%s' is no stack name: a-z, 0-9, '.', '_' and '+' only",
                         name);
    if (stack_name_reserved(name))
        return error_set(err, ERROR_USAGE, "'%s' is the name of a peer that is no stack", name);
    snprintf(built, sizeof built, "%s/tlspeer-%s", stacks_peer_directory(), name);
    if (access(built, F_OK) == 0)
        return is_taken(name, built, err);
    if (added_folder(stacks, true, err) < 0)
        return -1;
    snprintf(place, PATH_LEN, "%.*s/%s", PATH_LEN / 2, stacks, name);
    return access(place, F_OK) == 0 ? is_taken(name, place, err) : 0;
}

int added_add(struct capabilities *out, const char *name, const char *api, const char *prefix,
              struct error *err)
{
    struct added_stack stack = { 0 };
    struct workshop workshop;
    char place[PATH_LEN];
    const struct api *row = api_by_name(api, err);
    if (row == NULL || check_name(place, name, err) < 0 ||
        layout_find(&stack.layout, row, prefix, err) < 0 || workshop_open(&workshop, err) < 0)
        return -1;
    int ret = make_stack(out, &stack, &workshop, name, err);
    if (ret == 0)
        ret = put_expected(stack.expected, out, err);
    if (ret == 0)
        ret = remove_folder(workshop.objects, err);
    if (ret == 0 && rename(workshop.folder, place) < 0)
        ret = is_taken(name, place, err);
    workshop_close(&workshop);
    return ret;
}

/* "no added stack 'opensl.35' in FOLDER, did you mean 'openssl.35'?" */
static int no_such_stack(const char *name, struct error *err)
{
    char folder[PATH_LEN] = "";
    char **names;
    struct nearest nearest;
    if (added_folder(folder, false, err) < 0)
        return -1;
    int num = added_names(&names, err);
    nearest_init(&nearest, name);
    for (int i = 0; i < num; i++)
        nearest_offer(&nearest, names[i]);
    error_set(err, ERROR_USAGE, "no stack '%s' was added%s%s%s", name,
              folder[0] != '\0' ? " in " : "", folder, nearest_hint(&nearest));
    added_names_free(names, num);
    return -1;
}

static int move_into(const char *from, const char *folder, const char *file, struct error *err)
{
    char to[PATH_LEN * 2];
    snprintf(to, sizeof to, "%s/%s", folder, file);
    return rename(from, to) == 0 ? 0 : error_set(err, ERROR_USAGE, "%s: %s", to, strerror(errno));
}

int added_renew(struct capabilities *out, const char *name, struct error *err)
{
    struct added_stack old, stack = { 0 };
    struct workshop workshop;
    char folder[PATH_LEN], record[PATH_LEN * 2];
    int there = added_read(&old, name, err);
    if (there <= 0)
        return there < 0 ? -1 : no_such_stack(name, err);
    if (layout_find(&stack.layout, old.layout.api, old.layout.prefix, err) < 0 ||
        workshop_open(&workshop, err) < 0)
        return error_prefix(err, "stack '%s'", name);
    snprintf(record, sizeof record, "%s/" ADDED_RECORD, workshop.folder);
    int ret = make_stack(out, &stack, &workshop, name, err);
    if (ret == 0 && added_own_folder(folder, name, err) <= 0)
        ret = -1;
    if (ret == 0)
        ret = move_into(stack.program, folder, strrchr(stack.program, '/') + 1, err);
    if (ret == 0)
        ret = move_into(record, folder, ADDED_RECORD, err);
    workshop_close(&workshop);
    return ret == 0 ? 0 : error_prefix(err, "stack '%s'", name);
}

int added_remove(const char *name, struct error *err)
{
    char folder[PATH_LEN];
    int there = added_own_folder(folder, name, err);
    if (there < 0)
        return -1;
    return there == 0 ? no_such_stack(name, err) : remove_folder(folder, err);
}
