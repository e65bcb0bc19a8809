/* Bytes to records: where TLS begins, gaps, and records that have to wait. */
#include "captures/tls_flow.h"

#include "captures/tls_flow_parts.h"

#include <stdlib.h>
#include <string.h>

struct tls_flow *tls_flow_new(const struct keylog *keys, const struct tls_sink *sink, void *context)
{
    struct tls_flow *flow = calloc(1, sizeof *flow);
    if (flow == NULL)
        return NULL;
    flow->sink = *sink;
    flow->context = context;
    flow->hold = true;
    decryptor_init(&flow->decryptor, keys);
    for (int role = 0; role < 2; role++) {
        splitter_init(&flow->side[role].splitter);
        assembler_init(&flow->side[role].assembler);
        flow->side[role].held_end = &flow->side[role].held;
    }
    return flow;
}

static struct held_record *take_held(struct side *side)
{
    struct held_record *held = side->held;
    if (held == NULL)
        return NULL;
    side->held = held->next;
    if (side->held == NULL)
        side->held_end = &side->held;
    side->held_size -= held->record.fragment_len;
    return held;
}

void tls_flow_free(struct tls_flow *flow)
{
    if (flow == NULL)
        return;
    for (int role = 0; role < 2; role++) {
        struct held_record *held;
        while ((held = take_held(&flow->side[role])) != NULL)
            free(held);
        splitter_fini(&flow->side[role].splitter);
        assembler_fini(&flow->side[role].assembler);
    }
    decryptor_fini(&flow->decryptor);
    free(flow);
}

const struct tls_state *tls_flow_state(const struct tls_flow *flow)
{
    return &flow->state;
}

static enum role role_of(const struct tls_flow *flow, enum role from)
{
    return flow->state.roles_swapped ? (enum role)(1 - from) : from;
}

/* ---- records that wait ---- */

/* A server's records are explained by the client's hello; what a client sends beside handshake
 * messages in clear, by the server's. Captures of two points at once may have them out of order. */
static bool must_wait(const struct tls_flow *flow, const struct tls_record *record)
{
    const struct tls_state *state = &flow->state;
    if (!flow->hold)
        return false;
    if (flow->side[record->from].held != NULL)
        return true;
    if (record->from == ROLE_SERVER)
        return !state->has_client_hello;
    return !state->has_server_hello && record->type != CONTENT_HANDSHAKE;
}

static bool may_go(const struct tls_flow *flow, enum role from)
{
    const struct tls_state *state = &flow->state;
    if (flow->side[from].held == NULL)
        return false;
    return !flow->hold || (from == ROLE_SERVER ? state->has_client_hello : state->has_server_hello);
}

static void release(struct tls_flow *flow)
{
    bool server;
    while ((server = may_go(flow, ROLE_SERVER)) || may_go(flow, ROLE_CLIENT)) {
        struct held_record *held = take_held(&flow->side[server ? ROLE_SERVER : ROLE_CLIENT]);
        tls_flow_take_record(flow, &held->record);
        free(held);
    }
}

static void give_up_waiting(struct tls_flow *flow)
{
    flow->hold = false;
    release(flow);
}

/* False: out of memory, or too much is waiting. */
static bool hold(struct tls_flow *flow, const struct tls_record *record)
{
    struct side *side = &flow->side[record->from];
    if (side->held_size + record->fragment_len > TLS_HELD_MAX)
        return false;
    struct held_record *held = malloc(sizeof *held + record->fragment_len);
    if (held == NULL)
        return false;
    held->next = NULL;
    held->record = *record;
    held->record.fragment = held->bytes;
    memcpy(held->bytes, record->fragment, record->fragment_len);
    *side->held_end = held;
    side->held_end = &held->next;
    side->held_size += record->fragment_len;
    return true;
}

static void swap_roles(struct tls_flow *flow)
{
    struct tls_state *state = &flow->state;
    struct side side = flow->side[0];
    flow->side[0] = flow->side[1];
    flow->side[1] = side;
    for (int role = 0; role < 2; role++) /* an empty list's end is within its side */
        if (flow->side[role].held == NULL)
            flow->side[role].held_end = &flow->side[role].held;
    uint8_t kept[TLS_PREAMBLE_KEPT];
    memcpy(kept, state->preamble[0], sizeof kept);
    memcpy(state->preamble[0], state->preamble[1], sizeof kept);
    memcpy(state->preamble[1], kept, sizeof kept);
    uint64_t len = state->preamble_len[0];
    state->preamble_len[0] = state->preamble_len[1];
    state->preamble_len[1] = len;
    size_t waiting = state->waiting[0];
    state->waiting[0] = state->waiting[1];
    state->waiting[1] = waiting;
    bool lost = state->lost[0];
    state->lost[0] = state->lost[1];
    state->lost[1] = lost;
    state->roles_swapped = !state->roles_swapped;
}

