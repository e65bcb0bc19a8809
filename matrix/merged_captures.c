#include "matrix/merged_captures.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_LEN = 64 * 1024 };

static int copy_bytes(int out, int in)
{
    static char chunk[CHUNK_LEN];
    ssize_t len;
    while ((len = read(in, chunk, sizeof chunk)) > 0)
        for (ssize_t done = 0, wrote; done < len; done += wrote)
            if ((wrote = write(out, chunk + done, (size_t)(len - done))) < 0)
                return -1;
    return len < 0 ? -1 : 0;
}

/* 0, or -1 with errno. A file of that name that is there already stays. */
static int copy_file(int to, int from, const char *name)
{
    int in = openat(from, name, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return -1;
    int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    int ret = out < 0 ? -1 : copy_bytes(out, in);
    int saved = errno;
    if (out >= 0 && close(out) < 0 && ret == 0) { /* some file systems are full only now */
        ret = -1;
        saved = errno;
    }
    close(in);
    errno = saved;
    return ret < 0 && saved != EEXIST ? -1 : 0;
}

static int add_file(int to, int from, const char *name)
{
    if (linkat(from, name, to, name, 0) == 0 || errno == EEXIST)
        return 0;
    return copy_file(to, from, name);
}

/* PART/captures into the folder `to`. */
static int add_part(int to, const char *part, struct error *err)
{
    int ret = 0;
    int base = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int from = base < 0 ? -1 : openat(base, "captures", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool none = from < 0 && errno == ENOENT;
    DIR *listing = from < 0 ? NULL : fdopendir(from);
    if (listing == NULL && !none)
        ret = error_set(err, ERROR_USAGE, "%s/captures: %s", part, strerror(errno));
    for (struct dirent *entry; ret == 0 && listing && (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.' && add_file(to, from, entry->d_name) < 0)
            ret = error_set(err, ERROR_USAGE, "%s/captures/%s cannot join the whole: %s", part,
                            entry->d_name, strerror(errno));
    if (listing != NULL)
        closedir(listing); /* and `from` */
    else if (from >= 0)
        close(from);
    if (base >= 0)
        close(base);
    return ret;
}

static void empty(int folder)
{
    DIR *listing = fdopendir(dup(folder));
    if (listing == NULL)
        return;
    rewinddir(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.')
            unlinkat(folder, entry->d_name, 0);
    closedir(listing);
}

int merged_captures(const char *directory, const char *const parts[], size_t num_parts,
                    struct error *err)
{
    int base = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), to = -1, ret = 0;
    if (base < 0 || mkdirat(base, "captures", 0755) < 0 ||
        (to = openat(base, "captures", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        ret = error_set(err, ERROR_USAGE, "%s/captures: %s", directory, strerror(errno));
    for (size_t i = 0; i < num_parts && ret == 0; i++)
        ret = add_part(to, parts[i], err);
    if (ret < 0 && to >= 0) {
        empty(to);
        unlinkat(base, "captures", AT_REMOVEDIR);
    }
    if (to >= 0)
        close(to);
    if (base >= 0)
        close(base);
    return ret;
}
