#include "matrix/report/differences.h"

#include "matrix/report/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_TOLD = 25 }; /* of one kind, on a page for people; JSON has them all */

static const struct {
    const char *name, *title;
} differences[NUM_DIFFERENCES] = {
    [DIFFERENCE_NEW_FAILURE] = { "new-failures", "New failures" },
    [DIFFERENCE_OTHER_FAILURE] = { "other-failures", "Failures for another reason than before" },
    [DIFFERENCE_FIXED] = { "fixed", "Fixed" },
    [DIFFERENCE_VERDICT] = { "verdicts", "Other verdicts, none of them red" },
    [DIFFERENCE_OUTCOME] = { "outcomes", "Other outcomes" },
    [DIFFERENCE_ALERT] = { "alerts", "Other alerts" },
    [DIFFERENCE_PARAMETERS] = { "parameters", "Other parameters" },
    [DIFFERENCE_FACT] = { "facts", "Other facts" },
    [DIFFERENCE_NEW_CASE] = { "new-cases", "New cases" },
    [DIFFERENCE_VANISHED] = { "vanished-cases", "Vanished cases" },
    [DIFFERENCE_CAPABILITY] = { "capabilities", "Capabilities" },
    [DIFFERENCE_SPEED] = { "speed", "Speed" },
    [DIFFERENCE_BYTES] = { "bytes", "Bytes on the wire" },
};

const char *difference_name(enum difference difference)
{
    return differences[difference].name;
}

const char *difference_title(enum difference difference)
{
    return differences[difference].title;
}

int difference_by_name(const char *name)
{
    for (int i = 0; i < NUM_DIFFERENCES; i++)
        if (strcmp(differences[i].name, name) == 0)
            return i;
    return -1;
}

/* ---- groups ---- */

int difference_groups_init(struct difference_groups *found, struct error *err)
{
    *found = (struct difference_groups){ .index = json_object() };
    return found->index == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
}

void difference_groups_fini(struct difference_groups *found)
{
    for (size_t i = 0; i < found->num; i++) {
        free(found->all[i].title);
        free(found->all[i].detail);
        pattern_fini(&found->all[i].cases);
    }
    free(found->all);
    json_decref(found->index);
    *found = (struct difference_groups){ 0 };
}

