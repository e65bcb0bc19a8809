/* What the sizes of protected records of TLS 1.3 say of one connection's story: which is a
 * Finished, an empty Certificate, an alert. Pure. */
#ifndef TLSMATRIX_CAPTURES_STORY_SIZES_H
#define TLSMATRIX_CAPTURES_STORY_SIZES_H

#include "captures/story.h"

enum {
    ALERT_LEN = 2,
    EMPTY_CERTIFICATE_LEN = 8, /* header, empty context, empty list: RFC 8446 section 4.4.2 */
};

/* How many of the list's records are kept in it. */
size_t opaque_kept(const struct opaque_list *list);

/* How long the record is in which the end says this content, with the padding that it gives all of
 * its records (RFC 8446 section 5.4), as far as its first ones betray one. */
size_t sealed_len(const struct story *story, enum role from, size_t content_len);

/* Header and verify_data: RFC 8446 section 4.4.4. */
size_t finished_len(const struct story *story);

/* How many of the client's records its flight takes, by the one of a Finished's size; 0: there is
 * none. */
size_t finished_by_size(const struct story *story);

/* Is the record of this end as long as an alert, or before TLS 1.3 one by its type? */
bool like_alert(const struct story *story, enum role from, const struct opaque_record *record);

#endif
