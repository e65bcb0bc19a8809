/* The five servers' credentials, made anew each time and never kept in the repository. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_CREDENTIALS_H
#define TLSMATRIX_PEERS_MINIHTTPS_CREDENTIALS_H

#include "harness/error.h"

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#define CREDENTIALS_NAME      "greenpath.program"
#define CREDENTIALS_LOOKALIKE "gr33npath.program"

enum { NUM_SERVERS = 5, NUM_AUTHORITIES = 5, NUM_TRUSTED = 3 };

/* How long around the time of issue: no clock is exact, and none of these is to last. */
enum { CREDENTIALS_DAYS_BEFORE = 1, CREDENTIALS_DAYS_AFTER = 365 };

/* A certificate to issue. `name` is the organisation, and for a server the SAN too. */
struct issue_order {
    const char *name;
    EVP_PKEY *key; /* of the subject; its public half goes in */
    X509 *issuer;  /* NULL: self-signed */
    EVP_PKEY *issuer_key;
    bool authority;
    int64_t time; /* of issue, seconds since 1970 */
};
/* The caller owns it; NULL on failure (err says why). A server's certificate repeats its issuer's
 * subject key identifier, as those of this protocol do: a verifier must not mind. */
X509 *certificate_issue(const struct issue_order *order, struct error *err);

/* Fills `directory`: trusted_certs/NAME.cert for three authorities, and server1 to server5, each
 * with priv.key, server.cert and data.txt. What is there already is replaced. */
int credentials_make(const char *directory, int64_t time, struct error *err);

/* The text that server 1 … 5 (index 0 … 4) has to say. */
extern const char *const server_texts[NUM_SERVERS];

#endif
