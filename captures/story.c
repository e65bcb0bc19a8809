#include "captures/story.h"

#include "captures/story_sizes.h"
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

#include <stdio.h>
#include <string.h>

enum {
    END_OF_EARLY_DATA_LEN = 4, /* a header alone: RFC 8446 section 4.5 */
    NANOSECONDS = 1000000000,
};

/* What a server may send behind the handshake without a byte of data: stacks issue up to four
 * tickets of some hundred bytes, and as much more in each as the client's certificates take. */
enum { TICKETS_MAX = 4, TICKETS_LEN_MAX = 2048 };

/* A server that refuses a certificate does so at once, and closes at once behind its alert. */
enum { REFUSAL_NS = 2000000000, CLOSE_NS = 2000000000 }; /* a busy machine takes its time */

char *text_of(char *out, size_t out_len, const void *bytes, size_t len)
{
    const uint8_t *in = bytes;
    size_t n = 0;
    for (; n < len && n + 1 < out_len; n++)
        out[n] = in[n] >= 0x20 && in[n] < 0x7F ? (char)in[n] : '?';
    out[n] = '\0';
    return out;
}

const char *reached_name(enum reached stage)
{
    static const char *const names[] = {
        [REACHED_TCP] = "tcp",
        [REACHED_BEFORE_TLS] = "before-tls",
        [REACHED_CLIENT_HELLO] = "client-hello",
        [REACHED_SERVER_FLIGHT] = "server-flight",
        [REACHED_CLIENT_FLIGHT] = "client-flight",
        [REACHED_DATA] = "data",
    };
    return names[stage];
}

/* ---- from the analysis ---- */

/* A server's ALPN, in ServerHello or EncryptedExtensions: a list of one (RFC 7301 section 3.1). */
static void read_protocol(struct story *story, struct reader extensions)
{
    while (extensions.len > 0 && !extensions.failed) {
        uint16_t type = reader_u16(&extensions);
        struct reader body = reader_block(&extensions, 2);
        if (type != EXTENSION_ALPN)
            continue;
        struct reader list = reader_block(&body, 2);
        struct reader name = reader_block(&list, 1);
        if (!name.failed)
            text_of(story->chosen_protocol, sizeof story->chosen_protocol, name.data, name.len);
    }
}

static void read_server_hello(struct story *story, const struct tls_message *message)
{
    static const size_t behind_session_id = 3; /* suite, compression */
    struct reader reader = reader_of(message->body, message->len);
    if (hello_is_retry(message->body, message->len))
        return;
    story->has_choice = true;
    story->choice_place = message->first;
    reader_bytes(&reader, 2 + HELLO_RANDOM_LEN);
    reader_block(&reader, 1);
    reader_bytes(&reader, behind_session_id);
    read_protocol(story, reader_block(&reader, 2));
}

/* ServerDHParams begin with the prime (RFC 5246 section 7.4.3). */
static void read_key_exchange(struct story *story, const struct tls_message *message,
                              const struct tls_state *state)
{
    const struct suite *suite = suite_by_id(state->suite);
    struct reader reader = reader_of(message->body, message->len);
    if (suite == NULL || suite->kx != KX_DHE)
        return;
    struct reader prime = reader_block(&reader, 2);
    while (!prime.failed && prime.len > 0 && prime.data[0] == 0)
        reader_u8(&prime);
    if (prime.failed || prime.len == 0)
        return;
    story->dh_bits = (int)prime.len * 8;
    for (uint8_t top = prime.data[0]; top < 0x80; top <<= 1)
        story->dh_bits--;
}

int64_t story_time(const struct story *story, uint64_t packet_ns)
{
    int64_t verified_at = story->recorded.verified_at;
    return verified_at != 0 ? verified_at : (int64_t)(packet_ns / NANOSECONDS);
}

