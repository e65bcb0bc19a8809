/* The judge: for each check a pair of facts that is wrong in one way, beside the twin that passes.
 * Every row of judge_checks[] must be provoked by a row of lies[], or the last test fails. */
#include "matrix/judge_checks.h"
#include "matrix/tests/full_stacks.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct stack_set stacks;

#define ACCEPTED "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off"
#define MUTUAL   "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/off"
#define NO_AUTH  "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/none/off"
#define OPTIONAL "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/optional-none-sent/off"
#define RSA_KX   "openssl-boringssl/tls1.2/rsa-aes128gcm/none/rsa2048/server/off"
#define NO_SUITE "openssl-boringssl/tls1.3/aes128gcm:aes256gcm/x25519/ecdsa-p256/server/off"
#define NO_CERT  "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual-none-sent/off"
#define NO_CERT_12                                                                                 \
    "openssl-boringssl/tls1.2/ecdhe-ecdsa-aes128gcm/p256/ecdsa-p256/mutual-none-sent/off"
#define OLDER_SERVER "openssl-boringssl/tls1.3:tls1.2/any/any/ecdsa-p256/server/off"
#define WRONG_PIN    "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/leaf-wrong"
#define TOFU_FIRST   "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/tofu-first"
#define TOFU_KNOWN   "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/tofu-known"
#define TOFU_CHANGED "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/tofu-changed"

#define EXPIRED                                                                                    \
    "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/tofu-first/expired-leaf"
#define CLIENT_EXPIRED                                                                             \
    "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/off/client-expired-leaf"
#define WRONG_KEY "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off/wrong-key"

#define FLIPPED "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off/flip-server-hello"
#define TRUNCATED                                                                                  \
    "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off/no-close-notify-from-server"
#define CUT_OFF  "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off/fin-at-answer"
#define REPLAYED "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off/replay-request"
#define PAUSED   "openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/server/off/paused"

#define RAW(name)     "raw-openssl/tls1.2-1.3/any/any/rsa2048/server/off/" name
#define RAW_ANSWERED  RAW("base-tls13")
#define RAW_TLS12     RAW("base-tls12")
#define RAW_REFUSED   RAW("suites-only-unknown")
#define RAW_SECOND    RAW("second-hello")
#define RAW_TO_CLIENT "openssl-raw/tls1.2-1.3/any/any/rsa2048/server/off/sh13-session-id-other"

#define CLIENT (v->facts[ROLE_CLIENT])
#define SERVER (v->facts[ROLE_SERVER])

/* One lie: what it changes in facts that would pass. */
#define LIE(name, ...)                                                                             \
    static void name(struct evidence *v)                                                           \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

static void refuse(struct facts *f, enum stage stage)
{
    f->result = RESULT_REFUSED;
    f->stage = stage;
    f->handshake_done = stage > STAGE_HANDSHAKE;
    f->close = CLOSE_UNKNOWN;
    f->bytes_in = f->bytes_out = 0;
}

/* Takes away every trace of how a refusal went. */
static void forget_alerts(struct evidence *v)
{
    for (int i = 0; i < 2; i++) {
        v->facts[i].alert_sent = v->facts[i].alert_received = -1;
        v->facts[i].close = CLOSE_TRUNCATED;
    }
}

LIE(no_lie, (void)v)
LIE(server_crashes, v->outcome[ROLE_SERVER] = PEER_CRASHED; v->outcome[ROLE_CLIENT] = PEER_HUNG)
LIE(client_talks_garbage, v->outcome[ROLE_CLIENT] = PEER_BROKE_CONTRACT;
    v->outcome[ROLE_SERVER] = PEER_HUNG)
LIE(server_declines, SERVER.result = RESULT_DECLINED; CLIENT.result = RESULT_TIMEOUT)
LIE(attack_changes_nothing, v->relay.changed = false)
LIE(untouched_and_accepted, v->relay.changed = false; CLIENT.result = RESULT_ACCEPTED)
LIE(server_reads_twice, SERVER.bytes_in = 2 * CLIENT.bytes_out + 1)
LIE(raw_finished, SERVER.handshake_done = true)
LIE(raw_taken, v->raw.answers[0] = ANSWER_SERVER_HELLO)
LIE(raw_opened, v->raw.alert = CLIENT.alert_sent = ALERT_BAD_RECORD_MAC)
LIE(raw_unsent, v->raw.num_sent = 0)
LIE(raw_other_word, SERVER.alert_sent = ALERT_USER_CANCELED)
LIE(raw_only_word, v->raw.alert = -1)
LIE(raw_other_version, SERVER.version = TLS12)
LIE(raw_first_refused, v->raw.answers[0] = ANSWER_ALERT)
LIE(raw_alert, v->raw.answers[0] = ANSWER_ALERT;
    v->raw.alert = SERVER.alert_sent = ALERT_INTERNAL_ERROR)