/* Is this a hello of the role that its sender was not taken for? Also where a SYN was seen: who
 * opens the connection need not be the client of TLS (active FTP). */
static bool shows_other_role(const struct tls_flow *flow, const struct tls_record *record)
{
    uint8_t other = record->from == ROLE_CLIENT ? HANDSHAKE_SERVER_HELLO : HANDSHAKE_CLIENT_HELLO;
    return !flow->state.is_tls && flow->side[0].held == NULL && flow->side[1].held == NULL &&
           record->type == CONTENT_HANDSHAKE && record->fragment_len > 0 &&
           record->fragment[0] == other;
}

static void take_raw(struct tls_flow *flow, struct tls_record *record)
{
    if (must_wait(flow, record)) {
        if (hold(flow, record))
            return;
        give_up_waiting(flow);
    }
    tls_flow_take_record(flow, record);
    release(flow);
}

/* ---- framing ---- */

static void lose(struct tls_flow *flow, enum role role, enum framing framing)
{
    struct side *side = &flow->side[role];
    size_t len;
    splitter_rest(&side->splitter, &len);
    side->framing = framing;
    side->hurt = false;
    side->probe_len = 0;
    flow->state.lost[role] = true;
    flow->state.waiting[role] = 0;
    decryptor_skip(&flow->decryptor, role);
}

/* Takes out the records that are complete. *role follows where the first shows another. */
static void split(struct tls_flow *flow, enum role *role, struct place place)
{
    struct record raw;
    enum split got = SPLIT_MORE;
    while ((got = splitter_next(&flow->side[*role].splitter, &raw)) == SPLIT_RECORD ||
           got == SPLIT_SSLV2_HELLO) {
        struct tls_record record = {
            .from = *role,
            .type = raw.type,
            .version = raw.version,
            .fragment = raw.fragment,
            .fragment_len = raw.fragment_len,
            .first = flow->side[*role].record_first,
            .last = place,
            .hurt = flow->side[*role].hurt,
        };
        if (shows_other_role(flow, &record)) {
            swap_roles(flow);
            *role = record.from = (enum role)(1 - *role);
        }
        flow->side[*role].record_first = place;
        flow->side[*role].hurt = false;
        take_raw(flow, &record);
    }
    flow->state.waiting[*role] = splitter_waiting(&flow->side[*role].splitter);
    if (got == SPLIT_NOT_TLS)
        lose(flow, *role, FRAMING_OVER);
}

static void feed(struct tls_flow *flow, enum role role, const uint8_t *data, size_t len,
                 struct place place)
{
    while (len > 0 && flow->side[role].framing == FRAMING_RECORDS) {
        struct splitter *splitter = &flow->side[role].splitter;
        if (splitter_waiting(splitter) == 0)
            flow->side[role].record_first = place;
        size_t taken = splitter_feed(splitter, data, len < RECORD_LEN_MAX ? len : RECORD_LEN_MAX);
        if (taken == 0) { /* out of memory */
            lose(flow, role, FRAMING_OVER);
            return;
        }
        data += taken;
        len -= taken;
        split(flow, &role, place);
    }
}

static void add_preamble(struct tls_state *state, enum role role, uint8_t byte)
{
    if (state->preamble_len[role] < TLS_PREAMBLE_KEPT)
        state->preamble[role][state->preamble_len[role]] = byte;
    state->preamble_len[role]++;
}

/* How the probe may begin TLS at this point of the stream. */
static enum tls_match match_probe(const struct tls_flow *flow, enum role role, bool segment_start)
{
    const struct side *side = &flow->side[role];
    const struct tls_state *state = &flow->state;
    enum tls_match found = TLS_MATCH_NO;
    if (state->preamble_len[role] == 0)
        found = tls_match_start(side->probe, side->probe_len);
    if (found == TLS_MATCH_NO)
        found = tls_match_hello(side->probe, side->probe_len);
    if (found == TLS_MATCH_NO && segment_start && flow->state.has_client_hello)
        found = tls_match_alert(side->probe, side->probe_len);
    return found;
}

static void drop_probe_byte(struct side *side)
{
    memmove(side->probe, side->probe + 1, --side->probe_len);
}

