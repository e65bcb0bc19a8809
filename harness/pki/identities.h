/* Identity faults: everything that can be wrong with a certificate or with who presents it, and the
 * healthy variants beside them. One row each; the forge makes what the row says, the oracle expects
 * what the row says, people read what the row says. */
#ifndef TLSMATRIX_HARNESS_PKI_IDENTITIES_H
#define TLSMATRIX_HARNESS_PKI_IDENTITIES_H

#include "harness/control/facts.h"
#include "harness/pki/forge.h"

enum {
    IDENTITIES_MAX = 128,    /* twice as many as there are rows today */
    IDENTITY_ALERTS_MAX = 6, /* as many as the texts leave to choose from, at most */
    IDENTITY_GENUINE = 0,
};

/* Whose identity is at fault. */
enum identity_side { IDENTITY_SERVER = 1, IDENTITY_CLIENT = 2, IDENTITY_BOTH = 3 };

struct forgery; /* of harness/pki/forgery.h */

struct identity {
    const char *name; /* "expired-leaf"; as the client's fault it is "client-expired-leaf" in ids */
    const char *text; /* one sentence for people */
    const char *references;   /* RFC 5280, 6125/9525, 6960, 8446 … sections */
    enum identity_side sides; /* at which ends it makes sense */
    bool accepted;            /* a careful verifier accepts it (a healthy variant) */
    bool open; /* the RFCs leave it to the verifier: it may accept or refuse; `accepted` is
                  then what a careful one does */
    uint16_t open_below; /* in versions below this one it is open; 0: in none */
    const char *twin; /* the row that must be accepted where this one is refused: "genuine", … */
    enum verify_problem problem; /* what the verifier's own code must name when it refuses; NONE
                                    where the certificate is fine and the signature is not */
    uint8_t alerts[IDENTITY_ALERTS_MAX]; /* that the verifier may send (RFC 8446 section 6.2) */
    size_t num_alerts;                   /* 0 for what must be accepted */
    uint32_t credentials;                /* bit mask of 1u << enum credential it can be made of */
    const char *peer_name; /* the name or IP address that the verifier demands; NULL: the usual */
    bool wrong_key;        /* the presenter signs with a key that is not the certificate's */
    bool uses_crl;         /* the verifier is given CRLs */
    bool uses_staple;      /* the presenter staples an OCSP response, which the verifier judges */
    void (*build)(struct forgery *forgery); /* for the forge: what sets it apart from the genuine
                                               one; NULL: no certificate is different */
};

/* [IDENTITY_GENUINE] is "genuine". */
extern const struct identity identities[];
extern const size_t num_identities; /* at most IDENTITIES_MAX */

/* -1 if unknown. */
int identity_by_name(const char *name);

/* Does the fault make sense at this side, and can it be made of this kind? */
bool identity_applies(const struct identity *identity, enum identity_side side,
                      enum credential kind);

/* Files of one imposter: what the presenter presents and what the verifier is told. Empty paths:
 * as for the genuine one. */
struct imposter {
    char chain_file[PATH_LEN]; /* never empty */
    char key_file[PATH_LEN];
    char trust_file[PATH_LEN];
    char crl_file[PATH_LEN];    /* the verifier checks revocation against it: it holds a CRL of
                                   every CA of the chain, so that all of it can be checked */
    char staple_file[PATH_LEN]; /* OCSP response (DER) that the presenter staples */
    uint8_t leaf_sha256[SHA256_LEN];
    uint8_t spki_sha256[SHA256_LEN];
};

/* Of one kind of credential. Two thirds of a megabyte: for the heap. */
struct imposters {
    struct imposter of[IDENTITIES_MAX][2]; /* [identity][0 server, 1 client]; rows that the kind or
                                              the side does not have are empty */
};

/* Makes (or, if the directory holds a complete set, reads) the imposters of one kind of credential
 * in `directory`/KIND, which is created. They stand beside the genuine ones in `forge`, whose keys
 * and trust anchor they use. A half-written set is never left behind, and several processes may
 * make the same one at once, as with forge_make().
 * ERROR_USAGE where the directory is something else, or holds imposters of another forge or of
 * another version; otherwise ERROR_HARNESS. */
int forge_imposters(struct imposters *out, const char *directory, const struct forge *forge,
                    enum credential kind, struct error *err);

#endif
