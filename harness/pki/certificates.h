/* The forge's certificates: X.509 v3 with the extensions that RFC 5280 asks of a CA and of a TLS
 * end entity, so that the strictest of verifiers has nothing to object. */
#ifndef TLSMATRIX_HARNESS_PKI_CERTIFICATES_H
#define TLSMATRIX_HARNESS_PKI_CERTIFICATES_H

#include "harness/error.h"
#include "harness/pki/layout.h"

#include <openssl/x509.h>

/* The certificates of one kind. */
struct certificates {
    X509 *of[NUM_FORGE_ROLES];
};

/* Issues all of them, for these keys. To be ended with certificates_fini(). */
int certificates_init(struct certificates *out, enum credential kind,
                      EVP_PKEY *const keys[NUM_FORGE_ROLES], struct error *err);
void certificates_fini(struct certificates *certificates);

#endif
