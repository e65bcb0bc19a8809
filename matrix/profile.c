/* Reading profile files (matrix/profiles/README.md describes them). */
#include "matrix/profile.h"

#include "harness/nearest.h"
#include "harness/yaml/yaml.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char profile_directory[PATH_LEN] = "matrix/profiles";

void profile_set_directory(const char *directory)
{
    snprintf(profile_directory, sizeof profile_directory, "%s", directory);
}

static const char *const coverage_names[] = {
    [COVERAGE_FULL] = "full",
    [COVERAGE_THREEWISE] = "threewise",
    [COVERAGE_PAIRWISE] = "pairwise",
    [COVERAGE_SMOKE] = "smoke",
};

static const char *const pairs_names[] = {
    [PAIRS_ALL] = "all",
    [PAIRS_SAME] = "same",
    [PAIRS_DIFFERENT] = "different",
};

static const struct yaml_key profile_keys[] = {
    { "title", YAML_SCALAR, .required = true },
    { "blocks", YAML_LIST, .required = true },
};

static const struct yaml_key block_keys[] = {
    { "name", YAML_SCALAR, .required = true },
    { "coverage", YAML_SCALAR, .required = true },
    { "pairs", YAML_SCALAR },
    { "client", .any_kind = true },
    { "server", .any_kind = true },
    { "version", .required = true, .any_kind = true },
    { "suite", .required = true, .any_kind = true },
    { "group", .required = true, .any_kind = true },
    { "credential", .required = true, .any_kind = true },
    { "auth", .required = true, .any_kind = true },
    { "pin", .required = true, .any_kind = true },
    { "identity", .any_kind = true },
    { "attack", .any_kind = true },
    { "delivery", .any_kind = true },
    { "hello", .any_kind = true },
    { "exchange", .any_kind = true },
};

#define LEN(array) (sizeof(array) / sizeof(array)[0])

bool block_has(const struct block *block, enum axis axis, uint16_t index)
{
    return (block->axes[axis].has[index / 8] & 1u << index % 8) != 0;
}

bool block_wants_pair(const struct block *block, unsigned client, unsigned server)
{
    return block->pairs == PAIRS_ALL || (client == server) == (block->pairs == PAIRS_SAME);
}

/* ---- one word of one axis ---- */

/* The value's index in the profile's axis, where it is added if it is new; -1: no room. */
static int intern(struct value_list *axis, struct axis_value value)
{
    for (size_t i = 0; i < axis->num; i++)
        if (axis_value_equal(axis->values[i], value))
            return (int)i;
    struct axis_value *values = axis->num < PROFILE_VALUES_MAX
                                    ? realloc(axis->values, (axis->num + 1) * sizeof *values)
                                    : NULL;
    if (values == NULL)
        return -1;
    axis->values = values;
    values[axis->num] = value;
    return (int)axis->num++;
}

static int block_axis_add(struct block *block, enum axis axis, uint16_t index)
{
    struct block_axis *list = &block->axes[axis];
    if (block_has(block, axis, index))
        return 0;
    uint16_t *indices = realloc(list->indices, (list->num + 1) * sizeof *indices);
    if (indices == NULL)
        return -1;
    list->indices = indices;
    indices[list->num++] = index;
    list->has[index / 8] |= (uint8_t)(1u << index % 8);
    return 0;
}

static struct profile_item *item_new(struct profile *profile, enum axis axis, const char *word,
                                     int line, size_t num_indices)
{
    struct profile_item *items = realloc(profile->items, (profile->num_items + 1) * sizeof *items);
    if (items == NULL)
        return NULL;
    profile->items = items;
    struct profile_item *item = &items[profile->num_items];
    *item = (struct profile_item){ .axis = axis, .line = line, .word = strdup(word) };
    item->indices = calloc(num_indices + 1, sizeof *item->indices);
    profile->num_items++;
    return item->word != NULL && item->indices != NULL ? item : NULL;
}

static int add_values(struct profile *profile, struct block *block, enum axis axis,
                      const char *word, int line, const struct value_list *list, struct error *err)
{
    struct profile_item *item = item_new(profile, axis, word, line, list->num);
    if (item == NULL)
        return error_errno(err, "profile");
    for (size_t i = 0; i < list->num; i++) {
        int index = intern(&profile->axes[axis], list->values[i]);
        if (index < 0 || block_axis_add(block, axis, (uint16_t)index) < 0)
            return error_set(err, ERROR_USAGE, "%s:%d: more than %d values", profile->path, line,
                             PROFILE_VALUES_MAX);
        item->indices[item->num_indices++] = (uint16_t)index;
    }
    return 0;
}

