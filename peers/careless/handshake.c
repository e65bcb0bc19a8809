/* Records of the other end's, and which handshake message may come when: one table. */
#include "peers/careless/careless.h"

#include "peers/common/alerts.h"

#include <stdio.h>
#include <string.h>

/* ---- messages ---- */

/* When a message goes into the transcript. */
enum transcript_rule { BEFORE, AFTER, BY_ITSELF };

static const struct step {
    enum role role;
    enum state state;
    uint8_t type;
    message_handler *handler;
    enum transcript_rule transcript;
    enum plant plant; /* the row is there for an end that is careless in this */
} steps[] = {
    { ROLE_CLIENT, WAIT_SERVER_HELLO, HANDSHAKE_SERVER_HELLO, client_hello_back, BEFORE },

    { ROLE_CLIENT, WAIT_13_EXTENSIONS, HANDSHAKE_ENCRYPTED_EXTENSIONS, client13_extensions,
      BEFORE },
    { ROLE_CLIENT, WAIT_13_REQUEST, HANDSHAKE_CERTIFICATE_REQUEST, client13_request, BEFORE },
    { ROLE_CLIENT, WAIT_13_REQUEST, HANDSHAKE_CERTIFICATE, client13_certificate, BEFORE },
    { ROLE_CLIENT, WAIT_13_CERTIFICATE, HANDSHAKE_CERTIFICATE, client13_certificate, BEFORE },
    { ROLE_CLIENT, WAIT_13_VERIFY, HANDSHAKE_CERTIFICATE_VERIFY, client13_verify, AFTER },
    { ROLE_CLIENT, WAIT_13_FINISHED, HANDSHAKE_FINISHED, client13_finished, BY_ITSELF },

    { ROLE_CLIENT, WAIT_12_CERTIFICATE, HANDSHAKE_CERTIFICATE, client12_certificate, BEFORE },
    { ROLE_CLIENT, WAIT_12_CERTIFICATE, HANDSHAKE_SERVER_KEY_EXCHANGE, client12_key_exchange,
      BEFORE, PLANT_SKIPPED_CERTIFICATE },
    { ROLE_CLIENT, WAIT_12_CERTIFICATE, HANDSHAKE_FINISHED, client12_shortcut, BY_ITSELF,
      PLANT_EARLY_FINISHED },
    { ROLE_CLIENT, WAIT_12_KEY_EXCHANGE, HANDSHAKE_SERVER_KEY_EXCHANGE, client12_key_exchange,
      BEFORE },
    { ROLE_CLIENT, WAIT_12_KEY_EXCHANGE, HANDSHAKE_SERVER_HELLO_DONE, client12_done, BEFORE,
      PLANT_SKIPPED_KEY_EXCHANGE },
    { ROLE_CLIENT, WAIT_12_REQUEST, HANDSHAKE_CERTIFICATE_REQUEST, client12_request, BEFORE },
    { ROLE_CLIENT, WAIT_12_REQUEST, HANDSHAKE_SERVER_HELLO_DONE, client12_done, BEFORE },
    { ROLE_CLIENT, WAIT_12_DONE, HANDSHAKE_SERVER_HELLO_DONE, client12_done, BEFORE },
    { ROLE_CLIENT, WAIT_12_FINISHED, HANDSHAKE_FINISHED, client12_finished, AFTER },

    { ROLE_SERVER, WAIT_CLIENT_HELLO, HANDSHAKE_CLIENT_HELLO, server_hello, BEFORE },
    { ROLE_SERVER, WAIT_SECOND_HELLO, HANDSHAKE_CLIENT_HELLO, server_second_hello, BEFORE },
    { ROLE_SERVER, WAIT_13_CERTIFICATE, HANDSHAKE_CERTIFICATE, server13_certificate, BEFORE },
    { ROLE_SERVER, WAIT_13_VERIFY, HANDSHAKE_CERTIFICATE_VERIFY, server13_verify, AFTER },
    { ROLE_SERVER, WAIT_13_FINISHED, HANDSHAKE_FINISHED, server13_finished, BY_ITSELF },

    { ROLE_SERVER, WAIT_12_CLIENT_CERTIFICATE, HANDSHAKE_CERTIFICATE, server12_certificate,
      BEFORE },
    { ROLE_SERVER, WAIT_12_CLIENT_KEY, HANDSHAKE_CLIENT_KEY_EXCHANGE, server12_key, BEFORE },
    { ROLE_SERVER, WAIT_12_VERIFY, HANDSHAKE_CERTIFICATE_VERIFY, server12_verify, AFTER },
    { ROLE_SERVER, WAIT_12_FINISHED, HANDSHAKE_FINISHED, server12_finished, BY_ITSELF },

    { ROLE_CLIENT, CONNECTED, HANDSHAKE_NEW_SESSION_TICKET, ticket13, BY_ITSELF },
    { ROLE_CLIENT, CONNECTED, HANDSHAKE_KEY_UPDATE, key_update13, BY_ITSELF },
    { ROLE_SERVER, CONNECTED, HANDSHAKE_KEY_UPDATE, key_update13, BY_ITSELF },
};

