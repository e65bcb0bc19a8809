/* Differences for people and for programs. */
#include "matrix/report/diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const format_names[NUM_DIFF_FORMATS] = {
    [DIFF_TEXT] = "text",
    [DIFF_MARKDOWN] = "markdown",
    [DIFF_HTML] = "html",
    [DIFF_JSON] = "json",
};

const char *diff_format_name(enum diff_format format)
{
    return format_names[format];
}

/* ---- for people ---- */

static int tell_counts(const struct diff *diff, struct page *page, struct error *err)
{
    static const char *const headings[] = { "what differs", "number", NULL };
    uint64_t all = 0;
    for (int i = 0; i < NUM_DIFFERENCES; i++)
        all += diff->found.num_cases[i];
    page_line(page, "Cases that both have: %" PRIu64 ".%s", diff->num_compared,
              diff->num_compared == 0 ? " So none could be compared."
              : all == 0              ? " Nothing differs."
                                      : "");
    if (all == 0)
        return 0;
    int ret = page_table(page, headings, err);
    for (int i = 0; ret == 0 && i < NUM_DIFFERENCES; i++) {
        char number[24];
        snprintf(number, sizeof number, "%" PRIu64, diff->found.num_cases[i]);
        const char *const cells[] = { difference_title((enum difference)i), number };
        if (diff->found.num_cases[i] > 0)
            ret = page_row(page, cells, err);
    }
    page_table_end(page);
    return ret;
}

static int tell_stacks(const struct diff *diff, struct page *page, struct error *err)
{
    static const char *const headings[] = { "stack", "was", "is", NULL };
    int ret = page_table(page, headings, err);
    for (size_t i = 0; ret == 0 && i < diff->stacks_b->num_stacks; i++) {
        const struct capabilities *b = &diff->stacks_b->stacks[i];
        const char *name = b->stack;
        for (size_t j = 0; j < diff->num_maps; j++)
            if (strcmp(diff->maps[j].b, b->stack) == 0)
                name = diff->maps[j].a;
        int at = stack_index(diff->stacks_a, name);
        const char *const cells[] = { b->stack, at < 0 ? "-" : diff->stacks_a->stacks[at].library,
                                      b->library };
        ret = page_row(page, cells, err);
    }
    page_table_end(page);
    return ret;
}

static int tell_ratios(struct page *page, const char *const headings[],
                       const struct speed_finding *all, size_t num, bool bytes, struct error *err)
{
    int ret = page_table(page, headings, err);
    for (size_t i = 0; ret == 0 && i < num; i++) {
        char samples[24], ratio[24];
        if (all[i].suite[0] != '\0' && !all[i].beyond_noise)
            continue; /* the suites that say something; JSON has all */
        snprintf(samples, sizeof samples, "%zu", all[i].num_samples);
        snprintf(ratio, sizeof ratio, bytes ? "%.3f" : "%.2f", all[i].ratio);
        const char *const cells[] = { all[i].stack, all[i].suite[0] == '\0' ? "all" : all[i].suite,
                                      samples, ratio,
                                      bytes                 ? ""
                                      : !all[i].enough      ? "too few samples"
                                      : all[i].beyond_noise ? "beyond noise"
                                                            : "noise" };
        ret = page_row(page, cells, err);
    }
    page_table_end(page);
    return ret;
}

static int tell_speed(const struct diff *diff, struct page *page, struct error *err)
{
    static const char *const times[] = { "stack", "suite", "samples", "time ratio", "", NULL };
    static const char *const bytes[] = { "sent by", "suite", "samples", "byte ratio", "", NULL };
    int ret = 0;
    if (diff->num_speeds > 0) {
        page_heading(page, "Measured");
        if (!diff->comparing)
            page_line(page,
                      "What all stacks share is taken for the machine's, and out: %.2f. With "
                      "fewer than three stacks only suites are compared.",
                      diff->machine);
        ret = tell_ratios(page, times, diff->speeds, diff->num_speeds, false, err);
    }
    if (ret == 0 && diff->comparing && diff->num_byte_ratios > 0)
        ret = tell_ratios(page, bytes, diff->byte_ratios, diff->num_byte_ratios, true, err);
    return ret;
}

static int tell_page(FILE *out, const struct diff *diff, enum page_format format, const char *title,
                     struct error *err)
{
    struct page page;
    page_begin(&page, out, format, title);
    if (!diff->comparing)
        page_line(&page, "%s (%s) against %s (%s)", diff->b.directory,
                  told_verdict(&diff->b.outcome), diff->a.directory,
                  told_verdict(&diff->a.outcome));
    int ret = diff->comparing ? 0 : tell_stacks(diff, &page, err);
    if (ret == 0)
        ret = tell_counts(diff, &page, err);
    if (diff->found.num_timing > 0)
        page_line(&page,
                  "Noise: %" PRIu64 " case%s only in what was first: bytes or the end of a "
                  "connection that was broken off, an end's alert or the attacker's, or its next "
                  "message.",
                  diff->found.num_timing, diff->found.num_timing == 1 ? " differs" : "s differ");
    if (ret == 0)
        ret = difference_groups_tell(&diff->found, &page, err);
    if (ret == 0)
        ret = tell_speed(diff, &page, err);
    page_end(&page);
    return ret;
}

/* ---- for programs ---- */

static json_t *ratios_json(const struct speed_finding *all, size_t num)
{
    json_t *list = json_array();
    for (size_t i = 0; i < num; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:f, s:b, s:b}", "of", all[i].stack,
                                              "suite", all[i].suite, "samples",
                                              (json_int_t)all[i].num_samples, "ratio", all[i].ratio,
                                              "enough_samples", all[i].enough, "beyond_noise",
                                              all[i].beyond_noise));
    return list;
}

static json_t *run_json(const struct told_run *run, const struct stack_set *stacks)
{
    json_t *libraries = json_object();
    for (size_t i = 0; i < stacks->num_stacks; i++)
        json_object_set_new(libraries, stacks->stacks[i].stack,
                            json_string(stacks->stacks[i].library));
    return json_pack("{s:s, s:s, s:o}", "folder", run->directory, "verdict",
                     told_verdict(&run->outcome), "stacks", libraries);
}

static int tell_json(FILE *out, const struct diff *diff, const char *title, struct error *err)
{
    json_t *object = json_pack(
        "{s:i, s:s, s:o, s:o, s:I, s:o, s:I, s:f, s:I, s:o, s:o}", "format", 1, "title", title, "a",
        run_json(&diff->a, diff->stacks_a), "b", run_json(&diff->b, diff->stacks_b), "compared",
        (json_int_t)diff->num_compared, "differences", difference_groups_json(&diff->found),
        "timing_only", (json_int_t)diff->found.num_timing, "machine", diff->machine, "timed",
        (json_int_t)diff->num_timed, "speed", ratios_json(diff->speeds, diff->num_speeds), "bytes",
        ratios_json(diff->byte_ratios, diff->num_byte_ratios));
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    json_dumpf(object, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(object);
    return 0;
}

int diff_tell(FILE *out, const struct diff *diff, enum diff_format format, const char *title,
              struct error *err)
{
    static const enum page_format pages[] = {
        [DIFF_TEXT] = PAGE_TEXT, [DIFF_MARKDOWN] = PAGE_MARKDOWN, [DIFF_HTML] = PAGE_HTML
    };
    if (format == DIFF_JSON)
        return tell_json(out, diff, title, err);
    return tell_page(out, diff, pages[format], title, err);
}
