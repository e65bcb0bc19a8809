/* Counts the cases on each value of a profile's axes, and says what is wrong with the profile by
 * them. */
#include "matrix/plan_survey.h"

#include "matrix/plan_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int plan_survey_init(struct plan_survey *survey, const struct profile *profile, struct error *err)
{
    *survey = (struct plan_survey){ .profile = profile };
    for (int axis = 0; axis < NUM_AXES; axis++) {
        survey->uses[axis] = calloc(profile->axes[axis].num + 1, sizeof *survey->uses[axis]);
        if (survey->uses[axis] == NULL)
            return error_errno(err, "plan");
    }
    return 0;
}

void plan_survey_fini(struct plan_survey *survey)
{
    for (int axis = 0; axis < NUM_AXES; axis++)
        free(survey->uses[axis]);
}

void plan_survey_note(struct plan_survey *survey, const struct plan *plan, bool unsupported)
{
    survey->num_cases++;
    for (int axis = 0; axis < NUM_AXES; axis++) {
        struct plan_use *use = &survey->uses[axis][plan_row(plan)->values[axis]];
        *(unsupported ? &use->unsupported : &use->cases) += 1;
    }
}

bool plan_is_used(const struct plan_use *use)
{
    return use->cases + use->unsupported > 0;
}

static bool is_item_used(const struct plan_survey *survey, const struct profile_item *item)
{
    for (size_t i = 0; i < item->num_indices; i++)
        if (plan_is_used(&survey->uses[item->axis][item->indices[i]]))
            return true;
    return item->num_indices == 0; /* a glob of which these stacks declare nothing */
}

static bool is_narrowed(const struct selection *selection)
{
    return selection != NULL && (selection->num_globs > 0 || selection->num_shards > 1);
}

static int check_items(const struct plan_survey *survey, struct error *err)
{
    for (size_t i = 0; i < survey->profile->num_items; i++) {
        const struct profile_item *item = &survey->profile->items[i];
        if (!is_item_used(survey, item))
            return error_set(err, ERROR_USAGE, "%s:%d: no case uses %s '%s'", survey->profile->path,
                             item->line, axis_name(item->axis), item->word);
    }
    return 0;
}

static int nothing_selected(const struct profile *profile, const struct selection *selection,
                            const struct stack_set *stacks, struct error *err)
{
    char hint[TEXT_LEN] = "";
    if (!is_narrowed(selection))
        return error_set(err, ERROR_USAGE, "%s: no case is possible", profile->path);
    char by[ERROR_TEXT_MAX / 2] = "";
    for (size_t i = 0; i < selection->num_globs; i++) {
        size_t used = strlen(by);
        snprintf(by + used, sizeof by - used, "%s'%s'", i > 0 ? ", " : "", selection->globs[i]);
        if (hint[0] == '\0')
            case_glob_hint(hint, selection->globs[i], stacks);
    }
    if (selection->num_shards > 1) {
        size_t used = strlen(by);
        snprintf(by + used, sizeof by - used, "%sshard %u/%u", used > 0 ? " in " : "",
                 (unsigned)selection->shard + 1, (unsigned)selection->num_shards);
    }
    return error_set(err, ERROR_USAGE, "%s: nothing selected by %s%s", profile->path, by, hint);
}

int plan_survey_check(const struct plan_survey *survey, const struct selection *selection,
                      const struct stack_set *stacks, struct error *err)
{
    if (survey->num_cases == 0)
        return nothing_selected(survey->profile, selection, stacks, err);
    bool all_stacks = selection == NULL || !selection->some_stacks;
    return is_narrowed(selection) || !all_stacks ? 0 : check_items(survey, err);
}
