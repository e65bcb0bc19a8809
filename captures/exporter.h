/* Exported keying material (RFC 5705; RFC 8446 section 7.5) out of a key log: what both ends of a
 * connection should derive, found without either. */
#ifndef TLSMATRIX_CAPTURES_EXPORTER_H
#define TLSMATRIX_CAPTURES_EXPORTER_H

#include "captures/tls_flow.h"

/* The value for a label with an empty context. False: the key log
 * does not have the secret, the hellos were not seen, or libcrypto lacks the hash. */
bool exporter_value(uint8_t *out, size_t len, const struct keylog *keylog,
                    const struct tls_state *state, const char *label);

#endif
