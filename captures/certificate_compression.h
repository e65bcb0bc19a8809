/* Certificate compression (RFC 8879): back to the Certificate message that was meant. */
#ifndef TLSMATRIX_CAPTURES_CERTIFICATE_COMPRESSION_H
#define TLSMATRIX_CAPTURES_CERTIFICATE_COMPRESSION_H

#include <stddef.h>
#include <stdint.h>

/* The body of a Certificate message out of that of a CompressedCertificate (section 4), to be
 * freed, with its length. NULL where it is not well formed, is not as long as it says or longer
 * than CERTIFICATE_UNPACKED_MAX, or its algorithm is none of zlib, brotli and zstd. */
uint8_t *certificate_unpack(size_t *len, const uint8_t *body, size_t body_len);

#endif
