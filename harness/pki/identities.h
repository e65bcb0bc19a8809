/* Identity faults: everything that can be wrong with a certificate or with who presents it, and the
 * healthy variants beside them. One row each; the forge makes what the row says, the oracle expects
 * what the row says, people read what the row says. */
#ifndef TLSMATRIX_HARNESS_PKI_IDENTITIES_H
#define TLSMATRIX_HARNESS_PKI_IDENTITIES_H

#include "harness/control/facts.h"
#include "harness/pki/forge.h"

enum { IDENTITY_ALERTS_MAX = 6, IDENTITY_GENUINE = 0 };

/* Whose identity is at fault. */
enum identity_side { IDENTITY_SERVER = 1, IDENTITY_CLIENT = 2, IDENTITY_BOTH = 3 };

struct identity {
    const char *name; /* "expired-leaf"; as the client's fault it is "client-expired-leaf" in ids */
    const char *text; /* one sentence for people */
    const char *references; /* RFC 5280, 6125/9525, 6960, 8446 … sections */
    enum identity_side sides; /* at which ends it makes sense */
    bool accepted;    /* a careful verifier accepts it (a healthy variant) */
    const char *twin; /* the row that must be accepted where this one is refused: "genuine", … */
    enum verify_problem problem; /* what the verifier's own code must name; NONE where the
                                    certificate is fine and the signature is not */
    uint8_t alerts[IDENTITY_ALERTS_MAX]; /* that the verifier may send (RFC 8446 section 6.2) */
    size_t num_alerts;
    uint32_t credentials; /* bit mask of 1u << enum credential it can be made of */
};

/* [IDENTITY_GENUINE] is "genuine". */
extern const struct identity identities[];
extern const size_t num_identities;

/* -1 if unknown. */
int identity_by_name(const char *name);

/* Files of one imposter: what the presenter presents and what the verifier is told. Empty paths:
 * as for the genuine one. */
struct imposter {
    char chain_file[PATH_LEN];
    char key_file[PATH_LEN];
    char trust_file[PATH_LEN];
    char crl_file[PATH_LEN];    /* the verifier checks revocation against it */
    char staple_file[PATH_LEN]; /* OCSP response (DER) that the presenter staples */
    char peer_name[NAME_MAX_LEN * 5]; /* the name that the verifier demands; empty: the usual */
    bool wrong_key; /* key_file is not the certificate's: the presenter signs with it all the same */
    uint8_t leaf_sha256[SHA256_LEN];
    uint8_t spki_sha256[SHA256_LEN];
};

/* Makes (or reads, if the directory holds a complete set) the imposters of one kind of credential
 * below `directory`, beside the genuine ones in `forge`. imposters[identity][0 server, 1 client];
 * rows that a kind or side does not have stay empty. */
int forge_imposters(struct imposter (*imposters)[2], const char *directory,
                    const struct forge *forge, enum credential kind, const char *key_cache,
                    struct error *err);

#endif