static const struct step *find_step(const conn *c, uint8_t type)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct step *step = &steps[i];
        if (step->role == c->role && step->state == c->state && step->type == type &&
            (step->plant == PLANT_NONE || plants(c, step->plant)) &&
            (c->state != CONNECTED || c->version == TLS13))
            return step;
    }
    return NULL;
}

static void remember(conn *c, const struct handshake_message *message)
{
    handshake_write(&c->transcript, message->type, message->body, message->len);
}

/* RFC 5246 section 7.4.1.1: to be ignored in a handshake, and we do not renegotiate after it. */
static bool is_hello_request(const conn *c, const struct handshake_message *message)
{
    return c->role == ROLE_CLIENT && c->version == TLS12 &&
           message->type == HANDSHAKE_HELLO_REQUEST && message->len == 0;
}

static int handle_message(conn *c, const struct handshake_message *message)
{
    const struct step *step = find_step(c, message->type);
    if (is_hello_request(c, message))
        return 0;
    if (step == NULL)
        return demand(c, false, PLANT_REPEATED_MESSAGES, ALERT_UNEXPECTED_MESSAGE,
                      "a handshake message out of its turn");
    if (message->type == HANDSHAKE_SERVER_HELLO && hello_is_retry(message->body, message->len) &&
        !c->retried && transcript_retry(c) != 0)
        return -1;
    if (step->transcript == BEFORE)
        remember(c, message);
    int result = step->handler(c, message);
    if (step->transcript == AFTER)
        remember(c, message);
    return result;
}

/* RFC 8446 section 5.1: no message may lie across a change of keys. */
static int handle_messages(conn *c, const struct content *content)
{
    struct handshake_message message;
    int more;
    if (demand(c, content->len > 0, PLANT_NONE, ALERT_UNEXPECTED_MESSAGE,
               "a handshake record with nothing in it") != 0)
        return -1;
    c->idle_records = 0;
    if (assembler_feed(&c->messages, content->data, content->len) != 0)
        return refuse(c, ALERT_INTERNAL_ERROR, "handshake messages too long");
    while ((more = assembler_next(&c->messages, &message)) > 0) {
        struct protection keys = c->reading;
        if (handle_message(c, &message) != 0)
            return -1;
        if (memcmp(keys.key, c->reading.key, KEY_MAX) != 0 &&
            !assembler_at_boundary(&c->messages)) {
            if (demand(c, false, PLANT_BEFORE_KEYS, ALERT_UNEXPECTED_MESSAGE,
                       "a message across a change of keys") != 0)
                return -1;
            assembler_fini(&c->messages); /* a careless end forgets what was begun */
            assembler_init(&c->messages);
            return 0;
        }
    }
    if (plants(c, PLANT_WHOLE_MESSAGES) && !assembler_at_boundary(&c->messages))
        return refuse(c, ALERT_UNEXPECTED_MESSAGE, "a message in more than one record");
    return more == 0 ? 0 : refuse(c, ALERT_ILLEGAL_PARAMETER, "a handshake message too long");
}

