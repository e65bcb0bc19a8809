/* One imposter in the making: plans of certificates, which a row's builder changes, and what comes
 * of them. Private to the forge. */
#ifndef TLSMATRIX_HARNESS_PKI_FORGERY_H
#define TLSMATRIX_HARNESS_PKI_FORGERY_H

#include "harness/pki/certificates.h"
#include "harness/pki/identities.h"

/* The genuine certificates and keys of a kind, as they are on disk. */
struct genuine {
    enum credential kind;
    EVP_PKEY *keys[NUM_FORGE_ROLES];
    struct certificates certificates;
};

/* To be ended with genuine_fini(). */
int genuine_init(struct genuine *out, const struct forge *forge, enum credential kind,
                 struct error *err);
void genuine_fini(struct genuine *genuine);

enum {
    LINKS_MAX = 34,        /* the longest chain: 30 intermediates, leaf, root, and room for two */
    LONG_CHAIN_LINKS = 32, /* leaf, 30 intermediates, root */
    LINK_LEAF = 0,         /* of the genuine chain, from which every forgery starts */
    LINK_INTERMEDIATE = 1,
    LINK_ROOT = 2,
};

struct link {
    struct certificate_plan plan;
    enum forge_role role; /* of the genuine certificate that it starts from */
    size_t issuer;        /* its link; the link itself: self-signed. Never below the link */
    bool changed;         /* is issued anew; else it is the genuine certificate */
    bool revoked;         /* stands on its issuer's CRL, if there are CRLs */
    X509 *certificate;    /* when it is issued */
};

enum staple { STAPLE_NONE, STAPLE_GOOD, STAPLE_REVOKED, STAPLE_FORGED, STAPLE_STALE };

struct forgery {
    const struct genuine *genuine;
    enum identity_side side;      /* whose leaf: one of the two */
    struct link links[LINKS_MAX]; /* the leaf, its issuer, and so on to the root */
    size_t num_links;
    size_t presented[LINKS_MAX]; /* links in the order on the wire */
    size_t num_presented;
    bool own_anchor;         /* the verifier trusts the last link instead of the genuine root */
    EVP_PKEY *presenter_key; /* with which the presenter signs: the leaf's, if NULL */
    EVP_PKEY *own_key;       /* one made for this forgery alone, if any */
    bool tampered;           /* the leaf is changed after it was signed */
    bool crl;                /* the verifier has CRLs of every CA */
    enum staple staple;
    bool failed;             /* the builder could not do its part */
    char *long_text;         /* a builder's text, on the heap */
    char key_id[3 * 20 + 1]; /* a builder's key identifier, as text */
};

/* Starts from the genuine chain, lets the row change it and issues what is to be issued.
 * To be ended with forgery_fini(). */
int forgery_init(struct forgery *out, const struct genuine *genuine,
                 const struct identity *identity, enum identity_side side, struct error *err);
void forgery_fini(struct forgery *forgery);

/* ---- for builders ---- */

/* The plan of a link, which is then issued anew. */
struct certificate_plan *forgery_change(struct forgery *f, size_t link);

/* The key of another genuine certificate. */
EVP_PKEY *forgery_key(const struct forgery *f, enum forge_role role);

/* Puts one more intermediate between the leaf and its issuer, and has the leaf issued by it. It has
 * the intermediate's key and a name of its own. Returns its plan; its link is LINK_INTERMEDIATE. */
struct certificate_plan *forgery_insert(struct forgery *f);

/* What the end presents: these links in this order. */
void forgery_present(struct forgery *f, const size_t *links, size_t num_links);

#endif
