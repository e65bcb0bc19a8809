#include "matrix/report/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int note_word(struct pattern *pattern, size_t segment, const char *word, size_t len,
                     struct error *err)
{
    unsigned num = pattern->num_words[segment];
    if (num > PATTERN_WORDS)
        return 0;
    for (unsigned i = 0; i < num; i++)
        if (strlen(pattern->words[segment][i]) == len &&
            memcmp(pattern->words[segment][i], word, len) == 0)
            return 0;
    if (num < PATTERN_WORDS) {
        pattern->words[segment][num] = strndup(word, len);
        if (pattern->words[segment][num] == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
    }
    pattern->num_words[segment]++;
    return 0;
}

int pattern_note(struct pattern *pattern, const char *id, struct error *err)
{
    if (pattern->num_cases++ == 0)
        snprintf(pattern->example, sizeof pattern->example, "%s", id);
    for (size_t segment = 0; segment < PATTERN_SEGMENTS && *id != '\0'; segment++) {
        size_t len = strcspn(id, "/#");
        if (note_word(pattern, segment, id, len, err) < 0)
            return -1;
        id += len + (id[len] == '/');
    }
    return 0;
}

/* Appends; what does not fit is cut. */
static size_t append(char out[PATTERN_TEXT_MAX], size_t at, const char *text)
{
    int len = snprintf(out + at, PATTERN_TEXT_MAX - at, "%s", text);
    size_t end = at + (size_t)len;
    return end < PATTERN_TEXT_MAX ? end : PATTERN_TEXT_MAX - 1;
}

static size_t append_segment(char out[PATTERN_TEXT_MAX], size_t at, const struct pattern *pattern,
                             size_t segment)
{
    unsigned num = pattern->num_words[segment];
    if (num > PATTERN_WORDS)
        return append(out, at, "*");
    for (unsigned i = 0; i < num; i++) {
        at = append(out, at, num == 1 ? "" : i == 0 ? "{" : ",");
        at = append(out, at, pattern->words[segment][i]);
    }
    return num == 1 ? at : append(out, at, "}");
}

const char *pattern_text(char out[PATTERN_TEXT_MAX], const struct pattern *pattern)
{
    size_t at = append(out, 0, "");
    for (size_t segment = 0; segment < PATTERN_SEGMENTS; segment++) {
        if (pattern->num_words[segment] == 0)
            continue; /* an optional axis at its ordinary value in all of them */
        at = append(out, at, segment == 0 ? "" : "/");
        at = append_segment(out, at, pattern, segment);
    }
    return out;
}

void pattern_fini(struct pattern *pattern)
{
    for (size_t segment = 0; segment < PATTERN_SEGMENTS; segment++)
        for (unsigned i = 0; i < PATTERN_WORDS; i++)
            free(pattern->words[segment][i]);
    *pattern = (struct pattern){ 0 };
}
