/* The operations of one connection, for stack.c to put into its `struct tls_stack`. */
#ifndef TLSMATRIX_PEERS_CARELESS_STACK_H
#define TLSMATRIX_PEERS_CARELESS_STACK_H

#include "peers/common/stack.h"

int careless_connection_new(struct stack_connection **out, struct stack_context *context,
                            const struct endpoint *endpoint, int socket, struct facts *facts,
                            struct error *err);
void careless_connection_free(struct stack_connection *c);
enum io_status careless_handshake(struct stack_connection *c);
enum io_status careless_read(struct stack_connection *c, void *buffer, size_t *num_done,
                             size_t len);
enum io_status careless_write(struct stack_connection *c, size_t *num_done, const void *data,
                              size_t len);
enum io_status careless_close_notify(struct stack_connection *c);

#endif
