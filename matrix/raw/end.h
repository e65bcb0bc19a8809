/* The raw end of one lane, tied to the runner's epoll: started with a case, stepped with every turn
 * of the loop, stopped with the case. */
#ifndef TLSMATRIX_MATRIX_RAW_END_H
#define TLSMATRIX_MATRIX_RAW_END_H

#include "harness/pki/forge.h"
#include "matrix/case.h"
#include "matrix/network.h"
#include "matrix/raw/player.h"

struct raw_end {
    struct player *player; /* NULL: both ends are stacks */
    int epoll;
    uint64_t key;      /* epoll's word for this lane's raw end */
    uint32_t interest; /* what epoll watches, 0: nothing */
    uint8_t *chain;
};

/* Makes a connected pair of the number *sequence (advanced), takes one end of it and gives the
 * other to the caller: *socket. */
int raw_end_start(struct raw_end *end, int *socket, const struct matrix_case *c,
                  const struct forge *forge, struct network *network, uint32_t *sequence, int epoll,
                  uint64_t key, struct error *err);

int raw_end_step(struct raw_end *end, struct error *err);

/* Takes what still came, ends it and gives its facts; nothing if there is none. */
void raw_end_stop(struct raw_end *end, struct raw_facts *facts);

#endif
