/* What `merge` does with the captures of the parts: the whole has them all, so that a red case
 * leads to its packets there as it did in its shard. */
#ifndef TLSMATRIX_MATRIX_MERGED_CAPTURES_H
#define TLSMATRIX_MATRIX_MERGED_CAPTURES_H

#include "harness/error.h"

#include <stddef.h>

/* Makes DIRECTORY/captures with each file of PART/captures, of every part: a hard link, or a copy
 * where that cannot be. The first of two that have one name stands: it is the same case. A part
 * without captures adds none. Errors (ERROR_USAGE): there already, cannot be read or written;
 * nothing is left of it then. */
int merged_captures(const char *directory, const char *const parts[], size_t num_parts,
                    struct error *err);

#endif
