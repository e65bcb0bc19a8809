/* The stack's own handshake rate: client and server connections in this one process, driven in
 * turn over a socket pair. The same work as a case of the matrix (full chain, name, frozen time,
 * a 32-byte exchange, both closes) without anything of the matrix around it. */
#include "harness/pki/forge.h"
#include "peers/common/byhand.h"
#include "peers/common/clock.h"
#include "peers/common/contexts.h"
#include "peers/common/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    REQUEST_LEN = 32,
    SECONDS_DEFAULT = 5,
    SECONDS_MAX = 3600,
    STEPS_MAX = 1000, /* of one operation, before it counts as stalled */
};

/* One way of shaking hands; all are done equally often. */
struct cell {
    const char *name;
    enum credential credential;
    uint16_t version;
    const char *suite;
    bool mutual;
};

#define RSA_SUITE   "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
#define ECDSA_SUITE "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
#define TLS13_SUITE "TLS_AES_128_GCM_SHA256"

static const struct cell cells[] = {
    { "rsa2048/tls1.2/server", CREDENTIAL_RSA2048, TLS12, RSA_SUITE, false },
    { "rsa2048/tls1.2/mutual", CREDENTIAL_RSA2048, TLS12, RSA_SUITE, true },
    { "rsa2048/tls1.3/server", CREDENTIAL_RSA2048, TLS13, TLS13_SUITE, false },
    { "rsa2048/tls1.3/mutual", CREDENTIAL_RSA2048, TLS13, TLS13_SUITE, true },
    { "ecdsa-p256/tls1.2/server", CREDENTIAL_ECDSA_P256, TLS12, ECDSA_SUITE, false },
    { "ecdsa-p256/tls1.2/mutual", CREDENTIAL_ECDSA_P256, TLS12, ECDSA_SUITE, true },
    { "ecdsa-p256/tls1.3/server", CREDENTIAL_ECDSA_P256, TLS13, TLS13_SUITE, false },
    { "ecdsa-p256/tls1.3/mutual", CREDENTIAL_ECDSA_P256, TLS13, TLS13_SUITE, true },
};
enum { NUM_CELLS = sizeof cells / sizeof cells[0] };

struct tally {
    uint64_t num_handshakes;
    uint64_t spent_us;
};

/* One end of the pair. */
struct end {
    struct endpoint endpoint;
    struct contexts *contexts;
    struct stack_connection *connection;
    int socket;
    struct facts facts;
};

static int set_path(char out[PATH_LEN], const char *pki, const struct cell *cell, const char *file,
                    struct error *err)
{
    int len = snprintf(out, PATH_LEN, "%s/%s/%s", pki, credential_name(cell->credential), file);
    return len < PATH_LEN ? 0 : error_set(err, ERROR_USAGE, "--pki: path too long");
}

/* x25519 where the stack has it; P-256 always, as the curve of the ECDSA certificates. */
static void set_groups(struct endpoint *endpoint, const struct capabilities *caps)
{
    const struct group *x25519 = group_by_name("x25519");
    if (capabilities_have_group(caps, endpoint->max_version, x25519->id))
        endpoint->groups[endpoint->num_groups++] = x25519->id;
    endpoint->groups[endpoint->num_groups++] = group_by_name("secp256r1")->id;
}

static int make_endpoint(struct endpoint *out, const struct cell *cell, enum role role,
                         const struct capabilities *caps, const char *pki, struct error *err)
{
    bool client = role == ROLE_CLIENT;
    *out = (struct endpoint){ .role = role,
                              .min_version = cell->version,
                              .max_version = cell->version,
                              .suites = { suite_by_name(cell->suite)->id },
                              .num_suites = 1,
                              .verify = client || cell->mutual ? VERIFY_REQUIRE : VERIFY_NONE,
                              .verify_time = FORGE_TIME,
                              .request_len = REQUEST_LEN,
                              .deadline_ms = DEADLINE_MS_MAX };
    set_groups(out, caps);
    if (client)
        strcpy(out->peer_name, FORGE_SERVER_NAME);
    if ((!client || cell->mutual) &&
        (set_path(out->chain_file, pki, cell, client ? "client-chain.pem" : "server-chain.pem",
                  err) != 0 ||
         set_path(out->key_file, pki, cell, client ? "client-key.pem" : "server-key.pem", err) !=
             0))
        return -1;
    return out->verify != VERIFY_NONE ? set_path(out->trust_file, pki, cell, "root.pem", err) : 0;
}

/* ---- one handshake ---- */

