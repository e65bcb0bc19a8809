#include "matrix/acceptance.h"

#include "harness/nearest.h"
#include "harness/yaml/yaml.h"
#include "matrix/stacks.h"

#include <stdio.h>
#include <string.h>

static const struct yaml_key root_keys[] = { { "rows", YAML_LIST, .required = true } };
static const struct yaml_key row_keys[] = {
    { "id", YAML_SCALAR, .required = true },
    { "text", YAML_SCALAR, .required = true },
    { "cases", YAML_LIST },     /* ids without the pair of stacks; globs */
    { "profile", YAML_SCALAR }, /* that has them; full if left out */
    { "scenarios", YAML_LIST },
    { "tests", YAML_LIST }, /* pytest node ids */
    { "missing", YAML_SCALAR },
};

static const char *text_of(const struct yaml_item *row, const char *key, const char *otherwise)
{
    const struct yaml_item *item = yaml_get(row, key);
    return item != NULL ? item->text : otherwise;
}

static const struct yaml_item *first_of(const struct yaml_item *row, const char *key)
{
    const struct yaml_item *list = yaml_get(row, key);
    return list != NULL ? list->first : NULL;
}

static json_t *words_to_json(const struct yaml_item *row, const char *key)
{
    json_t *words = json_array();
    for (const struct yaml_item *i = first_of(row, key); i != NULL; i = i->next)
        json_array_append_new(words, json_string(i->text));
    return words;
}

static json_t *row_to_json(const struct yaml_item *row)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "id", text_of(row, "id", ""), "text",
                     text_of(row, "text", ""), "profile", text_of(row, "profile", "full"), "cases",
                     words_to_json(row, "cases"), "scenarios", words_to_json(row, "scenarios"),
                     "tests", words_to_json(row, "tests"), "missing", text_of(row, "missing", ""));
}

static void print_line(const struct yaml_item *row)
{
    printf("%-28s %s%s\n", text_of(row, "id", ""), text_of(row, "text", ""),
           yaml_get(row, "missing") != NULL ? " (in part)" : "");
}

static bool is_glob(const char *text)
{
    return strpbrk(text, "*?[{") != NULL;
}

static void print_commands(const struct yaml_item *row, const struct stack_set *stacks)
{
    const char *profile = text_of(row, "profile", "full");
    const char *one = stacks->num_stacks > 0 ? stacks->stacks[0].stack : "STACK";
    const char *other = stacks->num_stacks > 1 ? stacks->stacks[1].stack : one;
    for (const struct yaml_item *i = first_of(row, "cases"); i != NULL; i = i->next) {
        printf("  tlsmatrix run %s --select '*/%s'\n", profile, i->text);
        if (!is_glob(i->text))
            printf("  tlsmatrix rerun -v '%s-%s/%s'\n", one, other, i->text);
    }
    for (const struct yaml_item *i = first_of(row, "scenarios"); i != NULL; i = i->next)
        printf("  tlsmatrix scenario %s\n", i->text);
    for (const struct yaml_item *i = first_of(row, "tests"); i != NULL; i = i->next)
        printf("  pytest '%s'\n", i->text);
    if (yaml_get(row, "missing") != NULL)
        printf("  missing: %s\n", text_of(row, "missing", ""));
}

static int check_list(const struct yaml_item *row, const char *key, struct error *err)
{
    const char *text;
    for (const struct yaml_item *i = first_of(row, key); i != NULL; i = i->next)
        if (yaml_string(&text, i, err) < 0)
            return -1;
    return 0;
}

static int check_row(const struct yaml_item *row, struct error *err)
{
    if (yaml_check_map(row, row_keys, sizeof row_keys / sizeof row_keys[0], err) < 0 ||
        check_list(row, "cases", err) < 0 || check_list(row, "scenarios", err) < 0 ||
        check_list(row, "tests", err) < 0)
        return -1;
    if (yaml_get(row, "cases") == NULL && yaml_get(row, "scenarios") == NULL &&
        yaml_get(row, "tests") == NULL)
        return yaml_error(row, err, "%s: nothing covers it", text_of(row, "id", ""));
    return 0;
}

static int print_rows(const struct yaml_item *rows, const char *id, const struct stack_set *stacks,
                      bool json, struct error *err)
{
    struct nearest nearest;
    bool found = false;
    json_t *all = json_array();
    nearest_init(&nearest, id != NULL ? id : "");
    for (const struct yaml_item *row = rows->first; row != NULL; row = row->next) {
        bool wanted = id == NULL || strcmp(text_of(row, "id", ""), id) == 0;
        nearest_offer(&nearest, text_of(row, "id", ""));
        if (!wanted)
            continue;
        found = true;
        json_array_append_new(all, row_to_json(row));
        if (!json)
            print_line(row);
        if (!json && id != NULL)
            print_commands(row, stacks);
    }
    if (json && found) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    if (found)
        return 0;
    return error_set(err, ERROR_USAGE, "no row '%s' of the acceptance table%s",
                     id != NULL ? id : "", nearest_hint(&nearest));
}

int acceptance_list(const char *id, const struct stack_set *stacks, bool json, struct error *err)
{
    char path[PATH_LEN];
    struct yaml_file *file;
    stacks_data_path(path, "matrix/acceptance.yaml");
    if (yaml_file_load(&file, path, err) < 0)
        return -1;
    int ret = yaml_check_map(yaml_file_root(file), root_keys, 1, err);
    const struct yaml_item *rows = yaml_get(yaml_file_root(file), "rows");
    for (const struct yaml_item *row = ret == 0 ? rows->first : NULL; row != NULL && ret == 0;
         row = row->next)
        ret = check_row(row, err);
    if (ret == 0)
        ret = print_rows(rows, id, stacks, json, err);
    yaml_file_free(file);
    return ret;
}
