/* RFC 8446 and RFC 5246 unless the reference names another; RFC 9846 has the sections of RFC 8446
 * section 6 under the same numbers. */
#include "fuzz/differential/rules.h"

#include "harness/wire/handshake.h"
#include "harness/wire/registry.h"

#include <string.h>

#define BIT(number) (1U << (number))

enum {
    /* Steps after which bytes that were announced do not come, or others stand for them. */
    STEPS_OF_LENGTHS = BIT(STEP_SPLICE) | BIT(STEP_WIRE) | BIT(STEP_STOP) | BIT(STEP_RAW) |
                       BIT(STEP_CONTENT) | BIT(STEP_RECORD) | BIT(STEP_BULK) | BIT(STEP_END) |
                       BIT(STEP_FRAGMENT) | BIT(STEP_SEGMENT),
    MANY_TIMES = 4, /* fewer than this every stack has to bear with */
};

static bool one_is_silent(const struct pair *pair)
{
    return pair->first->alert < 0 || pair->second->alert < 0;
}

static bool is_client(const struct pair *pair)
{
    return pair->script->victim == ROLE_CLIENT;
}

/* A HelloRequest has no body. */
static bool hello_requests_to_client(const struct pair *pair)
{
    for (size_t i = 0; i < pair->script->num_steps; i++)
        if (pair->script->steps[i].bytes_len != HANDSHAKE_HEADER_LEN)
            return false;
    return is_client(pair);
}

static bool is_server(const struct pair *pair)
{
    return !is_client(pair);
}

static bool one_waits_one_refuses(const struct pair *pair)
{
    return pair->first->fate == FATE_REFUSED && pair->second->fate == FATE_WAITED;
}

/* Of the messages that answer extensions; a client's Certificate is one of them. */
static bool at_answered_extension(const struct pair *pair)
{
    return pair->touched->num_extensions > 0 && !touched_has(pair->touched, "edit:client_hello:");
}

static bool at_certificate(const struct pair *pair)
{
    return touched_has(pair->touched, "edit:certificate:") ||
           touched_has(pair->touched, "patch:certificate:");
}

static bool at_message_header(const struct pair *pair)
{
    for (size_t i = 0; i < pair->touched->num_words; i++)
        if (strstr(pair->touched->words[i], ":header") == NULL)
            return false;
    return true;
}

static bool only_schemes_differ(const struct pair *pair)
{
    const struct reduced *a = pair->first, *b = pair->second;
    return a->version == b->version && a->suite == b->suite &&
           (a->group == 0 || b->group == 0 || a->group == b->group);
}

static bool only_client_groups_differ(const struct pair *pair)
{
    const struct reduced *a = pair->first, *b = pair->second;
    return is_client(pair) && a->version == b->version && a->suite == b->suite &&
           (a->scheme == 0 || b->scheme == 0 || a->scheme == b->scheme);
}

static bool several_steps(const struct pair *pair)
{
    return pair->touched->num_steps > 1;
}

static bool many_times(const struct pair *pair)
{
    return pair->touched->times >= MANY_TIMES;
}

static bool offered_by_one(const struct pair *pair)
{
    return pair->offered_by_one && is_client(pair);
}

static bool ends_tcp(const struct pair *pair)
{
    return (pair->touched->steps & (BIT(STEP_END) | BIT(STEP_STOP))) != 0;
}

static bool no_record(const struct pair *pair)
{
    return touched_has(pair->touched, "raw:unknown:") ||
           touched_has(pair->touched, "stop:unknown:");
}

/* Is every step at an extension of this message that nobody has to know? RFC 8446 section 9.2 has
 * the list for TLS 1.3; in TLS 1.2 RFC 5246 section 7.4.1.4.1 and RFC 4492 section 5.1. */
static bool only_optional_extensions(const struct pair *pair, const char *beginning)
{
    static const uint16_t needed13[] = {
        EXTENSION_SUPPORTED_VERSIONS,   EXTENSION_COOKIE,
        EXTENSION_SIGNATURE_ALGORITHMS, EXTENSION_SIGNATURE_ALGORITHMS_CERT,
        EXTENSION_SUPPORTED_GROUPS,     EXTENSION_KEY_SHARE,
        EXTENSION_SERVER_NAME,
    };
    static const uint16_t needed12[] = { EXTENSION_SIGNATURE_ALGORITHMS, EXTENSION_SUPPORTED_GROUPS,
                                         EXTENSION_EC_POINT_FORMATS };
    const struct touched *t = pair->touched;
    bool is_tls13 = pair->version == TLS13;
    for (size_t i = 0; i < t->num_extensions; i++)
        if (id_listed(is_tls13 ? needed13 : needed12,
                      is_tls13 ? sizeof needed13 / 2 : sizeof needed12 / 2, t->extensions[i]))
            return false;
    for (size_t i = 0; i < t->num_words; i++) {
        const char *message = strchr(t->words[i], ':');
        if (message == NULL || strncmp(message + 1, beginning, strlen(beginning)) != 0)
            return false;
    }
    return t->num_extensions > 0 && t->num_extensions == t->num_words;
}

static bool only_optional_of_client_hello(const struct pair *pair)
{
    return only_optional_extensions(pair, "client_hello:");
}

static bool only_optional_of_request(const struct pair *pair)
{
    return only_optional_extensions(pair, "certificate_request:");
}

