/* Records to messages and alerts, and what they change. */
#include "captures/certificate_compression.h"
#include "captures/tls_flow_parts.h"

#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

#include <stdlib.h>
#include <string.h>

enum {
    SSLV2_CHALLENGE_MIN = 16,
    PLAUSIBLE_MESSAGE_MAX = 128 * 1024, /* where a message may begin or not: no chain is longer */
};

/* ---- hellos ---- */

static void take_client_hello(struct tls_flow *flow, const struct hello *hello)
{
    struct tls_state *state = &flow->state;
    memcpy(state->client_random, hello->random, sizeof state->client_random);
    state->has_client_hello = true;
    state->early_data = hello_extension_const(hello, EXTENSION_EARLY_DATA) != NULL;
}

static void take_server_hello(struct tls_flow *flow, const struct hello *hello)
{
    struct tls_state *state = &flow->state;
    state->version = hello_chosen_version(hello);
    state->suite = hello->suites[0];
    if (hello->kind == HELLO_RETRY) {
        state->retried = true;
        return;
    }
    memcpy(state->server_random, hello->random, sizeof state->server_random);
    state->encrypt_then_mac = hello_has_flag(hello, EXTENSION_ENCRYPT_THEN_MAC);
    state->extended_master_secret = hello_has_flag(hello, EXTENSION_EXTENDED_MASTER_SECRET);
    state->has_server_hello = true;
    if (state->version != TLS13)
        return;
    state->protected[ROLE_CLIENT] = state->protected[ROLE_SERVER] = true;
    decryptor_begin_tls13(&flow->decryptor, state);
}

static void take_hello(struct tls_flow *flow, const struct tls_message *message)
{
    struct hello hello;
    if (hello_read(&hello, message->type, message->body, message->len, NULL) < 0)
        return;
    if (hello.kind == HELLO_CLIENT)
        take_client_hello(flow, &hello);
    else
        take_server_hello(flow, &hello);
    hello_fini(&hello);
}

/* RFC 5246 appendix E.2: the challenge, with zeros before it, is the random. */
static void take_sslv2_hello(struct tls_flow *flow, const struct tls_record *record)
{
    struct reader reader = reader_of(record->fragment, record->fragment_len);
    reader_bytes(&reader, 3); /* type, version */
    size_t suites_len = reader_u16(&reader);
    size_t session_id_len = reader_u16(&reader);
    size_t challenge_len = reader_u16(&reader);
    reader_bytes(&reader, suites_len + session_id_len);
    const uint8_t *challenge = reader_bytes(&reader, challenge_len);
    flow->state.sslv2_hello = true;
    if (challenge == NULL || challenge_len < SSLV2_CHALLENGE_MIN ||
        challenge_len > KEYLOG_RANDOM_LEN)
        return;
    memset(flow->state.client_random, 0, KEYLOG_RANDOM_LEN);
    memcpy(flow->state.client_random + KEYLOG_RANDOM_LEN - challenge_len, challenge, challenge_len);
    flow->state.has_client_hello = true;
}

/* ---- handshake messages ---- */

static void lose_messages(struct side *side)
{
    assembler_fini(&side->assembler);
    assembler_init(&side->assembler);
    side->messages_lost = true;
}

/* After a loss a record may be the middle of a message; one that begins like a message is taken. */
static bool begins_message(const struct tls_record *record)
{
    struct reader reader = reader_of(record->content, record->content_len);
    uint8_t type = reader_u8(&reader);
    uint32_t len = reader_u24(&reader);
    return !reader.failed && handshake_type_name(type) != NULL && len <= PLAUSIBLE_MESSAGE_MAX;
}

static void take_message(struct tls_flow *flow, const struct tls_message *message)
{
    bool hello = message->type == HANDSHAKE_CLIENT_HELLO || message->type == HANDSHAKE_SERVER_HELLO;
    if (hello)
        take_hello(flow, message);
    if (flow->sink.message != NULL)
        flow->sink.message(flow->context, message);
    decryptor_message(&flow->decryptor, &flow->state, message->from, message->type);
}

