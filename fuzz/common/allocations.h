/* How much of the heap is in use: every allocation of the process is counted, the libraries' too.
 * Under AddressSanitizer by its hooks, else by standing before the C library's malloc. */
#ifndef TLSMATRIX_FUZZ_COMMON_ALLOCATIONS_H
#define TLSMATRIX_FUZZ_COMMON_ALLOCATIONS_H

#include <stddef.h>

/* Begins to watch: from here on an allocation that brings the live bytes beyond `max` fails an
 * assertion on the spot, so that the stack trace names who asked. */
void allocations_watch(size_t max);

/* Ends it. Returns the most that was live at one moment since allocations_watch(). */
size_t allocations_unwatch(void);

#endif
