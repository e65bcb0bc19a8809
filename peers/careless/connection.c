/* One connection between its socket and its caller. */
#include "peers/careless/certificates.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "peers/careless/stack.h"
#include "peers/common/alerts.h"

/* ---- the end ---- */

static enum io_status flush(conn *c);

int refuse(conn *c, int alert, const char *text)
{
    enum { FATAL = 2 };
    if (c->failed)
        return -1;
    c->failed = true;
    snprintf(c->facts->error_text, sizeof c->facts->error_text, "%s", text);
    if (plants(c, PLANT_NO_ALERT) || c->close_sent) /* behind close_notify nothing is said */
        return -1;
    if (plants(c, PLANT_WRONG_ALERT))
        alert = ALERT_INTERNAL_ERROR;
    uint8_t body[] = { FATAL, (uint8_t)alert };
    c->facts->alert_sent = alert;
    c->writing.on = c->writing.on && !plants(c, PLANT_ALERT_UNSEALED);
    send_record(c, CONTENT_ALERT, body, sizeof body);
    flush(c);
    return -1;
}

/* ---- the socket ---- */

static enum io_status socket_failed(conn *c, int code)
{
    if (c->facts->error_text[0] == '\0')
        snprintf(c->facts->error_text, sizeof c->facts->error_text, "%s", strerror(code));
    errno = code;
    return IO_FAILED;
}

static enum io_status flush(conn *c)
{
    if (c->send_errno != 0)
        return socket_failed(c, c->send_errno);
    while (c->out_at < c->out.len) {
        ssize_t len =
            send(c->socket, c->out.data + c->out_at, c->out.len - c->out_at, MSG_NOSIGNAL);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0 && errno == EAGAIN)
            return IO_WANT_WRITE;
        if (len < 0) {
            c->send_errno = errno;
            return socket_failed(c, errno);
        }
        c->out_at += (size_t)len;
    }
    if (c->out.failed) {
        c->failed = true;
        snprintf(c->facts->error_text, sizeof c->facts->error_text, "a record could not be made");
        return IO_FAILED;
    }
    writer_clear(&c->out);
    c->out_at = 0;
    return IO_DONE;
}

/* A careless end looks for the first thing that could be a handshake record. */
static size_t skip_text(const conn *c, const uint8_t *bytes, size_t len)
{
    const uint8_t *found = memchr(bytes, CONTENT_HANDSHAKE, len);
    if (c->begun || !plants(c, PLANT_TEXT_BEFORE))
        return 0;
    return found != NULL ? (size_t)(found - bytes) : len;
}

static enum io_status receive(conn *c)
{
    uint8_t bytes[16 * 1024]; /* below RECORD_LEN_MAX, so that the splitter takes all of it */
    ssize_t len = recv(c->socket, bytes, sizeof bytes, 0);
    if (len == 0)
        return IO_EOF;
    if (len < 0)
        return errno == EAGAIN || errno == EINTR ? IO_WANT_READ : socket_failed(c, errno);
    size_t skipped = skip_text(c, bytes, (size_t)len);
    c->begun = c->begun || skipped < (size_t)len;
    splitter_feed(&c->in, bytes + skipped, (size_t)len - skipped);
    return IO_DONE;
}

/* What no record may have is refused by its header: its end might never come. */
static int judge_announced(conn *c)
{
    return demand(c, splitter_announced(&c->in) <= RECORD_FRAGMENT_MAX, PLANT_OVERSIZE,
                  ALERT_RECORD_OVERFLOW, "a record that announces too much");
}

/* Takes one record that has come, or more bytes from the socket. IO_DONE: something was done. */
static enum io_status step(conn *c)
{
    struct record record;
    int result = -1;
    if (c->failed)
        return IO_FAILED;
    switch (splitter_next(&c->in, &record)) {
    case SPLIT_MORE:
        if (judge_announced(c) == 0)
            return receive(c);
        break;
    case SPLIT_RECORD:
        result = handle_record(c, &record);
        break;
    case SPLIT_SSLV2_HELLO:
        result = refuse(c, ALERT_PROTOCOL_VERSION, "a hello of SSL 2.0");
        break;
    case SPLIT_NOT_TLS:
        result = refuse(c, ALERT_UNEXPECTED_MESSAGE, "this is not TLS");
        break;
    }
    errno = 0; /* a refusal is no failure of the socket */
    return result == 0 ? IO_DONE : IO_FAILED;
}

/* ---- what the caller wants ---- */

/* A socket that takes no more may still have an alert for us, so only its slowness counts. */
static bool must_wait(conn *c, enum io_status *status)
{
    *status = flush(c);
    return *status == IO_WANT_WRITE;
}

