/* The value of one axis on its own: read from a case, put into one, spelt and parsed. For case.c
 * and the planner, who handle all axes alike. */
#ifndef TLSMATRIX_MATRIX_CASE_VALUE_H
#define TLSMATRIX_MATRIX_CASE_VALUE_H

#include "matrix/case.h"

/* version: client's min and max, server's min and max; suite and group: client's and server's;
 * every other axis: its index in `v[0]`. What is not used is 0, so values compare as bytes. */
struct axis_value {
    uint16_t v[4];
};

struct axis_value axis_value_get(const struct matrix_case *c, enum axis axis);
void axis_value_put(struct matrix_case *c, enum axis axis, struct axis_value value);
bool axis_value_equal(struct axis_value a, struct axis_value b);

/* The same at both ends: a version range, a suite, a group. */
struct axis_value axis_value_both(uint16_t first, uint16_t second);

void axis_value_write(char *out, size_t out_len, enum axis axis, struct axis_value value,
                      const struct stack_set *stacks);

/* The error (ERROR_USAGE) names the axis, the word and the nearest right word. */
int axis_value_parse(struct axis_value *out, enum axis axis, const char *text,
                     const struct stack_set *stacks, struct error *err);

/* Every single word that the axis knows, whatever the stacks declare (stack names, versions,
 * slugs, names of credentials, …), for globs and messages: the index-th, NULL past the end. */
const char *axis_word(enum axis axis, size_t index, const struct stack_set *stacks);

#endif
