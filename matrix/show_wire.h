/* What the recording says of a stored case: the ladder of its messages, bytes, packets, times. */
#ifndef TLSMATRIX_MATRIX_SHOW_WIRE_H
#define TLSMATRIX_MATRIX_SHOW_WIRE_H

#include "matrix/results.h"

#include <jansson.h>
#include <stdio.h>

/* For people; nothing for a case that was not recorded. */
void show_wire(FILE *out, const struct result_row *row);

/* Adds "wire" and "ladder", and "server_ladder" where the server's side has its own. */
void show_wire_json(json_t *object, const struct result_row *row);

#endif
