/* What the files of the oracle share among themselves with the judge, and with who
 * asks what a raw hello and a stack have in common. */
#ifndef TLSMATRIX_MATRIX_ORACLE_PARTS_H
#define TLSMATRIX_MATRIX_ORACLE_PARTS_H

#include "matrix/oracle.h"

/* What both ends offer in a case, and what could come of it. */
struct negotiation {
    const struct matrix_case *c;
    uint16_t version;                      /* the highest common one; 0: none */
    uint16_t suites[2][CONFIG_SUITES_MAX]; /* [enum role], as offered */
    size_t num_suites[2];
    uint16_t groups[2][CONFIG_GROUPS_MAX];
    size_t num_groups[2];
};

void negotiation_init(struct negotiation *n, const struct matrix_case *c,
                      const struct stack_set *stacks);

/* The suites that may be negotiated in `version`: offered by both, and fit for the version, the
 * server's key and the authentication. `out` may be NULL. Returns their number. */
size_t negotiable_suites(uint16_t out[CONFIG_SUITES_MAX], const struct negotiation *n,
                         uint16_t version);

/* Can this suite be negotiated in n->version, as far as groups go? */
bool suite_has_group(const struct negotiation *n, const struct suite *suite);

/* The groups that this suite may end up with in n->version. */
bool group_negotiable(const struct negotiation *n, const struct suite *suite,
                      const struct group *group);

/* TLS <= 1.2 DHE where the named groups of RFC 7919 bind nobody: the server takes any. */
bool dhe_group_is_free(const struct negotiation *n, const struct suite *suite);

/* Fills e->signature_schemes for the server's handshake signature. */
void expect_signature_schemes(struct expectation *e, const struct negotiation *n);

/* May a key of this kind sign a handshake of this version so? */
bool scheme_fits_key(uint16_t scheme, enum credential credential, uint16_t version);

/* Does the server sign in a handshake with this suite in this version? */
bool suite_is_signed(const struct suite *suite, uint16_t version);

/* Fills e->refusal for e->fault, and adds the requirements that say so. */
void expect_refusals(struct expectation *e, const struct negotiation *n);

/* Adds the requirement of this id to e->rules, once. */
void expect_rule(struct expectation *e, const char *id);

#endif
