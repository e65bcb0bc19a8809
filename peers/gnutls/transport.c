/* The socket under a session. Own functions, because the library's would raise SIGPIPE, and to
 * see the alerts that it sends in clear without being asked. */
#include "peers/common/alerts.h"
#include "peers/gnutls/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Record types and lengths: RFC 5246 section 6.2.1, 7.2; RFC 8446 section 5.1, 6. */
enum { RECORD_HEADER_LEN = 5, RECORD_ALERT = 21, ALERT_LEN = 2 };

static size_t watch_header(struct alert_watch *watch, const uint8_t *data, size_t len)
{
    size_t take = RECORD_HEADER_LEN - watch->num_head;
    if (take > len)
        take = len;
    memcpy(watch->head + watch->num_head, data, take);
    watch->num_head += take;
    if (watch->num_head == RECORD_HEADER_LEN)
        watch->remaining = (size_t)watch->head[3] << 8 | watch->head[4];
    return take;
}

bool ends_connection(const struct stack_connection *connection, int level, int alert)
{
    /* Before it is negotiated this is TLS 1.2 at most, which the hello's record says. */
    gnutls_protocol_t version = gnutls_protocol_get_version(connection->session);
    return alert_is_error(library_version_id(version), level, alert);
}

static size_t watch_body(struct stack_connection *connection, const uint8_t *data, size_t len)
{
    struct alert_watch *watch = &connection->watch;
    bool plain_alert =
        watch->head[0] == RECORD_ALERT && watch->head[3] == 0 && watch->head[4] == ALERT_LEN;
    size_t take = watch->remaining < len ? watch->remaining : len;
    if (plain_alert)
        memcpy(watch->head + RECORD_HEADER_LEN + ALERT_LEN - watch->remaining, data, take);
    watch->remaining -= take;
    if (watch->remaining == 0 && plain_alert &&
        ends_connection(connection, watch->head[5], watch->head[6]))
        connection->facts->alert_sent = watch->head[6];
    return take;
}

/* Feeds sent bytes; notes an alert that went out in clear. */
static void watch_sent(struct stack_connection *connection, const uint8_t *data, size_t len)
{
    struct alert_watch *watch = &connection->watch;
    while (len > 0) {
        size_t used = watch->num_head < RECORD_HEADER_LEN ? watch_header(watch, data, len)
                                                          : watch_body(connection, data, len);
        data += used;
        len -= used;
        if (watch->num_head == RECORD_HEADER_LEN && watch->remaining == 0)
            watch->num_head = 0;
    }
}

/* An other end that is gone may have left an alert that says why, so sending never fails: the next
 * read finds the alert, or the end of the stream. */
static ssize_t gone(struct stack_connection *connection, const struct iovec *parts, int num_parts)
{
    ssize_t total = 0;
    for (int i = 0; i < num_parts; i++)
        total += (ssize_t)parts[i].iov_len;
    connection->reset = true;
    return total;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const giovec_t *parts, int num_parts)
{
    struct stack_connection *connection = pointer;
    struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)num_parts };
    ssize_t sent = sendmsg(connection->socket, &message, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EPIPE || errno == ECONNRESET ? gone(connection, parts, num_parts) : -1;
    size_t left = (size_t)sent;
    for (int i = 0; i < num_parts && left > 0; i++) {
        size_t len = parts[i].iov_len < left ? parts[i].iov_len : left;
        watch_sent(connection, parts[i].iov_base, len);
        left -= len;
    }
    return sent;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *buffer, size_t len)
{
    struct stack_connection *connection = pointer;
    ssize_t got = recv(connection->socket, buffer, len, 0);
    if (got < 0 && errno == ECONNRESET)
        connection->reset = true;
    return got;
}

void transport_attach(struct stack_connection *connection)
{
    gnutls_transport_set_ptr(connection->session, connection);
    gnutls_transport_set_vec_push_function(connection->session, push);
    gnutls_transport_set_pull_function(connection->session, pull);
}
