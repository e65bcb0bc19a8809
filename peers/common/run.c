#include "peers/common/run.h"

#include "peers/common/clock.h"
#include "peers/common/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { IO_CHUNK = 16 * 1024 }; /* the plaintext of one record (RFC 8446 section 5.1) */

struct run {
    const struct tls_stack *stack;
    struct stack_connection *connection;
    const struct endpoint *endpoint;
    struct facts *facts;
    int socket;
    uint64_t deadline_us;
    uint64_t start_us; /* of the handshake */
    int socket_errno;  /* of the last failed operation */
    bool is_broken;    /* an operation has failed, or the deadline passed: nothing more to say */
};

const struct endpoint *run_endpoint(const struct run *run)
{
    return run->endpoint;
}

void run_describe_peer(struct run *run, struct peer_description *out)
{
    *out = (struct peer_description){ 0 };
    run->stack->describe_peer(run->connection, out);
}

/* ---- noting the end ---- */

static int note(struct run *run, enum result result, const char *text)
{
    run->facts->result = result;
    /* The library's own words come first: ours would hide them. */
    if (run->facts->error_text[0] == '\0')
        snprintf(run->facts->error_text, TEXT_LEN, "%.*s", TEXT_LEN - 1, text);
    return -1;
}

int run_refuse(struct run *run, const char *reason)
{
    return note(run, RESULT_REFUSED, reason);
}

int run_decline(struct run *run, const char *reason)
{
    return note(run, RESULT_DECLINED, reason);
}

static bool is_reset(int socket_errno)
{
    return socket_errno == ECONNRESET || socket_errno == EPIPE;
}

/* How the other end's sending direction ended, as far as a failed operation tells. */
static enum close_kind close_kind_of(const struct run *run, enum io_status status)
{
    if (run->facts->alert_received >= 0)
        return CLOSE_ALERT;
    if (status == IO_CLOSED)
        return CLOSE_CLEAN;
    if (status == IO_EOF)
        return CLOSE_TRUNCATED;
    return is_reset(run->socket_errno) ? CLOSE_RESET : CLOSE_UNKNOWN;
}

/* An operation ended otherwise than with IO_DONE. */
static int note_status(struct run *run, enum io_status status)
{
    if (run->facts->result == RESULT_TIMEOUT)
        return -1;
    run->is_broken = true;
    run->facts->close = close_kind_of(run, status);
    return run_refuse(run, status == IO_EOF      ? "the other end closed without close_notify"
                           : status == IO_CLOSED ? "the other end closed too early"
                                                 : "the connection failed");
}

/* ---- waiting ---- */

static bool expired(const struct run *run)
{
    return clock_us() >= run->deadline_us;
}

/* False when the deadline came before the socket could do what the library wants. */
static bool wait_for(const struct run *run, enum io_status wanted)
{
    struct pollfd ready = { .fd = run->socket,
                            .events = wanted == IO_WANT_READ ? POLLIN : POLLOUT };
    for (;;) {
        uint64_t now = clock_us();
        if (now >= run->deadline_us)
            return false;
        /* Rounded up: a deadline is never found to have passed too early. */
        int num = poll(&ready, 1, (int)((run->deadline_us - now + 999) / 1000));
        if (num > 0)
            return true;
        if (num < 0 && errno != EINTR)
            return false;
    }
}

static int note_timeout(struct run *run)
{
    run->is_broken = true;
    return note(run, RESULT_TIMEOUT, "the deadline passed while waiting for the other end");
}

/* After each call of an operation: is it to be called again, now that the socket is ready? If the
 * deadline passes first, no, and the facts say so. */
static bool again(struct run *run, enum io_status status)
{
    run->socket_errno = errno;
    if (status != IO_WANT_READ && status != IO_WANT_WRITE)
        return false;
    if (wait_for(run, status))
        return true;
    note_timeout(run);
    return false;
}

/* ---- reading and writing ---- */

