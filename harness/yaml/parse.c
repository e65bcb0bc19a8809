/* From bytes to a tree of items, on libyaml's events: unlike its document API they show an alias
 * where it stands, so that it can be refused with its line. */
#include "harness/yaml/yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct yaml_file {
    char *name;
    struct yaml_item *root;
};

struct builder {
    const char *name;
    yaml_parser_t parser;
    size_t num_items;
    struct error *err;
};

static void free_items(struct yaml_item *item)
{
    while (item != NULL) {
        struct yaml_item *next = (struct yaml_item *)item->next;
        free_items((struct yaml_item *)item->first);
        free((char *)item->key);
        free((char *)item->text);
        free(item);
        item = next;
    }
}

void yaml_file_free(struct yaml_file *file)
{
    if (file == NULL)
        return;
    free_items(file->root);
    free(file->name);
    free(file);
}

const struct yaml_item *yaml_file_root(const struct yaml_file *file)
{
    return file->root;
}

static int out_of_memory(struct builder *b)
{
    return error_set(b->err, ERROR_HARNESS, "%s: out of memory", b->name);
}

/* An error at a place that has no item yet. */
static int refuse(struct builder *b, size_t line, const char *what)
{
    return error_set(b->err, ERROR_USAGE, "%s:%zu: %s", b->name, line + 1, what);
}

static int parser_error(struct builder *b)
{
    const yaml_parser_t *p = &b->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return out_of_memory(b);
    /* The reader knows only the offset; the mark is where the scanner stands, which is near. */
    size_t line = p->error == YAML_READER_ERROR ? p->mark.line : p->problem_mark.line;
    return error_set(b->err, ERROR_USAGE, "%s:%zu: not valid YAML: %s", b->name, line + 1,
                     p->problem ? p->problem : "unknown error");
}

static int next_event(struct builder *b, yaml_event_t *event)
{
    if (!yaml_parser_parse(&b->parser, event))
        return parser_error(b);
    return 0;
}

/* Text of a scalar event, owned by the caller. */
static int scalar_text(struct builder *b, char **out, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    if (memchr(value, '\0', event->data.scalar.length) != NULL)
        return refuse(b, event->start_mark.line, "a NUL character in a value");
    *out = strdup(value);
    return *out != NULL ? 0 : out_of_memory(b);
}

static bool has_properties(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor != NULL || e->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor != NULL || e->data.mapping_start.tag != NULL;
    default:
        return false;
    }
}

static int check_event(struct builder *b, const yaml_event_t *event, unsigned depth)
{
    if (event->type == YAML_ALIAS_EVENT)
        return refuse(b, event->start_mark.line, "aliases (*name) are not allowed");
    if (has_properties(event))
        return refuse(b, event->start_mark.line,
                      "anchors (&name) and tags (!name) are not allowed");
    if (depth > YAML_DEPTH_MAX)
        return refuse(b, event->start_mark.line, "nested too deeply");
    if (++b->num_items > YAML_ITEMS_MAX)
        return refuse(b, event->start_mark.line, "too many items in one file");
    return 0;
}

static int build(struct builder *b, struct yaml_item **out, const yaml_event_t *event,
                 unsigned depth);

static int build_list(struct builder *b, struct yaml_item *list, unsigned depth)
{
    const struct yaml_item **tail = &list->first;
    for (;;) {
        yaml_event_t event;
        if (next_event(b, &event) < 0)
            return -1;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        struct yaml_item *item = NULL;
        int result = end ? 0 : build(b, &item, &event, depth + 1);
        yaml_event_delete(&event);
        if (end || result < 0)
            return result;
        *tail = item;
        tail = &item->next;
        list->num_items++;
    }
}

static int check_key(struct builder *b, const struct yaml_item *map, const yaml_event_t *event)
{
    size_t line = event->start_mark.line;
    if (event->type != YAML_SCALAR_EVENT)
        return refuse(b, line, "a key must be a word");
    if (map->num_items >= YAML_KEYS_MAX)
        return refuse(b, line, "too many keys in one map");
    const struct yaml_item *old = yaml_get(map, (const char *)event->data.scalar.value);
    if (old == NULL)
        return 0;
    struct yaml_item here = { .file = b->name, .line = (int)line + 1 };
    return yaml_error(&here, b->err, "key '%s' is there twice, first on line %d", old->key,
                      old->line);
}

/* Builds the value that follows the key in `event`. */
static int build_entry(struct builder *b, const struct yaml_item *map, struct yaml_item **out,
                       const yaml_event_t *event, unsigned depth)
{
    char *key = NULL;
    struct yaml_item *item = NULL;
    if (check_event(b, event, depth) < 0 || check_key(b, map, event) < 0 ||
        scalar_text(b, &key, event) < 0)
        return -1;
    yaml_event_t value;
    int result = next_event(b, &value);
    if (result == 0) {
        result = build(b, &item, &value, depth);
        yaml_event_delete(&value);
    }
    if (result < 0) {
        free(key);
        return -1;
    }
    item->key = key;
    item->line = (int)event->start_mark.line + 1;
    *out = item;
    return 0;
}

