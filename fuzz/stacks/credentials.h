/* Credentials for the fuzzer: of ECDSA P-256 and of RSA 2048, the forge's own certificates, but the
 * same bytes on every machine, so that an input says the same everywhere. */
#ifndef TLSMATRIX_FUZZ_STACKS_CREDENTIALS_H
#define TLSMATRIX_FUZZ_STACKS_CREDENTIALS_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdbool.h>

struct credential_files {
    char trust_file[PATH_LEN];
    char server_chain[PATH_LEN], server_key[PATH_LEN];
    char client_chain[PATH_LEN], client_key[PATH_LEN];
};

struct credentials {
    struct credential_files ecdsa, rsa;
};

/* Makes them in the directory, which is created, unless they are there; a part is never left there.
 * Takes up to a second; entropy_install() must have been called, and is begun anew. */
int credentials_make(struct credentials *out, const char *directory, struct error *err);

#endif
