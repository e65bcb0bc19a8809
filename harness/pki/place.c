#include "harness/pki/place.h"
#include "harness/pki/files.h"
#include "harness/pki/layout.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum state { DIRECTORY_ABSENT, DIRECTORY_EMPTY, DIRECTORY_HOLDS_SET };

static int is_empty(bool *empty, const char *path, struct error *err)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return error_errno(err, "cannot read directory %s", path);
    *empty = true;
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *empty = false;
    closedir(directory);
    return 0;
}

static int look(enum state *state, const char *path, struct error *err)
{
    struct stat info;
    char manifest[PATH_LEN];
    bool empty = true;
    if (stat(path, &info) < 0) {
        if (errno != ENOENT)
            return error_errno(err, "%s", path);
        *state = DIRECTORY_ABSENT;
        return 0;
    }
    if (!S_ISDIR(info.st_mode))
        return error_set(err, ERROR_USAGE, "%s: not a directory", path);
    if (path_format(manifest, err, "%s/%s", path, FORGE_MANIFEST) < 0 ||
        is_empty(&empty, path, err) < 0)
        return -1;
    if (!empty && access(manifest, F_OK) < 0)
        return error_set(err, ERROR_USAGE,
                         "%s: holds something else than credentials (no %s): name another "
                         "directory",
                         path, FORGE_MANIFEST);
    *state = empty ? DIRECTORY_EMPTY : DIRECTORY_HOLDS_SET;
    return 0;
}

/* The directory that holds or is to hold the set, made if need be, without links and slashes at
 * its end, which rename() would not take. */
static int resolve(char out[PATH_LEN], const char *directory, enum state state, struct error *err)
{
    char path[PATH_LEN], *real;
    if (path_format(path, err, "%s", directory) < 0)
        return -1;
    if (state == DIRECTORY_ABSENT && directory_make(path, err) < 0)
        return -1;
    real = realpath(path, NULL);
    if (real == NULL)
        return error_errno(err, "%s", directory);
    int result = path_format(out, err, "%s", real);
    free(real);
    return result;
}

/* Puts `aside` into the place of the empty directory `path`. Another process that was faster is
 * no error: its set is as good. */
static int move_into_place(const char *path, const char *aside, struct error *err)
{
    if (rename(aside, path) == 0)
        return 0;
    int cause = errno;
    directory_remove(aside);
    if (cause == ENOTEMPTY || cause == EEXIST)
        return 0;
    errno = cause;
    return error_errno(err, "cannot put the credentials into place at %s", path);
}

int place_fill(const struct place *place,
               int (*write)(const char *directory, void *context, struct error *err), void *context,
               struct error *err)
{
    char aside[PATH_LEN];
    if (path_format(aside, err, "%s.forging-XXXXXX", place->path) < 0)
        return -1;
    if (mkdtemp(aside) == NULL)
        return error_errno(err, "cannot create a directory beside %s", place->path);
    if (chmod(aside, 0755) < 0) {
        error_errno(err, "%s", aside);
        directory_remove(aside);
        return -1;
    }
    if (write(aside, context, err) < 0) {
        directory_remove(aside);
        return -1;
    }
    return move_into_place(place->path, aside, err);
}

/* Putting a directory into the place of the current one would leave the user's shell in a directory
 * that is gone. */
static int refuse_current_directory(const char *path, struct error *err)
{
    char current[PATH_LEN];
    if (getcwd(current, sizeof current) == NULL || strcmp(current, path) != 0)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "%s: the current directory cannot become credentials: name one below it",
                     path);
}

int place_find(struct place *out, const char *directory, struct error *err)
{
    enum state state = DIRECTORY_ABSENT;
    struct place place;
    if (look(&state, directory, err) < 0 || resolve(place.path, directory, state, err) < 0)
        return -1;
    place.filled = state == DIRECTORY_HOLDS_SET;
    place.created = state == DIRECTORY_ABSENT;
    if (!place.filled && refuse_current_directory(place.path, err) < 0)
        return -1;
    *out = place;
    return 0;
}

void place_abandon(const struct place *place)
{
    if (place->created)
        rmdir(place->path); /* fails, as it should, where another process has put its set there */
}