/* Looks at the stream byte by byte until TLS begins; returns how many bytes it took. */
static size_t search(struct tls_flow *flow, enum role role, const uint8_t *data, size_t len,
                     struct place place)
{
    struct side *side = &flow->side[role];
    size_t segment_start = side->probe_len; /* in the probe: the first byte of this segment */
    bool passed = false;
    for (size_t at = 0; at < len;) {
        if (side->probe_len == 0)
            side->probe_place = place;
        side->probe[side->probe_len++] = data[at++];
        enum tls_match found;
        while (side->probe_len > 0 &&
               (found = match_probe(flow, role, !passed && segment_start == 0)) == TLS_MATCH_NO) {
            add_preamble(&flow->state, role, side->probe[0]);
            drop_probe_byte(side);
            side->probe_place = place;
            passed = segment_start == 0;
            segment_start -= segment_start > 0;
        }
        if (side->probe_len > 0 && found == TLS_MATCH_YES) {
            side->framing = FRAMING_RECORDS;
            return at;
        }
        if (flow->state.preamble_len[role] > TLS_PREAMBLE_MAX) {
            side->framing = FRAMING_OVER;
            return len;
        }
    }
    return len;
}

static void found_tls(struct tls_flow *flow, enum role role)
{
    struct side *side = &flow->side[role];
    uint8_t probe[TLS_MATCH_LEN];
    size_t len = side->probe_len;
    memcpy(probe, side->probe, len);
    side->probe_len = 0;
    feed(flow, role, probe, len, side->probe_place);
}

/* Behind a gap. What does not begin like a record is the rest of one. */
static void resync(struct tls_flow *flow, enum role role, const uint8_t *data, size_t len)
{
    if (tls_match_record(data, len) != TLS_MATCH_YES)
        return;
    flow->side[role].framing = FRAMING_RECORDS;
    flow->state.lost[role] = false;
}

void tls_flow_data(struct tls_flow *flow, enum role from, const uint8_t *data, size_t len,
                   struct place place)
{
    enum role role = role_of(flow, from);
    flow->side[role].begun = true;
    if (flow->side[role].framing == FRAMING_RESYNC)
        resync(flow, role, data, len);
    if (flow->side[role].framing == FRAMING_SEARCHING) {
        size_t taken = search(flow, role, data, len, place);
        data += taken;
        len -= taken;
        if (flow->side[role].framing == FRAMING_RECORDS)
            found_tls(flow, role);
    }
    /* The first record may have shown other roles. */
    feed(flow, role_of(flow, from), data, len, place);
}

/* ---- gaps ---- */

/* How many bytes the record that is put together still lacks; 0: not known. */
static size_t lacking(const struct side *side)
{
    const struct splitter *splitter = &side->splitter;
    size_t waiting = splitter_waiting(splitter);
    if (waiting < RECORD_HEADER_LEN)
        return 0;
    const uint8_t *header = splitter->pending.data + splitter->at;
    if (!splitter->begun && (header[0] & 0x80) != 0) /* an SSLv2 hello has another header */
        return 0;
    return RECORD_HEADER_LEN + (size_t)(header[3] << 8 | header[4]) - waiting;
}

static void feed_zeros(struct tls_flow *flow, enum role role, size_t len, struct place place)
{
    static const uint8_t zeros[4096];
    while (len > 0) {
        size_t piece = len < sizeof zeros ? len : sizeof zeros;
        feed(flow, role, zeros, piece, place);
        len -= piece;
    }
}

void tls_flow_gap(struct tls_flow *flow, enum role from, uint64_t len, struct place place)
{
    enum role role = role_of(flow, from);
    struct side *side = &flow->side[role];
    bool first = !side->begun;
    side->begun = true;
    if (side->framing == FRAMING_SEARCHING && (first || !flow->state.is_tls)) {
        side->probe_len = 0; /* goes on searching: a hello may come yet */
        return;
    }
    if (side->framing == FRAMING_SEARCHING) {
        lose(flow, role, FRAMING_RESYNC);
        return;
    }
    if (side->framing != FRAMING_RECORDS)
        return;
    size_t rest = lacking(side);
    bool within = rest > 0 && len <= rest;
    if (rest > 0) {
        side->hurt = true;
        feed_zeros(flow, role, within ? (size_t)len : rest, place);
    }
    role = role_of(flow, from);
    if (!within && flow->side[role].framing == FRAMING_RECORDS)
        lose(flow, role, FRAMING_RESYNC);
}

void tls_flow_finish(struct tls_flow *flow)
{
    give_up_waiting(flow);
}
