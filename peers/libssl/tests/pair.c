#include "peers/libssl/tests/pair.h"

#include "harness/pki/forge.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* More turns than any handshake has flights; a pair that needs more hangs. */
enum { TURNS_MAX = 64 };

static void set_files(struct endpoint *endpoint, const char *directory, enum credential credential)
{
    const char *kind = credential_name(credential), *role = role_name(endpoint->role);
    snprintf(endpoint->chain_file, PATH_LEN, "%s/%s/%s-chain.pem", directory, kind, role);
    snprintf(endpoint->key_file, PATH_LEN, "%s/%s/%s-key.pem", directory, kind, role);
}

static void set_trust(struct endpoint *endpoint, const char *directory, enum credential credential)
{
    snprintf(endpoint->trust_file, PATH_LEN, "%s/%s/root.pem", directory,
             credential_name(credential));
    endpoint->verify = VERIFY_REQUIRE;
}

static void init_end(struct end *end, enum role role, uint16_t version, uint16_t suite)
{
    struct endpoint *endpoint = &end->endpoint;
    facts_init(&end->facts);
    endpoint->role = role;
    endpoint->min_version = endpoint->max_version = version;
    endpoint->suites[0] = suite;
    endpoint->num_suites = suite != 0;
    endpoint->verify_time = FORGE_TIME;
    endpoint->keylog = true;
}

void pair_init(struct pair *pair, const char *directory, uint16_t version, uint16_t suite,
               enum credential credential)
{
    memset(pair, 0, sizeof *pair);
    pair->sockets[ROLE_CLIENT] = pair->sockets[ROLE_SERVER] = -1;
    init_end(&pair->ends[ROLE_CLIENT], ROLE_CLIENT, version, suite);
    init_end(&pair->ends[ROLE_SERVER], ROLE_SERVER, version, suite);
    if (credential == CREDENTIAL_NONE)
        return;
    struct endpoint *client = &pair->ends[ROLE_CLIENT].endpoint;
    set_files(&pair->ends[ROLE_SERVER].endpoint, directory, credential);
    set_trust(client, directory, credential);
    strcpy(client->peer_name, FORGE_SERVER_NAME);
}

void pair_make_mutual(struct pair *pair, const char *directory, enum credential credential)
{
    set_files(&pair->ends[ROLE_CLIENT].endpoint, directory, credential);
    set_trust(&pair->ends[ROLE_SERVER].endpoint, directory, credential);
}

void pair_set_group(struct pair *pair, uint16_t group)
{
    for (int role = 0; role < 2; role++) {
        pair->ends[role].endpoint.groups[0] = group;
        pair->ends[role].endpoint.num_groups = 1;
    }
}

void pair_set_psk(struct pair *pair)
{
    for (int role = 0; role < 2; role++) {
        struct endpoint *endpoint = &pair->ends[role].endpoint;
        strcpy(endpoint->psk_identity, "self-test");
        memset(endpoint->psk, 0x5A, sizeof endpoint->psk);
        endpoint->psk_len = sizeof endpoint->psk;
    }
}

void pair_set_srp(struct pair *pair)
{
    for (int role = 0; role < 2; role++) {
        strcpy(pair->ends[role].endpoint.srp_user, "user");
        strcpy(pair->ends[role].endpoint.srp_password, "password");
    }
}

static int configure(struct end *end)
{
    struct endpoint *endpoint = &end->endpoint;
    if (endpoint->chain_file[0] != '\0' &&
        tls_stack->credential_new(&end->credential, endpoint, &end->err) != 0)
        return -1;
    if (endpoint->trust_file[0] != '\0' &&
        tls_stack->trust_new(&end->trust, endpoint, &end->err) != 0)
        return -1;
    return tls_stack->context_new(&end->context, endpoint, end->credential, end->trust, &end->err);
}

static bool configure_both(struct pair *pair)
{
    for (int role = 0; role < 2; role++)
        pair->ends[role].declined = configure(&pair->ends[role]) != 0;
    return !pair->ends[ROLE_CLIENT].declined && !pair->ends[ROLE_SERVER].declined;
}

static void disconnect(struct pair *pair)
{
    for (int role = 0; role < 2; role++) {
        tls_stack->connection_free(pair->ends[role].connection);
        pair->ends[role].connection = NULL;
        if (pair->sockets[role] >= 0)
            close(pair->sockets[role]);
    }
}

static bool open_connections(struct pair *pair)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->sockets) != 0)
        abort();
    for (int role = 0; role < 2; role++) {
        struct end *end = &pair->ends[role];
        facts_init(&end->facts);
        end->declined = tls_stack->connection_new(&end->connection, end->context, &end->endpoint,
                                                  pair->sockets[role], &end->facts, &end->err) != 0;
    }
    return !pair->ends[ROLE_CLIENT].declined && !pair->ends[ROLE_SERVER].declined;
}

static bool waits(const struct end *end)
{
    return end->status == IO_WANT_READ || end->status == IO_WANT_WRITE;
}

void pair_step(struct pair *pair, enum io_status (*operation)(struct end *end))
{
    pair->ends[ROLE_CLIENT].status = pair->ends[ROLE_SERVER].status = IO_WANT_READ;
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        struct end *end = &pair->ends[turn % 2];
        if (!waits(end))
            continue;
        end->status = operation(end);
        if (!waits(end) && end->status != IO_DONE)
            shutdown(pair->sockets[turn % 2], SHUT_WR); /* what a peer that gives up does */
    }
}

static enum io_status handshake(struct end *end)
{
    return tls_stack->handshake(end->connection);
}

static enum io_status greet(struct end *end)
{
    size_t num_done;
    return tls_stack->write(end->connection, &num_done, "!", 1);
}

static enum io_status hear(struct end *end)
{
    size_t num_done = 0;
    char byte = 0;
    enum io_status status = tls_stack->read(end->connection, &byte, &num_done, 1);
    return status == IO_DONE && (num_done != 1 || byte != '!') ? IO_FAILED : status;
}

static bool both_done(const struct pair *pair)
{
    return pair->ends[ROLE_CLIENT].status == IO_DONE && pair->ends[ROLE_SERVER].status == IO_DONE;
}

static bool greet_both(struct pair *pair)
{
    pair_step(pair, greet);
    if (!both_done(pair))
        return false;
    pair_step(pair, hear);
    return both_done(pair);
}

static bool shake_and_greet(struct pair *pair)
{
    pair_step(pair, handshake);
    for (int role = 0; role < 2; role++)
        pair->ends[role].facts.handshake_done = pair->ends[role].status == IO_DONE;
    bool connected = both_done(pair) && greet_both(pair);
    if (!connected && pair->ends[ROLE_CLIENT].facts.handshake_done)
        pair->ends[ROLE_CLIENT].status = hear(&pair->ends[ROLE_CLIENT]);
    for (int role = 0; role < 2; role++)
        tls_stack->connection_facts(pair->ends[role].connection, &pair->ends[role].facts);
    return connected;
}

bool pair_connect(struct pair *pair)
{
    return configure_both(pair) && open_connections(pair) && shake_and_greet(pair);
}

bool pair_reconnect(struct pair *pair)
{
    disconnect(pair);
    return open_connections(pair) && shake_and_greet(pair);
}

void pair_fini(struct pair *pair)
{
    disconnect(pair);
    for (int role = 0; role < 2; role++) {
        tls_stack->context_free(pair->ends[role].context);
        tls_stack->credential_free(pair->ends[role].credential);
        tls_stack->trust_free(pair->ends[role].trust);
    }
}
