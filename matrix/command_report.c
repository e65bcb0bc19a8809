/* `tlsmatrix report`. */
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/report/formats.h"
#include "matrix/report/html/html.h"
#include "matrix/report/out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int report_stream(const struct parsed_options *options, report_write_fn *write,
                         struct error *err)
{
    struct told_run run;
    struct out out;
    if (told_run_open(&run, options->operands[0], err) < 0)
        return -1;
    int ret = out_open(&out, option_value(options, "out"), err);
    if (ret == 0)
        ret = out_close(&out, write(out.stream, &run, err), err);
    told_run_close(&run);
    return ret;
}

static int as_json(const struct parsed_options *options, struct error *err)
{
    return report_stream(options, report_json, err);
}

static int as_jsonl(const struct parsed_options *options, struct error *err)
{
    return report_stream(options, report_jsonl, err);
}

static int as_junit(const struct parsed_options *options, struct error *err)
{
    return report_stream(options, report_junit, err);
}

static int as_markdown(const struct parsed_options *options, struct error *err)
{
    return report_stream(options, report_markdown, err);
}

static int as_html(const struct parsed_options *options, struct error *err)
{
    char beside[PATH_LEN];
    const char *out = option_value(options, "out");
    struct html_request request = {
        .run = options->operands[0],
        .against = option_value(options, "against"),
        .out = out,
        .beside = out == NULL,
        .program = program_invocation_name,
    };
    if (out == NULL) {
        if (snprintf(beside, sizeof beside, "%s/report.html", request.run) >= PATH_LEN)
            return error_set(err, ERROR_USAGE, "%s: path too long", request.run);
        request.out = beside;
    }
    if (html_report(&request, err) < 0)
        return -1;
    printf("report: %s\n", request.out);
    return 0;
}

/* The first is the default. */
static const struct format {
    const char *name;
    int (*write)(const struct parsed_options *options, struct error *err);
} formats[] = {
    { "html", as_html },   { "markdown", as_markdown }, { "junit", as_junit },
    { "jsonl", as_jsonl }, { "json", as_json },
};

int command_report(const struct parsed_options *options, struct error *err)
{
    const char *name = option_value(options, "format");
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "report needs the folder of one run");
    if (hellos_from_options(options, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (name == NULL || strcmp(name, formats[i].name) == 0)
            return formats[i].write(options, err);
    return error_set(err, ERROR_USAGE,
                     "--format '%s': it must be one of html, markdown, junit, jsonl, json", name);
}
