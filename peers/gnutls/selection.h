/* From what an endpoint asks to the library's priority string.
 *
 * GnuTLS has no list of suites: it has lists of key exchanges, ciphers and MACs, and offers every
 * suite that is in their product. One suite is its own product; a list may drag in suites that
 * nobody asked for. selection_narrow() is how a server gets rid of those (README.md). */
#ifndef TLSMATRIX_PEERS_GNUTLS_SELECTION_H
#define TLSMATRIX_PEERS_GNUTLS_SELECTION_H

#include "harness/control/endpoint.h"

#include <gnutls/gnutls.h>

enum { SELECTION_LEN = 2048 }; /* every token there is comes to about 1300 characters */

struct selection {
    uint16_t min_version;
    uint16_t max_version;
    bool server_order;
    bool psk13; /* TLS 1.3 PSK is wanted: needs a PSK key exchange in the string */
    uint16_t suites[CONFIG_SUITES_MAX]; /* empty: the library's default */
    size_t num_suites;
    uint16_t groups[CONFIG_GROUPS_MAX]; /* empty: all of the library's */
    size_t num_groups;
};

/* ERROR_USAGE where the library lacks a version, suite or group that is asked for. */
int selection_of(struct selection *out, const struct endpoint *endpoint, struct error *err);

/* Does the library offer exactly the asked suites, and no other? */
bool selection_is_exact(const struct selection *selection);

/* Takes suites away from *out until no suite of `offered` (a client's list) that nobody asked for
 * is left in the product. The client's preference decides what stays. */
void selection_narrow(struct selection *out, const struct selection *selection,
                      const uint16_t *offered, size_t num_offered);

/* "NONE:+VERS-TLS1.3:…". */
void selection_string(char out[SELECTION_LEN], const struct selection *selection);

#endif
