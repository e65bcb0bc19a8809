/* Known deviations: read from matrix/deviations/, matched against cases, applied to verdicts. */
#include "matrix/deviations.h"

#include "harness/nearest.h"
#include "harness/yaml/yaml.h"
#include "matrix/release.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct deviations {
    struct deviation *entries;
    size_t num_entries;
    struct yaml_file **files; /* the strings of the entries live here */
    size_t num_files;
};

static const struct yaml_key file_keys[] = {
    { "stack", YAML_SCALAR, .required = true },
    { "deviations", YAML_LIST, .required = true },
};

static const struct yaml_key entry_keys[] = {
    { "id", YAML_SCALAR, .required = true },
    { "role", YAML_SCALAR },
    { "version", YAML_SCALAR },
    { "release", YAML_SCALAR, .required = true },
    { "select", YAML_SCALAR, .required = true },
    { "kind", YAML_SCALAR, .required = true },
    { "observed", YAML_SCALAR, .required = true },
    { "reason", YAML_SCALAR, .required = true },
    { "link", YAML_SCALAR, .required = true },
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static int read_role(struct deviation *out, const struct yaml_item *item, struct error *err)
{
    const char *role = NULL;
    out->role = -1;
    if (yaml_get_string(&role, item, "role", err) < 0)
        return -1;
    for (int i = ROLE_CLIENT; role != NULL && i <= ROLE_SERVER; i++)
        if (strcmp(role, role_name((enum role)i)) == 0)
            out->role = i;
    if (role != NULL && out->role < 0)
        return yaml_error(yaml_get(item, "role"), err, "'%s' is no role: client, server", role);
    return 0;
}

static int read_kind(struct deviation *out, const struct yaml_item *item, struct error *err)
{
    const char *words[NUM_FAILURE_KINDS];
    const char *kind = NULL;
    if (yaml_get_string(&kind, item, "kind", err) < 0)
        return -1;
    int value = failure_kind_by_name(kind);
    if (value > KIND_NONE) {
        out->kind = (enum failure_kind)value;
        return 0;
    }
    for (int i = KIND_NONE + 1; i < NUM_FAILURE_KINDS; i++)
        words[i - 1] = failure_kind_name((enum failure_kind)i);
    const char *near = nearest_word(kind, words, NUM_FAILURE_KINDS - 1);
    return yaml_error(yaml_get(item, "kind"), err, "'%s' is no kind of failure%s%s", kind,
                      near != NULL ? "; did you mean " : "", near != NULL ? near : "");
}

/* "STACK.what": so that an id in a report says whose deviation it is. */
static int check_id(const struct deviations *all, const struct deviation *entry,
                    const struct yaml_item *item, struct error *err)
{
    size_t len = strlen(entry->stack);
    if (strncmp(entry->id, entry->stack, len) != 0 || entry->id[len] != '.')
        return yaml_error(item, err, "the id '%s' must begin with '%s.'", entry->id, entry->stack);
    for (size_t i = 0; i < all->num_entries; i++)
        if (strcmp(all->entries[i].id, entry->id) == 0)
            return yaml_error(item, err, "the id '%s' is already used at %s:%d", entry->id,
                              all->entries[i].file, all->entries[i].line);
    return 0;
}

static int read_release(struct deviation *out, const struct yaml_item *item, struct error *err)
{
    struct error problem;
    if (yaml_get_string(&out->release, item, "release", err) < 0)
        return -1;
    return release_check(out->release, &problem) < 0
               ? yaml_error(yaml_get(item, "release"), err, "%s", problem.text)
               : 0;
}

static int check_not_empty(const struct yaml_item *item, struct error *err)
{
    for (size_t i = 0; i < COUNT(entry_keys); i++) {
        const struct yaml_item *value = yaml_get(item, entry_keys[i].name);
        if (value != NULL && value->text[0] == '\0')
            return yaml_error(value, err, "'%s' must not be empty", entry_keys[i].name);
    }
    return 0;
}

static int read_entry(struct deviations *all, const char *stack, const struct yaml_item *item,
                      struct error *err)
{
    struct deviation entry = {
        .file = item->file, .line = item->line, .stack = stack, .version = "*"
    };
    if (yaml_check_map(item, entry_keys, COUNT(entry_keys), err) < 0 ||
        check_not_empty(item, err) < 0 || yaml_get_string(&entry.id, item, "id", err) < 0 ||
        read_release(&entry, item, err) < 0 ||
        yaml_get_string(&entry.version, item, "version", err) < 0 ||
        yaml_get_string(&entry.select, item, "select", err) < 0 ||
        yaml_get_string(&entry.observed, item, "observed", err) < 0 ||
        yaml_get_string(&entry.reason, item, "reason", err) < 0 ||
        yaml_get_string(&entry.link, item, "link", err) < 0 || read_role(&entry, item, err) < 0 ||
        read_kind(&entry, item, err) < 0 || check_id(all, &entry, yaml_get(item, "id"), err) < 0)
        return -1;
    struct deviation *grown = realloc(all->entries, (all->num_entries + 1) * sizeof *grown);
    if (grown == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    all->entries = grown;
    all->entries[all->num_entries++] = entry;
    return 0;
}

/* `name` is the file's name without directory and ".yaml". */
static int read_file(struct deviations *all, const struct yaml_item *root, const char *name,
                     struct error *err)
{
    const char *stack = NULL;
    if (yaml_check_map(root, file_keys, COUNT(file_keys), err) < 0 ||
        yaml_get_string(&stack, root, "stack", err) < 0)
        return -1;
    if (strcmp(stack, name) != 0)
        return yaml_error(yaml_get(root, "stack"), err,
                          "the stack is '%s', but this is the file of '%s'", stack, name);
    for (const struct yaml_item *i = yaml_get(root, "deviations")->first; i != NULL; i = i->next)
        if (read_entry(all, stack, i, err) < 0)
            return -1;
    return 0;
}

static int load_file(struct deviations *all, const char *directory, const char *file_name,
                     struct error *err)
{
    char path[PATH_LEN * 2], name[NAME_MAX_LEN * 4];
    snprintf(path, sizeof path, "%s/%s", directory, file_name);
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file_name) - strlen(".yaml")), file_name);
    struct yaml_file **grown = realloc(all->files, (all->num_files + 1) * sizeof(*grown));
    if (grown == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    all->files = grown;
    if (yaml_file_load(&all->files[all->num_files], path, err) < 0)
        return -1;
    const struct yaml_item *root = yaml_file_root(all->files[all->num_files++]);
    return read_file(all, root, name, err);
}