/* A write that fails because the other end has gone leaves its alert unread. */
static void look_for_alert(struct run *run)
{
    char byte;
    size_t num_done;
    if (run->facts->alert_received < 0 && is_reset(run->socket_errno))
        run->stack->read(run->connection, &byte, &num_done, sizeof byte);
}

int run_write(struct run *run, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        enum io_status status;
        size_t num_done = 0;
        size_t chunk = len < IO_CHUNK ? len : IO_CHUNK;
        do
            status = run->stack->write(run->connection, &num_done, at, chunk);
        while (again(run, status));
        if (status != IO_DONE) {
            look_for_alert(run);
            return note_status(run, status);
        }
        run->facts->bytes_out += num_done;
        at += num_done;
        len -= num_done;
    }
    return 0;
}

static enum io_status read_once(struct run *run, void *buffer, size_t *num_done, size_t len)
{
    enum io_status status;
    do
        status = run->stack->read(run->connection, buffer, num_done, len);
    while (again(run, status));
    if (status == IO_DONE)
        run->facts->bytes_in += *num_done;
    return status;
}

long run_read_some(struct run *run, void *buffer, size_t len)
{
    size_t num_done = 0;
    if (expired(run)) /* a flood never lets us wait */
        return note_timeout(run);
    enum io_status status = read_once(run, buffer, &num_done, len);
    if (status == IO_DONE)
        return (long)num_done;
    if (status != IO_CLOSED)
        return note_status(run, status);
    run->facts->close = CLOSE_CLEAN;
    return 0;
}

int run_read(struct run *run, void *buffer, size_t len)
{
    char *at = buffer;
    while (len > 0) {
        long num_done = run_read_some(run, at, len < IO_CHUNK ? len : IO_CHUNK);
        if (num_done == 0)
            return run_refuse(run, "the other end closed too early");
        if (num_done < 0)
            return -1;
        at += num_done;
        len -= (size_t)num_done;
    }
    return 0;
}

/* ---- the steps ---- */

static int configure(struct run *run, struct contexts *contexts, struct pin *pin)
{
    struct error err = { 0 };
    struct stack_context *context;
    run->facts->stage = STAGE_CONFIGURE;
    if (pin_load(pin, run->endpoint, &err) == 0 &&
        contexts_get(contexts, &context, run->endpoint, &err) == 0 &&
        run->stack->connection_new(&run->connection, context, run->endpoint, run->socket,
                                   run->facts, &err) == 0)
        return 0;
    return run_decline(run, err.text);
}

static int do_handshake(struct run *run)
{
    enum io_status status;
    run->facts->stage = STAGE_HANDSHAKE;
    run->start_us = clock_us();
    do
        status = run->stack->handshake(run->connection);
    while (again(run, status));
    run->facts->handshake_done = status == IO_DONE;
    run->stack->connection_facts(run->connection, run->facts);
    return status == IO_DONE ? 0 : note_status(run, status);
}

static enum io_status send_close_notify(struct run *run)
{
    enum io_status status;
    do
        status = run->stack->close_notify(run->connection);
    while (again(run, status));
    return status;
}

/* What was judged without a word during the handshake. */
static int check_late(struct run *run)
{
    const struct facts *facts = run->facts;
    if (!run->endpoint->late_verify || !facts->verify_known || facts->verify_code == 0)
        return 0;
    run->facts->stage = STAGE_PIN;
    send_close_notify(run);
    return run_refuse(run, facts->verify_text);
}

static int check_pin(struct run *run, const struct pin *pin)
{
    struct error err = { 0 };
    uint8_t leaf[SHA256_LEN], spki[SHA256_LEN];
    if (pin->mode == PIN_OFF)
        return 0;
    run->facts->stage = STAGE_PIN;
    if (run->stack->peer_hashes(run->connection, leaf, spki) != 0)
        error_set(&err, ERROR_USAGE, "the other end presented no certificate to compare");
    else if (pin_check(pin, leaf, spki, &err) == 0)
        return 0;
    send_close_notify(run);
    run->facts->error_text[0] = '\0';
    /* A store that cannot be written (a full disk) says nothing about the certificate. */
    return note(run, err.class == ERROR_USAGE ? RESULT_REFUSED : RESULT_DECLINED, err.text);
}

