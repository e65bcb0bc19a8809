/* Playing a hello on a socket without ever blocking: what goes out, and what each answer was. */
#include "matrix/raw/player.h"

#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_AT_ONCE = 16 * 1024,
    ALERT_FATAL = 2,
    /* An alert under TLS 1.3's protection, not padded: level, description, inner type, and the tag
     * that all of its suites but CCM_8 have (RFC 8446 sections 5.2, B.4). */
    SEALED_ALERT_LEN = 2 + 1 + 16,
};

struct player {
    struct player_setting setting;
    struct splitter splitter;
    struct assembler assembler;
    struct writer out;
    size_t written; /* of `out` */
    bool sending;   /* `out` holds a send, be it of no byte */
    unsigned phase; /* the send whose answer is awaited */
    bool waiting;   /* for the client's hello, before the first send */
    bool hello_seen;
    bool sealed;    /* the other end's records are under protection now */
    bool exchanged; /* it has sent ClientKeyExchange */
    bool closed_out;
    bool closed_in;
    bool lost; /* what comes is no TLS, or too much of it */
    uint8_t session[HELLO_SESSION_ID_MAX];
    struct raw_bytes client_session;
    struct raw_facts facts;
};

static const struct raw_hello *hello_of(const struct player *player)
{
    return player->setting.hello;
}

static void stop_sending(struct player *player)
{
    if (!player->closed_out)
        shutdown(player->setting.fd, SHUT_WR);
    player->closed_out = true;
}

static void send_next(struct player *player)
{
    const struct hello_setting setting = { player->client_session, player->setting.chain };
    player->hello_seen = false;
    player->sending = true;
    writer_clear(&player->out);
    player->written = 0;
    hello_send_write(&player->out, &hello_of(player)->sends[player->phase], &setting);
}

/* The answer to this phase's send is complete: the next, or no more. */
static void end_phase(struct player *player, enum answer answer)
{
    if (player->phase >= hello_of(player)->num_sends)
        return;
    player->facts.answers[player->phase++] = answer;
    if (player->phase < hello_of(player)->num_sends && !player->closed_in)
        send_next(player);
    else
        stop_sending(player);
}

/* ---- what comes ---- */

static void on_alert(struct player *player, const struct record *record)
{
    if (player->sealed && record->fragment_len != 2) {
        player->facts.sealed_alert = true;
        end_phase(player, ANSWER_ALERT);
        return;
    }
    if (record->fragment_len != 2)
        return;
    if (record->fragment[0] != ALERT_FATAL) {
        player->facts.num_warnings++;
        return;
    }
    if (player->facts.alert < 0)
        player->facts.alert = record->fragment[1];
    end_phase(player, ANSWER_ALERT);
}

static void on_server_hello(struct player *player, const struct handshake_message *message)
{
    struct hello hello;
    uint16_t groups_found[HELLO_LIST_MAX];
    if (hello_read(&hello, message->type, message->body, message->len, NULL) < 0)
        return;
    struct raw_facts *facts = &player->facts;
    player->hello_seen = true;
    facts->version = hello_chosen_version(&hello);
    facts->suite = hello.suites[0];
    facts->group = hello_key_share_groups(groups_found, &hello) > 0 ? groups_found[0] : 0;
    memcpy(facts->random_end, hello.random + HELLO_RANDOM_LEN - sizeof facts->random_end,
           sizeof facts->random_end);
    bool retry = hello.kind == HELLO_RETRY;
    player->sealed = !retry && facts->version >= TLS13;
    hello_fini(&hello);
    if (retry)
        end_phase(player, ANSWER_RETRY);
}

/* Our part begins with the client's hello; a second one answers a HelloRetryRequest. */
static void on_client_hello(struct player *player, const struct handshake_message *message)
{
    struct hello hello;
    if (!player->waiting) {
        end_phase(player, ANSWER_CLIENT_HELLO);
        return;
    }
    player->waiting = false;
    if (hello_read(&hello, message->type, message->body, message->len, NULL) == 0) {
        memcpy(player->session, hello.session_id, sizeof player->session);
        player->client_session = (struct raw_bytes){ player->session, hello.session_id_len };
        hello_fini(&hello);
    }
    send_next(player);
}

static void on_message(struct player *player, const struct handshake_message *message)
{
    bool from_client = hello_of(player)->to == ROLE_CLIENT;
    if (from_client && message->type == HANDSHAKE_CLIENT_HELLO)
        on_client_hello(player, message);
    else if (from_client && message->type == HANDSHAKE_CLIENT_KEY_EXCHANGE)
        player->exchanged = true;
    else if (!from_client && message->type == HANDSHAKE_SERVER_HELLO)
        on_server_hello(player, message);
    else if (!from_client && message->type == HANDSHAKE_SERVER_HELLO_DONE && player->hello_seen)
        end_phase(player, ANSWER_SERVER_HELLO);
}

static void on_handshake(struct player *player, const struct record *record)
{
    struct handshake_message message;
    if (player->sealed)
        return;
    player->lost = assembler_feed(&player->assembler, record->fragment, record->fragment_len) < 0;
    while (!player->lost && assembler_next(&player->assembler, &message) > 0)
        on_message(player, &message);
}

/* Only TLS 1.3 hides the type of what it protects. An alert is the last record of who sends it;
 * what has its length before that may be anything, and with padding (RFC 8446 section 5.4) an alert
 * has any length: the judge knows more. */
static void on_sealed(struct player *player, const struct record *record)
{
    player->facts.num_sealed += record->fragment_len;
    player->facts.sealed_alert = record->fragment_len == SEALED_ALERT_LEN;
    if (player->hello_seen && player->facts.num_sealed >= player->setting.flight_min)
        end_phase(player, ANSWER_SERVER_HELLO);
}

