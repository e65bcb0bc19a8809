/* YAML files with line numbers: profiles, scenarios and deviations are read through here, so that
 * whatever is wrong in one of them is told as "FILE:LINE: what".
 *
 * A file becomes a tree of items (scalar, list, map). Typical use:
 *
 *   static const struct yaml_key keys[] = {
 *       { "title", YAML_SCALAR, .required = true },
 *       { "blocks", YAML_LIST, .required = true },
 *       { "repeats", YAML_SCALAR },
 *   };
 *   struct yaml_file *file;
 *   if (yaml_file_load(&file, path, err) < 0)
 *       return -1;
 *   const struct yaml_item *root = yaml_file_root(file);
 *   if (yaml_check_map(root, keys, 3, err) < 0 ||          // unknown, missing, wrong kind
 *       yaml_get_string(&title, root, "title", err) < 0 || // an absent key leaves *out alone
 *       yaml_get_int(&repeats, root, "repeats", 1, 1000, err) < 0)
 *       goto out;
 *   for (const struct yaml_item *i = yaml_get(root, "blocks")->first; i != NULL; i = i->next)
 *       …
 *   out: yaml_file_free(file);
 *
 * libyaml exports yaml_free(), yaml_malloc() and the like without saying so in its header; no name
 * here may be one of those.
 *
 * Strings and items belong to the file and live until yaml_file_free(). All errors are ERROR_USAGE
 * (but for lack of memory). Refused outright: aliases, anchors and tags (a reader should see what
 * a file says where it says it), duplicate keys, keys that are not scalars, more than one document,
 * and what exceeds the bounds below. */
#ifndef TLSMATRIX_HARNESS_YAML_YAML_H
#define TLSMATRIX_HARNESS_YAML_YAML_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    YAML_FILE_MAX = 1024 * 1024, /* bytes; the longest catalogue is a tenth of that */
    YAML_DEPTH_MAX = 16,         /* of nesting; our formats need five; recursion is bounded by it */
    YAML_ITEMS_MAX = 50000,      /* of one file; bounds memory to a few MiB */
    YAML_KEYS_MAX = 256,         /* of one map; the check for duplicates is quadratic */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_item {
    enum yaml_kind kind;
    int line;         /* from 1; of the key, for an item of a map */
    const char *file; /* the path as given to yaml_file_load() */
    const char *key;  /* under which it stands in its map; NULL for the root and in lists */
    const char *text; /* scalar: its value, without NUL bytes; else NULL */
    bool plain;       /* scalar: written without quotes; only such are numbers and booleans */
    size_t num_items; /* list, map: how many there are */
    const struct yaml_item *first; /* list, map: in file order; NULL: none */
    const struct yaml_item *next;  /* in the same list or map; NULL: the last */
};

struct yaml_file;

/* Reads a file whole. Unreadable, empty (or comments only), binary, too large and malformed files
 * are errors. */
int yaml_file_load(struct yaml_file **out, const char *path, struct error *err);

/* The same for bytes in memory; `name` takes the path's place in messages. */
int yaml_file_parse(struct yaml_file **out, const char *name, const void *bytes, size_t len,
                    struct error *err);

void yaml_file_free(struct yaml_file *file);
const struct yaml_item *yaml_file_root(const struct yaml_file *file);

/* Fills *err with "FILE:LINE: …" (control characters become '?') and returns -1: for what the
 * caller itself finds wrong with an item. */
int yaml_error(const struct yaml_item *item, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A row of the table of keys that a map may have. */
struct yaml_key {
    const char *name;
    enum yaml_kind kind;
    bool required;
    bool any_kind; /* `kind` does not matter: the caller looks */
};

/* `item` must be a map, with keys of the table only, all required ones, each of its kind. */
int yaml_check_map(const struct yaml_item *item, const struct yaml_key *keys, size_t num_keys,
                   struct error *err);

/* An error ("'blocks' must be a list") unless the item is of this kind. */
int yaml_check_kind(const struct yaml_item *item, enum yaml_kind kind, struct error *err);

/* The value under a key of a map, NULL if the key is absent (or `map` is no map). */
const struct yaml_item *yaml_get(const struct yaml_item *map, const char *key);

/* A scalar as text; one without any value ("key:") is an error, the quoted "" is not. */
int yaml_string(const char **out, const struct yaml_item *item, struct error *err);
/* A decimal number in [min, max]. */
int yaml_int(int64_t *out, const struct yaml_item *item, int64_t min, int64_t max,
             struct error *err);
/* true or false, spelt so. */
int yaml_bool(bool *out, const struct yaml_item *item, struct error *err);

/* The same for the value under a key; *out stays as it is where the key is absent. */
int yaml_get_string(const char **out, const struct yaml_item *map, const char *key,
                    struct error *err);
int yaml_get_int(int64_t *out, const struct yaml_item *map, const char *key, int64_t min,
                 int64_t max, struct error *err);
int yaml_get_bool(bool *out, const struct yaml_item *map, const char *key, struct error *err);

#endif
