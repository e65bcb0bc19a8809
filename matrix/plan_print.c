/* What a plan holds, for people and as JSON: how many cases, on which axis values, and what was
 * left out by which rule. */
#include "matrix/plan.h"

#include "matrix/plan_parts.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct use {
    uint64_t cases;
    uint64_t unsupported;
};

struct survey {
    const struct profile *profile;
    const struct stack_set *stacks;
    const struct plan_counts *counts;
    struct use *uses[NUM_AXES]; /* [axis][value index] */
};

static int survey_init(struct survey *survey, const struct profile *profile,
                       const struct stack_set *stacks, struct error *err)
{
    *survey = (struct survey){ .profile = profile, .stacks = stacks };
    for (int axis = 0; axis < NUM_AXES; axis++) {
        survey->uses[axis] = calloc(profile->axes[axis].num + 1, sizeof *survey->uses[axis]);
        if (survey->uses[axis] == NULL)
            return error_errno(err, "plan");
    }
    return 0;
}

static void survey_fini(struct survey *survey)
{
    for (int axis = 0; axis < NUM_AXES; axis++)
        free(survey->uses[axis]);
}

static void survey_plan(struct survey *survey, struct plan *plan)
{
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN];
    while (plan_next(plan, &c, &unsupported, reason) > 0)
        for (int axis = 0; axis < NUM_AXES; axis++) {
            struct use *use = &survey->uses[axis][plan_row(plan)->values[axis]];
            *(unsupported ? &use->unsupported : &use->cases) += 1;
        }
    survey->counts = plan_counts(plan);
}

static bool is_used(const struct use *use)
{
    return use->cases + use->unsupported > 0;
}

/* ---- what is wrong with a plan ---- */

static bool is_item_used(const struct survey *survey, const struct profile_item *item)
{
    for (size_t i = 0; i < item->num_indices; i++)
        if (is_used(&survey->uses[item->axis][item->indices[i]]))
            return true;
    return item->num_indices == 0; /* a glob of which these stacks declare nothing */
}

static bool is_narrowed(const struct selection *selection)
{
    return selection != NULL && (selection->num_globs > 0 || selection->num_shards > 1);
}

static int check_items(const struct survey *survey, struct error *err)
{
    for (size_t i = 0; i < survey->profile->num_items; i++) {
        const struct profile_item *item = &survey->profile->items[i];
        if (!is_item_used(survey, item))
            return error_set(err, ERROR_USAGE, "%s:%d: no case uses %s '%s'", survey->profile->path,
                             item->line, axis_name(item->axis), item->word);
    }
    return 0;
}

static int nothing_selected(const struct survey *survey, const struct selection *selection,
                            struct error *err)
{
    if (!is_narrowed(selection))
        return error_set(err, ERROR_USAGE, "%s: no case is possible", survey->profile->path);
    char by[ERROR_TEXT_MAX / 2] = "";
    for (size_t i = 0; i < selection->num_globs; i++) {
        size_t used = strlen(by);
        snprintf(by + used, sizeof by - used, "%s'%s'", i > 0 ? ", " : "", selection->globs[i]);
    }
    if (selection->num_shards > 1) {
        size_t used = strlen(by);
        snprintf(by + used, sizeof by - used, "%sshard %u/%u", used > 0 ? " in " : "",
                 (unsigned)selection->shard + 1, (unsigned)selection->num_shards);
    }
    return error_set(err, ERROR_USAGE, "%s: nothing selected by %s", survey->profile->path, by);
}

static int check_plan(const struct survey *survey, const struct selection *selection,
                      struct error *err)
{
    if (survey->counts->cases + survey->counts->unsupported == 0)
        return nothing_selected(survey, selection, err);
    bool all_stacks = selection == NULL || !selection->some_stacks;
    return is_narrowed(selection) || !all_stacks ? 0 : check_items(survey, err);
}

/* ---- rules that come in parts (rows of one name, side by side) ---- */

static bool begins_rule(size_t i)
{
    return i == 0 || strcmp(exclusion_rules[i].name, exclusion_rules[i - 1].name) != 0;
}

static uint64_t rule_total(const struct plan_counts *counts, size_t first)
{
    uint64_t total = counts->per_rule[first];
    for (size_t i = first + 1; i < num_exclusion_rules && !begins_rule(i); i++)
        total += counts->per_rule[i];
    return total;
}

/* ---- for people ---- */

