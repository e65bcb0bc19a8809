/* TCP connections out of captured segments: for each direction the byte stream in order, each piece
 * with the packet that carried it, and what happened to the connection.
 *
 * Streaming: segments go in as they are captured, and what is known goes out through the sink; held
 * is only what waits behind a hole. Where segments overlap, the bytes that came first count, and a
 * disagreement is noted. A hole that is not filled before FLOW_HELD_MAX bytes wait behind it, or
 * before the connection ends, is given out as a gap. What is delivered of one direction may lie
 * earlier in the capture than what was delivered of the other: packet numbers say, not the order of
 * the calls.
 *
 * A connection is its four addresses and ports until the next SYN with another sequence number. It
 * begins with a SYN or SYN/ACK, or with the first payload where those were not captured. It ends a
 * second of the capture's time after both FINs or a RST, for stragglers, and is then forgotten. */
#ifndef TLSMATRIX_CAPTURES_FLOW_H
#define TLSMATRIX_CAPTURES_FLOW_H

#include "captures/packet.h"
#include "harness/control/endpoint.h" /* enum role */

/* Where in the capture something was. */
struct place {
    uint64_t packet; /* from 1; 0: nowhere */
    uint64_t time_ns;
};

/* What one end sent. */
struct flow_sender {
    uint64_t packets;           /* segments of any kind */
    uint64_t bytes;             /* of payload, delivered */
    uint64_t missing;           /* of payload, in gaps, of which */
    uint64_t cut;               /* … by the snapshot length */
    uint64_t retransmitted;     /* bytes that came again */
    uint64_t disagreeing;       /* … of them other than what was delivered */
    uint64_t reordered;         /* segments that came before their turn */
    struct place syn, fin, rst; /* the first of each */
};

struct connection {
    uint64_t number;               /* from 1, by first packet */
    struct tcp_address address[2]; /* by role */
    bool
        start_seen; /* SYN or SYN/ACK: else the roles are a guess (the higher port is a client's) */
    struct place first, last;
    uint64_t num_packets;
    struct flow_sender sent[2]; /* by role */
    void *user;                 /* the sink's */
};

enum flow_event { FLOW_SYN, FLOW_SYN_ACK, FLOW_FIN, FLOW_RST };

enum flow_end {
    FLOW_CLOSED,         /* both FINs, or a RST, and a second without more */
    FLOW_REUSED,         /* a new connection began on the same addresses and ports */
    FLOW_FORGOTTEN,      /* FLOW_CONNECTIONS_MAX was reached; what comes is a new connection */
    FLOW_END_OF_CAPTURE, /* while it was still open */
};

/* Any may be NULL. `from` is the sender. A FIN is told when all before it has been delivered; the
 * others at once. */
struct flow_sink {
    void (*opened)(void *context, struct connection *connection);
    void (*data)(void *context, struct connection *connection, enum role from, const uint8_t *data,
                 size_t len, struct place place);
    /* `len` bytes of the stream will not come; `place` is the packet behind the hole. */
    void (*gap)(void *context, struct connection *connection, enum role from, uint64_t len,
                struct place place);
    void (*event)(void *context, struct connection *connection, enum role from,
                  enum flow_event event, struct place place);
    /* The connection is gone when this returns. */
    void (*closed)(void *context, struct connection *connection, enum flow_end end);
};

struct flow_table;

/* NULL: out of memory. The sink is copied. */
struct flow_table *flow_table_new(const struct flow_sink *sink, void *context);

/* Forgets all without a word to the sink. */
void flow_table_free(struct flow_table *table);

/* ERROR_HARNESS: out of memory. */
int flow_table_add(struct flow_table *table, const struct segment *segment, struct place place,
                   struct error *err);

/* The capture is over: delivers what is held, and closes every connection in order of number. */
void flow_table_finish(struct flow_table *table);

#endif
