/* What a case of a run needs beside its id to be run again as it was: workers that are not a
 * stack's own, the faults that they were told, hellos from other folders. Without them `rerun`
 * would drive another program under the same name, and say that all is well. */
#ifndef TLSMATRIX_MATRIX_RERUN_OPTIONS_H
#define TLSMATRIX_MATRIX_RERUN_OPTIONS_H

#include "matrix/session.h"

enum { RERUN_OPTIONS_MAX = 8192 };

/* As a shell takes them, each after a blank; "" if the id is enough, as it mostly is. ERROR_USAGE:
 * they are longer than RERUN_OPTIONS_MAX. */
int rerun_options(char out[RERUN_OPTIONS_MAX], const struct session_request *request,
                  struct error *err);

/* Those that the run was begun with; "" of results from before they were written down. */
int rerun_options_read(char out[RERUN_OPTIONS_MAX], struct results *results, struct error *err);
int rerun_options_put(struct results *results, const char *options, struct error *err);

#endif