LIE(raw_closed, v->raw.answers[0] = ANSWER_NONE; v->raw.alert = SERVER.alert_sent = -1)
LIE(raw_cut, v->raw.answers[0] = ANSWER_CUT)
LIE(raw_retry, v->raw.answers[0] = ANSWER_RETRY)
LIE(raw_wrong_version, v->raw.version = TLS12)
LIE(raw_wrong_suite, v->raw.suite = 0xC02F)
LIE(raw_wrong_group, v->raw.group = 0x0017)
LIE(raw_no_sentinel, v->raw.random_end[7] = 0)
LIE(raw_sealed, v->raw.sealed_alert = true; v->raw.alert = SERVER.alert_sent = -1)
LIE(client_receives, CLIENT.bytes_in = 1)
LIE(client_goes_on, CLIENT.stage = STAGE_APPLICATION)
LIE(client_says_user_canceled, forget_alerts(v); CLIENT.alert_sent = ALERT_USER_CANCELED;
    SERVER.alert_received = ALERT_USER_CANCELED)
LIE(client_closes_clean, CLIENT.close = CLOSE_CLEAN)
LIE(both_close_clean, CLIENT.close = SERVER.close = CLOSE_CLEAN)
LIE(imposter_stored, v->tofu_stored = true)
LIE(imposter_accepted, CLIENT.result = RESULT_ACCEPTED)
LIE(client_sees_no_imposter, CLIENT.peer_leaf_known = false)
LIE(server_sees_no_imposter, SERVER.peer_leaf_known = false)
LIE(client_dislikes_name, CLIENT.verify_problem = VERIFY_PROBLEM_NAME)
LIE(client_dislikes_certificate, CLIENT.verify_problem = VERIFY_PROBLEM_CHAIN)
LIE(client_hangs, v->outcome[ROLE_CLIENT] = PEER_HUNG)
LIE(server_times_out, SERVER.result = RESULT_TIMEOUT)
LIE(server_accepts_client_hangs, SERVER.result = RESULT_ACCEPTED;
    v->outcome[ROLE_CLIENT] = PEER_HUNG)
LIE(server_accepts, SERVER.result = RESULT_ACCEPTED)
LIE(client_finishes, CLIENT.handshake_done = true)
LIE(server_goes_on, SERVER.stage = STAGE_APPLICATION)
LIE(server_reads, SERVER.bytes_in = 1)
LIE(client_writes, CLIENT.bytes_out = 1)
LIE(client_ignores_code, CLIENT.verify_code = 20; snprintf(CLIENT.verify_text, TEXT_LEN, "expired"))
LIE(server_ignores_name, SERVER.verify_known = false; SERVER.verify_problem = VERIFY_PROBLEM_CHAIN)
LIE(client_verifies_nothing, CLIENT.verify_known = false)
LIE(server_verifies_nothing, SERVER.verify_known = false)
LIE(client_sees_none, CLIENT.peer_leaf_known = false)
LIE(nothing_stored, v->tofu_stored = false)
LIE(other_stored, v->tofu_sha256[31] ^= 1)
LIE(client_unfinished, CLIENT.handshake_done = false)
LIE(server_accepts_early, SERVER.stage = STAGE_APPLICATION)
LIE(client_refuses_when_done, CLIENT.result = RESULT_REFUSED)
LIE(stage_too_late, refuse(&CLIENT, STAGE_HANDSHAKE); CLIENT.handshake_done = true)
LIE(stage_too_early, refuse(&SERVER, STAGE_APPLICATION); SERVER.handshake_done = false)
LIE(data_too_early, refuse(&SERVER, STAGE_HANDSHAKE); SERVER.bytes_in = 32)
LIE(client_alerts, CLIENT.alert_sent = ALERT_BAD_CERTIFICATE)
LIE(server_hears_alert, SERVER.alert_received = ALERT_DECODE_ERROR)
LIE(server_hears_another, SERVER.alert_sent = ALERT_HANDSHAKE_FAILURE;
    CLIENT.alert_received = ALERT_INTERNAL_ERROR)
LIE(client_sees_another, CLIENT.peer_leaf_sha256[0] ^= 0x80)
LIE(server_sees_ghost, SERVER.peer_leaf_known = true)
LIE(server_says_tls12, SERVER.version = TLS12)
LIE(client_says_1302, CLIENT.suite = 0x1302)
LIE(server_says_p256, SERVER.group = 0x0017)
LIE(client_says_rsa, CLIENT.signature_scheme = 0x0804)
LIE(one_bit_of_exporter, SERVER.exporter[31] ^= 1)
LIE(server_reads_too_much, SERVER.bytes_in = 33)
LIE(server_reads_too_little, SERVER.bytes_in = 31)
LIE(client_is_truncated, CLIENT.close = CLOSE_TRUNCATED)
LIE(server_is_reset, SERVER.close = CLOSE_RESET)
LIE(server_refuses, SERVER.result = RESULT_REFUSED; SERVER.stage = STAGE_CLOSE)
LIE(both_refuse, refuse(&CLIENT, STAGE_HANDSHAKE); refuse(&SERVER, STAGE_HANDSHAKE))
LIE(handshake_fails, refuse(&CLIENT, STAGE_HANDSHAKE); refuse(&SERVER, STAGE_HANDSHAKE);
    CLIENT.alert_sent = SERVER.alert_received = ALERT_DECODE_ERROR)
LIE(client_refuses_certificate, forget_alerts(v); refuse(&CLIENT, STAGE_HANDSHAKE);
    CLIENT.alert_sent = ALERT_UNKNOWN_CA; SERVER.alert_received = ALERT_UNKNOWN_CA)
LIE(client_refuses_unreadably, forget_alerts(v); refuse(&CLIENT, STAGE_HANDSHAKE);
    CLIENT.alert_sent = ALERT_UNKNOWN_CA; SERVER.alert_sent = ALERT_BAD_RECORD_MAC)
