#include "fuzz/differential/conditions.h"

#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <string.h>

#define BIT(number) (1U << (number))

enum { MANY_TIMES = 4 }; /* fewer than this every stack has to bear with */

bool pair_one_is_silent(const struct pair *pair)
{
    return pair->first->alert < 0 || pair->second->alert < 0;
}

static bool is_client(const struct pair *pair)
{
    return pair->script->victim == ROLE_CLIENT;
}

/* A HelloRequest has no body. */
bool pair_hello_requests_to_client(const struct pair *pair)
{
    for (size_t i = 0; i < pair->script->num_steps; i++)
        if (pair->script->steps[i].bytes_len != HANDSHAKE_HEADER_LEN)
            return false;
    return is_client(pair);
}

bool pair_is_server(const struct pair *pair)
{
    return !is_client(pair);
}

/* RFC 5246 section 7.2.1 has another text for close_notify: what comes behind it is ignored. */
bool pair_warns_of_no_closure(const struct pair *pair)
{
    return !touched_has(pair->touched, "record:alert.warning.close_notify:");
}

bool pair_server_chooses(const struct pair *pair)
{
    return !is_client(pair) && pair->first->version == pair->second->version;
}

bool pair_one_waits_one_refuses(const struct pair *pair)
{
    return pair->first->fate == FATE_REFUSED && pair->second->fate == FATE_WAITED;
}

/* Does every word begin with one of these? */
static bool only_at(const struct pair *pair, const char *const beginnings[], size_t num)
{
    for (size_t i = 0; i < pair->touched->num_words; i++) {
        bool found = false;
        for (size_t j = 0; j < num; j++)
            found = found ||
                    strncmp(pair->touched->words[i], beginnings[j], strlen(beginnings[j])) == 0;
        if (!found)
            return false;
    }
    return pair->touched->num_words > 0;
}

