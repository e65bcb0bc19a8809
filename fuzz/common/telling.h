/* What explains a capture to people: asserted of it, whoever tells. */
#ifndef TLSMATRIX_FUZZ_COMMON_TELLING_H
#define TLSMATRIX_FUZZ_COMMON_TELLING_H

#include <stdint.h>
#include <stdio.h>

/* Tells of the capture at `path`, to `out`. Returns what it returned. */
typedef int telling(FILE *out, const char *path);

/* Tells of these bytes twice: both times the same. */
void tell_twice(telling *tell, const uint8_t *data, size_t len);

/* Tells once, of a file of ours: what libcrypto and the C library keep from first use on. */
void tell_first(telling *tell, const char *path);

/* Nothing that a peer said steers the terminal of who reads it. */
void check_harmless(const char *text, size_t len);

#endif