void story_message(struct story *story, const struct tls_message *message,
                   const struct tls_state *state)
{
    bool tls13 = state->version == TLS13;
    struct reader reader;
    switch (message->type) {
    case HANDSHAKE_CLIENT_HELLO:
        if (!story->offer.seen)
            offer_read(&story->offer, message);
        break;
    case HANDSHAKE_SERVER_HELLO:
        read_server_hello(story, message);
        break;
    case HANDSHAKE_ENCRYPTED_EXTENSIONS:
        reader = reader_of(message->body, message->len);
        read_protocol(story, reader_block(&reader, 2));
        break;
    case HANDSHAKE_CERTIFICATE:
        if (!story->certificate[message->from].seen)
            certificate_view_read(&story->certificate[message->from], message, tls13,
                                  story->offer.server_name,
                                  story_time(story, message->first.time_ns));
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        if (!story->request.seen)
            request_read(&story->request, message, state->version);
        break;
    case HANDSHAKE_SERVER_KEY_EXCHANGE:
        read_key_exchange(story, message, state);
        break;
    case HANDSHAKE_END_OF_EARLY_DATA:
        story->early_ended = true;
        break;
    default:
        break;
    }
}

/* What crossed before the server's hello is early data, and so is what comes then up to the record
 * of an EndOfEarlyData's size, which only a client sends whose early data was accepted (RFC 8446
 * sections 4.2.10 and 4.5). Returns whether the record was that. */
static bool take_early(struct story *story, const struct tls_record *record)
{
    struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    struct opaque_list *server = &story->opaque[ROLE_SERVER];
    if (!story->has_choice || record->first.packet < story->choice_place.packet) {
        story->num_early++;
        return true;
    }
    if (story->early_ended || finished_by_size(story) > 0 ||
        record->fragment_len != sealed_len(story, ROLE_CLIENT, END_OF_EARLY_DATA_LEN))
        return false;
    story->early_ended = true;
    story->num_early += client->total;
    *client = (struct opaque_list){ .total = 0 };
    server->behind = server->behind_len = 0;
    return true;
}

void story_record(struct story *story, const struct tls_record *record,
                  const struct tls_state *state)
{
    struct opaque_list *opaque = &story->opaque[record->from];
    story->tls13 = state->version == TLS13;
    story->suite = state->suite;
    story->has_random = state->has_client_hello;
    memcpy(story->client_random, state->client_random, sizeof story->client_random);
    story->shook[record->from] |= record->type == CONTENT_HANDSHAKE;
    if (record->type == CONTENT_CHANGE_CIPHER_SPEC && !story->tls13)
        story->changed_cipher[record->from] = true;
    if (record->type == CONTENT_ALERT && record->protection == PROTECTION_NONE &&
        record->fragment_len > ALERT_LEN)
        story->sealed_alert[record->from] = record->first.packet;
    if (record->protection != PROTECTION_OPAQUE)
        return;
    if (story->tls13 && state->early_data && record->from == ROLE_CLIENT &&
        take_early(story, record))
        return;
    opaque->last = (struct opaque_record){ .type = record->type,
                                           .len = record->fragment_len,
                                           .place = record->first };
    if (opaque->total < STORY_RECORDS_KEPT)
        opaque->first[opaque->total] = opaque->last;
    opaque->total++;
    if (story->opaque[1 - record->from].total > 0) {
        opaque->behind++;
        opaque->behind_len += record->fragment_len;
    }
}

/* ---- conclusions ---- */

/* Before TLS 1.3 record types are in clear: Finished is the handshake record behind
 * ChangeCipherSpec. */
static bool finished_by_type(const struct opaque_list *list)
{
    for (size_t i = 0; i < opaque_kept(list); i++)
        if (list->first[i].type == CONTENT_HANDSHAKE)
            return true;
    return false;
}

/* TLS 1.3 in sizes. A client that goes on sends a flight whose first record is no alert: nothing,
 * an empty Certificate (here the server must have asked) or a chain before its Finished. */
