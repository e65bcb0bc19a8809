/* Stacks that a user has added: a peer of ours, built against libraries under a prefix of the
 * user's. Each is a folder NAME in the folder of added stacks, with the peer `tlspeer-NAME`,
 * `stack.json` (what it was made of) and `expected.json` (what it could do when it was added). */
#ifndef TLSMATRIX_MATRIX_ADDED_ADDED_H
#define TLSMATRIX_MATRIX_ADDED_ADDED_H

#include "matrix/added/layout.h"
#include "matrix/stacks.h"

enum { SOURCES_HASH_LEN = 17 };

struct added_stack {
    char name[NAME_MAX_LEN];
    struct layout layout;
    char sources[SOURCES_HASH_LEN]; /* of the peer's sources, in hexadecimal */
    char program[PATH_LEN];
    char expected[PATH_LEN];
};

/* Where added stacks live: $TLSMATRIX_STACKS, else tlsmatrix/stacks in the user's XDG data folder.
 * With `make` it is there afterwards. Without: 1 if it is there, 0 if it is not and need not be;
 * a $TLSMATRIX_STACKS that is not there is an error. One that is empty: no added stacks. */
int added_folder(char out[PATH_LEN], bool make, struct error *err);

/* The names of all, sorted; *out is to be freed, names and array, with added_names_free(). The
 * number, or -1. */
int added_names(char ***out, struct error *err);
void added_names_free(char **names, int num);

/* 1: read; 0: there is no added stack of that name; -1: what is there cannot be read. */
int added_read(struct added_stack *out, const char *name, struct error *err);

/* Starts the stack's worker once: what can it do? Everything that it was made of has to be there
 * still, and what it runs with has to be what it was made for. One line of error says what is not
 * so, and what mends it. */
int added_ask(struct capabilities *out, struct stack_program *program,
              const struct added_stack *stack, struct error *err);

/* Builds the peer for `api` against what is under `prefix` and adds it by that name. Nothing is
 * left behind of what fails. */
int added_add(struct capabilities *out, const char *name, const char *api, const char *prefix,
              struct error *err);
/* Builds it again, of what it was made of; what is expected of it stays. */
int added_renew(struct capabilities *out, const char *name, struct error *err);
/* Removes it, broken or not. */
int added_remove(const char *name, struct error *err);

#endif
