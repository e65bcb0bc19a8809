/* Attacks on the handshake's other messages, where they are in clear: TLS 1.2 and below. */
#include "harness/wire/certificate_list.h"
#include "harness/wire/handshake.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"
#include "matrix/relay/attacks_parts.h"

/* Finds the first certificate of a Certificate message of TLS <= 1.2 (RFC 5246 section 7.4.2). */
static bool find_leaf(size_t *at, size_t *len, const struct writer *message)
{
    struct certificate_list list = certificate_list_of(message->data, message->len, false);
    struct reader leaf;
    if (!certificate_list_next(&list, &leaf) || leaf.len == 0)
        return false;
    *at = (size_t)(leaf.data - message->data);
    *len = leaf.len;
    return true;
}

/* The last byte of a certificate belongs to its signature (RFC 5280 section 4.1). */
static void act_flip_leaf(struct tamper *tamper)
{
    size_t at, len;
    if (find_leaf(&at, &len, tamper->unit))
        tamper->unit->data[at + len - 1] ^= 1;
}

/* The attacker's certificate instead of the leaf; the rest of the chain stays. */
static void act_swap_leaf(struct tamper *tamper)
{
    enum { LIST_PREFIX_LEN = 3, ENTRY_PREFIX_LEN = 3 };
    size_t at, len;
    struct writer body;
    if (tamper->certificate == NULL || !find_leaf(&at, &len, tamper->unit))
        return;
    writer_init(&body, RECORD_PLAINTEXT_MAX);
    size_t list = writer_open(&body, LIST_PREFIX_LEN);
    size_t entry = writer_open(&body, ENTRY_PREFIX_LEN);
    writer_bytes(&body, tamper->certificate, tamper->certificate_len);
    writer_close(&body, entry, ENTRY_PREFIX_LEN);
    writer_bytes(&body, tamper->unit->data + at + len, tamper->unit->len - at - len);
    writer_close(&body, list, LIST_PREFIX_LEN);
    if (!body.failed) {
        writer_clear(tamper->unit);
        writer_bytes(tamper->unit, body.data, body.len);
    }
    writer_fini(&body);
}

/* A list of certificates with none in it. */
static void act_empty_list(struct tamper *tamper)
{
    writer_clear(tamper->unit);
    writer_u24(tamper->unit, 0);
}

/* The message comes as one of the type `value`. */
static void act_retype(struct tamper *tamper)
{
    struct writer message;
    writer_init(&message, RECORD_PLAINTEXT_MAX);
    handshake_write(&message, (uint8_t)tamper->step->value, tamper->unit->data, tamper->unit->len);
    if (!message.failed)
        record_write(tamper->replace, CONTENT_HANDSHAKE, tamper->record_version, message.data,
                     message.len);
    writer_fini(&message);
}

/* The stashed ClientHello back to the server, in a record of the version that it has chosen. */
static void act_hello_again(struct tamper *tamper)
{
    struct writer message;
    writer_init(&message, RECORD_PLAINTEXT_MAX);
    handshake_write(&message, HANDSHAKE_CLIENT_HELLO, tamper->stash->data, tamper->stash->len);
    if (!message.failed)
        record_write(tamper->back, CONTENT_HANDSHAKE, tamper->record_version, message.data,
                     message.len);
    writer_fini(&message);
}

/* ---- what must happen ---- */

/* A TLS 1.3 client is done before the server has come to that, who expects protected records: it is
 * of an unexpected type (RFC 8446 section 5), and cannot be deprotected (section 6.2). */
static const struct attack_expectation hello_again[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS_LATE, REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE)) },
    { 0 },
};

/* RFC 5246 section 7.2.2: bad_certificate where a signature did not verify, decrypt_error for any
 * cryptographic operation of the handshake; an issuer that did not sign is none that is known. Who
 * does not verify, is saved by Finished. */
static const struct attack_expectation server_certificate_broken[] = {
    { BEFORE_TLS13, when_client_verifies, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_BAD_CERTIFICATE, ALERT_DECRYPT_ERROR, ALERT_UNKNOWN_CA,
                   ALERT_UNSUPPORTED_CERTIFICATE),
           FOLLOWS) },
    { 0 },
};

static const struct attack_expectation client_certificate_broken[] = {
    { BEFORE_TLS13, when_client_certificate, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_BAD_CERTIFICATE, ALERT_DECRYPT_ERROR, ALERT_UNKNOWN_CA,
                            ALERT_UNSUPPORTED_CERTIFICATE)) },
    { 0 },
};

/* Valid, for the right name, but not of the key that signs; without a signature, not of the key
 * that decrypts the premaster secret. */
static const struct attack_expectation certificate_swapped[] = {
    { BEFORE_TLS13, when_key_exchange_is_signed, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECRYPT_ERROR), FOLLOWS) },
    { BEFORE_TLS13, when_client_verifies, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* RFC 5246 section 7.4.2: the first certificate MUST be the sender's own. No text names an alert
 * for a list without; RFC 8446 section 4.4.2.4 has decode_error for TLS 1.3. */
static const struct attack_expectation no_certificate[] = {
    { BEFORE_TLS13, when_client_verifies, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE,
                   ALERT_BAD_CERTIFICATE, ALERT_UNEXPECTED_MESSAGE),
           FOLLOWS) },
    { 0 },
};

