#include "matrix/reproduce/report.h"

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

static bool some_same(const struct report *report, size_t stack)
{
    for (size_t r = 0; r < report->num_recipes; r++)
        if (report->played[r][stack].kind == PLAYED_SAME)
            return true;
    return false;
}

static void print_verdict(const struct report *report)
{
    char recorded[TEXT_LEN];
    const char *comma = "";
    ending_text(recorded, &report->recipes[0].recorded);
    size_t num_same = count(report, PLAYED_SAME), num_accepted = count(report, PLAYED_ACCEPTED);
    size_t num_refused = count(report, PLAYED_OTHER) + count(report, PLAYED_UNCLEAR);
    if (num_same == 0 && num_accepted > 0 && num_refused == 0)
        printf("Not reproduced: no stack here has anything against it (recorded: %s).\n", recorded);
    else if (num_same == 0)
        printf("Not reproduced: no stack here does the same (recorded: %s).\n", recorded);
    else {
        printf("Reproduced%s with ", report->recipes[0].recorded.alert == ENDING_HIDDEN_ALERT
                                         ? ", as far as an encrypted alert tells,"
                                         : "");
        for (size_t i = 0; i < report->num_stacks; i++) {
            if (!some_same(report, i))
                continue;
            printf("%s%s", comma, report->stacks[i]);
            comma = ", ";
        }
        printf(": %s.\n", recorded);
    }
}

static bool is_same_cause(const struct report *report, size_t recipe, const struct played *played)
{
    return played->ending.cause[0] != '\0' &&
           strcmp(played->ending.cause, report->recipes[recipe].recorded.cause) == 0;
}

static void print_row(const struct report *report, size_t recipe, size_t stack)
{
    char text[TEXT_LEN];
    const struct played *played = &report->played[recipe][stack];
    ending_text(text, &played->ending);
    printf("    %-12s %-12s", report->stacks[stack], played_kind_name(played->kind));
    if (played->kind == PLAYED_UNSUPPORTED || played->kind == PLAYED_BROKEN)
        printf(" %s\n", played->why);
    else
        printf(" %s%s%s%s%s\n", text,
               played->kind == PLAYED_UNCLEAR ? "; without the fault refused as well"
               : played->kind == PLAYED_OTHER && is_same_cause(report, recipe, played)
                   ? "; for the same cause"
               : played->has_twin && played->twin.refused ? "; by the stack as it is, too"
               : played->has_twin                         ? "; without the fault accepted"
                                                          : "",
               played->why[0] != '\0' && played->ending.refused ? " (" : "",
               played->ending.refused ? played->why : "",
               played->why[0] != '\0' && played->ending.refused ? ")" : "");
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
    printf("  again             tlsmatrix rerun %s\n", path);
}

void report_print(const struct report *report)
{
    const struct recipe *first = &report->recipes[0];
    print_verdict(report);
    printf("  recorded          %s, connection %llu: %s\n", first->capture,
           (unsigned long long)first->connection, first->sentence);
    for (size_t i = 0; i < report->num_recipes; i++)
        print_recipe(report, i);
    if (report->not_recorded[0] != '\0')
        printf("\nnot recorded: %s; judged by the ends' own words, and not by the stage\n",
               report->not_recorded);
    else
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
    json_t *json = json_pack("{s:s, s:I, s:s, s:o, s:b, s:o, s:s, s:s}", "capture", first->capture,
                             "connection", (json_int_t)first->connection, "sentence",
                             first->sentence, "recorded", ending_to_json(&first->recorded),
                             "reproduced", count(report, PLAYED_SAME) > 0, "attempts", attempts,
                             "folder", report->folder, "not_recorded", report->not_recorded);
    json_dumpf(json, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(json);
}
