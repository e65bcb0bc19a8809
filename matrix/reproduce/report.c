#include "matrix/reproduce/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void report_case_path(char out[PATH_LEN], const struct report *report, size_t recipe)
{
    if (report->case_file[0] != '\0')
        snprintf(out, PATH_LEN, "%s", report->case_file);
    else
        snprintf(out, PATH_LEN, "%s/%s.json", report->folder, report->recipes[recipe].name);
}

static size_t count(const struct report *report, enum played_kind kind)
{
    size_t num = 0;
    for (size_t r = 0; r < report->num_recipes; r++)
        for (size_t i = 0; i < report->num_stacks; i++)
            num += report->played[r][i].kind == kind;
    return num;
}

int report_exit_code(const struct report *report)
{
    if (count(report, PLAYED_SAME) > 0)
        return 0;
    return count(report, PLAYED_BROKEN) == report->num_recipes * report->num_stacks ? ERROR_HARNESS
                                                                                    : 1;
}

/* ---- for people ---- */

static const char *const result_names[] = { "same", "same-cause", "not" };

/* 0: some stack did the same; 1: some did for the same cause; 2: neither. */
static int result_of(const struct report *report)
{
    return count(report, PLAYED_SAME) > 0 ? 0 : count(report, PLAYED_CAUSE) > 0 ? 1 : 2;
}

/* The first attempt in which this stack came to this; NULL: none. */
static const struct played *first_played(const struct report *report, size_t stack,
                                         enum played_kind kind)
{
    for (size_t r = 0; r < report->num_recipes; r++)
        if (report->played[r][stack].kind == kind)
            return &report->played[r][stack];
    return NULL;
}

static void print_same(const struct report *report)
{
    const char *comma = "";
    printf("Reproduced%s with ", report->recipes[0].recorded.alert == ENDING_HIDDEN_ALERT
                                     ? ", as far as an encrypted alert tells,"
                                     : "");
    for (size_t i = 0; i < report->num_stacks; i++) {
        if (first_played(report, i, PLAYED_SAME) == NULL)
            continue;
        printf("%s%s", comma, report->stacks[i]);
        comma = ", ";
    }
}

/* Each stack with how it ended there: "gnutls: bad_certificate from the client at …". */
static void print_same_cause(const struct report *report)
{
    const char *comma = "";
    for (size_t i = 0; i < report->num_stacks; i++) {
        char text[TEXT_LEN];
        const struct played *played = first_played(report, i, PLAYED_CAUSE);
        if (played == NULL || first_played(report, i, PLAYED_SAME) != NULL)
            continue;
        ending_text(text, &played->ending);
        printf("%s%s: %s", comma, report->stacks[i], text);
        comma = "; ";
    }
}

static void print_verdict(const struct report *report)
{
    char recorded[TEXT_LEN];
    ending_text(recorded, &report->recipes[0].recorded);
    size_t num_refused = count(report, PLAYED_OTHER) + count(report, PLAYED_UNCLEAR);
    switch (result_of(report)) {
    case 0:
        print_same(report);
        printf(": %s.\n", recorded);
        return;
    case 1:
        printf("Same cause, but ended otherwise (recorded: %s): ", recorded);
        print_same_cause(report);
        printf(".\n");
        return;
    default:
        printf("Not reproduced: no stack here %s (recorded: %s).\n",
               count(report, PLAYED_ACCEPTED) > 0 && num_refused == 0 ? "has anything against it"
                                                                      : "does the same",
               recorded);
    }
}

/* Does the result rest on this attempt? Where there is none, on all. */
static bool rests_on(const struct report *report, size_t recipe)
{
    static const enum played_kind kinds[] = { PLAYED_SAME, PLAYED_CAUSE, NUM_PLAYED_KINDS };
    enum played_kind kind = kinds[result_of(report)];
    for (size_t i = 0; i < report->num_stacks; i++)
        if (report->played[recipe][i].kind == kind)
            return true;
    return kind == NUM_PLAYED_KINDS;
}

/* What the recorded ends are taken to have been, in one sentence. */
static void print_assumption(const struct report *report)
{
    size_t num = 0, left;
    for (size_t r = 0; r < report->num_recipes; r++)
        num += rests_on(report, r);
    left = num;
    printf("%s that %s",
           result_of(report) < 2 ? "This rests on the assumption"
                                 : "It was tried on the assumption",
           num > 1 ? "either " : "");
    for (size_t r = 0; r < report->num_recipes; r++)
        if (rests_on(report, r))
            printf("%s (%s)%s", report->recipes[r].theory, report->recipes[r].name,
                   --left > 0 ? ", or " : "");
    printf("%s.\n", num > 1 ? "; the capture does not tell which" : "");
}

