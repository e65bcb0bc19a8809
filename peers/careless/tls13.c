/* The handshake messages of TLS 1.3 behind the hellos (RFC 8446 sections 4.3, 4.4 and 4.6). */
#include "peers/careless/careless.h"

#include <openssl/crypto.h>
#include <string.h>

/* ---- what both ends do ---- */

int send_certificate13(conn *c)
{
    struct writer body;
    writer_init(&body, HANDSHAKE_BODY_MAX);
    writer_u8(&body, 0); /* certificate_request_context */
    certificates_write(c, &body);
    send_message(c, HANDSHAKE_CERTIFICATE, &body);
    writer_fini(&body);
    return 0;
}

/* What CertificateVerify signs (RFC 8446 section 4.4.3). */
static int signed_content(conn *c, struct writer *out, enum role signer)
{
    enum { PADDING_LEN = 64 };
    static const char *const labels[] = { [ROLE_CLIENT] = "TLS 1.3, client CertificateVerify",
                                          [ROLE_SERVER] = "TLS 1.3, server CertificateVerify" };
    uint8_t digest[HASH_LEN];
    if (transcript_hash(c, digest) != 0)
        return -1;
    for (size_t i = 0; i < PADDING_LEN; i++)
        writer_u8(out, ' ');
    writer_bytes(out, labels[signer], strlen(labels[signer]) + 1);
    writer_bytes(out, digest, sizeof digest);
    return 0;
}

enum { SIGNED_MAX = 256 };

int send_verify13(conn *c)
{
    struct writer content, body;
    writer_init(&content, SIGNED_MAX);
    writer_init(&body, HANDSHAKE_BODY_MAX);
    int result = signed_content(c, &content, c->role);
    if (result == 0)
        result = write_signature(c, &body, content.data, content.len);
    if (result == 0)
        send_message(c, HANDSHAKE_CERTIFICATE_VERIFY, &body);
    writer_fini(&content);
    writer_fini(&body);
    return result;
}

/* handle_message() puts this message into the transcript when it has been read. */
int read_verify13(conn *c, const struct handshake_message *message, enum plant plant)
{
    struct writer content;
    struct reader body = reader_of(message->body, message->len);
    writer_init(&content, SIGNED_MAX);
    int result = signed_content(c, &content, c->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT);
    if (result == 0)
        result = check_signature(c, &body, content.data, content.len, plant);
    writer_fini(&content);
    return result;
}

int send_finished13(conn *c)
{
    uint8_t verify_data[HASH_LEN];
    struct writer body;
    if (finished13(c, verify_data, c->role) != 0)
        return -1;
    writer_init(&body, HASH_LEN);
    writer_bytes(&body, verify_data, HASH_LEN);
    send_message(c, HANDSHAKE_FINISHED, &body);
    writer_fini(&body);
    return 0;
}

int read_finished13(conn *c, const struct handshake_message *message)
{
    uint8_t expected[HASH_LEN];
    if (finished13(c, expected, c->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT) != 0 ||
        demand(c, message->len == HASH_LEN, PLANT_NONE, ALERT_DECODE_ERROR,
               "a Finished of another length") != 0)
        return -1;
    return demand(c, CRYPTO_memcmp(message->body, expected, HASH_LEN) == 0, PLANT_FINISHED,
                  ALERT_DECRYPT_ERROR, "a Finished that does not verify");
}

int key_update13(conn *c, const struct handshake_message *message)
{
    enum { NOT_REQUESTED, REQUESTED };
    struct writer body;
    enum role other = c->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    if (message->len != 1)
        return refuse(c, ALERT_DECODE_ERROR, "a KeyUpdate that does not parse");
    if (message->body[0] > REQUESTED)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "a KeyUpdate of another kind");
    if (schedule13_update(c, other) != 0 || message->body[0] == NOT_REQUESTED)
        return c->failed ? -1 : 0;
    writer_init(&body, 1);
    writer_u8(&body, NOT_REQUESTED);
    send_message(c, HANDSHAKE_KEY_UPDATE, &body);
    writer_fini(&body);
    return schedule13_update(c, c->role);
}

/* ---- the client ---- */

/* Of all that may stand there, the client has asked for server_name only; supported_groups a
 * server may send unasked (RFC 8446 sections 4.2 and 4.2.7). */
int client13_extensions(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct reader list = reader_block(&body, 2);
    while (list.len > 0 && !list.failed) {
        uint16_t type = reader_u16(&list);
        reader_block(&list, 2);
        bool offered = type == EXTENSION_SERVER_NAME || type == EXTENSION_SUPPORTED_GROUPS;
        if (!list.failed &&
            demand(c, offered, PLANT_UNOFFERED_EXTENSION, ALERT_UNSUPPORTED_EXTENSION,
                   "an extension that was not offered") != 0)
            return -1;
    }
    c->state = c->resumed ? WAIT_13_FINISHED : WAIT_13_REQUEST;
    return demand(c, reader_done(&body) && !list.failed, PLANT_NONE, ALERT_DECODE_ERROR,
                  "EncryptedExtensions that do not parse");
}

