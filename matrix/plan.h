/* The planner: from a profile to a lazy stream of cases, in bounded memory. */
#ifndef TLSMATRIX_MATRIX_PLAN_H
#define TLSMATRIX_MATRIX_PLAN_H

#include "matrix/case.h"

#include <stdio.h>

struct profile; /* a parsed profile file: title and blocks of axis values with a coverage each */

/* Loads matrix/profiles/NAME.yaml (a name without '/' and ".yaml" is looked up in the profile
 * directory) or the file at a path. Errors are "FILE:LINE: …", class ERROR_USAGE, for unknown
 * keys, wrong types, unknown axis values (with the nearest right word), unreadable files. Axis
 * values are checked against `stacks`. */
int profile_load(struct profile **out, const char *name_or_path, const struct stack_set *stacks,
                 struct error *err);
void profile_free(struct profile *profile);
const char *profile_title(const struct profile *profile);
/* The path that was read. */
const char *profile_path(const struct profile *profile);

/* What the user narrowed the plan to. */
struct selection {
    const char *const *globs; /* fnmatch over whole ids, '*' crosses '/', with "{a,b}" as in a
                                 shell; a case matches any */
    size_t num_globs;
    uint32_t shard;      /* 0-based */
    uint32_t num_shards; /* 1: no sharding */
    uint32_t repeats;    /* 1: each case once, else ids with "#2", "#3", … follow the plain one */
    bool some_stacks;    /* the user named the stacks: what they lack may leave values unused */
};

struct plan_counts {
    uint64_t cases;       /* that will run */
    uint64_t unsupported; /* declared unsupported beforehand: reported, not run */
    uint64_t excluded;    /* left out as impossible by the protocol (with full coverage); what two
                             blocks name counts in both */
    uint64_t *per_rule;   /* [num_exclusion_rules], owned by the plan */
    /* With the other coverages: combinations of axis values asked for, and those of them that
     * have been proven to stand in no possible case. Complete from the start. */
    uint64_t combinations;
    uint64_t impossible_combinations;
};

struct plan;

/* `profile` and `stacks` must outlive the plan; `selection` need not (NULL: everything). Fails
 * with ERROR_USAGE if the shard is not one of the shards, or a covering array is out of bounds. */
int plan_new(struct plan **out, const struct profile *profile, const struct stack_set *stacks,
             const struct selection *selection, struct error *err);
void plan_free(struct plan *plan);

/* The next case: 1, with *unsupported telling whether a stack declared itself unable (then
 * `reason` says which); 0 at the end. Cases come in an order that depends on the profile alone,
 * each id once, whichever blocks name it. */
int plan_next(struct plan *plan, struct matrix_case *out, bool *unsupported, char reason[TEXT_LEN]);

/* Counts over what plan_next() has delivered and skipped so far; complete after it returned 0. */
const struct plan_counts *plan_counts(const struct plan *plan);

/* Runs a fresh plan to its end and writes, for people or as JSON (with at least "cases",
 * "unsupported" and "excluded"), the number of cases per axis value and the exclusions per rule.
 * Fails as plan_survey_check() does (plan_survey.h). Returns 0 or -1. */
int plan_print(FILE *out, const struct profile *profile, const struct stack_set *stacks,
               const struct selection *selection, bool json, struct error *err);

/* Where profiles are looked up by name; set by main from --data-dir, the build or the install. */
void profile_set_directory(const char *directory);

#endif
