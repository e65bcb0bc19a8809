/* The commands that people type: tlspeer-X server, client, features, ciphers, describe, bench.
 * The option table and main() are in main.c; peers/README.md has the exit codes. */
#ifndef TLSMATRIX_PEERS_COMMON_BYHAND_H
#define TLSMATRIX_PEERS_COMMON_BYHAND_H

#include "harness/options.h"
#include "peers/common/stack.h"

/* Exit codes of the client beside 0, ERROR_USAGE and ERROR_HARNESS. */
enum byhand_exit {
    EXIT_REFUSED = 1,        /* TLS refused, by either end */
    EXIT_CHAIN = 10,         /* the server's certificate: no trust, or not now */
    EXIT_NAME = 11,          /* the server's certificate: for another name */
    EXIT_PIN = 12,           /* the server's certificate: not the pinned one */
    EXIT_NOT_CONNECTED = 13, /* nobody listens there */
    EXIT_TIMED_OUT = 14,     /* the deadline passed */
    EXIT_TRUNCATED = 15,     /* ended without close_notify */
};

int byhand_client(const struct parsed_options *options, struct error *err);
int byhand_server(const struct parsed_options *options, struct error *err);
int byhand_features(const struct parsed_options *options, struct error *err);
int byhand_ciphers(const struct parsed_options *options, struct error *err);
int byhand_describe(const struct parsed_options *options, struct error *err);
int bench_main(const struct parsed_options *options, struct error *err);

/* The endpoint that the options describe; a client's have --connect. What is not said: the whole
 * version range of the stack, the library's own suites and groups, now as verification time, 10 s
 * as deadline, and for a client that verifies the server the HOST of --connect as its name. */
int byhand_endpoint(struct endpoint *out, const struct parsed_options *options, enum role role,
                    struct error *err);

/* Could a person's file be read at all? ERROR_USAGE "PATH: Is a directory", or errno's text: asked
 * before the library is, whose own words for it differ and mislead. */
int byhand_readable(const char *path, struct error *err);

#endif
