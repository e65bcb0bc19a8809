/* Seeds for a stack's target: scripts that say, one by one, what a script can say. */
#ifndef TLSMATRIX_FUZZ_STACKS_SEEDS_H
#define TLSMATRIX_FUZZ_STACKS_SEEDS_H

#include "fuzz/stacks/play.h"

/* Writes them into the folder, which is created, a file each, named for what it says: healthy
 * handshakes of every version, authentication and credential; each kind of step at each message and
 * point; each extension of the registry in each message that takes extensions; each kind of message
 * and record behind the handshake. `victim` is asked what its partner says. *num receives how
 * many. The same every time. */
int seeds_write(size_t *num, struct player *player, const struct fuzz_stack *victim, enum role role,
                const char *folder, struct error *err);

#endif
