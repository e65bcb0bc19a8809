/* The memory transport: two pipes between a victim and its partner, behind numbers that no socket
 * has (shared_object.h). One pair at a time. */
#ifndef TLSMATRIX_FUZZ_STACKS_PIPES_H
#define TLSMATRIX_FUZZ_STACKS_PIPES_H

#include "fuzz/stacks/shared_object.h"

enum {
    PIPE_VICTIM = FUZZ_DESCRIPTOR_MIN,
    PIPE_PARTNER,
    NUM_PIPE_ENDS = 2,
    PIPE_ROOM = 2 * 1024 * 1024, /* of one direction: a partner says no more than 1 MiB */
};

/* pipes_recv() and pipes_send(), for wrapped_set_transport() and the stacks. */
extern const struct fuzz_transport pipes_transport;

/* Empties both. The victim receives at most `segment` bytes at a time; 0: as many as there are. */
void pipes_reset(size_t segment);

/* As recv(), send() and shutdown(SHUT_WR) of a non-blocking socket: -1 and errno EAGAIN where
 * nothing is there, 0 where the other end has ended, -1 and EPIPE where the pipe is full. */
ssize_t pipes_recv(int end, void *buffer, size_t len);
ssize_t pipes_send(int end, const void *data, size_t len);
void pipes_end(int end);

/* Bytes that this end has not received yet. */
size_t pipes_waiting(int end);

/* Bytes that this end has sent, and a hash of them (FNV-1a). */
size_t pipes_sent(int end);
uint64_t pipes_hash(int end);
/* Those bytes, until pipes_reset(). */
const uint8_t *pipes_bytes(int end, size_t *len);

#endif