static const struct attack_expectation key_exchange_broken[] = {
    { BEFORE_TLS13, when_key_exchange_is_signed, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECRYPT_ERROR), FOLLOWS) },
    { 0 },
};

/* What was chosen and signed is not what the client gets to see; a curve that it does not have it
 * may refuse at once. */
static const struct attack_expectation key_exchange_group[] = {
    { BEFORE_TLS13, when_key_exchange_is_signed, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECRYPT_ERROR, ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE,
                   ALERT_DECODE_ERROR),
           FOLLOWS) },
    { 0 },
};

/* Another share, one that is no point of the curve, another premaster secret (RFC 5246 section
 * 7.4.7.1 has the server go on with a random one): keys that differ, or a parameter refused. With a
 * PSK it is the identity (RFC 4279 section 2). */
static const struct attack_expectation client_key_exchange_broken[] = {
    { BEFORE_TLS13, when_no_dhe, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_BAD_RECORD_MAC, ALERT_DECRYPT_ERROR, ALERT_ILLEGAL_PARAMETER,
                   ALERT_DECODE_ERROR, ALERT_HANDSHAKE_FAILURE, ALERT_UNKNOWN_PSK_IDENTITY)) },
    { 0 },
};

/* Without a certificate that fits, the client sends none, which the server may not like; with one,
 * CertificateVerify and Finished do not hold. */
static const struct attack_expectation request_broken[] = {
    { BEFORE_TLS13, when_client_certificate, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE)) },
    { 0 },
};

static const struct attack_expectation certificate_verify_broken[] = {
    { BEFORE_TLS13, when_client_certificate, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR)) },
    { 0 },
};

static const struct attack_expectation certificate_verify_gone[] = {
    { BEFORE_TLS13, when_client_certificate, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE)) },
    { 0 },
};

