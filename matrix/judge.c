/* The judge: one ordered table of checks, the gravest first; the first violated one is the verdict.
 * Order: an end that accepted what it must refuse, whatever became of the other; what leaves
 * nothing to judge (crash, broken contract, timeout); the kinds of failure from the worst on; what
 * only shows that a capability list promised too much. */
#include "matrix/judge_checks.h"

#include <stdarg.h>
#include <stdio.h>

#define BROKEN(name, verdict, check) { CHECK_ALWAYS, name, VERDICT_##verdict, KIND_NONE, check },
#define FAIL(name, kind, check)      { CHECK_ORDINARY, name, VERDICT_FAIL, KIND_##kind, check },
#define ON_WIRE(name, kind, check)   { CHECK_WIRE, name, VERDICT_FAIL, KIND_##kind, check },
#define HELLO(name, kind, check)     { CHECK_HELLO, name, VERDICT_FAIL, KIND_##kind, check },
#define ATTACKED(name, kind, check)  { CHECK_ATTACKED, name, VERDICT_FAIL, KIND_##kind, check },

/* clang-format off */
const struct judge_check judge_checks[] = {
    FAIL("refusal.accepted", ACCEPTED_WHAT_MUST_BE_REFUSED, refusal_accepted)

    ATTACKED("attack.accepted", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_accepted)

    BROKEN("peer.crashed", CRASH, peer_crashed)
    BROKEN("peer.broke-contract", HARNESS_ERROR, peer_broke_contract)
    BROKEN("peer.declined", HARNESS_ERROR, peer_declined)
    BROKEN("peer.hung", TIMEOUT, peer_hung)
    BROKEN("peer.timeout", TIMEOUT, peer_timed_out)
    BROKEN("attack.unchanged", HARNESS_ERROR, attack_unchanged)

    ATTACKED("attack.finished", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_handshake_finished)
    ATTACKED("attack.stage", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_stage)
    ATTACKED("attack.data", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_data_received)
    ATTACKED("attack.data-added", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_data_added)
    ATTACKED("attack.not-truncated", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_not_truncated)
    ATTACKED("attack.clean", ACCEPTED_WHAT_MUST_BE_REFUSED, attack_taken_for_clean)
    ATTACKED("attack.alert", WRONG_ALERT, attack_alert)

    FAIL("refusal.handshake-finished", ACCEPTED_WHAT_MUST_BE_REFUSED, refusal_handshake_finished)
    FAIL("refusal.stage", ACCEPTED_WHAT_MUST_BE_REFUSED, refusal_stage)
    FAIL("refusal.data-received", ACCEPTED_WHAT_MUST_BE_REFUSED, refusal_data_received)
    FAIL("refusal.data-sent", ACCEPTED_WHAT_MUST_BE_REFUSED, refusal_data_sent)
    FAIL("verify.ignored", ACCEPTED_WHAT_MUST_BE_REFUSED, verify_ignored)
    FAIL("verify.not-done", ACCEPTED_WHAT_MUST_BE_REFUSED, verify_not_done)
    FAIL("verify.no-certificate", ACCEPTED_WHAT_MUST_BE_REFUSED, verify_no_certificate)
    FAIL("tofu.not-stored", ACCEPTED_WHAT_MUST_BE_REFUSED, tofu_not_stored)
    FAIL("tofu.wrong-hash", ACCEPTED_WHAT_MUST_BE_REFUSED, tofu_wrong_hash)
    FAIL("tofu.imposter-stored", ACCEPTED_WHAT_MUST_BE_REFUSED, tofu_imposter_stored)
    FAIL("tofu.overwritten", ACCEPTED_WHAT_MUST_BE_REFUSED, tofu_overwritten)

    ON_WIRE("wire.data-refused", ACCEPTED_WHAT_MUST_BE_REFUSED, wire_data_refused)
    ON_WIRE("wire.data-in-clear", ENDS_DISAGREE, wire_data_in_clear)
    ON_WIRE("wire.certificate-in-clear", ENDS_DISAGREE, wire_certificate_in_clear)
    ON_WIRE("wire.not-tls", ENDS_DISAGREE, wire_not_tls)
    ON_WIRE("wire.keys", ENDS_DISAGREE, wire_keys_useless)
    ON_WIRE("wire.version", ENDS_DISAGREE, wire_version_differs)
    ON_WIRE("wire.suite", ENDS_DISAGREE, wire_suite_differs)
    ON_WIRE("wire.group", ENDS_DISAGREE, wire_group_differs)
    ON_WIRE("wire.signature-scheme", ENDS_DISAGREE, wire_scheme_differs)
    ON_WIRE("wire.certificate", ENDS_DISAGREE, wire_certificate_differs)
    ON_WIRE("wire.exporter", ENDS_DISAGREE, wire_exporter_differs)
    ON_WIRE("wire.data", ENDS_DISAGREE, wire_data_differs)
    ON_WIRE("wire.alert", ENDS_DISAGREE, wire_alert_differs)
    ON_WIRE("wire.close", ENDS_DISAGREE, wire_close_differs)

    FAIL("facts.accepted-unfinished", ENDS_DISAGREE, accepted_unfinished)
    FAIL("facts.accepted-early", ENDS_DISAGREE, accepted_early)
    FAIL("facts.refused-done", ENDS_DISAGREE, refused_done)
    FAIL("facts.stage-and-handshake", ENDS_DISAGREE, stage_contradicts_handshake)
    FAIL("facts.data-before-handshake", ENDS_DISAGREE, data_before_handshake)
    FAIL("facts.accepted-with-alert", ENDS_DISAGREE, accepted_with_alert)
    FAIL("alert.not-sent", ENDS_DISAGREE, alert_not_sent)
    FAIL("certificate.other", ENDS_DISAGREE, certificate_other)
    FAIL("certificate.from-nowhere", ENDS_DISAGREE, certificate_from_nowhere)
    FAIL("certificate.unseen", ENDS_DISAGREE, certificate_unseen)
    FAIL("version.differs", ENDS_DISAGREE, version_differs)
    FAIL("suite.differs", ENDS_DISAGREE, suite_differs)
    FAIL("group.differs", ENDS_DISAGREE, group_differs)
    FAIL("signature-scheme.differs", ENDS_DISAGREE, scheme_differs)
    FAIL("exporter.differs", ENDS_DISAGREE, exporter_differs)
    FAIL("data.from-nowhere", ENDS_DISAGREE, data_from_nowhere)
    FAIL("data.incomplete", ENDS_DISAGREE, data_incomplete)
    FAIL("close.not-clean", ENDS_DISAGREE, close_not_clean)
    FAIL("result.differs", ENDS_DISAGREE, results_differ)

    FAIL("acceptance.refused", REFUSED_WHAT_MUST_BE_ACCEPTED, acceptance_refused)
    FAIL("refusal.pin-not-reached", REFUSED_WHAT_MUST_BE_ACCEPTED, refusal_pin_not_reached)
    FAIL("refusal.wrong-end", REFUSED_WHAT_MUST_BE_ACCEPTED, refusal_wrong_end)
    ON_WIRE("wire.imposter-unseen", REFUSED_WHAT_MUST_BE_ACCEPTED, wire_imposter_unseen)
    FAIL("identity.unseen", REFUSED_WHAT_MUST_BE_ACCEPTED, identity_unseen)
    FAIL("identity.other-reason", REFUSED_WHAT_MUST_BE_ACCEPTED, identity_other_reason)

    ON_WIRE("wire.nonce", WRONG_NEGOTIATION, wire_nonce_repeated)
    ON_WIRE("wire.random", WRONG_NEGOTIATION, wire_random_repeated)
    FAIL("version.unexpected", WRONG_NEGOTIATION, version_unexpected)
    FAIL("suite.unexpected", WRONG_NEGOTIATION, suite_unexpected)
    FAIL("group.unexpected", WRONG_NEGOTIATION, group_unexpected)
    FAIL("group.unknown", WRONG_NEGOTIATION, group_unknown)
    FAIL("signature-scheme.unexpected", WRONG_NEGOTIATION, scheme_unexpected)
    FAIL("signature-scheme.unknown", WRONG_NEGOTIATION, scheme_unknown)
    FAIL("session.resumed", WRONG_NEGOTIATION, session_resumed)

    FAIL("alert.absent", NO_ALERT, refusal_alert_absent)
    ON_WIRE("wire.alert-in-clear", WRONG_ALERT, wire_alert_in_clear)
    FAIL("alert.unexpected", WRONG_ALERT, refusal_alert_unexpected)

    HELLO("hello.finished", ACCEPTED_WHAT_MUST_BE_REFUSED, hello_finished)
    HELLO("hello.taken", ACCEPTED_WHAT_MUST_BE_REFUSED, hello_taken)
    { CHECK_HELLO, "hello.not-sent", VERDICT_HARNESS_ERROR, KIND_NONE, hello_not_sent },
    HELLO("hello.alert-differs", ENDS_DISAGREE, hello_alert_differs)
    HELLO("hello.facts-differ", ENDS_DISAGREE, hello_facts_differ)
    HELLO("hello.first-answer", REFUSED_WHAT_MUST_BE_ACCEPTED, hello_first_answer)
    HELLO("hello.refused", REFUSED_WHAT_MUST_BE_ACCEPTED, hello_refused)
    HELLO("hello.other-answer", WRONG_NEGOTIATION, hello_other_answer)
    HELLO("hello.negotiation", WRONG_NEGOTIATION, hello_negotiation)
    HELLO("hello.no-sentinel", WRONG_NEGOTIATION, hello_no_sentinel)
    HELLO("hello.no-alert", NO_ALERT, hello_no_alert)
    HELLO("hello.wrong-alert", WRONG_ALERT, hello_wrong_alert)

    { CHECK_ORDINARY, "exporter.missing", VERDICT_HARNESS_ERROR, KIND_NONE, exporter_missing },
};
/* clang-format on */