static void read_client_flight(struct story *story)
{
    const struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    size_t finished = sealed_len(story, ROLE_CLIENT, finished_len(story));
    size_t empty = sealed_len(story, ROLE_CLIENT, EMPTY_CERTIFICATE_LEN);
    if (client->total == 0 || like_alert(story, ROLE_CLIENT, &client->first[0]))
        return;
    size_t len = client->first[0].len;
    story->finished[ROLE_CLIENT] = true;
    story->finished[ROLE_SERVER] = true; /* else there was nothing to answer */
    story->by_size = true;
    if (len == empty || len == finished + EMPTY_CERTIFICATE_LEN)
        story->client_certificate_empty = true;
    else if (len != finished)
        story->client_certificate_sent = true;
}

/* Where the client's flight ends in its list of records: behind the one of a Finished's size. */
static size_t client_flight_len(const struct story *story)
{
    size_t finished = finished_by_size(story);
    return finished > 0 ? finished : story->opaque[ROLE_CLIENT].total > 0;
}

static bool client_sent_data(const struct story *story)
{
    const struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    size_t flight = client_flight_len(story);
    return client->total > flight + 1 ||
           (client->total == flight + 1 && !like_alert(story, ROLE_CLIENT, &client->last));
}

static bool more_than_tickets(const struct story *story)
{
    const struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    const struct opaque_list *server = &story->opaque[ROLE_SERVER];
    size_t len = TICKETS_LEN_MAX;
    for (size_t i = 0; story->client_certificate_sent && i < client_flight_len(story); i++)
        len += TICKETS_MAX * client->first[i].len;
    return server->behind > TICKETS_MAX || server->behind_len > len;
}

/* Did the client send early data, and did the server accept it? */
static void find_early(struct story *story)
{
    const struct wire_facts *facts = story->facts;
    story->early_sent = story->num_early > 0 || facts->end[ROLE_CLIENT].early_bytes > 0;
    story->early_taken = story->early_sent && (facts->early_accepted || story->early_ended);
}

/* Did anything cross that the other end takes? Early data that is refused does not; opaque TLS 1.3
 * of a server may be tickets only. */
static bool find_used(const struct story *story)
{
    const struct wire_end *client = &story->facts->end[ROLE_CLIENT];
    const struct wire_end *server = &story->facts->end[ROLE_SERVER];
    bool refused = client->early_bytes > 0 && client->application_bytes == client->early_bytes &&
                   server->num_opaque == 0;
    if (story->early_taken || server->application_records > 0 ||
        (client->application_records > 0 && !refused))
        return true;
    if (!story->tls13 || !story->by_size)
        return false;
    return client_sent_data(story) || more_than_tickets(story);
}

/* Not one of a client's behind the server's close: that is a complaint about it. */
static void hide(struct story *story, enum role from, const struct opaque_record *record)
{
    const struct flow_sender *server = &story->facts->end[ROLE_SERVER].tcp;
    uint64_t at = record->place.packet;
    bool reaction = from == ROLE_CLIENT && ((server->fin.packet != 0 && server->fin.packet < at) ||
                                            (server->rst.packet != 0 && server->rst.packet < at));
    if (!story->alert.seen && !reaction)
        story->alert = (struct last_alert){
            .seen = true, .hidden = true, .from = from, .place = record->place
        };
}

/* The client asked for something, and at once got nothing but this, and the connection closed. */
static bool ends_soon(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    uint64_t asked = story->opaque[ROLE_CLIENT].first[0].place.time_ns;
    uint64_t answered = story->opaque[ROLE_SERVER].last.place.time_ns;
    return client_sent_data(story) && facts->closed && answered <= asked + REFUSAL_NS &&
           facts->closed_at.time_ns <= answered + CLOSE_NS;
}

/* A host resets where its end closes before it has read all that came (RFC 9293 section 3.6.1), as
 * one does that refuses what it is reading; not where the client said more behind the record. */
