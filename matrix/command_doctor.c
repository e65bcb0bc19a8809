/* `tlsmatrix doctor`: the stacks and the data files, and how what was found is told. */
#include "harness/terminal.h"
#include "matrix/added/added.h"
#include "matrix/commands.h"
#include "matrix/deviations.h"
#include "matrix/doctor.h"
#include "matrix/profile.h"
#include "matrix/stacks.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const need_names[] = {
    [NEED_RUN] = "run",
    [NEED_RECORDING] = "recording",
    [NEED_OTHER] = "other",
};

/* The programs are built in a checkout and come with the package elsewhere. */
static void wants_build(struct finding *finding)
{
    char source[PATH_LEN];
    stacks_data_path(source, "ci/matrix");
    if (access(source, X_OK) == 0)
        finding_missing(finding, "%s smoke", source);
    else
        finding_missing(finding, "apt-get install --reinstall tlsmatrix");
}

static void look_at_stack(struct findings *out, struct stack_list *list, const char *name)
{
    struct error err = { .class = ERROR_NONE };
    struct finding *finding = finding_add(out, name, NEED_RUN, "the stack starts");
    if (finding == NULL)
        return;
    if (stacks_load(list, &name, 1, &err) != 0) {
        snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1, err.text);
        const char *command = strstr(err.text, "tlsmatrix stacks "); /* of an added one */
        if (command != NULL)
            finding_missing(finding, "%.*s", (int)strcspn(command, ")"), command);
        else
            wants_build(finding);
        return;
    }
    const struct capabilities *caps = &list->set.stacks[0];
    int missing = stacks_check(NULL, list, &err);
    snprintf(finding->found, sizeof finding->found, "%s", caps->library);
    if (missing > 0) {
        snprintf(finding->found, sizeof finding->found,
                 "%s: %d of its expected abilities are missing", caps->library, missing);
        finding_missing(finding, "tlsmatrix stacks --stacks %s", name);
    }
}

/* A run refuses to begin where it cannot see which stacks a user has added. */
static void look_at_added(struct findings *out)
{
    struct error err = { .class = ERROR_NONE };
    char **names;
    int num = added_names(&names, &err);
    if (num >= 0) {
        added_names_free(names, num);
        return;
    }
    struct finding *finding = finding_add(out, "added stacks", NEED_RUN, "stacks of your own");
    if (finding == NULL)
        return;
    snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1, err.text);
    finding_missing(finding, "export TLSMATRIX_STACKS=FOLDER");
}

void look_at_stacks(struct findings *out)
{
    static struct stack_list list; /* large */
    static struct stack_set all;
    look_at_added(out);
    size_t num = stacks_names(&all);
    for (size_t i = 0; i < num; i++)
        look_at_stack(out, &list, all.stacks[i].stack);
    struct finding *finding =
        num > 0 ? NULL : finding_add(out, "stacks", NEED_RUN, "stacks to run");
    if (finding == NULL)
        return;
    snprintf(finding->found, sizeof finding->found, "none in %s", stacks_peer_directory());
    wants_build(finding);
}

void look_at_data(struct findings *out)
{
    static const struct stack_set no_stacks;
    char profiles[PATH_LEN], deviations[PATH_LEN];
    struct error err = { .class = ERROR_NONE };
    struct profile *profile = NULL;
    struct deviations *known = NULL;
    struct finding *finding = finding_add(out, "data", NEED_RUN, "profiles and deviations");
    if (finding == NULL)
        return;
    stacks_data_path(profiles, "matrix/profiles");
    stacks_data_path(deviations, "matrix/deviations");
    profile_set_directory(profiles);
    if (profile_load(&profile, "smoke", &no_stacks, &err) != 0 ||
        deviations_load(&known, deviations, &err) != 0) {
        snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1, err.text);
        wants_build(finding);
    } else {
        snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1, profiles);
    }
    profile_free(profile);
    deviations_free(known);
}

static void print_finding(const struct finding *finding)
{
    enum ink colour = finding->there ? INK_GOOD : finding->need == NEED_RUN ? INK_BAD : INK_ODD;
    printf("%-12s %s%-8s%s ", finding->name, ink(stdout, colour), finding->there ? "ok" : "missing",
           ink_end(stdout));
    char text[2 * TEXT_LEN];
    snprintf(text, sizeof text, "%s%s%s%s", finding->found,
             finding->there ? "" : " (for: ", finding->there ? "" : finding->purpose,
             finding->there ? "" : ")");
    print_wrapped(stdout, 22, 22, text);
    if (!finding->there)
        printf("%22s%s%s%s\n", "", ink(stdout, INK_TITLE), finding->mend, ink_end(stdout));
}

static void print_json(const struct findings *findings)
{
    json_t *all = json_array();
    for (size_t i = 0; i < findings->num; i++) {
        const struct finding *f = &findings->rows[i];
        json_array_append_new(all,
                              json_pack("{s:s, s:b, s:s, s:s, s:s, s:s}", "name", f->name, "there",
                                        f->there, "needed_for", need_names[f->need], "purpose",
                                        f->purpose, "found", f->found, "mend", f->mend));
    }
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

int command_doctor(const struct parsed_options *options, struct error *err)
{
    static struct findings findings;
    size_t num_missing[3] = { 0 };
    (void)err;
    look_at_stacks(&findings);
    look_at_data(&findings);
    look_at_network(&findings);
    look_at_disk(&findings);
    look_at_programs(&findings);
    for (size_t i = 0; i < findings.num; i++)
        num_missing[findings.rows[i].need] += !findings.rows[i].there;
    if (option_given(options, "json")) {
        print_json(&findings);
        return num_missing[NEED_RUN] > 0;
    }
    for (size_t i = 0; i < findings.num; i++)
        print_finding(&findings.rows[i]);
    print_wrapped(stdout, 0, 0,
                  num_missing[NEED_RUN] > 0 ? "A run lacks something: see above."
                  : num_missing[NEED_RECORDING] > 0
                      ? "Runs work, but cannot see the wire: they judge by the ends' own words "
                        "(--capture-from relay sees the bytes)."
                      : "Runs have all that they need.");
    return num_missing[NEED_RUN] > 0;
}