const size_t num_judge_checks = sizeof judge_checks / sizeof judge_checks[0];

enum role other_end(enum role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

const struct facts *facts_of(const struct trial *t, enum role role)
{
    return &t->evidence->facts[role];
}

bool say(char reason[TEXT_LEN], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, TEXT_LEN, format, arguments);
    va_end(arguments);
    return true;
}

const char *fault_text(const struct trial *t)
{
    if (t->e->fault == FAULT_IDENTITY)
        return t->e->identity->text;
    if (t->e->hello != NULL)
        return t->e->hello->text;
    if (t->e->attack != NULL)
        return case_attack(t->c)->text;
    static const char *const texts[] = {
        [FAULT_NONE] = "nothing",
        [FAULT_NO_COMMON_VERSION] = "the ends have no common version",
        [FAULT_NO_COMMON_SUITE] = "the ends have no common suite",
        [FAULT_NO_COMMON_GROUP] = "the ends have no common group",
        [FAULT_NO_CLIENT_CERTIFICATE] =
            "the client sends no certificate and the server demands one",
        [FAULT_WRONG_PSK] = "the client's pre-shared key is another than the server's",
        [FAULT_UNKNOWN_PSK] = "the server does not know the client's PSK identity",
        [FAULT_WRONG_PASSWORD] = "the client's password is wrong",
        [FAULT_UNKNOWN_USER] = "the server does not know the user",
        [FAULT_PIN_MISMATCH] = "the server's certificate does not match the pin",
        [FAULT_FIRST_USE_CHANGED] = "the server's certificate is not the stored one",
    };
    return texts[t->e->fault];
}

