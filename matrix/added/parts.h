/* What the files of this folder share. */
#ifndef TLSMATRIX_MATRIX_ADDED_PARTS_H
#define TLSMATRIX_MATRIX_ADDED_PARTS_H

#include "matrix/added/added.h"

#define ADDED_RECORD   "stack.json"
#define ADDED_EXPECTED "expected.json"

/* Shared objects of outside a root that its peer runs with; a peer has about ten in all. */
enum { FOREIGN_MAX = 32 };
struct foreign {
    char paths[FOREIGN_MAX][PATH_LEN];
    size_t num;
};

/* The folder of the stack, whatever is in it: 1; 0 if there is none; -1. */
int added_own_folder(char out[PATH_LEN], const char *name, struct error *err);
/* Name, program and expected list of a stack that is in `folder`. */
void added_fill_paths(struct added_stack *stack, const char *folder, const char *name);
int added_put_record(const char *folder, const struct added_stack *stack, struct error *err);
int added_hash_sources(char out[SOURCES_HASH_LEN], const struct api *api, struct error *err);

/* Starts the peer and lists what it runs with that is not of its root. */
int added_look_for_foreign(struct foreign *out, const struct added_stack *stack, struct error *err);
/* As added_ask(), for a peer that was built this moment and is not in its place yet. */
int added_ask_new(struct capabilities *out, const struct added_stack *stack, struct error *err);

#endif
