/* Server-side callbacks for the two kinds of shared secret: the one PSK and the one SRP user. */
#include "peers/gnutls/internal.h"

#include <string.h>

static int copy_datum(gnutls_datum_t *out, const void *data, size_t len)
{
    out->data = gnutls_malloc(len);
    if (out->data == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    memcpy(out->data, data, len);
    out->size = (unsigned)len;
    return 0;
}

int psk_lookup(gnutls_session_t session, const char *identity, gnutls_datum_t *key)
{
    const struct stack_connection *connection = gnutls_session_get_ptr(session);
    const struct endpoint *endpoint = &connection->context->endpoint;
    if (strcmp(identity, endpoint->psk_identity) != 0)
        return 1; /* unknown, in the library's convention; it goes on with a random key */
    return copy_datum(key, endpoint->psk, endpoint->psk_len);
}

/* The salt of the one account is no secret: a server sends it to whoever asks (RFC 5054). */
static const unsigned char srp_salt[16] = "tlsmatrix salt.";

int srp_lookup(gnutls_session_t session, const char *user, gnutls_datum_t *salt,
               gnutls_datum_t *verifier, gnutls_datum_t *generator, gnutls_datum_t *prime)
{
    const struct stack_connection *connection = gnutls_session_get_ptr(session);
    const struct endpoint *endpoint = &connection->context->endpoint;
    const gnutls_datum_t *g = &gnutls_srp_2048_group_generator;
    const gnutls_datum_t *n = &gnutls_srp_2048_group_prime;
    if (copy_datum(generator, g->data, g->size) < 0 || copy_datum(prime, n->data, n->size) < 0)
        return -1;
    if (strcmp(user, endpoint->srp_user) != 0)
        return 1; /* unknown, in the library's convention; it goes on as if there were one */
    if (copy_datum(salt, srp_salt, sizeof srp_salt) < 0)
        return -1;
    return gnutls_srp_verifier(user, endpoint->srp_password, salt, generator, prime, verifier) < 0
               ? -1
               : 0;
}
