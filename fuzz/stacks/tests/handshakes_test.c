/* Do the shared objects stand in one process, and is what they do determined by the input alone?
 * Every stack against every other and our own small one, as client and server, in TLS 1.2 and 1.3,
 * ECDSA and RSA, and in TLS 1.2 with each kind of cipher and RSA key exchange: both ends complete
 * and agree on the exporter; the same again gives the same bytes on the wire, another seed others.
 *
 * stack-handshakes DIRECTORY [NUMBER]: of the credentials, which are made if they are not there; so
 * many handshakes of each pair are timed, which nobody judges. */
#include "fuzz/stacks/credentials.h"
#include "fuzz/stacks/entropy.h"
#include "fuzz/stacks/pipes.h"
#include "fuzz/stacks/victim.h"
#include "fuzz/stacks/wrapped.h"
#include "harness/pki/forge.h"
#include "harness/wire/registry.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TURNS_MAX = 64, /* more than any handshake has flights; a pair that needs more hangs */
    SEED = 1,
};

static const char *const names[] = { "openssl", "boringssl", "gnutls", "careless" };
enum { NUM_STACKS = sizeof names / sizeof names[0] };
static struct fuzz_stack stacks[NUM_STACKS];
static struct credentials credentials;
static long num_timed;
static unsigned num_failed;

struct end {
    const struct fuzz_stack *stack;
    struct endpoint endpoint;
    struct stack_credential *credential;
    struct stack_trust *trust;
    struct stack_context *context;
    struct stack_connection *connection;
    struct facts facts;
    enum io_status status;
};

static void must(int result, const char *what, const struct end *end, const struct error *err)
{
    if (result == 0)
        return;
    fprintf(stderr, "%s: %s: %s\n", end->stack->name, what, err->text);
    exit(1);
}

/* `suite` 0: what the stacks choose. */
static void configure(struct end *end, enum role role, bool rsa, uint16_t version, uint16_t suite)
{
    struct endpoint *e = &end->endpoint;
    *e = (struct endpoint){ .role = role,
                            .min_version = version,
                            .max_version = version,
                            .verify = VERIFY_REQUIRE,
                            .verify_time = FORGE_TIME };
    const struct credential_files *files = rsa ? &credentials.rsa : &credentials.ecdsa;
    bool client = role == ROLE_CLIENT;
    e->num_suites = suite != 0;
    e->suites[0] = suite;
    strcpy(e->chain_file, client ? files->client_chain : files->server_chain);
    strcpy(e->key_file, client ? files->client_key : files->server_key);
    strcpy(e->trust_file, files->trust_file);
    if (client)
        strcpy(e->peer_name, FORGE_SERVER_NAME);
}

static void make_context(struct end *end)
{
    const struct tls_stack *stack = end->stack->stack;
    struct error err = { 0 };
    must(stack->credential_new(&end->credential, &end->endpoint, &err), "credential", end, &err);
    must(stack->trust_new(&end->trust, &end->endpoint, &err), "trust", end, &err);
    must(stack->context_new(&end->context, &end->endpoint, end->credential, end->trust, &err),
         "context", end, &err);
}

static void free_context(struct end *end)
{
    const struct tls_stack *stack = end->stack->stack;
    stack->context_free(end->context);
    stack->trust_free(end->trust);
    stack->credential_free(end->credential);
}

static void connect_end(struct end *end, int descriptor, uint64_t seed)
{
    struct error err = { 0 };
    if (end->stack->control != NULL)
        end->stack->control->reset(seed, FORGE_TIME);
    facts_init(&end->facts);
    must(end->stack->stack->connection_new(&end->connection, end->context, &end->endpoint,
                                           descriptor, &end->facts, &err),
         "connection", end, &err);
    end->status = IO_WANT_READ;
}

static void turn(struct end *end)
{
    if (end->status == IO_WANT_READ || end->status == IO_WANT_WRITE)
        end->status = end->stack->stack->handshake(end->connection);
}

struct outcome {
    bool agreed;
    uint64_t hashes[NUM_PIPE_ENDS];
    uint8_t exporter[EXPORTER_LEN];
};

static void judge(struct outcome *out, struct end ends[2])
{
    for (int role = 0; role < 2; role++)
        ends[role].stack->stack->connection_facts(ends[role].connection, &ends[role].facts);
    const struct facts *client = &ends[ROLE_CLIENT].facts, *server = &ends[ROLE_SERVER].facts;
    out->agreed = ends[ROLE_CLIENT].status == IO_DONE && ends[ROLE_SERVER].status == IO_DONE &&
                  client->exporter_known && server->exporter_known &&
                  memcmp(client->exporter, server->exporter, EXPORTER_LEN) == 0;
    memcpy(out->exporter, client->exporter, EXPORTER_LEN);
    for (int role = 0; role < 2; role++)
        out->hashes[role] = pipes_hash(PIPE_VICTIM + role);
}

