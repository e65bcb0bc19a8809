/* What the tests of this directory share: credentials of the forge, and what two ends must have in
 * common. */
#ifndef TLSMATRIX_PEERS_GNUTLS_TESTS_FIXTURE_H
#define TLSMATRIX_PEERS_GNUTLS_TESTS_FIXTURE_H

#include "harness/wire/registry.h"
#include "peers/gnutls/tests/pair.h"

enum {
    ECDHE_RSA_AES128_GCM = 0xC02F,
    ECDHE_RSA_AES256_GCM = 0xC030,
    ECDHE_ECDSA_AES128_CBC = 0xC009,
    ECDHE_ECDSA_AES128_GCM = 0xC02B,
    ECDHE_RSA_AES128_CBC = 0xC013,
    RSA_AES256_GCM = 0x009D,
    DHE_RSA_AES128_CBC = 0x0033,
    DHE_DSS_AES128_CBC = 0x0032,
    DH_ANON_AES128_CBC = 0x0034,
    PSK_AES128_GCM = 0x00A8,
    SRP_AES128_CBC = 0xC01D,
    AES128_GCM = 0x1301,
    AES256_GCM = 0x1302,
    P256 = 0x0017,
    X25519 = 0x001D,
    FFDHE2048 = 0x0100,
    FFDHE3072 = 0x0101,
};

extern struct capabilities caps; /* filled by set_up() */

/* Group fixtures: credentials in a directory of their own, and the capability list. */
int set_up(void **state);
int tear_down(void **state);

const struct forged *kind(enum credential credential);

/* Both ends accepted and saw the same. */
void assert_accepted(const struct pair *pair, const char *what);
/* `role` refused with this alert, and the other end received it. */
void assert_refused(const struct pair *pair, enum role role, int alert);

#endif
