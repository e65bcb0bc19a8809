/* One connection: handshake, data, close.
 *
 * GnuTLS leaves alerts to its caller: an error comes back, gnutls_error_to_alert() says which alert
 * fits, and the caller sends it. facts->alert_sent is written when that sending has succeeded, and
 * by the transport for alerts that pass in clear, so also for any that the library sends alone. */
#include "peers/gnutls/internal.h"

#include "harness/wire/registry.h"
#include "peers/gnutls/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Appends one NSS key log line. What does not fit is left out whole. */
static int keep_keylog(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    struct stack_connection *connection = gnutls_session_get_ptr(session);
    char *out = connection->facts->keylog;
    gnutls_datum_t random, server_random;
    gnutls_session_get_random(session, &random, &server_random);
    size_t used = strlen(out);
    size_t need = strlen(label) + 2 * (size_t)(random.size + secret->size) + 3;
    if (used + need >= KEYLOG_LEN)
        return 0;
    out += used + (size_t)sprintf(out + used, "%s ", label);
    for (unsigned i = 0; i < random.size; i++)
        out += sprintf(out, "%02x", random.data[i]);
    *out++ = ' ';
    for (unsigned i = 0; i < secret->size; i++)
        out += sprintf(out, "%02x", secret->data[i]);
    strcpy(out, "\n");
    return 0;
}

/* Reads the suites of a ClientHello body (RFC 5246 section 7.4.1.2). Returns their number, 0 if
 * the message is not well formed: the library will say so itself. */
static size_t hello_suites(uint16_t out[HELLO_SUITES_MAX], const gnutls_datum_t *hello)
{
    size_t at = 2 + 32;
    if (hello->size < at + 1)
        return 0;
    at += 1 + (size_t)hello->data[at];
    if (hello->size < at + 2)
        return 0;
    size_t len = (size_t)hello->data[at] << 8 | hello->data[at + 1];
    at += 2;
    if (hello->size < at + len)
        return 0;
    size_t num = 0;
    for (; len >= 2 && num < HELLO_SUITES_MAX; len -= 2, at += 2)
        out[num++] = (uint16_t)(hello->data[at] << 8 | hello->data[at + 1]);
    return num;
}

/* Server: before the library looks at the ClientHello, takes away what nobody asked for. */
static int narrow_to_hello(gnutls_session_t session, unsigned type, unsigned when,
                           unsigned incoming, const gnutls_datum_t *hello)
{
    (void)type, (void)when;
    struct stack_connection *connection = gnutls_session_get_ptr(session);
    uint16_t offered[HELLO_SUITES_MAX];
    size_t num_offered = incoming ? hello_suites(offered, hello) : 0;
    if (num_offered == 0)
        return 0;
    struct selection narrowed;
    char string[SELECTION_LEN];
    selection_narrow(&narrowed, &connection->context->selection, offered, num_offered);
    selection_string(string, &narrowed);
    return gnutls_priority_set_direct(session, string, NULL);
}

