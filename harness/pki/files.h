/* Files and directories for the forge: paths within bounds, writing that is whole or not at all. */
#ifndef TLSMATRIX_HARNESS_PKI_FILES_H
#define TLSMATRIX_HARNESS_PKI_FILES_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stddef.h>
#include <sys/types.h>

/* Bytes on the heap, owned by whoever holds the struct; `data` goes to free(). */
struct bytes {
    unsigned char *data;
    size_t len;
};

/* Formats a path; one that does not fit PATH_LEN is an error. */
int path_format(char out[PATH_LEN], struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Creates the directory and those above it, as far as they are missing. */
int directory_make(const char *path, struct error *err);

/* Removes the directory and all that is in it; what cannot be removed stays. */
void directory_remove(const char *path);

/* Writes a temporary file beside `path` and renames it, so that nobody ever sees a part. */
int file_write(const char *path, mode_t mode, const void *data, size_t len, struct error *err);

/* Reads a whole file of at most FILE_READ_MAX bytes; the data has a NUL behind it. */
int file_read(struct bytes *out, const char *path, struct error *err);

enum { FILE_READ_MAX = 256 * 1024 }; /* a huge certificate and a long chain are about 90 KiB */

#endif
