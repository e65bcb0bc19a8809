/* --config FILE: the options of both ends in one YAML file, in a map for each command,
 *
 *   server:
 *     listen: localhost:42001
 *     cert: chain.pem
 *   client:
 *     connect: localhost:42001
 *
 * with the names of the options as keys. What is wrong is told with file and line. */
#include "harness/nearest.h"
#include "harness/yaml/yaml.h"
#include "peers/common/byhand_parts.h"

#include <string.h>

/* The row of the option, or -1 if the command has no such option or the file may not hold it. */
static int option_row(const struct program *program, uint32_t bit, const char *name,
                      struct nearest *nearest)
{
    for (int i = 0; program->options[i].name != NULL; i++) {
        const struct option_row *row = &program->options[i];
        if ((row->commands & bit) == 0 || strcmp(row->name, "config") == 0)
            continue;
        if (strcmp(row->name, name) == 0)
            return i;
        nearest_offer(nearest, row->name);
    }
    return -1;
}

static int command_index(const struct program *program, const char *name)
{
    int i = 0;
    while (program->commands[i].name != NULL && strcmp(program->commands[i].name, name) != 0)
        i++;
    return i;
}

/* A switch is on with `true` and absent with `false`. */
static int switch_value(bool *on, const struct yaml_item *item, struct error *err)
{
    return yaml_bool(on, item, err);
}

static int take_item(struct configured *out, const struct yaml_item *item, uint32_t bit,
                     struct error *err)
{
    struct nearest nearest;
    bool on = true;
    const char *value = "";
    const struct program *program = out->options.program;
    nearest_init(&nearest, item->key);
    int row = option_row(program, bit, item->key, &nearest);
    if (row < 0)
        return yaml_error(item, err, "unknown key '%s'%s", item->key, nearest_hint(&nearest));
    int failed = program->options[row].argument == NULL ? switch_value(&on, item, err)
                                                        : yaml_string(&value, item, err);
    if (failed != 0)
        return -1;
    if (!on || out->options.num_values[row] > 0)
        return 0;
    out->options.values[row][0] = value;
    out->options.num_values[row] = 1;
    out->values[out->num_values++] = (struct configured_value){
        .option = item->key, .value = value, .path = item->file, .line = item->line
    };
    return 0;
}

static int take_section(struct configured *out, const char *command, struct error *err)
{
    static const struct yaml_key keys[] = { { "client", YAML_MAP }, { "server", YAML_MAP } };
    const struct yaml_item *root = yaml_file_root(out->file);
    if (yaml_check_map(root, keys, 2, err) != 0)
        return -1;
    const struct yaml_item *section = yaml_get(root, command);
    if (section == NULL)
        return yaml_error(root, err, "there is no '%s:' in it", command);
    uint32_t bit = UINT32_C(1) << command_index(out->options.program, command);
    for (const struct yaml_item *item = section->first; item != NULL; item = item->next)
        if (take_item(out, item, bit, err) != 0)
            return -1;
    return 0;
}

int configured_read(struct configured *out, const struct parsed_options *options,
                    const char *command, struct error *err)
{
    const char *path = option_value(options, "config");
    out->options = *options;
    out->file = NULL;
    out->num_values = 0;
    if (path == NULL)
        return 0;
    return yaml_file_load(&out->file, path, err) == 0 ? take_section(out, command, err) : -1;
}

/* By the option's name, or by the value itself: a file that cannot be used is told by its path. */
static bool is_about(const char *text, const struct configured_value *value)
{
    char name[NAME_MAX_LEN];
    snprintf(name, sizeof name, "--%s", value->option);
    const char *found = strstr(text, name);
    size_t len = strlen(name);
    if (found != NULL && strchr(": '", found[len]) != NULL && found[len] != '\0')
        return true;
    return strchr(value->value, '/') != NULL && strstr(text, value->value) != NULL;
}

int configured_error(const struct configured *configured, struct error *err)
{
    for (size_t i = 0; err != NULL && i < configured->num_values; i++)
        if (is_about(err->text, &configured->values[i]))
            return error_prefix(err, "%s:%d", configured->values[i].path,
                                configured->values[i].line);
    return -1;
}

void configured_fini(struct configured *configured)
{
    yaml_file_free(configured->file);
}