static const struct attack_expectation client_unexpected[] = {
    { BEFORE_TLS13, when_client_verifies, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation client_unexpected_exchange[] = {
    { BEFORE_TLS13, when_key_exchange_is_signed, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation client_unexpected_always[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

/* ServerHelloDone is empty (RFC 5246 section 7.4.5). */
static const struct attack_expectation done_not_empty[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_DECODE_ERROR), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation client_key_exchange_form[] = {
    { BEFORE_TLS13, when_ephemeral, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_DECODE_ERROR)) },
    { 0 },
};

/* RFC 5246 section 7.4: SHOULD be ignored in the middle of a handshake; section 7.4.1.1: will be.
 * It is in no transcript. */
static const struct attack_expectation hello_request_ignored[] = {
    { BEFORE_TLS13, NULL, ATTACK_EITHER, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

#define AT_CERTIFICATE         AT_MESSAGE(SERVER, HANDSHAKE_CERTIFICATE)
#define AT_SERVER_KEY_EXCHANGE AT_MESSAGE(SERVER, HANDSHAKE_SERVER_KEY_EXCHANGE)
#define AT_SERVER_HELLO_DONE   AT_MESSAGE(SERVER, HANDSHAKE_SERVER_HELLO_DONE)
#define AT_CLIENT_KEY_EXCHANGE AT_MESSAGE(CLIENT, HANDSHAKE_CLIENT_KEY_EXCHANGE)

static const struct attack rows[] = {
    { .name = "flip-certificate",
      .text = "A bit of the signature in the server's certificate is flipped.",
      .references = "RFC 5246 sections 7.2.2 and 7.4.2",
      .steps = { { AT_CERTIFICATE, act_flip_leaf } },
      .expectations = server_certificate_broken },
    { .name = "flip-client-certificate",
      .text = "A bit of the signature in the client's certificate is flipped.",
      .references = "RFC 5246 sections 7.2.2 and 7.4.6",
      .steps = { { AT_MESSAGE(CLIENT, HANDSHAKE_CERTIFICATE), act_flip_leaf } },
      .expectations = client_certificate_broken },
    { .name = "swap-certificate",
      .text = "The server's certificate is replaced by another one that is valid for its name.",
      .references = "RFC 5246 sections 7.2.2, 7.4.3 and 7.4.7.1",
      .steps = { { AT_CERTIFICATE, act_swap_leaf } },
      .expectations = certificate_swapped },
    { .name = "empty-certificate",
      .text = "The server's Certificate holds none.",
      .references = "RFC 5246 section 7.4.2",
      .steps = { { AT_CERTIFICATE, act_empty_list } },
      .expectations = no_certificate },
    { .name = "flip-server-key-exchange",
      .text = "A bit of the signature in ServerKeyExchange is flipped.",
      .references = "RFC 5246 sections 7.2.2 and 7.4.3",
      .steps = { { AT_SERVER_KEY_EXCHANGE, act_flip } },
      .expectations = key_exchange_broken },
    { .name = "change-server-key-exchange",
      .text = "The curve or the size of the prime in ServerKeyExchange is changed.",
      .references = "RFC 5246 sections 7.2.2 and 7.4.3; RFC 4492 section 5.4",
      .steps = { { AT_SERVER_KEY_EXCHANGE, act_flip_at, .value = 2 } },
      .expectations = key_exchange_group },
    { .name = "flip-certificate-request",
      .text = "A bit in the first type of CertificateRequest is flipped.",
      .references = "RFC 5246 sections 7.4.4, 7.4.8 and 7.4.9",
      .steps = { { AT_MESSAGE(SERVER, HANDSHAKE_CERTIFICATE_REQUEST), act_flip_at, .value = 1 } },
      .expectations = request_broken },
    { .name = "flip-server-hello-done",
      .text = "A bit in the type of ServerHelloDone is flipped.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_SERVER_HELLO_DONE, act_retype, .value = HANDSHAKE_SERVER_HELLO_DONE ^ 1 } },
      .expectations = client_unexpected_always },
    { .name = "append-to-server-hello-done",
      .text = "ServerHelloDone is not empty.",
      .references = "RFC 5246 sections 7.2.2 and 7.4.5",
      .steps = { { AT_SERVER_HELLO_DONE, act_append, .value = 1 } },
      .expectations = done_not_empty },
    { .name = "flip-client-key-exchange",
      .text = "A bit of ClientKeyExchange is flipped.",
      .references = "RFC 5246 sections 7.4.7 and 7.4.9",
      .steps = { { AT_CLIENT_KEY_EXCHANGE, act_flip } },
      .expectations = client_key_exchange_broken },
    { .name = "append-to-client-key-exchange",
      .text = "ClientKeyExchange is a byte longer than what is in it.",
      .references = "RFC 5246 section 7.2.2",
      .steps = { { AT_CLIENT_KEY_EXCHANGE, act_append, .value = 1 } },
      .expectations = client_key_exchange_form },
    { .name = "flip-certificate-verify",
      .text = "A bit of the signature in CertificateVerify is flipped.",
      .references = "RFC 5246 sections 7.2.2 and 7.4.8",
      .steps = { { AT_MESSAGE(CLIENT, HANDSHAKE_CERTIFICATE_VERIFY), act_flip } },
      .expectations = certificate_verify_broken },
    { .name = "drop-certificate",
      .text = "The server's Certificate is dropped.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_CERTIFICATE, act_fate, .value = FATE_DROP } },
      .expectations = client_unexpected },
    { .name = "drop-server-key-exchange",
      .text = "ServerKeyExchange is dropped.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_SERVER_KEY_EXCHANGE, act_fate, .value = FATE_DROP } },
      .expectations = client_unexpected_exchange },
    { .name = "drop-client-key-exchange",
      .text = "ClientKeyExchange is dropped.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_CLIENT_KEY_EXCHANGE, act_fate, .value = FATE_DROP } },
      .expectations = server_out_of_order },
    { .name = "drop-certificate-verify",
      .text = "The client's CertificateVerify is dropped.",
      .references = "RFC 5246 sections 7.4 and 7.4.8",
      .steps = { { AT_MESSAGE(CLIENT, HANDSHAKE_CERTIFICATE_VERIFY), act_fate,
                   .value = FATE_DROP } },
      .expectations = certificate_verify_gone },
    { .name = "reorder-server-flight",
      .text = "Certificate comes behind what follows it.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_CERTIFICATE, act_fate, .value = FATE_HOLD } },
      .expectations = client_unexpected },
    { .name = "repeat-server-key-exchange",
      .text = "ServerKeyExchange comes twice.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_SERVER_KEY_EXCHANGE, act_duplicate } },
      .expectations = client_unexpected_exchange },
    { .name = "repeat-client-key-exchange",
      .text = "ClientKeyExchange comes twice.",
      .references = "RFC 5246 section 7.4",
      .steps = { { AT_CLIENT_KEY_EXCHANGE, act_duplicate } },
      .expectations = server_out_of_order },
    { .name = "repeat-client-hello",
      .text = "The ClientHello comes once more when it has been answered.",
      .references = "RFC 8446 section 4.1.2; RFC 5246 section 7.4",
      .steps = { { AT_CLIENT_HELLO, act_stash }, { AT_SERVER_HELLO, act_hello_again } },
      .expectations = hello_again },
    { .name = "insert-hello-request",
      .text = "A HelloRequest comes behind the ServerHello.",
      .references = "RFC 5246 sections 7.4 and 7.4.1.1",
      .steps = { { AT_SERVER_HELLO, act_insert_after, .value = CONTENT_HANDSHAKE,
                   RECORD_BYTES(HANDSHAKE_HELLO_REQUEST, 0, 0, 0) } },
      .expectations = hello_request_ignored },
};

FAMILY(family_messages, "messages", rows);
