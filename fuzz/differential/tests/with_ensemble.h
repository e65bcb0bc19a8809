/* What tests of all stacks together begin with. */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_TESTS_WITH_ENSEMBLE_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_TESTS_WITH_ENSEMBLE_H

#include "fuzz/differential/ensemble.h"

/* From open_all(), a group's setup, to close_all(), its end. */
extern struct ensemble *ensemble;
int open_all(void **state);
int close_all(void **state);

/* How texts begin. */
#define CLIENT13 "victim client\nversions 1.3\n"
#define CLIENT12 "victim client\nversions 1.2\n"
#define SERVER13 "victim server\nversions 1.3\n"
#define SERVER12 "victim server\nversions 1.2\n"
#define MUTUAL   "authentication mutual\n"

/* A script of its text form; `room` receives the steps' bytes, and the caller ends it. */
void make(struct script *out, struct writer *room, const char *text);

#endif
