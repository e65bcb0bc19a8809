/* The stacks of a run: which program drives each, and what it says it can do. */
#ifndef TLSMATRIX_MATRIX_STACKS_H
#define TLSMATRIX_MATRIX_STACKS_H

#include "matrix/case.h"

#include <stdio.h>

enum { STACK_ARGUMENTS_MAX = 16 };

/* How to start a stack's worker: `argv` ends in NULL and begins with the program's path. */
struct stack_program {
    char command[PATH_LEN]; /* the words of argv, cut in place */
    char *argv[STACK_ARGUMENTS_MAX + 2];
    char expected[PATH_LEN]; /* of an added stack: what it could do when it was added; else "" */
};

struct stack_list {
    struct stack_set set;
    struct stack_program programs[STACKS_MAX]; /* [index in set] */
};

/* Where tlspeer-* and the data files are. From the environment (TLSMATRIX_PEERS,
 * TLSMATRIX_DATA), else beside the running program (build tree), else where an installed program
 * has them, relative to itself. */
const char *stacks_peer_directory(void);
/* `name` is "matrix/profiles", "matrix/deviations", "peers": a folder of the source tree. */
void stacks_data_path(char out[PATH_LEN], const char *name);

/* May a stack be called so? Ids join names with '-' and go on with '/'. */
bool stack_name_allowed(const char *name);
/* Is it one of the peers that are no stacks (null, liar, careless), or the end that is none? */
bool stack_name_reserved(const char *name);

/* Starts each stack once and reads its capability list.
 * `specs`: "openssl" (the program tlspeer-openssl in the peer directory, or a stack that the user
 * has added by that name: added/added.h) or "NAME=PROGRAM [ARGUMENT…]". With num_specs 0: every
 * tlspeer-* in the peer directory that is no reserved name, and every added stack; one of these
 * that is broken is an error, never a stack less. */
int stacks_load(struct stack_list *out, const char *const *specs, size_t num_specs,
                struct error *err);

/* The names of the stacks that stacks_load() would start with num_specs 0, into the set's entries
 * and nothing else of them; starts nothing. Returns how many. */
size_t stacks_names(struct stack_set *out);

/* "STACK=FAULT" of --fault, for which the stack has to be there and know the fault (ERROR_USAGE).
 * *fault points into `spec`. */
int stack_fault(size_t *stack, const char **fault, const struct stack_set *set, const char *spec,
                struct error *err);

/* Compares each stack with its checked-in list (peers/API/expected/RELEASE.json, the longest
 * release prefix that there is), an added one with what it could do when it was added, and writes a
 * line for every difference to `out` (may be NULL). Returns the number of capabilities that are
 * expected and missing, -1 on error. */
int stacks_check(FILE *out, const struct stack_list *list, struct error *err);

/* Writes what one of two stacks has and the other has not, a line each with both answers side by
 * side; `all`: also what both have. Returns the number of differences. */
size_t stacks_compare(FILE *out, const struct capabilities *first,
                      const struct capabilities *second, bool all, bool json);

#endif
