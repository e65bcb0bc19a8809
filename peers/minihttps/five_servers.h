/* Five servers that claim one name, of which one can be trusted: the scenario, from new credentials
 * to a sentence about each. No library's header is needed to call it. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_FIVE_SERVERS_H
#define TLSMATRIX_PEERS_MINIHTTPS_FIVE_SERVERS_H

#include "harness/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum { FIVE_SERVERS = 5, FIVE_SERVERS_TEXT_LEN = 64, FIVE_SERVERS_SENTENCE_LEN = 320 };

struct five_servers_entry {
    char server[16]; /* "server1" */
    bool trusted;    /* the client believed it, and got its text */
    bool ready_seen; /* the server got something after its server_hello: for the trusted one only */
    bool as_expected;
    const char *fault;                          /* by minihttps_fault_name() */
    const char *expected;                       /* likewise */
    char text[FIVE_SERVERS_TEXT_LEN];           /* what the client got; "" if it refused */
    char unchecked_text[FIVE_SERVERS_TEXT_LEN]; /* what a client gets that checks nothing */
    char sentence[FIVE_SERVERS_SENTENCE_LEN];
    const char *rfc; /* where TLS 1.3 says the same; the alert it has for it, -1 for none */
    int alert;
};

struct five_servers_report {
    struct five_servers_entry servers[FIVE_SERVERS];
    int num_trusted;
    bool as_expected; /* server4 trusted, and each other refused for the fault that it has */
};

/* Makes credentials in a temporary directory, runs every server on a loopback port of its own
 * against a client that checks and one that does not, with the time frozen. Returns -1 only if that
 * could not be done; what came out is in the report. */
int five_servers_run(struct five_servers_report *out, struct error *err);

void five_servers_print(FILE *out, const struct five_servers_report *report);
/* The caller owns it; NULL without memory. */
json_t *five_servers_json(const struct five_servers_report *report);

#endif
