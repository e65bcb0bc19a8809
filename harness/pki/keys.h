/* The forge's private keys: from the cache where they are there and sound, else made, on as many
 * threads as there are processors. */
#ifndef TLSMATRIX_HARNESS_PKI_KEYS_H
#define TLSMATRIX_HARNESS_PKI_KEYS_H

#include "harness/error.h"
#include "harness/pki/layout.h"

#include <openssl/evp.h>

struct keyring {
    EVP_PKEY *keys[NUM_CREDENTIALS][NUM_FORGE_ROLES]; /* [CREDENTIAL_NONE] is empty */
};

/* Fills the ring. `cache`: directory of KIND-ROLE.pem files (PKCS#8 and a
 * hash, mode 0600), created; NULL:
 * none. Processes that share a cache wait for each other instead of making the same keys. A cached
 * file that is not a sound key of its kind is replaced. To be ended with keyring_fini(). */
int keyring_init(struct keyring *ring, const char *cache, struct error *err);
void keyring_fini(struct keyring *ring);

#endif