static void print_row(const struct report *report, size_t recipe, size_t stack)
{
    char text[TEXT_LEN];
    const struct played *played = &report->played[recipe][stack];
    bool has_words = played->why[0] != '\0' && played->ending.refused;
    ending_text(text, &played->ending);
    printf("    %-12s %-12s", report->stacks[stack], played_kind_name(played->kind));
    if (played->kind == PLAYED_UNSUPPORTED || played->kind == PLAYED_BROKEN)
        printf(" %s\n", played->why);
    else
        printf(" %s%s%s%s%s\n", text, has_words ? " (" : "", has_words ? played->why : "",
               has_words ? ")" : "",
               played->kind == PLAYED_UNCLEAR ? "; without the fault refused as well"
               : !played->has_twin            ? ""
               : played->twin.refused && report->recipes[recipe].partner == PARTNER_HELLO
                   ? "; by the stack as it is, too"
               : played->twin.refused ? "; without the fault refused as well"
                                      : "; without the fault accepted");
}

static void print_recipe(const struct report *report, size_t index)
{
    char path[PATH_LEN];
    static const char *const partners[NUM_PARTNERS] = {
        [PARTNER_HELLO] = "is sent the recorded ClientHello, byte for byte",
        [PARTNER_FLIGHT] = "is sent what the recorded server said, byte for byte",
        [PARTNER_STACK] = "meets a live stack configured as the recorded other end",
    };
    const struct recipe *recipe = &report->recipes[index];
    report_case_path(path, report, index);
    printf("\n%s: %s.\n  The %s %s", recipe->name, recipe->theory, role_name(recipe->judged),
           partners[recipe->partner]);
    if (recipe->partner != PARTNER_STACK)
        printf(" (%zu bytes)", recipe->bytes.len);
    printf(".\n");
    for (size_t i = 0; i < report->num_stacks; i++)
        print_row(report, index, i);
    for (size_t i = 0; i < recipe->num_left_out; i++)
        printf("  not carried over  %s\n", recipe->left_out[i]);
    printf("  again             %s rerun %s\n", program_invocation_name, path);
}

void report_print(const struct report *report)
{
    const struct recipe *first = &report->recipes[0];
    print_verdict(report);
    print_assumption(report);
    printf("  recorded          %s, connection %llu: %s\n", first->capture,
           (unsigned long long)first->connection, first->sentence);
    for (size_t i = 0; i < report->num_recipes; i++)
        print_recipe(report, i);
    if (report->not_recorded[0] != '\0')
        printf("\nnot recorded: %s\n"
               "  A tap between the ends noted instead who said what, in which order; the segments "
               "of TCP in the captures are its own.\n",
               report->not_recorded);
    printf("\ncaptures: %s/captures\n", report->folder);
}

/* ---- for programs ---- */

static json_t *played_json(const struct report *report, size_t recipe, size_t stack)
{
    const struct played *played = &report->played[recipe][stack];
    bool ended = played->kind != PLAYED_UNSUPPORTED && played->kind != PLAYED_BROKEN;
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:s}", "stack", report->stacks[stack],
                     "outcome", played_kind_name(played->kind), "ending",
                     ended ? ending_to_json(&played->ending) : json_null(), "healthy",
                     played->has_twin ? ending_to_json(&played->twin) : json_null(), "partner",
                     played->partner, "text", played->why, "capture", played->capture);
}

static json_t *recipe_json(const struct report *report, size_t index)
{
    char path[PATH_LEN];
    const struct recipe *recipe = &report->recipes[index];
    json_t *stacks = json_array(), *left_out = json_array();
    report_case_path(path, report, index);
    for (size_t i = 0; i < report->num_stacks; i++)
        json_array_append_new(stacks, played_json(report, index, i));
    for (size_t i = 0; i < recipe->num_left_out; i++)
        json_array_append_new(left_out, json_string(recipe->left_out[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "name", recipe->name, "theory",
                     recipe->theory, "judged", role_name(recipe->judged), "partner",
                     partner_name(recipe->partner), "case", path, "stacks", stacks, "left_out",
                     left_out);
}

void report_print_json(const struct report *report)
{
    const struct recipe *first = &report->recipes[0];
    json_t *attempts = json_array();
    for (size_t i = 0; i < report->num_recipes; i++)
        json_array_append_new(attempts, recipe_json(report, i));
    json_t *json = json_pack(
        "{s:s, s:I, s:s, s:o, s:b, s:s, s:o, s:s, s:s}", "capture", first->capture, "connection",
        (json_int_t)first->connection, "sentence", first->sentence, "recorded",
        ending_to_json(&first->recorded), "reproduced", count(report, PLAYED_SAME) > 0, "result",
        result_names[result_of(report)], "attempts", attempts, "folder", report->folder,
        "not_recorded", report->not_recorded);
    json_dumpf(json, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(json);
}
