/* Mutations that know TLS: records, handshake messages, hellos and their extensions are changed as
 * such, with every length around them put right, so that what comes behind is reached; a length
 * alone is made to lie now and then. Half of the time libFuzzer's own mutations are left to work.
 * For struct fuzz_target.mutate; all change `data` in place and return its new length, at most
 * `max`. */
#ifndef TLSMATRIX_FUZZ_COMMON_TLS_MUTATOR_H
#define TLSMATRIX_FUZZ_COMMON_TLS_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* A stream of records behind `prefix_len` bytes of the target's own. */
size_t tls_mutate_stream(uint8_t *data, size_t len, size_t max, unsigned seed, size_t prefix_len);

/* The body of a ClientHello (`client` != 0) or ServerHello behind `prefix_len` bytes. */
size_t tls_mutate_hello(uint8_t *data, size_t len, size_t max, unsigned seed, size_t prefix_len,
                        int client);

/* Pieces of streams behind `prefix_len` bytes: each a byte of the target's, a length of two bytes,
 * and records. */
size_t tls_mutate_pieces(uint8_t *data, size_t len, size_t max, unsigned seed, size_t prefix_len);

#endif
