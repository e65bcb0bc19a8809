#include "harness/control/channel.h"

#include "harness/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the one descriptor of a message, aligned as the kernel wants it. */
union descriptor_space {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static void attach_descriptor(struct msghdr *header, union descriptor_space *space, int descriptor)
{
    memset(space, 0, sizeof *space);
    header->msg_control = space->bytes;
    header->msg_controllen = sizeof space->bytes;
    struct cmsghdr *item = CMSG_FIRSTHDR(header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(item), &descriptor, sizeof descriptor);
}

int channel_send(int channel, const json_t *message, int descriptor, struct error *err)
{
    char buffer[CONTROL_MESSAGE_MAX];
    size_t len = json_dumpb(message, buffer, sizeof buffer, JSON_COMPACT);
    if (len == 0 || len > sizeof buffer)
        return error_set(err, ERROR_HARNESS, "control message too large: %zu bytes", len);
    struct iovec part = { buffer, len };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
    union descriptor_space space;
    if (descriptor >= 0)
        attach_descriptor(&header, &space, descriptor);
    ssize_t sent;
    do
        sent = sendmsg(channel, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? error_errno(err, "control socket: send") : 0;
}

/* The first descriptor that came along, or -1; any others are closed, they are nobody's. */
static int detach_descriptor(struct msghdr *header)
{
    int first = -1;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item != NULL;
         item = CMSG_NXTHDR(header, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
            continue;
        size_t num = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < num; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(item) + i * sizeof(int), sizeof descriptor);
            if (first < 0)
                first = descriptor;
            else
                close(descriptor);
        }
    }
    return first;
}

static int parse(json_t **message, const char *buffer, size_t len, struct error *err)
{
    json_error_t where;
    json_t *parsed = json_loadb(buffer, len, JSON_REJECT_DUPLICATES, &where);
    if (parsed == NULL)
        return error_set(err, ERROR_HARNESS, "control message is not JSON: %s", where.text);
    if (!json_is_string(json_object_get(parsed, "type"))) {
        json_decref(parsed);
        return error_set(err, ERROR_HARNESS, "control message has no string \"type\"");
    }
    *message = parsed;
    return 0;
}

/* The bytes and the descriptor of one packet. 1, 0 when closed, -1. */
static int receive_packet(int channel, char *buffer, size_t *len, int *descriptor,
                          struct error *err)
{
    union descriptor_space space;
    struct iovec part = { buffer, CONTROL_MESSAGE_MAX };
    struct msghdr header = { .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = space.bytes,
                             .msg_controllen = sizeof space.bytes };
    ssize_t received;
    do
        received = recvmsg(channel, &header, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    /* A peer that dies with our message unread leaves ECONNRESET instead of end of file. */
    if (received == 0 || (received < 0 && errno == ECONNRESET))
        return 0;
    if (received < 0)
        return error_errno(err, "control socket: receive");
    *descriptor = detach_descriptor(&header);
    *len = (size_t)received;
    if ((header.msg_flags & MSG_TRUNC) == 0)
        return 1;
    if (*descriptor >= 0)
        close(*descriptor);
    errno = EBADMSG; /* never to be mistaken for "nothing to read" */
    return error_set(err, ERROR_HARNESS, "control message larger than %d bytes",
                     CONTROL_MESSAGE_MAX);
}

int channel_receive(int channel, json_t **message, int *descriptor, struct error *err)
{
    char buffer[CONTROL_MESSAGE_MAX];
    size_t len = 0;
    int came_along = -1;
    errno = 0;
    int status = receive_packet(channel, buffer, &len, &came_along, err);
    if (status <= 0)
        return status;
    if (parse(message, buffer, len, err) != 0) {
        if (came_along >= 0)
            close(came_along);
        errno = EBADMSG;
        return -1;
    }
    if (descriptor != NULL)
        *descriptor = came_along;
    else if (came_along >= 0)
        close(came_along);
    return 1;
}

const char *channel_type(const json_t *message)
{
    return json_string_value(json_object_get(message, "type"));
}
