/* The certificate check of the protocol: trusted root authorities, and one certificate that one of
 * them issued directly, for the wanted name, valid at the given time. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_CERTIFICATE_H
#define TLSMATRIX_PEERS_MINIHTTPS_CERTIFICATE_H

#include "harness/error.h"
#include "peers/minihttps/fault.h"

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

enum { ANCHORS_MAX = 64 }; /* trusted authorities; the five servers need three */

struct trust {
    X509 *anchors[ANCHORS_MAX];
    size_t num_anchors;
};

/* Reads every *.cert of the directory. A file that is no certificate is an error, never skipped:
 * silently trusting less than the user asked for hides the mistake. So is an empty directory. */
int trust_load(struct trust *out, const char *directory, struct error *err);
void trust_fini(struct trust *trust);

/* Whether a certificate can be asked for under this name: letters, digits, hyphens and dots, no
 * empty label, no dot at the end. */
int server_name_check(const char *name, struct error *err);

/* One DER certificate with nothing behind it, which the caller owns; NULL if it is none. */
X509 *certificate_decode(const uint8_t *der, size_t len);

/* In this order: FAULT_TIME (the certificate itself), a chain fault or FAULT_TIME (its issuer),
 * FAULT_NAME. Names match by subject alternative name, without regard to case (RFC 6125 section
 * 6.4). `time` is in seconds since 1970. */
enum minihttps_fault certificate_check(X509 *certificate, const struct trust *trust,
                                       const char *name, int64_t time);

#endif