enum io_status careless_handshake(conn *c)
{
    enum io_status status;
    if (!c->started && c->role == ROLE_CLIENT && client_start(c) != 0)
        return IO_FAILED;
    c->started = true;
    for (;;) {
        if (must_wait(c, &status))
            return status;
        if (handshake_is_over(c))
            return status;
        if ((status = step(c)) != IO_DONE)
            return status;
        if (c->closed) {
            snprintf(c->facts->error_text, sizeof c->facts->error_text,
                     "close_notify during the handshake");
            return IO_FAILED;
        }
    }
}

/* Did TCP end, by FIN or RST? */
static bool ended(const conn *c, enum io_status status)
{
    return status == IO_EOF || (status == IO_FAILED && !c->failed);
}

enum io_status careless_read(conn *c, void *buffer, size_t *num_done, size_t len)
{
    enum io_status status;
    c->late = true;
    if (plants(c, PLANT_LATE_VERIFICATION) && !c->failed && verify_peer(c) != 0)
        return IO_FAILED;
    for (;;) {
        if (must_wait(c, &status))
            return status;
        if (c->data_at < c->data.len)
            break;
        if (c->closed)
            return IO_CLOSED;
        if ((status = step(c)) != IO_DONE)
            return plants(c, PLANT_TRUNCATION) && ended(c, status) ? IO_CLOSED : status;
    }
    size_t there = c->data.len - c->data_at;
    *num_done = there < len ? there : len;
    memcpy(buffer, c->data.data + c->data_at, *num_done);
    c->data_at += *num_done;
    if (c->data_at == c->data.len) {
        writer_clear(&c->data);
        c->data_at = 0;
    }
    return IO_DONE;
}

enum io_status careless_write(conn *c, size_t *num_done, const void *data, size_t len)
{
    enum io_status status = c->failed ? IO_FAILED : flush(c);
    if (status != IO_DONE)
        return status;
    send_record(c, CONTENT_APPLICATION_DATA, data, len);
    *num_done = len;
    status = flush(c);
    return status == IO_WANT_WRITE ? IO_DONE : status; /* the rest goes with the next call */
}

enum io_status careless_close_notify(conn *c)
{
    static const uint8_t body[] = { ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY };
    if (plants(c, PLANT_NO_CLOSE_NOTIFY)) {
        shutdown(c->socket, SHUT_WR);
        return IO_DONE;
    }
    if (c->failed)
        return IO_FAILED;
    if (!c->close_sent)
        send_record(c, CONTENT_ALERT, body, sizeof body);
    c->close_sent = true;
    return flush(c);
}

/* ---- an instrument's side ---- */

void careless_tamper(conn *c, struct tamper *tamper)
{
    c->tamper = tamper;
}

enum io_status careless_flush(conn *c)
{
    return flush(c);
}

uint16_t careless_protection(const conn *c, bool *application)
{
    bool flight_sent = c->state == WAIT_13_CERTIFICATE || c->state == WAIT_13_VERIFY ||
                       c->state == WAIT_13_FINISHED;
    *application = c->writing.on && (c->version == TLS12 || c->state == CONNECTED ||
                                     (c->role == ROLE_SERVER && flight_sent));
    return c->writing.on ? c->version : 0;
}

int careless_update_keys(conn *c)
{
    bool application;
    if (careless_protection(c, &application) != TLS13 || !application)
        return -1;
    return schedule13_update(c, c->role);
}

/* ---- life ---- */

int careless_connection_new(conn **out, struct stack_context *context,
                            const struct endpoint *endpoint, int socket, struct facts *facts,
                            struct error *err)
{
    conn *c = calloc(1, sizeof *c);
    if (c == NULL)
        return error_errno(err, "connection");
    c->context = context;
    c->endpoint = context->endpoint;
    c->endpoint.keylog = endpoint->keylog;
    c->endpoint.pin = endpoint->pin;
    memcpy(c->endpoint.tofu_store, endpoint->tofu_store, sizeof c->endpoint.tofu_store);
    c->role = endpoint->role;
    c->socket = socket;
    c->facts = facts;
    c->plant = plant_current();
    c->state = WAIT_CLIENT_HELLO;
    splitter_init(&c->in);
    assembler_init(&c->messages);
    writer_init(&c->out, OUT_MAX);
    writer_init(&c->data, DATA_MAX);
    writer_init(&c->transcript, TRANSCRIPT_MAX);
    *out = c;
    return 0;
}

void careless_connection_free(conn *c)
{
    if (c == NULL)
        return;
    splitter_fini(&c->in);
    assembler_fini(&c->messages);
    writer_fini(&c->out);
    writer_fini(&c->data);
    writer_fini(&c->transcript);
    EVP_PKEY_free(c->own_share);
    X509_free(c->peer_leaf);
    sk_X509_pop_free(c->peer_chain, X509_free);
    ERR_clear_error();
    free(c);
}