const struct rule rules[] = {
    {
        .id = "tls13-silence",
        .reference = "RFC 8446 section 6.2",
        .text = "an implementation SHOULD send an appropriate fatal alert: closing without one is "
                "allowed",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .also = one_is_silent,
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
        .steps = BIT(STEP_EDIT) | BIT(STEP_PATCH),
        .alerts = { ALERT_BAD_CERTIFICATE, ALERT_UNSUPPORTED_CERTIFICATE, ALERT_CERTIFICATE_EXPIRED,
                    ALERT_CERTIFICATE_UNKNOWN, ALERT_UNKNOWN_CA, ALERT_DECRYPT_ERROR,
                    ALERT_DECODE_ERROR },
        .num_alerts = 7,
        .also = at_certificate,
    },
    {
        .id = "message-length",
        .reference = "RFC 8446 section 4; RFC 5246 section 7.4",
        .text = "a message's length has 24 bits, and no text says how much an end has to take, nor "
                "with which alert it refuses more; what comes next may be refused before",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_SPLICE),
        .also = at_message_header,
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
        .also = hello_requests_to_client,
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
        .also = is_server,
    },
    {
        .id = "misplaced-or-not-offered",
        .reference = "RFC 8446 section 4.2",
        .text = "an extension that the client has not offered and that does not belong into the "
                "message is unsupported_extension by one sentence, illegal_parameter by another",
        .differences = BIT(DIFFERENCE_ALERT),
        .version = TLS13,
        .steps = BIT(STEP_EDIT),
        .alerts = { ALERT_ILLEGAL_PARAMETER, ALERT_UNSUPPORTED_EXTENSION },
        .num_alerts = 2,
        .also = at_answered_extension,
    },
    {
        .id = "offered",
        .reference = "RFC 8446 sections 4.1.2 and 4.2; RFC 5246 section 7.4.1.4",
        .text = "which extensions a client offers is its own choice, and with it which answers it "
                "has to refuse",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_ALERT) |
                       BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_PARAMETERS) |
                       BIT(DIFFERENCE_DELIVERED) | BIT(DIFFERENCE_ENDING) | BIT(DIFFERENCE_MOMENT),
        .also = offered_by_one,
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
        .also = only_optional_of_client_hello,
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
        .also = only_optional_of_request,
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
        .id = "no-record",
        .reference = "RFC 8446 sections 5.1 and 6.2; RFC 5246 sections 6.2.1 and 7.2.2",
        .text = "bytes that are no record have a wrong type, version and length at once; no text "
                "says which is looked at first",
        .differences = BIT(DIFFERENCE_ALERT),
        .steps = BIT(STEP_RAW) | BIT(STEP_STOP),
        .alerts = { ALERT_PROTOCOL_VERSION, ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR,
                    ALERT_RECORD_OVERFLOW, ALERT_BAD_RECORD_MAC },
        .num_alerts = 5,
        .also = no_record,
    },
    {
        .id = "transport-end",
        .reference = "RFC 8446 section 6.1; RFC 5246 section 7.2.1",
        .text = "who sees TCP end before close_notify knows that data may be missing; whether that "
                "is an error with an alert is not said",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_ALERT),
        .also = ends_tcp,
    },
    {
        .id = "announced-length",
        .reference = "RFC 8446 section 6; RFC 5246 section 7.2.2",
        .text = "decode_error is for a message of the wrong length; whether that is noticed when "
                "the length is read or when the bytes are there is not said",
        .differences = BIT(DIFFERENCE_WAITED),
        .steps = STEPS_OF_LENGTHS,
        .also = one_waits_one_refuses,
    },
    {
        .id = "several-faults",
        .reference = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
        .text = "an alert says which fault it is for, no text says which of several faults is "
                "looked for first",
        .differences = BIT(DIFFERENCE_ALERT) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_WAITED),
        .minimal = true,
        .also = several_steps,
    },
    {
        .id = "signature-scheme",
        .reference = "RFC 8446 section 4.2.3; RFC 5246 section 7.4.1.4.1",
        .text = "among the offered schemes that fit the key the signer chooses",
        .differences = BIT(DIFFERENCE_PARAMETERS),
        .also = only_schemes_differ,
    },
    {
        .id = "client-share",
        .reference = "RFC 8446 sections 4.2.7 and 4.2.8",
        .text = "the order of its groups, and which of them it sends shares of, is the client's "
                "choice, and the server's answer follows from it",
        .differences = BIT(DIFFERENCE_PARAMETERS),
        .also = only_client_groups_differ,
    },
    {
        .id = "server-choice",
        .reference = "RFC 8446 sections 4.1.1 and 4.2.7; RFC 5246 section 7.4.1.3",
        .text = "suite and group are the server's choice among what the client offers",
        .differences = BIT(DIFFERENCE_PARAMETERS),
        .also = is_server,
    },
    {
        .id = "many-times",
        .reference = "RFC 5246 appendix F.5; RFC 8446 section 4.6.3",
        .text = "how often something without use may come before it is taken for an attack on "
                "the end's resources is not said",
        .differences = BIT(DIFFERENCE_ACCEPTED) | BIT(DIFFERENCE_TOLD) | BIT(DIFFERENCE_DELIVERED) |
                       BIT(DIFFERENCE_ENDING) | BIT(DIFFERENCE_WAITED) | BIT(DIFFERENCE_ALERT),
        .also = many_times,
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
           (rule->touches == NULL || touched_has(pair->touched, rule->touches)) &&
           (!rule->minimal || pair->minimal) && (rule->also == NULL || rule->also(pair));
}

const struct rule *rule_for(const struct pair *pair)
{
    for (size_t i = 0; i < num_rules; i++)
        if (rule_covers(&rules[i], pair))
            return &rules[i];
    return NULL;
}
