/* What callers ask of items: keys of maps, typed values, and errors with file and line. */
#include "harness/nearest.h"
#include "harness/yaml/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int yaml_error(const struct yaml_item *item, struct error *err, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* An error is one line, and values may hold anything. */
    for (char *c = text; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    return error_set(err, ERROR_USAGE, "%s:%d: %s", item->file, item->line, text);
}

/* How messages name an item: by its key in quotes where it has one. */
struct label {
    char text[80];
};

static struct label label_of(const struct yaml_item *item)
{
    struct label label;
    if (item->key != NULL)
        snprintf(label.text, sizeof label.text, "'%s'", item->key);
    else
        snprintf(label.text, sizeof label.text, "this");
    return label;
}

static const char *const kind_names[] = {
    [YAML_SCALAR] = "a single value",
    [YAML_LIST] = "a list",
    [YAML_MAP] = "a map of keys to values",
};

int yaml_check_kind(const struct yaml_item *item, enum yaml_kind kind, struct error *err)
{
    if (item->kind == kind)
        return 0;
    return yaml_error(item, err, "%s must be %s, not %s", label_of(item).text, kind_names[kind],
                      kind_names[item->kind]);
}

const struct yaml_item *yaml_get(const struct yaml_item *map, const char *key)
{
    if (map->kind != YAML_MAP)
        return NULL;
    for (const struct yaml_item *item = map->first; item != NULL; item = item->next)
        if (strcmp(item->key, key) == 0)
            return item;
    return NULL;
}

static const struct yaml_key *find_key(const struct yaml_key *keys, size_t num_keys,
                                       const char *name)
{
    for (size_t i = 0; i < num_keys; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static int unknown_key(const struct yaml_item *item, const struct yaml_key *keys, size_t num_keys,
                       struct error *err)
{
    struct nearest nearest;
    char known[512] = "";
    size_t len = 0;
    nearest_init(&nearest, item->key);
    for (size_t i = 0; i < num_keys; i++) {
        nearest_offer(&nearest, keys[i].name);
        if (len < sizeof known)
            len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i > 0 ? ", " : "",
                                    keys[i].name);
    }
    if (nearest.best != NULL)
        return yaml_error(item, err, "unknown key '%s', did you mean '%s'?", item->key,
                          nearest.best);
    return yaml_error(item, err, "unknown key '%s', known are: %s", item->key, known);
}

static int check_entry(const struct yaml_item *item, const struct yaml_key *keys, size_t num_keys,
                       struct error *err)
{
    const struct yaml_key *key = find_key(keys, num_keys, item->key);
    if (key == NULL)
        return unknown_key(item, keys, num_keys, err);
    return key->any_kind ? 0 : yaml_check_kind(item, key->kind, err);
}

int yaml_check_map(const struct yaml_item *item, const struct yaml_key *keys, size_t num_keys,
                   struct error *err)
{
    if (yaml_check_kind(item, YAML_MAP, err) < 0)
        return -1;
    for (const struct yaml_item *entry = item->first; entry != NULL; entry = entry->next)
        if (check_entry(entry, keys, num_keys, err) < 0)
            return -1;
    for (size_t i = 0; i < num_keys; i++)
        if (keys[i].required && yaml_get(item, keys[i].name) == NULL)
            return yaml_error(item, err, "key '%s' is missing", keys[i].name);
    return 0;
}

int yaml_string(const char **out, const struct yaml_item *item, struct error *err)
{
    if (yaml_check_kind(item, YAML_SCALAR, err) < 0)
        return -1;
    if (item->plain && item->text[0] == '\0')
        return yaml_error(item, err, "%s has no value", label_of(item).text);
    *out = item->text;
    return 0;
}

static bool parse_int(int64_t *out, const char *text)
{
    char *end;
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (!isdigit((unsigned char)digits[0])) /* strtoll would take blanks and "+" */
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *out = value;
    return true;
}

int yaml_int(int64_t *out, const struct yaml_item *item, int64_t min, int64_t max,
             struct error *err)
{
    const char *text;
    int64_t value;
    if (yaml_string(&text, item, err) < 0)
        return -1;
    if (!item->plain || !parse_int(&value, text))
        return yaml_error(item, err, "%s must be a whole number, not '%s'", label_of(item).text,
                          text);
    if (value < min || value > max)
        return yaml_error(item, err, "%s must be from %" PRId64 " to %" PRId64 ", not %" PRId64,
                          label_of(item).text, min, max, value);
    *out = value;
    return 0;
}

int yaml_bool(bool *out, const struct yaml_item *item, struct error *err)
{
    const char *text;
    if (yaml_string(&text, item, err) < 0)
        return -1;
    bool yes = strcmp(text, "true") == 0;
    if (!item->plain || (!yes && strcmp(text, "false") != 0))
        return yaml_error(item, err, "%s must be true or false, not '%s'", label_of(item).text,
                          text);
    *out = yes;
    return 0;
}

int yaml_get_string(const char **out, const struct yaml_item *map, const char *key,
                    struct error *err)
{
    const struct yaml_item *item = yaml_get(map, key);
    return item == NULL ? 0 : yaml_string(out, item, err);
}

int yaml_get_int(int64_t *out, const struct yaml_item *map, const char *key, int64_t min,
                 int64_t max, struct error *err)
{
    const struct yaml_item *item = yaml_get(map, key);
    return item == NULL ? 0 : yaml_int(out, item, min, max, err);
}

int yaml_get_bool(bool *out, const struct yaml_item *map, const char *key, struct error *err)
{
    const struct yaml_item *item = yaml_get(map, key);
    return item == NULL ? 0 : yaml_bool(out, item, err);
}
