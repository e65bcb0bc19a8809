/* One direction of a connection: segments in any order in, bytes in order out. For flow.c. */
#ifndef TLSMATRIX_CAPTURES_FLOW_STREAM_H
#define TLSMATRIX_CAPTURES_FLOW_STREAM_H

#include "captures/flow.h"

/* A piece of the stream that waits for its turn. */
struct held {
    struct held *next;
    uint32_t seq;
    size_t wire_len;
    size_t len; /* captured; what is missing of wire_len is cut */
    struct place place;
    uint8_t data[];
};

struct stream {
    bool started;     /* `next` is known */
    uint32_t next;    /* sequence number of the next byte to deliver */
    bool has_initial; /* the SYN's sequence number is known */
    uint32_t initial;
    bool has_fin, fin_told;
    uint32_t fin_seq;
    bool acked; /* the other end has acknowledged up to … */
    uint32_t acked_to;
    struct held *held; /* by sequence number, without overlap */
    size_t held_size;  /* with what they cost beside their bytes */
    uint8_t *history;  /* ring of the last bytes delivered */
    size_t history_at, history_len;
};

/* Where a stream's bytes go. */
struct stream_out {
    void *context;
    void (*data)(void *context, const uint8_t *data, size_t len, struct place place);
    void (*gap)(void *context, uint64_t len, struct place place);
    void (*fin)(void *context);
    struct flow_sender *counts;
};

/* Payload of `segment`, beginning at `seq`. False: out of memory. */
bool stream_receive(struct stream *stream, const struct stream_out *out,
                    const struct segment *segment, uint32_t seq, struct place place);

/* The hole before what is held will not be filled. */
void stream_give_up_hole(struct stream *stream, const struct stream_out *out);

/* Nothing more will come: everything out, and the tail that was acknowledged and never seen. */
void stream_finish(struct stream *stream, const struct stream_out *out, struct place last);

void stream_fini(struct stream *stream);

#endif
