/* What a stack can do, asked of the library at start-up: the message `hello`, the output of
 * `tlspeer-X features --json`, and the checked-in lists under peers/<stack>/expected/.
 *
 * Groups and credentials depend on the version (an X448 that works in TLS 1.3 only, an RSA-PSS
 * key that TLS 1.1 cannot use), so each version has lists of its own. A suite is listed once;
 * the registry says which versions it belongs to. */
#ifndef TLSMATRIX_HARNESS_CONTROL_CAPABILITIES_H
#define TLSMATRIX_HARNESS_CONTROL_CAPABILITIES_H

#include "harness/error.h"
#include "harness/limits.h"
#include "harness/wire/registry.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of credential that the forge makes and a stack may be able to use. */
enum credential {
    CREDENTIAL_NONE,
    CREDENTIAL_RSA2048,
    CREDENTIAL_RSA3072,
    CREDENTIAL_RSA4096,
    CREDENTIAL_RSAPSS2048, /* SubjectPublicKeyInfo id-RSASSA-PSS (RFC 8017 A.2.3) */
    CREDENTIAL_ECDSA_P256,
    CREDENTIAL_ECDSA_P384,
    CREDENTIAL_ECDSA_P521,
    CREDENTIAL_ED25519,
    CREDENTIAL_ED448,
    CREDENTIAL_DSA2048,
    NUM_CREDENTIALS,
};

/* "none", "rsa2048", … "ecdsa-p256", … "dsa2048". */
const char *credential_name(enum credential credential);
/* -1 if unknown. */
int credential_by_name(const char *name);

/* Abilities that are not a suite, group or credential. */
enum feature {
    FEATURE_CLIENT_AUTH,        /* certificate requested by the server, sent by the client */
    FEATURE_PSK_TLS12,          /* external PSK with the PSK suites, TLS <= 1.2 */
    FEATURE_PSK_TLS13,          /* external PSK, psk_dhe_ke */
    FEATURE_SRP,                /* RFC 5054 */
    FEATURE_EXPORTER,           /* RFC 5705, RFC 8446 section 7.5 */
    FEATURE_KEYLOG,             /* NSS key log lines */
    FEATURE_ANONYMOUS,          /* (EC)DH_anon suites */
    FEATURE_VERIFY_TIME,        /* verification at a given time */
    FEATURE_TLS13_SUITE_CHOICE, /* keeps to the TLS 1.3 suites it is told; else offers and accepts
                                   all that it has, by its own preference */
    FEATURE_CRL,                /* revocation of the other end's whole chain by given CRLs */
    FEATURE_OCSP_STAPLE,        /* staples a given OCSP response, as a server that is asked to */
    FEATURE_OCSP_VERIFY,        /* asks for a staple, as a client, and judges what comes */
    FEATURE_WRONG_KEY,          /* signs with a key that is not its certificate's */
    FEATURE_EXCHANGES,          /* plays every exchange of exchanges.h, not the pattern alone */
    FEATURE_SERVED_NAME,        /* refuses hellos for other names, as a server */
    FEATURE_ALPN,               /* offers application protocols, and refuses others */
    FEATURE_LATE_VERIFY,        /* judges certificates behind the handshake where it is told to */
    NUM_FEATURES,
};

const char *feature_name(enum feature feature);
int feature_by_name(const char *name);

struct capabilities {
    char stack[NAME_MAX_LEN];       /* "openssl" */
    char api[NAME_MAX_LEN];         /* the directory in peers/ that drives it */
    char library[NAME_MAX_LEN * 2]; /* what the library calls itself at run time */
    char release[NAME_MAX_LEN];     /* "3.0.22", the key of the checked-in list */
    uint16_t suites[CAPABILITY_SUITES_MAX];
    size_t num_suites;
    bool versions[NUM_TLS_VERSIONS]; /* [version - TLS10] */
    uint16_t groups[NUM_TLS_VERSIONS][CAPABILITY_NAMES_MAX];
    size_t num_groups[NUM_TLS_VERSIONS];
    /* What a server can authenticate with, and either end verifies. */
    bool credentials[NUM_TLS_VERSIONS][NUM_CREDENTIALS];
    /* What a client can authenticate with, where that is not the same; a row without any: the same
     * (ask capabilities_have_client_credential). A client that has none: CREDENTIAL_NONE alone. */
    bool client_credentials[NUM_TLS_VERSIONS][NUM_CREDENTIALS];
    uint16_t signature_schemes[CAPABILITY_NAMES_MAX]; /* none: nothing is known of them */
    size_t num_signature_schemes;
    bool features[NUM_FEATURES];
    /* What endpoint.fault may name; a peer that is no test of the harness has none. */
    char faults[CAPABILITY_FAULTS_MAX][NAME_MAX_LEN];
    size_t num_faults;
};

bool capabilities_have_suite(const struct capabilities *caps, uint16_t suite);
bool capabilities_have_group(const struct capabilities *caps, uint16_t version, uint16_t group);
bool capabilities_have_client_credential(const struct capabilities *caps, uint16_t version,
                                         enum credential credential);

json_t *capabilities_to_json(const struct capabilities *caps);
int capabilities_from_json(struct capabilities *out, const json_t *object, struct error *err);

/* Writes one line for each difference ("- suite TLS_…: expected, not there", "+ group x448
 * (tls1.3): there, not expected") through `report`. `release` and `library` do not count.
 * Returns the number of differences. */
size_t capabilities_compare(const struct capabilities *expected, const struct capabilities *actual,
                            void (*report)(void *context, const char *line), void *context);

#endif
