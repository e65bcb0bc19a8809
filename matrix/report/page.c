#include "matrix/report/page.h"

#include "matrix/report/markup.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_MAX_LEN = 2048, /* bytes; what is longer is cut */
    MARKDOWN_MAX = 400,  /* characters of one text on a page that has a bound of its own */
    TEXT_INDENT = 2,
};

static const char html_top[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">"
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:70em;"
    "margin:1em auto;padding:0 1em}table{border-collapse:collapse;display:block;overflow-x:auto}"
    "td,th{border:1px solid #8888;padding:.2em .6em;text-align:left}"
    "code{overflow-wrap:anywhere}</style>\n<title>";

static void put(const struct page *page, const char *text)
{
    switch (page->format) {
    case PAGE_TEXT:
        fputs(text, page->out);
        break;
    case PAGE_MARKDOWN:
        markdown_text(page->out, text, MARKDOWN_MAX);
        break;
    case PAGE_HTML:
        markup_text(page->out, text);
        break;
    }
}

/* A text between what comes before and behind it in each format. */
static void put_between(const struct page *page, const char *const before[],
                        const char *const behind[], const char *text)
{
    fputs(before[page->format], page->out);
    put(page, text);
    fputs(behind[page->format], page->out);
}

void page_begin(struct page *page, FILE *out, enum page_format format, const char *title)
{
    static const char *const before[] = { "", "# ", "<h1>" };
    static const char *const behind[] = { "\n", "\n", "</h1>\n" };
    *page = (struct page){ .out = out, .format = format };
    if (format == PAGE_HTML) {
        fputs(html_top, out);
        put(page, title);
        fputs("</title></head><body>\n", out);
    }
    put_between(page, before, behind, title);
}

void page_end(struct page *page)
{
    if (page->format == PAGE_HTML)
        fputs("</body></html>\n", page->out);
}

#define FORMATTED(text, format)                                                                    \
    char text[LINE_MAX_LEN];                                                                       \
    va_list arguments;                                                                             \
    va_start(arguments, format);                                                                   \
    vsnprintf(text, sizeof text, format, arguments);                                               \
    va_end(arguments)

void page_heading(struct page *page, const char *format, ...)
{
    static const char *const before[] = { "\n", "\n## ", "<h2>" };
    static const char *const behind[] = { "\n", "\n\n", "</h2>\n" };
    FORMATTED(text, format);
    put_between(page, before, behind, text);
}

void page_subheading(struct page *page, const char *format, ...)
{
    static const char *const before[] = { "\n", "\n### ", "<h3>" };
    static const char *const behind[] = { "\n", "\n\n", "</h3>\n" };
    FORMATTED(text, format);
    put_between(page, before, behind, text);
}

void page_line(struct page *page, const char *format, ...)
{
    static const char *const before[] = { "  ", "", "<p>" };
    static const char *const behind[] = { "\n", "\n\n", "</p>\n" };
    FORMATTED(text, format);
    put_between(page, before, behind, text);
}

void page_command(struct page *page, const char *label, const char *format, ...)
{
    FORMATTED(text, format);
    switch (page->format) {
    case PAGE_TEXT:
        fprintf(page->out, "  %-5s %s\n", label, text);
        break;
    case PAGE_MARKDOWN: /* HTML, as a text may hold any number of backticks */
        put(page, label);
        fputs(": <code>", page->out);
        put(page, text);
        fputs("</code>\n\n", page->out);
        break;
    case PAGE_HTML:
        fputs("<p>", page->out);
        put(page, label);
        fputs(": <code>", page->out);
        put(page, text);
        fputs("</code></p>\n", page->out);
        break;
    }
}

/* ---- tables ---- */

static int add_cells(struct page *page, const char *const cells[], struct error *err)
{
    char **grown = reallocarray(page->cells, page->num_cells + page->num_columns, sizeof *grown);
    if (grown == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    page->cells = grown;
    for (size_t i = 0; i < page->num_columns; i++) {
        page->cells[page->num_cells] = strdup(cells[i]);
        if (page->cells[page->num_cells] == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        page->num_cells++;
    }
    return 0;
}

int page_table(struct page *page, const char *const headings[], struct error *err)
{
    page->num_columns = 0;
    while (headings[page->num_columns] != NULL)
        page->num_columns++;
    return add_cells(page, headings, err);
}

int page_row(struct page *page, const char *const cells[], struct error *err)
{
    return add_cells(page, cells, err);
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void put_text_row(const struct page *page, size_t first, const size_t widths[])
{
    fprintf(page->out, "%*s", TEXT_INDENT, "");
    for (size_t i = 0; i < page->num_columns; i++) {
        const char *cell = page->cells[first + i];
        bool last = i + 1 == page->num_columns;
        fprintf(page->out, "%s%*s", cell, last ? 0 : (int)(widths[i] + 2 - width_of(cell)), "");
    }
    fputc('\n', page->out);
}

static void put_text_table(const struct page *page)
{
    size_t widths[PAGE_CELLS_MAX] = { 0 };
    for (size_t i = 0; i < page->num_cells; i++) {
        size_t width = width_of(page->cells[i]), *widest = &widths[i % page->num_columns];
        *widest = width > *widest ? width : *widest;
    }
    for (size_t first = 0; first < page->num_cells; first += page->num_columns)
        put_text_row(page, first, widths);
}

static void put_marked_table(const struct page *page)
{
    bool html = page->format == PAGE_HTML;
    fputs(html ? "<table>\n" : "\n", page->out);
    for (size_t first = 0; first < page->num_cells; first += page->num_columns) {
        const char *cell = html ? (first == 0 ? "<th>" : "<td>") : "| ";
        fputs(html ? "<tr>" : "", page->out);
        for (size_t i = 0; i < page->num_columns; i++) {
            fputs(cell, page->out);
            put(page, page->cells[first + i]);
            fputs(!html ? " " : first == 0 ? "</th>" : "</td>", page->out);
        }
        fputs(html ? "</tr>\n" : "|\n", page->out);
        for (size_t i = 0; !html && first == 0 && i < page->num_columns; i++)
            fputs(i + 1 == page->num_columns ? "| --- |\n" : "| --- ", page->out);
    }
    fputs(html ? "</table>\n" : "\n", page->out);
}

void page_table_end(struct page *page)
{
    if (page->format == PAGE_TEXT)
        put_text_table(page);
    else
        put_marked_table(page);
    for (size_t i = 0; i < page->num_cells; i++)
        free(page->cells[i]);
    free(page->cells);
    page->cells = NULL;
    page->num_cells = page->num_columns = 0;
}