LIE(both_say_tls12, CLIENT.version = SERVER.version = TLS12)
LIE(nobody_knows_version, CLIENT.version = SERVER.version = 0)
LIE(both_say_1303, CLIENT.suite = SERVER.suite = 0x1303)
LIE(both_say_p256, CLIENT.group = SERVER.group = 0x0017)
LIE(nobody_knows_group, CLIENT.group = SERVER.group = 0)
LIE(nobody_knows_scheme, CLIENT.signature_scheme = SERVER.signature_scheme = 0)
LIE(both_say_rsa, CLIENT.signature_scheme = SERVER.signature_scheme = 0x0804)
LIE(client_resumes, CLIENT.resumed = true)
LIE(silence, forget_alerts(v))
LIE(only_server_knows_alert, CLIENT.alert_received = -1; CLIENT.close = CLOSE_TRUNCATED)
LIE(silence_and_decode_error, forget_alerts(v); CLIENT.alert_sent = ALERT_DECODE_ERROR;
    SERVER.alert_received = ALERT_DECODE_ERROR)
LIE(server_sends_internal_error, SERVER.alert_sent = CLIENT.alert_received = ALERT_INTERNAL_ERROR)
LIE(internal_error_is_unreadable, forget_alerts(v); SERVER.alert_sent = ALERT_INTERNAL_ERROR;
    CLIENT.alert_sent = ALERT_BAD_RECORD_MAC)
LIE(client_heard_internal_error, SERVER.alert_sent = -1;
    CLIENT.alert_received = ALERT_INTERNAL_ERROR)
LIE(server_cannot_export, SERVER.exporter_known = false)

/* ---- seen at the wire ---- */

static struct wire_view seen;

/* A wire that agrees with both ends. */
static void record(struct evidence *v)
{
    seen = (struct wire_view){ .facts = { .complete = true,
                                          .is_tls = true,
                                          .decrypted = true,
                                          .version = CLIENT.version,
                                          .suite = CLIENT.suite,
                                          .group = CLIENT.group,
                                          .signature_scheme = CLIENT.signature_scheme } };
    seen.exporter_known = CLIENT.exporter_known;
    memcpy(seen.exporter, CLIENT.exporter, EXPORTER_LEN);
    for (int role = 0; role < 2; role++) {
        const struct facts *own = &v->facts[role], *other = &v->facts[1 - role];
        struct wire_end *end = &seen.facts.end[role];
        end->application_bytes = own->bytes_out;
        end->close_notify.place.packet = other->close == CLOSE_CLEAN ? 8 : 0;
        if (own->alert_sent > 0)
            end->alert = (struct wire_alert){ .place.packet = 9,
                                              .level = 2,
                                              .description = (uint8_t)own->alert_sent };
        if (other->peer_leaf_known)
            end->certificate = CERTIFICATE_SENT;
        memcpy(end->certificate_sha256, other->peer_leaf_sha256, SHA256_LEN);
    }
    v->wire[ROLE_CLIENT] = v->wire[ROLE_SERVER] = &seen;
}

#define WIRE        (seen.facts)
#define FROM_CLIENT (seen.facts.end[ROLE_CLIENT])
#define FROM_SERVER (seen.facts.end[ROLE_SERVER])

LIE(recorded, record(v))
LIE(request_got_out, record(v); FROM_CLIENT.application_bytes = 32)
LIE(data_is_in_clear, record(v); seen.sent[ROLE_CLIENT].data_in_clear = true)
LIE(certificate_is_in_clear, record(v); seen.sent[ROLE_SERVER].certificate_in_clear = true)
LIE(alert_is_in_clear, record(v); seen.sent[ROLE_SERVER].alert_in_clear = true)
LIE(nonce_comes_again, record(v); seen.sent[ROLE_CLIENT].nonce_repeated = true)
LIE(random_comes_again, record(v); seen.sent[ROLE_SERVER].random_repeated = true)
LIE(there_is_no_tls, record(v); WIRE.is_tls = false)
LIE(keys_open_nothing, record(v); WIRE.decrypted = false;
    snprintf(WIRE.why_not, sizeof WIRE.why_not, "no secret"))
LIE(wire_has_tls12, record(v); WIRE.version = TLS12)
LIE(wire_has_1302, record(v); WIRE.suite = 0x1302)
LIE(wire_has_p256, record(v); WIRE.group = 0x0017)
LIE(wire_has_rsa, record(v); WIRE.signature_scheme = 0x0804)
LIE(wire_has_another_leaf, record(v); FROM_SERVER.certificate_sha256[0] ^= 1)
LIE(wire_has_no_leaf, record(v); FROM_CLIENT.certificate = CERTIFICATE_EMPTY)
LIE(imposter_did_not_cross, record(v); CLIENT.peer_leaf_known = false;
    FROM_SERVER.certificate = CERTIFICATE_UNSEEN)
LIE(secrets_export_another, record(v); seen.exporter_known = true;
    memset(seen.exporter, 9, EXPORTER_LEN))