static bool left_unread(const struct story *story)
{
    const struct opaque_record *last = &story->opaque[ROLE_SERVER].last;
    const struct place *rst = &story->facts->end[ROLE_SERVER].tcp.rst;
    return rst->packet > last->place.packet && rst->time_ns <= last->place.time_ns + CLOSE_NS &&
           story->speech[ROLE_CLIENT].last.packet < last->place.packet;
}

/* The client's last record may be its close_notify, and the server's an answer to that. */
static bool client_left_first(const struct story *story)
{
    const struct opaque_record *client = &story->opaque[ROLE_CLIENT].last;
    return like_alert(story, ROLE_CLIENT, client) &&
           client->place.packet < story->opaque[ROLE_SERVER].last.place.packet;
}

/* Did the server say something before the client asked for anything? */
static bool answered_unasked(const struct story *story, const struct opaque_record *answer)
{
    const struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    size_t flight = client_flight_len(story);
    return flight < STORY_RECORDS_KEPT &&
           (client->total <= flight || answer->place.packet < client->first[flight].place.packet);
}

/* Does the end say that all a server answered is a refusal? Where the server left something unread
 * or closed first, or said it twice and to what was asked nothing else, yes; where the client
 * closed, it may have been content with two bytes or with none, or have read the alert. */
static void hide_answer(struct story *story, bool twice)
{
    bool soon = ends_soon(story);
    if (story->alert.seen || (client_sent_data(story) && !soon)) /* asked and answered */
        return;
    hide(story, ROLE_SERVER, &story->opaque[ROLE_SERVER].last);
    story->alert.doubted =
        !left_unread(story) && !(soon && twice) &&
        (!soon || story->facts->closed_first != ROLE_SERVER || client_left_first(story));
}

/* A client whose only protected record has an alert's size has refused the server's flight. Of a
 * server, one such record in answer to a client's certificate may be a refusal, and more of them
 * (gnutls-serv says two alerts) where it resets behind them or said the first before it was asked
 * for anything; as well it may be an answer of two bytes, or the close_notify of one that has
 * nothing to say. */
static void find_hidden_13(struct story *story)
{
    const struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    const struct opaque_list *server = &story->opaque[ROLE_SERVER];
    if (client->total == 1 && like_alert(story, ROLE_CLIENT, &client->first[0]))
        hide(story, ROLE_CLIENT, &client->first[0]);
    if (!story->by_size || !(story->client_certificate_empty || story->client_certificate_sent))
        return;
    size_t answers = 0, alert_sized = 0;
    bool unasked = false;
    for (size_t i = 0; i < opaque_kept(server); i++) {
        bool answer = server->first[i].place.packet > client->first[0].place.packet;
        if (answer && answers == 0)
            unasked = answered_unasked(story, &server->first[i]);
        answers += answer;
        alert_sized += answer && like_alert(story, ROLE_SERVER, &server->first[i]);
    }
    if (!find_used(story) && client_left_first(story))
        return;
    if (answers > 0 && alert_sized == answers && server->total <= STORY_RECORDS_KEPT &&
        (answers == 1 || left_unread(story) || unasked))
        hide_answer(story, answers > 1 && unasked);
}

/* Before TLS 1.3: an encrypted alert from an end before the other has finished can be no
 * close_notify of a session that worked. */
static void find_hidden_12(struct story *story)
{
    if (story->finished[ROLE_CLIENT] && story->finished[ROLE_SERVER])
        return;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (story->opaque[role].total > 0 && like_alert(story, role, &story->opaque[role].last))
            hide(story, role, &story->opaque[role].last);
}

/* An alert of an end whose other had closed before is its complaint about that. But a client may
 * close its direction early and be refused all the same; then the alert is no decode_error, by
 * which stacks complain of an end. */
static bool is_reaction(const struct wire_facts *facts, enum role from)
{
    const struct flow_sender *other = &facts->end[1 - from].tcp;
    const struct wire_alert *alert = &facts->end[from].alert;
    uint64_t at = alert->place.packet;
    bool closed = (other->fin.packet != 0 && other->fin.packet < at) ||
                  (other->rst.packet != 0 && other->rst.packet < at);
    return closed && (from == ROLE_CLIENT || alert->description == ALERT_DECODE_ERROR);
}