static int is_yaml(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > strlen(".yaml") && strcmp(entry->d_name + len - strlen(".yaml"), ".yaml") == 0;
}

int deviations_load(struct deviations **out, const char *directory, struct error *err)
{
    struct dirent **names;
    int num_names = scandir(directory, &names, is_yaml, alphasort);
    if (num_names < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    struct deviations *all = calloc(1, sizeof *all);
    int result = all != NULL ? 0 : error_set(err, ERROR_HARNESS, "out of memory");
    for (int i = 0; i < num_names; i++) {
        if (result == 0)
            result = load_file(all, directory, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    if (result < 0)
        deviations_free(all);
    else
        *out = all;
    return result;
}

void deviations_free(struct deviations *deviations)
{
    if (deviations == NULL)
        return;
    for (size_t i = 0; i < deviations->num_files; i++)
        yaml_file_free(deviations->files[i]);
    free(deviations->files);
    free(deviations->entries);
    free(deviations);
}

size_t deviations_count(const struct deviations *deviations)
{
    return deviations->num_entries;
}

const struct deviation *deviations_at(const struct deviations *deviations, size_t index)
{
    return &deviations->entries[index];
}

/* Another build of the same API shares the deviations of its releases. */
bool deviation_concerns(const struct deviation *entry, const struct capabilities *caps)
{
    return (strcmp(entry->stack, caps->stack) == 0 || strcmp(entry->stack, caps->api) == 0) &&
           release_matches(entry->release, caps->release);
}

static const char *api_name(const struct stack_set *stacks, uint8_t index)
{
    return index == RAW_STACK ? stack_name(stacks, index) : stacks->stacks[index].api;
}

/* The glob is about the id as it is, or with each stack called by its API: what is known of a
 * library is known of every build of it. */
static bool selects(const struct deviation *entry, const char *id, const struct matrix_case *c,
                    const struct stack_set *stacks)
{
    char by_api[CASE_ID_MAX + 2 * NAME_MAX_LEN];
    const char *rest = strchr(id, '/');
    if (case_id_matches(entry->select, id))
        return true;
    snprintf(by_api, sizeof by_api, "%s-%s%s", api_name(stacks, c->client),
             api_name(stacks, c->server), rest == NULL ? "" : rest);
    return case_id_matches(entry->select, by_api);
}

static bool covers(const struct deviation *entry, const char *id, const struct matrix_case *c,
                   const struct stack_set *stacks)
{
    bool client =
        entry->role != ROLE_SERVER && deviation_concerns(entry, &stacks->stacks[c->client]);
    bool server =
        entry->role != ROLE_CLIENT && deviation_concerns(entry, &stacks->stacks[c->server]);
    const char *version = version_name(case_common_version(c));
    return (client || server) && selects(entry, id, c, stacks) &&
           fnmatch(entry->version, version == NULL ? "none" : version, 0) == 0;
}

const struct deviation *deviations_covering(const struct deviations *deviations, size_t *index,
                                            const char *id, const struct matrix_case *c,
                                            const struct stack_set *stacks)
{
    while (*index < deviations->num_entries) {
        const struct deviation *entry = &deviations->entries[(*index)++];
        if (covers(entry, id, c, stacks))
            return entry;
    }
    return NULL;
}

static bool describes(const struct deviation *entry, const struct judgement *judgement)
{
    return entry->kind == judgement->kind && strstr(judgement->reason, entry->observed) != NULL;
}

const struct deviation *deviations_apply(const struct deviations *deviations,
                                         struct judgement *judgement, const char *id,
                                         const struct matrix_case *c,
                                         const struct stack_set *stacks)
{
    size_t index = 0;
    const struct deviation *entry;
    bool passed = judgement->verdict == VERDICT_PASS;
    if (!passed && judgement->verdict != VERDICT_FAIL)
        return NULL;
    while ((entry = deviations_covering(deviations, &index, id, c, stacks)) != NULL) {
        if (!passed && !describes(entry, judgement))
            continue;
        judgement->verdict = passed ? VERDICT_XPASS : VERDICT_XFAIL;
        if (passed)
            snprintf(judgement->reason, sizeof judgement->reason,
                     "passes, although %s (%.300s:%d) says that it does not", entry->id,
                     entry->file, entry->line);
        return entry;
    }
    return NULL;
}
