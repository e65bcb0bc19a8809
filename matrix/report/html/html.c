/* The file: the page's own parts first, each in its element and named by its hash in the page's
 * policy, then the data. Whatever comes from a run stands in compressed chunks, so that nothing a
 * peer says is ever markup. */
#include "matrix/report/html/html.h"

#include "harness/pki/crypto.h"
#include "matrix/report/html/chunk.h"
#include "matrix/report/html/head.h"
#include "matrix/stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order in which the page needs them. */
static const char *const styles[] = { "base.css", "parts.css", "filters.css", "figures.css" };
static const char *const scripts[] = {
    "dom.js",    "words.js",  "references.js", "data.js",   "select.js", "route.js", "filters.js",
    "ladder.js", "causes.js", "overview.js",   "matrix.js", "cases.js",  "case.js",  "facts.js",
    "stack.js",  "plots.js",  "speed.js",      "keys.js",   "main.js",
};
enum {
    NUM_STYLES = sizeof styles / sizeof styles[0],
    NUM_SCRIPTS = sizeof scripts / sizeof scripts[0],
};

struct page {
    struct bytes styles[NUM_STYLES], scripts[NUM_SCRIPTS];
    struct bytes body; /* what stands between head and data */
};

/* ---- the page's own parts ---- */

static int read_part(struct bytes *out, const char *name, struct error *err)
{
    char folder[PATH_LEN], path[PATH_LEN * 2];
    stacks_data_path(folder, "matrix/report/page");
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return file_read(out, path, err);
}

static int page_read(struct page *page, struct error *err)
{
    for (int i = 0; i < NUM_STYLES; i++)
        if (read_part(&page->styles[i], styles[i], err) < 0)
            return -1;
    for (int i = 0; i < NUM_SCRIPTS; i++)
        if (read_part(&page->scripts[i], scripts[i], err) < 0)
            return -1;
    return read_part(&page->body, "body.html", err);
}

static void page_fini(struct page *page)
{
    for (int i = 0; i < NUM_STYLES; i++)
        free(page->styles[i].data);
    for (int i = 0; i < NUM_SCRIPTS; i++)
        free(page->scripts[i].data);
    free(page->body.data);
}

/* ---- writing ---- */

static int write_hash(FILE *out, const struct bytes *part, struct error *err)
{
    uint8_t hash[SHA256_LEN];
    if (sha256(hash, part->data, part->len, err) < 0)
        return -1;
    fputs(" 'sha256-", out);
    base64_write(out, hash, sizeof hash);
    fputc('\'', out);
    return 0;
}

/* Nothing may be loaded, and only what is here may run. */
static int write_policy(FILE *out, const struct page *page, struct error *err)
{
    fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri "
          "'none'; form-action 'none'; style-src",
          out);
    for (int i = 0; i < NUM_STYLES; i++)
        if (write_hash(out, &page->styles[i], err) < 0)
            return -1;
    fputs("; script-src", out);
    for (int i = 0; i < NUM_SCRIPTS; i++)
        if (write_hash(out, &page->scripts[i], err) < 0)
            return -1;
    fputs("\">\n", out);
    return 0;
}

static void write_element(FILE *out, const char *name, const struct bytes *part)
{
    fprintf(out, "<%s>", name);
    fwrite(part->data, 1, part->len, out);
    fprintf(out, "</%s>\n", name);
}

static int write_top(FILE *out, const struct page *page, const struct session_outcome *outcome,
                     struct error *err)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n",
          out);
    if (write_policy(out, page, err) < 0)
        return -1;
    fputs("<title>tlsmatrix report</title>\n", out);
    for (int i = 0; i < NUM_STYLES; i++)
        write_element(out, "style", &page->styles[i]);
    fputs("</head>\n<body>\n<noscript><p>This report draws itself with JavaScript. Counts:", out);
    for (int i = 0; i < NUM_VERDICTS; i++)
        if (outcome->counts[i] > 0)
            fprintf(out, " %llu %s", (unsigned long long)outcome->counts[i],
                    verdict_name((enum verdict)i));
    fputs(".</p></noscript>\n", out);
    fwrite(page->body.data, 1, page->body.len, out);
    return 0;
}

static int write_part(FILE *out, struct gather *gather, enum part part, const char *name,
                      int number, size_t first, size_t num_rows, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    int ret = table_pack(&bytes, &len, &gather->table, part, first, num_rows, err);
    if (ret == 0)
        ret = chunk_write(out, name, number, bytes, len, err);
    free(bytes);
    return ret;
}

static int write_data(FILE *out, struct gather *gather, json_t *head, struct error *err)
{
    char *text = json_dumps(head, JSON_COMPACT);
    int ret = text == NULL ? error_set(err, ERROR_HARNESS, "out of memory")
                           : chunk_write(out, "head", -1, text, strlen(text), err);
    size_t num_rows = gather->table.num_rows;
    free(text);
    if (ret == 0)
        ret = write_part(out, gather, PART_CASES, "cases", -1, 0, num_rows, err);
    if (ret == 0)
        ret = write_part(out, gather, PART_SPEED, "speed", -1, 0, num_rows, err);
    for (size_t first = 0; ret == 0 && first < num_rows; first += DETAIL_ROWS)
        ret = write_part(out, gather, PART_DETAILS, "details", (int)(first / DETAIL_ROWS), first,
                         DETAIL_ROWS, err);
    return ret < 0 ? -1 : documents_write(out, &gather->documents, err);
}

static int write_all(FILE *out, struct gather *gather, const struct html_request *request,
                     struct error *err)
{
    struct session_outcome outcome;
    struct page page = { 0 };
    json_t *head = NULL;
    int ret = head_outcome(&outcome, gather->results, err);
    if (ret == 0)
        ret = page_read(&page, err);
    if (ret == 0 && (head = head_make(gather, request, &outcome, err)) == NULL)
        ret = -1;
    if (ret == 0)
        ret = write_top(out, &page, &outcome, err);
    if (ret == 0)
        ret = write_data(out, gather, head, err);
    for (int i = 0; ret == 0 && i < NUM_SCRIPTS; i++)
        write_element(out, "script", &page.scripts[i]);
    fputs("</body>\n</html>\n", out);
    json_decref(head);
    page_fini(&page);
    return ret;
}

static int write_file(struct gather *gather, const struct html_request *request, struct error *err)
{
    char path[PATH_LEN];
    if (snprintf(path, sizeof path, "%s.part", request->out) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: path too long", request->out);
    FILE *out = fopen(path, "we");
    if (out == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    int ret = write_all(out, gather, request, err);
    bool failed = ferror(out) != 0;
    if ((fclose(out) != 0 || failed) && ret == 0)
        ret = error_errno(err, "%s", path);
    if (ret == 0 && rename(path, request->out) != 0)
        ret = error_errno(err, "%s", request->out);
    if (ret < 0)
        unlink(path);
    return ret;
}

int html_report(const struct html_request *request, struct error *err)
{
    char path[PATH_LEN];
    struct results *results = NULL;
    struct gather gather = { 0 };
    if (snprintf(path, sizeof path, "%s/results.db", request->run) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: path too long", request->run);
    if (results_open(&results, path, RESULTS_READ, err) < 0)
        return -1;
    int ret = gather_init(&gather, results, request->run, request->against, err);
    if (ret == 0)
        ret = gather_run(&gather, err);
    if (ret == 0)
        ret = write_file(&gather, request, err);
    gather_fini(&gather);
    results_close(results, NULL);
    return ret;
}
