#include "matrix/story.h"

#include "harness/nearest.h"
#include "matrix/stacks.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof(array)[0])

/* What a step is, by the one of these keys that it has. */
static const char *const kind_keys[] = {
    [STORY_CASE] = "case",
    [STORY_HAND] = "hand",
    [STORY_RUN] = "run",
    [STORY_COMPARE] = "compare",
};

static const struct yaml_key story_keys[] = {
    { "title", YAML_SCALAR, .required = true },
    { "story", YAML_SCALAR, .required = true },
    { "steps", YAML_LIST, .required = true },
};

/* The keys of a case's expectation are those of matrix/scenarios/; its test holds the oracle to
 * them, and here only `accepted` is looked at. */
static const struct yaml_key step_keys[] = {
    { "do", YAML_SCALAR, .required = true },
    { "why", YAML_SCALAR, .required = true },
    { "case", .any_kind = true },
    { "hand", YAML_MAP },
    { "run", YAML_LIST },
    { "compare", YAML_SCALAR },
    { "exit", YAML_SCALAR },
    { "says", YAML_LIST },
    { "not_says", YAML_LIST },
    { "accepted", YAML_SCALAR },
    { "fault", YAML_SCALAR },
    { "problem", YAML_SCALAR },
    { "version", YAML_SCALAR },
    { "suites", YAML_LIST },
    { "groups", YAML_LIST },
    { "signature_schemes", YAML_LIST },
    { "free_dhe_group", YAML_SCALAR },
    { "certificates", YAML_LIST },
    { "finished", YAML_LIST },
    { "client_may_send", YAML_SCALAR },
    { "refusals", YAML_MAP },
};

static const struct yaml_key hand_keys[] = {
    { "server", YAML_LIST },      { "client", YAML_LIST }, { "alone", YAML_LIST },
    { "at_once", YAML_SCALAR },   { "exit", YAML_SCALAR }, { "says", YAML_LIST },
    { "server_says", YAML_LIST }, { "files", YAML_MAP },   { "not_says", YAML_LIST },
    { "after", YAML_MAP },
};

static int load_words(struct story_words *out, const struct yaml_item *map, const char *key,
                      struct error *err)
{
    const struct yaml_item *list = yaml_get(map, key);
    if (list == NULL)
        return 0;
    if (list->num_items >= STORY_WORDS_MAX)
        return yaml_error(list, err, "more than %d words", STORY_WORDS_MAX - 1);
    for (const struct yaml_item *i = list->first; i != NULL; i = i->next)
        if (yaml_string(&out->words[out->num++], i, err) < 0)
            return -1;
    return 0;
}

static int load_files(struct story_file out[STORY_FILES_MAX], size_t *num,
                      const struct yaml_item *map, const char *key, struct error *err)
{
    const struct yaml_item *files = yaml_get(map, key);
    for (const struct yaml_item *i = files != NULL ? files->first : NULL; i != NULL; i = i->next) {
        if (*num == STORY_FILES_MAX)
            return yaml_error(i, err, "more than %d files", STORY_FILES_MAX);
        if (strchr(i->key, '/') != NULL || i->key[0] == '.')
            return yaml_error(i, err, "'%s' is no plain file name", i->key);
        out[*num].name = i->key;
        if (yaml_string(&out[(*num)++].text, i, err) < 0)
            return -1;
    }
    return 0;
}

static int load_case(struct story_step *step, const struct yaml_item *value, struct error *err)
{
    const struct yaml_item *first = value->kind == YAML_LIST ? value->first : value;
    if (value->kind == YAML_LIST && value->num_items > STORY_CASES_MAX)
        return yaml_error(value, err, "more than %d cases in one step", STORY_CASES_MAX);
    if (yaml_get(step->item, "accepted") == NULL)
        return yaml_error(step->item, err, "a case needs 'accepted: true' or 'accepted: false'");
    for (const struct yaml_item *i = first; i != NULL;
         i = value->kind == YAML_LIST ? i->next : NULL)
        if (yaml_string(&step->cases[step->num_cases++], i, err) < 0)
            return -1;
    return step->num_cases > 0 ? yaml_get_bool(&step->accepted, step->item, "accepted", err)
                               : yaml_error(value, err, "no case in the list");
}

static int load_outcome(struct story_step *step, const struct yaml_item *map, struct error *err)
{
    return yaml_get_int(&step->exit, map, "exit", 0, 255, err) < 0 ||
                   load_words(&step->says, map, "says", err) < 0 ||
                   load_words(&step->not_says, map, "not_says", err) < 0
               ? -1
               : 0;
}

static int load_hand(struct story_step *step, const struct yaml_item *map, struct error *err)
{
    step->at_once = 1;
    if (yaml_check_map(map, hand_keys, LEN(hand_keys), err) < 0)
        return -1;
    step->alone = yaml_get(map, "alone") != NULL;
    if (step->alone == (yaml_get(map, "client") != NULL) ||
        (step->alone && yaml_get(map, "server") != NULL))
        return yaml_error(map, err, "'client', with 'server' or without, or 'alone'");
    if (load_words(&step->server, map, "server", err) < 0 ||
        load_words(&step->client, map, step->alone ? "alone" : "client", err) < 0 ||
        load_words(&step->server_says, map, "server_says", err) < 0 ||
        load_files(step->files, &step->num_files, map, "files", err) < 0 ||
        load_files(step->after, &step->num_after, map, "after", err) < 0 ||
        yaml_get_int(&step->at_once, map, "at_once", 1, STORY_CLIENTS_MAX, err) < 0)
        return -1;
    return load_outcome(step, map, err);
}

