#include "matrix/command_common.h"

#include "matrix/case_value.h"

#include <stdlib.h>
#include <string.h>

enum { REPEATS_MAX = 1000000, SHARDS_MAX = 100000 };

static const char default_profile[] = "pairwise";

static int add_spec(struct stack_specs *out, const char *spec, struct error *err)
{
    if (out->num_specs == STACKS_MAX)
        return error_set(err, ERROR_USAGE, "more than %d stacks", STACKS_MAX);
    out->specs[out->num_specs++] = spec;
    return 0;
}

int stack_specs_read(struct stack_specs *out, const struct parsed_options *options,
                     struct error *err)
{
    const char *const *programs;
    const char *list = option_value(options, "stacks");
    out->num_specs = 0;
    if (list != NULL) {
        char *state = NULL;
        if (strlen(list) >= sizeof out->words)
            return error_set(err, ERROR_USAGE, "--stacks is too long");
        strcpy(out->words, list);
        for (char *word = strtok_r(out->words, ",", &state); word != NULL;
             word = strtok_r(NULL, ",", &state))
            if (add_spec(out, word, err) < 0)
                return -1;
        if (out->num_specs == 0)
            return error_set(err, ERROR_USAGE, "--stacks names no stack");
    }
    size_t num_programs = option_values(options, "stack", &programs);
    for (size_t i = 0; i < num_programs; i++) {
        if (strchr(programs[i], '=') == NULL)
            return error_set(err, ERROR_USAGE, "--stack '%s': it must be NAME=COMMAND",
                             programs[i]);
        if (add_spec(out, programs[i], err) < 0)
            return -1;
    }
    return 0;
}

/* "2/4" -> the second of four. */
static int read_shard(struct selection *out, const char *text, struct error *err)
{
    char *end = NULL;
    unsigned long index = strtoul(text, &end, 10);
    unsigned long num = *end == '/' ? strtoul(end + 1, &end, 10) : 0;
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || index < 1 || index > num ||
        num > SHARDS_MAX)
        return error_set(err, ERROR_USAGE, "--shard '%s': it must be I/N with I from 1 to N", text);
    out->shard = (uint32_t)(index - 1);
    out->num_shards = (uint32_t)num;
    return 0;
}

int selection_read(struct selection *out, const struct parsed_options *options, struct error *err)
{
    uint64_t repeats;
    const char *shard = option_value(options, "shard");
    *out = (struct selection){ .num_shards = 1, .some_stacks = option_given(options, "stacks") };
    out->num_globs = option_values(options, "select", &out->globs);
    if (option_number(&repeats, options, "repeat", 1, 1, REPEATS_MAX, err) < 0)
        return -1;
    out->repeats = (uint32_t)repeats;
    return shard == NULL ? 0 : read_shard(out, shard, err);
}

const char *profile_operand(const struct parsed_options *options, struct error *err)
{
    if (options->num_operands > 1) {
        error_set(err, ERROR_USAGE, "one profile at a time, but '%s' and '%s' are given",
                  options->operands[0], options->operands[1]);
        return NULL;
    }
    return options->num_operands == 0 ? default_profile : options->operands[0];
}

/* Ids tell the optional axes apart by their words alone. */
static int check_hello_names(struct error *err)
{
    static const struct stack_set no_stacks;
    const char *word;
    for (int axis = FIRST_OPTIONAL_AXIS; axis < NUM_AXES; axis++)
        for (size_t i = 0;
             axis != AXIS_HELLO && (word = axis_word((enum axis)axis, i, &no_stacks)) != NULL;
             i++) {
            int index = hello_by_name(word);
            if (index >= 0)
                return error_set(err, ERROR_USAGE,
                                 "%s:%d: '%s' is the name of a value of '%s' already",
                                 hello_at((size_t)index)->file, hello_at((size_t)index)->line, word,
                                 axis_name((enum axis)axis));
        }
    return 0;
}

int hellos_from_options(const struct parsed_options *options, struct error *err)
{
    char directory[PATH_LEN];
    const char *const *given;
    stacks_data_path(directory, "matrix/hellos");
    if (num_hellos() == 0 && hellos_load(directory, err) < 0)
        return -1;
    size_t num_given = option_values(options, "hellos", &given);
    for (size_t i = 0; i < num_given; i++)
        if (hellos_load(given[i], err) < 0)
            return -1;
    return check_hello_names(err);
}

int stacks_from_options(struct stack_list *out, const struct parsed_options *options,
                        struct error *err)
{
    static char profiles[PATH_LEN];
    struct stack_specs specs;
    stacks_data_path(profiles, "matrix/profiles");
    profile_set_directory(profiles);
    if (hellos_from_options(options, err) < 0 || stack_specs_read(&specs, options, err) < 0)
        return -1;
    return stacks_load(out, specs.specs, specs.num_specs, err);
}