static void print_axis(FILE *out, const struct survey *survey, enum axis axis)
{
    char value[CASE_ID_MAX];
    const struct value_list *values = &survey->profile->axes[axis];
    fprintf(out, "\n%-44s %12s %12s\n", axis_name(axis), "cases", "unsupported");
    for (size_t i = 0; i < values->num; i++) {
        const struct use *use = &survey->uses[axis][i];
        if (!is_used(use))
            continue;
        axis_value_write(value, sizeof value, axis, values->values[i], survey->stacks);
        fprintf(out, "  %-42s %12" PRIu64 " %12" PRIu64 "\n", value, use->cases, use->unsupported);
    }
}

static void print_rules(FILE *out, const struct plan_counts *counts)
{
    if (counts->excluded == 0)
        return;
    fprintf(out, "\n%-29s %14s  %s\n", "rule", "excluded", "because");
    for (size_t i = 0; i < num_exclusion_rules; i++) {
        if (!begins_rule(i) || rule_total(counts, i) == 0)
            continue;
        const struct exclusion_rule *rule = &exclusion_rules[i];
        fprintf(out, "  %-27s %14" PRIu64 "  %s (%s)\n", rule->name, rule_total(counts, i),
                rule->text, rule->reference);
    }
}

static void print_text(FILE *out, const struct survey *survey)
{
    const struct plan_counts *counts = survey->counts;
    fprintf(out, "%s\n%s\n\n", survey->profile->title, survey->profile->path);
    fprintf(out, "%14" PRIu64 "  cases to run\n", counts->cases);
    fprintf(out, "%14" PRIu64 "  declared unsupported by a stack: reported, not run\n",
            counts->unsupported);
    fprintf(out, "%14" PRIu64 "  excluded by the protocol, of the blocks with full coverage\n",
            counts->excluded);
    if (counts->combinations > 0)
        fprintf(out,
                "%14" PRIu64 "  combinations of values to cover, of which %" PRIu64
                " stand in no possible case\n",
                counts->combinations, counts->impossible_combinations);
    for (int axis = 0; axis < NUM_AXES; axis++)
        print_axis(out, survey, (enum axis)axis);
    print_rules(out, counts);
}

/* ---- as JSON ---- */

static json_t *axis_to_json(const struct survey *survey, enum axis axis)
{
    char value[CASE_ID_MAX];
    json_t *list = json_array();
    for (size_t i = 0; i < survey->profile->axes[axis].num; i++) {
        const struct use *use = &survey->uses[axis][i];
        if (!is_used(use))
            continue;
        axis_value_write(value, sizeof value, axis, survey->profile->axes[axis].values[i],
                         survey->stacks);
        json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "value", value, "cases",
                                              (json_int_t)use->cases, "unsupported",
                                              (json_int_t)use->unsupported));
    }
    return list;
}

static json_t *axes_to_json(const struct survey *survey)
{
    json_t *object = json_object();
    for (int axis = 0; axis < NUM_AXES; axis++)
        json_object_set_new(object, axis_name((enum axis)axis),
                            axis_to_json(survey, (enum axis)axis));
    return object;
}

static json_t *rules_to_json(const struct plan_counts *counts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < num_exclusion_rules; i++)
        if (begins_rule(i))
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:s, s:I}", "name", exclusion_rules[i].name, "text",
                                exclusion_rules[i].text, "reference", exclusion_rules[i].reference,
                                "excluded", (json_int_t)rule_total(counts, i)));
    return list;
}

static int print_json(FILE *out, const struct survey *survey, struct error *err)
{
    const struct plan_counts *counts = survey->counts;
    json_t *root =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "title", survey->profile->title,
                  "profile", survey->profile->path, "cases", (json_int_t)counts->cases,
                  "unsupported", (json_int_t)counts->unsupported, "excluded",
                  (json_int_t)counts->excluded, "combinations", (json_int_t)counts->combinations,
                  "impossible_combinations", (json_int_t)counts->impossible_combinations, "axes",
                  axes_to_json(survey), "rules", rules_to_json(counts));
    int failed = root == NULL ? -1 : json_dumpf(root, out, JSON_INDENT(2));
    json_decref(root);
    if (failed < 0)
        return error_set(err, ERROR_HARNESS, "cannot write the plan as JSON");
    fputc('\n', out);
    return 0;
}

int plan_print(FILE *out, const struct profile *profile, const struct stack_set *stacks,
               const struct selection *selection, bool json, struct error *err)
{
    struct plan *plan = NULL;
    struct survey survey;
    int failed = survey_init(&survey, profile, stacks, err);
    if (failed == 0)
        failed = plan_new(&plan, profile, stacks, selection, err);
    if (failed == 0) {
        survey_plan(&survey, plan);
        failed = check_plan(&survey, selection, err);
    }
    if (failed == 0 && json)
        failed = print_json(out, &survey, err);
    else if (failed == 0)
        print_text(out, &survey);
    plan_free(plan);
    survey_fini(&survey);
    return failed;
}