static int open_end(struct end *end, struct error *err)
{
    struct stack_context *context;
    facts_init(&end->facts);
    if (contexts_get(end->contexts, &context, &end->endpoint, err) != 0)
        return -1;
    return tls_stack->connection_new(&end->connection, context, &end->endpoint, end->socket,
                                     &end->facts, err);
}

static void close_end(struct end *end)
{
    if (end->connection != NULL)
        tls_stack->connection_free(end->connection);
    end->connection = NULL;
    close(end->socket);
}

static bool waits(enum io_status status)
{
    return status == IO_WANT_READ || status == IO_WANT_WRITE;
}

static int failed(const struct end *end, const char *what, struct error *err)
{
    return error_set(err, ERROR_HARNESS, "%s: %s failed: %s", role_name(end->endpoint.role), what,
                     end->facts.error_text);
}

/* Both in turn, until both are done. */
static int shake_hands(struct end ends[2], struct error *err)
{
    enum io_status status[2] = { IO_WANT_READ, IO_WANT_READ };
    for (int step = 0; step < STEPS_MAX; step++) {
        for (int i = 0; i < 2; i++) {
            if (waits(status[i]))
                status[i] = tls_stack->handshake(ends[i].connection);
            if (!waits(status[i]) && status[i] != IO_DONE)
                return failed(&ends[i], "handshake", err);
        }
        if (status[0] == IO_DONE && status[1] == IO_DONE)
            return 0;
    }
    return error_set(err, ERROR_HARNESS, "handshake stalled");
}

/* The other end has sent already what is read here, so that waiting means failure. */
static int send_all(struct end *end, const uint8_t *data, struct error *err)
{
    size_t num_done = 0;
    if (tls_stack->write(end->connection, &num_done, data, REQUEST_LEN) != IO_DONE ||
        num_done != REQUEST_LEN)
        return failed(end, "write", err);
    return 0;
}

static int receive_all(struct end *end, uint8_t *out, struct error *err)
{
    size_t len = 0;
    for (int step = 0; step < STEPS_MAX && len < REQUEST_LEN; step++) {
        size_t num_done = 0;
        enum io_status status =
            tls_stack->read(end->connection, out + len, &num_done, REQUEST_LEN - len);
        if (status == IO_DONE)
            len += num_done;
        else if (!waits(status))
            break;
    }
    return len == REQUEST_LEN ? 0 : failed(end, "read", err);
}

static int ask_and_answer(struct end *client, struct end *server, struct error *err)
{
    uint8_t data[REQUEST_LEN];
    for (size_t i = 0; i < REQUEST_LEN; i++)
        data[i] = request_byte(i);
    if (send_all(client, data, err) != 0 || receive_all(server, data, err) != 0)
        return -1;
    for (size_t i = 0; i < REQUEST_LEN; i++)
        data[i] ^= 0xFF;
    return send_all(server, data, err) == 0 ? receive_all(client, data, err) : -1;
}

static int close_to(struct end *from, struct end *to, struct error *err)
{
    uint8_t byte;
    size_t num_done = 0;
    if (tls_stack->close_notify(from->connection) != IO_DONE)
        return failed(from, "close", err);
    if (tls_stack->read(to->connection, &byte, &num_done, 1) != IO_CLOSED)
        return failed(to, "awaiting close_notify", err);
    return 0;
}

static int connect_once(struct end ends[2], struct error *err)
{
    struct end *client = &ends[ROLE_CLIENT], *server = &ends[ROLE_SERVER];
    if (open_end(client, err) != 0 || open_end(server, err) != 0 || shake_hands(ends, err) != 0)
        return -1;
    tls_stack->connection_facts(client->connection, &client->facts);
    tls_stack->connection_facts(server->connection, &server->facts);
    if (ask_and_answer(client, server, err) != 0 || close_to(client, server, err) != 0)
        return -1;
    return close_to(server, client, err);
}

static int handshake(struct end ends[2], struct error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return error_errno(err, "socketpair");
    ends[0].socket = pair[0];
    ends[1].socket = pair[1];
    int status = connect_once(ends, err);
    close_end(&ends[0]);
    close_end(&ends[1]);
    return status;
}

/* ---- all cells ---- */

struct bench {
    struct end ends[NUM_CELLS][2]; /* [enum role] */
    bool usable[NUM_CELLS];        /* the stack has what the cell needs */
    struct tally tallies[NUM_CELLS];
    struct contexts *contexts;
    struct capabilities caps;
    uint64_t num_handshakes;
    uint64_t elapsed_us;
};