static void on_record(struct player *player, const struct record *record)
{
    if (record->type == CONTENT_ALERT)
        on_alert(player, record);
    else if (record->type == CONTENT_HANDSHAKE)
        on_handshake(player, record);
    else if (record->type == CONTENT_APPLICATION_DATA)
        on_sealed(player, record);
    else if (record->type == CONTENT_CHANGE_CIPHER_SPEC && player->exchanged) {
        player->sealed = true;
        end_phase(player, ANSWER_CLIENT_FLIGHT);
    }
}

static void on_end(struct player *player, enum close_kind kind)
{
    player->closed_in = true;
    player->facts.close = kind;
    if (player->phase < hello_of(player)->num_sends)
        end_phase(player, player->facts.sealed_alert ? ANSWER_ALERT
                          : player->hello_seen       ? ANSWER_CUT
                                                     : ANSWER_NONE);
    stop_sending(player);
}

/* No record of any TLS. An end that was spoken to in a version that never was may send its alert in
 * a record of the same (OpenSSL does). */
static void on_other(struct player *player)
{
    size_t len;
    const uint8_t *rest = splitter_rest(&player->splitter, &len);
    const uint8_t alert_head[] = { 0, 2 }; /* the record's length */
    player->lost = true;
    if (len < RECORD_HEADER_LEN + sizeof alert_head || rest[0] != CONTENT_ALERT ||
        memcmp(rest + 3, alert_head, sizeof alert_head) != 0)
        return;
    const struct record record = { .type = CONTENT_ALERT,
                                   .fragment = rest + RECORD_HEADER_LEN,
                                   .fragment_len = sizeof alert_head };
    on_alert(player, &record);
}

static void take(struct player *player, const uint8_t *bytes, size_t len)
{
    struct record record;
    enum split split;
    player->facts.num_bytes += len;
    if (player->lost)
        return;
    splitter_feed(&player->splitter, bytes, len);
    while ((split = splitter_next(&player->splitter, &record)) == SPLIT_RECORD ||
           split == SPLIT_SSLV2_HELLO)
        on_record(player, &record);
    if (split == SPLIT_NOT_TLS)
        on_other(player);
}

static void read_some(struct player *player)
{
    uint8_t bytes[READ_AT_ONCE];
    while (!player->closed_in) {
        ssize_t len = recv(player->setting.fd, bytes, sizeof bytes, 0);
        if (len > 0)
            take(player, bytes, (size_t)len);
        else if (len == 0)
            on_end(player, CLOSE_TRUNCATED);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            on_end(player, CLOSE_RESET);
    }
}

static void write_some(struct player *player)
{
    while (player->written < player->out.len && !player->closed_out) {
        ssize_t len = send(player->setting.fd, player->out.data + player->written,
                           player->out.len - player->written, MSG_NOSIGNAL);
        if (len > 0)
            player->written += (size_t)len;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            player->closed_out = true; /* its end says the rest */
    }
    if (!player->sending || player->written < player->out.len)
        return;
    player->sending = false;
    player->facts.num_sent++;
    writer_clear(&player->out);
    player->written = 0;
    if (hello_of(player)->fin_at_once && player->facts.num_sent == hello_of(player)->num_sends)
        stop_sending(player);
}

/* ---- from outside ---- */

struct player *player_new(const struct player_setting *setting, struct error *err)
{
    struct player *player = calloc(1, sizeof *player);
    if (player == NULL) {
        close(setting->fd);
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    player->setting = *setting;
    player->facts.alert = -1;
    player->waiting = setting->hello->to == ROLE_CLIENT;
    splitter_init(&player->splitter);
    assembler_init(&player->assembler);
    writer_init(&player->out, RAW_BYTES_MAX * 2);
    if (!player->waiting)
        send_next(player);
    return player;
}

void player_free(struct player *player)
{
    if (player == NULL)
        return;
    close(player->setting.fd);
    splitter_fini(&player->splitter);
    assembler_fini(&player->assembler);
    writer_fini(&player->out);
    free(player);
}

struct player_wait player_waits(const struct player *player)
{
    return (struct player_wait){ player->closed_in ? -1 : player->setting.fd,
                                 player->written < player->out.len && !player->closed_out };
}

int player_fd(const struct player *player)
{
    return player->setting.fd;
}

void player_step(struct player *player)
{
    write_some(player);
    read_some(player);
    write_some(player); /* what came may have been waited for */
}

const struct raw_facts *player_facts(const struct player *player)
{
    return &player->facts;
}

void player_tell(struct facts *out, const struct raw_facts *facts)
{
    facts_init(out);
    out->result = RESULT_REFUSED;
    out->stage = STAGE_HANDSHAKE;
    out->version = version_name(facts->version) != NULL ? facts->version : 0;
    out->suite = suite_by_id(facts->suite) != NULL ? facts->suite : 0;
    out->group = group_by_id(facts->group) != NULL ? facts->group : 0;
    out->alert_received = facts->alert;
    out->close = facts->close;
    size_t len = 0;
    for (unsigned i = 0; i < facts->num_sent && i < HELLO_SENDS_MAX; i++)
        len +=
            (size_t)snprintf(out->error_text + len, sizeof out->error_text - len, "%s%s",
                             i == 0 ? "answered by: " : ", then ", answer_name(facts->answers[i]));
    snprintf(out->error_text + len, sizeof out->error_text - len,
             "%s; %zu bytes, %zu of them under protection%s", len == 0 ? "nothing was sent" : "",
             facts->num_bytes, facts->num_sealed,
             facts->sealed_alert ? ", the last as long as an alert" : "");
}
