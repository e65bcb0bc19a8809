/* From a prefix to a program: compiles the sources of a peer for an API and links them. */
#ifndef TLSMATRIX_MATRIX_ADDED_BUILD_H
#define TLSMATRIX_MATRIX_ADDED_BUILD_H

#include "matrix/added/layout.h"

#include <stdint.h>

/* Builds the peer as `program`, everything else below `scratch`, which the caller removes.
 * `more` (num_more of them) are libraries to link besides. The compiler is $CC, or cc. An error is
 * one line: the compiler's or linker's first complaint. */
int build_peer(const char *program, const char *scratch, const struct layout *layout,
               struct error *err);

/* Links again what build_peer() has compiled, with these libraries too. */
int build_link(const char *program, const char *scratch, const struct layout *layout,
               char *const *more, size_t num_more, struct error *err);

/* A hash (FNV-1a) over the sources and headers that a peer for the API is built from. */
int build_sources_hash(uint64_t *out, const struct api *api, struct error *err);

#endif
