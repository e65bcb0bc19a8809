/* RFC 8446 and RFC 5246 unless the reference names another; RFC 9846 has the sections of RFC 8446
 * section 6 under the same numbers. */
#include "fuzz/differential/rules.h"

#include "fuzz/differential/conditions.h"
#include "harness/wire/registry.h"

#define BIT(number) (1U << (number))

enum {
    /* Steps after which bytes that were announced do not come, or others stand for them. */
    STEPS_OF_LENGTHS = BIT(STEP_SPLICE) | BIT(STEP_WIRE) | BIT(STEP_STOP) | BIT(STEP_RAW) |
                       BIT(STEP_CONTENT) | BIT(STEP_RECORD) | BIT(STEP_BULK) | BIT(STEP_END) |
                       BIT(STEP_FRAGMENT) | BIT(STEP_SEGMENT),
};

const struct rule rules[] = {
    {
        .id = "tls13-silence",
        .reference = "RFC 8446 section 6.2",
        .text = "an implementation SHOULD send an appropriate fatal alert: closing without one is "
                "allowed",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .also = pair_one_is_silent,
    },
    {
        .id = "tls12-field",
        .reference = "RFC 5246 section 7.2.2",
        .text = "a field out of its range is both illegal_parameter and decode_error",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR },
        .num_alerts = 2,
    },
    {
        .id = "certificate",
        .reference = "RFC 8446 sections 4.4.2.4, 4.4.3 and 6.2; RFC 5246 section 7.2.2",
        .text = "what is wrong with a certificate has several names, \"some other (unspecified) "
                "issue\" among them, and one that cannot be decoded is corrupt, too; a changed key "
                "is noticed by its issuer's signature or by the signature made with it, whichever "
                "is verified first",
        .differences = BIT(DIFFERENCE_ALERT),
        .alerts = { ALERT_BAD_CERTIFICATE, ALERT_UNSUPPORTED_CERTIFICATE, ALERT_CERTIFICATE_EXPIRED,
                    ALERT_CERTIFICATE_UNKNOWN, ALERT_UNKNOWN_CA, ALERT_DECRYPT_ERROR,
                    ALERT_DECODE_ERROR },
        .num_alerts = 7,
        .also = pair_at_certificate,
    },
    {
        .id = "certificate-usage",
        .reference = "RFC 8446 sections 4.4.2.2 and 6.2; RFC 5246 sections 7.2.2 and 7.4.2",
        .text =
            "the key has to be of a kind that fits the suite, and its usage to allow what it is "
            "used for; no text says which alert is for one that does not, nor that it is "
            "looked at before the chain",
        .differences = BIT(DIFFERENCE_ALERT),
        .alerts = { ALERT_UNSUPPORTED_CERTIFICATE, ALERT_ILLEGAL_PARAMETER, ALERT_BAD_CERTIFICATE,
                    ALERT_CERTIFICATE_UNKNOWN, ALERT_UNKNOWN_CA, ALERT_DECRYPT_ERROR },
        .num_alerts = 6,
        .also = pair_at_certificate,
    },
    {
        .id = "certificate-first",
        .reference = "RFC 8446 sections 4.4.2.4 and 6.2; RFC 5246 sections 7.2.2 and 7.4.2",
        .text = "a chain may be verified when it comes or when all has come: where a second "
                "Certificate follows, both are at fault",
        .differences = BIT(DIFFERENCE_ALERT),
        .alerts = { ALERT_BAD_CERTIFICATE, ALERT_UNSUPPORTED_CERTIFICATE, ALERT_CERTIFICATE_EXPIRED,
                    ALERT_CERTIFICATE_UNKNOWN, ALERT_UNKNOWN_CA, ALERT_DECRYPT_ERROR,
                    ALERT_UNEXPECTED_MESSAGE },
        .num_alerts = 7,
        .touches = "message:certificate:certificate",
    },
    {
        .id = "signed-parameters",
        .reference = "RFC 5246 sections 7.2.2 and 7.4.3",
        .text = "a changed parameter of ServerKeyExchange is noticed by itself or by the signature "
                "over it, whichever is looked at first",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_DECRYPT_ERROR },
        .num_alerts = 3,
        .also = pair_at_signed_parameters,
    },
    {
        .id = "tls12-scheme",
        .reference = "RFC 5246 sections 7.2.2, 7.4.3 and 7.4.8",
        .text = "a signature's algorithm has to be an offered one that fits the key; no text says "
                "which alert is for one that is not, nor that it is looked at before the "
                "signature",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE, ALERT_DECRYPT_ERROR },
        .num_alerts = 3,
        .also = pair_at_signature,
    },
    {
        .id = "tls12-change-cipher-spec",
        .reference = "RFC 5246 sections 7.1 and 7.2.2",
        .text = "it is one byte of value 1, and no text says which alert is for another",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .alerts = { ALERT_UNEXPECTED_MESSAGE, ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR },
        .num_alerts = 3,
        .also = pair_at_change_cipher_spec,
    },
    {
        .id = "no-shared-group",
        .reference = "RFC 8446 sections 4.1.1, 4.2.7 and 4.2.8",
        .text = "a key share of no group that is offered is illegal_parameter where the server "
                "looks for it, which it MAY, and handshake_failure where nothing is left to agree "
                "on",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE },
        .num_alerts = 2,
        .also = pair_at_offered_group,
    },
    {
        .id = "share-rules",
        .reference = "RFC 8446 section 4.2.8",
        .text = "a client sends no share of a group twice, nor of one that is not in its "
                "supported_groups; servers MAY check, and abort with illegal_parameter",
        .differences = BIT(DIFFERENCE_ACCEPTED),
        .version = TLS13,
        .also = pair_breaks_share_rules,
    },
    {
        .id = "share-list",
        .reference = "RFC 8446 sections 4.2.8 and 6",
        .text = "a list of key shares that cannot be parsed has a key in it, too, that is none of "
                "its group's: decode_error for the one, illegal_parameter for the other, whichever "
                "is looked at first",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR },
        .num_alerts = 2,
        .also = pair_at_broken_shares,
    },
    {
        .id = "message-length",
        .reference = "RFC 8446 section 4; RFC 5246 section 7.4",
        .text = "a message's length has 24 bits, and no text says how much an end has to take, nor "
                "with which alert it refuses more; what comes next may be refused before",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_SPLICE) | BIT(STEP_RECORD),
        .also = pair_at_message_length,
    },
    {
        .id = "session-id-echo",
        .reference = "RFC 8446 sections 4.1.3 and 6.2",
        .text = "a legacy_session_id_echo that is longer than one can be is another than what was "
                "sent, too: illegal_parameter by the one, decode_error by the other",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR },
        .num_alerts = 2,
        .touches = "edit:server_hello:field0",
        .also = pair_longer,
    },
    {
        .id = "extension-twice",
        .reference = "RFC 8446 sections 4.2 and 6",
        .text = "there MUST NOT be more than one extension of a type: what can be read and is "
                "invalid is illegal_parameter, and no text says that this is looked for before "
                "what is in the second",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .steps = BIT(STEP_EDIT),
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_PROTOCOL_VERSION,
                    ALERT_HANDSHAKE_FAILURE, ALERT_MISSING_EXTENSION, ALERT_UNRECOGNIZED_NAME,
                    ALERT_NO_APPLICATION_PROTOCOL },
        .num_alerts = 7,
        .also = pair_extension_twice,
    },
    {
        .id = "tls12-extension-twice",
        .reference = "RFC 5246 sections 7.2.2 and 7.4.1.4",
        .text = "there MUST NOT be more than one extension of a type, and no text says which alert "
                "is for that, nor that it is looked for before what is in the second",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .steps = BIT(STEP_EDIT),
        .also = pair_extension_twice,
    },
    {
        .id = "alert-length",
        .reference = "RFC 8446 sections 5.1 and 6.2; RFC 5246 sections 6.2.1 and 7.2.2",
        .text = "a record of alerts that is not one alert: it is inappropriate, and of a wrong "
                "length; a stack may read as many as there are",
        .differences = BIT(DIFFERENCE_ALERT),
        .alerts = { ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR },
        .num_alerts = 2,
        .also = pair_alerts_of_other_lengths,
    },
    {
        .id = "overflow-of-unknown",
        .reference = "RFC 8446 sections 5 and 5.1; RFC 5246 sections 6 and 6.2.1",
        .text = "a record that is too long, and of an unknown type or not protected where all are, "
                "has two faults",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_BULK),
        .alerts = { ALERT_RECORD_OVERFLOW, ALERT_UNEXPECTED_MESSAGE },
        .num_alerts = 2,
        .also = pair_too_long_and_unknown,
    },
    {
        .id = "messages-shifted",
        .reference = "RFC 8446 sections 5.1 and 6.2; RFC 5246 sections 6.2.1 and 7.2.2",
        .text = "what is put between messages makes a header of the bytes behind it: its type and "
                "its length are wrong at once, and if the length is taken for one, what comes next "
                "is something else",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_CONTENT) | BIT(STEP_RECORD) | BIT(STEP_BULK) | BIT(STEP_RAW) |
                 BIT(STEP_SPLICE),
        .alerts = { ALERT_UNEXPECTED_MESSAGE, ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR,
                    ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE, ALERT_PROTOCOL_VERSION },
        .num_alerts = 6,
        .also = pair_messages_shifted,
    },
    {
        .id = "fields-shifted",
        .reference = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
        .text = "where bytes are put in ahead of other fields all of these are wrong at once, and "
                "no text says which is looked at first",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_EDIT) | BIT(STEP_PATCH) | BIT(STEP_SPLICE) | BIT(STEP_CONTENT),
        .alerts = { ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER, ALERT_PROTOCOL_VERSION,
                    ALERT_HANDSHAKE_FAILURE, ALERT_MISSING_EXTENSION, ALERT_UNSUPPORTED_EXTENSION,
                    ALERT_DECRYPT_ERROR },
        .num_alerts = 7,
        .also = pair_shifted,
    },
    {
        .id = "another-message",
        .reference = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
        .text = "a message of which hardly a byte is as it should be has many faults at once, and "
                "no text says which is looked at first",
        .differences = BIT(DIFFERENCE_ALERT),
        .alerts = { ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER, ALERT_PROTOCOL_VERSION,
                    ALERT_HANDSHAKE_FAILURE, ALERT_MISSING_EXTENSION, ALERT_UNEXPECTED_MESSAGE,
                    ALERT_UNSUPPORTED_EXTENSION, ALERT_BAD_CERTIFICATE, ALERT_UNRECOGNIZED_NAME,
                    ALERT_NO_APPLICATION_PROTOCOL, ALERT_DECRYPT_ERROR,
                    ALERT_INAPPROPRIATE_FALLBACK },
        .num_alerts = 12,
        .also = pair_another_message,
    },
    {
        .id = "tls12-warning",
        .reference = "RFC 5246 section 7.2.2",
        .text = "the connection can generally continue after a warning; the receiving party may "
                "decide not to proceed",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ENDING) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_ALERT) | BIT(DIFFERENCE_WAITED),
        .version = TLS12,
        .steps = BIT(STEP_RECORD),
        .touches = "record:alert.warning.",
        .also = pair_warns_of_no_closure,
    },
    {
        .id = "hello-request",
        .reference = "RFC 5246 sections 7.4.1.1 and 7.2.2",
        .text = "a client that does not wish to renegotiate ignores the request or answers with "
                "no_renegotiation, and who hears that may end the connection",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ENDING) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .steps = BIT(STEP_RECORD),
        .touches = "record:handshake.hello_request:connected",
        .also = pair_hello_requests_to_client,
    },
    {
        .id = "renegotiation",
        .reference = "RFC 5246 section 7.2.2",
        .text = "a server that does not renegotiate should answer a ClientHello with "
                "no_renegotiation, and may end the connection",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ENDING) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .steps = BIT(STEP_RECORD),
        .touches = "record:handshake.client_hello:connected",
        .also = pair_is_server,
    },
    {
        .id = "misplaced-or-not-offered",
        .reference = "RFC 8446 sections 4.2 and 6.2",
        .text = "an extension that does not belong into the message is illegal_parameter by one "
                "sentence, and with one that was not offered unsupported_extension by another",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .steps = BIT(STEP_EDIT) | BIT(STEP_RECORD),
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_UNSUPPORTED_EXTENSION },
        .num_alerts = 2,
        .also = pair_at_answered_extension,
    },
    {
        .id = "offered",
        .reference = "RFC 8446 sections 4.1.2 and 4.2; RFC 5246 section 7.4.1.4",
        .text = "which extensions a client offers is its own choice, and with it which answers it "
                "has to refuse",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ALERT) |
                       BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_PARAMETERS) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_ENDING) | BIT(DIFFERENCE_MOMENT),
        .also = pair_offered_by_one,
    },
    {
        .id = "recognised",
        .reference = "RFC 8446 sections 4.1.2, 4.2 and 9.2; RFC 5246 section 7.4.1.4",
        .text = "a server ignores extensions that it does not recognise, bodies and all; which it "
                "does, but for those that all have to, is its own choice",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ALERT) |
                       BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_PARAMETERS) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_ENDING) | BIT(DIFFERENCE_MOMENT),
        .steps = BIT(STEP_EDIT) | BIT(STEP_PATCH),
        .also = pair_only_optional_of_client_hello,
    },
    {
        .id = "recognised-ticket",
        .reference = "RFC 8446 sections 4.2 and 4.6.1",
        .text =
            "clients MUST ignore extensions of NewSessionTicket that they do not recognise, and "
            "refuse those that they do and that do not belong there; which they do is their "
            "own choice",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .steps = BIT(STEP_EDIT) | BIT(STEP_PATCH),
        .also = pair_only_optional_of_ticket,
    },
    {
        .id = "recognised-request",
        .reference = "RFC 8446 sections 4.2 and 4.3.2",
        .text = "a client ignores extensions of CertificateRequest that it does not recognise, and "
                "refuses those that it does and that do not belong there; which it does is its own "
                "choice",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .steps = BIT(STEP_EDIT) | BIT(STEP_PATCH),
        .also = pair_only_optional_of_request,
    },
    {
        .id = "user-canceled",
        .reference = "RFC 8446 section 6.1",
        .text = "user_canceled says that the sender is canceling the handshake, and SHOULD be "
                "followed by close_notify; what the receiver does till then is not said",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ENDING) |
                       BIT(DIFFERENCE_DELIVERED),
        .version = TLS13,
        .steps = BIT(STEP_RECORD),
        .touches = "record:alert.warning.user_canceled:",
    },
    {
        .id = "ssl2-hello",
        .reference = "RFC 8446 appendix D.5; RFC 5246 appendix E.2",
        .text = "the ClientHello of SSL 2.0 may be read or not, and nobody says how it is refused",
        .differences = BIT(DIFFERENCE_ALERT) | BIT(DIFFERENCE_WAITED),
        .steps = BIT(STEP_RAW) | BIT(STEP_STOP) | BIT(STEP_RETYPE),
        .also = pair_old_hello,
    },
    {
        .id = "no-record",
        .reference = "RFC 8446 sections 5.1 and 6.2; RFC 5246 sections 6.2.1 and 7.2.2",
        .text = "bytes that are no record have a wrong type, version and length at once; no text "
                "says which is looked at first, or that who speaks no TLS is owed an alert",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_RAW) | BIT(STEP_STOP) | BIT(STEP_WIRE),
        .alerts = { ALERT_PROTOCOL_VERSION, ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR,
                    ALERT_RECORD_OVERFLOW, ALERT_BAD_RECORD_MAC, ALERT_ILLEGAL_PARAMETER, -1 },
        .num_alerts = 7,
        .also = pair_no_record,
    },
    {
        .id = "clear-record",
        .reference = "RFC 8446 sections 5, 5.2 and 6.2",
        .text = "an unprotected record where only protected ones may come is unexpected by its "
                "type, and is one that cannot be deprotected",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .alerts = { ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC },
        .num_alerts = 2,
        .also = pair_in_the_clear,
    },
    {
        .id = "transport-end",
        .reference = "RFC 8446 section 6.1; RFC 5246 section 7.2.1",
        .text = "who sees TCP end before close_notify knows that data may be missing; whether that "
                "is an error with an alert is not said",
        .differences = BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_ALERT),
        .also = pair_ends_tcp,
    },
    {
        .id = "transport-end-accepted",
        .reference = "RFC 8446 section 6.1; RFC 5246 section 7.2.1",
        .text = "likewise, where the handshake was done: but only if nothing without the end of "
                "TCP shows the same",
        .differences = BIT(DIFFERENCE_ACCEPTED),
        .minimal = true,
        .also = pair_ends_tcp,
    },
    {
        .id = "announced-length",
        .reference = "RFC 8446 section 6; RFC 5246 section 7.2.2",
        .text = "decode_error is for a message of the wrong length; whether that is noticed when "
                "the length is read or when the bytes are there is not said",
        .differences = BIT(DIFFERENCE_WAITED),
        .steps = STEPS_OF_LENGTHS,
        .also = pair_one_waits_one_refuses,
    },
    {
        .id = "announced-record",
        .reference = "RFC 8446 sections 5 and 5.1; RFC 5246 sections 6 and 6.2.1",
        .text = "a record that never ends, behind the handshake: whether its type and version are "
                "looked at when they are read or when all of it is there is not said",
        .differences = BIT(DIFFERENCE_ACCEPTED),
        .steps = BIT(STEP_RAW) | BIT(STEP_STOP) | BIT(STEP_WIRE),
        .also = pair_one_waits_for_record,
    },
    {
        .id = "several-faults",
        .reference = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
        .text = "an alert says which fault it is for, no text says which of several faults is "
                "looked for first",
        .differences = BIT(DIFFERENCE_ALERT) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_WAITED),
        .minimal = true,
        .also = pair_several_steps,
    },
    {
        .id = "signature-scheme",
        .reference = "RFC 8446 section 4.2.3; RFC 5246 section 7.4.1.4.1",
        .text = "among the offered schemes that fit the key the signer chooses",
        .differences = BIT(DIFFERENCE_PARAMETERS),
        .also = pair_only_schemes_differ,
    },
    {
        .id = "client-share",
        .reference = "RFC 8446 sections 4.2.7 and 4.2.8",
        .text = "the order of its groups, and which of them it sends shares of, is the client's "
                "choice, and the server's answer follows from it",
        .differences = BIT(DIFFERENCE_PARAMETERS),
        .also = pair_only_client_groups_differ,
    },
    {
        .id = "server-choice",
        .reference = "RFC 8446 sections 4.1.1 and 4.2.7; RFC 5246 section 7.4.1.3",
        .text = "suite and group are the server's choice among what the client offers",
        .differences = BIT(DIFFERENCE_PARAMETERS),
        .also = pair_server_chooses,
    },
    {
        .id = "tls12-empty-record",
        .reference = "RFC 5246 sections 6.2.1 and 7.2.2",
        .text = "implementations MUST NOT send empty records of handshake messages, alerts or "
                "ChangeCipherSpec; what becomes of one that comes is not said",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ENDING) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_ALERT),
        .version = TLS12,
        .steps = BIT(STEP_RECORD) | BIT(STEP_BULK),
        .also = pair_at_empty_record,
    },
    {
        .id = "many-certificates",
        .reference = "RFC 8446 section 4.4.2; RFC 5246 section 7.4.2",
        .text = "how many certificates an end has to bear with is not said, nor with which alert "
                "it refuses more",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_ALERT),
        .also = pair_repeats_certificates,
    },
    {
        .id = "many-times",
        .reference = "RFC 5246 appendix F.5; RFC 8446 section 4.6.3",
        .text = "how often something without use may come before it is taken for an attack on "
                "the end's resources is not said",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_DELIVERED) |
                       BIT(DIFFERENCE_ENDING) | BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_ALERT),
        .also = pair_many_times,
    },
    {
        .id = "moment",
        .reference = "RFC 8446 section 4.4.4",
        .text = "when an API calls the handshake done is its own matter, once the Finished of the "
                "other end was verified: what stands behind that may be read with it",
        .differences = BIT(DIFFERENCE_MOMENT),
    },
};
const size_t num_rules = sizeof rules / sizeof rules[0];

static bool among(const struct rule *rule, int alert)
{
    for (size_t i = 0; i < rule->num_alerts; i++)
        if (rule->alerts[i] == alert)
            return true;
    return false;
}

bool rule_covers(const struct rule *rule, const struct pair *pair)
{
    return (rule->differences & BIT(pair->difference)) != 0 &&
           (rule->version == 0 || rule->version == pair->version) &&
           (rule->steps == 0 || (pair->touched->steps & ~rule->steps) == 0) &&
           (rule->num_alerts == 0 ||
            (among(rule, pair->first->alert) && among(rule, pair->second->alert))) &&
           (rule->touches == NULL || touched_only(pair->touched, rule->touches)) &&
           (!rule->minimal || pair->minimal) && (rule->also == NULL || rule->also(pair));
}

const struct rule *rule_for(const struct pair *pair)
{
    for (size_t i = 0; i < num_rules; i++)
        if (rule_covers(&rules[i], pair))
            return &rules[i];
    return NULL;
}
