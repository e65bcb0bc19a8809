/* What a plan holds, for people and as JSON: how many cases, on which axis values, and what was
 * left out by which rule. */
#include "matrix/plan.h"
#include "matrix/plan_survey.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* What is printed of a plan that has been run through. */
struct content {
    struct plan_survey survey;
    const struct stack_set *stacks;
    const struct plan_counts *counts;
};

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

static void print_axis(FILE *out, const struct content *content, enum axis axis)
{
    char value[CASE_ID_MAX];
    const struct value_list *values = &content->survey.profile->axes[axis];
    fprintf(out, "\n%-44s %12s %12s\n", axis_name(axis), "cases", "unsupported");
    for (size_t i = 0; i < values->num; i++) {
        const struct plan_use *use = &content->survey.uses[axis][i];
        if (!plan_is_used(use))
            continue;
        axis_value_write(value, sizeof value, axis, values->values[i], content->stacks);
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

static void print_text(FILE *out, const struct content *content)
{
    const struct plan_counts *counts = content->counts;
    fprintf(out, "%s\n%s\n\n", content->survey.profile->title, content->survey.profile->path);
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
        print_axis(out, content, (enum axis)axis);
    print_rules(out, counts);
}

/* ---- as JSON ---- */

static json_t *axis_to_json(const struct content *content, enum axis axis)
{
    char value[CASE_ID_MAX];
    json_t *list = json_array();
    for (size_t i = 0; i < content->survey.profile->axes[axis].num; i++) {
        const struct plan_use *use = &content->survey.uses[axis][i];
        if (!plan_is_used(use))
            continue;
        axis_value_write(value, sizeof value, axis, content->survey.profile->axes[axis].values[i],
                         content->stacks);
        json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "value", value, "cases",
                                              (json_int_t)use->cases, "unsupported",
                                              (json_int_t)use->unsupported));
    }
    return list;
}

static json_t *axes_to_json(const struct content *content)
{
    json_t *object = json_object();
    for (int axis = 0; axis < NUM_AXES; axis++)
        json_object_set_new(object, axis_name((enum axis)axis),
                            axis_to_json(content, (enum axis)axis));
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

static int print_json(FILE *out, const struct content *content, struct error *err)
{
    const struct plan_counts *counts = content->counts;
    json_t *root = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "title", content->survey.profile->title,
        "profile", content->survey.profile->path, "cases", (json_int_t)counts->cases, "unsupported",
        (json_int_t)counts->unsupported, "excluded", (json_int_t)counts->excluded, "combinations",
        (json_int_t)counts->combinations, "impossible_combinations",
        (json_int_t)counts->impossible_combinations, "axes", axes_to_json(content), "rules",
        rules_to_json(counts));
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
    struct matrix_case c;
    bool unsupported;
    char reason[TEXT_LEN];
    struct content content = { .stacks = stacks };
    int failed = plan_survey_init(&content.survey, profile, err);
    if (failed == 0)
        failed = plan_new(&plan, profile, stacks, selection, err);
    if (failed == 0) {
        while (plan_next(plan, &c, &unsupported, reason) > 0)
            plan_survey_note(&content.survey, plan, unsupported);
        content.counts = plan_counts(plan);
        failed = plan_survey_check(&content.survey, selection, stacks, err);
    }
    if (failed == 0 && json)
        failed = print_json(out, &content, err);
    else if (failed == 0)
        print_text(out, &content);
    plan_free(plan);
    plan_survey_fini(&content.survey);
    return failed;
}