/* True if the block had the value. */
static bool block_axis_remove(struct block *block, enum axis axis, int index)
{
    struct block_axis *list = &block->axes[axis];
    if (index < 0 || !block_has(block, axis, (uint16_t)index))
        return false;
    list->has[index / 8] &= (uint8_t) ~(1u << index % 8);
    size_t num = 0;
    for (size_t i = 0; i < list->num; i++)
        if (list->indices[i] != index)
            list->indices[num++] = list->indices[i];
    list->num = num;
    return true;
}

/* "!ffdhe*": takes away what the words before it in the list brought. What no stack of the run has
 * was not brought, and need not be there to be taken away. */
static int remove_values(const struct profile *profile, struct block *block, enum axis axis,
                         const struct yaml_item *item, const struct value_list *list,
                         struct error *err)
{
    size_t num_removed = 0;
    for (size_t i = 0; i < list->num; i++)
        for (size_t index = 0; index < profile->axes[axis].num; index++)
            if (axis_value_equal(profile->axes[axis].values[index], list->values[i]))
                num_removed += block_axis_remove(block, axis, (int)index);
    if (num_removed == 0 && list->num > 0)
        return yaml_error(item, err, "'%s' takes nothing away: name it behind what it takes from",
                          item->text);
    return 0;
}

static int load_word(struct profile *profile, struct block *block, enum axis axis,
                     const struct yaml_item *item, const struct stack_set *stacks,
                     struct error *err)
{
    const char *word;
    struct value_list list = { 0 };
    struct error why = { 0 };
    if (yaml_string(&word, item, err) < 0)
        return -1;
    bool removes = word[0] == '!';
    int failed = axis_word_expand(&list, axis, word + removes, stacks, &why);
    if (failed < 0)
        yaml_error(item, err, "%s", why.text);
    else if (removes)
        failed = remove_values(profile, block, axis, item, &list, err);
    else
        failed = add_values(profile, block, axis, word, item->line, &list, err);
    free(list.values);
    return failed;
}

/* A list of words, or a single one; absent (client, server): all; absent (optional axes): the
 * ordinary value. */
static int load_axis(struct profile *profile, struct block *block, enum axis axis,
                     const struct yaml_item *map, const struct stack_set *stacks, struct error *err)
{
    const struct yaml_item *item = yaml_get(map, axis_name(axis));
    struct yaml_item all = { .kind = YAML_SCALAR, .text = "all", .plain = true };
    if (item == NULL) {
        all.file = map->file;
        all.line = map->line;
        if ((int)axis >= FIRST_OPTIONAL_AXIS)
            all.text = axis_word(axis, 0, stacks);
        item = &all;
    }
    if (item->kind == YAML_SCALAR)
        return load_word(profile, block, axis, item, stacks, err);
    if (yaml_check_kind(item, YAML_LIST, err) < 0)
        return -1;
    if (item->num_items == 0)
        return yaml_error(item, err, "no %s in the list", axis_name(axis));
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next)
        if (load_word(profile, block, axis, i, stacks, err) < 0)
            return -1;
    return 0;
}

/* ---- one block ---- */

static int load_choice(int *out, const struct yaml_item *map, const char *key,
                       const char *const names[], size_t num_names, struct error *err)
{
    const char *word = NULL;
    if (yaml_get_string(&word, map, key, err) < 0)
        return -1;
    for (size_t i = 0; word != NULL && i < num_names; i++)
        if (strcmp(names[i], word) == 0) {
            *out = (int)i;
            return 0;
        }
    if (word == NULL)
        return 0;
    const char *near = nearest_word(word, names, num_names);
    return yaml_error(yaml_get(map, key), err,
                      near != NULL ? "unknown %s '%s', did you mean '%s'?" : "unknown %s '%s'", key,
                      word, near);
}

static int load_block(struct profile *profile, struct block *block, const struct yaml_item *map,
                      const struct stack_set *stacks, struct error *err)
{
    const char *name = NULL;
    int coverage = COVERAGE_FULL;
    int pairs = PAIRS_ALL;
    if (yaml_check_map(map, block_keys, LEN(block_keys), err) < 0 ||
        yaml_get_string(&name, map, "name", err) < 0 ||
        load_choice(&coverage, map, "coverage", coverage_names, LEN(coverage_names), err) < 0 ||
        load_choice(&pairs, map, "pairs", pairs_names, LEN(pairs_names), err) < 0)
        return -1;
    block->coverage = (enum coverage)coverage;
    block->pairs = (enum stack_pairs)pairs;
    block->name = strdup(name);
    for (int axis = 0; axis < NUM_AXES; axis++)
        if (load_axis(profile, block, (enum axis)axis, map, stacks, err) < 0)
            return -1;
    return 0;
}

