/* The certificates of a Certificate message (RFC 8446 section 4.4.2; RFC 5246 section 7.4.2). */
#ifndef TLSMATRIX_HARNESS_WIRE_CERTIFICATE_LIST_H
#define TLSMATRIX_HARNESS_WIRE_CERTIFICATE_LIST_H

#include "harness/wire/reader.h"

struct certificate_list {
    struct reader entries; /* not read yet */
    bool tls13;
};

/* Of a message's body, which has to live as long. One that does not parse is an empty list. */
struct certificate_list certificate_list_of(const void *body, size_t len, bool tls13);

/* Sets *der to the next certificate's bytes, from the leaf up; false, and no change: there is none.
 * An entry whose certificate is cut is none, one whose extensions are cut is the last. */
bool certificate_list_next(struct certificate_list *list, struct reader *der);

#endif