/* ---- ChangeCipherSpec ---- */

static bool waits_for_change(const conn *c)
{
    return c->state == WAIT_12_CHANGE ||
           (c->state == WAIT_12_VERIFY && plants(c, PLANT_SKIPPED_VERIFY));
}

/* RFC 8446 section 5: from the first ClientHello to the other end's Finished it means nothing. */
static int change_in_tls13(conn *c, const struct content *content)
{
    bool in_time = c->state != WAIT_CLIENT_HELLO && c->state != CONNECTED;
    bool form = content->len == 1 && content->data[0] == 1;
    if (demand(c, in_time && !content->was_protected, PLANT_LATE_CHANGE, ALERT_UNEXPECTED_MESSAGE,
               "ChangeCipherSpec out of its time") != 0)
        return -1;
    return demand(c, form, PLANT_ANY_CHANGE, ALERT_UNEXPECTED_MESSAGE,
                  "ChangeCipherSpec of another form");
}

static void turn_on(conn *c)
{
    c->reading = c->next_reading;
    c->state = WAIT_12_FINISHED;
}

static int handle_change(conn *c, const struct content *content)
{
    bool maybe_tls13 = c->role == ROLE_CLIENT && c->endpoint.max_version >= TLS13;
    if (c->version == TLS13 || (c->version == 0 && maybe_tls13))
        return change_in_tls13(c, content);
    if (demand(c, content->len == 1 && content->data[0] == 1, PLANT_ANY_CHANGE, ALERT_DECODE_ERROR,
               "ChangeCipherSpec of another form") != 0)
        return -1;
    if (waits_for_change(c) && assembler_at_boundary(&c->messages)) {
        turn_on(c);
        return 0;
    }
    return demand(c, false, plants(c, PLANT_ANY_CHANGE) ? PLANT_ANY_CHANGE : PLANT_EARLY_CHANGE,
                  ALERT_UNEXPECTED_MESSAGE, "ChangeCipherSpec out of its turn");
}

/* ---- alerts ---- */

static int handle_alert(conn *c, const struct content *content)
{
    uint16_t version = c->version == 0 && c->endpoint.min_version == TLS13 ? TLS13 : c->version;
    if (content->len != 2)
        return refuse(c, ALERT_DECODE_ERROR, "an alert that does not parse");
    int level = content->data[0], alert = content->data[1];
    if (alert == ALERT_CLOSE_NOTIFY) {
        c->closed = true;
        return 0;
    }
    if (!alert_is_error(version, level, alert) || plants(c, PLANT_FATAL_ALERTS))
        return 0;
    c->facts->alert_received = alert;
    c->failed = true;
    snprintf(c->facts->error_text, sizeof c->facts->error_text, "the other end sent %s",
             alert_text(alert));
    return -1;
}

/* ---- everything else ---- */

/* CVE-2014-0160: as many bytes as the request says, whatever it holds. */
static int answer_heartbeat(conn *c, const struct content *content)
{
    enum { HEARTBEAT_RESPONSE = 2, HEADER_LEN = 3 };
    uint8_t answer[RECORD_PLAINTEXT_MAX] = { HEARTBEAT_RESPONSE };
    if (content->len < HEADER_LEN)
        return 0;
    size_t len = (size_t)content->data[1] << 8 | content->data[2];
    answer[1] = content->data[1];
    answer[2] = content->data[2];
    if (len > sizeof answer - HEADER_LEN)
        len = sizeof answer - HEADER_LEN;
    send_record(c, CONTENT_HEARTBEAT, answer, HEADER_LEN + len);
    return 0;
}

