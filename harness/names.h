/* Words of a closed vocabulary, kept as a table of names by value. */
#ifndef TLSMATRIX_HARNESS_NAMES_H
#define TLSMATRIX_HARNESS_NAMES_H

/* The value that has this name; -1: none has. */
int name_find(const char *const names[], int num_names, const char *name);

#endif
