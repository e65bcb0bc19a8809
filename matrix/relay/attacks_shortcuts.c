/* Attacks that lead an end to keys that anybody knows, or to its end without what has to come
 * first: shares that make the shared secret zero, messages that come before their keys. */
#include "harness/wire/handshake.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"
#include "matrix/relay/attacks_parts.h"

#include <string.h>

/* ---- shares ---- */

/* Blanks what the block at the reader holds, which lies in `body`. */
static void blank(struct writer *body, struct reader share)
{
    if (!share.failed && share.len > 0)
        memset(body->data + (share.data - body->data), 0, share.len);
}

/* Every share in key_share, whatever the group. */
static void zero_shares(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    struct extension *extension = hello_extension(hello, EXTENSION_KEY_SHARE);
    if (extension == NULL)
        return;
    struct reader list = reader_of(extension->body.data, extension->body.len);
    if (hello->kind == HELLO_CLIENT)
        list = reader_block(&list, 2);
    while (list.len > 0 && !list.failed) {
        reader_u16(&list); /* the group */
        blank(&extension->body, reader_block(&list, 2));
    }
}

static HELLO_ACTION(zero_shares)

    /* The share in a ClientKeyExchange of ECDHE. */
    static void act_zero_client_key(struct tamper *tamper)
{
    struct reader body = reader_of(tamper->unit->data, tamper->unit->len);
    blank(tamper->unit, reader_block(&body, 1));
}

/* ---- messages ---- */

/* The message, and in the same record another, `data`. */
static void act_join_another(struct tamper *tamper)
{
    struct writer messages;
    writer_init(&messages, RECORD_PLAINTEXT_MAX);
    handshake_write(&messages, tamper->step->at.message, tamper->unit->data, tamper->unit->len);
    writer_bytes(&messages, tamper->step->data, tamper->step->data_len);
    if (!messages.failed)
        record_write(tamper->replace, CONTENT_HANDSHAKE, tamper->record_version, messages.data,
                     messages.len);
    writer_fini(&messages);
}

/* ---- what must happen ---- */

/* All zero is a point of small order (RFC 7748 section 6.1): the secret is zero, and an end that
 * computes one MUST abort (RFC 8446 section 7.4.2; RFC 8422 section 5.11). On the other curves it
 * is no point, and in a finite field no share (RFC 8446 sections 4.2.8.1 and 4.2.8.2). No text
 * names the alert: what a share is made of may be called wrong or broken. */
#define BAD_SHARE ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_HANDSHAKE_FAILURE

static const struct attack_expectation client_share_refused[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(BAD_SHARE)) },
    { 0 },
};

static const struct attack_expectation server_share_refused[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(REFUSES(BAD_SHARE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation client_key_refused[] = {
    { BEFORE_TLS13, when_curve, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(BAD_SHARE)) },
    { 0 },
};

/* In TLS 1.3 it is in clear where only protected records may be: of an unexpected type (RFC 8446
 * section 5), and not to be deprotected (section 6.2). */
static const struct attack_expectation finished_too_early[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation before_keys[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

static const struct attack rows[] = {
    { .name = "zero-client-share",
      .text = "The key shares in the ClientHello are all zero.",
      .references = "RFC 8446 sections 4.2.8.1, 4.2.8.2 and 7.4.2; RFC 7748 section 6.1",
      .steps = { { AT_CLIENT_HELLO, act_zero_shares } },
      .expectations = client_share_refused },
    { .name = "zero-server-share",
      .text = "The key share in the ServerHello is all zero.",
      .references = "RFC 8446 sections 4.2.8.1, 4.2.8.2 and 7.4.2; RFC 7748 section 6.1",
      .steps = { { AT_SERVER_HELLO, act_zero_shares } },
      .expectations = server_share_refused },
    { .name = "zero-client-key-exchange",
      .text = "The share in the ClientKeyExchange is all zero.",
      .references = "RFC 8422 sections 5.10 and 5.11; RFC 7748 section 6.1",
      .steps = { { AT_MESSAGE(CLIENT, HANDSHAKE_CLIENT_KEY_EXCHANGE), act_zero_client_key } },
      .expectations = client_key_refused },
    { .name = "finished-after-server-hello",
      .text = "A Finished in clear comes behind the ServerHello.",
      .references = "RFC 8446 sections 4.4.4 and 5; RFC 5246 sections 7.4 and 7.4.9",
      .steps = { { AT_SERVER_HELLO, act_insert_after, .value = CONTENT_HANDSHAKE,
                   RECORD_BYTES(HANDSHAKE_FINISHED, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                0) } },
      .expectations = finished_too_early },
    { .name = "message-before-keys",
      .text = "The record of the ServerHello holds EncryptedExtensions too, in clear.",
      .references = "RFC 8446 section 5.1",
      .steps = { { AT_SERVER_HELLO, act_join_another,
                   RECORD_BYTES(HANDSHAKE_ENCRYPTED_EXTENSIONS, 0, 0, 2, 0, 0) } },
      .expectations = before_keys },
};

FAMILY(family_shortcuts, "shortcuts", rows);
