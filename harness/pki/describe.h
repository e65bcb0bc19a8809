/* CREDENTIALS.txt: what is what in a set, for people. */
#ifndef TLSMATRIX_HARNESS_PKI_DESCRIBE_H
#define TLSMATRIX_HARNESS_PKI_DESCRIBE_H

#include "harness/pki/certificates.h"

#include <stdio.h>

/* The beginning: the frozen time, and how to use the files with common tools. */
void describe_set(FILE *out);

/* One kind: its certificates, with what tells them apart and their hashes. */
int describe_kind(FILE *out, enum credential kind, const struct certificates *certificates,
                  struct error *err);

#endif
