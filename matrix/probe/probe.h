/* `tlsmatrix probe`: what a server out there negotiates, tried with our stacks. One attempt is one
 * connection by one stack, at the present time and with the server's real name. Only what was seen
 * is claimed. */
#ifndef TLSMATRIX_MATRIX_PROBE_PROBE_H
#define TLSMATRIX_MATRIX_PROBE_PROBE_H

#include "captures/story.h"
#include "harness/net.h"
#include "matrix/network.h"
#include "matrix/stacks.h"
#include "matrix/worker.h"

enum { PROBE_CHAIN_MAX = 8, PROBE_FIRST_LEN = 48, PROBE_HELLO_MAX = 4096 };

struct probe_target {
    const char *address;     /* HOST:PORT */
    char name[NET_HOST_LEN]; /* that the certificate must carry; sent as SNI but for an address */
    const char *anchors;     /* PEM; NULL: none here, so that trust is not tried */
    const char *protocols;   /* ALPN; "" : none */
    uint32_t deadline_ms;    /* for one connection */
    uint32_t pause_ms;       /* before each connection but the first */
    bool starttls;
};

/* How one attempt ended. */
enum attempt {
    ATTEMPT_ACCEPTED,    /* the server's hello chose from what was offered */
    ATTEMPT_REFUSED,     /* the server said no: an alert, or it chose what was not offered */
    ATTEMPT_CLOSED,      /* it closed or reset behind our hello, and said nothing */
    ATTEMPT_NOT_TLS,     /* it said something else */
    ATTEMPT_STALLED,     /* it said nothing, or not enough, within the deadline */
    ATTEMPT_UNREACHABLE, /* no TCP connection */
    ATTEMPT_NOT_TRIED,   /* our own stack does not do it, or broke off: nothing about the server */
    NUM_ATTEMPT_RESULTS,
};

struct seen {
    enum attempt outcome;
    size_t stack;       /* who tried */
    char why[TEXT_LEN]; /* of everything but ATTEMPT_ACCEPTED; of that, why it was not completed */
    bool completed;     /* the handshake was done at our end */
    uint16_t version, suite, group, signature_scheme;
    bool retried;             /* HelloRetryRequest */
    bool asked_for_client;    /* CertificateRequest */
    char chosen_protocol[64]; /* ALPN; empty: none */
    unsigned num_tickets;
    size_t num_certificates;
    struct certificate_view chain[PROBE_CHAIN_MAX];
    bool chain_judged; /* the stack was told to verify, and said how it went */
    bool trusted;
    char verdict[TEXT_LEN];         /* of a chain that is not trusted: the library's own words */
    uint8_t hello[PROBE_HELLO_MAX]; /* our ClientHello: the message with its header */
    size_t hello_len;               /* 0: it did not fit */
};

struct probe {
    const struct probe_target *target;
    struct stack_list *stacks;
    struct worker workers[STACKS_MAX]; /* by stack; started when needed */
    struct network network;            /* for the connection between worker and tap */
    uint32_t num_attempts;
    char connected_to[NET_TEXT_LEN]; /* the address that answered */
};

const char *attempt_name(enum attempt outcome);

int probe_init(struct probe *probe, const struct probe_target *target, struct stack_list *stacks,
               struct error *err);
void probe_fini(struct probe *probe);

/* The client that offers all that the stack has in these versions. */
struct endpoint probe_endpoint(const struct probe *probe, uint16_t min_version,
                               uint16_t max_version);

/* One connection. 0 with *out filled whatever the server did; -1: a harness error. ERROR_USAGE: the
 * name does not resolve. */
int probe_attempt(struct seen *out, struct probe *probe, size_t stack,
                  const struct endpoint *endpoint, struct error *err);

/* Sends a ClientHello as it is (message with header), and reads what comes first. */
int probe_say(struct seen *out, struct probe *probe, const uint8_t *hello, size_t hello_len,
              struct error *err);

/* A TCP connection to the server, with STARTTLS done. -1 with *out filled, or with *err. */
int probe_connect(int *socket, struct seen *out, struct probe *probe, struct error *err);

/* Packets of a connection, and its keys, into what was seen (seen.c). */
struct split_connection;
void seen_read(struct seen *out, const struct split_connection *packets, const char *keylog,
               const char *server_name, int64_t now);
/* "SSH-2.0-…" of a server that speaks first or otherwise; false: these are TLS records. */
bool seen_no_tls(char out[TEXT_LEN], const uint8_t *first, size_t len);

#endif