#define ONLY_AT(pair, ...)                                                                         \
    only_at((pair), (const char *const[]){ __VA_ARGS__ },                                          \
            sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Of the messages that answer extensions; a client's Certificate is one of them. One that is there
 * twice has a rule of its own. */
bool pair_at_answered_extension(const struct pair *pair)
{
    return ONLY_AT(pair, "record:handshake.encrypted_extensions:") ||
           (pair->touched->num_extensions > 0 && pair->touched->num_twice == 0 &&
            !touched_has(pair->touched, "edit:client_hello:"));
}

bool pair_at_certificate(const struct pair *pair)
{
    return ONLY_AT(pair, "edit:certificate:", "patch:certificate:", "splice:certificate:field",
                   "content:certificate", "wire:content:certificate",
                   "record:handshake.certificate:");
}

/* The server's parameters are signed, those of a client and all of TLS 1.3 are not. */
bool pair_at_signed_parameters(const struct pair *pair)
{
    return ONLY_AT(pair, "edit:server_key_exchange:", "patch:server_key_exchange:",
                   "splice:server_key_exchange:field", "content:server_key_exchange",
                   "wire:content:server_key_exchange");
}

bool pair_at_signature(const struct pair *pair)
{
    return pair_at_signed_parameters(pair) ||
           ONLY_AT(pair, "edit:certificate_verify:", "patch:certificate_verify:",
                   "splice:certificate_verify:field", "content:certificate_verify",
                   "wire:content:certificate_verify", "record:handshake.certificate_verify:");
}

bool pair_at_offered_group(const struct pair *pair)
{
    return ONLY_AT(pair, "edit:client_hello:supported_groups", "edit:client_hello:key_share",
                   "again:client_hello");
}

bool pair_at_broken_shares(const struct pair *pair)
{
    return !is_client(pair) && pair->touched->has_broken_shares &&
           ONLY_AT(pair, "edit:client_hello:key_share");
}

/* Of what the server may check only, and it was taken, or refused as servers may. */
bool pair_breaks_share_rules(const struct pair *pair)
{
    return !is_client(pair) && pair->touched->has_good_shares && pair->touched->num_twice == 0 &&
           pair->second->alert == ALERT_ILLEGAL_PARAMETER &&
           ONLY_AT(pair, "edit:client_hello:key_share", "edit:client_hello:supported_groups");
}

bool pair_repeats_certificates(const struct pair *pair)
{
    return pair->touched->repeats >= MANY_TIMES && ONLY_AT(pair, "edit:certificate:field");
}

bool pair_at_empty_record(const struct pair *pair)
{
    return ONLY_AT(
        pair, "record:handshake.empty:", "bulk:handshake.empty:", "record:alert.empty:",
        "bulk:alert.empty:", "record:change_cipher_spec.empty:", "bulk:change_cipher_spec.empty:");
}

bool pair_at_change_cipher_spec(const struct pair *pair)
{
    return ONLY_AT(pair, "content:change_cipher_spec", "record:change_cipher_spec:");
}

/* Of a message of another type, and of no other length, RFC 8446 section 4 says what comes of it.
 */
static bool changes_length(const struct step *step)
{
    if (step->kind == STEP_RECORD)
        return true;
    return step->offset > 0 || step->drop != 1 || step->bytes_len != 1;
}

/* A message that is put in, of which less comes than its header says. */
static bool is_begun_message(const struct step *step)
{
    return step->kind == STEP_RECORD && (uint8_t)step->offset == CONTENT_HANDSHAKE &&
           step->bytes_len >= HANDSHAKE_HEADER_LEN &&
           step->bytes_len - HANDSHAKE_HEADER_LEN <
               (step->bytes[1] << 16 | step->bytes[2] << 8 | step->bytes[3]);
}

bool pair_at_message_length(const struct pair *pair)
{
    bool begun = pair->script->num_steps == 1 && is_begun_message(&pair->script->steps[0]);
    for (size_t i = 0; i < pair->touched->num_words && !begun; i++)
        if (strstr(pair->touched->words[i], ":header") == NULL)
            return false;
    for (size_t i = 0; i < pair->script->num_steps; i++)
        if (!changes_length(&pair->script->steps[i]))
            return false;
    return true;
}

bool pair_messages_shifted(const struct pair *pair)
{
    return pair->touched->num_between == pair->touched->num_steps;
}

bool pair_only_schemes_differ(const struct pair *pair)
{
    const struct reduced *a = pair->first, *b = pair->second;
    return a->version == b->version && a->suite == b->suite &&
           (a->group == 0 || b->group == 0 || a->group == b->group);
}

bool pair_only_client_groups_differ(const struct pair *pair)
{
    const struct reduced *a = pair->first, *b = pair->second;
    return is_client(pair) && a->version == b->version && a->suite == b->suite &&
           (a->scheme == 0 || b->scheme == 0 || a->scheme == b->scheme);
}

bool pair_several_steps(const struct pair *pair)
{
    return pair->touched->num_steps > 1;
}

bool pair_many_times(const struct pair *pair)
{
    return pair->touched->times >= MANY_TIMES;
}

bool pair_offered_by_one(const struct pair *pair)
{
    return pair->offered_by_one && is_client(pair);
}

bool pair_ends_tcp(const struct pair *pair)
{
    return (pair->touched->steps & (BIT(STEP_END) | BIT(STEP_STOP))) != 0;
}

/* Bytes that no record begins with, or a record that is longer or shorter than it says, so that
 * no record begins behind it. */
static bool is_no_record(const struct step *step)
{
    enum { LENGTH_AT = 3 }; /* in a record's header, behind type and version */
    size_t at = 0;
    if (step->kind == STEP_WIRE)
        return step->drop != step->bytes_len ||
               (step->offset < RECORD_HEADER_LEN && step->offset + step->bytes_len > LENGTH_AT);
    while (at + RECORD_HEADER_LEN <= step->bytes_len && content_type_name(step->bytes[at]) != NULL)
        at += RECORD_HEADER_LEN + (size_t)step->bytes[at + 3] * 256 + step->bytes[at + 4];
    return at != step->bytes_len;
}

bool pair_no_record(const struct pair *pair)
{
    for (size_t i = 0; i < pair->script->num_steps; i++)
        if (!is_no_record(&pair->script->steps[i]))
            return false;
    return true;
}

/* The one read nothing behind it, close_notify included. */
bool pair_one_waits_for_record(const struct pair *pair)
{
    return pair->first->fate == FATE_TAKEN && !pair->first->orderly &&
           pair->second->fate == FATE_REFUSED && pair_no_record(pair);
}

/* The form of SSL 2.0: a length of two bytes, its highest bit set, then 1. A record's type with
 * that bit may be the beginning of one. */
bool pair_old_hello(const struct pair *pair)
{
    const struct step *step = &pair->script->steps[0];
    if (step->kind == STEP_RETYPE)
        return pair->difference == DIFFERENCE_WAITED && pair->script->num_steps == 1 &&
               step->at == 0 && (step->offset & 0x80) != 0 && !is_client(pair);
    return pair->script->num_steps == 1 && step->at == 0 && step->bytes_len >= 3 &&
           (step->bytes[0] & 0x80) != 0 && step->bytes[2] == 1 && !is_client(pair);
}

bool pair_shifted(const struct pair *pair)
{
    return pair->touched->num_shifting == pair->touched->num_steps;
}

/* A message of which hardly a byte is the partner's. */
bool pair_another_message(const struct pair *pair)
{
    enum { BODY_MIN = 16 };
    const struct step *step = &pair->script->steps[0];
    bool put_in =
        (step->kind == STEP_RECORD && (uint8_t)step->offset == CONTENT_HANDSHAKE &&
         step->at < POINT_CONNECTED && step->bytes_len >= HANDSHAKE_HEADER_LEN + BODY_MIN) ||
        (step->kind == STEP_MESSAGE && step->bytes_len >= BODY_MIN);
    return pair->script->num_steps == 1 && (put_in || pair->touched->num_renewing == 1);
}

/* The partner's has the length that there may be. */
bool pair_longer(const struct pair *pair)
{
    const struct step *step = &pair->script->steps[0];
    return pair->script->num_steps == 1 &&
           (step->kind == STEP_REPEAT || step->bytes_len > step->drop);
}

bool pair_in_the_clear(const struct pair *pair)
{
    return pair->touched->num_clear == pair->touched->num_steps;
}

bool pair_alerts_of_other_lengths(const struct pair *pair)
{
    return pair->touched->num_alerts == pair->touched->num_steps;
}

bool pair_extension_twice(const struct pair *pair)
{
    return pair->touched->num_twice > 0 && pair->touched->num_steps == 1;
}

/* A record that is too long, and of a type that nobody has to know, or not protected as it has to
 * be. */
bool pair_too_long_and_unknown(const struct pair *pair)
{
    const struct step *step = &pair->script->steps[0];
    return pair->script->num_steps == 1 && step->kind == STEP_BULK &&
           step->drop > RECORD_PLAINTEXT_MAX &&
           ((uint8_t)step->offset < CONTENT_CHANGE_CIPHER_SPEC ||
            (pair->version == TLS13 && (uint8_t)step->offset == CONTENT_CHANGE_CIPHER_SPEC) ||
            (uint8_t)step->offset > CONTENT_APPLICATION_DATA ||
            (pair->version == TLS13 && pair->touched->num_clear == 1));
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
        if (message == NULL || strncmp(message + 1, beginning, strlen(beginning)) != 0 ||
            strncmp(message + 1 + strlen(beginning), "field", strlen("field")) == 0)
            return false;
    }
    return t->num_extensions > 0;
}

bool pair_only_optional_of_client_hello(const struct pair *pair)
{
    return only_optional_extensions(pair, "client_hello:");
}

bool pair_only_optional_of_request(const struct pair *pair)
{
    return only_optional_extensions(pair, "certificate_request:");
}

bool pair_only_optional_of_ticket(const struct pair *pair)
{
    return only_optional_extensions(pair, "new_session_ticket:");
}