int client13_request(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct reader context = reader_block(&body, 1);
    struct reader list = reader_block(&body, 2);
    bool found = false;
    bool whole = reader_done(&body);
    while (list.len > 0 && !list.failed) {
        struct extension extension = { .type = reader_u16(&list) };
        struct reader value = reader_block(&list, 2);
        if (extension.type != EXTENSION_SIGNATURE_ALGORITHMS)
            continue;
        found = true;
        writer_init(&extension.body, value.len);
        writer_bytes(&extension.body, value.data, value.len);
        c->num_peer_schemes = extension_list(c->peer_schemes, &extension, 2);
        writer_fini(&extension.body);
    }
    if (!whole || list.failed || context.len != 0)
        return refuse(c, ALERT_DECODE_ERROR, "a CertificateRequest that does not parse");
    c->asked = true;
    c->state = WAIT_13_CERTIFICATE;
    return demand(c, found, PLANT_NONE, ALERT_MISSING_EXTENSION,
                  "a CertificateRequest without signature_algorithms");
}

int client13_certificate(conn *c, const struct handshake_message *message)
{
    size_t num;
    if (certificates_read(c, &num, message) != 0)
        return -1;
    c->state = WAIT_13_VERIFY;
    return demand(c, num > 0, PLANT_NONE, ALERT_DECODE_ERROR, "a server without a certificate");
}

int client13_verify(conn *c, const struct handshake_message *message)
{
    c->state = WAIT_13_FINISHED;
    return read_verify13(c, message, PLANT_SERVER_SIGNATURE);
}

static int client_flight(conn *c)
{
    if (c->asked) {
        if (send_certificate13(c) != 0 || (own_scheme(c) != 0 && send_verify13(c) != 0))
            return -1;
    }
    return send_finished13(c);
}

int client13_finished(conn *c, const struct handshake_message *message)
{
    if (read_finished13(c, message) != 0)
        return -1;
    /* The master secret's hash ends with this message. */
    handshake_write(&c->transcript, HANDSHAKE_FINISHED, message->body, message->len);
    if (schedule13_master(c) != 0 || client_flight(c) != 0 || schedule13_resumption(c) != 0)
        return -1;
    c->state = CONNECTED;
    if (schedule13_use(c, &c->reading, c->traffic_secrets[ROLE_SERVER]) != 0)
        return -1;
    return schedule13_use(c, &c->writing, c->traffic_secrets[ROLE_CLIENT]);
}

/* ---- the server ---- */

static void send_extensions(conn *c)
{
    struct writer body;
    writer_init(&body, 2);
    writer_u16(&body, 0);
    send_message(c, HANDSHAKE_ENCRYPTED_EXTENSIONS, &body);
    writer_fini(&body);
}

static void send_request(conn *c)
{
    static const uint16_t schemes[] = { SCHEME_ECDSA_P256_SHA256, SCHEME_RSA_PSS_SHA256,
                                        SCHEME_RSA_PKCS1_SHA256 /* in certificates */ };
    struct writer body;
    writer_init(&body, SIGNED_MAX);
    writer_u8(&body, 0); /* certificate_request_context */
    size_t extensions = writer_open(&body, 2);
    writer_u16(&body, EXTENSION_SIGNATURE_ALGORITHMS);
    size_t extension = writer_open(&body, 2);
    size_t list = writer_open(&body, 2);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        writer_u16(&body, schemes[i]);
    writer_close(&body, list, 2);
    writer_close(&body, extension, 2);
    writer_close(&body, extensions, 2);
    send_message(c, HANDSHAKE_CERTIFICATE_REQUEST, &body);
    writer_fini(&body);
    c->asked = true;
}

int server13_flight(conn *c)
{
    send_extensions(c);
    if (c->endpoint.verify != VERIFY_NONE && !c->resumed)
        send_request(c);
    if (!c->resumed && (send_certificate13(c) != 0 || send_verify13(c) != 0))
        return -1;
    if (send_finished13(c) != 0 || schedule13_master(c) != 0)
        return -1;
    c->state = c->asked ? WAIT_13_CERTIFICATE : WAIT_13_FINISHED;
    return schedule13_use(c, &c->writing, c->traffic_secrets[ROLE_SERVER]);
}

int server13_certificate(conn *c, const struct handshake_message *message)
{
    size_t num;
    if (certificates_read(c, &num, message) != 0)
        return -1;
    c->state = num > 0 ? WAIT_13_VERIFY : WAIT_13_FINISHED;
    return demand(c, num > 0 || c->endpoint.verify != VERIFY_REQUIRE, PLANT_CLIENT_CERTIFICATE,
                  ALERT_CERTIFICATE_REQUIRED, "a client without a certificate");
}

int server13_verify(conn *c, const struct handshake_message *message)
{
    c->state = WAIT_13_FINISHED;
    return read_verify13(c, message, PLANT_CLIENT_SIGNATURE);
}

int server13_finished(conn *c, const struct handshake_message *message)
{
    if (read_finished13(c, message) != 0)
        return -1;
    handshake_write(&c->transcript, HANDSHAKE_FINISHED, message->body, message->len);
    c->state = CONNECTED;
    if (schedule13_use(c, &c->reading, c->traffic_secrets[ROLE_CLIENT]) != 0 ||
        schedule13_resumption(c) != 0)
        return -1;
    return send_ticket13(c);
}
