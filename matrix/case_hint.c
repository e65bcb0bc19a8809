/* Why does no case match a glob? Mostly because of a word in it that is no value at all. */
#include "harness/nearest.h"
#include "matrix/case_value.h"

#include <string.h>

static const char glob_characters[] = "*?[]{}\\";

static bool is_value(const char *word, const struct stack_set *stacks)
{
    struct axis_value value;
    for (int axis = 0; axis < NUM_AXES; axis++)
        if (axis_value_parse(&value, (enum axis)axis, word, stacks, NULL) == 0)
            return true;
    return strcmp(word, stack_name(stacks, RAW_STACK)) == 0;
}

/* False: the word is a value, or a pattern. */
static bool explain_word(char out[TEXT_LEN], const char *word, const struct stack_set *stacks)
{
    struct nearest nearest;
    const char *candidate;
    if (word[0] == '\0' || strpbrk(word, glob_characters) != NULL || is_value(word, stacks))
        return false;
    nearest_init(&nearest, word);
    for (int axis = 0; axis < NUM_AXES; axis++)
        for (size_t i = 0; (candidate = axis_word((enum axis)axis, i, stacks)) != NULL; i++)
            nearest_offer(&nearest, candidate);
    snprintf(out, TEXT_LEN, ": '%.100s' is no value of any axis%s", word, nearest_hint(&nearest));
    return true;
}

/* "opensl-*" stands for two stacks. */
static bool explain_pair(char out[TEXT_LEN], char *pair, const struct stack_set *stacks)
{
    char *dash = strchr(pair, '-');
    if (dash == NULL)
        return explain_word(out, pair, stacks);
    *dash = '\0';
    return explain_word(out, pair, stacks) || explain_word(out, dash + 1, stacks);
}

void case_glob_hint(char out[TEXT_LEN], const char *glob, const struct stack_set *stacks)
{
    char copy[CASE_ID_MAX];
    char *rest = copy;
    out[0] = '\0';
    if (strlen(glob) >= sizeof copy || strpbrk(glob, "{[") != NULL)
        return; /* alternatives may hold slashes of their own */
    memcpy(copy, glob, strlen(glob) + 1);
    copy[strcspn(copy, "#")] = '\0';
    for (bool first = true; rest != NULL; first = false) {
        char *segment = strsep(&rest, "/");
        if (first && strchr(segment, '-') != NULL ? explain_pair(out, segment, stacks)
                                                  : explain_word(out, segment, stacks))
            return;
    }
}
