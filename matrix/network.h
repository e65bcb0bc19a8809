/* The ground that cases run on: a network namespace of the run's own where the kernel allows it,
 * and for each case a connected TCP pair on loopback addresses of its own, which name the case in
 * a capture and keep TIME_WAIT from exhausting ports. */
#ifndef TLSMATRIX_MATRIX_NETWORK_H
#define TLSMATRIX_MATRIX_NETWORK_H

#include "harness/error.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>

struct synthetic;

enum { NETWORK_MTU = 8192 }; /* in a namespace of our own: few flights need two packets */

/* Moves the process (single-threaded still) into a new network namespace with its loopback up.
 * False, with the reason, if the kernel does not allow it: the run goes on in the shared one. */
bool network_isolate(char reason[ERROR_TEXT_MAX]);

struct network {
    int listener;        /* on every loopback address */
    uint16_t port;       /* 443 in a namespace of our own, else one that is free */
    uint32_t packet_max; /* no packet on its loopback is longer */
    /* What is relayed is written down here (captures/synthetic.h), and everything is relayed; not
     * owned. NULL, as network_init() leaves it: not so. */
    struct synthetic *recorder;
};

int network_init(struct network *network, bool isolated, struct error *err);
void network_fini(struct network *network);

/* The addresses of case number `sequence` (from 1; they come round after 8 million cases). */
void network_addresses(uint32_t sequence, char client[INET_ADDRSTRLEN],
                       char server[INET_ADDRSTRLEN]);

/* The case number that an address of either kind, in host byte order, stands for: that of 8 million
 * that is the lowest; 0: none. */
uint32_t network_sequence(uint32_t address);
/* The number by which network_sequence() knows a case. */
uint32_t network_key(uint32_t sequence);

/* A connected pair: non-blocking, close-on-exec, TCP_NODELAY. The caller owns both. */
int network_pair(struct network *network, uint32_t sequence, int *client, int *server,
                 struct error *err);

#endif
