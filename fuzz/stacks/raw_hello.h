/* A script as a raw hello of the matrix (matrix/hellos/README.md), where it can be one. */
#ifndef TLSMATRIX_FUZZ_STACKS_RAW_HELLO_H
#define TLSMATRIX_FUZZ_STACKS_RAW_HELLO_H

#include "fuzz/stacks/play.h"

/* Does the script change nothing but what a client says before it has heard anything? */
bool raw_hello_possible(const struct script *script);

/* Plays the script up to the first answer, and writes a file for matrix/hellos with what the victim
 * was sent until then. What has to come back no fuzzer knows: the file says `any`, and whoever
 * keeps it what the RFC says. ERROR_USAGE where raw_hello_possible() is false, or a step has no
 * room. */
int raw_hello_write(FILE *out, const struct script *script, const char *name, struct player *player,
                    const struct fuzz_stack *victim, struct error *err);

#endif
