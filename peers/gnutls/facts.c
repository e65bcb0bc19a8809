/* What the library knows of a connection (connection_facts, peer_hashes). */
#include "peers/gnutls/internal.h"

#include "harness/wire/registry.h"

#include <gnutls/crypto.h>
#include <string.h>

/* The prime that was really used (RFC 5246 section 7.4.3), whatever was agreed on by number: RFC
 * 7919 puts a group's number into the hellos only, never beside the prime. */
static uint16_t group_by_prime(gnutls_session_t session)
{
    gnutls_datum_t generator = { 0 }, prime = { 0 };
    if (gnutls_dh_get_group(session, &generator, &prime) < 0)
        return 0;
    const unsigned char *digits = prime.data;
    size_t len = prime.size;
    while (len > 0 && *digits == 0)
        digits++, len--;
    uint16_t id = 0;
    for (size_t i = 0; i < num_library_groups; i++) {
        const gnutls_datum_t *known = library_groups[i].prime;
        if (known != NULL && known->size == len && memcmp(known->data, digits, len) == 0)
            id = library_groups[i].id;
    }
    gnutls_free(generator.data);
    gnutls_free(prime.data);
    return id;
}

static uint16_t group_of(gnutls_session_t session, const struct suite *suite)
{
    if (suite == NULL || !suite_uses_group(suite))
        return 0;
    return suite->kx == KX_DHE ? group_by_prime(session)
                               : library_group_id(gnutls_group_get(session));
}

/* Does the server sign with an algorithm that signature_algorithms negotiates? Before TLS 1.2 it
 * nothing was to choose (RFC 5246 section 1.2), and not every key exchange has a signature. */
static bool server_signs(const struct facts *facts, const struct suite *suite)
{
    if (suite == NULL || facts->version < TLS12)
        return false;
    if (facts->version == TLS13)
        return facts->signature_scheme != 0;
    return suite->kx != KX_RSA && suite->kx != KX_RSA_PSK && suite->auth != AUTH_PSK &&
           suite->auth != AUTH_ANON;
}

static void session_facts(const struct stack_connection *connection, struct facts *facts)
{
    gnutls_session_t session = connection->session;
    facts->version = library_version_id(gnutls_protocol_get_version(session));
    facts->suite = library_suite_of(session);
    const struct suite *suite = suite_by_id(facts->suite);
    facts->group = group_of(session, suite);
    facts->signature_scheme =
        library_sign_id((gnutls_sign_algorithm_t)gnutls_sign_algorithm_get(session));
    if (!server_signs(facts, suite))
        facts->signature_scheme = 0;
    facts->resumed = gnutls_session_is_resumed(session) != 0;
}

static void exporter_fact(const struct stack_connection *connection, struct facts *facts)
{
    static const char label[] = "EXPORTER-tlsmatrix";
    facts->exporter_known = gnutls_prf_rfc5705(connection->session, sizeof label - 1, label, 0, "",
                                               EXPORTER_LEN, (char *)facts->exporter) >= 0;
}

/* What the library finds wrong with a certificate apart from verifying it. */
static enum verify_problem problem_of_failure(int code)
{
    switch (code) {
    case GNUTLS_E_KEY_USAGE_VIOLATION:
        return VERIFY_PROBLEM_USAGE;
    case GNUTLS_E_CONSTRAINT_ERROR: /* the chain is too long for it */
        return VERIFY_PROBLEM_CHAIN;
    default:
        return VERIFY_PROBLEM_NONE;
    }
}

/* The chain before all else: a certificate nobody vouches for has neither name nor time. */
static enum verify_problem problem_of(unsigned status)
{
    static const struct {
        unsigned bits;
        enum verify_problem problem;
    } problems[] = {
        { GNUTLS_CERT_REVOKED, VERIFY_PROBLEM_REVOKED },
        { GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE |
              GNUTLS_CERT_MISSING_OCSP_STATUS | GNUTLS_CERT_INVALID_OCSP_STATUS,
          VERIFY_PROBLEM_REVOKED }, /* that it is not has not been shown */
        { GNUTLS_CERT_INSECURE_ALGORITHM, VERIFY_PROBLEM_WEAK },
        { GNUTLS_CERT_PURPOSE_MISMATCH, VERIFY_PROBLEM_USAGE },
        { GNUTLS_CERT_UNEXPECTED_OWNER, VERIFY_PROBLEM_NAME },
        { GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED, VERIFY_PROBLEM_TIME },
    };
    const size_t num_problems = sizeof problems / sizeof problems[0];
    unsigned rest = status & ~(unsigned)GNUTLS_CERT_INVALID; /* is set beside any other */
    for (size_t i = 0; i < num_problems; i++)
        rest &= ~problems[i].bits;
    if (rest != 0)
        return VERIFY_PROBLEM_CHAIN;
    for (size_t i = 0; i < num_problems; i++)
        if (status & problems[i].bits)
            return problems[i].problem;
    return status != 0 ? VERIFY_PROBLEM_CHAIN : VERIFY_PROBLEM_NONE;
}

void gnutls_stack_connection_facts(struct stack_connection *connection, struct facts *facts)
{
    if (connection->handshake_done) {
        session_facts(connection, facts);
        exporter_fact(connection, facts);
    }
    facts->verify_known = connection->verify_known;
    facts->verify_code = (long)connection->verify_status;
    facts->verify_problem = connection->verify_status != 0
                                ? problem_of(connection->verify_status)
                                : problem_of_failure(connection->failure);
    memcpy(facts->verify_text, connection->verify_text, sizeof facts->verify_text);
    uint8_t spki[SHA256_LEN];
    facts->peer_leaf_known =
        gnutls_stack_peer_hashes(connection, facts->peer_leaf_sha256, spki) == 0;
}

static int hash_spki(uint8_t out[SHA256_LEN], const gnutls_datum_t *der)
{
    gnutls_x509_crt_t certificate = NULL;
    gnutls_pubkey_t key = NULL;
    gnutls_datum_t spki = { 0 };
    int code = gnutls_x509_crt_init(&certificate);
    if (code >= 0)
        code = gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER);
    if (code >= 0)
        code = gnutls_pubkey_init(&key);
    if (code >= 0)
        code = gnutls_pubkey_import_x509(key, certificate, 0);
    if (code >= 0)
        code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &spki);
    if (code >= 0)
        code = gnutls_hash_fast(GNUTLS_DIG_SHA256, spki.data, spki.size, out);
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(key);
    gnutls_x509_crt_deinit(certificate);
    return code < 0 ? -1 : 0;
}

int gnutls_stack_peer_hashes(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                             uint8_t spki[SHA256_LEN])
{
    unsigned num = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(connection->session, &num);
    if (chain == NULL || num == 0)
        return -1;
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, chain[0].data, chain[0].size, leaf) < 0)
        return -1;
    return hash_spki(spki, &chain[0]);
}
