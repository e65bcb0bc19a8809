/* Starting GnuTLS, and the tables that lead from its numbers to the registry's ids.
 * For the files of this directory only; library_start() comes before everything else. */
#ifndef TLSMATRIX_PEERS_GNUTLS_LIBRARY_H
#define TLSMATRIX_PEERS_GNUTLS_LIBRARY_H

#include "harness/error.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One suite as GnuTLS sees it: the product of three algorithms. */
struct suite_entry {
    uint16_t id;
    gnutls_kx_algorithm_t kx; /* GNUTLS_KX_UNKNOWN for TLS 1.3 */
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;
    uint16_t min_version; /* as the library has it, which may differ from the registry */
};

struct group_entry {
    uint16_t id;
    gnutls_group_t group;
    const gnutls_datum_t *prime; /* FFDHE (RFC 7919 appendix A), else NULL */
    const gnutls_datum_t *generator;
    const unsigned *key_bits;
    const char *name; /* of a group without a constant in GnuTLS 3.7's header: asked for by name */
};

struct sign_entry {
    uint16_t id;
    gnutls_sign_algorithm_t sign;
};

/* Initialises the library once (further calls do nothing) and fills the suite table. The system's
 * policy file does not apply unless GNUTLS_SYSTEM_PRIORITY_FILE names one in the environment. */
int library_start(struct error *err);

/* The suites of the library that the registry knows, in the library's order. */
extern struct suite_entry library_suites[];
extern size_t num_library_suites;
const struct suite_entry *library_suite_by_id(uint16_t id);
/* The id of what a session negotiated; 0 if the registry does not know it. */
uint16_t library_suite_of(gnutls_session_t session);

extern struct group_entry library_groups[];
extern const size_t num_library_groups;
/* NULL if the library has no such group at run time. */
const struct group_entry *library_group_by_id(uint16_t id);
/* 0 if unknown. */
uint16_t library_group_id(gnutls_group_t group);
bool library_has_group(gnutls_group_t group);

extern const struct sign_entry library_signs[];
extern const size_t num_library_signs;
/* 0 if unknown. */
uint16_t library_sign_id(gnutls_sign_algorithm_t sign);
bool library_has_sign(gnutls_sign_algorithm_t sign);

bool library_has_pk(gnutls_pk_algorithm_t pk);

/* 0x0301 … 0x0304; 0 for anything else. */
uint16_t library_version_id(gnutls_protocol_t version);

/* Writes "what: the library's words" into *err (ERROR_HARNESS). Returns -1. */
int library_error(struct error *err, const char *what, int code);

#endif
