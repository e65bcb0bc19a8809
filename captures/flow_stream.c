#include "captures/flow_stream.h"

#include "captures/limits.h"

#include <stdlib.h>
#include <string.h>

enum {
    AHEAD_MAX = 1 << 30, /* the largest window (RFC 7323 section 2.3): beyond it is no data of this
                            connection */
    RESERVED = sizeof(struct held),
};

/* Sequence numbers wrap; differences below 2^31 do not (RFC 9293 section 3.4). */
static int32_t ahead(uint32_t seq, uint32_t of)
{
    return (int32_t)(seq - of);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---- what was delivered ---- */

static void remember(struct stream *stream, const uint8_t *data, size_t len)
{
    if (stream->history == NULL && (stream->history = malloc(FLOW_HISTORY_LEN)) == NULL)
        return; /* then retransmissions are not compared */
    if (len > FLOW_HISTORY_LEN) {
        data += len - FLOW_HISTORY_LEN;
        len = FLOW_HISTORY_LEN;
    }
    size_t first = smaller(len, FLOW_HISTORY_LEN - stream->history_at);
    memcpy(stream->history + stream->history_at, data, first);
    memcpy(stream->history, data + first, len - first);
    stream->history_at = (stream->history_at + len) % FLOW_HISTORY_LEN;
    stream->history_len = smaller(stream->history_len + len, FLOW_HISTORY_LEN);
}

/* How many of these bytes, which lie before `next`, are other than those that were delivered? */
static uint64_t count_disagreeing(const struct stream *stream, uint32_t seq, const uint8_t *data,
                                  size_t len)
{
    uint64_t count = 0;
    for (size_t i = 0; i < len; i++) {
        size_t back = stream->next - (seq + (uint32_t)i);
        if (back == 0 || back > stream->history_len)
            continue;
        size_t at = (stream->history_at + FLOW_HISTORY_LEN - back) % FLOW_HISTORY_LEN;
        count += stream->history[at] != data[i];
    }
    return count;
}

static void skip(struct stream *stream, const struct stream_out *out, uint64_t len,
                 struct place place)
{
    if (len == 0)
        return;
    stream->next += (uint32_t)len;
    stream->history_len = 0;
    out->counts->missing += len;
    out->gap(out->context, len, place);
}

/* The next piece of the stream, of whose `wire_len` bytes the first `len` were captured. */
static void deliver(struct stream *stream, const struct stream_out *out, const uint8_t *data,
                    size_t len, size_t wire_len, struct place place)
{
    if (len > 0) {
        remember(stream, data, len);
        stream->next += (uint32_t)len;
        out->counts->bytes += len;
        out->data(out->context, data, len, place);
    }
    out->counts->cut += wire_len - len;
    skip(stream, out, wire_len - len, place);
}

static void tell_fin(struct stream *stream, const struct stream_out *out)
{
    if (!stream->has_fin || stream->fin_told || ahead(stream->next, stream->fin_seq) < 0)
        return;
    stream->fin_told = true;
    out->fin(out->context);
}

/* Delivers whatever has its turn. */
static void drain(struct stream *stream, const struct stream_out *out)
{
    struct held *piece;
    while ((piece = stream->held) != NULL && piece->seq == stream->next) {
        stream->held = piece->next;
        stream->held_size -= RESERVED + piece->len;
        deliver(stream, out, piece->data, piece->len, piece->wire_len, piece->place);
        free(piece);
    }
    tell_fin(stream, out);
}

void stream_give_up_hole(struct stream *stream, const struct stream_out *out)
{
    if (stream->held == NULL)
        return;
    skip(stream, out, stream->held->seq - stream->next, stream->held->place);
    drain(stream, out);
}

/* ---- what comes ---- */

/* The part of an incoming segment that is still to be dealt with. */
struct incoming {
    uint32_t seq;
    const uint8_t *data;
    size_t len, wire_len;
    struct place place;
};

static void drop_front(struct incoming *in, size_t len)
{
    size_t captured = smaller(len, in->len);
    in->seq += (uint32_t)len;
    in->data += captured;
    in->len -= captured;
    in->wire_len -= len;
}

/* Puts the first `wire_len` bytes of `in` before *at. */
static bool hold(struct stream *stream, struct held **at, const struct incoming *in,
                 size_t wire_len)
{
    size_t len = smaller(in->len, wire_len);
    struct held *piece = malloc(sizeof *piece + len);
    if (piece == NULL)
        return false;
    *piece = (struct held){ *at, in->seq, wire_len, len, in->place };
    if (len > 0)
        memcpy(piece->data, in->data, len);
    *at = piece;
    stream->held_size += RESERVED + len;
    return true;
}

/* What lies over a piece that came earlier gives way to it. */
static void give_way(const struct stream_out *out, struct incoming *in, const struct held *piece)
{
    size_t into = in->seq - piece->seq;
    size_t overlap = smaller(piece->wire_len - into, in->wire_len);
    size_t both = into < piece->len ? smaller(smaller(piece->len - into, overlap), in->len) : 0;
    for (size_t i = 0; i < both; i++)
        out->counts->disagreeing += piece->data[into + i] != in->data[i];
    out->counts->retransmitted += overlap;
    drop_front(in, overlap);
}

/* Puts what no held piece covers among the held pieces. */
static bool insert(struct stream *stream, const struct stream_out *out, struct incoming *in)
{
    struct held **at = &stream->held;
    while (in->wire_len > 0) {
        struct held *piece = *at;
        int32_t before = piece == NULL ? INT32_MAX : ahead(piece->seq, in->seq);
        if (before > 0) {
            size_t len = smaller(in->wire_len, (size_t)before);
            if (!hold(stream, at, in, len))
                return false;
            drop_front(in, len);
        } else if ((size_t) - (int64_t)before < piece->wire_len) {
            give_way(out, in, piece);
        }
        at = &(*at)->next;
    }
    return true;
}

/* Drops what was delivered before. */
static void drop_delivered(struct stream *stream, const struct stream_out *out, struct incoming *in)
{
    int32_t early = ahead(stream->next, in->seq);
    if (early <= 0)
        return;
    size_t overlap = smaller((size_t)early, in->wire_len);
    out->counts->retransmitted += overlap;
    out->counts->disagreeing +=
        count_disagreeing(stream, in->seq, in->data, smaller(overlap, in->len));
    drop_front(in, overlap);
}

bool stream_receive(struct stream *stream, const struct stream_out *out,
                    const struct segment *segment, uint32_t seq, struct place place)
{
    struct incoming in = { seq, segment->payload, segment->len, segment->wire_len, place };
    bool keep_alive = in.wire_len <= 1 && seq + 1 == stream->next;
    if (keep_alive || ahead(seq, stream->next) > AHEAD_MAX)
        return true;
    drop_delivered(stream, out, &in);
    if (in.wire_len > 0 && in.seq != stream->next)
        out->counts->reordered++;
    if (stream->held == NULL && in.seq == stream->next)
        deliver(stream, out, in.data, in.len, in.wire_len, place);
    else if (!insert(stream, out, &in))
        return false;
    drain(stream, out);
    while (stream->held_size > FLOW_HELD_MAX)
        stream_give_up_hole(stream, out);
    return true;
}

void stream_finish(struct stream *stream, const struct stream_out *out, struct place last)
{
    while (stream->held != NULL)
        stream_give_up_hole(stream, out);
    if (!stream->started)
        return;
    int32_t tail = 0;
    if (stream->has_fin)
        tail = ahead(stream->fin_seq, stream->next);
    else if (stream->acked) /* a single number more is the FIN, which was not captured either */
        tail =
            ahead(stream->acked_to, stream->next) == 1 ? 0 : ahead(stream->acked_to, stream->next);
    if (tail > 0 && tail <= AHEAD_MAX)
        skip(stream, out, (uint64_t)tail, last);
    tell_fin(stream, out);
}

void stream_fini(struct stream *stream)
{
    struct held *piece;
    while ((piece = stream->held) != NULL) {
        stream->held = piece->next;
        free(piece);
    }
    free(stream->history);
}