LIE(less_data_crossed, record(v); FROM_SERVER.application_bytes = 31)
LIE(no_alert_crossed, record(v); FROM_SERVER.alert.place.packet = 0)
LIE(another_alert_crossed, record(v); FROM_SERVER.alert.description = ALERT_DECODE_ERROR)
LIE(no_close_notify_crossed, record(v); FROM_CLIENT.close_notify.place.packet = 0)
/* What could not be read is no opinion. */
LIE(recording_has_a_hole, no_close_notify_crossed(v); WIRE.complete = false; WIRE.suite = 0x1302)
LIE(server_could_not_be_read, another_alert_crossed(v); FROM_SERVER.num_opaque = 1;
    FROM_SERVER.application_bytes = 0)
/* A raw end saw something under protection; the server's word, and what was in it. */
#define SEALED(word)                                                                               \
    v->raw.alert = -1;                                                                             \
    v->raw.num_sealed = 600;                                                                       \
    SERVER.alert_sent = (word)
LIE(raw_padded, SEALED(ALERT_HANDSHAKE_FAILURE); v->raw.answers[0] = ANSWER_NONE)
LIE(raw_padded_read, raw_padded(v); record(v))
LIE(raw_padded_forgotten, raw_padded_read(v); SERVER.alert_sent = -1)
LIE(raw_padded_opaque, raw_padded_read(v); FROM_SERVER.num_opaque = 1;
    FROM_SERVER.alert.description = ALERT_DECODE_ERROR)
LIE(raw_padded_other, raw_padded_read(v); FROM_SERVER.alert.description = ALERT_DECODE_ERROR)
LIE(raw_padded_none, raw_padded_read(v); FROM_SERVER.alert.place.packet = 0)
LIE(raw_padded_wrong, SEALED(ALERT_INTERNAL_ERROR); v->raw.answers[0] = ANSWER_NONE; record(v))
LIE(raw_padded_silent, raw_padded(v); SERVER.alert_sent = -1; record(v))
LIE(raw_short_record, SEALED(-1); v->raw.sealed_alert = true; record(v))

LIE(ends_do_not_know_but_wire_does, record(v); forget_alerts(v))