static int do_exchange(struct run *run, const struct exchange *exchange)
{
    run->facts->stage = STAGE_APPLICATION;
    if (exchange->talk(run, exchange->context) == 0)
        return 0;
    /* RFC 8446 section 6.1: what was closed is answered in kind; and who has heard enough of what
     * is said above TLS ends it without harm to TLS. */
    if (run->facts->close == CLOSE_CLEAN || !run->is_broken)
        send_close_notify(run);
    return -1;
}

/* Reads until the other end closes. */
static int await_close(struct run *run)
{
    char byte;
    size_t num_done = 0;
    if (run->facts->close == CLOSE_CLEAN)
        return 0;
    enum io_status status = read_once(run, &byte, &num_done, sizeof byte);
    if (status == IO_DONE)
        return run_refuse(run, "more application data than agreed");
    if (run->facts->result == RESULT_TIMEOUT)
        return -1;
    run->facts->close = close_kind_of(run, status);
    return run->facts->close == CLOSE_CLEAN ? 0 : -1;
}

/* The client closes first, the server answers. */
static int close_both(struct run *run)
{
    bool first = run->endpoint->role == ROLE_CLIENT;
    run->facts->stage = STAGE_CLOSE;
    if (first && send_close_notify(run) != IO_DONE)
        look_for_alert(run);
    int status = await_close(run);
    if (!first && status == 0)
        send_close_notify(run);
    return status;
}

/* Without a single answered byte only a clean close proves that the other end accepted: a TLS 1.3
 * server checks the client after the client's handshake is done (RFC 8446 section 4.4.2.4). */
static bool close_spoils(const struct run *run)
{
    enum close_kind kind = run->facts->close;
    if (run->facts->result == RESULT_TIMEOUT)
        return false;
    return kind == CLOSE_ALERT || kind == CLOSE_UNKNOWN || run->facts->bytes_in == 0;
}

static void finish(struct run *run)
{
    run->facts->result = RESULT_ACCEPTED;
    if (close_both(run) == 0)
        run->facts->stage = STAGE_DONE;
    else if (close_spoils(run))
        run_refuse(run, "the other end ended the connection instead of closing it");
}

/* Says that nothing more is coming and reads what may still come. Closing a socket with unread
 * data resets the connection, which may overtake our alert on its way to the other end. */
static void linger(const struct run *run)
{
    char rest[4096];
    shutdown(run->socket, SHUT_WR);
    while (!expired(run)) {
        ssize_t len = recv(run->socket, rest, sizeof rest, MSG_DONTWAIT);
        bool nothing_yet = len < 0 && (errno == EAGAIN || errno == EINTR);
        if (len == 0 || (len < 0 && !nothing_yet))
            break;
        if (nothing_yet && !wait_for(run, IO_WANT_READ))
            break;
    }
}

void run_connection(struct contexts *contexts, const struct tls_stack *stack,
                    const struct endpoint *endpoint, int socket, const struct exchange *exchange,
                    struct facts *facts)
{
    struct pin pin;
    struct run run = { .stack = stack,
                       .endpoint = endpoint,
                       .facts = facts,
                       .socket = socket,
                       .deadline_us = clock_us() + (uint64_t)endpoint->deadline_ms * 1000 };
    facts_init(facts);
    errno = 0; /* again() is to see this connection's only */
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    if (configure(&run, contexts, &pin) == 0 && do_handshake(&run) == 0 && check_late(&run) == 0 &&
        check_pin(&run, &pin) == 0 && do_exchange(&run, exchange) == 0)
        finish(&run);
    if (run.connection == NULL)
        return; /* nothing was sent that the other end should be left to read */
    facts->duration_us = clock_us() - run.start_us;
    stack->connection_free(run.connection);
    linger(&run);
}
