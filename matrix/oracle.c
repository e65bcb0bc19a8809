/* The oracle: what must happen in a case. Here is the order of the questions; the answers stand in
 * the tables of oracle_negotiation.c (what can be agreed) and oracle_refusal.c (who may refuse). */
#include "matrix/oracle_parts.h"

#include <assert.h>

void expect_rule(struct expectation *e, const char *id)
{
    const struct requirement *rule = requirement_by_id(id);
    assert(rule != NULL);
    for (size_t i = 0; i < e->num_rules; i++)
        if (e->rules[i] == rule)
            return;
    assert(e->num_rules < EXPECTED_RULES_MAX);
    e->rules[e->num_rules++] = rule;
}

size_t case_bytes_from(const struct matrix_case *c, enum role role)
{
    const struct exchange_row *exchange = &exchanges[c->exchange];
    if (c->exchange == EXCHANGE_PATTERN)
        return CASE_REQUEST_LEN;
    return role == ROLE_CLIENT ? exchange->request_len : exchange->answer_len;
}

/* The attack's own words and references as a requirement, and what it allows. */
static void expect_attack(struct expectation *e, const struct negotiation *n)
{
    static struct requirement rows[ATTACKS_MAX];
    const struct attack *attack = case_attack(n->c);
    struct requirement *row = &rows[n->c->attack - 1];
    *row = (struct requirement){ attack->name, attack->text, attack->references };
    e->attack = attack_expect(attack, n->c, n->version);
    assert(e->num_rules < EXPECTED_RULES_MAX && n->c->attack <= ATTACKS_MAX);
    e->rules[e->num_rules++] = row;
}

/* The row's own words and references as a requirement. */
static void expect_identity_rule(struct expectation *e, const struct identity *identity)
{
    static struct requirement rows[IDENTITIES_MAX];
    struct requirement *row = &rows[identity - identities];
    *row = (struct requirement){ identity->name, identity->text, identity->references };
    assert(e->num_rules < EXPECTED_RULES_MAX);
    e->rules[e->num_rules++] = row;
}

/* The fault of the case as far as it lies in what the two ends offer, found from the lists
 * themselves; what a certificate or pin does comes from the case. */
static enum fault find_fault(const struct negotiation *n)
{
    if (n->version == 0)
        return FAULT_NO_COMMON_VERSION;
    uint16_t ids[CONFIG_SUITES_MAX];
    size_t num_ids = negotiable_suites(ids, n, n->version);
    if (num_ids == 0)
        return FAULT_NO_COMMON_SUITE;
    for (size_t i = 0; i < num_ids; i++)
        if (suite_has_group(n, suite_by_id(ids[i])))
            return case_fault(n->c);
    return FAULT_NO_COMMON_GROUP;
}

static void expect_suites(struct expectation *e, const struct negotiation *n)
{
    uint16_t ids[CONFIG_SUITES_MAX];
    size_t num_ids = negotiable_suites(ids, n, n->version);
    for (size_t i = 0; i < num_ids; i++) {
        const struct suite *suite = suite_by_id(ids[i]);
        if (!suite_has_group(n, suite))
            continue; /* RFC 4492 section 5.1, RFC 7919 section 4: not to be chosen */
        e->suites[e->num_suites++] = ids[i];
        if (dhe_group_is_free(n, suite)) {
            e->dhe_group_free = true;
            expect_rule(e, "group.server-choice");
        }
    }
    expect_rule(e, "suite.both-offer");
}

static bool some_suite_takes(const struct expectation *e, const struct negotiation *n,
                             const struct group *group)
{
    for (size_t i = 0; i < e->num_suites; i++)
        if (group_negotiable(n, suite_by_id(e->suites[i]), group))
            return true;
    return false;
}

static void expect_groups(struct expectation *e, const struct negotiation *n)
{
    for (size_t i = 0; i < n->num_groups[ROLE_CLIENT]; i++) {
        const struct group *group = group_by_id(n->groups[ROLE_CLIENT][i]);
        if (group != NULL && some_suite_takes(e, n, group) &&
            id_listed(n->groups[ROLE_SERVER], n->num_groups[ROLE_SERVER], group->id))
            e->groups[e->num_groups++] = group->id;
    }
    if (e->num_groups > 0)
        expect_rule(e, "group.both-offer");
}

