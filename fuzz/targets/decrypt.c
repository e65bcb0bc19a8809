/* Records under protection (captures/tls_decrypt.h): what the target seals, the flow opens to the
 * same bytes, however it is cut; what was changed on the way does not open. So the content of
 * handshake messages inside protection is the input's too. Input: two bytes for suite and cuts,
 * then records: a byte for who and what, one for the inner type, one for padding, two for the
 * length, the content. */
#include "captures/cipher.h"
#include "captures/tls_flow.h"
#include "fuzz/common/fuzz.h"
#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"

#include <stdio.h>
#include <string.h>

enum { RECORDS_MAX = 64, SECRET_LEN = 32, NONCE_LEN = 12, TAG_LEN = 16, CONTENT_MAX = 4096 };
enum { FROM_SERVER = 1, TAMPERED = 2 };

struct suite_row {
    uint16_t id;
    const char *cipher;
    size_t key_len;
};
static const struct suite_row suite_rows[] = {
    { 0x1301, "AES-128-GCM", 16 },
    { 0x1303, "ChaCha20-Poly1305", 32 },
};

static const uint8_t secret[SECRET_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const uint8_t client_random[HELLO_RANDOM_LEN] = { 9, 9, 9 };

/* What the sender seals with: the handshake secrets of both ends are the same bytes, which is all
 * that the flow needs. */
struct sender {
    uint8_t key[32], iv[NONCE_LEN];
    uint64_t seq;
    size_t num_handshake;
};

/* What the next record must be opened to. */
struct expected {
    const uint8_t *content;
    size_t len;
    uint8_t type;
    bool typed;   /* there is a byte that is not 0: the type */
    bool guessed; /* which was the content's last */
    size_t padding_len;
    bool tampered;
    bool active;
};

static const struct suite_row *row;
static struct expected expected;

static void on_record(void *context, const struct tls_record *record)
{
    (void)context;
    if (!expected.active || record->type != CONTENT_APPLICATION_DATA)
        return;
    if (expected.tampered || !expected.typed) {
        FUZZ_ASSERT(record->protection == PROTECTION_OPAQUE && record->why != NULL);
        return;
    }
    FUZZ_ASSERT(record->protection == PROTECTION_DECRYPTED);
    FUZZ_ASSERT(record->content_len == expected.len && record->content_type == expected.type);
    FUZZ_ASSERT(expected.len == 0 || memcmp(record->content, expected.content, expected.len) == 0);
    FUZZ_ASSERT(record->padding_len == expected.padding_len);
}

static void derive(struct sender *sender)
{
    FUZZ_ASSERT(
        tls13_expand_label(sender->key, row->key_len, "SHA256", secret, sizeof secret, "key"));
    FUZZ_ASSERT(tls13_expand_label(sender->iv, NONCE_LEN, "SHA256", secret, sizeof secret, "iv"));
    sender->seq = 0;
}

/* RFC 8446 section 5.2. */
static void seal(struct writer *out, struct sender *sender, const struct writer *inner)
{
    static EVP_CIPHER_CTX *context;
    uint8_t sealed[CONTENT_MAX + 300 + TAG_LEN], nonce[NONCE_LEN];
    const uint8_t header[RECORD_HEADER_LEN] = { CONTENT_APPLICATION_DATA, 3, 3,
                                                (uint8_t)((inner->len + TAG_LEN) >> 8),
                                                (uint8_t)(inner->len + TAG_LEN) };
    int len;
    memcpy(nonce, sender->iv, sizeof nonce);
    for (int i = 0; i < 8; i++)
        nonce[NONCE_LEN - 1 - i] ^= (uint8_t)(sender->seq >> (8 * i));
    sender->seq++;
    if (context == NULL)
        context = EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, row->cipher, NULL);
    FUZZ_ASSERT(EVP_EncryptInit_ex2(context, cipher, sender->key, nonce, NULL) == 1);
    FUZZ_ASSERT(EVP_EncryptUpdate(context, NULL, &len, header, sizeof header) == 1);
    FUZZ_ASSERT(EVP_EncryptUpdate(context, sealed, &len, inner->data, (int)inner->len) == 1);
    FUZZ_ASSERT(EVP_EncryptFinal_ex(context, sealed + len, &len) == 1);
    FUZZ_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, sealed + inner->len) ==
                1);
    EVP_CIPHER_free(cipher);
    record_write(out, CONTENT_APPLICATION_DATA, TLS12, sealed, inner->len + TAG_LEN);
}

static void feed(struct tls_flow *flow, enum role from, const struct writer *bytes, size_t piece)
{
    const struct place place = { .packet = 1 };
    for (size_t at = 0; at < bytes->len; at += piece) {
        size_t len = bytes->len - at < piece ? bytes->len - at : piece;
        tls_flow_data(flow, from, bytes->data + at, len, place);
    }
}

static void say_hello(struct tls_flow *flow, enum role from)
{
    static const uint8_t chosen[] = { 3, 4 };
    struct hello hello = { .kind = from == ROLE_CLIENT ? HELLO_CLIENT : HELLO_SERVER,
                           .legacy_version = TLS12,
                           .num_suites = 1,
                           .num_compressions = 1,
                           .has_extensions = true };
    struct writer body, message, record;
    writer_init(&body, 1024);
    writer_init(&message, 1024);
    writer_init(&record, 1024);
    hello.suites[0] = row->id;
    memcpy(hello.random, client_random, sizeof hello.random);
    if (from == ROLE_SERVER)
        hello_add_extension(&hello, EXTENSION_SUPPORTED_VERSIONS, chosen, sizeof chosen);
    hello_write(&body, &hello);
    handshake_write(&message, from == ROLE_CLIENT ? 1 : 2, body.data, body.len);
    record_write(&record, CONTENT_HANDSHAKE, TLS12, message.data, message.len);
    feed(flow, from, &record, record.len);
    hello_fini(&hello);
    writer_fini(&body);
    writer_fini(&message);
    writer_fini(&record);
}

