/* Who may refuse a faulty case, with which alerts, standing where: one row a sentence of an RFC.
 * Rows that hold together add their alerts up, which is how the freedom that the texts leave is
 * written down. An alert that a MUST names stands alone. */
#include "matrix/oracle_parts.h"

#include <string.h>

static bool always(const struct negotiation *n)
{
    (void)n;
    return true;
}

static bool is_tls13(const struct negotiation *n)
{
    return n->version == TLS13;
}

static bool is_before_tls13(const struct negotiation *n)
{
    return n->version < TLS13;
}

/* The server's highest version lies below the client's lowest. */
static bool server_is_older(const struct negotiation *n)
{
    return n->c->max_version[ROLE_SERVER] < n->c->min_version[ROLE_CLIENT];
}

/* An older server that does not look at supported_versions settles on its own highest version, and
 * may find there that it has no suite to answer with, before the client can refuse the version. */
static bool older_server_lacks_suite(const struct negotiation *n)
{
    return server_is_older(n) && negotiable_suites(NULL, n, n->c->max_version[ROLE_SERVER]) == 0;
}

static const struct refusal_rule {
    enum fault fault;
    bool (*applies)(const struct negotiation *n);
    enum role role;
    uint8_t alerts[EXPECTED_ALERTS_MAX]; /* ends at 0, which is no fatal alert */
    const char *requirement;
} refusal_rules[] = {
    { FAULT_NO_COMMON_VERSION,
      always,
      ROLE_SERVER,
      { ALERT_PROTOCOL_VERSION },
      "version.none-common" },
    { FAULT_NO_COMMON_VERSION,
      server_is_older,
      ROLE_CLIENT,
      { ALERT_PROTOCOL_VERSION },
      "version.older-server" },
    { FAULT_NO_COMMON_VERSION,
      older_server_lacks_suite,
      ROLE_SERVER,
      { ALERT_HANDSHAKE_FAILURE },
      "suite.none-common" },
    /* RFC 8446 section 4.1.1 names both alerts. Before, RFC 5246 section 7.4.1.3 has 40, and
     * section 7.2.2 has 71 only for a server that wants more secure ciphers than the client has;
     * ours want other ones of the same kind. */
    { FAULT_NO_COMMON_SUITE,
      is_tls13,
      ROLE_SERVER,
      { ALERT_HANDSHAKE_FAILURE, ALERT_INSUFFICIENT_SECURITY },
      "suite.none-common" },
    { FAULT_NO_COMMON_SUITE,
      is_before_tls13,
      ROLE_SERVER,
      { ALERT_HANDSHAKE_FAILURE },
      "suite.none-common" },
    { FAULT_NO_COMMON_GROUP,
      is_tls13,
      ROLE_SERVER,
      { ALERT_HANDSHAKE_FAILURE, ALERT_INSUFFICIENT_SECURITY },
      "group.none-common" },
    /* Only curves: which DHE group an older server may take is nobody's rule, and no case. */
    { FAULT_NO_COMMON_GROUP,
      is_before_tls13,
      ROLE_SERVER,
      { ALERT_HANDSHAKE_FAILURE },
      "group.none-common-ecdhe" },
    { FAULT_NO_CLIENT_CERTIFICATE,
      is_tls13,
      ROLE_SERVER,
      { ALERT_CERTIFICATE_REQUIRED },
      "client-certificate.missing" },
    { FAULT_NO_CLIENT_CERTIFICATE,
      is_before_tls13,
      ROLE_SERVER,
      { ALERT_HANDSHAKE_FAILURE },
      "client-certificate.missing" },
    /* RFC 8446 section 4.2.11 has no alert for a binder that does not validate, section 6.2 has
     * decrypt_error for it. */
    { FAULT_WRONG_PSK, is_tls13, ROLE_SERVER, { ALERT_DECRYPT_ERROR }, "psk.wrong-key" },
    /* What shows is a record that does not decrypt; RFC 4279 section 2 also knows decrypt_error. */
    { FAULT_WRONG_PSK,
      is_before_tls13,
      ROLE_SERVER,
      { ALERT_BAD_RECORD_MAC, ALERT_DECRYPT_ERROR },
      "psk.wrong-key" },
    /* RFC 8446 section 6.2 leaves unknown_psk_identity to the server; without it the PSK is as
     * good as not offered, and section 4.1.1 has what follows. */
    { FAULT_UNKNOWN_PSK,
      is_tls13,
      ROLE_SERVER,
      { ALERT_UNKNOWN_PSK_IDENTITY, ALERT_DECRYPT_ERROR, ALERT_HANDSHAKE_FAILURE,
        ALERT_INSUFFICIENT_SECURITY },
      "psk.unknown-identity" },
    { FAULT_UNKNOWN_PSK,
      is_before_tls13,
      ROLE_SERVER,
      { ALERT_UNKNOWN_PSK_IDENTITY, ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC },
      "psk.unknown-identity" },
    { FAULT_WRONG_PASSWORD,
      always,
      ROLE_SERVER,
      { ALERT_BAD_RECORD_MAC, ALERT_DECRYPT_ERROR },
      "srp.wrong-password" },
    { FAULT_UNKNOWN_USER,
      always,
      ROLE_SERVER,
      { ALERT_UNKNOWN_PSK_IDENTITY, ALERT_BAD_RECORD_MAC, ALERT_DECRYPT_ERROR },
      "srp.unknown-user" },
    /* The pin is checked above TLS: the connection is sound, and may be closed like any other. */
    { FAULT_PIN_MISMATCH, always, ROLE_CLIENT, { 0 }, "pin.before-data" },
    { FAULT_FIRST_USE_CHANGED, always, ROLE_CLIENT, { 0 }, "tofu.changed" },
};

