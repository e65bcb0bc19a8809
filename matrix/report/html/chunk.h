/* A part of the report's data as it stands in the file: gzip in base64 within an element that no
 * browser takes for markup or program. */
#ifndef TLSMATRIX_MATRIX_REPORT_HTML_CHUNK_H
#define TLSMATRIX_MATRIX_REPORT_HTML_CHUNK_H

#include "harness/error.h"

#include <stdio.h>

/* <script type="application/gzip" id="NAME">…</script>; with `number` >= 0 the id is NAME-NUMBER.
 * Errors of `out` show when it is flushed. */
int chunk_write(FILE *out, const char *name, int number, const void *bytes, size_t len,
                struct error *err);

/* Base64 (RFC 4648 section 4) without line breaks. */
void base64_write(FILE *out, const void *bytes, size_t len);

#endif
