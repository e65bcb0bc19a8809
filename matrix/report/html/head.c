#include "matrix/report/html/head.h"

#include "matrix/case_value.h"
#include "matrix/deviations.h"
#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"
#include "matrix/report/causes.h"
#include "matrix/stacks.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* ---- the run ---- */

/* Only what was merged knows of what other parts it is one of. */
static int missing_parts(uint64_t *out, struct results *results, struct error *err)
{
    sqlite3_stmt *row = NULL;
    bool merged =
        sqlite3_prepare_v2(results_database(results), "SELECT 1 FROM run WHERE key LIKE 'part %'",
                           -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW;
    sqlite3_finalize(row);
    *out = 0;
    return merged ? results_missing_parts(results, out, err) : 0;
}

int head_outcome(struct session_outcome *out, struct results *results, struct error *err)
{
    char text[32] = "0";
    *out = (struct session_outcome){ 0 };
    if (results_counts(results, out->counts, &out->red_inconclusive, err) < 0 ||
        missing_parts(&out->missing_parts, results, err) < 0 ||
        results_get(results, "missing_capabilities", text, sizeof text, err) < 0)
        return -1;
    out->missing_capabilities = atoi(text);
    if (results_get(results, "state", text, sizeof text, err) < 0)
        return -1;
    out->interrupted = strcmp(text, "finished") != 0;
    return 0;
}

static json_t *run_values(struct results *results)
{
    sqlite3_stmt *row = NULL;
    json_t *values = json_object();
    if (sqlite3_prepare_v2(results_database(results), "SELECT key, value FROM run", -1, &row,
                           NULL) == SQLITE_OK)
        while (sqlite3_step(row) == SQLITE_ROW)
            json_object_set_new(values, (const char *)sqlite3_column_text(row, 0),
                                json_string((const char *)sqlite3_column_text(row, 1)));
    sqlite3_finalize(row);
    return values;
}

static json_t *describe_against(const struct gather *gather, const char *directory)
{
    if (directory == NULL)
        return NULL;
    return json_pack(
        "{s:s, s:o, s:I, s:O}", "folder", directory, "run", run_values(gather->against.results),
        "vanished", (json_int_t)gather->against.num_vanished, "examples", gather->against.vanished);
}

/* ---- what the words mean ---- */

static json_t *meaning(const char *text, const char *references)
{
    return json_pack("{s:s, s:s}", "text", text, "see", references == NULL ? "" : references);
}

static json_t *meaning_of_identity(const char *word)
{
    const char *name = strncmp(word, "client-", 7) == 0 ? word + 7 : word;
    int index = identity_by_name(name);
    return index <= 0 ? NULL : meaning(identities[index].text, identities[index].references);
}

static json_t *meaning_of_attack(const char *word)
{
    const struct attack *attack = attack_by_name(word);
    return attack == NULL ? NULL : meaning(attack->text, attack->references);
}

static json_t *meaning_of_hello(const char *word)
{
    const struct raw_hello *hello = hello_at((size_t)hello_by_name(word));
    return hello == NULL ? NULL : meaning(hello->text, hello->references);
}

/* {axis: {word: {"text", "see"}}} of the words that occur in the run. */
static json_t *meanings(struct gather *gather)
{
    static json_t *(*const of[NUM_AXES])(const char *word) = {
        [AXIS_IDENTITY] = meaning_of_identity,
        [AXIS_ATTACK] = meaning_of_attack,
        [AXIS_HELLO] = meaning_of_hello,
    };
    json_t *all = json_object();
    for (int axis = 0; axis < NUM_AXES; axis++) {
        const json_t *words = table_words(&gather->table, axis)->words;
        if (of[axis] == NULL)
            continue;
        json_t *known = json_object();
        for (size_t i = 0; i < json_array_size(words); i++) {
            const char *word = json_string_value(json_array_get(words, i));
            json_t *found = of[axis](word);
            if (found != NULL)
                json_object_set_new(known, word, found);
        }
        json_object_set_new(all, axis_name((enum axis)axis), known);
    }
    return all;
}

static json_t *describe_axes(void)
{
    static const struct stack_set no_stacks;
    json_t *axes = json_array();
    for (int axis = 0; axis < NUM_AXES; axis++)
        json_array_append_new(axes, json_pack("{s:s, s:s*}", "name", axis_name((enum axis)axis),
                                              "ordinary",
                                              axis < FIRST_OPTIONAL_AXIS
                                                  ? NULL
                                                  : axis_word((enum axis)axis, 0, &no_stacks)));
    return axes;
}

static json_t *describe_stacks(const struct stack_set *stacks)
{
    json_t *all = json_array();
    for (size_t i = 0; i < stacks->num_stacks; i++)
        json_array_append_new(all, capabilities_to_json(&stacks->stacks[i]));
    return all;
}

/* The known deviations of this run's stacks, whether a case met them or not. */
static int describe_deviations(json_t **out, const struct stack_set *stacks, struct error *err)
{
    char directory[PATH_LEN];
    struct deviations *deviations = NULL;
    stacks_data_path(directory, "matrix/deviations");
    if (deviations_load(&deviations, directory, err) < 0)
        return -1;
    json_t *all = json_object();
    for (size_t i = 0; i < deviations_count(deviations); i++) {
        const struct deviation *d = deviations_at(deviations, i);
        if (stack_index(stacks, d->stack) >= 0)
            json_object_set_new(all, d->id,
                                json_pack("{s:s, s:s, s:s, s:s, s:s}", "stack", d->stack, "release",
                                          d->release, "kind", failure_kind_name(d->kind), "why",
                                          d->reason, "see", d->link));
    }
    deviations_free(deviations);
    *out = all;
    return 0;
}

/* Numbers of the causes that make a run red. */
static json_t *red_causes(struct gather *gather)
{
    const json_t *causes = table_words(&gather->table, COLUMN_CAUSE)->words;
    json_t *red = json_array();
    for (size_t i = 0; i < json_array_size(causes); i++) {
        char verdict[NAME_MAX_LEN], deviation[NAME_MAX_LEN * 4];
        const char *text = json_string_value(json_array_get(causes, i));
        cause_read(verdict, sizeof verdict, deviation, sizeof deviation, text);
        if (cause_is_red((enum verdict)verdict_by_name(verdict), deviation))
            json_array_append_new(red, json_integer((json_int_t)i));
    }
    return red;
}

static json_t *describe_counts(const struct session_outcome *outcome)
{
    json_t *counts = json_object();
    for (int i = 0; i < NUM_VERDICTS; i++)
        json_object_set_new(counts, verdict_name((enum verdict)i),
                            json_integer((json_int_t)outcome->counts[i]));
    return counts;
}

json_t *head_make(struct gather *gather, const struct html_request *request,
                  const struct session_outcome *outcome, struct error *err)
{
    json_t *deviations = NULL;
    if (describe_deviations(&deviations, gather->stacks, err) < 0)
        return NULL;
    json_t *head =
        json_pack("{s:i, s:s, s:s, s:s, s:b, s:o, s:i, s:I, s:i, s:I, s:i, s:o, s:o, s:o*, s:o, "
                  "s:o, s:o, s:o, "
                  "s:o, "
                  "s:O, s:O, s:O}",
                  "format", 1, "made_by", TLSMATRIX_VERSION, "program", request->program, "folder",
                  request->run, "beside", request->beside, "red", red_causes(gather), "exit_code",
                  session_exit_code(outcome), "rows", (json_int_t)gather->table.num_rows,
                  "missing_capabilities", outcome->missing_capabilities, "missing_parts",
                  (json_int_t)outcome->missing_parts, "detail_rows", DETAIL_ROWS, "counts",
                  describe_counts(outcome), "run", run_values(gather->results), "against",
                  describe_against(gather, request->against), "axes", describe_axes(), "stacks",
                  describe_stacks(gather->stacks), "deviations", deviations, "meanings",
                  meanings(gather), "columns", table_describe(&gather->table), "requirements",
                  expectations_requirements(gather->expectations), "documents",
                  gather->documents.block_firsts, "capture_names", gather->capture_names);
    if (head == NULL)
        error_set(err, ERROR_HARNESS, "the head of the report cannot be made");
    return head;
}
