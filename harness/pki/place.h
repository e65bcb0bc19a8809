/* The place of a set on disk: a directory that holds a complete set or is to get one, whole, by a
 * rename. Several processes may fill the same place at once; the first wins. */
#ifndef TLSMATRIX_HARNESS_PKI_PLACE_H
#define TLSMATRIX_HARNESS_PKI_PLACE_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdbool.h>

struct place {
    char path[PATH_LEN]; /* absolute, without links */
    bool filled;         /* it holds a set: something with a MANIFEST */
    bool created;        /* the directory was not there before */
};

/* Looks, and makes an empty directory where there is none.
 * ERROR_USAGE where something else is there, or where an empty place is the current directory. */
int place_find(struct place *out, const char *directory, struct error *err);

/* Lets `write` write a set into a directory beside the place, and moves it there. */
int place_fill(const struct place *place,
               int (*write)(const char *directory, void *context, struct error *err), void *context,
               struct error *err);

/* Removes what place_find() made, after a failure. */
void place_abandon(const struct place *place);

#endif
