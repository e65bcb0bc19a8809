#include "fuzz/differential/findings.h"

#include "harness/pki/files.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char suffix[] = ".script";

/* ---- reading ---- */

static char *value_of(char *line, const char *key)
{
    size_t len = strlen(key);
    if (strncmp(line, "# ", 2) != 0 || strncmp(line + 2, key, len) != 0 || line[2 + len] != ':')
        return NULL;
    char *value = line + 2 + len + 1;
    value += strspn(value, " ");
    value[strcspn(value, "\n")] = '\0';
    return value;
}

static bool take(char *out, size_t len, char *line, const char *key)
{
    const char *value = value_of(line, key);
    if (value != NULL)
        snprintf(out, len, "%s", value);
    return value != NULL;
}

static void read_line(struct finding *f, const struct ensemble *e, char *line)
{
    char signature[SIGNATURE_LEN];
    if (take(signature, sizeof signature, line, "signature") &&
        f->num_signatures < FINDING_SIGNATURES_MAX)
        memcpy(f->signatures[f->num_signatures++], signature, sizeof signature);
    take(f->title, sizeof f->title, line, "title");
    take(f->rfc, sizeof f->rfc, line, "rfc");
    take(f->wrong, sizeof f->wrong, line, "wrong");
    take(f->hello, sizeof f->hello, line, "hello");
    take(f->release, sizeof f->release, line, "release");
    for (size_t i = 0; i < e->num; i++)
        take(f->expected[i], sizeof f->expected[i], line, e->stacks[i].name);
}

/* What is broken is no kind that a finding may cover by the way. */
static bool covers_any_kind(const char *signature)
{
    const char *kind = strchr(signature, ' ');
    kind = kind != NULL ? strchr(kind + 1, ' ') : NULL;
    return kind == NULL || kind[1 + strcspn(kind + 1, " *?")] != ' ';
}

/* Is all that the script says otherwise in the partner's first message, or before it? */
static bool is_of_first_flight(const struct script *script)
{
    for (size_t i = 0; i < script->num_steps; i++)
        if (script->steps[i].at != 0)
            return false;
    return !script->retry && !script->resumption;
}

static const char *what_is_missing(const struct finding *f, const struct ensemble *e)
{
    for (size_t i = 0; i < e->num; i++)
        if (f->expected[i][0] == '\0')
            return e->stacks[i].name;
    for (size_t i = 0; i < f->num_signatures; i++)
        if (covers_any_kind(f->signatures[i]))
            return "which kind of difference a signature covers";
    return f->title[0] == '\0'        ? "title"
           : f->rfc[0] == '\0'        ? "rfc"
           : f->wrong[0] == '\0'      ? "wrong"
           : f->num_signatures == 0   ? "signature"
           : f->script.num_steps == 0 ? "a step"
           : f->hello[0] == '\0' && is_of_first_flight(&f->script)
               ? "hello (the raw hello of matrix/hellos that says it)"
               : NULL;
}

static int read_finding(struct finding *out, const struct ensemble *e, const char *path,
                        struct error *err)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_errno(err, "%s", path);
    while (getline(&line, &size, file) > 0)
        read_line(out, e, line);
    free(line);
    rewind(file);
    int result = script_make(&out->script, &out->room, file, err);
    fclose(file);
    if (result != 0)
        return error_prefix(err, "%s", path);
    const char *missing = what_is_missing(out, e);
    return missing == NULL ? 0 : error_set(err, ERROR_USAGE, "%s: does not say: %s", path, missing);
}

static int is_script(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name), end = sizeof suffix - 1;
    return len > end && strcmp(entry->d_name + len - end, suffix) == 0;
}

int findings_read(struct findings *out, const struct ensemble *e, const char *folder,
                  struct error *err)
{
    struct dirent **entries;
    int num = scandir(folder, &entries, is_script, alphasort), result = 0;
    *out = (struct findings){ .num = 0 };
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", folder, strerror(errno));
    out->all = calloc((size_t)num + 1, sizeof *out->all);
    for (int i = 0; i < num; i++) {
        char path[PATH_LEN];
        struct finding *f = out->all == NULL ? NULL : &out->all[out->num];
        if (f == NULL)
            result = error_set(err, ERROR_HARNESS, "no memory for findings");
        if (result == 0)
            result = path_format(path, err, "%s/%s", folder, entries[i]->d_name);
        if (result == 0) {
            snprintf(f->name, sizeof f->name, "%.*s",
                     (int)(strlen(entries[i]->d_name) - sizeof suffix + 1), entries[i]->d_name);
            writer_init(&f->room, SCRIPT_MAX);
            out->num++;
            result = read_finding(f, e, path, err);
        }
        free(entries[i]);
    }
    free(entries);
    if (result != 0)
        findings_free(out);
    return result;
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->num; i++)
        writer_fini(&findings->all[i].room);
    free(findings->all);
    *findings = (struct findings){ .num = 0 };
}

const struct finding *findings_cover(const struct findings *findings, const char *signature)
{
    for (size_t i = 0; i < findings->num; i++)
        for (size_t j = 0; j < findings->all[i].num_signatures; j++)
            if (fnmatch(findings->all[i].signatures[j], signature, FNM_EXTMATCH) == 0)
                return &findings->all[i];
    return NULL;
}