static bool is_address(const char *name)
{
    struct in6_addr address;
    return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

/* Server: RFC 6066 section 3. A hello that asks for no name at all is served. */
static int check_served_name(gnutls_session_t session)
{
    const struct stack_connection *connection = gnutls_session_get_ptr(session);
    char name[256];
    size_t len = sizeof name;
    unsigned type;
    int code = gnutls_server_name_get(session, name, &len, &type, 0);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return 0;
    bool served = code == 0 && strcasecmp(name, connection->context->endpoint.served_name) == 0;
    return served ? 0 : GNUTLS_E_UNRECOGNIZED_NAME;
}

static int set_protocols(gnutls_session_t session, const struct endpoint *endpoint,
                         struct error *err)
{
    enum { PROTOCOLS_MAX = 16 };
    gnutls_datum_t protocols[PROTOCOLS_MAX];
    unsigned num = 0;
    const char *at = endpoint->protocols;
    while (*at != '\0' && num < PROTOCOLS_MAX) {
        size_t len = strcspn(at, ",");
        if (len > 0)
            protocols[num++] = (gnutls_datum_t){ (unsigned char *)at, (unsigned)len };
        at += len + (at[len] == ',');
    }
    if (num == 0)
        return 0;
    unsigned flags = GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE;
    int code = gnutls_alpn_set_protocols(session, protocols, num,
                                         endpoint->role == ROLE_SERVER ? flags : 0);
    return code < 0 ? library_error(err, "application protocols", code) : 0;
}

/* Tickets under a key that is always the same, so that an instrument's connections are, too; what a
 * client has kept. */
static int set_sessions(const struct stack_connection *connection)
{
    enum { TICKET_KEY_LEN = 64 };
    unsigned char key[TICKET_KEY_LEN];
    const struct stack_context *context = connection->context;
    const gnutls_datum_t ticket_key = { key, sizeof key };
    memset(key, 'k', sizeof key);
    if (!context->endpoint.sessions)
        return 0;
    if (context->endpoint.role == ROLE_SERVER)
        return gnutls_session_ticket_enable_server(connection->session, &ticket_key);
    return context->session.size > 0
               ? gnutls_session_set_data(connection->session, context->session.data,
                                         context->session.size)
               : 0;
}

/* The first one is kept. */
static void keep_session(struct stack_connection *connection)
{
    struct stack_context *context = (struct stack_context *)connection->context;
    if (!context->endpoint.sessions || context->endpoint.role != ROLE_CLIENT ||
        context->session.size > 0 ||
        (gnutls_session_get_flags(connection->session) & GNUTLS_SFLAGS_SESSION_TICKET) == 0)
        return;
    if (gnutls_session_get_data2(connection->session, &context->session) < 0)
        context->session.size = 0;
}

static int configure(struct stack_connection *connection, const struct endpoint *endpoint,
                     struct error *err)
{
    gnutls_session_t session = connection->session;
    const char *name = endpoint->peer_name;
    gnutls_session_set_ptr(session, connection);
    transport_attach(connection);
    gnutls_handshake_set_timeout(session, 0);
    if (endpoint->keylog)
        gnutls_session_set_keylog_function(session, keep_keylog);
    if (endpoint->role == ROLE_SERVER && !connection->context->exact)
        gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                           narrow_to_hello);
    if (endpoint->role == ROLE_SERVER && endpoint->served_name[0] != '\0')
        gnutls_handshake_set_post_client_hello_function(session, check_served_name);
    if (set_protocols(session, endpoint, err) < 0)
        return -1;
    /* RFC 6066 section 3: no literal addresses. */
    if (endpoint->role == ROLE_CLIENT && name[0] != '\0' && !is_address(name)) {
        int code = gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name));
        if (code < 0)
            return library_error(err, "server name", code);
    }
    int sessions = set_sessions(connection);
    if (sessions < 0)
        return library_error(err, "sessions", sessions);
    return context_apply(connection->context, session, err);
}

int gnutls_stack_connection_new(struct stack_connection **out, struct stack_context *context,
                                const struct endpoint *endpoint, int socket, struct facts *facts,
                                struct error *err)
{
    struct stack_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return error_errno(err, "connection");
    connection->context = context;
    connection->facts = facts;
    connection->socket = socket;
    unsigned role = endpoint->role == ROLE_CLIENT ? GNUTLS_CLIENT : GNUTLS_SERVER;
    int code = gnutls_init(&connection->session,
                           role | GNUTLS_NONBLOCK | (endpoint->sessions ? 0 : GNUTLS_NO_TICKETS));
    if (code < 0) {
        free(connection);
        return library_error(err, "session", code);
    }
    if (configure(connection, endpoint, err) < 0) {
        gnutls_stack_connection_free(connection);
        return -1;
    }
    *out = connection;
    return 0;
}

void gnutls_stack_connection_free(struct stack_connection *connection)
{
    if (connection == NULL)
        return;
    keep_session(connection);
    gnutls_deinit(connection->session);
    free(connection);
}

static enum io_status want(const struct stack_connection *connection)
{
    return gnutls_record_get_direction(connection->session) == 1 ? IO_WANT_WRITE : IO_WANT_READ;
}

static void keep_error_text(struct stack_connection *connection)
{
    char text[TEXT_LEN];
    const char *detail = connection->verify_text;
    if (connection->failure == GNUTLS_E_FATAL_ALERT_RECEIVED)
        detail = alert_text((int)gnutls_alert_get(connection->session));
    else if (connection->failure != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
        detail = "";
    snprintf(text, sizeof text, "%s%s%.300s", gnutls_strerror(connection->failure),
             detail[0] != '\0' ? " " : "", detail);
    text_line(connection->facts->error_text, sizeof connection->facts->error_text, text);
}

/* The socket is of no use any more, so there is nothing to tell the other end. */
static bool is_transport_error(int code)
{
    return code == GNUTLS_E_PUSH_ERROR || code == GNUTLS_E_PULL_ERROR ||
           code == GNUTLS_E_PREMATURE_TERMINATION || code == GNUTLS_E_SESSION_EOF ||
           code == GNUTLS_E_INVALID_SESSION;
}

static enum io_status send_due_alert(struct stack_connection *connection)
{
    if (connection->alert_due) {
        int level;
        int alert = gnutls_error_to_alert(connection->failure, &level);
        int code = gnutls_alert_send_appropriate(connection->session, connection->failure);
        if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED)
            return IO_WANT_WRITE;
        connection->alert_due = false;
        if (code >= 0 && !connection->reset && ends_connection(connection, level, alert))
            connection->facts->alert_sent = alert;
    }
    /* How the socket ended is told in errno (peers/common/stack.h); the library may be silent. */
    errno = connection->reset ? ECONNRESET : 0;
    return connection->ended_early && !connection->reset ? IO_EOF : IO_FAILED;
}

