/* A file of case ids, one a line: how another program (the pytest plugin, a script) hands over
 * more cases than a command line holds. */
#ifndef TLSMATRIX_MATRIX_ID_LIST_H
#define TLSMATRIX_MATRIX_ID_LIST_H

#include "matrix/case.h"

struct id_list {
    char *text;
    const char **ids; /* point into text; num_ids of them */
    size_t *lines;    /* where each stands, from 1 */
    size_t num_ids;
};

/* Reads the file; empty lines are skipped. ERROR_USAGE: unreadable, larger than any list of cases
 * has reason to be, or without an id. Whether the ids name possible cases is not looked at. */
int id_list_read(struct id_list *out, const char *path, struct error *err);
void id_list_fini(struct id_list *list);

#endif
