/* The messages of peers/minihttps: what a peer sends, raw, and inside the seal, which the target
 * makes itself so that the input reaches behind it. Input: one byte for the message, the bytes. */
#include "peers/minihttps/minihttps.h"
#include "fuzz/common/fuzz.h"
#include "peers/minihttps/base64_file.h"
#include "peers/minihttps/credentials.h"

#include <stdlib.h>
#include <string.h>

static EVP_PKEY *server_key, *client_key;
static uint8_t server_spki[SPKI_LEN];
static struct minihttps_identity identity;
static struct trust trust;
static uint8_t session_key[KEY_LEN];

enum { TIME = 1767225600 };

static void raw_hello_to_server(const uint8_t *data, size_t len)
{
    struct minihttps_server server = { .identity = &identity };
    struct bytes out;
    EVP_PKEY *key;
    uint8_t again[SPKI_LEN];
    if (spki_decode(&key, data, len) != FAULT_NONE)
        return; /* what is no key costs nothing; making an answer does */
    FUZZ_ASSERT(len == SPKI_LEN && spki_encode(again, key) == FAULT_NONE);
    FUZZ_ASSERT(memcmp(again, data, SPKI_LEN) == 0); /* one encoding, this */
    EVP_PKEY_free(key);
    FUZZ_ASSERT(server_hello(&out, &server, data, len) == FAULT_NONE);
    free(out.data);
}

/* Not one byte of what a stranger sends may make a client ready. */
static void raw_hello_to_client(const uint8_t *data, size_t len)
{
    struct minihttps_client client = {
        .trust = &trust, .name = CREDENTIALS_NAME, .time = TIME, .key = client_key
    };
    uint8_t ready[CLIENT_READY_LEN];
    FUZZ_ASSERT(client_ready(ready, &client, data, len) != FAULT_NONE);
}

/* The same inside a good seal: certificate and signature are the input's. */
static void sealed_hello_to_client(const uint8_t *data, size_t len)
{
    struct bytes hello = { .len = SPKI_LEN + SEAL_OVERHEAD + len };
    hello.data = malloc(hello.len);
    FUZZ_ASSERT(hello.data != NULL);
    memcpy(hello.data, server_spki, SPKI_LEN);
    FUZZ_ASSERT(seal(hello.data + SPKI_LEN, session_key, data, len) == FAULT_NONE);
    raw_hello_to_client(hello.data, hello.len);
    free(hello.data);
}

static void sealed_data(const uint8_t *data, size_t len)
{
    struct minihttps_client client = { .trust = NULL };
    struct minihttps_server server = { .identity = &identity };
    struct bytes out;
    uint8_t *sealed = malloc(len + SEAL_OVERHEAD);
    FUZZ_ASSERT(sealed != NULL);
    FUZZ_ASSERT(seal(sealed, session_key, data, len) == FAULT_NONE);
    memcpy(client.session_key, session_key, KEY_LEN);
    memcpy(server.session_key, session_key, KEY_LEN);
    if (client_data(&out, &client, sealed, len + SEAL_OVERHEAD) == FAULT_NONE) {
        FUZZ_ASSERT(out.len == len && (len == 0 || memcmp(out.data, data, len) == 0));
        FUZZ_ASSERT(out.data[len] == '\0');
        free(out.data);
    } else {
        FUZZ_ASSERT(len > DATA_TEXT_MAX || len == 0);
    }
    enum minihttps_fault fault = server_data(&out, &server, sealed, len + SEAL_OVERHEAD);
    bool is_ready = len == 5 && memcmp(data, READY_TEXT, 5) == 0;
    FUZZ_ASSERT((fault == FAULT_NONE) == is_ready);
    if (fault == FAULT_NONE)
        free(out.data);
    free(sealed);
}

static void raw_data(const uint8_t *data, size_t len)
{
    struct minihttps_client client = { .trust = NULL };
    struct bytes out;
    memcpy(client.session_key, session_key, KEY_LEN);
    FUZZ_ASSERT(client_data(&out, &client, data, len) != FAULT_NONE);
}

