/* The YAML reader (harness/yaml/yaml.h). Input: the file. */
#include "harness/yaml/yaml.h"
#include "fuzz/common/fuzz.h"

#include <string.h>

static const char name[] = "input.yaml";

/* Everything hangs together, within the bounds that yaml.h states. */
static size_t check(const struct yaml_item *item, int depth, bool in_map)
{
    size_t num = 1, children = 0;
    int64_t number;
    bool flag;
    const char *text;
    FUZZ_ASSERT(depth <= YAML_DEPTH_MAX && item->line >= 1);
    FUZZ_ASSERT((item->key != NULL) == in_map && strcmp(item->file, name) == 0);
    FUZZ_ASSERT((item->text != NULL) == (item->kind == YAML_SCALAR));
    if (item->kind == YAML_SCALAR) {
        FUZZ_ASSERT(item->first == NULL);
        yaml_string(&text, item, NULL);
        if (yaml_int(&number, item, -5, 500, NULL) == 0)
            FUZZ_ASSERT(number >= -5 && number <= 500 && item->plain);
        if (yaml_bool(&flag, item, NULL) == 0)
            FUZZ_ASSERT(strcmp(item->text, flag ? "true" : "false") == 0);
    }
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next) {
        children++;
        if (item->kind == YAML_MAP)
            FUZZ_ASSERT(yaml_get(item, i->key) == i); /* no key stands twice */
        num += check(i, depth + 1, item->kind == YAML_MAP);
    }
    FUZZ_ASSERT(children == item->num_items);
    return num;
}

static bool is_one_line(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static void run(const uint8_t *data, size_t len)
{
    struct yaml_file *file;
    struct error err = { .class = ERROR_NONE };
    if (yaml_file_parse(&file, name, data, len, &err) < 0) {
        FUZZ_ASSERT(err.class == ERROR_USAGE && strncmp(err.text, name, strlen(name)) == 0);
        FUZZ_ASSERT(is_one_line(err.text));
        return;
    }
    FUZZ_ASSERT(check(yaml_file_root(file), 0, false) <= YAML_ITEMS_MAX + 1);
    yaml_file_free(file);
}

const struct fuzz_target fuzz_target = {
    .name = "yaml",
    .run = run,
    .memory_base = 512 << 10, /* libyaml's buffers */
    .memory_per_byte = 256,
    .time_base_us = 100000,
    .time_per_byte_us = 200,
};
