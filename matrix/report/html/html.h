/* A run as one HTML file that needs nothing else: the page (matrix/report/page) with the run's
 * cases inside, as compressed columns of numbers. For the command; the other files here serve this
 * one. */
#ifndef TLSMATRIX_MATRIX_REPORT_HTML_HTML_H
#define TLSMATRIX_MATRIX_REPORT_HTML_HTML_H

#include "harness/error.h"

#include <stdbool.h>

struct html_request {
    const char *run;     /* the run's folder */
    const char *against; /* another run's, to say what is new; NULL: none */
    const char *out;     /* the file to write, replaced only when all is written */
    bool beside;         /* `out` is in the run's folder, so the captures are beside it */
    const char *program; /* as in commands that people are to type */
};

/* ERROR_USAGE for a folder that holds no run of this version, ERROR_HARNESS for a full disk. The
 * raw hellos have to be loaded: ids and expectations rest on them. */
int html_report(const struct html_request *request, struct error *err);

#endif