/* How far each end may have come when it is refused. A TLS 1.3 client has finished, and may have
 * sent its request, before the server has seen that the certificate is missing (RFC 8446 section
 * 4.4.4). A server whose certificate the client dislikes after the handshake waits for a request.
 */
static const struct reach_rule {
    enum fault fault;
    bool (*applies)(const struct negotiation *n);
    enum role role;
    enum stage stage;
    bool handshake_may_finish;
    bool may_write;
} reach_rules[] = {
    { FAULT_NO_CLIENT_CERTIFICATE, is_tls13, ROLE_CLIENT, STAGE_APPLICATION, true, true },
    { FAULT_PIN_MISMATCH, always, ROLE_CLIENT, STAGE_PIN, true, false },
    { FAULT_PIN_MISMATCH, always, ROLE_SERVER, STAGE_APPLICATION, true, false },
    { FAULT_FIRST_USE_CHANGED, always, ROLE_CLIENT, STAGE_PIN, true, false },
    { FAULT_FIRST_USE_CHANGED, always, ROLE_SERVER, STAGE_APPLICATION, true, false },
};

static void apply_refusal(struct expectation *e, const struct refusal_rule *rule)
{
    struct expected_refusal *refusal = &e->refusal[rule->role];
    refusal->may_refuse = true;
    for (size_t i = 0; i < EXPECTED_ALERTS_MAX && rule->alerts[i] != 0; i++)
        refusal->alerts[refusal->num_alerts++] = rule->alerts[i];
    refusal->alert_may_be_absent = refusal->num_alerts == 0;
    expect_rule(e, rule->requirement);
}

/* How far a TLS 1.3 client may come before it hears that it was refused: to its wait for the
 * answer, or for the server's close where there is none. */
static enum stage last_stage_of_client(const struct matrix_case *c)
{
    return case_bytes_from(c, ROLE_SERVER) > 0 ? STAGE_APPLICATION : STAGE_CLOSE;
}

static void apply_reach(struct expectation *e, const struct negotiation *n,
                        const struct reach_rule *rule)
{
    bool after_finished = rule->stage == STAGE_APPLICATION && rule->role == ROLE_CLIENT;
    e->refusal[rule->role].stage = after_finished ? last_stage_of_client(n->c) : rule->stage;
    e->handshake_may_finish[rule->role] = rule->handshake_may_finish;
    e->may_write[rule->role] = rule->may_write ? case_bytes_from(n->c, rule->role) : 0;
}

/* An imposter is refused by the other end, with the alerts of the row. */
static void expect_identity_refused(struct expectation *e, const struct negotiation *n)
{
    enum role presenter = case_identity_role(n->c);
    enum role verifier = presenter == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    struct expected_refusal *refusal = &e->refusal[verifier];
    refusal->may_refuse = true;
    refusal->num_alerts = e->identity->num_alerts;
    memcpy(refusal->alerts, e->identity->alerts, e->identity->num_alerts);
    e->verify_problem = e->identity->problem;
    if (presenter == ROLE_CLIENT && is_tls13(n)) { /* as where the certificate is missing */
        e->refusal[ROLE_CLIENT].stage = last_stage_of_client(n->c);
        e->handshake_may_finish[ROLE_CLIENT] = true;
        e->may_write[ROLE_CLIENT] = case_bytes_from(n->c, ROLE_CLIENT);
    }
}

/* What the attack's row says of each end. */
static void expect_attack_refused(struct expectation *e)
{
    for (int role = 0; role < 2; role++) {
        const struct attack_end *end = &e->attack->ends[role];
        struct expected_refusal *refusal = &e->refusal[role];
        *refusal = (struct expected_refusal){ .may_refuse = end->may_refuse,
                                              .alert_may_be_absent = end->silent,
                                              .stage = end->stage };
        while (refusal->num_alerts < ATTACK_ALERTS_MAX && end->alerts[refusal->num_alerts] != 0) {
            refusal->alerts[refusal->num_alerts] = end->alerts[refusal->num_alerts];
            refusal->num_alerts++;
        }
        e->handshake_may_finish[role] = end->handshake_may_finish;
        e->may_write[role] = end->may_write ? CASE_REQUEST_LEN : 0;
    }
    e->bytes_to_server = e->attack->ends[ROLE_SERVER].may_receive ? CASE_REQUEST_LEN : 0;
    e->bytes_to_client = e->attack->ends[ROLE_CLIENT].may_receive ? CASE_REQUEST_LEN : 0;
}

void expect_refusals(struct expectation *e, const struct negotiation *n)
{
    e->refusal[ROLE_CLIENT].stage = STAGE_HANDSHAKE;
    e->refusal[ROLE_SERVER].stage = STAGE_HANDSHAKE;
    if (e->fault == FAULT_IDENTITY)
        expect_identity_refused(e, n);
    if (e->fault == FAULT_ATTACK)
        expect_attack_refused(e);
    for (size_t i = 0; i < sizeof refusal_rules / sizeof refusal_rules[0]; i++)
        if (refusal_rules[i].fault == e->fault && refusal_rules[i].applies(n))
            apply_refusal(e, &refusal_rules[i]);
    for (size_t i = 0; i < sizeof reach_rules / sizeof reach_rules[0]; i++)
        if (reach_rules[i].fault == e->fault && reach_rules[i].applies(n))
            apply_reach(e, n, &reach_rules[i]);
    if (e->refusal[ROLE_CLIENT].num_alerts + e->refusal[ROLE_SERVER].num_alerts > 0)
        expect_rule(e, "alert.sent");
}
