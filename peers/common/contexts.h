/* Contexts by what they are made of, so that thousands of cases share a few: loading keys and
 * building contexts is far slower than a handshake's bookkeeping. */
#ifndef TLSMATRIX_PEERS_COMMON_CONTEXTS_H
#define TLSMATRIX_PEERS_COMMON_CONTEXTS_H

#include "peers/common/stack.h"

struct contexts;

/* NULL when out of memory. `stack` outlives it. */
struct contexts *contexts_new(const struct tls_stack *stack);
void contexts_free(struct contexts *contexts);

/* A context for this endpoint, cached by everything in it that is not of one connection only and
 * by the identity (inode, size, times) of its files, so that a renewed file is read again. It lives
 * until the next call. Errors are the stack's. */
int contexts_get(struct contexts *contexts, struct stack_context **out,
                 const struct endpoint *endpoint, struct error *err);

#endif
