#include "harness/pki/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int path_format(char out[PATH_LEN], struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out, PATH_LEN, format, args);
    va_end(args);
    if (len < 0 || len >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%.60s…: path longer than %d characters", out,
                         PATH_LEN - 1);
    return 0;
}

static int make_one(const char *path, struct error *err)
{
    struct stat info;
    if (mkdir(path, 0755) == 0)
        return 0;
    if (errno != EEXIST)
        return error_errno(err, "cannot create directory %s", path);
    /* stat(), not lstat(): a link to a directory will do. */
    if (stat(path, &info) < 0)
        return error_errno(err, "%s", path);
    if (!S_ISDIR(info.st_mode))
        return error_set(err, ERROR_USAGE, "%s: not a directory", path);
    return 0;
}

int directory_make(const char *path, struct error *err)
{
    char part[PATH_LEN];
    if (path_format(part, err, "%s", path) < 0)
        return -1;
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int result = make_one(part, err);
        *slash = '/';
        if (result < 0)
            return -1;
    }
    return make_one(part, err);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    remove(path);
    return 0;
}

void directory_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int write_all(int fd, const unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int fill(int fd, mode_t mode, const void *data, size_t len)
{
    int result = write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0 ? -1 : 0;
    int saved = errno;
    if (close(fd) < 0 && result == 0) /* a full quota may show only here */
        return -1;
    errno = saved;
    return result;
}

int file_write(const char *path, mode_t mode, const void *data, size_t len, struct error *err)
{
    char aside[PATH_LEN];
    if (path_format(aside, err, "%s.XXXXXX", path) < 0)
        return -1;
    int fd = mkostemp(aside, O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot write %s", path);
    if (fill(fd, mode, data, len) < 0 || rename(aside, path) < 0) {
        error_errno(err, "cannot write %s", path);
        unlink(aside);
        return -1;
    }
    return 0;
}

int file_read(struct bytes *out, const char *path, struct error *err)
{
    FILE *stream = fopen(path, "rbe");
    if (stream == NULL)
        return error_errno(err, "cannot read %s", path);
    int result = -1;
    unsigned char *data = malloc(FILE_READ_MAX + 1);
    size_t len = data == NULL ? 0 : fread(data, 1, FILE_READ_MAX + 1, stream);
    if (data == NULL || ferror(stream)) {
        error_errno(err, "cannot read %s", path);
        free(data);
    } else if (len > FILE_READ_MAX) {
        error_set(err, ERROR_USAGE, "%s: larger than %d bytes", path, FILE_READ_MAX);
        free(data);
    } else {
        data[len] = '\0';
        *out = (struct bytes){ data, len };
        result = 0;
    }
    fclose(stream);
    return result;
}
