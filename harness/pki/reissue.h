/* Somebody else's chain of certificates made again with keys of our own: what each says stays (its
 * names, its period, its extensions, its kind of key, how it was signed), so that a verifier finds
 * in it what it found in the original; only keys and signatures are others. */
#ifndef TLSMATRIX_HARNESS_PKI_REISSUE_H
#define TLSMATRIX_HARNESS_PKI_REISSUE_H

#include "harness/error.h"
#include "harness/limits.h"
#include "harness/wire/reader.h"

#include <stdbool.h>
#include <stdint.h>

enum { REISSUE_CHAIN_MAX = 12 }; /* longer chains than stacks take (OpenSSL: 10 by default) */

struct reissue_order {
    /* certificate_list of RFC 5246 section 7.4.2, without its own length: the leaf first. */
    const uint8_t *chain;
    size_t chain_len;
    /* For a chain that nobody has seen: what the leaf is to say instead. */
    const char *server_name; /* its only name; NULL: as it is */
    bool set_period;         /* leaf_period and ca_period count: from, until, seconds since 1970 */
    int64_t leaf_period[2];
    int64_t ca_period[2];
    bool revoked;        /* also PREFIX-crl.pem: a CRL of every CA, one of which revokes the leaf */
    int64_t revoked_now; /* the CRLs are of the day before this moment and good for a year */
};

/* Writes PREFIX-chain.pem (as many certificates as there were, in their order), PREFIX-key.pem (the
 * leaf's) and PREFIX-root.pem: the anchor by which the chain verifies, which is the last of it
 * where it signs itself, else one made for the name of the last one's issuer. ERROR_USAGE where the
 * chain cannot be read, or holds a kind of key that libcrypto cannot make. */
int reissue_chain(const struct reissue_order *order, const char *prefix, struct error *err);

/* Writes the chain as it is, PREFIX-chain.pem. */
int reissue_copy(const struct reissue_order *order, const char *prefix, struct error *err);

#endif
