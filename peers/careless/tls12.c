/* The handshake messages of TLS 1.2 behind the hellos (RFC 5246 section 7.4; RFC 8422 section 5).
 */
#include "peers/careless/careless.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>

enum { NAMED_CURVE = 3, CURVE_PARAMS_LEN = 4 /* with the share's length */ };

/* ---- what both ends do ---- */

static int send_certificate(conn *c)
{
    struct writer body;
    writer_init(&body, HANDSHAKE_BODY_MAX);
    certificates_write(c, &body);
    send_message(c, HANDSHAKE_CERTIFICATE, &body);
    writer_fini(&body);
    return 0;
}

int send_finished12(conn *c)
{
    uint8_t verify_data[FINISHED12_LEN];
    struct writer body;
    if (finished12(c, verify_data, c->role) != 0)
        return -1;
    send_change(c);
    announce_keys(c);
    c->writing = c->next_writing;
    writer_init(&body, FINISHED12_LEN);
    writer_bytes(&body, verify_data, FINISHED12_LEN);
    send_message(c, HANDSHAKE_FINISHED, &body);
    writer_fini(&body);
    return 0;
}

int read_finished12(conn *c, const struct handshake_message *message)
{
    uint8_t expected[FINISHED12_LEN];
    if (finished12(c, expected, c->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT) != 0 ||
        demand(c, message->len == FINISHED12_LEN, PLANT_NONE, ALERT_DECODE_ERROR,
               "a Finished of another length") != 0)
        return -1;
    return demand(c, CRYPTO_memcmp(message->body, expected, FINISHED12_LEN) == 0, PLANT_FINISHED,
                  ALERT_DECRYPT_ERROR, "a Finished that does not verify");
}

/* What ServerKeyExchange signs: the randoms and the parameters (RFC 8422 section 5.4). */
static void signed_params(const conn *c, struct writer *out, const uint8_t *params, size_t len)
{
    writer_init(out, sizeof c->randoms + CURVE_PARAMS_LEN + SHARE_MAX);
    writer_bytes(out, c->randoms, sizeof c->randoms);
    writer_bytes(out, params, len);
}

/* ---- the client ---- */

int client12_certificate(conn *c, const struct handshake_message *message)
{
    size_t num;
    if (certificates_read(c, &num, message) != 0)
        return -1;
    c->state = exchanges_by_rsa(c) ? WAIT_12_REQUEST : WAIT_12_KEY_EXCHANGE;
    return demand(c, num > 0, PLANT_EMPTY_CERTIFICATE, ALERT_DECODE_ERROR,
                  "a server without a certificate");
}

static int take_share(conn *c, uint16_t group, struct reader share)
{
    if (!id_listed(c->endpoint.groups, c->endpoint.num_groups, group))
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "a curve that was not offered");
    return make_share(c, group) != 0 ? -1 : use_share(c, share.data, share.len);
}

int client12_key_exchange(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct writer content;
    bool named = reader_u8(&body) == NAMED_CURVE;
    uint16_t group = reader_u16(&body);
    struct reader share = reader_block(&body, 1);
    if (body.failed)
        return refuse(c, ALERT_DECODE_ERROR, "a ServerKeyExchange that does not parse");
    if (!named)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "a ServerKeyExchange without a named curve");
    signed_params(c, &content, message->body, CURVE_PARAMS_LEN + share.len);
    int result = content.failed
                     ? refuse(c, ALERT_ILLEGAL_PARAMETER, "a share that is too long")
                     : check_signature(c, &body, content.data, content.len, PLANT_SERVER_SIGNATURE);
    writer_fini(&content);
    c->state = WAIT_12_REQUEST;
    return result != 0 ? -1 : take_share(c, group, share);
}

int client12_request(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct reader types = reader_block(&body, 1);
    struct reader schemes = reader_block(&body, 2);
    reader_block(&body, 2); /* certificate_authorities: we have one certificate to show */
    if (!reader_done(&body) || types.len == 0)
        return refuse(c, ALERT_DECODE_ERROR, "a CertificateRequest that does not parse");
    c->num_peer_schemes = 0;
    while (schemes.len > 0 && c->num_peer_schemes < HELLO_LIST_MAX)
        c->peer_schemes[c->num_peer_schemes++] = reader_u16(&schemes);
    c->asked = true;
    c->state = WAIT_12_DONE;
    return 0;
}

