/* Carrying a raw end through a case: started with it, stepped by the runner's loop, stopped. */
#include "matrix/raw/end.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Of CertificateVerify by RSA-2048, the credential of every case with a raw end (rule
 * "hello-alone", hello_authentication() in case_rules.c); of Finished with SHA-256. */
enum { SIGNATURE_LEN = 256, FINISHED_MIN = 32 };

static int start_player(struct raw_end *end, int fd, const struct matrix_case *c,
                        const struct forge *forge, struct error *err)
{
    struct player_setting setting = { .hello = case_hello(c), .fd = fd };
    assert(c->credential == CREDENTIAL_RSA2048); /* SIGNATURE_LEN */
    const char *file = forge->kinds[c->credential].server_chain;
    if (forge_read_chain(&end->chain, &setting.chain.len, file, err) < 0) {
        close(fd);
        return -1;
    }
    setting.chain.data = end->chain;
    /* Certificate, then CertificateVerify, then Finished. */
    setting.flight_min = setting.chain.len + SIGNATURE_LEN + FINISHED_MIN;
    end->player = player_new(&setting, err);
    return end->player == NULL ? -1 : 0;
}

int raw_end_start(struct raw_end *end, int *socket, const struct matrix_case *c,
                  const struct forge *forge, struct network *network, uint32_t *sequence, int epoll,
                  uint64_t key, struct error *err)
{
    int ends[2]; /* [enum role] */
    enum role own = case_hello(c)->to == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    if (network_pair(network, (*sequence)++, &ends[ROLE_CLIENT], &ends[ROLE_SERVER], err) < 0)
        return -1;
    *end = (struct raw_end){ .epoll = epoll, .key = key };
    *socket = ends[own == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT];
    if (start_player(end, ends[own], c, forge, err) == 0 && raw_end_step(end, err) == 0)
        return 0;
    raw_end_stop(end, NULL);
    close(*socket);
    return -1;
}

/* Tells epoll what to wait for. */
static int watch(struct raw_end *end, struct error *err)
{
    struct player_wait wait = player_waits(end->player);
    uint32_t interest =
        wait.fd < 0 ? 0 : (uint32_t)EPOLLIN | (wait.writable ? (uint32_t)EPOLLOUT : 0);
    if (interest == end->interest)
        return 0;
    struct epoll_event event = { .events = interest, .data.u64 = end->key };
    /* Watching for nothing would still tell of a hang-up, again and again. */
    int operation = interest == 0        ? EPOLL_CTL_DEL
                    : end->interest == 0 ? EPOLL_CTL_ADD
                                         : EPOLL_CTL_MOD;
    if (epoll_ctl(end->epoll, operation, player_fd(end->player), &event) != 0)
        return error_errno(err, "epoll_ctl on the raw end");
    end->interest = interest;
    return 0;
}

int raw_end_step(struct raw_end *end, struct error *err)
{
    if (end->player == NULL)
        return 0;
    player_step(end->player);
    return watch(end, err);
}

void raw_end_stop(struct raw_end *end, struct raw_facts *facts)
{
    if (end->player != NULL && facts != NULL) {
        player_step(end->player);
        *facts = *player_facts(end->player);
    }
    player_free(end->player);
    free(end->chain);
    end->player = NULL;
    end->chain = NULL;
}
