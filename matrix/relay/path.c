#include "matrix/relay/path.h"

#include "matrix/oracle.h"
#include "matrix/relay/attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

bool path_is_wanted(const struct matrix_case *c, const struct network *network)
{
    return case_is_relayed(c) || (network->recorder != NULL && case_hello(c) == NULL);
}

/* Two pairs: [0] is the connecting, [1] the accepting end. */
static int make_pairs(int client[2], int server[2], struct network *network, uint32_t *sequence,
                      struct error *err)
{
    if (network_pair(network, (*sequence)++, &client[0], &client[1], err) < 0)
        return -1;
    if (network_pair(network, (*sequence)++, &server[0], &server[1], err) == 0)
        return 0;
    close(client[0]);
    close(client[1]);
    return -1;
}

/* Another valid certificate for the same name, to which the attacker has no right. */
static int read_certificate(struct path *path, struct relay_setting *setting,
                            const struct matrix_case *c, const struct forge *forge,
                            struct error *err)
{
    const char *file = forge->kinds[c->credential].other_chain;
    if (case_attack(c) == NULL || !case_server_has_certificate(c))
        return 0;
    if (forge_read_certificate(&path->certificate, &setting->certificate_len, file, err) < 0)
        return -1;
    setting->certificate = path->certificate;
    return 0;
}

static int start_relay(struct path *path, struct relay_setting *setting,
                       const struct matrix_case *c, const struct forge *forge, struct error *err)
{
    if (read_certificate(path, setting, c, forge, err) < 0) {
        close(setting->client_fd);
        close(setting->server_fd);
        return -1;
    }
    path->relay = relay_new(setting, err);
    return path->relay == NULL ? -1 : 0;
}

int path_start(struct path *path, int sockets[2], const struct matrix_case *c,
               const struct forge *forge, struct network *network, uint32_t *sequence, int epoll,
               uint64_t key, struct error *err)
{
    int client[2], server[2];
    if (make_pairs(client, server, network, sequence, err) < 0)
        return -1;
    *path = (struct path){ .epoll = epoll, .key = key, .recording = network->recorder != NULL };
    struct relay_setting setting = {
        .attack = case_attack(c),
        .delivery = (enum delivery)c->delivery,
        .client_fd = client[1],
        .server_fd = server[0],
        .application_len = CASE_REQUEST_LEN,
        .recorder = network->recorder,
    };
    if (start_relay(path, &setting, c, forge, err) < 0 || path_step(path, err) < 0) {
        path_stop(path, NULL);
        close(client[0]);
        close(server[1]);
        return -1;
    }
    sockets[ROLE_CLIENT] = client[0];
    sockets[ROLE_SERVER] = server[1];
    return 0;
}

/* Tells epoll what to watch at one side. A descriptor that the relay has closed is gone from epoll
 * by itself, and its number may be another's soon. */
static int watch(struct path *path, const struct relay_wait *wait, enum role role,
                 struct error *err)
{
    uint32_t interest =
        (wait->readable ? (uint32_t)EPOLLIN : 0) | (wait->writable ? (uint32_t)EPOLLOUT : 0);
    if (wait->fd < 0 || fcntl(wait->fd, F_GETFD) < 0) {
        path->watched[role] = false;
        path->interest[role] = 0;
        return 0;
    }
    if (interest == path->interest[role])
        return 0;
    struct epoll_event event = { .events = interest, .data.u64 = path->key | (uint64_t)role };
    /* Watching for nothing would still tell of a hang-up, again and again. */
    int operation = interest == 0         ? EPOLL_CTL_DEL
                    : path->watched[role] ? EPOLL_CTL_MOD
                                          : EPOLL_CTL_ADD;
    if (epoll_ctl(path->epoll, operation, wait->fd, &event) != 0)
        return error_errno(err, "epoll_ctl on the relay");
    path->watched[role] = interest != 0;
    path->interest[role] = interest;
    return 0;
}

int path_step(struct path *path, struct error *err)
{
    struct relay_wait waits[2];
    if (path->relay == NULL)
        return 0;
    if (relay_step(path->relay) == RELAY_DONE)
        path->recording = false;
    relay_waits(path->relay, waits);
    return watch(path, &waits[ROLE_CLIENT], ROLE_CLIENT, err) < 0
               ? -1
               : watch(path, &waits[ROLE_SERVER], ROLE_SERVER, err);
}

int path_timeout_ms(const struct path *path, int otherwise)
{
    int wanted = path->relay == NULL ? -1 : relay_timeout_ms(path->relay);
    return wanted < 0 || wanted > otherwise ? otherwise : wanted;
}

void path_stop(struct path *path, struct relay_facts *facts)
{
    if (path->relay != NULL && facts != NULL)
        *facts = *relay_facts(path->relay);
    relay_free(path->relay);
    free(path->certificate);
    path->relay = NULL;
    path->certificate = NULL;
    path->recording = false;
}
