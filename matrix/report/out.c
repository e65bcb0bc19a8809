#include "matrix/report/out.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int out_open(struct out *out, const char *path, struct error *err)
{
    *out = (struct out){ .stream = stdout };
    if (path == NULL || strcmp(path, "-") == 0)
        return 0;
    out->path = path;
    if (snprintf(out->part, sizeof out->part, "%s.part", path) >= (int)sizeof out->part)
        return error_set(err, ERROR_USAGE, "%s: path too long", path);
    out->stream = fopen(out->part, "we");
    if (out->stream == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    return 0;
}

int out_close(struct out *out, int ret, struct error *err)
{
    bool failed = ferror(out->stream) != 0;
    int closed = out->path == NULL ? fflush(out->stream) : fclose(out->stream);
    if (ret >= 0 && (failed || closed != 0))
        ret = error_errno(err, "%s", out->path == NULL ? "standard output" : out->path);
    if (out->path == NULL)
        return ret;
    if (ret >= 0 && rename(out->part, out->path) != 0)
        ret = error_errno(err, "%s", out->path);
    if (ret < 0)
        unlink(out->part);
    return ret;
}
