#include "fuzz/common/memory_file.h"

#include "fuzz/common/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static int descriptor = -1;
static char path[PATH_ROOM], folder[PATH_ROOM], entry[PATH_ROOM + 256];

static void need_file(void)
{
    if (descriptor >= 0)
        return;
    descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_ASSERT(descriptor >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
}

const char *memory_file(const void *data, size_t len)
{
    need_file();
    FUZZ_ASSERT(ftruncate(descriptor, 0) == 0);
    FUZZ_ASSERT(pwrite(descriptor, data, len, 0) == (ssize_t)len);
    return path;
}

/* Every folder on the way to the entry. */
static void each_folder(int (*act)(const char *path), bool backwards)
{
    size_t len = strlen(entry), base = strlen(folder);
    for (size_t i = backwards ? len : base; backwards ? i >= base : i < len;
         i += backwards ? -1 : 1)
        if (entry[i] == '/') {
            entry[i] = '\0';
            act(entry);
            entry[i] = '/';
        }
}

static int make(const char *at)
{
    return mkdir(at, 0700); /* the first is there */
}

static void remove_folder(void)
{
    unlink(entry);
    each_folder(rmdir, true);
}

const char *memory_folder(const char *name)
{
    const char *base = getenv("TMPDIR");
    need_file();
    if (folder[0] != '\0')
        return folder;
    snprintf(folder, sizeof folder, "%s/fuzz-XXXXXX", base == NULL ? "/tmp" : base);
    FUZZ_ASSERT(mkdtemp(folder) != NULL);
    snprintf(entry, sizeof entry, "%s/%s", folder, name);
    each_folder(make, false);
    FUZZ_ASSERT(symlink(path, entry) == 0);
    atexit(remove_folder);
    return folder;
}
