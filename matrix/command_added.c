/* `tlsmatrix stacks add|remove|renew|list|check`: the stacks that a user has added. */
#include "matrix/added/added.h"
#include "matrix/command_common.h"
#include "matrix/commands.h"

#include "harness/nearest.h"

#include <string.h>

static int says_prefix(const struct parsed_options *options)
{
    return option_given(options, "api") || option_given(options, "prefix");
}

static int add(const char *name, const struct parsed_options *options, struct error *err)
{
    struct capabilities caps;
    const char *api = option_value(options, "api");
    const char *prefix = option_value(options, "prefix");
    if (api == NULL || prefix == NULL)
        return error_set(err, ERROR_USAGE, "stacks add NAME needs --api and --prefix");
    if (added_add(&caps, name, api, prefix, err) < 0)
        return -1;
    printf("%s: %s, with what is under %s; a stack from now on\n", name, caps.library, prefix);
    return 0;
}

static int renew(const char *name, const struct parsed_options *options, struct error *err)
{
    struct capabilities caps;
    (void)options;
    if (added_renew(&caps, name, err) < 0)
        return -1;
    printf("%s: %s, built again\n", name, caps.library);
    return 0;
}

static int take_away(const char *name, const struct parsed_options *options, struct error *err)
{
    (void)options;
    if (added_remove(name, err) < 0)
        return -1;
    printf("%s: removed\n", name);
    return 0;
}

/* All as they were recorded: nothing is started, so that broken ones are listed too. */
static int list(const char *name, const struct parsed_options *options, struct error *err)
{
    char **names;
    bool json = option_given(options, "json");
    json_t *all = json_array();
    (void)name;
    int num = added_names(&names, err);
    for (int i = 0; i < num; i++) {
        struct added_stack stack;
        struct error problem = { .class = ERROR_NONE };
        bool readable = added_read(&stack, names[i], &problem) > 0;
        const char *api = readable ? stack.layout.api->name : "";
        const char *place = readable ? stack.layout.prefix : problem.text;
        json_array_append_new(
            all, readable
                     ? json_pack("{s:s, s:s, s:s}", "name", names[i], "api", api, "prefix", place)
                     : json_pack("{s:s, s:s}", "name", names[i], "problem", place));
        if (!json)
            printf("%-20s %-10s %s\n", names[i], api, place);
    }
    added_names_free(names, num);
    if (json && num >= 0) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    return num < 0 ? -1 : 0;
}

/* One that answers, and can all that is expected of it. */
static bool is_well(const char *name)
{
    static struct stack_list one;
    struct error problem;
    const char *specs[] = { name };
    if (stacks_load(&one, specs, 1, &problem) < 0) {
        printf("%s\n", problem.text);
        return false;
    }
    int missing = stacks_check(stdout, &one, &problem);
    if (missing < 0)
        printf("%s: %s\n", name, problem.text);
    else if (missing > 0)
        printf("%s: %d of what is expected of it is missing\n", name, missing);
    else
        printf("%s: %s, all is there\n", name, one.set.stacks[0].library);
    return missing == 0;
}

static int check(const char *name, const struct parsed_options *options, struct error *err)
{
    char **names;
    (void)options;
    if (name != NULL)
        return is_well(name) ? 0 : 1;
    int num = added_names(&names, err), broken = 0;
    for (int i = 0; i < num; i++)
        broken += !is_well(names[i]);
    added_names_free(names, num);
    return num < 0 ? -1 : broken > 0;
}

static const struct verb {
    const char *name;
    bool wants_name, takes_name;
    int (*run)(const char *name, const struct parsed_options *options, struct error *err);
} verbs[] = {
    { "add", true, true, add },     { "check", false, true, check },
    { "list", false, false, list }, { "remove", true, true, take_away },
    { "renew", true, true, renew },
};
enum { NUM_VERBS = sizeof verbs / sizeof verbs[0] };

static const struct verb *verb_by_name(const char *name, struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < NUM_VERBS; i++) {
        nearest_offer(&nearest, verbs[i].name);
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    error_set(err, ERROR_USAGE, "stacks '%s': it must be add, check, list, remove or renew%s", name,
              nearest_hint(&nearest));
    return NULL;
}

int command_added(const struct parsed_options *options, struct error *err)
{
    if (options->num_operands == 0)
        return error_set(err, ERROR_USAGE, "--api and --prefix are for stacks add NAME");
    const struct verb *verb = verb_by_name(options->operands[0], err);
    size_t num_names = options->num_operands - 1;
    if (verb == NULL)
        return -1;
    if (verb->run != add && says_prefix(options))
        return error_set(err, ERROR_USAGE, "--api and --prefix are for stacks add NAME");
    if (num_names > (verb->takes_name ? 1 : 0) || (verb->wants_name && num_names == 0))
        return error_set(err, ERROR_USAGE, "stacks %s takes %s", verb->name,
                         verb->wants_name   ? "the name of one stack"
                         : verb->takes_name ? "the name of one stack, or none"
                                            : "no name");
    return verb->run(num_names > 0 ? options->operands[1] : NULL, options, err);
}
