/* Each error beside its positive twin: what is refused is told with file and line. */
#include "harness/yaml/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yaml_file *parse(const char *text)
{
    struct yaml_file *file;
    struct error err;
    if (yaml_file_parse(&file, "a.yaml", text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
    return file;
}

static void assert_refused(const char *text, const char *message)
{
    struct yaml_file *file;
    struct error err;
    assert_int_equal(yaml_file_parse(&file, "a.yaml", text, strlen(text), &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_string_equal(err.text, message);
}

static void items_keep_their_order_and_lines(void **state)
{
    (void)state;
    struct yaml_file *file = parse("# comment\ntitle: A case\nlist:\n  - x\n  - y: 1\nlast: {}\n");
    const struct yaml_item *root = yaml_file_root(file);
    assert_int_equal(root->kind, YAML_MAP);
    assert_int_equal(root->num_items, 3);
    const struct yaml_item *list = yaml_get(root, "list");
    assert_int_equal(list->line, 3);
    assert_int_equal(list->num_items, 2);
    assert_string_equal(list->first->text, "x");
    assert_int_equal(list->first->next->first->line, 5);
    assert_string_equal(list->first->next->first->key, "y");
    assert_null(list->first->next->next);
    assert_int_equal(yaml_get(root, "last")->num_items, 0);
    assert_null(yaml_get(root, "absent"));
    yaml_file_free(file);
}

static void malformed_files_are_refused_with_their_line(void **state)
{
    (void)state;
    yaml_file_free(parse("a: [1]\n"));
    assert_refused("a: 1\nb: [1\n", "a.yaml:3: not valid YAML: did not find expected ',' or ']'");
    assert_refused("", "a.yaml:1: the file is empty");
    assert_refused("# nothing\n", "a.yaml:2: the file is empty");
    assert_refused("a: \xff\n", "a.yaml:1: not valid YAML: invalid leading UTF-8 octet");
    assert_refused("a: \"x\\0y\"\n", "a.yaml:1: a NUL character in a value");
}

static void what_hides_a_value_from_readers_is_refused(void **state)
{
    (void)state;
    yaml_file_free(parse("a: x\nb: x\n"));
    assert_refused("a: 1\nb: &x 1\n", "a.yaml:2: anchors (&name) and tags (!name) are not allowed");
    assert_refused("a: 1\nb: *x\n", "a.yaml:2: aliases (*name) are not allowed");
    assert_refused("a: !!int 1\n", "a.yaml:1: anchors (&name) and tags (!name) are not allowed");
    assert_refused("a: 1\n---\nb: 1\n", "a.yaml:2: more than one document in one file");
    assert_refused("a: 1\nb: 2\na: 3\n", "a.yaml:3: key 'a' is there twice, first on line 1");
    assert_refused("[a]: 1\n", "a.yaml:1: a key must be a word");
}

static void assert_binary_refused(const char *bytes, size_t len)
{
    struct yaml_file *file;
    struct error err;
    assert_int_equal(yaml_file_parse(&file, "a.yaml", bytes, len, &err), -1);
    assert_string_equal(err.text, "a.yaml: a binary file, not YAML");
}

static void binary_files_are_refused(void **state)
{
    (void)state;
    assert_binary_refused("a: 1\0", 5);
    assert_binary_refused("a\0:\0", 4);
}

/* N opening brackets, then as many closing ones. */
static char *nested(size_t depth)
{
    char *text = calloc(1, depth * 2 + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return text;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char *text = nested(YAML_DEPTH_MAX + 1); /* the root has depth 0 */
    yaml_file_free(parse(text));
    free(text);
    text = nested(YAML_DEPTH_MAX + 2);
    assert_refused(text, "a.yaml:1: nested too deeply");
    free(text);
    text = nested(100000);
    assert_refused(text, "a.yaml:1: nested too deeply");
    free(text);
}

/* A flow list of `num` scalars. */
static char *flat_list(size_t num)
{
    char *text = malloc(num * 2 + 2);
    text[0] = '[';
    for (size_t i = 0; i < num; i++)
        memcpy(text + 1 + i * 2, "x,", 2);
    strcpy(text + 1 + num * 2 - 1, "]");
    return text;
}

static void the_number_of_items_is_bounded(void **state)
{
    (void)state;
    char *text = flat_list(YAML_ITEMS_MAX - 1); /* and the list itself */
    yaml_file_free(parse(text));
    free(text);
    text = flat_list(YAML_ITEMS_MAX);
    assert_refused(text, "a.yaml:1: too many items in one file");
    free(text);
}

static void the_size_is_bounded(void **state)
{
    (void)state;
    char *text = malloc(YAML_FILE_MAX + 2);
    memset(text, '#', YAML_FILE_MAX + 1);
    memcpy(text, "a: 1\n", 5);
    text[YAML_FILE_MAX] = '\0';
    yaml_file_free(parse(text));
    text[YAML_FILE_MAX] = '#';
    text[YAML_FILE_MAX + 1] = '\0';
    assert_refused(text, "a.yaml: larger than 1048576 bytes");
    free(text);
}

static void unreadable_files_are_told_by_name(void **state)
{
    (void)state;
    struct yaml_file *file;
    struct error err;
    assert_int_equal(yaml_file_load(&file, "/nonexistent/a.yaml", &err), -1);
    assert_string_equal(err.text, "/nonexistent/a.yaml: No such file or directory");
    assert_int_equal(err.class, ERROR_USAGE);
    assert_int_equal(yaml_file_load(&file, "/", &err), -1);
    assert_string_equal(err.text, "/: Is a directory");
}

static const struct yaml_key keys[] = {
    { "title", YAML_SCALAR, .required = true },
    { "blocks", YAML_LIST },
    { "free", .any_kind = true },
};

static int check_map(const char *text, struct error *err)
{
    struct yaml_file *file = parse(text);
    int result = yaml_check_map(yaml_file_root(file), keys, 3, err);
    yaml_file_free(file);
    return result;
}

static void assert_map_refused(const char *text, const char *message)
{
    struct error err;
    assert_int_equal(check_map(text, &err), -1);
    assert_string_equal(err.text, message);
}

static void maps_are_checked_against_a_table(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(check_map("title: x\nblocks: []\nfree: {}\n", &err), 0);
    assert_int_equal(check_map("title: x\nfree: y\n", &err), 0);
    assert_map_refused("title: x\nblock: []\n",
                       "a.yaml:2: unknown key 'block', did you mean 'blocks'?");
    assert_map_refused("title: x\nzzzzzzzz: []\n",
                       "a.yaml:2: unknown key 'zzzzzzzz', known are: title, blocks, free");
    assert_map_refused("\nblocks: []\n", "a.yaml:2: key 'title' is missing");
    assert_map_refused("title: []\n", "a.yaml:1: 'title' must be a single value, not a list");
    assert_map_refused("title: x\nblocks: y\n",
                       "a.yaml:2: 'blocks' must be a list, not a single value");
    assert_map_refused("- x\n", "a.yaml:1: this must be a map of keys to values, not a list");
}

static void strings_are_read_with_or_without_quotes(void **state)
{
    (void)state;
    struct yaml_file *file = parse("a: x y\nb: 'true'\nc: \"\"\nd:\n");
    const struct yaml_item *root = yaml_file_root(file);
    const char *text = "as before";
    struct error err;
    assert_int_equal(yaml_get_string(&text, root, "absent", &err), 0);
    assert_string_equal(text, "as before");
    assert_int_equal(yaml_get_string(&text, root, "a", &err), 0);
    assert_string_equal(text, "x y");
    assert_int_equal(yaml_get_string(&text, root, "b", &err), 0);
    assert_string_equal(text, "true");
    assert_int_equal(yaml_get_string(&text, root, "c", &err), 0);
    assert_string_equal(text, "");
    assert_int_equal(yaml_get_string(&text, root, "d", &err), -1);
    assert_string_equal(err.text, "a.yaml:4: 'd' has no value");
    yaml_file_free(file);
}

static int read_int(int64_t *out, const char *text, struct error *err)
{
    struct yaml_file *file = parse(text);
    int result = yaml_get_int(out, yaml_file_root(file), "n", -5, 1000, err);
    yaml_file_free(file);
    return result;
}

static void whole_numbers_are_read_within_their_bounds(void **state)
{
    (void)state;
    int64_t n = 77;
    struct error err;
    assert_int_equal(read_int(&n, "m: 1", &err), 0);
    assert_int_equal(n, 77);
    assert_int_equal(read_int(&n, "n: 1000", &err), 0);
    assert_int_equal(n, 1000);
    assert_int_equal(read_int(&n, "n: -5", &err), 0);
    assert_int_equal(n, -5);
    assert_int_equal(read_int(&n, "n: 1001", &err), -1);
    assert_string_equal(err.text, "a.yaml:1: 'n' must be from -5 to 1000, not 1001");
    static const char *const wrong[] = { "1.5", "x",  "'1'", "0x10",
                                         "1 2", "+1", "--",  "99999999999999999999" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "n: %s", wrong[i]);
        assert_int_equal(read_int(&n, text, &err), -1);
        assert_non_null(strstr(err.text, "a.yaml:1: 'n' must be a whole number, not '"));
    }
    assert_int_equal(n, -5);
}

static void booleans_are_true_or_false(void **state)
{
    (void)state;
    struct yaml_file *file = parse("a: true\nb: false\nc: yes\nd: 'true'\n");
    const struct yaml_item *root = yaml_file_root(file);
    bool flag = false;
    struct error err;
    assert_int_equal(yaml_get_bool(&flag, root, "a", &err), 0);
    assert_true(flag);
    assert_int_equal(yaml_get_bool(&flag, root, "absent", &err), 0);
    assert_true(flag);
    assert_int_equal(yaml_get_bool(&flag, root, "b", &err), 0);
    assert_false(flag);
    assert_int_equal(yaml_get_bool(&flag, root, "c", &err), -1);
    assert_string_equal(err.text, "a.yaml:3: 'c' must be true or false, not 'yes'");
    assert_int_equal(yaml_get_bool(&flag, root, "d", &err), -1);
    yaml_file_free(file);
}

static void errors_stay_on_one_line(void **state)
{
    (void)state;
    struct yaml_file *file = parse("n: \"a\\nb\\e[31m\"\n");
    struct error err;
    int64_t n;
    assert_int_equal(yaml_get_int(&n, yaml_file_root(file), "n", 0, 1, &err), -1);
    assert_string_equal(err.text, "a.yaml:1: 'n' must be a whole number, not 'a?b?[31m'");
    yaml_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_keep_their_order_and_lines),
        cmocka_unit_test(malformed_files_are_refused_with_their_line),
        cmocka_unit_test(what_hides_a_value_from_readers_is_refused),
        cmocka_unit_test(binary_files_are_refused),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(the_number_of_items_is_bounded),
        cmocka_unit_test(the_size_is_bounded),
        cmocka_unit_test(unreadable_files_are_told_by_name),
        cmocka_unit_test(maps_are_checked_against_a_table),
        cmocka_unit_test(strings_are_read_with_or_without_quotes),
        cmocka_unit_test(whole_numbers_are_read_within_their_bounds),
        cmocka_unit_test(booleans_are_true_or_false),
        cmocka_unit_test(errors_stay_on_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