/* Who looks at messages sees the Certificate that was meant; one that cannot be unpacked stays as
 * it is. */
static void take_maybe_compressed(struct tls_flow *flow, struct tls_message message)
{
    uint8_t *unpacked = NULL;
    if (message.type == HANDSHAKE_COMPRESSED_CERTIFICATE)
        unpacked = certificate_unpack(&message.len, message.body, message.len);
    if (unpacked != NULL) {
        message.type = HANDSHAKE_CERTIFICATE;
        message.body = unpacked;
    }
    take_message(flow, &message);
    free(unpacked);
}

static void take_handshake(struct tls_flow *flow, const struct tls_record *record)
{
    struct side *side = &flow->side[record->from];
    struct handshake_message message;
    int ret;
    if (side->messages_lost && !begins_message(record))
        return;
    side->messages_lost = false;
    if (assembler_at_boundary(&side->assembler))
        side->message_first = record->first;
    if (assembler_feed(&side->assembler, record->content, record->content_len) < 0) {
        lose_messages(side);
        return;
    }
    while ((ret = assembler_next(&side->assembler, &message)) == 1) {
        const struct tls_message out = {
            .from = record->from,
            .type = message.type,
            .body = message.body,
            .len = message.len,
            .first = side->message_first,
            .last = record->last,
            .under_protection = record->protection == PROTECTION_DECRYPTED,
        };
        side->message_first = record->first;
        take_maybe_compressed(flow, out);
    }
    if (ret < 0)
        lose_messages(side);
}

/* ---- alerts ---- */

/* An alert may come in two records, of a byte each, before TLS 1.3. */
static void take_alerts(struct tls_flow *flow, const struct tls_record *record)
{
    struct side *side = &flow->side[record->from];
    for (size_t i = 0; i < record->content_len; i++) {
        side->alert[side->alert_len++] = record->content[i];
        if (side->alert_len < sizeof side->alert)
            continue;
        side->alert_len = 0;
        const struct tls_alert alert = {
            .from = record->from,
            .level = side->alert[0],
            .description = side->alert[1],
            .place = record->last,
            .under_protection = record->protection == PROTECTION_DECRYPTED,
        };
        if (flow->sink.alert != NULL)
            flow->sink.alert(flow->context, &alert);
    }
}

/* ---- records ---- */

static void take_change_cipher(struct tls_flow *flow, const struct tls_record *record)
{
    if (flow->state.version == TLS13) /* it means nothing there (RFC 8446 section 5) */
        return;
    flow->state.protected[record->from] = true;
    decryptor_change_cipher(&flow->decryptor, &flow->state, record->from);
}

static void take_content(struct tls_flow *flow, const struct tls_record *record)
{
    switch (record->content_type) {
    case CONTENT_HANDSHAKE:
        take_handshake(flow, record);
        break;
    case CONTENT_ALERT:
        take_alerts(flow, record);
        break;
    case CONTENT_CHANGE_CIPHER_SPEC:
        take_change_cipher(flow, record);
        break;
    default:
        break;
    }
}

void tls_flow_take_record(struct tls_flow *flow, struct tls_record *record)
{
    flow->state.is_tls = true;
    if (record->version == 0x0002) {
        record->content_type = record->type;
        record->content = record->fragment;
        record->content_len = record->fragment_len;
        take_sslv2_hello(flow, record);
    } else {
        decryptor_open(&flow->decryptor, &flow->state, record);
    }
    if (flow->sink.record != NULL)
        flow->sink.record(flow->context, record);
    if (record->version == 0x0002)
        return;
    if (record->content != NULL && !record->hurt)
        take_content(flow, record);
    else if (record->content_type == CONTENT_HANDSHAKE)
        lose_messages(&flow->side[record->from]);
    /* The length of this record alone is what it takes to know that keys change. */
    if (record->hurt && record->type == CONTENT_CHANGE_CIPHER_SPEC)
        take_change_cipher(flow, record);
}
