/* Between the Certificate message and the verification of what came in it. */
#ifndef TLSMATRIX_PEERS_CARELESS_CERTIFICATES_H
#define TLSMATRIX_PEERS_CARELESS_CERTIFICATES_H

#include "peers/careless/careless.h"

/* Verifies c->peer_chain as the endpoint wants it; notes the verdict. 0, or as refuse(). */
int verify_peer(conn *c);

#endif