/* What the judge has to make of each. */
static const struct lie {
    const char *id;
    void (*tell)(struct evidence *v);
    const char *check;
    enum verdict verdict;
    enum failure_kind kind;
    const char *reason; /* a part of it */
} lies[] = {
    { ACCEPTED, server_crashes, "peer.crashed", VERDICT_CRASH, KIND_NONE, "server: " },
    { ACCEPTED, client_talks_garbage, "peer.broke-contract", VERDICT_HARNESS_ERROR, KIND_NONE,
      "client: " },
    { ACCEPTED, server_declines, "peer.declined", VERDICT_HARNESS_ERROR, KIND_NONE, "declares" },
    { ACCEPTED, client_hangs, "peer.hung", VERDICT_TIMEOUT, KIND_NONE, "client: " },
    { NO_SUITE, server_times_out, "peer.timeout", VERDICT_TIMEOUT, KIND_NONE, "server: " },

#define FAILS(kind) VERDICT_FAIL, KIND_##kind
#define BAD_ACCEPT  FAILS(ACCEPTED_WHAT_MUST_BE_REFUSED)
    { NO_SUITE, server_accepts, "refusal.accepted", BAD_ACCEPT, "server: accepted" },
    { NO_SUITE, server_accepts_client_hangs, "refusal.accepted", BAD_ACCEPT, "server: accepted" },
    { NO_CERT, server_accepts, "refusal.accepted", BAD_ACCEPT, "no certificate" },
    { WRONG_PIN, server_accepts, "refusal.accepted", BAD_ACCEPT, "pin" },
    { NO_CERT_12, client_finishes, "refusal.handshake-finished", BAD_ACCEPT, "client: completed" },
    { NO_SUITE, server_goes_on, "refusal.stage", BAD_ACCEPT, "came to stage application" },
    { NO_CERT, server_reads, "refusal.data-received", BAD_ACCEPT, "received 1 application" },
    { WRONG_PIN, client_writes, "refusal.data-sent", BAD_ACCEPT, "client: sent 1 application" },
    { ACCEPTED, client_ignores_code, "verify.ignored", BAD_ACCEPT, "said 20 (expired)" },
    { MUTUAL, server_ignores_name, "verify.ignored", BAD_ACCEPT, "server: accepted although" },
    { ACCEPTED, client_verifies_nothing, "verify.not-done", BAD_ACCEPT,
      "client: accepted without" },
    { MUTUAL, server_verifies_nothing, "verify.not-done", BAD_ACCEPT, "server: accepted without" },
    { ACCEPTED, client_sees_none, "verify.no-certificate", BAD_ACCEPT, "server's certificate" },
    { TOFU_FIRST, nothing_stored, "tofu.not-stored", BAD_ACCEPT, "stored nothing" },
    { TOFU_FIRST, other_stored, "tofu.wrong-hash", BAD_ACCEPT, "another hash" },
    { RAW_REFUSED, raw_finished, "hello.finished", BAD_ACCEPT, "completed a handshake" },
    { RAW_ANSWERED, raw_finished, "hello.finished", BAD_ACCEPT, "completed a handshake" },
    { RAW_REFUSED, raw_taken, "hello.taken", BAD_ACCEPT, "answered with server_hello" },
    { RAW_TO_CLIENT, raw_opened, "hello.taken", BAD_ACCEPT, "sent bad_record_mac" },
    { RAW_REFUSED, raw_unsent, "hello.not-sent", VERDICT_HARNESS_ERROR, KIND_NONE,
      "nothing was tried" },
    { RAW_REFUSED, raw_other_word, "hello.alert-differs", FAILS(ENDS_DISAGREE),
      "handshake_failure, as was seen" },
    { RAW_REFUSED, raw_only_word, "hello.alert-differs", FAILS(ENDS_DISAGREE),
      "none, as was seen" },
    { RAW_ANSWERED, raw_other_version, "hello.facts-differ", FAILS(ENDS_DISAGREE), "0x0303" },
    { RAW_SECOND, raw_first_refused, "hello.first-answer", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "the first message with refused" },
    { RAW_ANSWERED, raw_alert, "hello.refused", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "refused with internal_error" },
    { RAW_ANSWERED, raw_closed, "hello.refused", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "closed without a word" },
    { RAW_ANSWERED, raw_cut, "hello.refused", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "in the middle" },
    { RAW_ANSWERED, raw_retry, "hello.other-answer", FAILS(WRONG_NEGOTIATION),
      "answered with hello_retry_request" },
    { RAW_ANSWERED, raw_wrong_version, "hello.negotiation", FAILS(WRONG_NEGOTIATION), "0x0303" },
    { RAW_ANSWERED, raw_wrong_suite, "hello.negotiation", FAILS(WRONG_NEGOTIATION), "0xc02f" },
    { RAW_ANSWERED, raw_wrong_group, "hello.negotiation", FAILS(WRONG_NEGOTIATION), "0x0017" },
    { RAW_TLS12, raw_no_sentinel, "hello.no-sentinel", FAILS(WRONG_NEGOTIATION), "sentinel" },
    { RAW_REFUSED, raw_closed, "hello.no-alert", FAILS(NO_ALERT), "closed without an alert" },
    { RAW_REFUSED, raw_alert, "hello.wrong-alert", FAILS(WRONG_ALERT),
      "refused with internal_error" },
    { RAW_REFUSED, raw_sealed, "hello.wrong-alert", FAILS(WRONG_ALERT), "nobody could read" },
    { RAW_REFUSED, raw_padded_other, "hello.alert-differs", FAILS(ENDS_DISAGREE),
      "expected: decode_error" },
    { RAW_REFUSED, raw_padded_none, "hello.alert-differs", FAILS(ENDS_DISAGREE), "expected: none" },
    { RAW_REFUSED, raw_padded_wrong, "hello.wrong-alert", FAILS(WRONG_ALERT),
      "refused with internal_error" },
    { RAW_REFUSED, raw_padded_silent, "hello.no-alert", FAILS(NO_ALERT), "without an alert" },
    { RAW_REFUSED, raw_short_record, "hello.no-alert", FAILS(NO_ALERT), "without an alert" },
    { FLIPPED, imposter_accepted, "attack.accepted", BAD_ACCEPT, "client: accepted" },
    { CUT_OFF, imposter_accepted, "attack.accepted", BAD_ACCEPT, "client: accepted" },
    { FLIPPED, attack_changes_nothing, "attack.unchanged", VERDICT_HARNESS_ERROR, KIND_NONE,
      "changed nothing" },
    { FLIPPED, untouched_and_accepted, "attack.unchanged", VERDICT_HARNESS_ERROR, KIND_NONE,
      "changed nothing" },
    { REPLAYED, server_reads_twice, "attack.data-added", BAD_ACCEPT, "that the client sent" },
    { REPLAYED, silence, "attack.alert", FAILS(WRONG_ALERT), "server: no alert" },
    { FLIPPED, client_finishes, "attack.finished", BAD_ACCEPT, "client: completed" },
    { FLIPPED, client_goes_on, "attack.stage", BAD_ACCEPT, "came to stage application" },
    { FLIPPED, client_receives, "attack.data", BAD_ACCEPT, "received 1 application" },
    { TRUNCATED, client_closes_clean, "attack.not-truncated", BAD_ACCEPT, "truncation reported" },
    { CUT_OFF, both_close_clean, "attack.clean", BAD_ACCEPT, "a clean one" },
    { CUT_OFF, client_closes_clean, "attack.clean", BAD_ACCEPT, "client: took the close" },
    { FLIPPED, client_says_user_canceled, "attack.alert", FAILS(WRONG_ALERT), "user_canceled" },
    { EXPIRED, imposter_stored, "tofu.imposter-stored", BAD_ACCEPT, "that it refused" },
    { EXPIRED, imposter_accepted, "refusal.accepted", BAD_ACCEPT, "time was over" },
    { EXPIRED, client_sees_no_imposter, "identity.unseen", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "client: refused without having seen" },
    { CLIENT_EXPIRED, server_sees_no_imposter, "identity.unseen",
      FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED), "server: refused without having seen" },
    { EXPIRED, client_dislikes_name, "identity.other-reason", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "names name" },
    { WRONG_KEY, client_dislikes_certificate, "identity.other-reason",
      FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED), "names chain" },
    { TOFU_KNOWN, other_stored, "tofu.overwritten", BAD_ACCEPT, "overwrote" },
    { TOFU_CHANGED, nothing_stored, "tofu.overwritten", BAD_ACCEPT, "removed" },

