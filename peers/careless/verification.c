/* Is the other end's certificate one to trust? libcrypto finds what is wrong, and what a careless
 * end forgives is one row for each: real ones do it with the very same callback. */
#include "peers/careless/certificates.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- what libcrypto's codes mean ---- */

static const struct problem_row {
    long code;
    enum verify_problem problem;
    int alert; /* RFC 8446 section 6.2 */
} problems[] = {
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, VERIFY_PROBLEM_CHAIN, ALERT_UNKNOWN_CA },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, VERIFY_PROBLEM_CHAIN, ALERT_UNKNOWN_CA },
    { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, VERIFY_PROBLEM_CHAIN, ALERT_UNKNOWN_CA },
    { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, VERIFY_PROBLEM_CHAIN, ALERT_UNKNOWN_CA },
    { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, VERIFY_PROBLEM_CHAIN, ALERT_UNKNOWN_CA },
    { X509_V_ERR_CERT_NOT_YET_VALID, VERIFY_PROBLEM_TIME, ALERT_CERTIFICATE_EXPIRED },
    { X509_V_ERR_CERT_HAS_EXPIRED, VERIFY_PROBLEM_TIME, ALERT_CERTIFICATE_EXPIRED },
    { X509_V_ERR_HOSTNAME_MISMATCH, VERIFY_PROBLEM_NAME, ALERT_BAD_CERTIFICATE },
    { X509_V_ERR_IP_ADDRESS_MISMATCH, VERIFY_PROBLEM_NAME, ALERT_BAD_CERTIFICATE },
    { X509_V_ERR_INVALID_PURPOSE, VERIFY_PROBLEM_USAGE, ALERT_UNSUPPORTED_CERTIFICATE },
    { X509_V_ERR_CERT_REVOKED, VERIFY_PROBLEM_REVOKED, ALERT_CERTIFICATE_REVOKED },
    { X509_V_ERR_UNABLE_TO_GET_CRL, VERIFY_PROBLEM_REVOKED, ALERT_CERTIFICATE_UNKNOWN },
    { X509_V_ERR_EE_KEY_TOO_SMALL, VERIFY_PROBLEM_WEAK, ALERT_BAD_CERTIFICATE },
    { X509_V_ERR_CA_KEY_TOO_SMALL, VERIFY_PROBLEM_WEAK, ALERT_BAD_CERTIFICATE },
    { X509_V_ERR_CA_MD_TOO_WEAK, VERIFY_PROBLEM_WEAK, ALERT_BAD_CERTIFICATE },
};

/* Everything else that may be wrong with a chain. */
static const struct problem_row any_problem = { 0, VERIFY_PROBLEM_CHAIN, ALERT_BAD_CERTIFICATE };
static const struct problem_row no_problem = { X509_V_OK, VERIFY_PROBLEM_NONE, 0 };

static const struct problem_row *problem_of(long code)
{
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        if (problems[i].code == code)
            return &problems[i];
    return code == X509_V_OK ? &no_problem : &any_problem;
}

/* ---- what is forgiven ---- */

