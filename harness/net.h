/* TCP for who is run by hand: IPv4, IPv6 and names that mean both. Addresses are written
 * "HOST:PORT",
 * "[::1]:PORT", or ":PORT" for any address. All sockets are non-blocking and close-on-exec. */
#ifndef TLSMATRIX_HARNESS_NET_H
#define TLSMATRIX_HARNESS_NET_H

#include "harness/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { NET_LISTEN_MAX = 8, NET_TEXT_LEN = 96, NET_HOST_LEN = 256 };

/* Listens on every address that `address` stands for. Returns their number, or -1. */
int net_listen(int sockets[NET_LISTEN_MAX], const char *address, struct error *err);

/* Waits for one connection on any of the sockets; `from` receives the other end's address. */
int net_accept(int *out, char from[NET_TEXT_LEN], const int sockets[], size_t num_sockets,
               struct error *err);

enum net_result { NET_CONNECTED, NET_REFUSED, NET_TIMEOUT, NET_ERROR, NET_NO_ADDRESS };

/* Tries each address in turn. The error is filled unless NET_CONNECTED. */
enum net_result net_connect(int *out, const char *address, uint32_t timeout_ms, struct error *err);

/* The HOST of an address, as a certificate would name it: without brackets, and an IPv6 address
 * without its zone (RFC 4007 section 11), which means something on this machine only; "localhost"
 * where it is empty. ERROR_USAGE if this is no HOST:PORT. */
int net_host(char out[NET_HOST_LEN], const char *address, struct error *err);

/* Where the socket listens, as text. */
void net_local_text(char out[NET_TEXT_LEN], int socket);

#endif
