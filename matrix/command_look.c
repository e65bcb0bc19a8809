/* The commands that run nothing: plan, list, show, stacks. */
#include "harness/nearest.h"
#include "matrix/acceptance.h"
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/deviations.h"
#include "matrix/oracle.h"
#include "matrix/show.h"
#include "matrix/story.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Large, and one command runs in a process. */
static struct stack_list stacks;

int command_plan(const struct parsed_options *options, struct error *err)
{
    struct profile *profile = NULL;
    struct selection selection;
    const char *name = profile_operand(options, err);
    if (name == NULL || selection_read(&selection, options, err) < 0 ||
        stacks_from_options(&stacks, options, err) < 0 ||
        profile_load(&profile, name, &stacks.set, err) < 0)
        return -1;
    int ret =
        plan_print(stdout, profile, &stacks.set, &selection, option_given(options, "json"), err);
    profile_free(profile);
    return ret;
}

static int list_cases(const struct parsed_options *options, struct error *err)
{
    struct profile *profile = NULL;
    struct plan *plan = NULL;
    struct selection selection;
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN], id[CASE_ID_MAX];
    bool json = option_given(options, "json");
    uint64_t num = 0;
    int ret = -1;
    const char *name = profile_operand(options, err);
    if (name == NULL || selection_read(&selection, options, err) < 0 ||
        stacks_from_options(&stacks, options, err) < 0 ||
        profile_load(&profile, name, &stacks.set, err) < 0 ||
        plan_new(&plan, profile, &stacks.set, &selection, err) < 0)
        goto out;
    for (; plan_next(plan, &c, &unsupported, reason) > 0; num++) {
        const char *rows = case_hello(&c) == NULL ? "" : case_hello(&c)->ids;
        case_id(id, &c, &stacks.set);
        if (json)
            printf("{\"id\":\"%s\",\"supported\":%s%s%s%s}\n", id, unsupported ? "false" : "true",
                   rows[0] == '\0' ? "" : ",\"rows\":\"", rows, rows[0] == '\0' ? "" : "\"");
        else
            printf("%s%s%s\n", id, unsupported ? "  unsupported: " : "", unsupported ? reason : "");
    }
    case_glob_hint(reason, selection.num_globs > 0 ? selection.globs[0] : "", &stacks.set);
    ret = num > 0 ? 0
                  : error_set(err, ERROR_USAGE, "nothing selected: no case of '%s' matches%s", name,
                              reason);
out:
    plan_free(plan);
    profile_free(profile);
    return ret;
}

static int filter_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

static const char *catalogue_name(const json_t *all, size_t index)
{
    return json_string_value(json_object_get(json_array_get(all, index), "name"));
}

/* A list of objects: as JSON, or each with its "name" on a line and the rest indented below. */
static void print_catalogue(const json_t *all, bool json)
{
    const char *key;
    json_t *value;
    if (json) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        return;
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *object = json_array_get(all, i);
        printf("%s\n", json_string_value(json_object_get(object, "name")));
        json_object_foreach(object, key, value) if (strcmp(key, "name") != 0)
            printf("  %-8s %s\n", key, json_string_value(value));
    }
}

/* Prints the list, or of it what has the name that the operand gives. Takes over `all`. */
static int show_catalogue(json_t *all, const char *what, const struct parsed_options *options,
                          struct error *err)
{
    bool json = option_given(options, "json");
    const char *wanted = options->num_operands > 0 ? options->operands[0] : NULL;
    json_t *one = json_array();
    struct nearest nearest;
    nearest_init(&nearest, wanted != NULL ? wanted : "");
    for (size_t i = 0; wanted != NULL && i < json_array_size(all); i++) {
        nearest_offer(&nearest, catalogue_name(all, i));
        if (strcmp(catalogue_name(all, i), wanted) == 0)
            json_array_append(one, json_array_get(all, i));
    }
    int ret = 0;
    if (options->num_operands > 1)
        ret = error_set(err, ERROR_USAGE, "one %s at a time", what);
    else if (wanted != NULL && json_array_size(one) == 0)
        ret =
            error_set(err, ERROR_USAGE, "unknown %s '%s'%s", what, wanted, nearest_hint(&nearest));
    else
        print_catalogue(wanted != NULL ? one : all, json);
    json_decref(one);
    json_decref(all);
    return ret;
}

