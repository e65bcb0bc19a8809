/* What the words in the table of options stand for: how each is completed in a shell. Nothing is
 * started for it, and no file of a run is opened. */
#include "matrix/case_value.h"
#include "matrix/commands.h"
#include "matrix/deviations.h"
#include "matrix/oracle.h"
#include "matrix/raw/hellos.h"
#include "matrix/report/differences.h"
#include "matrix/stacks.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* The stacks' names in a set, with nothing that they can do. Static: it is large. */
static struct stack_set *named_stacks(void)
{
    static struct stack_set set;
    set.num_stacks = stacks_names(&set);
    return &set;
}

static void offer_stacks(struct completion *completion)
{
    const struct stack_set *set = named_stacks();
    for (size_t i = 0; i < set->num_stacks; i++)
        completion_offer(completion, set->stacks[i].stack, NULL);
}

/* Behind the last comma. */
static void offer_stack_list(struct completion *completion)
{
    const struct stack_set *set = named_stacks();
    const char *comma = strrchr(completion_word(completion), ',');
    size_t kept = comma == NULL ? 0 : (size_t)(comma + 1 - completion_word(completion));
    for (size_t i = 0; i < set->num_stacks; i++)
        completion_offer_part(completion, kept, set->stacks[i].stack, NULL);
}

/* ---- case ids and globs over them ---- */

enum { NUM_SEGMENTS = FIRST_OPTIONAL_AXIS - 1 }; /* client and server share the first */

/* A word and what must follow it. */
static void offer_followed(struct completion *completion, size_t kept, const char *word,
                           const char *follows)
{
    char text[CASE_ID_MAX];
    snprintf(text, sizeof text, "%s%s", word, follows);
    completion_offer_part(completion, kept, text, NULL);
}

static void offer_axis(struct completion *completion, size_t kept, enum axis axis, size_t first,
                       const char *follows)
{
    const struct stack_set *set = named_stacks();
    const char *word;
    for (size_t i = first; (word = axis_word(axis, i, set)) != NULL; i++)
        offer_followed(completion, kept, word, follows);
}

static void offer_segment(struct completion *completion, size_t kept, size_t segment)
{
    const char *word = completion_word(completion);
    if (segment == 0) {
        const char *dash = strchr(word, '-');
        if (dash == NULL)
            offer_axis(completion, kept, AXIS_CLIENT, 0, "-");
        else
            offer_axis(completion, (size_t)(dash + 1 - word), AXIS_SERVER, 0, "/");
    } else if (segment < NUM_SEGMENTS) {
        offer_axis(completion, kept, (enum axis)(AXIS_VERSION + segment - 1), 0,
                   segment + 1 < NUM_SEGMENTS ? "/" : "");
    } else {
        for (int axis = FIRST_OPTIONAL_AXIS; axis < NUM_AXES; axis++)
            offer_axis(completion, kept, (enum axis)axis, 1, ""); /* the ordinary is not said */
    }
}

static void offer_ids(struct completion *completion)
{
    const char *word = completion_word(completion), *last = word;
    char hellos[PATH_LEN];
    size_t segment = 0;
    for (const char *slash = strchr(word, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        last = slash + 1;
        segment++;
    }
    stacks_data_path(hellos, "matrix/hellos");
    if (segment >= NUM_SEGMENTS)
        hellos_load(hellos, NULL); /* without them there are the other words */
    offer_segment(completion, (size_t)(last - word), segment);
}

/* ---- what the data files have ---- */

static int filter_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

static void offer_yaml_files(struct completion *completion, const char *folder)
{
    char directory[PATH_LEN];
    struct dirent **entries = NULL;
    stacks_data_path(directory, folder);
    int num = scandir(directory, &entries, filter_yaml, alphasort);
    for (int i = 0; i < num; i++) {
        *strrchr(entries[i]->d_name, '.') = '\0';
        completion_offer(completion, entries[i]->d_name, NULL);
        free(entries[i]);
    }
    free(entries);
}

/* A profile's name, or the path of a file of one's own. */
static void offer_profiles(struct completion *completion)
{
    if (strpbrk(completion_word(completion), "/.") != NULL)
        completion_offer_files(completion);
    else
        offer_yaml_files(completion, "matrix/profiles");
}

/* Of a case file: an id has a dash in its first segment. */
static void offer_case_files(struct completion *completion)
{
    const char *word = completion_word(completion);
    if (memchr(word, '-', strcspn(word, "/")) == NULL)
        completion_offer_files(completion);
}

static void offer_scenarios(struct completion *completion)
{
    offer_yaml_files(completion, "matrix/stories");
}

static void offer_deviations(struct completion *completion)
{
    char directory[PATH_LEN];
    struct deviations *deviations = NULL;
    stacks_data_path(directory, "matrix/deviations");
    if (deviations_load(&deviations, directory, NULL) < 0)
        return;
    for (size_t i = 0; i < deviations_count(deviations); i++)
        completion_offer(completion, deviations_at(deviations, i)->id, NULL);
    deviations_free(deviations);
}

static void offer_rules(struct completion *completion)
{
    for (size_t i = 0; i < num_exclusion_rules; i++)
        completion_offer(completion, exclusion_rules[i].name, exclusion_rules[i].text);
}

static void offer_requirements(struct completion *completion)
{
    for (size_t i = 0; i < num_requirements; i++)
        completion_offer(completion, requirements[i].id, requirements[i].text);
}

/* Behind the last comma. */
static void offer_differences(struct completion *completion)
{
    const char *comma = strrchr(completion_word(completion), ',');
    size_t kept = comma == NULL ? 0 : (size_t)(comma + 1 - completion_word(completion));
    for (int i = 0; i < NUM_DIFFERENCES; i++)
        completion_offer_part(completion, kept, difference_name((enum difference)i),
                              difference_title((enum difference)i));
}

const struct value_kind command_values[] = {
    { "STACK", NULL, offer_stacks },
    { "A,B,…", NULL, offer_stack_list },
    { "ID", NULL, offer_ids },
    { "GLOB", NULL, offer_ids },
    { "PROFILE", NULL, offer_profiles },
    { "SCENARIO", NULL, offer_scenarios },
    { "DEVIATION", NULL, offer_deviations },
    { "RULE", NULL, offer_rules },
    { "REQUIREMENT", NULL, offer_requirements },
    { "CAPTURE", NULL, completion_offer_files },
    { "CASE.json", NULL, offer_case_files },
    { "OUT", NULL, completion_offer_folders },
    { "IN", NULL, completion_offer_folders },
    { "RUN", NULL, completion_offer_folders },
    { "POLICY", "none failures all whole", NULL },
    { "SOURCE", "network relay", NULL },
    { "FORMAT", "html markdown junit jsonl json", NULL },
    { "PAGE", "text markdown json html", NULL },
    { "KINDS", NULL, offer_differences },
    { "API", "openssl boringssl gnutls", NULL },
    { 0 },
};