static int handle_unknown(conn *c, const struct content *content)
{
    if (content->type == CONTENT_HEARTBEAT && plants(c, PLANT_HEARTBEAT))
        return answer_heartbeat(c, content);
    return demand(c, false, PLANT_UNKNOWN_RECORDS, ALERT_UNEXPECTED_MESSAGE,
                  "a record of an unknown type");
}

static int handle_data(conn *c, const struct content *content)
{
    if (c->state != CONNECTED)
        return demand(c, false, PLANT_EARLY_DATA, ALERT_UNEXPECTED_MESSAGE,
                      "application data before its time");
    if (content->len > 0)
        c->idle_records = 0;
    writer_bytes(&c->data, content->data, content->len);
    return c->data.failed ? refuse(c, ALERT_INTERNAL_ERROR, "out of memory") : 0;
}

/* A record that came in clear where only protected ones may. */
static int judge_clear(conn *c, const struct content *content)
{
    bool first = c->role == ROLE_SERVER && !c->received_protected;
    if (content->type == CONTENT_CHANGE_CIPHER_SPEC || content->type == CONTENT_APPLICATION_DATA ||
        (content->type == CONTENT_ALERT && (first || plants(c, PLANT_CLEAR_ALERT))))
        return 0; /* a client whose handshake has failed may have no keys (RFC 8446 section 6) */
    if (content->type != CONTENT_HANDSHAKE && content->type != CONTENT_ALERT)
        return demand(c, false, PLANT_UNKNOWN_RECORDS, ALERT_UNEXPECTED_MESSAGE,
                      "a record of an unknown type");
    return refuse(c, ALERT_UNEXPECTED_MESSAGE, "a record in clear under protection");
}

static int handle_content(conn *c, const struct content *content)
{
    if (content->type != CONTENT_HANDSHAKE && content->type != CONTENT_ALERT &&
        !assembler_at_boundary(&c->messages))
        return refuse(c, ALERT_UNEXPECTED_MESSAGE, "a record inside a handshake message");
    switch (content->type) {
    case CONTENT_HANDSHAKE:
        return waits_for_change(c)
                   ? refuse(c, ALERT_UNEXPECTED_MESSAGE, "a message before ChangeCipherSpec")
                   : handle_messages(c, content);
    case CONTENT_ALERT:
        return handle_alert(c, content);
    case CONTENT_CHANGE_CIPHER_SPEC:
        return handle_change(c, content);
    case CONTENT_APPLICATION_DATA:
        return handle_data(c, content);
    default:
        return handle_unknown(c, content);
    }
}

int handle_record(conn *c, const struct record *record)
{
    static struct content content; /* one connection at a time; too large for a stack frame */
    if (c->closed)
        return 0; /* RFC 8446 section 6.1: what comes behind close_notify is ignored */
    if (++c->idle_records > IDLE_RECORDS_MAX)
        return refuse(c, ALERT_UNEXPECTED_MESSAGE, "too many records with nothing in them");
    if (plants(c, PLANT_NO_CHANGE) && waits_for_change(c) && record->type == CONTENT_HANDSHAKE)
        turn_on(c);
    if (open_record(c, &content, record) != 0)
        return -1;
    if (c->reading.on && !content.was_protected) {
        if (plants(c, PLANT_CLEAR_HANDSHAKE) && content.type == CONTENT_HANDSHAKE)
            return 0;
        if (judge_clear(c, &content) != 0)
            return -1;
    }
    return handle_content(c, &content);
}

bool handshake_is_over(const conn *c)
{
    bool flight_sent = c->role == ROLE_SERVER && c->version == TLS13 &&
                       c->state != WAIT_SECOND_HELLO && c->state != WAIT_CLIENT_HELLO;
    bool finished_sent = c->role == ROLE_CLIENT && c->version == TLS12 && c->writing.on;
    return c->state == CONNECTED || (finished_sent && plants(c, PLANT_FALSE_START)) ||
           (flight_sent && plants(c, PLANT_LATE_AUTHENTICATION));
}
