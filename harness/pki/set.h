/* A set of credentials on disk: writing one into an empty directory, reading one back. */
#ifndef TLSMATRIX_HARNESS_PKI_SET_H
#define TLSMATRIX_HARNESS_PKI_SET_H

#include "harness/pki/forge.h"
#include "harness/pki/keys.h"

/* Issues certificates for the keys and writes all files, MANIFEST last. */
int set_write(const char *directory, const struct keyring *ring, struct error *err);

/* Checks every file against MANIFEST and fills *out. Nothing but the files decides. */
int set_read(struct forge *out, const char *directory, struct error *err);

#endif