static void padding(const uint8_t *data, size_t len)
{
    size_t unpadded;
    uint8_t *room = malloc(len + PAD_BLOCK);
    FUZZ_ASSERT(room != NULL);
    size_t padded = pkcs7_pad(room, data, len);
    FUZZ_ASSERT(padded % PAD_BLOCK == 0 && padded > len && padded <= len + PAD_BLOCK);
    FUZZ_ASSERT(pkcs7_unpad(&unpadded, room, padded) == FAULT_NONE && unpadded == len);
    if (pkcs7_unpad(&unpadded, data, len) == FAULT_NONE) {
        FUZZ_ASSERT(pkcs7_pad(room, data, unpadded) == len);
        FUZZ_ASSERT(memcmp(room, data, len) == 0);
    }
    free(room);
}

/* Base64 that is taken is the one way to write what it says. */
static void base64(const uint8_t *data, size_t len)
{
    struct bytes out;
    struct error err = { .class = ERROR_NONE };
    if (base64_decode(&out, (const char *)data, len, &err) < 0) {
        FUZZ_ASSERT(err.text[0] != '\0');
        return;
    }
    FUZZ_ASSERT(out.len <= BASE64_BYTES_MAX && out.len <= len);
    char *text = malloc(4 * ((out.len + 2) / 3) + 1);
    FUZZ_ASSERT(text != NULL);
    int written = EVP_EncodeBlock((unsigned char *)text, out.data, (int)out.len);
    size_t newline = len > 0 && data[len - 1] == '\n';
    FUZZ_ASSERT((size_t)written == len - newline && memcmp(text, data, (size_t)written) == 0);
    free(text);
    free(out.data);
}

static void certificate(const uint8_t *data, size_t len)
{
    X509 *x509 = certificate_decode(data, len);
    if (x509 == NULL)
        return;
    certificate_check(x509, &trust, CREDENTIALS_NAME, TIME);
    X509_free(x509);
}

static void (*const messages[])(const uint8_t *data, size_t len) = {
    raw_hello_to_server,
    raw_hello_to_client,
    sealed_hello_to_client,
    sealed_data,
    raw_data,
    padding,
    base64,
    certificate,
};

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    uint8_t kind = fuzz_u8(&input) % (sizeof messages / sizeof messages[0]);
    messages[kind](input.data, input.len);
}

static void init(void)
{
    static uint8_t text[] = "Simple is better than complex.";
    EVP_PKEY *authority = key_generate();
    server_key = key_generate();
    client_key = key_generate();
    FUZZ_ASSERT(authority != NULL && server_key != NULL && client_key != NULL);
    struct issue_order order = { .name = "authority",
                                 .key = authority,
                                 .issuer_key = authority,
                                 .authority = true,
                                 .time = TIME };
    trust.anchors[0] = certificate_issue(&order, NULL);
    FUZZ_ASSERT(trust.anchors[0] != NULL);
    trust.num_anchors = 1;
    order = (struct issue_order){ .name = CREDENTIALS_NAME,
                                  .key = server_key,
                                  .issuer = trust.anchors[0],
                                  .issuer_key = authority,
                                  .time = TIME };
    X509 *own = certificate_issue(&order, NULL);
    FUZZ_ASSERT(own != NULL);
    identity.key = server_key;
    int len = i2d_X509(own, &identity.certificate.data);
    FUZZ_ASSERT(len > 0);
    identity.certificate.len = (size_t)len;
    identity.text = (struct bytes){ text, sizeof text - 1 };
    FUZZ_ASSERT(spki_encode(server_spki, server_key) == FAULT_NONE);
    FUZZ_ASSERT(key_exchange(session_key, client_key, server_key) == FAULT_NONE);
    X509_free(own);
    EVP_PKEY_free(authority);
    for (uint8_t i = 0; i < sizeof messages / sizeof messages[0]; i++) { /* libcrypto's tables */
        raw_hello_to_server(server_spki, SPKI_LEN);
        messages[i](identity.certificate.data, identity.certificate.len);
    }
}

const struct fuzz_target fuzz_target = {
    .name = "minihttps",
    .init = init,
    .run = run,
    .memory_base = 2 << 20,
    .memory_per_byte = 128,
    .time_base_us = 300000, /* an answer is a key, an exchange and a signature on P-384 */
    .time_per_byte_us = 100,
};