static const struct {
    enum plant plant;
    long code;
} forgiven[] = {
    { PLANT_HOST_NAME, X509_V_ERR_HOSTNAME_MISMATCH },
    { PLANT_HOST_NAME, X509_V_ERR_IP_ADDRESS_MISMATCH },
    { PLANT_EXPIRY, X509_V_ERR_CERT_HAS_EXPIRED },
    { PLANT_BEGINNING, X509_V_ERR_CERT_NOT_YET_VALID },
    { PLANT_ANY_ISSUER, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT },
    { PLANT_ANY_ISSUER, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
    { PLANT_ANY_ISSUER, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN },
    { PLANT_ANY_ISSUER, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE },
    { PLANT_SELF_SIGNED, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT },
    { PLANT_CERTIFICATE_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE },
    { PLANT_ANY_CA, X509_V_ERR_INVALID_CA },
    { PLANT_ANY_CA, X509_V_ERR_INVALID_NON_CA },
    { PLANT_ANY_CA, X509_V_ERR_INVALID_PURPOSE }, /* which is what comes next */
    { PLANT_ANY_CA, X509_V_ERR_KEYUSAGE_NO_CERTSIGN },
    { PLANT_PATH_LENGTH, X509_V_ERR_PATH_LENGTH_EXCEEDED },
    { PLANT_NAME_CONSTRAINTS, X509_V_ERR_PERMITTED_VIOLATION },
    { PLANT_NAME_CONSTRAINTS, X509_V_ERR_EXCLUDED_VIOLATION },
    { PLANT_PURPOSE, X509_V_ERR_INVALID_PURPOSE },
    { PLANT_CRITICAL_EXTENSIONS, X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION },
    { PLANT_REVOCATION, X509_V_ERR_CERT_REVOKED },
    { PLANT_WEAK_DIGEST, X509_V_ERR_CA_MD_TOO_WEAK },
};

static bool forgives(const conn *c, long code)
{
    for (size_t i = 0; i < sizeof forgiven / sizeof forgiven[0]; i++)
        if (forgiven[i].code == code && plants(c, forgiven[i].plant))
            return true;
    return false;
}

/* The last second belongs to the certificate's time (RFC 5280 section 4.1.2.5), to libcrypto not.
 */
static bool ends_now(const conn *c, X509 *certificate)
{
    struct tm end;
    return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1 &&
           timegm(&end) == (time_t)c->endpoint.verify_time;
}

static int connection_index(void)
{
    static int index = -1;
    if (index < 0)
        index = X509_STORE_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

static int judge_certificate(int fine, X509_STORE_CTX *ctx)
{
    const conn *c = X509_STORE_CTX_get_ex_data(ctx, connection_index());
    int code = X509_STORE_CTX_get_error(ctx);
    if (fine)
        return 1;
    if (!(code == X509_V_ERR_CERT_HAS_EXPIRED &&
          ends_now(c, X509_STORE_CTX_get_current_cert(ctx))) &&
        !forgives(c, code))
        return 0;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* ---- names ---- */

static bool is_address(const char *name)
{
    struct in6_addr address;
    return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

/* How a careless end compares the name that it wants with one in the certificate. */
static bool compares(const conn *c, const char *wanted, const char *name, size_t len)
{
    size_t wanted_len = strlen(wanted);
    const char *dot = memchr(name, '.', len);
    switch (c->plant) {
    case PLANT_NAME_PREFIX: /* strncmp() with the shorter length */
        return len >= wanted_len && strncasecmp(name, wanted, wanted_len) == 0;
    case PLANT_NAME_SUFFIX: /* the end of the string, wherever that begins */
        return len >= wanted_len && strncasecmp(name + len - wanted_len, wanted, wanted_len) == 0;
    case PLANT_NAME_NUL: /* strcmp() on what may hold a NUL */
        return strnlen(name, len) == wanted_len && strncasecmp(name, wanted, wanted_len) == 0;
    case PLANT_WILDCARD: /* the asterisk stands for anything */
        return len > 2 && name[0] == '*' && dot != NULL && wanted_len >= len - 1 &&
               strncasecmp(wanted + wanted_len - (len - 1), dot, len - 1) == 0;
    case PLANT_ADDRESS_AS_NAME:
        return len == wanted_len && memcmp(name, wanted, len) == 0;
    default:
        return false;
    }
}

static bool name_is_forgiven(const conn *c, X509 *leaf)
{
    bool found = false;
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            found = compares(c, c->endpoint.peer_name,
                             (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                             (size_t)ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
    return found;
}

static void set_name(const conn *c, X509_VERIFY_PARAM *param)
{
    const char *name = c->endpoint.peer_name;
    unsigned subject = plants(c, PLANT_COMMON_NAME) ? X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT
                                                    : (unsigned)X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    X509_VERIFY_PARAM_set_hostflags(param, subject | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (c->role == ROLE_SERVER || name[0] == '\0' || name_is_forgiven(c, c->peer_leaf))
        return;
    if (is_address(name))
        X509_VERIFY_PARAM_set1_ip_asc(param, name);
    else
        X509_VERIFY_PARAM_set1_host(param, name, strlen(name));
}

/* ---- the whole ---- */

static void configure(const conn *c, X509_STORE_CTX *ctx)
{
    enum { STRENGTH = 2 }; /* 112 bits: RSA 2048, no SHA-1 */
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_STORE_CTX_set_ex_data(ctx, connection_index(), (void *)c);
    X509_STORE_CTX_set_verify_cb(ctx, judge_certificate);
    X509_STORE_CTX_set_default(ctx, c->role == ROLE_CLIENT ? "ssl_server" : "ssl_client");
    X509_VERIFY_PARAM_set_time(param, (time_t)c->endpoint.verify_time);
    X509_VERIFY_PARAM_set_auth_level(param, STRENGTH);
    set_name(c, param);
    if (c->endpoint.crl_file[0] != '\0')
        X509_VERIFY_PARAM_set_flags(
            param, X509_V_FLAG_CRL_CHECK |
                       (plants(c, PLANT_LEAF_REVOCATION) ? 0 : X509_V_FLAG_CRL_CHECK_ALL));
}

static long verify_chain(const conn *c)
{
    static const int none = X509_V_ERR_UNSPECIFIED;
    long code = none;
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE *store = c->context->trust != NULL ? c->context->trust->store : NULL;
    if (ctx != NULL && store != NULL &&
        X509_STORE_CTX_init(ctx, store, c->peer_leaf, c->peer_chain) == 1) {
        configure(c, ctx);
        bool accepted = X509_verify_cert(ctx) == 1;
        code = accepted ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
        if (!accepted && code == X509_V_OK)
            code = none;
    }
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
    return code;
}

int verify_peer(conn *c)
{
    if (c->endpoint.verify == VERIFY_NONE)
        return 0;
    if (c->endpoint.verify == VERIFY_REQUEST && plants(c, PLANT_OPTIONAL))
        return 0;
    c->verified = true;
    c->verify_code = verify_chain(c);
    if (c->verify_code == X509_V_OK || (plants(c, PLANT_LATE_VERIFICATION) && !c->late))
        return 0;
    return refuse(c, problem_of(c->verify_code)->alert,
                  X509_verify_cert_error_string(c->verify_code));
}

void verification_facts(const conn *c, struct facts *facts)
{
    if (!c->verified)
        return;
    facts->verify_known = true;
    facts->verify_code = c->verify_code;
    facts->verify_problem = problem_of(c->verify_code)->problem;
    snprintf(facts->verify_text, sizeof facts->verify_text, "%s",
             X509_verify_cert_error_string(c->verify_code));
}
