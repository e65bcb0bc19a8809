/* One connection: handshake, data, close. */
#include "peers/libssl/dialect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stack_connection *libssl_connection(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

bool libssl_is_address(const char *name)
{
    struct in6_addr address;
    return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

/* What the context has kept, as a fresh object. */
static void offer_session(struct stack_connection *connection)
{
    const struct stack_context *context = connection->context;
    const unsigned char *at = context->session;
    SSL_SESSION *session =
        at != NULL ? d2i_SSL_SESSION(NULL, &at, (long)context->session_len) : NULL;
    if (session != NULL)
        SSL_set_session(connection->ssl, session);
    SSL_SESSION_free(session);
}

static int attach(struct stack_connection *connection, int socket, struct error *err)
{
    const struct endpoint *endpoint = &connection->context->endpoint;
    connection->ssl = SSL_new(connection->context->ctx);
    if (connection->ssl == NULL || SSL_set_app_data(connection->ssl, connection) != 1 ||
        SSL_set_fd(connection->ssl, socket) != 1)
        return libssl_error(err, ERROR_HARNESS, "SSL_new");
    if (endpoint->role == ROLE_SERVER) {
        SSL_set_accept_state(connection->ssl);
        return 0;
    }
    SSL_set_connect_state(connection->ssl);
    offer_session(connection);
    if (endpoint->peer_name[0] != '\0' && !libssl_is_address(endpoint->peer_name) &&
        SSL_set_tlsext_host_name(connection->ssl, endpoint->peer_name) != 1)
        return libssl_error(err, ERROR_USAGE, "server name %s", endpoint->peer_name);
    return 0;
}

int libssl_connection_new(struct stack_connection **out, struct stack_context *context,
                          const struct endpoint *endpoint, int socket, struct facts *facts,
                          struct error *err)
{
    ERR_clear_error();
    struct stack_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return error_errno(err, "connection");
    connection->context = context;
    connection->facts = facts;
    connection->keylog = endpoint->keylog;
    if (attach(connection, socket, err) != 0) {
        libssl_connection_free(connection);
        return -1;
    }
    *out = connection;
    return 0;
}

void libssl_connection_free(struct stack_connection *connection)
{
    if (connection == NULL)
        return;
    SSL_free(connection->ssl);
    X509_free(connection->peer_leaf);
    free(connection);
}

/* An alert that ended it is the reason of the error, SSL_AD_REASON_OFFSET above its number. While
 * the version was open nobody could tell whether a warning is an error (note_progress() of
 * context.c); to the library it was one. */
static void note_alert_of_error(struct facts *facts)
{
    unsigned long code = ERR_peek_error();
    int alert = ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET;
    if (facts->alert_received < 0 && ERR_GET_LIB(code) == ERR_LIB_SSL && alert > 0 &&
        alert <= UINT8_MAX)
        facts->alert_received = alert;
}

/* What the library says now, else what it said before, else `without_words`. */
static enum io_status failed(struct stack_connection *connection, const char *without_words)
{
    struct facts *facts = connection->facts;
    connection->usage_refused = dialect_key_usage_reason != 0 &&
                                ERR_GET_REASON(ERR_peek_error()) == dialect_key_usage_reason;
    note_alert_of_error(facts);
    char words[sizeof facts->error_text];
    libssl_take_errors(words, sizeof words);
    if (words[0] != '\0' || facts->error_text[0] == '\0')
        snprintf(facts->error_text, sizeof facts->error_text, "%s",
                 words[0] != '\0' ? words : without_words);
    return IO_FAILED;
}

/* The library says nothing of why. `code` 0: neither does the transport, which then has ended,
 * unless it was the library that refused: BoringSSL may send its fatal alert and leave its error
 * queue empty. */
static enum io_status failed_without_words(struct stack_connection *connection, int code)
{
    if (ERR_peek_error() != 0 || code != 0)
        return failed(connection, strerror(code));
    return connection->facts->alert_sent < 0
               ? IO_EOF
               : failed(connection, "refused; the library does not say why");
}

static bool queue_says_eof(void)
{
    return dialect_eof_reason != 0 && ERR_GET_REASON(ERR_peek_error()) == dialect_eof_reason;
}

/* What a call that did not succeed with `code` in errno means. */
static enum io_status classify(struct stack_connection *connection, int result, int code)
{
    switch (SSL_get_error(connection->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return IO_CLOSED;
    case SSL_ERROR_SYSCALL:
        return failed_without_words(connection, result == 0 ? 0 : code);
    default:
        return queue_says_eof() ? IO_EOF : failed(connection, "unknown error");
    }
}

/* Called at once after the call. The caller of the operation finds errno as the call left it. */
static enum io_status outcome(struct stack_connection *connection, int result)
{
    int code = errno;
    enum io_status status = classify(connection, result, code);
    errno = code;
    return status;
}

static void prepare_call(void)
{
    ERR_clear_error();
    errno = 0;
}

enum io_status libssl_handshake(struct stack_connection *connection)
{
    prepare_call();
    int result = SSL_do_handshake(connection->ssl);
    if (result == 1) {
        connection->handshake_done = true;
        return IO_DONE;
    }
    enum io_status status = outcome(connection, result);
    return status == IO_CLOSED ? failed(connection, "close_notify during the handshake") : status;
}

enum io_status libssl_read(struct stack_connection *connection, void *buffer, size_t *num_done,
                           size_t len)
{
    prepare_call();
    int result = SSL_read(connection->ssl, buffer, (int)len);
    if (result <= 0)
        return outcome(connection, result);
    *num_done = (size_t)result;
    return IO_DONE;
}

enum io_status libssl_write(struct stack_connection *connection, size_t *num_done, const void *data,
                            size_t len)
{
    prepare_call();
    int result = SSL_write(connection->ssl, data, (int)len);
    if (result <= 0)
        return outcome(connection, result);
    *num_done = (size_t)result;
    return IO_DONE;
}

enum io_status libssl_close_notify(struct stack_connection *connection)
{
    prepare_call();
    int result = SSL_shutdown(connection->ssl);
    return result >= 0 ? IO_DONE : outcome(connection, result);
}
