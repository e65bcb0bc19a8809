/* What the files behind case.h share. */
#ifndef TLSMATRIX_MATRIX_CASE_JUDGED_H
#define TLSMATRIX_MATRIX_CASE_JUDGED_H

#include "matrix/case.h"

/* The version by which this end's configuration is judged: the highest common one, or where there
 * is none, this end's highest. */
uint16_t case_judged_version(const struct matrix_case *c, enum role role);

/* rsaEncryption keys; keys on an ECDSA curve. */
bool case_is_rsa(enum credential credential);
bool case_is_ecdsa(enum credential credential);

/* Is this a TLS 1.3 suite of another hash than SHA-256, the hash of the external PSK of a case? */
bool case_psk_hash_differs(const struct suite *suite);

/* The group that is the curve of the case's certificates, 0 if they are on none that is a group. */
uint16_t case_certificate_curve(const struct matrix_case *c);

/* Has the stack nothing to answer the case's raw hello with, though it is one that may be taken?
 * False also where there is no such hello. */
bool hello_beyond_server(const struct matrix_case *c, const struct stack_set *stacks);
bool hello_beyond_client(const struct matrix_case *c, const struct stack_set *stacks);

/* One way in which a stack can be unable to do its part: rows of the table behind
 * case_unsupported(), open to the covering arrays, which prefer what can be run. */
struct support_rule {
    unsigned axes; /* that it looks at: 1u << AXIS_… */
    /* Is a stack unable? Then writes why, unless `reason` is NULL. */
    bool (*lacks)(char reason[TEXT_LEN], const struct matrix_case *c,
                  const struct stack_set *stacks);
};
extern const struct support_rule support_rules[];
extern const size_t num_support_rules;

#endif
