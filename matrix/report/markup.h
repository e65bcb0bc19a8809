/* Text that came from anywhere, written so that it is only text: a reason may hold what a peer or a
 * library said. */
#ifndef TLSMATRIX_MATRIX_REPORT_MARKUP_H
#define TLSMATRIX_MATRIX_REPORT_MARKUP_H

#include <stddef.h>
#include <stdio.h>

/* For XML and HTML, in text and in quoted attributes. What XML 1.0 cannot hold (control
 * characters, bytes that are no UTF-8) becomes U+FFFD. */
void markup_text(FILE *out, const char *text);

/* For Markdown, on one line: nothing of it is taken for formatting, a mention, a link or the border
 * of a table's cell. Cut after max_len characters, with "…". */
void markdown_text(FILE *out, const char *text, size_t max_len);

#endif
