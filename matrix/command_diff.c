/* `tlsmatrix diff`, `tlsmatrix compare`. */
#include "harness/nearest.h"
#include "matrix/commands.h"
#include "matrix/report/diff.h"
#include "matrix/report/out.h"

#include <stdlib.h>
#include <string.h>

static int read_format(enum diff_format *out, const struct parsed_options *options,
                       struct error *err)
{
    const char *name = option_value(options, "format");
    *out = DIFF_TEXT;
    for (int i = 0; name != NULL && i < NUM_DIFF_FORMATS; i++)
        if (strcmp(name, diff_format_name((enum diff_format)i)) == 0) {
            *out = (enum diff_format)i;
            return 0;
        }
    return name == NULL
               ? 0
               : error_set(err, ERROR_USAGE,
                           "--format '%s': it must be one of text, markdown, html, json", name);
}

static int read_maps(struct stack_map *maps, size_t *num, const struct parsed_options *options,
                     struct error *err)
{
    const char *const *words;
    *num = option_values(options, "map", &words);
    for (size_t i = 0; i < *num; i++) {
        size_t len = strcspn(words[i], "=");
        if (words[i][len] == '\0' || len == 0 || len >= NAME_MAX_LEN || words[i][len + 1] == '\0' ||
            strlen(words[i] + len + 1) >= NAME_MAX_LEN)
            return error_set(err, ERROR_USAGE, "--map '%s': it must be A=B, two stacks", words[i]);
        snprintf(maps[i].a, NAME_MAX_LEN, "%.*s", (int)len, words[i]);
        snprintf(maps[i].b, NAME_MAX_LEN, "%s", words[i] + len + 1);
    }
    return 0;
}

/* --fail-on as bits by difference. */
static int read_fail_on(uint32_t *out, const struct parsed_options *options, struct error *err)
{
    const char *words = option_value(options, "fail-on");
    *out = UINT32_C(1) << DIFFERENCE_NEW_FAILURE;
    if (words == NULL)
        return 0;
    *out = strcmp(words, "all") == 0 ? UINT32_MAX : 0;
    if (*out != 0 || strcmp(words, "none") == 0)
        return 0;
    for (size_t len; *words != '\0'; words += len + (words[len] == ',')) {
        char word[NAME_MAX_LEN];
        len = strcspn(words, ",");
        snprintf(word, sizeof word, "%.*s", (int)len, words);
        int difference = difference_by_name(word);
        if (difference < 0) {
            struct nearest nearest;
            nearest_init(&nearest, word);
            for (int i = 0; i < NUM_DIFFERENCES; i++)
                nearest_offer(&nearest, difference_name((enum difference)i));
            return error_set(err, ERROR_USAGE, "--fail-on: no kind of difference '%s'%s", word,
                             nearest_hint(&nearest));
        }
        *out |= UINT32_C(1) << difference;
    }
    return 0;
}

static int tell(const struct diff *diff, const struct parsed_options *options,
                enum diff_format format, const char *title, struct error *err)
{
    struct out out;
    if (out_open(&out, option_value(options, "out"), err) < 0)
        return -1;
    return out_close(&out, diff_tell(out.stream, diff, format, title, err), err);
}

static bool fails(const struct diff *diff, uint32_t fail_on)
{
    for (int i = 0; i < NUM_DIFFERENCES; i++)
        if ((fail_on & UINT32_C(1) << i) != 0 && diff->found.num_cases[i] > 0)
            return true;
    return false;
}

int command_diff(const struct parsed_options *options, struct error *err)
{
    struct stack_map maps[OPTION_VALUES_MAX];
    struct diff diff = { 0 };
    struct diff_request request = { .maps = maps };
    enum diff_format format;
    uint32_t fail_on;
    if (options->num_operands != 2)
        return error_set(err, ERROR_USAGE, "diff needs the folders of two runs");
    request.a = options->operands[0];
    request.b = options->operands[1];
    if (read_format(&format, options, err) < 0 || read_fail_on(&fail_on, options, err) < 0 ||
        read_maps(maps, &request.num_maps, options, err) < 0)
        return -1;
    int ret = diff_run(&diff, &request, err);
    if (ret == 0)
        ret = tell(&diff, options, format, "What differs between two runs", err);
    if (ret == 0)
        ret = fails(&diff, fail_on);
    diff_fini(&diff);
    return ret;
}

int command_compare(const struct parsed_options *options, struct error *err)
{
    struct diff diff = { 0 };
    enum diff_format format;
    char title[4 * NAME_MAX_LEN];
    const char *run = option_value(options, "run");
    if (options->num_operands != 2)
        return error_set(err, ERROR_USAGE, "compare needs the names of two stacks");
    if (run == NULL)
        return error_set(err, ERROR_USAGE, "compare needs --run DIR, the run to compare in");
    if (read_format(&format, options, err) < 0)
        return -1;
    snprintf(title, sizeof title, "%s -> %s: what differs", options->operands[0],
             options->operands[1]);
    int ret = diff_stacks(&diff, run, options->operands[0], options->operands[1], err);
    if (ret == 0)
        ret = tell(&diff, options, format, title, err);
    diff_fini(&diff);
    return ret;
}
