/* What the causes in the server's certificate and in the client's have in common. An alert of one
 * end is about the certificate of the other. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_CAUSES_TRUST_H
#define TLSMATRIX_CAPTURES_EXPLAIN_CAUSES_TRUST_H

#include "captures/explain_causes.h"

/* Do verifiers refuse a certificate with this alert? Which one fits, stacks see differently. */
bool alert_is_about_certificates(uint8_t description);

/* References. */
#define VERIFY                                                                                     \
    "RFC 8446 sections 4.4.2.4 and 6.2; RFC 9846 sections 4.5.1.3 and 6.2; RFC 5246 section 7.2.2"
#define PERIOD "RFC 5280 sections 4.1.2.5 and 6.1.3; RFC 8446 section 6.2; RFC 9846 section 6.2"

#endif
