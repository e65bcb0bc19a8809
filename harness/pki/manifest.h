/* MANIFEST: the format's number and the SHA-256 of every file of a set, as `sha256sum` writes it.
 */
#ifndef TLSMATRIX_HARNESS_PKI_MANIFEST_H
#define TLSMATRIX_HARNESS_PKI_MANIFEST_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdint.h>
#include <stdio.h>

/* To be raised whenever a set of today would not do for the forge of tomorrow: other files, other
 * extensions, another frozen time. */
enum { MANIFEST_FORMAT = 1 };

void manifest_header(FILE *out);
/* Files come in the order of layout.h: kind by kind, then all-roots.pem and CREDENTIALS.txt. */
void manifest_line(FILE *out, const uint8_t hash[SHA256_LEN], const char *name);

/* Are all files there that this version makes, and unchanged? The error names what is not. */
int manifest_check(const char *directory, struct error *err);

#endif
