/* What two capability lists differ in, as differences: of lists what one has and the other has not,
 * of all else the values. */
#include "matrix/report/diff.h"

#include <stdlib.h>
#include <string.h>

/* Who it is, not what it can do. */
static const char *const not_compared[] = { "stack", "library", "release", "api" };

static bool is_compared(const char *key)
{
    for (size_t i = 0; i < sizeof not_compared / sizeof not_compared[0]; i++)
        if (strcmp(not_compared[i], key) == 0)
            return false;
    return true;
}

static bool has(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), value))
            return true;
    return false;
}

static int note(struct diff *diff, const char *where, const char *what, const json_t *value,
                struct error *err)
{
    char title[TEXT_LEN];
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    snprintf(title, sizeof title, "%s: %s %s", where, what,
             text != NULL ? text : json_string_value(value));
    free(text);
    return difference_note(&diff->found, DIFFERENCE_CAPABILITY, title, "", NULL, err);
}

static int note_missing(struct diff *diff, const char *where, const char *what, const json_t *these,
                        const json_t *others, struct error *err)
{
    for (size_t i = 0; i < json_array_size(these); i++)
        if (!has(others, json_array_get(these, i)) &&
            note(diff, where, what, json_array_get(these, i), err) < 0)
            return -1;
    return 0;
}

/* Not deeper than the lists are: versions, their groups. */
static int compare(struct diff *diff, const char *where, const json_t *a, const json_t *b,
                   unsigned depth, struct error *err)
{
    enum { DEPTH_MAX = 4 };
    const char *with = diff->comparing ? "with" : "now"; /* two stacks have no before and after */
    char below[TEXT_LEN];
    const char *key;
    json_t *value;
    if (json_is_array(a) || json_is_array(b))
        return note_missing(diff, where, diff->comparing ? "without" : "no more", a, b, err) < 0 ||
                       note_missing(diff, where, with, b, a, err) < 0
                   ? -1
                   : 0;
    if (!json_is_object(a) && !json_is_object(b))
        return json_equal(a, b) ? 0 : note(diff, where, with, b, err);
    json_t *keys = json_object();
    json_object_update(keys, (json_t *)a);
    json_object_update(keys, (json_t *)b);
    int ret = 0;
    json_object_foreach(keys, key, value)
    {
        snprintf(below, sizeof below, "%s %s", where, key);
        if (ret == 0 && depth < DEPTH_MAX && (depth > 0 || is_compared(key)))
            ret = compare(diff, below, json_object_get(a, key), json_object_get(b, key), depth + 1,
                          err);
    }
    json_decref(keys);
    return ret;
}

int diff_capabilities(struct diff *diff, const struct capabilities *a, const struct capabilities *b,
                      struct error *err)
{
    json_t *left = capabilities_to_json(a), *right = capabilities_to_json(b);
    int ret = left == NULL || right == NULL ? error_set(err, ERROR_HARNESS, "out of memory")
                                            : compare(diff, b->stack, left, right, 0, err);
    json_decref(left);
    json_decref(right);
    return ret;
}
