/* The relay as a recorder: what passes at either side, as a connection of its own. */
#include "matrix/relay/relay_parts.h"

#include <sys/socket.h>

static enum role other(enum role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

static void start_leg(struct relay *relay, enum role end, int fd)
{
    struct sockaddr_in address[2] = { 0 };
    socklen_t len = sizeof address[0];
    getpeername(fd, (struct sockaddr *)&address[end], &len);
    len = sizeof address[0];
    getsockname(fd, (struct sockaddr *)&address[other(end)], &len);
    synthetic_connect(relay->setting.recorder, &relay->legs[end], &address[ROLE_CLIENT],
                      &address[ROLE_SERVER]);
}

void relay_record_start(struct relay *relay)
{
    if (relay->setting.recorder == NULL)
        return;
    start_leg(relay, ROLE_CLIENT, relay->setting.client_fd);
    start_leg(relay, ROLE_SERVER, relay->setting.server_fd);
}

/* At the side of `end`, `from` says it: the end itself, or the relay in the other's name. */
static void say(struct relay *relay, enum role end, enum role from, const void *bytes, size_t len)
{
    if (relay->setting.recorder == NULL)
        return;
    if (len > 0)
        synthetic_data(relay->setting.recorder, &relay->legs[end], from, bytes, len);
    else
        synthetic_fin(relay->setting.recorder, &relay->legs[end], from);
}

void relay_record_taken(struct relay *relay, const struct direction *direction, const void *bytes,
                        size_t len)
{
    say(relay, direction->from, direction->from, bytes, len);
}

void relay_record_given(struct relay *relay, const struct direction *direction, const void *bytes,
                        size_t len)
{
    say(relay, other(direction->from), direction->from, bytes, len);
}

void relay_record_reset_from(struct relay *relay, enum role end)
{
    if (relay->setting.recorder != NULL)
        synthetic_reset(relay->setting.recorder, &relay->legs[end], end);
}

void relay_record_resets(struct relay *relay)
{
    for (enum role end = ROLE_CLIENT; end <= ROLE_SERVER && relay->setting.recorder != NULL; end++)
        synthetic_reset(relay->setting.recorder, &relay->legs[end], other(end));
}

void relay_record_flush(struct relay *relay)
{
    if (relay->setting.recorder != NULL)
        synthetic_flush(relay->setting.recorder);
}
