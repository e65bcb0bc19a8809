/* Files of one line of base64 (RFC 4648 section 4), as credentials and data are kept. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_BASE64_FILE_H
#define TLSMATRIX_PEERS_MINIHTTPS_BASE64_FILE_H

#include "harness/error.h"
#include "harness/pki/files.h"

#include <stdint.h>

enum { BASE64_BYTES_MAX = 48 * 1024 }; /* what a file may hold: above any data of the protocol */

/* Strict: the alphabet, padding where it belongs and nowhere else, unused bits zero, no white space
 * but one newline at the end. out->data goes to free(). */
int base64_decode(struct bytes *out, const char *text, size_t len, struct error *err);

/* The caller owns out->data. A file that is not there or not base64 is ERROR_USAGE. */
int base64_file_read(struct bytes *out, const char *path, struct error *err);
/* Without a newline. */
int base64_file_write(const char *path, mode_t mode, const uint8_t *data, size_t len,
                      struct error *err);

#endif