static bool cell_usable(const struct capabilities *caps, const struct cell *cell)
{
    size_t v = (size_t)(cell->version - TLS10);
    return caps->versions[v] && caps->credentials[v][cell->credential] &&
           capabilities_have_suite(caps, suite_by_name(cell->suite)->id);
}

static int prepare(struct bench *bench, const char *pki, struct error *err)
{
    for (size_t i = 0; i < NUM_CELLS; i++) {
        bench->usable[i] = cell_usable(&bench->caps, &cells[i]);
        for (int role = 0; role < 2; role++) {
            struct end *end = &bench->ends[i][role];
            end->contexts = bench->contexts;
            if (make_endpoint(&end->endpoint, &cells[i], (enum role)role, &bench->caps, pki, err))
                return -1;
        }
    }
    return 0;
}

/* Each usable cell once. */
static int one_round(struct bench *bench, struct error *err)
{
    for (size_t i = 0; i < NUM_CELLS; i++) {
        if (!bench->usable[i])
            continue;
        uint64_t start_us = clock_us();
        if (handshake(bench->ends[i], err) != 0)
            return error_prefix(err, "%s", cells[i].name);
        bench->tallies[i].spent_us += clock_us() - start_us;
        bench->tallies[i].num_handshakes++;
        bench->num_handshakes++;
    }
    return 0;
}

static int measure(struct bench *bench, uint64_t seconds, struct error *err)
{
    if (one_round(bench, err) != 0) /* builds the contexts; does not count */
        return -1;
    memset(bench->tallies, 0, sizeof bench->tallies);
    bench->num_handshakes = 0;
    uint64_t start_us = clock_us();
    do {
        if (one_round(bench, err) != 0)
            return -1;
        bench->elapsed_us = clock_us() - start_us;
    } while (bench->elapsed_us < seconds * 1000000 && bench->num_handshakes > 0);
    return 0;
}

static double per_second(uint64_t num, uint64_t spent_us)
{
    return spent_us == 0 ? 0 : (double)num * 1e6 / (double)spent_us;
}

static void print_text(const struct bench *bench)
{
    printf("%s (%s): %.0f handshakes/s over %.1f s\n", bench->caps.stack, bench->caps.library,
           per_second(bench->num_handshakes, bench->elapsed_us), (double)bench->elapsed_us / 1e6);
    for (size_t i = 0; i < NUM_CELLS; i++) {
        const struct tally *tally = &bench->tallies[i];
        if (bench->usable[i])
            printf("  %-28s %8.0f /s\n", cells[i].name,
                   per_second(tally->num_handshakes, tally->spent_us));
        else
            printf("  %-28s not supported\n", cells[i].name);
    }
}

static int print_json(const struct bench *bench, struct error *err)
{
    json_t *list = json_object();
    for (size_t i = 0; i < NUM_CELLS; i++)
        if (bench->usable[i])
            json_object_set_new(list, cells[i].name,
                                json_real(per_second(bench->tallies[i].num_handshakes,
                                                     bench->tallies[i].spent_us)));
    json_t *object =
        json_pack("{s:s, s:s, s:f, s:I, s:f, s:o}", "stack", bench->caps.stack, "library",
                  bench->caps.library, "seconds", (double)bench->elapsed_us / 1e6, "handshakes",
                  (json_int_t)bench->num_handshakes, "handshakes_per_second",
                  per_second(bench->num_handshakes, bench->elapsed_us), "cells", list);
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(object);
    return 0;
}

static int run_bench(struct bench *bench, const char *pki, uint64_t seconds, bool json,
                     struct error *err)
{
    bench->contexts = contexts_new(tls_stack);
    if (bench->contexts == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (tls_stack->capabilities(&bench->caps, err) != 0 || prepare(bench, pki, err) != 0 ||
        measure(bench, seconds, err) != 0)
        return -1;
    if (json)
        return print_json(bench, err);
    print_text(bench);
    return 0;
}

int bench_main(const struct parsed_options *options, struct error *err)
{
    uint64_t seconds;
    const char *pki = option_value(options, "pki");
    if (pki == NULL)
        return error_set(err, ERROR_USAGE, "--pki DIR is needed");
    if (option_number(&seconds, options, "seconds", SECONDS_DEFAULT, 1, SECONDS_MAX, err) != 0)
        return -1;
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int status = run_bench(bench, pki, seconds, option_given(options, "json"), err);
    contexts_free(bench->contexts);
    free(bench);
    return status;
}
