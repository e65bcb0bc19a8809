/* fuzz-differential: disagreements for people.
 *
 *   fuzz-differential show TEXT…     plays scripts in text form to all stacks: facts, signature,
 *                                    and what knows of it
 *   fuzz-differential check FOLDER   does every finding of the folder still stand?
 *   fuzz-differential rules          the table of what the RFCs leave open
 *
 * Exit code: 0; 1 a finding does not stand as it is written; 2 usage; 3 the harness failed. */
#include "fuzz/differential/findings.h"
#include "fuzz/differential/rules.h"

#include <stdlib.h>
#include <string.h>

/* A leak is for the stack's own target to find (fuzz/stacks/target.c). */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

enum { EXIT_FOUND = 1, EXIT_USAGE = 2 };

static void tell_disagreement(const struct findings *known, const struct disagreement *found,
                              bool covered_by_steps)
{
    const struct finding *finding = findings_cover(known, found->signature);
    if (found->worst != DIFFERENCE_NONE)
        printf("%s\n%s%s\n", found->signature,
               finding != NULL    ? "known: "
               : covered_by_steps ? "known of each step alone"
                                  : "not known",
               finding != NULL ? finding->name : "");
    else if (found->num_covered > 0)
        printf("no disagreement: %s\n", rules[found->covered_by].id);
    else
        printf("no difference\n");
}

static int show_file(struct ensemble *e, const struct findings *known, const char *path,
                     struct error *err)
{
    struct compared compared[COMPARED_MAX];
    struct disagreement found;
    struct script script;
    struct writer room;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: cannot be read", path);
    writer_init(&room, SCRIPT_MAX);
    int result = script_make(&script, &room, file, err);
    fclose(file);
    if (result != 0)
        error_prefix(err, "%s", path);
    else
        result = ensemble_compare(e, &found, &script, true, err);
    if (result == 0)
        result = ensemble_play(e, compared, &script, err);
    for (size_t i = 0; result == 0 && i < e->num; i++) {
        printf("%s: ", compared[i].name);
        outcome_print(stdout, &compared[i].outcome);
    }
    bool covered = false;
    if (result == 0)
        result = findings_cover_steps(&covered, known, e, &script, err);
    if (result == 0)
        tell_disagreement(known, &found, covered);
    writer_fini(&room);
    return result;
}

static int show_files(struct ensemble *e, char **paths, size_t num, struct error *err)
{
    struct findings known;
    int result = findings_read(&known, e, SOURCE_DIR "/fuzz/differential/findings", err);
    for (size_t i = 0; result == 0 && i < num; i++)
        result = show_file(e, &known, paths[i], err);
    findings_free(&known);
    return result;
}

static int check_folder(bool *held, struct ensemble *e, const char *folder, struct error *err)
{
    struct findings findings;
    int result = findings_read(&findings, e, folder, err);
    *held = true;
    for (size_t i = 0; result == 0 && i < findings.num; i++) {
        bool one;
        result = finding_check(&one, &findings.all[i], e, stdout, err);
        *held = *held && (result != 0 || one);
    }
    if (result == 0 && *held)
        printf("%zu findings stand\n", findings.num);
    if (findings.all != NULL)
        findings_free(&findings);
    return result;
}

static int list_rules(void)
{
    for (size_t i = 0; i < num_rules; i++)
        printf("%-18s %s: %s\n", rules[i].id, rules[i].reference, rules[i].text);
    return 0;
}

int main(int argc, char **argv)
{
    struct ensemble *e = NULL;
    struct error err = { 0 };
    bool held = true;
    bool shows = argc > 2 && strcmp(argv[1], "show") == 0;
    if (argc == 2 && strcmp(argv[1], "rules") == 0)
        return list_rules();
    if (!shows && (argc != 3 || strcmp(argv[1], "check") != 0)) {
        fprintf(stderr, "usage: fuzz-differential show TEXT… | check FOLDER | rules\n");
        return EXIT_USAGE;
    }
    int result = ensemble_new(&e, &err);
    if (shows && result == 0)
        result = show_files(e, argv + 2, (size_t)(argc - 2), &err);
    else if (result == 0)
        result = check_folder(&held, e, argv[2], &err);
    ensemble_free(e);
    if (result != 0)
        fprintf(stderr, "fuzz-differential: %s\n", err.text);
    return result != 0 ? (int)err.class : held ? 0 : EXIT_FOUND;
}
