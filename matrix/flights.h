/* What the ends of real connections said, as inputs for fuzzing (`run --corpus`): one pair of files
 * for each shape of conversation, not for each connection. */
#ifndef TLSMATRIX_MATRIX_FLIGHTS_H
#define TLSMATRIX_MATRIX_FLIGHTS_H

#include "matrix/capture_case.h"

/* The folder, made if it is not there; what stands in it from before counts as seen. */
int flights_open(const char *directory, struct error *err);

/* Takes the client's connection of a case that was recorded whole: SHAPE.client and SHAPE.server
 * are the bytes that each end sent, as they crossed the wire, and a line of `flights.list` has the
 * shape, the case's id, and the lengths of the flights in their order ("c517 s1210 c80"). A shape
 * that is there already adds nothing. *num_written counts the shapes. */
int flights_keep(const char *directory, const struct case_capture *capture, const char *id,
                 uint64_t *num_written, struct error *err);

#endif
