#include "matrix/rerun_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char key[] = "rerun_options";

/* In quotes only where a shell would take it for more than a word. */
static void put_word(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._=,:+@%-";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

static void put_option(FILE *out, const char *name, const char *word)
{
    fprintf(out, " --%s ", name);
    put_word(out, word);
}

/* Where one stack is another program, those beside it have to be named too. */
static void put_stacks(FILE *out, const struct session_request *request)
{
    const char *separator = " --stacks ";
    bool other_programs = false;
    for (size_t i = 0; i < request->num_stacks; i++)
        other_programs = other_programs || strchr(request->stacks[i], '=') != NULL;
    for (size_t i = 0; other_programs && i < request->num_stacks; i++) {
        if (strchr(request->stacks[i], '=') != NULL)
            continue;
        fprintf(out, "%s%s", separator, request->stacks[i]);
        separator = ",";
    }
    for (size_t i = 0; i < request->num_stacks; i++)
        if (strchr(request->stacks[i], '=') != NULL)
            put_option(out, "stack", request->stacks[i]);
}

int rerun_options(char out[RERUN_OPTIONS_MAX], const struct session_request *request,
                  struct error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    if (file == NULL)
        return error_errno(err, "the options of a rerun");
    put_stacks(file, request);
    for (size_t i = 0; i < request->num_faults; i++)
        put_option(file, "fault", request->faults[i]);
    for (size_t i = 0; i < request->num_hellos; i++)
        put_option(file, "hellos", request->hellos[i]);
    bool made = fclose(file) == 0;
    if (made && len < RERUN_OPTIONS_MAX)
        memcpy(out, text, len + 1);
    free(text);
    if (!made)
        return error_set(err, ERROR_HARNESS, "out of memory");
    return len < RERUN_OPTIONS_MAX
               ? 0
               : error_set(err, ERROR_USAGE,
                           "--stack, --fault and --hellos: more than %d bytes together",
                           RERUN_OPTIONS_MAX - 1);
}

int rerun_options_read(char out[RERUN_OPTIONS_MAX], struct results *results, struct error *err)
{
    out[0] = '\0';
    return results_get(results, key, out, RERUN_OPTIONS_MAX, err) < 0 ? -1 : 0;
}

int rerun_options_put(struct results *results, const char *options, struct error *err)
{
    return results_set(results, key, options, err);
}
