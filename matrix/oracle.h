/* The oracle: from a case and the stacks' declared capabilities to what the RFCs say must happen.
 * A pure function of tables; it never sees a fact. */
#ifndef TLSMATRIX_MATRIX_ORACLE_H
#define TLSMATRIX_MATRIX_ORACLE_H

#include "harness/control/facts.h"
#include "matrix/case.h"
#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"

/* Application bytes that each end sends where the exchange is the pattern (endpoint.request_len).
 */
enum { CASE_REQUEST_LEN = 32 };

/* Application bytes that this end sends in the exchange of the case. */
size_t case_bytes_from(const struct matrix_case *c, enum role role);

enum { EXPECTED_ALERTS_MAX = 8, EXPECTED_RULES_MAX = 16, EXPECTED_SCHEMES_MAX = 24 };

/* One requirement: our id, what it demands, and where it stands in RFC 8446 / 9846 / 5246 / ….
 * The table is matrix/requirements.c; README lists it. */
struct requirement {
    const char *id;         /* "version.highest-common" */
    const char *text;       /* one sentence */
    const char *references; /* "RFC 8446 section 4.2.1; RFC 9846 section 4.3.1" */
};
extern const struct requirement requirements[];
extern const size_t num_requirements;
const struct requirement *requirement_by_id(const char *id);

/* What one end may do in a case that must be refused. */
struct expected_refusal {
    bool may_refuse;                     /* this end may be the one that gives up first */
    uint8_t alerts[EXPECTED_ALERTS_MAX]; /* fatal alerts it may send then */
    size_t num_alerts;
    bool alert_may_be_absent; /* e.g. a pin check above TLS closes with close_notify */
    enum stage stage;         /* the latest stage at which it may stand in the end, whoever refused;
                                 STAGE_PIN: exactly there */
};

struct expectation {
    bool accepted;                           /* both ends accept; else both must not */
    enum fault fault;                        /* the reason, where not accepted */
    const struct identity *identity;         /* the case's row: what is presented */
    const struct attack_expectation *attack; /* what the attack in the path allows; NULL: none */
    const struct raw_hello *hello;      /* what the raw end says and must be told; NULL: none */
    enum verify_problem verify_problem; /* FAULT_IDENTITY: what the verifier's own code names;
                                           NONE: nothing, for the certificate is fine */
    uint16_t version; /* of an accepted handshake, or of one that is refused after ServerHello
                         (pin); 0 where none may come about */
    uint16_t suites[CONFIG_SUITES_MAX]; /* any of these */
    size_t num_suites;
    uint16_t groups[CONFIG_GROUPS_MAX]; /* any of these, where the suite uses one; empty: none */
    size_t num_groups;
    bool dhe_group_free; /* TLS <= 1.2 DHE in a group of the server's own choice: unchecked */
    uint16_t signature_schemes[EXPECTED_SCHEMES_MAX]; /* any of these; empty: none or unchecked */
    size_t num_signature_schemes;
    struct expected_refusal refusal[2]; /* [enum role], where not accepted */
    bool handshake_may_finish[2]; /* where not accepted: this end may have completed the handshake
                                     before (TLS 1.3 client whose certificate is missing; pin) */
    bool verifies[2];             /* this end has to verify the other's certificate, if one comes */
    bool exporter_declared[2];    /* this end's stack says that it can export */
    bool keylog_declared[2];      /* … that it can log its keys */
    bool client_sees_certificate; /* the server's leaf must be known to the client */
    bool server_sees_certificate; /* the client's leaf must be known to the server */
    size_t bytes_to_server;       /* application bytes that the server's application may receive */
    size_t bytes_to_client;
    size_t may_write[2]; /* application bytes that this end may have sent, received or not */
    const struct requirement *rules[EXPECTED_RULES_MAX]; /* why, for people and reports */
    size_t num_rules;
};

/* Fills *out. The case must not be excluded nor unsupported. */
void oracle_expect(struct expectation *out, const struct matrix_case *c,
                   const struct stack_set *stacks);

/* Where the RFCs leave the outcome open (an `open` row of identities[]): true, and the outcome that
 * oracle_expect() does not name. */
bool oracle_expect_other(struct expectation *out, const struct matrix_case *c,
                         const struct stack_set *stacks);

/* "none", "no-common-suite", "imposter", …: why it must be refused. */
const char *expectation_fault_name(const struct expectation *e);

/* The expectation as JSON (for `show`, `rerun -v`, results): owned by the caller. */
json_t *expectation_to_json(const struct expectation *e);

#endif
