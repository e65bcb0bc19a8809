/* The forge's certificates. A plan says everything that a certificate is to say; the plans of the
 * genuine ones are X.509 v3 with the extensions that RFC 5280 asks of a CA and of a TLS end
 * entity, so that the strictest of verifiers has nothing to object. */
#ifndef TLSMATRIX_HARNESS_PKI_CERTIFICATES_H
#define TLSMATRIX_HARNESS_PKI_CERTIFICATES_H

#include "harness/error.h"
#include "harness/pki/layout.h"

#include <openssl/x509.h>

/* An extension that libcrypto's syntax cannot say. */
struct raw_extension {
    const char *oid; /* dotted decimal; NULL: none */
    bool critical;
    const char *der;
    size_t der_len;
};

/* Extensions are values of libcrypto's syntax; NULL: no such extension. Nothing is owned. */
struct certificate_plan {
    long version; /* X509_VERSION_3; X509_VERSION_1 takes no extensions, whatever stands below */
    char unit[NAME_MAX_LEN];        /* OU of the subject */
    char common_name[NAME_MAX_LEN]; /* CN of the subject */
    int64_t not_before;             /* seconds since 1970, UTC; both ends belong to the validity */
    int64_t not_after;
    const char *basic_constraints;
    const char *key_usage;
    const char *extended_key_usage;
    const char *alternative_name;
    const char *name_constraints;
    const char *subject_key;
    const char *authority_key;
    struct raw_extension raw;
    EVP_PKEY *key;
    const char *digest; /* of the issuer's signature; NULL: part of its algorithm (EdDSA) */
    bool pss;           /* the issuer's signature is RSASSA-PSS */
};

/* Of the genuine certificate. */
struct certificate_plan certificate_plan(enum credential kind, enum forge_role role, EVP_PKEY *key);

/* Issues what the plan says; with `issuer` NULL it is self-signed. The caller owns the result;
 * NULL on failure. */
X509 *certificate_issue(const struct certificate_plan *plan, X509 *issuer, EVP_PKEY *issuer_key,
                        struct error *err);

/* A context for the kind of signature that the plan asks for; NULL on failure, else to be ended
 * with EVP_MD_CTX_free(). */
EVP_MD_CTX *signature_context(EVP_PKEY *key, const char *digest, bool pss);

/* The certificates of one kind. */
struct certificates {
    X509 *of[NUM_FORGE_ROLES];
};

/* Issues all of them, for these keys. To be ended with certificates_fini(). */
int certificates_init(struct certificates *out, enum credential kind,
                      EVP_PKEY *const keys[NUM_FORGE_ROLES], struct error *err);
void certificates_fini(struct certificates *certificates);

#endif