#define DISAGREE FAILS(ENDS_DISAGREE)
    { ACCEPTED, client_unfinished, "facts.accepted-unfinished", DISAGREE, "client: accepted" },
    { ACCEPTED, server_accepts_early, "facts.accepted-early", DISAGREE, "at stage application" },
    { ACCEPTED, client_refuses_when_done, "facts.refused-done", DISAGREE, "refused at stage done" },
    { ACCEPTED, stage_too_late, "facts.stage-and-handshake", DISAGREE, "handshake done" },
    { ACCEPTED, stage_too_early, "facts.stage-and-handshake", DISAGREE, "handshake not done" },
    { ACCEPTED, data_too_early, "facts.data-before-handshake", DISAGREE, "32 application bytes" },
    { ACCEPTED, client_alerts, "facts.accepted-with-alert", DISAGREE, "sent bad_certificate" },
    { ACCEPTED, server_hears_alert, "facts.accepted-with-alert", DISAGREE,
      "received decode_error" },
    { NO_SUITE, server_hears_another, "alert.not-sent", DISAGREE, "internal_error" },
    { ACCEPTED, client_sees_another, "certificate.other", DISAGREE, "another certificate" },
    { OPTIONAL, server_sees_ghost, "certificate.from-nowhere", DISAGREE, "client has none" },
    { NO_AUTH, client_sees_none, "certificate.unseen", DISAGREE, "saw no certificate" },
    { ACCEPTED, server_says_tls12, "version.differs", DISAGREE, "0x0304, server: 0x0303" },
    { ACCEPTED, client_says_1302, "suite.differs", DISAGREE, "0x1302, server: 0x1301" },
    { ACCEPTED, server_says_p256, "group.differs", DISAGREE, "0x001d, server: 0x0017" },
    { ACCEPTED, client_says_rsa, "signature-scheme.differs", DISAGREE, "0x0804, server: 0x0403" },
    { ACCEPTED, one_bit_of_exporter, "exporter.differs", DISAGREE, "exporter value" },
    { ACCEPTED, server_reads_too_much, "data.from-nowhere", DISAGREE, "received 33" },
    { ACCEPTED, server_reads_too_little, "data.incomplete", DISAGREE, "31 application bytes in" },
    { ACCEPTED, client_is_truncated, "close.not-clean", DISAGREE, "truncated" },
    { ACCEPTED, server_is_reset, "close.not-clean", DISAGREE, "reset" },
    { ACCEPTED, server_refuses, "result.differs", DISAGREE, "while the client accepted" },

#define BAD_REFUSAL FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED)
    { ACCEPTED, both_refuse, "acceptance.refused", BAD_REFUSAL, "expected: accepted" },
    { WRONG_PIN, handshake_fails, "refusal.pin-not-reached", BAD_REFUSAL, "whole handshake" },
    { NO_CERT, client_refuses_certificate, "refusal.wrong-end", BAD_REFUSAL, "unknown_ca" },
    { NO_CERT, client_refuses_unreadably, "refusal.wrong-end", BAD_REFUSAL, "client: refused" },

