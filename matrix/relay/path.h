/* The relay of one lane, tied to the runner's epoll: started with a case, stepped with every turn
 * of the loop, stopped with the case. */
#ifndef TLSMATRIX_MATRIX_RELAY_PATH_H
#define TLSMATRIX_MATRIX_RELAY_PATH_H

#include "harness/pki/forge.h"
#include "matrix/case.h"
#include "matrix/network.h"
#include "matrix/relay/relay.h"

struct path {
    struct relay *relay; /* NULL: nobody is in the path */
    int epoll;
    uint64_t key;         /* epoll's word for this lane's relay */
    uint32_t interest[2]; /* what epoll watches, 0: nothing */
    bool watched[2];      /* epoll knows the descriptor */
    bool recording;       /* what passes is written down, and something may still pass */
    uint8_t *certificate; /* the attacker's; the relay reads it */
};

/* Does the relay stand between this case's ends? Where the case is attacked or its bytes are handed
 * on otherwise; on a ground with a recorder between any two stacks. A raw end is alone with its
 * stack. */
bool path_is_wanted(const struct matrix_case *c, const struct network *network);

/* Makes two connected pairs, of the numbers *sequence and *sequence + 1 (advanced by two), puts the
 * relay between them, and gives the outer ends to the caller: sockets[enum role]. */
int path_start(struct path *path, int sockets[2], const struct matrix_case *c,
               const struct forge *forge, struct network *network, uint32_t *sequence, int epoll,
               uint64_t key, struct error *err);

/* Moves what can be moved, and tells epoll what to wait for. */
int path_step(struct path *path, struct error *err);

/* After how many milliseconds a step is due in any case, at most `otherwise`. */
int path_timeout_ms(const struct path *path, int otherwise);

/* Ends the relay and gives its facts; nothing if there is none. */
void path_stop(struct path *path, struct relay_facts *facts);

#endif
