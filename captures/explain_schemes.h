/* Which keys can sign by which signature schemes: RFC 8446 section 4.2.3, for TLS 1.2 RFC 5246
 * section 7.4.1.4.1 and RFC 8422 section 5.1.3. Where a list is not whole, or holds what nobody
 * here knows, nothing is concluded from it. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_SCHEMES_H
#define TLSMATRIX_CAPTURES_EXPLAIN_SCHEMES_H

#include "captures/story.h"

/* May an end that named these be shown what such a key signed, in this version? True where nothing
 * was named. */
bool schemes_allow_key(const struct id_list *schemes, const struct signing_key *key,
                       uint16_t version);

/* May it be shown a certificate that is signed by this scheme? RSASSA-PSS counts by its hash, from
 * whichever kind of key. */
bool schemes_allow_signature(const struct id_list *schemes, uint16_t scheme);

/* Are all of them for keys of one kind? False where none are named. RSA is one kind, whatever its
 * padding. */
bool schemes_of_one_kind(const struct id_list *schemes);

#endif