static void send_client_share(conn *c)
{
    uint8_t share[SHARE_MAX];
    size_t share_len = 0;
    struct writer body;
    writer_init(&body, 1 + SHARE_MAX);
    size_t mark = writer_open(&body, 1);
    if (share_write(share, &share_len, c->own_share) == 0)
        writer_bytes(&body, share, share_len);
    writer_close(&body, mark, 1);
    send_message(c, HANDSHAKE_CLIENT_KEY_EXCHANGE, &body);
    writer_fini(&body);
}

/* RFC 5246 section 7.4.7.1: the version is the one that was offered. */
static int send_premaster(conn *c)
{
    uint8_t sealed[SIGNATURE_MAX];
    size_t sealed_len = 0;
    struct writer body;
    EVP_PKEY *key = c->peer_leaf != NULL ? X509_get0_pubkey(c->peer_leaf) : NULL;
    if (key == NULL || EVP_PKEY_is_a(key, "RSA") != 1)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "a certificate that is none for the suite");
    c->shared_secret_len = PREMASTER_LEN;
    if (RAND_bytes(c->shared_secret, PREMASTER_LEN) != 1)
        return refuse(c, ALERT_INTERNAL_ERROR, "no random bytes");
    c->shared_secret[0] = TLS12 >> 8;
    c->shared_secret[1] = TLS12 & 0xFF;
    if (premaster_seal(sealed, &sealed_len, key, c->shared_secret) != 0)
        return refuse(c, ALERT_INTERNAL_ERROR, "encrypting failed");
    writer_init(&body, 2 + SIGNATURE_MAX);
    size_t mark = writer_open(&body, 2);
    writer_bytes(&body, sealed, sealed_len);
    writer_close(&body, mark, 2);
    send_message(c, HANDSHAKE_CLIENT_KEY_EXCHANGE, &body);
    writer_fini(&body);
    return 0;
}

static int send_client_key(conn *c)
{
    if (exchanges_by_rsa(c))
        return send_premaster(c);
    send_client_share(c);
    return 0;
}

static int send_verify(conn *c)
{
    struct writer body;
    writer_init(&body, HANDSHAKE_BODY_MAX);
    int result = write_signature(c, &body, c->transcript.data, c->transcript.len);
    if (result == 0)
        send_message(c, HANDSHAKE_CERTIFICATE_VERIFY, &body);
    writer_fini(&body);
    return result;
}

/* A careless end that was told no share of the server's takes its certificate's key for one. */
static int without_key_exchange(conn *c)
{
    unsigned char *share = NULL;
    EVP_PKEY *key = c->peer_leaf != NULL ? X509_get0_pubkey(c->peer_leaf) : NULL;
    size_t len = key != NULL ? EVP_PKEY_get1_encoded_public_key(key, &share) : 0;
    int result = make_share(c, GROUP_P256);
    if (result == 0)
        result = use_share(c, share, len);
    OPENSSL_free(share);
    return result;
}

int client12_done(conn *c, const struct handshake_message *message)
{
    if (demand(c, message->len == 0, PLANT_TRAILING_BYTES, ALERT_DECODE_ERROR,
               "a ServerHelloDone that is not empty") != 0 ||
        (c->own_share == NULL && !exchanges_by_rsa(c) && without_key_exchange(c) != 0))
        return -1;
    if (c->asked && send_certificate(c) != 0)
        return -1;
    if (send_client_key(c) != 0 || schedule12(c) != 0 ||
        (c->asked && own_scheme(c) != 0 && send_verify(c) != 0))
        return -1;
    c->state = WAIT_12_CHANGE;
    return send_finished12(c);
}

/* For a careless end, which takes any Finished for the last word: no keys, no certificate. */
int client12_shortcut(conn *c, const struct handshake_message *message)
{
    (void)message;
    c->state = CONNECTED;
    return 0;
}

int client12_finished(conn *c, const struct handshake_message *message)
{
    c->state = CONNECTED;
    return read_finished12(c, message);
}

/* ---- the server ---- */