static int list_profiles(bool json, struct error *err)
{
    char directory[PATH_LEN];
    struct dirent **entries = NULL;
    stacks_data_path(directory, "matrix/profiles");
    int num = scandir(directory, &entries, filter_yaml, alphasort);
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    json_t *all = json_array();
    int ret = 0;
    for (int i = 0; i < num; i++) {
        struct profile *profile = NULL;
        *strrchr(entries[i]->d_name, '.') = '\0';
        if (ret == 0)
            ret = profile_load(&profile, entries[i]->d_name, &stacks.set, err);
        if (ret == 0)
            json_array_append_new(all,
                                  json_pack("{s:s, s:s, s:s}", "name", entries[i]->d_name, "title",
                                            profile_title(profile), "path", profile_path(profile)));
        profile_free(profile);
        free(entries[i]);
    }
    free(entries);
    if (ret == 0)
        print_catalogue(all, json);
    json_decref(all);
    return ret;
}

static int list_deviations(const struct parsed_options *options, struct error *err)
{
    char directory[PATH_LEN];
    struct deviations *deviations = NULL;
    stacks_data_path(directory, "matrix/deviations");
    if (deviations_load(&deviations, directory, err) < 0)
        return -1;
    json_t *all = json_array();
    for (size_t i = 0; i < deviations_count(deviations); i++) {
        const struct deviation *d = deviations_at(deviations, i);
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", d->id,
                                        "stack", d->stack, "release", d->release, "kind",
                                        failure_kind_name(d->kind), "version", d->version, "cases",
                                        d->select, "why", d->reason, "see", d->link));
    }
    deviations_free(deviations);
    return show_catalogue(all, "deviation", options, err);
}

static int list_rules(const struct parsed_options *options, struct error *err)
{
    json_t *all = json_array();
    for (size_t i = 0; i < num_exclusion_rules; i++)
        json_array_append_new(all, json_pack("{s:s, s:s, s:s}", "name", exclusion_rules[i].name,
                                             "text", exclusion_rules[i].text, "see",
                                             exclusion_rules[i].reference));
    return show_catalogue(all, "rule", options, err);
}

static int list_requirements(const struct parsed_options *options, struct error *err)
{
    json_t *all = json_array();
    for (size_t i = 0; i < num_requirements; i++)
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s}", "name", requirements[i].id, "text",
                                        requirements[i].text, "see", requirements[i].references));
    return show_catalogue(all, "requirement", options, err);
}

static int list_acceptance(const struct parsed_options *options, bool json, struct error *err)
{
    const char *id = options->num_operands > 0 ? options->operands[0] : NULL;
    if (options->num_operands > 1)
        return error_set(err, ERROR_USAGE, "one row at a time");
    if (stacks_from_options(&stacks, options, err) < 0)
        return -1;
    return acceptance_list(id, &stacks.set, json, err);
}

int command_list(const struct parsed_options *options, struct error *err)
{
    bool json = option_given(options, "json");
    if (option_given(options, "rules"))
        return list_rules(options, err);
    if (option_given(options, "requirements"))
        return list_requirements(options, err);
    if (option_given(options, "acceptance"))
        return list_acceptance(options, json, err);
    if (option_given(options, "scenarios"))
        return story_list(json, err);
    if (option_given(options, "deviations"))
        return list_deviations(options, err);
    if (option_given(options, "profiles"))
        return stacks_from_options(&stacks, options, err) < 0 ? -1 : list_profiles(json, err);
    return list_cases(options, err);
}

static int show_stored(const char *directory, const struct parsed_options *options,
                       struct error *err)
{
    char path[PATH_LEN];
    struct results *results = NULL;
    snprintf(path, sizeof path, "%s/results.db", directory);
    if (results_open(&results, path, RESULTS_READ, err) < 0)
        return -1;
    int ret = show_result(stdout, results, options->operands[0], true,
                          option_given(options, "json"), err);
    results_close(results, NULL);
    return ret;
}