static enum io_status fail(struct stack_connection *connection, int code)
{
    connection->failure = code;
    connection->ended_early = code == GNUTLS_E_PREMATURE_TERMINATION;
    connection->alert_due = !is_transport_error(code) && code != GNUTLS_E_FATAL_ALERT_RECEIVED;
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
        connection->facts->alert_received = (int)gnutls_alert_get(connection->session);
    keep_error_text(connection);
    return send_due_alert(connection);
}

/* What to do with a negative code: wait, go on (IO_DONE), or fail. */
static enum io_status settle(struct stack_connection *connection, int code)
{
    if (code == GNUTLS_E_AGAIN)
        return want(connection);
    if (code == GNUTLS_E_REHANDSHAKE) { /* refused: no_renegotiation, RFC 5246 section 7.2.2 */
        int sent = gnutls_alert_send_appropriate(connection->session, code);
        return sent < 0 && sent != GNUTLS_E_AGAIN ? fail(connection, sent) : IO_DONE;
    }
    if (!gnutls_error_is_fatal(code))
        return IO_DONE;
    return fail(connection, code);
}

enum io_status gnutls_stack_handshake(struct stack_connection *connection)
{
    if (connection->failure != 0)
        return send_due_alert(connection);
    verify_set_time(connection->context->endpoint.verify_time);
    for (int i = 0; i < WARNINGS_MAX; i++) {
        int code = gnutls_handshake(connection->session);
        if (code == GNUTLS_E_SUCCESS) {
            connection->handshake_done = true;
            return IO_DONE;
        }
        enum io_status status = settle(connection, code);
        if (status != IO_DONE)
            return status;
    }
    return fail(connection, GNUTLS_E_TOO_MANY_EMPTY_PACKETS);
}

enum io_status gnutls_stack_read(struct stack_connection *connection, void *buffer,
                                 size_t *num_done, size_t len)
{
    if (connection->failure != 0)
        return send_due_alert(connection);
    verify_set_time(connection->context->endpoint.verify_time);
    for (int i = 0; i < WARNINGS_MAX; i++) {
        ssize_t got = gnutls_record_recv(connection->session, buffer, len);
        if (got == 0)
            return IO_CLOSED;
        if (got > 0) {
            *num_done = (size_t)got;
            return IO_DONE;
        }
        enum io_status status = settle(connection, (int)got);
        if (status != IO_DONE)
            return status;
    }
    return fail(connection, GNUTLS_E_TOO_MANY_EMPTY_PACKETS);
}

/* The other end is gone; an alert that waits in the socket says why. */
static enum io_status find_reason(struct stack_connection *connection)
{
    uint8_t scratch[256];
    size_t num_read;
    enum io_status status = IO_DONE;
    for (int i = 0; i < WARNINGS_MAX && status == IO_DONE; i++)
        status = gnutls_stack_read(connection, scratch, &num_read, sizeof scratch);
    return connection->failure != 0 ? IO_FAILED : fail(connection, GNUTLS_E_PUSH_ERROR);
}

enum io_status gnutls_stack_write(struct stack_connection *connection, size_t *num_done,
                                  const void *data, size_t len)
{
    if (connection->failure != 0)
        return send_due_alert(connection);
    for (int i = 0; i < WARNINGS_MAX; i++) {
        ssize_t sent = gnutls_record_send(connection->session, data, len);
        if (connection->reset)
            return find_reason(connection);
        if (sent >= 0) {
            *num_done = (size_t)sent;
            return IO_DONE;
        }
        enum io_status status = settle(connection, (int)sent);
        if (status != IO_DONE)
            return status;
    }
    return fail(connection, GNUTLS_E_TOO_MANY_EMPTY_PACKETS);
}

enum io_status gnutls_stack_close_notify(struct stack_connection *connection)
{
    if (connection->failure != 0)
        return send_due_alert(connection);
    int code = gnutls_bye(connection->session, GNUTLS_SHUT_WR);
    if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED)
        return IO_WANT_WRITE;
    return code >= 0 ? IO_DONE : fail(connection, code);
}
