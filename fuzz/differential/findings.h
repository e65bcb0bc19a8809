/* Disagreements that are known: findings/NAME.script, a script's text form (fuzz/stacks/SCRIPTS.md)
 * under lines "# KEY: VALUE" that say what it shows (README.md). */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_FINDINGS_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_FINDINGS_H

#include "fuzz/differential/ensemble.h"

enum { FINDING_SIGNATURES_MAX = 8, FINDINGS_MAX = 512 };

struct finding {
    char name[NAME_MAX_LEN * 2]; /* the file's, without ".script" */
    char title[256];
    char rfc[512];    /* what the RFC says, with its section */
    char wrong[128];  /* the stacks that do otherwise */
    char hello[128];  /* of a first flight: the raw hellos that say it, or "none: " and why */
    char release[64]; /* "openssl 3.0.20": of this one alone; empty: of any */
    char signatures[FINDING_SIGNATURES_MAX][SIGNATURE_LEN]; /* fnmatch patterns */
    size_t num_signatures;
    char expected[COMPARED_MAX][64]; /* by stack, as reduced_text(); fnmatch patterns */
    struct script script;
    struct writer room; /* the steps' bytes */
};

struct findings {
    struct finding *all; /* owned */
    size_t num;
};

/* Every *.script of the folder, by name. ERROR_USAGE names the file and what is missing in it. */
int findings_read(struct findings *out, const struct ensemble *ensemble, const char *folder,
                  struct error *err);
void findings_free(struct findings *findings);

/* The first that covers the signature, or NULL. */
const struct finding *findings_cover(const struct findings *findings, const char *signature);

/* A disagreement over several steps that is none of its own: each stack does with all of them what
 * it does with one of them alone, and what each alone shows is covered, by a rule or a finding.
 * Nothing broken is. *covered says it. */
int findings_cover_steps(bool *covered, const struct findings *findings, struct ensemble *ensemble,
                         const struct script *script, struct error *err);

/* Plays it: does each stack what the file says, and does the file cover the disagreement? Where it
 * is of another release than is here: is what it says not so? Prints one line and the difference if
 * not. *held says it. */
int finding_check(bool *held, const struct finding *finding, struct ensemble *ensemble, FILE *out,
                  struct error *err);

/* Writes a new one: what was seen as the file has it, and what a person has to fill in. */
int finding_write(const char *path, struct ensemble *ensemble, const struct disagreement *seen,
                  const struct script *script, struct error *err);

#endif