static void expect_certificates(struct expectation *e, const struct negotiation *n,
                                const struct stack_set *stacks)
{
    static const bool server_asks[NUM_AUTH_MODES] = {
        [AUTH_MODE_MUTUAL] = true,
        [AUTH_MODE_MUTUAL_NONE_SENT] = true,
        [AUTH_MODE_OPTIONAL] = true,
        [AUTH_MODE_OPTIONAL_NONE_SENT] = true,
    };
    const struct matrix_case *c = n->c;
    e->client_sees_certificate = case_server_has_certificate(c);
    e->server_sees_certificate = case_client_sends_certificate(c);
    e->verifies[ROLE_CLIENT] = e->client_sees_certificate && c->auth != AUTH_MODE_NONE;
    e->verifies[ROLE_SERVER] = server_asks[c->auth];
    e->exporter_declared[ROLE_CLIENT] = stacks->stacks[c->client].features[FEATURE_EXPORTER];
    e->exporter_declared[ROLE_SERVER] = stacks->stacks[c->server].features[FEATURE_EXPORTER];
    e->keylog_declared[ROLE_CLIENT] = stacks->stacks[c->client].features[FEATURE_KEYLOG];
    e->keylog_declared[ROLE_SERVER] = stacks->stacks[c->server].features[FEATURE_KEYLOG];
    if (e->client_sees_certificate)
        expect_rule(e, "certificate.required-by-suite");
    if (e->verifies[ROLE_CLIENT] || e->verifies[ROLE_SERVER])
        expect_rule(e, "certificate.verified");
    if (e->server_sees_certificate)
        expect_rule(e, "client-certificate.sent");
    if (auth_healthy(c->auth) == AUTH_MODE_PSK)
        expect_rule(e, "psk.external");
    if (c->auth == AUTH_MODE_OPTIONAL_NONE_SENT)
        expect_rule(e, "client-certificate.optional");
}

/* Everything that a handshake which comes about settles. */
static void expect_handshake(struct expectation *e, const struct negotiation *n,
                             const struct stack_set *stacks)
{
    e->version = n->version;
    expect_rule(e, "version.highest-common");
    expect_suites(e, n);
    expect_groups(e, n);
    expect_signature_schemes(e, n);
    expect_certificates(e, n, stacks);
}

static void expect_acceptance(struct expectation *e, const struct matrix_case *c)
{
    static const char *const pin_rules[NUM_PINNINGS] = {
        [PINNING_LEAF] = "pin.match",
        [PINNING_SPKI] = "pin.match",
        [PINNING_TOFU_FIRST] = "tofu.first",
        [PINNING_TOFU_KNOWN] = "tofu.known",
    };
    e->accepted = true;
    e->handshake_may_finish[ROLE_CLIENT] = true;
    e->handshake_may_finish[ROLE_SERVER] = true;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        e->may_write[role] = case_bytes_from(c, role);
    e->bytes_to_server = e->may_write[ROLE_CLIENT];
    e->bytes_to_client = e->may_write[ROLE_SERVER];
    if (pin_rules[c->pinning] != NULL)
        expect_rule(e, pin_rules[c->pinning]);
    if (e->exporter_declared[ROLE_CLIENT] && e->exporter_declared[ROLE_SERVER])
        expect_rule(e, "exporter.equal");
    expect_rule(e, "application-data.whole");
    expect_rule(e, "close-notify");
}

/* Everything but the fault itself, which may be another than the case's where the RFCs leave it
 * open. */
static void expect_outcome(struct expectation *out, const struct negotiation *n, enum fault fault,
                           const struct stack_set *stacks)
{
    const struct matrix_case *c = n->c;
    *out = (struct expectation){ .fault = fault, .identity = case_identity(c) };
    if (case_attack(c) != NULL)
        expect_attack(out, n);
    bool above_tls = fault == FAULT_PIN_MISMATCH || fault == FAULT_FIRST_USE_CHANGED;
    if (fault == FAULT_NONE || above_tls)
        expect_handshake(out, n, stacks);
    bool after_certificates = fault == FAULT_WRONG_PSK || fault == FAULT_UNKNOWN_PSK ||
                              fault == FAULT_WRONG_PASSWORD || fault == FAULT_UNKNOWN_USER;
    if (fault == FAULT_IDENTITY || fault == FAULT_ATTACK || after_certificates)
        expect_certificates(out, n, stacks);
    if (c->identity != IDENTITY_GENUINE)
        expect_identity_rule(out, case_identity(c));
    if (fault == FAULT_NONE)
        expect_acceptance(out, c);
    else
        expect_refusals(out, n);
}

/* The hello's own words and references as a requirement; all else stands in the hello. */
static void expect_hello(struct expectation *out, const struct matrix_case *c)
{
    static struct requirement rows[HELLOS_MAX];
    struct requirement *row = &rows[c->hello - 1];
    const struct raw_hello *hello = case_hello(c);
    *row = (struct requirement){ hello->name, hello->text, hello->references };
    *out = (struct expectation){ .fault = case_fault(c),
                                 .identity = case_identity(c),
                                 .hello = hello };
    out->rules[out->num_rules++] = row;
}

void oracle_expect(struct expectation *out, const struct matrix_case *c,
                   const struct stack_set *stacks)
{
    struct negotiation n;
    if (case_hello(c) != NULL) {
        expect_hello(out, c);
        return;
    }
    negotiation_init(&n, c, stacks);
    expect_outcome(out, &n, find_fault(&n), stacks);
}

bool oracle_expect_other(struct expectation *out, const struct matrix_case *c,
                         const struct stack_set *stacks)
{
    struct negotiation n;
    const struct identity *identity = case_identity(c);
    if (case_hello(c) != NULL)
        return false; /* it lists all that is allowed */
    negotiation_init(&n, c, stacks);
    if (!identity->open && n.version >= identity->open_below)
        return false;
    expect_outcome(out, &n, find_fault(&n) == FAULT_NONE ? FAULT_IDENTITY : FAULT_NONE, stacks);
    return true;
}
