/* A recording where none can be made: what somebody in the path has moved between two sockets, put
 * into TCP packets that never crossed a network, as a stream of pcap.
 *
 * True of it: the bytes, their order in each direction, who closed or reset, as that somebody met
 * it. Made up: where segments begin and end, sequence numbers, acknowledgements, times (when it was
 * moved). Nobody else's opinion: whoever moved the bytes also wrote this. */
#ifndef TLSMATRIX_CAPTURES_SYNTHETIC_H
#define TLSMATRIX_CAPTURES_SYNTHETIC_H

#include "harness/control/endpoint.h"
#include "harness/error.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct synthetic;

/* One connection of the recording; the caller's memory. */
struct synthetic_connection {
    struct sockaddr_in end[2]; /* [enum role] */
    uint32_t seq[2];           /* of what that end says next */
    bool fin[2];
    bool over; /* a RST, or both FINs and what acknowledges them */
};

/* `fd`, which is its own from now on (also where it fails), gets the stream. NULL with an error. */
struct synthetic *synthetic_new(int fd, struct error *err);

/* What happens. IPv4 only. Failures to write are kept for synthetic_end(). */
void synthetic_connect(struct synthetic *synthetic, struct synthetic_connection *connection,
                       const struct sockaddr_in *client, const struct sockaddr_in *server);
void synthetic_data(struct synthetic *synthetic, struct synthetic_connection *connection,
                    enum role from, const void *bytes, size_t len);
/* Nothing any more behind a connection's end. */
void synthetic_fin(struct synthetic *synthetic, struct synthetic_connection *connection,
                   enum role from);
void synthetic_reset(struct synthetic *synthetic, struct synthetic_connection *connection,
                     enum role from);

/* Hands what was written to the reader. */
void synthetic_flush(struct synthetic *synthetic);

/* Ends the stream, tells how many packets it had, and frees. ERROR_HARNESS where not all of them
 * could be written. NULL is fine. */
int synthetic_end(struct synthetic *synthetic, uint64_t *num_packets, struct error *err);

#endif
