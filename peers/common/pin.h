/* Pins: the check of the other end's certificate against a hash that was known before
 * (PIN_LEAF, PIN_SPKI) or is remembered from the first use (PIN_TOFU). No TLS in here. */
#ifndef TLSMATRIX_PEERS_COMMON_PIN_H
#define TLSMATRIX_PEERS_COMMON_PIN_H

#include "harness/control/endpoint.h"

struct pin {
    enum pin_mode mode;
    bool known; /* there is a hash to compare with; else this is the first use */
    uint8_t sha256[SHA256_LEN];
    char store[PATH_LEN];
};

/* Before connecting: takes the hash from the endpoint, or reads the store of PIN_TOFU, which must
 * be absent or a file of exactly 32 bytes. ERROR_USAGE if it is anything else. */
int pin_load(struct pin *out, const struct endpoint *endpoint, struct error *err);

/* After the handshake, so after any chain check, and before any application byte. 0: this is the
 * pinned certificate; on first use its hash is now stored. -1: it is not (ERROR_USAGE), or the
 * store could not be written (ERROR_HARNESS); the store is untouched. Of several first uses at
 * once exactly one stores its hash, and the others are held against it. */
int pin_check(const struct pin *pin, const uint8_t leaf[SHA256_LEN], const uint8_t spki[SHA256_LEN],
              struct error *err);

#endif
