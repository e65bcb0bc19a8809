/* Library texts as one line. */
#ifndef TLSMATRIX_PEERS_GNUTLS_TEXT_H
#define TLSMATRIX_PEERS_GNUTLS_TEXT_H

#include <stddef.h>

/* Copies `text` into out[size]: newlines become spaces, trailing blanks go, what is too long is
 * cut. */
void text_line(char *out, size_t size, const char *text);

#endif
