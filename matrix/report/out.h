/* Where an output goes: a file that is replaced only when all of it is written, or standard output.
 */
#ifndef TLSMATRIX_MATRIX_REPORT_OUT_H
#define TLSMATRIX_MATRIX_REPORT_OUT_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdio.h>

struct out {
    FILE *stream;
    const char *path;        /* the caller's; NULL: standard output */
    char part[PATH_LEN + 8]; /* what is written until it is whole */
};

/* `path` NULL or "-" is standard output. ERROR_USAGE: it cannot be written there. */
int out_open(struct out *out, const char *path, struct error *err);
/* `ret` is what writing came to: negative, and nothing is left behind. Returns it, or -1 where the
 * end of it could not be written. */
int out_close(struct out *out, int ret, struct error *err);

#endif
