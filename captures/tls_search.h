/* Where in a byte stream TLS begins. For tls_flow.c. */
#ifndef TLSMATRIX_CAPTURES_TLS_SEARCH_H
#define TLSMATRIX_CAPTURES_TLS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_match { TLS_MATCH_NO, TLS_MATCH_MORE, TLS_MATCH_YES };

enum { TLS_MATCH_LEN = 11 }; /* with so many bytes the answer is never TLS_MATCH_MORE */

/* At the start of a stream: a record of any type, or a ClientHello in SSLv2 format. */
enum tls_match tls_match_start(const uint8_t *bytes, size_t len);

/* Behind a gap, where a segment begins: a record of any type and a possible length. */
enum tls_match tls_match_record(const uint8_t *bytes, size_t len);

/* Anywhere in a dialogue in clear: a hello. */
enum tls_match tls_match_hello(const uint8_t *bytes, size_t len);

/* Where a segment begins and the other end has said hello: an alert in clear. */
enum tls_match tls_match_alert(const uint8_t *bytes, size_t len);

#endif
