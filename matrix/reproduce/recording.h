/* One connection of somebody's capture, with everything that is needed to make it happen again:
 * what `explain` finds about it, the bytes of both first flights, the certificates. */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_RECORDING_H
#define TLSMATRIX_MATRIX_REPRODUCE_RECORDING_H

#include "captures/explain.h"
#include "harness/wire/writer.h"

enum { RECORDING_BYTES_MAX = 128 * 1024 }; /* of one flight or chain: beyond what stacks take */

struct recording {
    struct wire_facts facts;
    struct story story; /* points to facts */
    struct finding finding;
    struct writer hello;    /* the client's first records, to the end of its hello; empty: none */
    struct writer flight;   /* the server's records in clear before the client answered them */
    struct writer chain[2]; /* by role: certificate_list of RFC 5246 section 7.4.2 without its
                               length; empty: none was seen */
};

/* Reads connection `number` of a capture ("-": standard input, by way of a temporary file); 0: the
 * first that failed. `keys` may be NULL. Errors (ERROR_USAGE) name the file and say what is not
 * there. On success the caller owes recording_free(). */
struct recording *recording_read(const char *path, const char *keys, uint64_t number,
                                 struct error *err);
void recording_free(struct recording *recording); /* NULL is fine */

/* What a played connection came to: the same of a capture that holds just that, without its bytes.
 * The caller's, likewise. */
struct recording *recording_read_outcome(const char *path, struct error *err);

#endif
