/* Releases of libraries ("3.0.22", "api17"), and what is said of them in one word: a glob
 * ("3.7.*"), or a range ("3.7..3.8", "api17..api19"). A range holds both its ends, with everything
 * below them: 3.8.9 is in "3.7..3.8", 3.9 is not. */
#ifndef TLSMATRIX_MATRIX_RELEASE_H
#define TLSMATRIX_MATRIX_RELEASE_H

#include "harness/error.h"

#include <stdbool.h>

/* Is `release` among those that `wanted` speaks of? */
bool release_matches(const char *wanted, const char *release);

/* ERROR_USAGE for a range that lacks an end, or holds nothing because it runs backwards. */
int release_check(const char *wanted, struct error *err);

#endif