static int load_root(struct profile *profile, const struct yaml_item *root,
                     const struct stack_set *stacks, struct error *err)
{
    const char *title = NULL;
    if (yaml_check_map(root, profile_keys, LEN(profile_keys), err) < 0 ||
        yaml_get_string(&title, root, "title", err) < 0)
        return -1;
    const struct yaml_item *blocks = yaml_get(root, "blocks");
    if (blocks->num_items == 0 || blocks->num_items > PROFILE_BLOCKS_MAX)
        return yaml_error(blocks, err, "a profile has 1 to %d blocks", PROFILE_BLOCKS_MAX);
    profile->title = strdup(title);
    profile->blocks = calloc(blocks->num_items, sizeof *profile->blocks);
    if (profile->title == NULL || profile->blocks == NULL)
        return error_errno(err, "%s", profile->path);
    for (const struct yaml_item *i = blocks->first; i != NULL; i = i->next)
        if (load_block(profile, &profile->blocks[profile->num_blocks++], i, stacks, err) < 0)
            return -1;
    return 0;
}

/* ---- finding the file ---- */

static bool is_path(const char *name)
{
    return strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL;
}

/* "there is no profile 'smok' in DIRECTORY, did you mean 'smoke'?" */
static int no_such_profile(const char *name, struct error *err)
{
    char words[PROFILE_BLOCKS_MAX][NAME_MAX_LEN];
    size_t num = 0;
    struct nearest nearest;
    nearest_init(&nearest, name);
    DIR *directory = opendir(profile_directory);
    for (struct dirent *entry;
         directory != NULL && num < LEN(words) && (entry = readdir(directory)) != NULL;) {
        const char *end = strstr(entry->d_name, ".yaml");
        if (end == NULL || end[strlen(".yaml")] != '\0')
            continue;
        snprintf(words[num], sizeof words[num], "%.*s", (int)(end - entry->d_name), entry->d_name);
        nearest_offer(&nearest, words[num++]);
    }
    if (directory != NULL)
        closedir(directory);
    return error_set(err, ERROR_USAGE, "there is no profile '%s' in %s%s", name, profile_directory,
                     nearest_hint(&nearest));
}

static int find_file(char **out, const char *name_or_path, struct error *err)
{
    char path[2 * PATH_LEN];
    if (is_path(name_or_path)) {
        *out = strdup(name_or_path);
        return *out != NULL ? 0 : error_errno(err, "%s", name_or_path);
    }
    int len = snprintf(path, sizeof path, "%s/%s.yaml", profile_directory, name_or_path);
    if (len < 0 || (size_t)len >= sizeof path || access(path, F_OK) < 0)
        return no_such_profile(name_or_path, err);
    *out = strdup(path);
    return *out != NULL ? 0 : error_errno(err, "%s", path);
}

int profile_load(struct profile **out, const char *name_or_path, const struct stack_set *stacks,
                 struct error *err)
{
    struct yaml_file *file = NULL;
    struct profile *profile = calloc(1, sizeof *profile);
    if (profile == NULL)
        return error_errno(err, "%s", name_or_path);
    int failed = find_file(&profile->path, name_or_path, err);
    if (failed == 0)
        failed = yaml_file_load(&file, profile->path, err);
    if (failed == 0)
        failed = load_root(profile, yaml_file_root(file), stacks, err);
    yaml_file_free(file);
    if (failed == 0)
        *out = profile;
    else
        profile_free(profile);
    return failed;
}

static void block_fini(struct block *block)
{
    for (int axis = 0; axis < NUM_AXES; axis++)
        free(block->axes[axis].indices);
    free(block->name);
}

void profile_free(struct profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->num_blocks; i++)
        block_fini(&profile->blocks[i]);
    for (size_t i = 0; i < profile->num_items; i++) {
        free(profile->items[i].word);
        free(profile->items[i].indices);
    }
    for (int axis = 0; axis < NUM_AXES; axis++)
        free(profile->axes[axis].values);
    free(profile->blocks);
    free(profile->items);
    free(profile->title);
    free(profile->path);
    free(profile);
}

const char *profile_title(const struct profile *profile)
{
    return profile->title;
}

const char *profile_path(const struct profile *profile)
{
    return profile->path;
}
