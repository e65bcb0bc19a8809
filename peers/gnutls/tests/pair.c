#include "peers/gnutls/tests/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STEPS_MAX = 200 }; /* a handshake takes about ten */

#define stack tls_stack

void pair_init(struct pair *pair, uint16_t version, uint16_t suite, uint16_t group)
{
    memset(pair, 0, sizeof *pair);
    for (int role = 0; role < 2; role++) {
        struct endpoint *endpoint = &pair->endpoint[role];
        endpoint->role = (enum role)role;
        endpoint->min_version = endpoint->max_version = version;
        endpoint->suites[0] = suite;
        endpoint->num_suites = suite != 0;
        endpoint->groups[0] = group;
        endpoint->num_groups = group != 0;
        endpoint->verify_time = FORGE_TIME;
        endpoint->keylog = true;
        facts_init(&pair->facts[role]);
    }
}

void pair_use(struct pair *pair, const struct forged *forged)
{
    struct endpoint *client = &pair->endpoint[ROLE_CLIENT], *server = &pair->endpoint[ROLE_SERVER];
    strcpy(server->chain_file, forged->server_chain);
    strcpy(server->key_file, forged->server_key);
    strcpy(client->trust_file, forged->trust_file);
    strcpy(client->peer_name, FORGE_SERVER_NAME);
    client->verify = VERIFY_REQUIRE;
}

void pair_use_mutual(struct pair *pair, const struct forged *forged)
{
    struct endpoint *client = &pair->endpoint[ROLE_CLIENT], *server = &pair->endpoint[ROLE_SERVER];
    pair_use(pair, forged);
    strcpy(client->chain_file, forged->client_chain);
    strcpy(client->key_file, forged->client_key);
    strcpy(server->trust_file, forged->trust_file);
    server->verify = VERIFY_REQUIRE;
}

void pair_use_psk(struct pair *pair)
{
    for (int role = 0; role < 2; role++) {
        strcpy(pair->endpoint[role].psk_identity, "tester");
        memset(pair->endpoint[role].psk, 0x5A, PSK_LEN);
        pair->endpoint[role].psk_len = PSK_LEN;
    }
}

void pair_use_srp(struct pair *pair)
{
    for (int role = 0; role < 2; role++) {
        strcpy(pair->endpoint[role].srp_user, "tester");
        strcpy(pair->endpoint[role].srp_password, "secret");
    }
}

static int open_end(struct pair *pair, int role, struct error *err)
{
    struct endpoint *endpoint = &pair->endpoint[role];
    fcntl(pair->socket[role], F_SETFL, O_NONBLOCK);
    if (endpoint->chain_file[0] != '\0' &&
        stack->credential_new(&pair->credential[role], endpoint, err) < 0)
        return -1;
    if (endpoint->trust_file[0] != '\0' && stack->trust_new(&pair->trust[role], endpoint, err) < 0)
        return -1;
    if (stack->context_new(&pair->context[role], endpoint, pair->credential[role],
                           pair->trust[role], err) < 0)
        return -1;
    return stack->connection_new(&pair->connection[role], pair->context[role], endpoint,
                                 pair->socket[role], &pair->facts[role], err);
}

int pair_open(struct pair *pair, struct error *err)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair->socket), 0);
    if (open_end(pair, ROLE_CLIENT, err) < 0)
        return -1;
    return open_end(pair, ROLE_SERVER, err);
}

static bool waits(enum io_status status)
{
    return status == IO_WANT_READ || status == IO_WANT_WRITE;
}

void pair_handshake(struct pair *pair)
{
    pair->status[0] = pair->status[1] = IO_WANT_WRITE;
    for (int step = 0; step < STEPS_MAX; step++) {
        int role = step % 2;
        if (waits(pair->status[role]))
            pair->status[role] = stack->handshake(pair->connection[role]);
        /* As a process would: an end that gave up closes. */
        if (pair->status[role] == IO_FAILED)
            shutdown(pair->socket[role], SHUT_WR);
        if (!waits(pair->status[0]) && !waits(pair->status[1]))
            return;
    }
}

enum io_status pair_read(struct pair *pair, enum role role)
{
    char buffer[64];
    size_t num_done;
    pair->status[role] = stack->read(pair->connection[role], buffer, &num_done, sizeof buffer);
    return pair->status[role];
}

static bool say(struct pair *pair, enum role from, const char *text)
{
    size_t len = strlen(text), num_done = 0;
    char buffer[64];
    enum role to = from == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    pair->status[from] = stack->write(pair->connection[from], &num_done, text, len);
    if (pair->status[from] != IO_DONE)
        return false;
    pair->status[to] = stack->read(pair->connection[to], buffer, &num_done, sizeof buffer);
    return pair->status[to] == IO_DONE && num_done == len && memcmp(buffer, text, len) == 0;
}

void pair_exchange(struct pair *pair)
{
    if (pair->status[0] == IO_DONE && pair->status[1] == IO_DONE)
        pair->accepted = say(pair, ROLE_CLIENT, "request") && say(pair, ROLE_SERVER, "answer");
    else if (pair->status[ROLE_CLIENT] == IO_DONE) /* a TLS 1.3 refusal comes late */
        pair_read(pair, ROLE_CLIENT);
    for (int role = 0; role < 2; role++)
        stack->connection_facts(pair->connection[role], &pair->facts[role]);
}

void pair_run(struct pair *pair)
{
    struct error err = { 0 };
    if (pair_open(pair, &err) < 0)
        fail_msg("declined: %s", err.text);
    pair_handshake(pair);
    pair_exchange(pair);
}

void pair_fini(struct pair *pair)
{
    for (int role = 0; role < 2; role++) {
        stack->connection_free(pair->connection[role]);
        stack->context_free(pair->context[role]);
        stack->credential_free(pair->credential[role]);
        stack->trust_free(pair->trust[role]);
        close(pair->socket[role]);
    }
}
