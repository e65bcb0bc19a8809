/* The rows of the judge: each one way in which a case can go wrong. Shared by judge.c, which puts
 * them in order, by judge_*.c, which hold them, and by the tests, which provoke every one. */
#ifndef TLSMATRIX_MATRIX_JUDGE_CHECKS_H
#define TLSMATRIX_MATRIX_JUDGE_CHECKS_H

#include "matrix/judge.h"

/* All that a check may look at. */
struct trial {
    const struct matrix_case *c;
    const struct expectation *e;
    const struct evidence *evidence;
};

/* Asked for each role in turn. True: violated, and `reason` says by what. */
typedef bool check_fn(char reason[TEXT_LEN], const struct trial *t, enum role role);

enum judge_check_use {
    CHECK_ALWAYS,
    CHECK_ORDINARY, /* where nobody was in the path, or what he did is benign */
    CHECK_ATTACKED, /* where an attack must show at the ends */
    CHECK_HELLO,    /* where one end is raw */
    CHECK_WIRE, /* where both are stacks; a raw end saw the wire, and CHECK_HELLO asks for what was
                   under protection */
};

struct judge_check {
    enum judge_check_use use;
    const char *name;
    enum verdict verdict;
    enum failure_kind kind; /* where verdict is VERDICT_FAIL */
    check_fn *violated;
};

/* In the order in which they are asked: the first that is violated decides. */
extern const struct judge_check judge_checks[];
extern const size_t num_judge_checks;

enum role other_end(enum role role);
const struct facts *facts_of(const struct trial *t, enum role role);
/* Writes the reason and returns true. */
bool say(char reason[TEXT_LEN], const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "no common suite", …: what makes the case one that must be refused. */
const char *fault_text(const struct trial *t);

/* judge_attack.c: what an attack in the path must lead to. */
check_fn attack_unchanged, attack_accepted, attack_handshake_finished, attack_stage;
check_fn attack_data_received, attack_data_added, attack_not_truncated, attack_taken_for_clean,
    attack_alert;

/* judge_hello.c: what a raw hello must lead to. */
check_fn hello_finished, hello_taken, hello_not_sent, hello_alert_differs, hello_facts_differ;
check_fn hello_first_answer, hello_refused, hello_other_answer, hello_negotiation,
    hello_no_sentinel, hello_no_alert, hello_wrong_alert;

/* judge_peers.c: no facts, or none that a TLS stack could be blamed for. */
check_fn peer_crashed, peer_broke_contract, peer_declined, peer_hung, peer_timed_out;
check_fn exporter_missing;

/* judge_refusal.c: a case that must be refused. */
check_fn refusal_accepted, refusal_handshake_finished, refusal_stage, refusal_data_received,
    refusal_data_sent, refusal_pin_not_reached, refusal_wrong_end, refusal_alert_absent,
    refusal_alert_unexpected;

/* judge_wire.c: what an end says is not what crossed the wire. */
check_fn wire_alert_in_clear, wire_nonce_repeated, wire_random_repeated;
check_fn wire_data_in_clear, wire_certificate_in_clear, wire_not_tls, wire_keys_useless,
    wire_data_refused, wire_data_differs, wire_alert_differs, wire_version_differs,
    wire_suite_differs, wire_group_differs, wire_scheme_differs, wire_certificate_differs,
    wire_exporter_differs, wire_imposter_unseen, wire_close_differs;
/* Was every record that this end sent recorded, and read? */
bool wire_is_read(const struct trial *t, enum role role);
/* The alert that this end was seen to send and that ended it; -1: none, or not known. */
int wire_alert_of(const struct trial *t, enum role role);

/* judge_trust.c: certificates and the first-use store. */
check_fn verify_ignored, verify_not_done, verify_no_certificate, tofu_not_stored, tofu_wrong_hash,
    tofu_overwritten, tofu_imposter_stored;
check_fn certificate_other, certificate_from_nowhere, certificate_unseen;
check_fn identity_unseen, identity_other_reason;

/* judge_facts.c: facts that contradict each other. */
check_fn accepted_unfinished, accepted_early, refused_done, stage_contradicts_handshake,
    data_before_handshake, accepted_with_alert, alert_not_sent, results_differ;
check_fn version_differs, suite_differs, group_differs, scheme_differs, exporter_differs;
check_fn data_from_nowhere, data_incomplete, close_not_clean;

/* judge_negotiation.c: what both agreed on is not what they had to. */
check_fn acceptance_refused;
check_fn version_unexpected, suite_unexpected, group_unexpected, group_unknown, scheme_unexpected,
    scheme_unknown, session_resumed;

#endif
