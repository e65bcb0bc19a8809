/* The run for a pull request or a job's page. Such pages have a bound (GitHub's is 64 KiB for a
 * comment), so the number of causes, and the length of each text, has one. */
#include "matrix/report/causes.h"
#include "matrix/report/formats.h"
#include "matrix/report/page.h"

#include <inttypes.h>

enum { CAUSES_SHOWN = 15, DEVIATIONS_SHOWN = 20 };

struct teller {
    struct page *page;
    unsigned num_shown;
};

static void tell_cause(void *context, const struct cause *cause)
{
    struct teller *teller = context;
    struct page *page = teller->page;
    char pattern[PATTERN_TEXT_MAX];
    if (teller->num_shown++ >= CAUSES_SHOWN)
        return;
    page_subheading(page, "%s%s%s: %" PRIu64 " case%s", cause->verdict,
                    cause->kind[0] == '\0' ? "" : " ", cause->kind, cause->cases.num_cases,
                    cause->cases.num_cases == 1 ? "" : "s");
    page_line(page, "%s", cause->reason);
    if (cause->cases.num_cases > 1)
        page_command(page, "in", "%s", pattern_text(pattern, &cause->cases));
    page_command(page, "rerun", "%s rerun -v '%s'%s", told_program(), cause->cases.example,
                 cause->rerun_options);
}

static int tell_counts(struct page *page, const struct session_outcome *outcome, struct error *err)
{
    static const char *const headings[] = { "verdict", "cases", NULL };
    if (page_table(page, headings, err) < 0)
        return -1;
    for (int i = 0; i < NUM_VERDICTS; i++) {
        char number[24];
        snprintf(number, sizeof number, "%" PRIu64, outcome->counts[i]);
        const char *const cells[] = { verdict_name((enum verdict)i), number };
        if (outcome->counts[i] > 0 && page_row(page, cells, err) < 0)
            return -1;
    }
    page_table_end(page);
    return 0;
}

/* What is red beside the cases. */
static void tell_rest(struct page *page, const struct told_run *run)
{
    const struct session_outcome *outcome = &run->outcome;
    if (outcome->interrupted)
        page_line(page, "The run has not ended: cases are missing.");
    if (outcome->missing_capabilities > 0)
        page_line(page, "Capabilities that the checked-in lists expect and no stack declares: %d.",
                  outcome->missing_capabilities);
    if (outcome->missing_parts > 0)
        page_line(page, "Shards of the whole that are missing: %" PRIu64 ".",
                  outcome->missing_parts);
    if (outcome->unmatched_deviations > 0)
        page_line(page, "Known deviations that matched no case: %" PRIu64 ".",
                  outcome->unmatched_deviations);
}

static int tell_deviations(struct page *page, const struct told_run *run, struct error *err)
{
    static const char *const headings[] = { "known deviation", "cases", NULL };
    json_t *all = report_deviations(run->results, err);
    if (all == NULL)
        return -1;
    size_t num = json_array_size(all);
    int ret = 0;
    if (num > 0) {
        page_heading(page, "Known deviations met: %zu", num);
        ret = page_table(page, headings, err);
    }
    for (size_t i = 0; ret == 0 && i < num && i < DEVIATIONS_SHOWN; i++) {
        const json_t *one = json_array_get(all, i);
        char number[24];
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(json_object_get(one, "cases")));
        const char *const cells[] = { json_string_value(json_object_get(one, "id")), number };
        ret = page_row(page, cells, err);
    }
    if (num > 0)
        page_table_end(page);
    if (num > DEVIATIONS_SHOWN)
        page_line(page, "… and %zu more.", num - DEVIATIONS_SHOWN);
    json_decref(all);
    return ret;
}

int report_markdown(FILE *out, const struct told_run *run, struct error *err)
{
    struct page page;
    struct teller teller = { .page = &page };
    char title[64];
    snprintf(title, sizeof title, "tlsmatrix: %s", told_verdict(&run->outcome));
    page_begin(&page, out, PAGE_MARKDOWN, title);
    if (tell_counts(&page, &run->outcome, err) < 0)
        return -1;
    tell_rest(&page, run);
    int64_t num = causes_each(run->results, tell_cause, &teller, err);
    if (num < 0)
        return -1;
    if (num > CAUSES_SHOWN)
        page_line(&page, "… and %" PRId64 " more causes: see the run's results.",
                  num - CAUSES_SHOWN);
    int ret = tell_deviations(&page, run, err);
    page_end(&page);
    return ret;
}