static bool is_asked(const struct judge_check *check, enum judge_check_use use)
{
    return check->use == CHECK_ALWAYS || check->use == use ||
           (check->use == CHECK_WIRE && use != CHECK_HELLO);
}

static void judge_as(struct judgement *out, const struct trial *trial, enum judge_check_use use)
{
    *out = (struct judgement){ .verdict = VERDICT_PASS };
    for (size_t i = 0; i < num_judge_checks; i++) {
        const struct judge_check *check = &judge_checks[i];
        if (!is_asked(check, use) || (!check->violated(out->reason, trial, ROLE_CLIENT) &&
                                      !check->violated(out->reason, trial, ROLE_SERVER)))
            continue;
        out->verdict = check->verdict;
        out->kind = check->kind;
        out->check = check->name;
        return;
    }
}

void judge(struct judgement *out, const struct matrix_case *c, const struct expectation *e,
           const struct evidence *evidence)
{
    const struct trial trial = { c, e, evidence };
    bool benign = e->attack == NULL || e->attack->outcome == ATTACK_ACCEPTED;
    judge_as(out, &trial, e->hello != NULL ? CHECK_HELLO : CHECK_ORDINARY);
    if (benign || (e->attack->outcome == ATTACK_EITHER && out->verdict == VERDICT_PASS))
        return;
    judge_as(out, &trial, CHECK_ATTACKED);
}

void judge_either(struct judgement *out, struct expectation *e, const struct matrix_case *c,
                  const struct stack_set *stacks, const struct evidence *evidence)
{
    struct expectation other;
    struct judgement second;
    judge(out, c, e, evidence);
    if (out->verdict != VERDICT_FAIL || !oracle_expect_other(&other, c, stacks))
        return;
    judge(&second, c, &other, evidence);
    if (second.verdict != VERDICT_PASS)
        return;
    *out = second;
    *e = other;
}