static struct outcome handshake(struct end ends[2], uint64_t seed)
{
    struct outcome outcome = { 0 };
    pipes_reset(0);
    wrapped_reset(seed, FORGE_TIME);
    for (int role = 0; role < 2; role++)
        connect_end(&ends[role], PIPE_VICTIM + role, seed + (uint64_t)role);
    for (int i = 0; i < TURNS_MAX; i++) {
        turn(&ends[ROLE_CLIENT]);
        turn(&ends[ROLE_SERVER]);
    }
    judge(&outcome, ends);
    for (int role = 0; role < 2; role++)
        ends[role].stack->stack->connection_free(ends[role].connection);
    return outcome;
}

static bool same_wire(const struct outcome *a, const struct outcome *b)
{
    return memcmp(a->hashes, b->hashes, sizeof a->hashes) == 0 &&
           memcmp(a->exporter, b->exporter, EXPORTER_LEN) == 0;
}

static bool is_determined(const struct end *end)
{
    return end->stack->control == NULL || end->stack->control->determined;
}

static double rate(struct end ends[2])
{
    clock_t start = clock(); /* processor time: others work on this machine as well */
    for (long i = 0; i < num_timed; i++)
        handshake(ends, SEED);
    return (double)num_timed * (double)CLOCKS_PER_SEC / (double)(clock() - start + 1);
}

static void check(bool holds, const char *what, const struct end ends[2])
{
    if (holds)
        return;
    num_failed++;
    printf("FAILED %s: client %d '%s', server %d '%s'\n", what, ends[0].status,
           ends[0].facts.error_text, ends[1].status, ends[1].facts.error_text);
}

static void test_pair(size_t client, size_t server, bool rsa, uint16_t version, uint16_t suite)
{
    struct end ends[2] = { { .stack = &stacks[client] }, { .stack = &stacks[server] } };
    printf("%-9s %-9s TLS 1.%d %-10s %s ", names[client], names[server], version - TLS10,
           rsa ? "rsa2048" : "ecdsa-p256", suite != 0 ? suite_by_id(suite)->slug : "");
    for (int role = 0; role < 2; role++) {
        configure(&ends[role], (enum role)role, rsa, version, suite);
        make_context(&ends[role]);
    }
    struct outcome first = handshake(ends, SEED);
    check(first.agreed, "to complete and to agree", ends);
    if (is_determined(&ends[0]) && is_determined(&ends[1])) {
        struct outcome again = handshake(ends, SEED), other = handshake(ends, SEED + 2);
        check(same_wire(&first, &again), "to say the same again", ends);
        check(other.agreed && !same_wire(&first, &other), "to say else with another seed", ends);
    }
    if (num_timed > 0)
        printf("%4.0f/s", rate(ends));
    printf("\n");
    for (int role = 0; role < 2; role++)
        free_context(&ends[role]);
}

/* TLS 1.2: CBC, in whichever order with its MAC the two like best; ChaCha20; RSA key exchange. */
static void test_suites(size_t client, size_t server)
{
    static const uint16_t rsa_suites[] = { 0xC013, 0xCCA8, 0x009C, 0x002F };
    static const uint16_t ecdsa_suites[] = { 0xC009, 0xCCA9 };
    for (size_t i = 0; i < sizeof rsa_suites / sizeof rsa_suites[0]; i++)
        test_pair(client, server, true, TLS12, rsa_suites[i]);
    for (size_t i = 0; i < sizeof ecdsa_suites / sizeof ecdsa_suites[0]; i++)
        test_pair(client, server, false, TLS12, ecdsa_suites[i]);
    test_pair(client, server, false, TLS13, 0x1303);
}

static void open_all(const char *directory)
{
    struct error err = { 0 };
    int result = credentials_make(&credentials, directory, &err);
    for (size_t i = 0; result == 0 && i < NUM_STACKS; i++)
        result = victim_open(&stacks[i], names[i], &err);
    if (result != 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(err.class);
    }
    for (size_t i = 0; i < NUM_STACKS; i++)
        printf("%s: %s\n", names[i], stacks[i].capabilities.library);
}

int main(int argc, char **argv)
{
    num_timed = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (argc < 2 || argc > 3 || num_timed < 0) {
        fprintf(stderr, "usage: stack-handshakes DIRECTORY [NUMBER]\n");
        return ERROR_USAGE;
    }
    entropy_install();
    wrapped_set_transport(&pipes_transport);
    open_all(argv[1]);
    for (size_t client = 0; client < NUM_STACKS; client++)
        for (size_t server = 0; server < NUM_STACKS; server++) {
            for (int rsa = 0; rsa < 2; rsa++)
                for (uint16_t version = TLS12; version <= TLS13; version++)
                    test_pair(client, server, rsa, version, 0);
            test_suites(client, server);
        }
    printf("%u failed\n", num_failed);
    return num_failed > 0;
}
