/* What came of a reproduction, for people and programs. */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_REPORT_H
#define TLSMATRIX_MATRIX_REPRODUCE_REPORT_H

#include "matrix/reproduce/play.h"

/* Large: for the heap. */
struct report {
    char folder[PATH_LEN];    /* absolute */
    char case_file[PATH_LEN]; /* the one that was rerun; empty: they are in `folder` */
    struct recipe recipes[RECIPES_MAX];
    size_t num_recipes;
    char stacks[STACKS_MAX][NAME_MAX_LEN];
    size_t num_stacks;
    struct played played[RECIPES_MAX][STACKS_MAX];
    char not_recorded[ERROR_TEXT_MAX]; /* why tcpdump did not record; empty: it did */
};

void report_print(const struct report *report);
void report_print_json(const struct report *report);

/* 0: some stack did the same; 1: none did; 3: nothing can be said, as a stack broke. */
int report_exit_code(const struct report *report);

/* Where the case file of this recipe stands. */
void report_case_path(char out[PATH_LEN], const struct report *report, size_t recipe);

#endif
