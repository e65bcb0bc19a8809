/* The control channel between runner and peer: JSON messages on a SOCK_SEQPACKET socket, one
 * message a packet, a connected TCP socket riding along with a case (SCM_RIGHTS).
 *
 *   peer   -> runner   {"type":"hello","contract":N,"capabilities":{…}}
 *   runner -> peer     {"type":"hello","contract":N}
 *   runner -> peer     {"type":"case","endpoint":{…}}          + the TCP socket
 *   peer   -> runner   {"type":"facts","facts":{…}}
 *   runner -> peer     {"type":"quit"}                          (or just closes)
 *
 * peers/README.md is the contract in full, for peers in any language. */
#ifndef TLSMATRIX_HARNESS_CONTROL_CHANNEL_H
#define TLSMATRIX_HARNESS_CONTROL_CHANNEL_H

#include "harness/error.h"

#include <jansson.h>

/* Both ends must say the same number, else they part with an error. */
enum { CONTROL_CONTRACT = 2 };

/* Workers find their end of the control socket at this descriptor. */
enum { CONTROL_FD = 3 };

/* Sends one message with an optional descriptor (-1: none; the caller keeps its copy). */
int channel_send(int channel, const json_t *message, int descriptor, struct error *err);

/* Received: 1, with *message owned by the caller and *descriptor (may be NULL; -1 if none rode
 * along; else owned by the caller). The other end closed: 0. Error, including what is not a JSON
 * object with a string "type", or is larger than CONTROL_MESSAGE_MAX: -1. Blocks unless the
 * socket is non-blocking, where having nothing to read is -1 with errno EAGAIN. */
int channel_receive(int channel, json_t **message, int *descriptor, struct error *err);

/* The "type" of a received message. */
const char *channel_type(const json_t *message);

#endif
