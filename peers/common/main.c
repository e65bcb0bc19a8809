/* main() of every tlspeer-<stack>: commands and options, each written down once, here. */
#include "peers/common/byhand.h"
#include "peers/common/worker.h"

#include <signal.h>
#include <stdio.h>

static int run_worker(const struct parsed_options *options, struct error *err)
{
    (void)options;
    (void)err;
    return worker_main(tls_stack, NULL);
}

enum command { CLIENT, SERVER, FEATURES, CIPHERS, DESCRIBE, BENCH, WORKER };

#define BIT(command) (UINT32_C(1) << (command))
#define BOTH         (BIT(CLIENT) | BIT(SERVER))

static const struct command_row commands[] = {
    [CLIENT] = { "client", "", "Connects once, says its part of --app, prints what was negotiated.",
                 "tlspeer-openssl client --connect localhost:8282 --ca root.pem", byhand_client,
                 "Exit codes: 0 accepted; 1 refused by TLS at either end; 2 usage or "
                 "configuration; "
                 "3 the program itself failed; 10 the server's certificate is not trusted or not "
                 "valid now; 11 it is for another name; 12 it is not the pinned one; 13 nobody "
                 "listens there; 14 the deadline passed; 15 cut off without close_notify." },
    [SERVER] = { "server", "", "Serves one client after the other.",
                 "tlspeer-openssl server --listen localhost:8282 --cert chain.pem --key key.pem",
                 byhand_server },
    [FEATURES] = { "features", "", "Lists what the library can do.", NULL, byhand_features },
    [CIPHERS] = { "ciphers", "STRING",
                  "Lists the suites that the library's selection STRING means.", NULL,
                  byhand_ciphers },
    [DESCRIBE] = { "describe", "FILE", "Shows a certificate or key in PEM as text.", NULL,
                   byhand_describe },
    [BENCH] = { "bench", "", "Measures full handshakes per second, both ends in this process.",
                NULL, bench_main },
    [WORKER] = { "worker", "", "Takes cases from the control socket (for tlsmatrix).", NULL,
                 run_worker },
    { 0 },
};

static const struct option_row options[] = {
    { "connect", 0, "HOST:PORT", "where to connect to", BIT(CLIENT) },
    { "listen", 0, "HOST:PORT", "where to listen; port 0: any free one", BIT(SERVER) },
    { "cert", 0, "FILE", "own certificate chain, PEM, leaf first", BOTH },
    { "key", 0, "FILE", "its private key, PEM", BOTH },
    { "ca", 0, "FILE", "trust anchors for the other end, PEM", BOTH },
    { "name", 0, "NAME", "name the server's certificate must carry, sent as SNI; HOST if verified",
      BIT(CLIENT) },
    { "verify", 0, "MODE", "none, request (server), require; require if --ca", BOTH },
    { "min-version", 0, "VERSION", "tls1.0 … tls1.3; the stack's lowest", BOTH },
    { "max-version", 0, "VERSION", "the stack's highest", BOTH },
    { "suites", 0, "LIST", "names or slugs, by preference; the library's own", BOTH },
    { "groups", 0, "LIST", "names or slugs, by preference; the library's own", BOTH },
    { "server-order", 0, NULL, "take the first of --suites that the client has", BIT(SERVER) },
    { "partial-chain", 0, NULL, "an anchor in --ca need not sign itself", BOTH },
    { "strict", 0, NULL, "hold certificates to every letter of RFC 5280", BOTH },
    { "serve", 0, "NAME", "the one name served: who asks for another is refused", BIT(SERVER) },
    { "alpn", 0, "LIST", "application protocols, by preference; none", BOTH },
    { "late-verify", 0, NULL, "judge the other end's certificate behind the handshake", BOTH },
    { "psk-identity", 0, "NAME", "identity of the external pre-shared key", BOTH },
    { "psk", 0, "HEX", "external pre-shared key", BOTH },
    { "srp-user", 0, "NAME", "SRP user (the server knows this one)", BOTH },
    { "srp-password", 0, "TEXT", "SRP password", BOTH },
    { "pin-leaf", 0, "HEX|FILE", "SHA-256 of the certificate (DER); file: 32 bytes", BOTH },
    { "pin-spki", 0, "HEX|FILE", "SHA-256 of its public key (SubjectPublicKeyInfo)", BOTH },
    { "tofu", 0, "FILE", "trust on first use: where the first hash is kept", BOTH },
    { "time", 0, "UNIX", "when certificates are judged; now", BOTH },
    { "keylog", 0, "FILE", "append NSS key log lines", BOTH },
    { "deadline-ms", 0, "N", "for one whole connection; 10000", BOTH },
    { "config", 0, "FILE", "YAML: options of 'client:' and 'server:'; those given here come first",
      BOTH },
    { "app", 0, "NAME", "what is said: echo, product, get, bank, banner, message; echo", BOTH },
    { "message", 0, "TEXT", "what this end says, where it may choose; of bank the customer's name",
      BOTH },
    { "numbers", 0, "N,N,…", "the factors of --app product; 2,3,5,7,11,13,17,19,23", BIT(CLIENT) },
    { "request-len", 0, "N", "bytes of a request for a product; what comes in the first record",
      BIT(SERVER) },
    { "starttls", 0, NULL, "a line each way in clear first, then TLS on the same socket", BOTH },
    { "report", 0, NULL, "a line for each property of the connection", BOTH },
    { "once", 0, NULL, "end after one connection", BIT(SERVER) },
    { "json", 0, NULL, "for programs", BIT(FEATURES) | BIT(BENCH) },
    { "seconds", 0, "S", "how long to measure; 5", BIT(BENCH) },
    { "pki", 0, "DIR", "credentials, as made by `tlsmatrix pki`", BIT(BENCH) },
    { 0 },
};

static void offer_versions(struct completion *completion)
{
    for (uint16_t version = TLS10; version <= TLS13; version++)
        completion_offer(completion, version_name(version), NULL);
}

static void offer_modes(struct completion *completion)
{
    completion_offer(completion, "none", "anybody");
    completion_offer(completion, "request", "a server asks, and accepts none");
    completion_offer(completion, "require", "refuse who cannot be verified");
}

static const struct value_kind values[] = {
    { "VERSION", NULL, offer_versions },
    { "MODE", NULL, offer_modes },
    { 0 },
};

int main(int argc, char **argv)
{
    char name[NAME_MAX_LEN];
    snprintf(name, sizeof name, "tlspeer-%.50s", tls_stack->name);
    struct program program = {
        .name = name,
        .summary = "One TLS stack as a client, a server, or a worker of tlsmatrix.",
        .commands = commands,
        .options = options,
        .values = values,
    };
    signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error to report, not a death */
    return program_main(&program, argc, argv);
}
