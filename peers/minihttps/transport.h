/* Messages over TCP: four bytes, big-endian, say how long the message is that follows. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_TRANSPORT_H
#define TLSMATRIX_PEERS_MINIHTTPS_TRANSPORT_H

#include "harness/pki/files.h"

#include <stdint.h>

enum frame_result {
    FRAME_WHOLE,
    FRAME_END,      /* the other end closed, between two messages */
    FRAME_CUT,      /* it closed or broke off within one */
    FRAME_TOO_LONG, /* it announced more than MESSAGE_MAX bytes */
    FRAME_TIMEOUT,
    FRAME_ERROR, /* our end: no memory */
    NUM_FRAME_RESULTS,
};

/* "whole", "end", … */
const char *frame_result_name(enum frame_result result);

/* The socket is non-blocking; deadlines are on clock_us()'s clock. */
enum frame_result frame_send(int socket, const uint8_t *message, size_t len, uint64_t deadline_us);
/* The caller owns out->data. */
enum frame_result frame_receive(struct bytes *out, int socket, uint64_t deadline_us);

/* Says that nothing more will come, reads what still does, and closes: a close with data unread
 * would reset the connection, and the reset overtake the last message. */
void transport_close(int socket, uint64_t deadline_us);

#endif