#define WRONG FAILS(WRONG_NEGOTIATION)
    { ACCEPTED, both_say_tls12, "version.unexpected", WRONG, "negotiated tls1.2" },
    { ACCEPTED, nobody_knows_version, "version.unexpected", WRONG, "an unknown version" },
    { WRONG_PIN, both_say_tls12, "version.unexpected", WRONG, "negotiated tls1.2" },
    { ACCEPTED, both_say_1303, "suite.unexpected", WRONG, "TLS_CHACHA20_POLY1305_SHA256" },
    { ACCEPTED, both_say_p256, "group.unexpected", WRONG, "secp256r1; expected: x25519" },
    { RSA_KX, both_say_p256, "group.unexpected", WRONG, "expected: no group" },
    { ACCEPTED, nobody_knows_group, "group.unknown", WRONG, "does not know the group" },
    { ACCEPTED, both_say_rsa, "signature-scheme.unexpected", WRONG, "rsa_pss_rsae_sha256" },
    { ACCEPTED, nobody_knows_scheme, "signature-scheme.unknown", WRONG,
      "with what the server signed" },
    { ACCEPTED, client_resumes, "session.resumed", WRONG, "resumed" },

    { NO_SUITE, silence, "alert.absent", FAILS(NO_ALERT), "handshake_failure or insufficient" },
    { NO_SUITE, only_server_knows_alert, "alert.absent", FAILS(NO_ALERT), "server: no alert" },
    { NO_SUITE, silence_and_decode_error, "alert.absent", FAILS(NO_ALERT), "server: no alert" },
    { OLDER_SERVER, silence, "alert.absent", FAILS(NO_ALERT), "protocol_version" },
    { NO_CERT, server_sends_internal_error, "alert.unexpected", FAILS(WRONG_ALERT),
      "internal_error" },
    { NO_SUITE, internal_error_is_unreadable, "alert.unexpected", FAILS(WRONG_ALERT),
      "internal_error" },
    { NO_CERT, client_heard_internal_error, "alert.unexpected", FAILS(WRONG_ALERT),
      "expected: certificate_required" },
    { OLDER_SERVER, server_sends_internal_error, "alert.unexpected", FAILS(WRONG_ALERT),
      "server: refused with internal_error" },

    { WRONG_PIN, request_got_out, "wire.data-refused", BAD_ACCEPT, "sent 32 application bytes" },
    { ACCEPTED, data_is_in_clear, "wire.data-in-clear", DISAGREE, "TLS_AES_128_GCM_SHA256" },
    { ACCEPTED, certificate_is_in_clear, "wire.certificate-in-clear", DISAGREE,
      "server: sent its certificate in clear" },
    { NO_CERT, alert_is_in_clear, "wire.alert-in-clear", FAILS(WRONG_ALERT),
      "server: sent its alert in clear" },
    { ACCEPTED, nonce_comes_again, "wire.nonce", FAILS(WRONG_NEGOTIATION), "client: two of its" },
    { ACCEPTED, random_comes_again, "wire.random", FAILS(WRONG_NEGOTIATION), "server: its hello" },
    { ACCEPTED, there_is_no_tls, "wire.not-tls", DISAGREE, "no TLS" },
    { ACCEPTED, keys_open_nothing, "wire.keys", DISAGREE, "no secret" },
    { ACCEPTED, wire_has_tls12, "wire.version", DISAGREE, "0x0304; on the wire it was 0x0303" },
    { ACCEPTED, wire_has_1302, "wire.suite", DISAGREE, "suite 0x1301" },
    { ACCEPTED, wire_has_p256, "wire.group", DISAGREE, "group 0x001d" },
    { ACCEPTED, wire_has_rsa, "wire.signature-scheme", DISAGREE, "signature scheme 0x0403" },
    { ACCEPTED, wire_has_another_leaf, "wire.certificate", DISAGREE, "there was another" },
    { MUTUAL, wire_has_no_leaf, "wire.certificate", DISAGREE, "server: reports a certificate" },
    { EXPIRED, imposter_did_not_cross, "wire.imposter-unseen", FAILS(REFUSED_WHAT_MUST_BE_ACCEPTED),
      "before the server's certificate crossed" },
    { ACCEPTED, secrets_export_another, "wire.exporter", DISAGREE, "07070707…; by the secrets" },
    { ACCEPTED, less_data_crossed, "wire.data", DISAGREE, "server: reports 32 application bytes" },
    { NO_SUITE, no_alert_crossed, "wire.alert", DISAGREE, "no alert of it" },
    { NO_SUITE, another_alert_crossed, "wire.alert", DISAGREE, "there was decode_error" },
    { ACCEPTED, no_close_notify_crossed, "wire.close", DISAGREE, "server: reports close_notify" },

    { ACCEPTED, server_cannot_export, "exporter.missing", VERDICT_HARNESS_ERROR, KIND_NONE,
      "server: no exporter" },
};

enum { NUM_LIES = sizeof lies / sizeof lies[0] };

/* Variations that are no fault: an RFC, or what is known of real stacks, allows each of them. */
LIE(alert_lost_in_reset, CLIENT.alert_received = -1; CLIENT.close = CLOSE_RESET)
LIE(alert_known_to_reader_only, SERVER.alert_sent = -1)
LIE(other_allowed_alert, SERVER.alert_sent = CLIENT.alert_received = ALERT_INSUFFICIENT_SECURITY)
LIE(client_objects_to_version, forget_alerts(v); CLIENT.alert_sent = ALERT_PROTOCOL_VERSION;
    SERVER.alert_received = ALERT_PROTOCOL_VERSION)
LIE(unreadable_to_server, forget_alerts(v); CLIENT.alert_sent = ALERT_PROTOCOL_VERSION;
    SERVER.alert_sent = ALERT_BAD_RECORD_MAC)
LIE(client_stays_in_handshake, CLIENT.stage = STAGE_HANDSHAKE; CLIENT.handshake_done = false;
    CLIENT.bytes_out = 0)
LIE(pin_with_alert, CLIENT.alert_sent = SERVER.alert_received = ALERT_BAD_CERTIFICATE)
LIE(pin_and_truncation, SERVER.alert_sent = ALERT_DECODE_ERROR)
LIE(one_end_knows_group, SERVER.group = 0)
LIE(one_end_knows_scheme, CLIENT.signature_scheme = 0)
LIE(unverified_by_order, CLIENT.verify_code = 18)
LIE(no_certificate_code, SERVER.verify_code = -49)

