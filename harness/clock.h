/* The clock for deadlines and rates. */
#ifndef TLSMATRIX_HARNESS_CLOCK_H
#define TLSMATRIX_HARNESS_CLOCK_H

#include <stdint.h>

/* Milliseconds since a moment that is fixed while the machine is up; never goes back. */
uint64_t monotonic_ms(void);

#endif