static int send_key_exchange(conn *c)
{
    uint8_t share[SHARE_MAX];
    size_t share_len = 0;
    struct writer body, content;
    if (share_write(share, &share_len, c->own_share) != 0)
        return refuse(c, ALERT_INTERNAL_ERROR, "no key share");
    writer_init(&body, HANDSHAKE_BODY_MAX);
    writer_u8(&body, NAMED_CURVE);
    writer_u16(&body, c->group);
    size_t mark = writer_open(&body, 1);
    writer_bytes(&body, share, share_len);
    writer_close(&body, mark, 1);
    signed_params(c, &content, body.data, body.len);
    int result = write_signature(c, &body, content.data, content.len);
    if (result == 0)
        send_message(c, HANDSHAKE_SERVER_KEY_EXCHANGE, &body);
    writer_fini(&content);
    writer_fini(&body);
    return result;
}

static void send_request(conn *c)
{
    enum { RSA_SIGN = 1, ECDSA_SIGN = 64 };
    static const uint16_t schemes[] = { SCHEME_ECDSA_P256_SHA256, SCHEME_RSA_PSS_SHA256,
                                        SCHEME_RSA_PKCS1_SHA256 };
    struct writer body;
    writer_init(&body, HANDSHAKE_BODY_MAX);
    size_t types = writer_open(&body, 1);
    writer_u8(&body, ECDSA_SIGN);
    writer_u8(&body, RSA_SIGN);
    writer_close(&body, types, 1);
    size_t list = writer_open(&body, 2);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        writer_u16(&body, schemes[i]);
    writer_close(&body, list, 2);
    writer_u16(&body, 0); /* any authority */
    send_message(c, HANDSHAKE_CERTIFICATE_REQUEST, &body);
    writer_fini(&body);
    c->asked = true;
}

int server12_flight(conn *c)
{
    struct writer empty;
    if (send_certificate(c) != 0 || (!exchanges_by_rsa(c) && send_key_exchange(c) != 0))
        return -1;
    if (c->endpoint.verify != VERIFY_NONE)
        send_request(c);
    writer_init(&empty, 1);
    send_message(c, HANDSHAKE_SERVER_HELLO_DONE, &empty);
    writer_fini(&empty);
    c->state = c->asked ? WAIT_12_CLIENT_CERTIFICATE : WAIT_12_CLIENT_KEY;
    return 0;
}

int server12_certificate(conn *c, const struct handshake_message *message)
{
    size_t num;
    if (certificates_read(c, &num, message) != 0)
        return -1;
    c->state = WAIT_12_CLIENT_KEY;
    return demand(c, num > 0 || c->endpoint.verify != VERIFY_REQUIRE, PLANT_CLIENT_CERTIFICATE,
                  ALERT_HANDSHAKE_FAILURE, "a client without a certificate");
}

static int take_client_key(conn *c, struct reader share)
{
    if (!exchanges_by_rsa(c))
        return use_share(c, share.data, share.len);
    int result = premaster_open(c->shared_secret, c->context->credential->key, c->offered_version,
                                share.data, share.len);
    ERR_clear_error();
    c->shared_secret_len = PREMASTER_LEN;
    return result == 0 ? 0 : refuse(c, ALERT_INTERNAL_ERROR, "decrypting failed");
}

int server12_key(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct reader share = reader_block(&body, exchanges_by_rsa(c) ? 2 : 1);
    if (demand(c, !share.failed && reader_done(&body),
               share.failed ? PLANT_NONE : PLANT_TRAILING_BYTES, ALERT_DECODE_ERROR,
               "a ClientKeyExchange that does not parse") != 0 ||
        take_client_key(c, share) != 0)
        return -1;
    c->state = c->peer_leaf != NULL ? WAIT_12_VERIFY : WAIT_12_CHANGE;
    return schedule12(c);
}

int server12_verify(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    c->state = WAIT_12_CHANGE;
    return check_signature(c, &body, c->transcript.data, c->transcript.len, PLANT_CLIENT_SIGNATURE);
}

int server12_finished(conn *c, const struct handshake_message *message)
{
    if (read_finished12(c, message) != 0)
        return -1;
    c->state = CONNECTED;
    handshake_write(&c->transcript, HANDSHAKE_FINISHED, message->body, message->len);
    return send_finished12(c);
}