static int load_run(struct story_step *step, const struct yaml_item *list, struct error *err)
{
    if (load_words(&step->client, step->item, "run", err) < 0)
        return -1;
    if (step->client.num == 0)
        return yaml_error(list, err, "no program to run");
    return load_outcome(step, step->item, err);
}

static int load_compare(struct story_step *step, const struct yaml_item *value, struct error *err)
{
    (void)step;
    return strcmp(value->text, "features") == 0
               ? 0
               : yaml_error(value, err, "unknown '%s', known are: features", value->text);
}

static int load_step(struct story_step *step, const struct yaml_item *item, struct error *err)
{
    static int (*const load[])(struct story_step *, const struct yaml_item *, struct error *) = {
        [STORY_CASE] = load_case,
        [STORY_HAND] = load_hand,
        [STORY_RUN] = load_run,
        [STORY_COMPARE] = load_compare,
    };
    const struct yaml_item *value = NULL;
    *step = (struct story_step){ .item = item };
    if (yaml_check_map(item, step_keys, LEN(step_keys), err) < 0 ||
        yaml_get_string(&step->deed, item, "do", err) < 0 ||
        yaml_get_string(&step->why, item, "why", err) < 0)
        return -1;
    for (size_t kind = 0; kind < LEN(kind_keys); kind++) {
        const struct yaml_item *found = yaml_get(item, kind_keys[kind]);
        if (found != NULL && value != NULL)
            return yaml_error(found, err, "one of case, hand, run and compare, not two");
        if (found == NULL)
            continue;
        value = found;
        step->kind = (enum story_kind)kind;
    }
    if (value == NULL)
        return yaml_error(item, err, "a step is a case, or has hand, run or compare");
    return load[step->kind](step, value, err);
}

static int load_root(struct story *out, struct error *err)
{
    const struct yaml_item *root = yaml_file_root(out->file);
    if (yaml_check_map(root, story_keys, LEN(story_keys), err) < 0 ||
        yaml_get_string(&out->title, root, "title", err) < 0 ||
        yaml_get_string(&out->text, root, "story", err) < 0)
        return -1;
    const struct yaml_item *steps = yaml_get(root, "steps");
    if (steps->num_items == 0 || steps->num_items > STORY_STEPS_MAX)
        return yaml_error(steps, err, "a scenario has 1 to %d steps", STORY_STEPS_MAX);
    for (const struct yaml_item *i = steps->first; i != NULL; i = i->next)
        if (load_step(&out->steps[out->num_steps++], i, err) < 0)
            return -1;
    return 0;
}

void story_directory(char out[PATH_LEN])
{
    stacks_data_path(out, "matrix/stories");
}

static int filter_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

void story_names_free(char **names, int num)
{
    for (int i = 0; i < num; i++)
        free(names[i]);
    free(names);
}

int story_names(char ***out, struct error *err)
{
    char directory[PATH_LEN];
    struct dirent **entries = NULL;
    story_directory(directory);
    int num = scandir(directory, &entries, filter_yaml, alphasort);
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    char **names = calloc((size_t)num + 1, sizeof *names);
    bool all = names != NULL;
    for (int i = 0; i < num; i++) {
        *strrchr(entries[i]->d_name, '.') = '\0';
        all = all && (names[i] = strdup(entries[i]->d_name)) != NULL;
        free(entries[i]);
    }
    free(entries);
    if (!all) {
        if (names != NULL)
            story_names_free(names, num);
        return error_set(err, ERROR_HARNESS, "out of memory");
    }
    *out = names;
    return num;
}

static int check_name(const char *name, struct error *err)
{
    char **names, best[NAME_MAX_LEN] = "";
    int num = story_names(&names, err);
    bool known = false;
    if (num < 0)
        return -1;
    for (int i = 0; i < num; i++)
        known = known || strcmp(names[i], name) == 0;
    const char *near = nearest_word(name, (const char *const *)names, (size_t)num);
    snprintf(best, sizeof best, "%s", near != NULL ? near : "");
    story_names_free(names, num);
    if (known)
        return 0;
    return best[0] != '\0'
               ? error_set(err, ERROR_USAGE, "unknown scenario '%s', did you mean '%s'?", name,
                           best)
               : error_set(err, ERROR_USAGE,
                           "unknown scenario '%s'; `tlsmatrix list --scenarios` has them", name);
}

int story_load(struct story *out, const char *name, struct error *err)
{
    char directory[PATH_LEN], path[PATH_LEN * 2];
    *out = (struct story){ .file = NULL };
    if (check_name(name, err) < 0)
        return -1;
    story_directory(directory);
    snprintf(path, sizeof path, "%s/%s.yaml", directory, name);
    snprintf(out->name, sizeof out->name, "%s", name);
    if (yaml_file_load(&out->file, path, err) < 0)
        return -1;
    if (load_root(out, err) == 0)
        return 0;
    story_fini(out);
    return -1;
}

void story_fini(struct story *story)
{
    yaml_file_free(story->file);
    story->file = NULL;
}

int story_list(bool json, struct error *err)
{
    static struct story story;
    char **names;
    int num = story_names(&names, err);
    json_t *all = json_array();
    int ret = num < 0 ? -1 : 0;
    for (int i = 0; i < num && ret == 0; i++) {
        ret = story_load(&story, names[i], err);
        if (ret < 0)
            break;
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:i}", "name", names[i], "title",
                                             story.title, "story", story.text, "steps",
                                             (int)story.num_steps));
        if (!json)
            printf("%-20s %s\n", names[i], story.title);
        story_fini(&story);
    }
    if (json && ret == 0) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    if (num >= 0)
        story_names_free(names, num);
    return ret;
}
