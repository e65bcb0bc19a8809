/* MANIFEST: the format's number and the SHA-256 of every file of a set, as `sha256sum` writes it.
 */
#ifndef TLSMATRIX_HARNESS_PKI_MANIFEST_H
#define TLSMATRIX_HARNESS_PKI_MANIFEST_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* To be raised whenever a set of today would not do for the forge of tomorrow: other files, other
 * extensions, another frozen time. */
enum { MANIFEST_FORMAT = 1 };

void manifest_header(FILE *out);

/* Writes a file of the set into its directory, and its line into the manifest. Files come in the
 * order of layout.h: kind by kind, then all-roots.pem and CREDENTIALS.txt. */
int manifest_put(FILE *out, const char *directory, const char *name, mode_t mode, const void *data,
                 size_t len, struct error *err);

/* Is the file there, and does it have this hash? The error names it. */
int manifest_check_file(const char *directory, const char *name, const char *expected_hex,
                        struct error *err);

/* Are all files there that this version makes, and unchanged? The error names what is not. */
int manifest_check(const char *directory, struct error *err);

#endif