/* Takes from `unlike` the stacks that do with this step alone what they do with all. */
static int cover_step(bool *covered, bool unlike[COMPARED_MAX], const struct findings *findings,
                      struct ensemble *e, const struct compared all[], const struct script *one,
                      struct error *err)
{
    struct compared alone[COMPARED_MAX];
    struct disagreement found;
    if (ensemble_compare(e, &found, one, true, err) != 0 || ensemble_play(e, alone, one, err) != 0)
        return -1;
    *covered = found.worst == DIFFERENCE_NONE || findings_cover(findings, found.signature) != NULL;
    for (size_t i = 0; i < e->num; i++) {
        struct reduced with_all, with_one;
        reduce(&with_all, &all[i].outcome);
        reduce(&with_one, &alone[i].outcome);
        if (difference_of(&with_all, &with_one) == DIFFERENCE_NONE)
            unlike[i] = false;
    }
    return 0;
}

int findings_cover_steps(bool *covered, const struct findings *findings, struct ensemble *e,
                         const struct script *script, struct error *err)
{
    struct compared all[COMPARED_MAX];
    bool unlike[COMPARED_MAX] = { false };
    *covered = script->num_steps > 1;
    if (!*covered)
        return 0;
    if (ensemble_play(e, all, script, err) != 0)
        return -1;
    for (size_t i = 0; i < e->num; i++) {
        unlike[i] = true;
        *covered = *covered && all[i].outcome.broken == NULL;
    }
    for (size_t i = 0; i < script->num_steps && *covered; i++) {
        struct script one = *script;
        one.steps[0] = script->steps[i];
        one.num_steps = 1;
        if (cover_step(covered, unlike, findings, e, all, &one, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < e->num; i++)
        *covered = *covered && !unlike[i];
    return 0;
}

/* ---- replaying ---- */

static bool is_of_these(const struct finding *f, const struct ensemble *e)
{
    bool found = f->release[0] == '\0';
    for (size_t i = 0; i < e->num; i++) {
        char name[NAME_MAX_LEN * 2];
        snprintf(name, sizeof name, "%s %s", e->stacks[i].name, e->stacks[i].capabilities.release);
        found = found || fnmatch(f->release, name, 0) == 0;
    }
    return found;
}

static bool as_expected(const struct finding *f, const struct ensemble *e,
                        const struct compared compared[], enum difference worst, FILE *out)
{
    bool all = true;
    for (size_t i = 0; i < e->num; i++) {
        char word[64];
        struct reduced reduced;
        reduce(&reduced, &compared[i].outcome);
        reduced_text(word, sizeof word, &reduced, worst);
        if (fnmatch(f->expected[i], word, FNM_EXTMATCH) == 0)
            continue;
        all = false;
        fprintf(out, "%s: %s does otherwise than it is known to: '%s', not '%s'\n", f->name,
                e->stacks[i].name, word, f->expected[i]);
    }
    return all;
}

int finding_check(bool *held, const struct finding *f, struct ensemble *e, FILE *out,
                  struct error *err)
{
    struct compared compared[COMPARED_MAX];
    struct disagreement found;
    struct findings one = { .all = (struct finding *)f, .num = 1 };
    if (ensemble_compare(e, &found, &f->script, true, err) != 0 ||
        ensemble_play(e, compared, &f->script, err) != 0)
        return -1;
    bool covers = found.worst != DIFFERENCE_NONE && findings_cover(&one, found.signature) != NULL;
    *held = covers;
    if (!is_of_these(f, e)) {
        *held = !covers;
        if (covers)
            fprintf(out, "%s: it is of %s, and is so with what is here\n", f->name, f->release);
        return 0;
    }
    if (!covers)
        fprintf(out, "%s: it covers '%s'\n  and what is there is '%s'\n", f->name, f->signatures[0],
                found.worst != DIFFERENCE_NONE ? found.signature : "no disagreement");
    *held = as_expected(f, e, compared, found.worst, out) && covers;
    return 0;
}

/* ---- writing ---- */

int finding_write(const char *path, struct ensemble *e, const struct disagreement *seen,
                  const struct script *script, struct error *err)
{
    struct compared compared[COMPARED_MAX];
    if (ensemble_play(e, compared, script, err) != 0)
        return -1;
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return error_errno(err, "%s", path);
    fprintf(file, "# title: ?\n# rfc: ?\n# wrong: ?\n%s# signature: %s\n",
            is_of_first_flight(script) ? "# hello: ?\n" : "", seen->signature);
    for (size_t i = 0; i < e->num; i++) {
        char word[64];
        struct reduced reduced;
        reduce(&reduced, &compared[i].outcome);
        reduced_text(word, sizeof word, &reduced, seen->worst);
        fprintf(file, "# %s: %s\n", e->stacks[i].name, word);
        if (compared[i].outcome.error_text[0] != '\0')
            fprintf(file, "#   %s\n", compared[i].outcome.error_text);
        if (compared[i].outcome.broken != NULL)
            fprintf(file, "#   BROKEN: %s\n", compared[i].outcome.broken);
    }
    script_show(file, script);
    bool bad = ferror(file) != 0;
    return fclose(file) == 0 && !bad ? 0 : error_errno(err, "%s", path);
}