static int build_map(struct builder *b, struct yaml_item *map, unsigned depth)
{
    const struct yaml_item **tail = &map->first;
    for (;;) {
        yaml_event_t event;
        if (next_event(b, &event) < 0)
            return -1;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        struct yaml_item *item = NULL;
        int result = end ? 0 : build_entry(b, map, &item, &event, depth + 1);
        yaml_event_delete(&event);
        if (end || result < 0)
            return result;
        *tail = item;
        tail = &item->next;
        map->num_items++;
    }
}

static int fill(struct builder *b, struct yaml_item *item, const yaml_event_t *event,
                unsigned depth)
{
    char *text;
    switch (event->type) {
    case YAML_SEQUENCE_START_EVENT:
        item->kind = YAML_LIST;
        return build_list(b, item, depth);
    case YAML_MAPPING_START_EVENT:
        item->kind = YAML_MAP;
        return build_map(b, item, depth);
    default:
        assert(event->type == YAML_SCALAR_EVENT);
        item->kind = YAML_SCALAR;
        item->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (scalar_text(b, &text, event) < 0)
            return -1;
        item->text = text;
        return 0;
    }
}

/* Builds the item that begins with `event`. Recursion is bounded by YAML_DEPTH_MAX. */
static int build(struct builder *b, struct yaml_item **out, const yaml_event_t *event,
                 unsigned depth)
{
    if (check_event(b, event, depth) < 0)
        return -1;
    struct yaml_item *item = calloc(1, sizeof *item);
    if (item == NULL)
        return out_of_memory(b);
    item->file = b->name;
    item->line = (int)event->start_mark.line + 1;
    if (fill(b, item, event, depth) < 0) {
        free_items(item);
        return -1;
    }
    *out = item;
    return 0;
}

static int expect(struct builder *b, yaml_event_type_t type, const char *otherwise)
{
    yaml_event_t event;
    if (next_event(b, &event) < 0)
        return -1;
    int result = event.type == type ? 0 : refuse(b, event.start_mark.line, otherwise);
    yaml_event_delete(&event);
    return result;
}

static int build_document(struct builder *b, struct yaml_item **out)
{
    if (expect(b, YAML_STREAM_START_EVENT, "not a YAML stream") < 0 ||
        expect(b, YAML_DOCUMENT_START_EVENT, "the file is empty") < 0)
        return -1;
    yaml_event_t event;
    if (next_event(b, &event) < 0)
        return -1;
    int result = build(b, out, &event, 0);
    yaml_event_delete(&event);
    if (result < 0)
        return -1;
    if (expect(b, YAML_DOCUMENT_END_EVENT, "something follows the document") < 0)
        return -1;
    return expect(b, YAML_STREAM_END_EVENT, "more than one document in one file");
}

int yaml_file_parse(struct yaml_file **out, const char *name, const void *bytes, size_t len,
                    struct error *err)
{
    if (len > YAML_FILE_MAX)
        return error_set(err, ERROR_USAGE, "%s: larger than %d bytes", name, YAML_FILE_MAX);
    if (memchr(bytes, '\0', len) != NULL)
        return error_set(err, ERROR_USAGE, "%s: a binary file, not YAML", name);
    struct yaml_file *file = calloc(1, sizeof *file);
    struct builder b = { .err = err };
    if (file == NULL || (file->name = strdup(name)) == NULL || !yaml_parser_initialize(&b.parser)) {
        yaml_file_free(file);
        return error_set(err, ERROR_HARNESS, "%s: out of memory", name);
    }
    b.name = file->name;
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, bytes, len);
    int result = build_document(&b, &file->root);
    yaml_parser_delete(&b.parser);
    if (result < 0) {
        yaml_file_free(file);
        return -1;
    }
    *out = file;
    return 0;
}

static int read_error(const char *path, struct error *err)
{
    return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
}

int yaml_file_load(struct yaml_file **out, const char *path, struct error *err)
{
    FILE *stream = fopen(path, "rbe");
    if (stream == NULL)
        return read_error(path, err);
    int result = -1;
    char *bytes = malloc(YAML_FILE_MAX + 1);
    if (bytes == NULL) {
        error_set(err, ERROR_HARNESS, "%s: out of memory", path);
        goto out;
    }
    size_t len = fread(bytes, 1, YAML_FILE_MAX + 1, stream);
    result = ferror(stream) ? read_error(path, err) : yaml_file_parse(out, path, bytes, len, err);
out:
    free(bytes);
    fclose(stream);
    return result;
}
