/* A page for a person, written as text, Markdown or HTML from the same calls: headings, sentences,
 * commands, tables. All texts are escaped by whoever writes; all are on one line. */
#ifndef TLSMATRIX_MATRIX_REPORT_PAGE_H
#define TLSMATRIX_MATRIX_REPORT_PAGE_H

#include "harness/error.h"

#include <stdio.h>

enum page_format { PAGE_TEXT, PAGE_MARKDOWN, PAGE_HTML };

enum { PAGE_CELLS_MAX = 8 };

struct page {
    FILE *out;
    enum page_format format;
    char **cells; /* of the table under way, row by row, the headings first; owned */
    size_t num_cells, num_columns;
};

/* `title` stands at the top, and as the document's. */
void page_begin(struct page *page, FILE *out, enum page_format format, const char *title);
void page_end(struct page *page);

void page_heading(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A smaller one, of a block below. */
void page_subheading(struct page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A paragraph of one line. */
void page_line(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is to be typed, behind a word that says what for. */
void page_command(struct page *page, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A table: the headings end in NULL; then rows of as many cells; it is written at its end. Its rows
 * are held until then: the caller bounds them. */
int page_table(struct page *page, const char *const headings[], struct error *err);
/* ERROR_HARNESS: out of memory. */
int page_row(struct page *page, const char *const cells[], struct error *err);
void page_table_end(struct page *page);

#endif