int command_show(const struct parsed_options *options, struct error *err)
{
    const char *run = option_value(options, "run");
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "show needs the id of one case");
    if (run != NULL)
        return hellos_from_options(options, err) < 0 ? -1 : show_stored(run, options, err);
    if (stacks_from_options(&stacks, options, err) < 0)
        return -1;
    return show_expectation(stdout, options->operands[0], &stacks.set,
                            option_given(options, "json"), err);
}

/* The column of names is as wide as the longest. */
static int name_width(const struct stack_set *set)
{
    size_t width = 12;
    for (size_t i = 0; i < set->num_stacks; i++)
        if (strlen(set->stacks[i].stack) > width)
            width = strlen(set->stacks[i].stack);
    return (int)width;
}

static void print_stack(const struct capabilities *caps, const struct stack_program *program,
                        int width)
{
    size_t num_used = 0;
    bool seen[NUM_TLS_VERSIONS] = { false };
    for (int version = 0; version < NUM_TLS_VERSIONS; version++)
        seen[version] = caps->versions[version];
    printf("%-*s %-36s", width, caps->stack, caps->library);
    for (int version = 0; version < NUM_TLS_VERSIONS; version++)
        if (seen[version])
            printf("%s%s", num_used++ == 0 ? "" : ",",
                   version_name((uint16_t)(TLS10 + version)) + strlen("tls"));
    printf("  %zu suites, %zu groups  %s\n", caps->num_suites,
           caps->num_groups[NUM_TLS_VERSIONS - 2] > caps->num_groups[NUM_TLS_VERSIONS - 1]
               ? caps->num_groups[NUM_TLS_VERSIONS - 2]
               : caps->num_groups[NUM_TLS_VERSIONS - 1],
           program->argv[0]);
}

static void print_features(const struct capabilities *caps)
{
    for (size_t i = 0; i < caps->num_suites; i++) {
        const struct suite *suite = suite_by_id(caps->suites[i]);
        printf("  suite       %s\n", suite == NULL ? "?" : suite->name);
    }
    for (int v = 0; v < NUM_TLS_VERSIONS; v++) {
        const char *version = version_name((uint16_t)(TLS10 + v));
        for (size_t i = 0; i < caps->num_groups[v]; i++)
            printf("  group       %-20s %s\n", group_by_id(caps->groups[v][i])->name, version);
        for (int c = 0; c < NUM_CREDENTIALS; c++)
            if (caps->credentials[v][c])
                printf("  credential  %-20s %s%s\n", credential_name((enum credential)c), version,
                       capabilities_have_client_credential(caps, (uint16_t)(TLS10 + v),
                                                           (enum credential)c)
                           ? ""
                           : " server only");
    }
    for (int i = 0; i < NUM_FEATURES; i++)
        printf("  feature     %-20s %s\n", feature_name((enum feature)i),
               caps->features[i] ? "yes" : "no");
}

/* `stacks --compare A B`: just these two are started. */
static int compare_stacks(const struct parsed_options *options, struct error *err)
{
    if (options->num_operands != 2)
        return error_set(err, ERROR_USAGE, "--compare needs two stacks");
    if (stacks_load(&stacks, options->operands, 2, err) < 0)
        return -1;
    stacks_compare(stdout, &stacks.set.stacks[0], &stacks.set.stacks[1],
                   option_given(options, "features"), option_given(options, "json"));
    return 0;
}

int command_stacks(const struct parsed_options *options, struct error *err)
{
    if (option_given(options, "compare"))
        return compare_stacks(options, err);
    if (options->num_operands > 0 || option_given(options, "api") ||
        option_given(options, "prefix"))
        return command_added(options, err);
    if (stacks_from_options(&stacks, options, err) < 0)
        return -1;
    bool json = option_given(options, "json");
    json_t *all = json_array();
    for (size_t i = 0; i < stacks.set.num_stacks; i++) {
        const struct capabilities *caps = &stacks.set.stacks[i];
        if (json) {
            json_array_append_new(all, capabilities_to_json(caps));
            continue;
        }
        print_stack(caps, &stacks.programs[i], name_width(&stacks.set));
        if (option_given(options, "features"))
            print_features(caps);
    }
    if (json) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    int missing = stacks_check(json ? stderr : stdout, &stacks, err);
    return missing < 0 ? -1 : missing > 0;
}