static void add_secret(struct keylog *keylog, enum secret_label label)
{
    char line[512];
    int used = snprintf(line, sizeof line, "%s ", secret_label_name(label));
    for (size_t i = 0; i < sizeof client_random; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%02x", client_random[i]);
    line[used++] = ' ';
    for (size_t i = 0; i < sizeof secret; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%02x", secret[i]);
    FUZZ_ASSERT(keylog_add(keylog, line, (size_t)used, NULL) == 1);
}

/* Type 0 is padding, too (RFC 8446 section 5.4): then the content's last byte is the type. */
static void expect_type(void)
{
    if (expected.type != 0)
        return;
    expected.guessed = true;
    expected.padding_len++;
    while (expected.len > 0 && expected.content[expected.len - 1] == 0) {
        expected.len--;
        expected.padding_len++;
    }
    expected.typed = expected.len > 0;
    if (expected.typed)
        expected.type = expected.content[--expected.len];
}

/* Is a message that changes keys among those that begin in these bytes? */
static bool changes_keys(const uint8_t *content, size_t len)
{
    struct reader reader = reader_of(content, len);
    while (reader.len > 0 && !reader.failed) {
        uint8_t type = reader_u8(&reader);
        if (type == HANDSHAKE_FINISHED || type == HANDSHAKE_KEY_UPDATE ||
            type == HANDSHAKE_SERVER_HELLO || type == HANDSHAKE_CLIENT_HELLO)
            return true;
        reader_block(&reader, 3);
    }
    return false;
}

/* One record; what changes keys is not said to be of the handshake, so that sender and flow stay in
 * step. */
static void send_record(struct tls_flow *flow, struct sender senders[2], struct fuzz_input *input,
                        size_t piece)
{
    uint8_t head = fuzz_u8(input), type = fuzz_u8(input), padding = fuzz_u8(input);
    enum role from = (head & FROM_SERVER) != 0 ? ROLE_SERVER : ROLE_CLIENT;
    struct writer inner, record;
    size_t len;
    const uint8_t *content = fuzz_bytes(&len, input, fuzz_up_to(input, CONTENT_MAX));
    if (type == CONTENT_HANDSHAKE && changes_keys(content, len))
        type = CONTENT_APPLICATION_DATA;
    if (type == CONTENT_HANDSHAKE && senders[from].num_handshake++ > 0)
        type = CONTENT_APPLICATION_DATA; /* messages over records could hide one of those */
    writer_init(&inner, CONTENT_MAX + 300);
    writer_init(&record, 2 * CONTENT_MAX);
    writer_bytes(&inner, content, len);
    writer_u8(&inner, type);
    for (int i = 0; i < padding; i++)
        writer_u8(&inner, 0);
    seal(&record, &senders[from], &inner);
    expected = (struct expected){ .content = content,
                                  .len = len,
                                  .type = type,
                                  .typed = true,
                                  .padding_len = padding,
                                  .tampered = (head & TAMPERED) != 0,
                                  .active = true };
    expect_type();
    if (expected.tampered)
        record.data[RECORD_HEADER_LEN + (padding + len) % (record.len - RECORD_HEADER_LEN)] ^= 1;
    feed(flow, from, &record, piece);
    writer_fini(&inner);
    writer_fini(&record);
}

static void run(const uint8_t *data, size_t len)
{
    static const struct tls_sink sink = { .record = on_record };
    struct fuzz_input input = { data, len };
    row = &suite_rows[fuzz_u8(&input) % (sizeof suite_rows / sizeof suite_rows[0])];
    size_t piece = 1 + fuzz_u8(&input);
    struct keylog *keylog = keylog_new();
    struct sender senders[2] = { 0 };
    expected = (struct expected){ .active = false };
    add_secret(keylog, SECRET_CLIENT_HANDSHAKE);
    add_secret(keylog, SECRET_SERVER_HANDSHAKE);
    struct tls_flow *flow = tls_flow_new(keylog, &sink, NULL);
    FUZZ_ASSERT(flow != NULL);
    say_hello(flow, ROLE_CLIENT);
    say_hello(flow, ROLE_SERVER);
    derive(&senders[ROLE_CLIENT]);
    derive(&senders[ROLE_SERVER]);
    for (int i = 0; i < RECORDS_MAX && input.len > 0; i++) {
        send_record(flow, senders, &input, piece);
        if (expected.tampered || expected.guessed)
            break; /* sender and flow may part here: numbers, or keys */
    }
    tls_flow_finish(flow);
    tls_flow_free(flow);
    keylog_free(keylog);
}

/* libcrypto fetches its algorithms on first use, and keeps them. */
static void init(void)
{
    static const uint8_t warm[] = { 0, 9, 0, CONTENT_ALERT, 0, 0, 2, 1, 0 };
    run(warm, sizeof warm);
    run((const uint8_t[]){ 1, 9, 0, CONTENT_ALERT, 0, 0, 2, 1, 0 }, 9);
}

const struct fuzz_target fuzz_target = {
    .name = "decrypt",
    .init = init,
    .run = run,
    .memory_base = 2 << 20,
    .memory_per_byte = 64,
    .time_base_us = 200000,
    .time_per_byte_us = 200,
};