static void find_alert(struct story *story)
{
    const struct wire_facts *facts = story->facts;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        const struct wire_alert *alert = &facts->end[role].alert;
        if (alert->place.packet == 0 || alert->place.packet == story->sealed_alert[role] ||
            is_reaction(facts, role) ||
            (story->alert.seen && story->alert.place.packet <= alert->place.packet))
            continue;
        story->alert = (struct last_alert){ .seen = true,
                                            .from = role,
                                            .level = alert->level,
                                            .description = alert->description,
                                            .place = alert->place };
    }
}

/* A last record of an alert's size behind a completed handshake is a close_notify. */
static void find_close(struct story *story)
{
    const struct wire_facts *facts = story->facts;
    story->closed = facts->closed;
    story->closed_first = facts->closed_first;
    story->closed_at = facts->closed_at;
    if (!facts->closed || !story->finished[ROLE_CLIENT] || !story->finished[ROLE_SERVER])
        return;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        const struct opaque_list *list = &story->opaque[role];
        if (list->total == 0 || !like_alert(story, role, &list->last) ||
            list->last.place.packet >= story->closed_at.packet)
            continue;
        story->closed_first = role;
        story->closed_at = list->last.place;
    }
}

static enum reached find_stage(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    bool connected = facts->end[ROLE_SERVER].tcp.syn.packet != 0 ||
                     facts->end[ROLE_SERVER].tcp.bytes > 0 ||
                     facts->end[ROLE_CLIENT].tcp.bytes > 0 || !facts->start_seen;
    if (!connected)
        return REACHED_TCP;
    bool hello =
        story->offer.seen || story->offer.cut || story->shook[ROLE_CLIENT] || facts->sslv2_hello;
    if (!hello && !story->shook[ROLE_SERVER]) /* an answer stands for a hello that is none */
        return facts->start_seen || !facts->is_tls ? REACHED_BEFORE_TLS : REACHED_DATA;
    if (!story->has_choice && !story->shook[ROLE_SERVER])
        return REACHED_CLIENT_HELLO;
    if (story->finished[ROLE_CLIENT] && story->finished[ROLE_SERVER])
        return REACHED_DATA;
    bool answered = story->finished[ROLE_CLIENT] || story->changed_cipher[ROLE_CLIENT] ||
                    facts->end[ROLE_CLIENT].certificate != CERTIFICATE_UNSEEN;
    return answered ? REACHED_CLIENT_FLIGHT : REACHED_SERVER_FLIGHT;
}

/* A hello that did not come to its end. */
static void find_cut_hello(struct story *story)
{
    const struct speech *client = &story->speech[ROLE_CLIENT];
    uint64_t preamble = story->facts->preamble_len[ROLE_CLIENT];
    if (!story->offer.seen && !story->has_choice && preamble < client->clear_len)
        offer_read_cut(&story->offer, client->clear + preamble, client->clear_len - preamble);
}

void story_conclude(struct story *story)
{
    const struct wire_facts *facts = story->facts;
    find_cut_hello(story);
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        story->finished[role] =
            facts->end[role].sent_finished || (!story->tls13 && story->changed_cipher[role] &&
                                               finished_by_type(&story->opaque[role]));
    story->client_certificate_empty = facts->end[ROLE_CLIENT].certificate == CERTIFICATE_EMPTY;
    story->client_certificate_sent = facts->end[ROLE_CLIENT].certificate == CERTIFICATE_SENT;
    if (story->tls13 && !story->finished[ROLE_CLIENT])
        read_client_flight(story);
    find_early(story);
    find_alert(story);
    /* Sizes and order prove nothing where something is missing. */
    if (facts->complete && story->tls13)
        find_hidden_13(story);
    if (facts->complete && !story->tls13)
        find_hidden_12(story);
    find_close(story);
    story->used = find_used(story);
    story->stage = find_stage(story);
}
