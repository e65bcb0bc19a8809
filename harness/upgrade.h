/* "Add TLS atop the old plain-text protocol": one line each way in clear, then TLS on the same
 * socket, as STARTTLS has it (RFC 3207). Not a byte behind the line is taken for a part of the
 * plain protocol: what somebody has slipped in there reaches TLS, which refuses it. */
#ifndef TLSMATRIX_HARNESS_UPGRADE_H
#define TLSMATRIX_HARNESS_UPGRADE_H

#include "harness/error.h"

#include <stdint.h>

/* The client asks for TLS, the server grants it. ERROR_USAGE: the other end said something else,
 * or nothing within the time. The socket is connected and may be non-blocking. */
int upgrade_client(int socket, uint32_t deadline_ms, struct error *err);
int upgrade_server(int socket, uint32_t deadline_ms, struct error *err);

#endif