static const struct lie truths[] = {
    { EXPIRED, recorded },
    { CLIENT_EXPIRED, recorded },
    { FLIPPED, recorded },
    { TRUNCATED, recorded },
    { CUT_OFF, recorded },
    { ACCEPTED, recorded },
    { MUTUAL, recorded },
    { OPTIONAL, recorded },
    { RSA_KX, recorded },
    { NO_SUITE, recorded },
    { NO_CERT, recorded },
    { WRONG_PIN, recorded },
    { FLIPPED, keys_open_nothing },
    { ACCEPTED, recording_has_a_hole },
    { NO_SUITE, server_could_not_be_read },
    { NO_SUITE, ends_do_not_know_but_wire_does },
    { EXPIRED, no_lie },
    { FLIPPED, no_lie },
    { TRUNCATED, no_lie },
    { CUT_OFF, no_lie },
    { PAUSED, no_lie },
    { CLIENT_EXPIRED, no_lie },
    { WRONG_KEY, no_lie },
    { ACCEPTED, no_lie },
    { MUTUAL, no_lie },
    { OPTIONAL, no_lie },
    { OPTIONAL, no_certificate_code },
    { NO_AUTH, unverified_by_order },
    { NO_AUTH, client_verifies_nothing },
    { ACCEPTED, server_verifies_nothing },
    { RSA_KX, nobody_knows_scheme },
    { RSA_KX, no_lie },
    { NO_SUITE, no_lie },
    { NO_SUITE, other_allowed_alert },
    { NO_SUITE, alert_lost_in_reset },
    { NO_CERT, no_lie },
    { NO_CERT, client_stays_in_handshake },
    { NO_CERT, alert_known_to_reader_only },
    { NO_CERT, alert_lost_in_reset },
    { NO_CERT_12, no_lie },
    { OLDER_SERVER, no_lie },
    { OLDER_SERVER, client_objects_to_version },
    { OLDER_SERVER, unreadable_to_server },
    { WRONG_PIN, no_lie },
    { WRONG_PIN, pin_with_alert },
    { WRONG_PIN, pin_and_truncation },
    { TOFU_FIRST, no_lie },
    { TOFU_KNOWN, no_lie },
    { TOFU_CHANGED, no_lie },
    { ACCEPTED, one_end_knows_group },
    { ACCEPTED, one_end_knows_scheme },
    { RAW_REFUSED, raw_padded },
    { RAW_REFUSED, raw_padded_read },
    { RAW_REFUSED, raw_padded_forgotten },
    { RAW_REFUSED, raw_padded_opaque },
};

static void judge_lie(struct judgement *out, const struct lie *lie)
{
    struct matrix_case c;
    struct expectation e;
    struct evidence v;
    struct error err = { 0 };
    if (case_from_id(&c, lie->id, &stacks, &err) < 0)
        fail_msg("%s", err.text);
    assert_null(case_excluded(&c));
    oracle_expect(&e, &c, &stacks);
    perfect_evidence(&v, &c, &e);
    lie->tell(&v);
    judge(out, &c, &e, &v);
}

static void each_lie_is_told_by_its_own_check(void **state)
{
    (void)state;
    struct judgement j;
    for (size_t i = 0; i < NUM_LIES; i++) {
        judge_lie(&j, &lies[i]);
        if (j.check == NULL || strcmp(j.check, lies[i].check) != 0)
            fail_msg("lie %zu (%s): %s: %s", i, lies[i].check, j.check != NULL ? j.check : "pass",
                     j.reason);
        assert_string_equal(verdict_name(j.verdict), verdict_name(lies[i].verdict));
        assert_string_equal(failure_kind_name(j.kind), failure_kind_name(lies[i].kind));
        if (strstr(j.reason, lies[i].reason) == NULL)
            fail_msg("%s: reason without '%s': %s", j.check, lies[i].reason, j.reason);
    }
}

static void the_truthful_twin_of_each_lie_passes(void **state)
{
    (void)state;
    struct judgement j;
    for (size_t i = 0; i < NUM_LIES; i++) {
        struct lie twin = { lies[i].id, no_lie };
        judge_lie(&j, &twin);
        if (j.verdict != VERDICT_PASS)
            fail_msg("%s: %s: %s", lies[i].id, j.check, j.reason);
        assert_string_equal(j.reason, "");
        assert_null(j.check);
    }
}

static void what_the_rfc_leaves_open_passes(void **state)
{
    (void)state;
    struct judgement j;
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        judge_lie(&j, &truths[i]);
        if (j.verdict != VERDICT_PASS)
            fail_msg("truth %zu (%s): %s: %s", i, truths[i].id, j.check, j.reason);
    }
}

static void every_check_is_provoked(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_judge_checks; i++) {
        size_t provoked = 0;
        for (size_t k = 0; k < NUM_LIES; k++)
            provoked += strcmp(lies[k].check, judge_checks[i].name) == 0;
        if (provoked == 0)
            fail_msg("no lie provokes the check %s", judge_checks[i].name);
    }
}

static void reasons_say_what_was_expected(void **state)
{
    (void)state;
    struct judgement j;
    for (size_t i = 0; i < NUM_LIES; i++) {
        judge_lie(&j, &lies[i]);
        if (j.verdict == VERDICT_FAIL && strstr(j.reason, "expected: ") == NULL)
            fail_msg("%s: %s", j.check, j.reason);
        assert_null(strchr(j.reason, '\n'));
    }
}

/* The order of failure_kind is from the worst on, and the table keeps it. */
static void the_worst_kind_is_asked_first(void **state)
{
    (void)state;
    for (int use = CHECK_ORDINARY; use <= CHECK_HELLO; use++) {
        enum failure_kind last = KIND_NONE;
        for (size_t i = 0; i < num_judge_checks; i++) {
            if (judge_checks[i].verdict != VERDICT_FAIL || (int)judge_checks[i].use != use)
                continue;
            assert_true(judge_checks[i].kind >= last);
            last = judge_checks[i].kind;
        }
        assert_int_equal(last, KIND_WRONG_ALERT);
    }
}

static int setup(void **state)
{
    (void)state;
    full_stacks(&stacks);
    return hellos_load(SOURCE_DIR "/matrix/hellos", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_told_by_its_own_check),
        cmocka_unit_test(the_truthful_twin_of_each_lie_passes),
        cmocka_unit_test(what_the_rfc_leaves_open_passes),
        cmocka_unit_test(every_check_is_provoked),
        cmocka_unit_test(reasons_say_what_was_expected),
        cmocka_unit_test(the_worst_kind_is_asked_first),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
