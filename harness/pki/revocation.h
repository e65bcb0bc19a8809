/* Word from the CAs on whether a certificate still holds: CRLs (RFC 5280) and stapled OCSP
 * responses (RFC 6960), at the frozen time. */
#ifndef TLSMATRIX_HARNESS_PKI_REVOCATION_H
#define TLSMATRIX_HARNESS_PKI_REVOCATION_H

#include "harness/pki/files.h"
#include "harness/pki/forgery.h"

/* A CRL of every link that issued another, one after the other, in PEM. */
int revocation_crls(struct bytes *out, const struct forgery *f, struct error *err);

/* The OCSP response in DER that the forgery's `staple` asks for, about its leaf. */
int revocation_staple(struct bytes *out, const struct forgery *f, struct error *err);

#endif