static int add_group(struct difference_groups *found, const struct difference_group *group,
                     const char *key, struct error *err)
{
    if (found->num == found->room) {
        size_t room = found->room == 0 ? 16 : 2 * found->room;
        struct difference_group *grown = reallocarray(found->all, room, sizeof *grown);
        if (grown == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        found->all = grown;
        found->room = room;
    }
    struct difference_group *added = &found->all[found->num];
    *added = *group;
    added->title = strdup(group->title);
    added->detail = strdup(group->detail);
    if (added->title == NULL || added->detail == NULL ||
        json_object_set_new(found->index, key, json_integer((json_int_t)found->num)) < 0) {
        free(added->title);
        free(added->detail);
        return error_set(err, ERROR_HARNESS, "out of memory");
    }
    found->num++;
    return 0;
}

/* Bytes that are no UTF-8 would be no key of JSON's. */
static void make_key(char *key, size_t len, enum difference difference, const char *title,
                     const char *detail)
{
    snprintf(key, len, "%d\x1F%s\x1F%s", difference, title, detail);
    for (char *c = key; *c != '\0'; c++)
        if (((unsigned char)*c & 0x80) != 0)
            *c = '?';
}

int difference_note(struct difference_groups *found, enum difference difference, const char *title,
                    const char *detail, const char *id, struct error *err)
{
    char key[4 * TEXT_LEN];
    bool full = found->num >= GROUPS_MAX;
    if (full) {
        title = "more than can be told apart";
        detail = "";
    }
    make_key(key, sizeof key, difference, title, detail);
    const json_t *at = json_object_get(found->index, key);
    size_t place = at == NULL ? found->num : (size_t)json_integer_value(at);
    const struct difference_group group = {
        .difference = difference,
        .title = (char *)title,
        .detail = (char *)detail,
    };
    if (at == NULL && add_group(found, &group, key, err) < 0)
        return -1;
    found->num_cases[difference]++;
    return id == NULL ? 0 : pattern_note(&found->all[place].cases, id, err);
}

static int by_kind_and_size(const void *left, const void *right)
{
    const struct difference_group *a = left, *b = right;
    if (a->difference != b->difference)
        return a->difference < b->difference ? -1 : 1;
    if (a->cases.num_cases != b->cases.num_cases)
        return a->cases.num_cases > b->cases.num_cases ? -1 : 1;
    int order = strcmp(a->title, b->title);
    return order != 0 ? order : strcmp(a->detail, b->detail);
}

void difference_groups_sort(struct difference_groups *found)
{
    if (found->num > 0)
        qsort(found->all, found->num, sizeof *found->all, by_kind_and_size);
    json_object_clear(found->index); /* places have changed */
}

/* ---- for people ---- */

static void tell_group(const struct difference_group *group, const char *rerun_options,
                       struct page *page)
{
    char pattern[PATTERN_TEXT_MAX];
    uint64_t num = group->cases.num_cases;
    if (num == 0) {
        page_line(page, "%s%s%s", group->title, group->detail[0] == '\0' ? "" : ": ",
                  group->detail);
        return;
    }
    page_subheading(page, "%s: %" PRIu64 " case%s", group->title, num, num == 1 ? "" : "s");
    if (group->detail[0] != '\0')
        page_line(page, "%s", group->detail);
    if (num > 1)
        page_command(page, "in", "%s", pattern_text(pattern, &group->cases));
    if (group->difference != DIFFERENCE_VANISHED)
        page_command(page, "rerun", "%s rerun -v '%s'%s", told_program(), group->cases.example,
                     rerun_options == NULL ? "" : rerun_options);
}

int difference_groups_tell(const struct difference_groups *found, struct page *page,
                           struct error *err)
{
    size_t told = 0;
    (void)err;
    for (size_t i = 0; i < found->num; i++) {
        const struct difference_group *group = &found->all[i];
        bool first = i == 0 || found->all[i - 1].difference != group->difference;
        bool last = i + 1 == found->num || found->all[i + 1].difference != group->difference;
        told = first ? 0 : told;
        if (first)
            page_heading(page, "%s: %" PRIu64, differences[group->difference].title,
                         found->num_cases[group->difference]);
        if (told++ < GROUPS_TOLD)
            tell_group(group, found->rerun_options, page);
        if (last && told > GROUPS_TOLD)
            page_line(page, "… and %zu more groups; --format json has them all.",
                      told - GROUPS_TOLD);
    }
    return 0;
}

/* ---- for programs ---- */

static json_t *group_json(const struct difference_group *group)
{
    char pattern[PATTERN_TEXT_MAX];
    json_t *object = json_pack("{s:s, s:s}", "what", group->title, "facts", group->detail);
    if (group->cases.num_cases == 0)
        return object;
    json_object_set_new(object, "cases", json_integer((json_int_t)group->cases.num_cases));
    json_object_set_new(object, "in", json_string(pattern_text(pattern, &group->cases)));
    json_object_set_new(object, "example", json_string(group->cases.example));
    return object;
}

json_t *difference_groups_json(const struct difference_groups *found)
{
    json_t *all = json_object();
    for (int i = 0; i < NUM_DIFFERENCES; i++)
        json_object_set_new(
            all, differences[i].name,
            json_pack("{s:I, s:[]}", "number", (json_int_t)found->num_cases[i], "groups"));
    for (size_t i = 0; i < found->num; i++) {
        const char *name = differences[found->all[i].difference].name;
        json_array_append_new(json_object_get(json_object_get(all, name), "groups"),
                              group_json(&found->all[i]));
    }
    return all;
}
