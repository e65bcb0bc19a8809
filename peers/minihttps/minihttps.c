#include "peers/minihttps/minihttps.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { HELLO_MIN = SPKI_LEN + SEAL_OVERHEAD }; /* below, there is no tag */

static enum minihttps_fault allocate(struct bytes *out, size_t len)
{
    unsigned char *data = malloc(len + 1);
    if (data == NULL)
        return FAULT_INTERNAL;
    data[len] = '\0';
    *out = (struct bytes){ data, len };
    return FAULT_NONE;
}

/* Hands `bytes` out, or frees them if there is a fault. */
static enum minihttps_fault give(struct bytes *out, struct bytes *bytes, enum minihttps_fault fault)
{
    if (fault == FAULT_NONE)
        *out = *bytes;
    else
        free(bytes->data);
    return fault;
}

static enum minihttps_fault seal_new(struct bytes *out, const uint8_t key[KEY_LEN],
                                     const uint8_t *plain, size_t len)
{
    struct bytes sealed;
    if (allocate(&sealed, len + SEAL_OVERHEAD) != FAULT_NONE)
        return FAULT_INTERNAL;
    return give(out, &sealed, seal(sealed.data, key, plain, len));
}

static enum minihttps_fault unseal_new(struct bytes *out, const uint8_t key[KEY_LEN],
                                       const uint8_t *sealed, size_t len)
{
    struct bytes plain;
    if (len < SEAL_OVERHEAD)
        return FAULT_TAG;
    if (len > MESSAGE_MAX)
        return FAULT_DECODE;
    if (allocate(&plain, len - SEAL_OVERHEAD) != FAULT_NONE)
        return FAULT_INTERNAL;
    return give(out, &plain, unseal(plain.data, key, sealed, len));
}

/* ---- server_hello ---- */

enum minihttps_fault signed_content(struct bytes *out, const uint8_t client_spki[SPKI_LEN],
                                    const uint8_t server_spki[SPKI_LEN],
                                    const struct bytes *certificate)
{
    enum minihttps_fault fault = allocate(out, 2 * SPKI_LEN + certificate->len);
    if (fault != FAULT_NONE)
        return fault;
    memcpy(out->data, client_spki, SPKI_LEN);
    memcpy(out->data + SPKI_LEN, server_spki, SPKI_LEN);
    memcpy(out->data + 2 * SPKI_LEN, certificate->data, certificate->len);
    return FAULT_NONE;
}

enum minihttps_fault hello_encode(struct bytes *out, const uint8_t spki[SPKI_LEN],
                                  const uint8_t key[KEY_LEN], const struct hello_proof *proof)
{
    const struct bytes *certificate = &proof->certificate;
    struct bytes plain, hello;
    if (allocate(&plain, SIGNATURE_LEN + certificate->len) != FAULT_NONE)
        return FAULT_INTERNAL;
    memcpy(plain.data, proof->signature, SIGNATURE_LEN);
    memcpy(plain.data + SIGNATURE_LEN, certificate->data, certificate->len);
    enum minihttps_fault fault = allocate(&hello, HELLO_MIN + plain.len);
    if (fault == FAULT_NONE) {
        memcpy(hello.data, spki, SPKI_LEN);
        fault = give(out, &hello, seal(hello.data + SPKI_LEN, key, plain.data, plain.len));
    }
    free(plain.data);
    return fault;
}

static enum minihttps_fault proof_decode(struct hello_proof *out, const struct bytes *plain)
{
    if (plain->len <= SIGNATURE_LEN || plain->len - SIGNATURE_LEN > CERTIFICATE_MAX)
        return FAULT_DECODE;
    struct bytes certificate;
    if (allocate(&certificate, plain->len - SIGNATURE_LEN) != FAULT_NONE)
        return FAULT_INTERNAL;
    memcpy(out->signature, plain->data, SIGNATURE_LEN);
    memcpy(certificate.data, plain->data + SIGNATURE_LEN, certificate.len);
    out->certificate = certificate;
    return FAULT_NONE;
}

enum minihttps_fault hello_decode(struct hello_proof *out, uint8_t key[KEY_LEN], EVP_PKEY *own,
                                  const uint8_t *hello, size_t len)
{
    EVP_PKEY *peer;
    struct bytes plain;
    enum minihttps_fault fault = spki_decode(&peer, hello, len < SPKI_LEN ? len : SPKI_LEN);
    if (fault != FAULT_NONE)
        return fault;
    fault = key_exchange(key, own, peer);
    EVP_PKEY_free(peer);
    if (fault == FAULT_NONE)
        fault = unseal_new(&plain, key, hello + SPKI_LEN, len - SPKI_LEN);
    if (fault != FAULT_NONE)
        return fault;
    fault = proof_decode(out, &plain);
    free(plain.data);
    return fault;
}

/* ---- client ---- */

int client_init(struct minihttps_client *out, const struct trust *trust, const char *name,
                int64_t time, struct error *err)
{
    struct minihttps_client client = { .trust = trust, .name = name, .time = time };
    if (trust != NULL && server_name_check(name, err) < 0)
        return -1;
    if (trust != NULL && trust->num_anchors == 0)
        return error_set(err, ERROR_USAGE, "no authority to trust");
    client.key = key_generate();
    if (client.key == NULL || spki_encode(client.hello, client.key) != FAULT_NONE) {
        EVP_PKEY_free(client.key);
        return error_set(err, ERROR_HARNESS, "cannot make a P-384 key");
    }
    *out = client;
    return 0;
}

void client_fini(struct minihttps_client *client)
{
    EVP_PKEY_free(client->key);
    OPENSSL_cleanse(client, sizeof *client);
}

static enum minihttps_fault check_signature(const struct minihttps_client *client,
                                            const uint8_t server_spki[SPKI_LEN],
                                            const struct hello_proof *proof, X509 *certificate)
{
    struct bytes content;
    uint8_t spki[SPKI_LEN];
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL || spki_encode(spki, key) != FAULT_NONE)
        return FAULT_KEY;
    enum minihttps_fault fault =
        signed_content(&content, client->hello, server_spki, &proof->certificate);
    if (fault != FAULT_NONE)
        return fault;
    fault = signature_check(proof->signature, key, content.data, content.len);
    free(content.data);
    return fault;
}

/* Certificate before signature: what the key of an untrusted certificate signed means nothing. */
static enum minihttps_fault check_proof(const struct minihttps_client *client,
                                        const uint8_t server_spki[SPKI_LEN],
                                        const struct hello_proof *proof)
{
    X509 *certificate = certificate_decode(proof->certificate.data, proof->certificate.len);
    if (certificate == NULL)
        return FAULT_DECODE;
    enum minihttps_fault fault =
        certificate_check(certificate, client->trust, client->name, client->time);
    if (fault == FAULT_NONE)
        fault = check_signature(client, server_spki, proof, certificate);
    X509_free(certificate);
    return fault;
}

enum minihttps_fault client_ready(uint8_t out[CLIENT_READY_LEN], struct minihttps_client *client,
                                  const uint8_t *server_hello, size_t len)
{
    struct hello_proof proof;
    uint8_t key[KEY_LEN];
    enum minihttps_fault fault = hello_decode(&proof, key, client->key, server_hello, len);
    if (fault != FAULT_NONE)
        return fault;
    if (client->trust != NULL)
        fault = check_proof(client, server_hello, &proof);
    free(proof.certificate.data);
    if (fault == FAULT_NONE)
        fault = seal(out, key, (const uint8_t *)READY_TEXT, sizeof READY_TEXT - 1);
    if (fault == FAULT_NONE)
        memcpy(client->session_key, key, KEY_LEN);
    OPENSSL_cleanse(key, sizeof key);
    return fault;
}

enum minihttps_fault client_data(struct bytes *out, const struct minihttps_client *client,
                                 const uint8_t *data, size_t len)
{
    return unseal_new(out, client->session_key, data, len);
}

/* ---- server ---- */

static enum minihttps_fault make_proof(struct hello_proof *out,
                                       const struct minihttps_identity *identity,
                                       const uint8_t client_spki[SPKI_LEN],
                                       const uint8_t server_spki[SPKI_LEN])
{
    struct bytes content;
    out->certificate = identity->certificate;
    enum minihttps_fault fault =
        signed_content(&content, client_spki, server_spki, &out->certificate);
    if (fault != FAULT_NONE)
        return fault;
    fault = signature_make(out->signature, identity->key, content.data, content.len);
    free(content.data);
    return fault;
}

static enum minihttps_fault answer_hello(struct bytes *out, struct minihttps_server *server,
                                         EVP_PKEY *own, EVP_PKEY *peer, const uint8_t *client_hello)
{
    uint8_t spki[SPKI_LEN];
    struct hello_proof proof;
    enum minihttps_fault fault = key_exchange(server->session_key, own, peer);
    if (fault == FAULT_NONE)
        fault = spki_encode(spki, own);
    if (fault == FAULT_NONE)
        fault = make_proof(&proof, server->identity, client_hello, spki);
    return fault == FAULT_NONE ? hello_encode(out, spki, server->session_key, &proof) : fault;
}

enum minihttps_fault server_hello(struct bytes *out, struct minihttps_server *server,
                                  const uint8_t *client_hello, size_t len)
{
    EVP_PKEY *peer;
    enum minihttps_fault fault = spki_decode(&peer, client_hello, len);
    if (fault != FAULT_NONE)
        return fault;
    EVP_PKEY *own = key_generate();
    fault = own != NULL ? answer_hello(out, server, own, peer, client_hello) : FAULT_INTERNAL;
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
    return fault;
}

enum minihttps_fault server_data(struct bytes *out, const struct minihttps_server *server,
                                 const uint8_t *ready, size_t len)
{
    const struct bytes *text = &server->identity->text;
    struct bytes said;
    enum minihttps_fault fault = unseal_new(&said, server->session_key, ready, len);
    if (fault != FAULT_NONE)
        return fault;
    bool ready_said =
        said.len == sizeof READY_TEXT - 1 && memcmp(said.data, READY_TEXT, said.len) == 0;
    free(said.data);
    return ready_said ? seal_new(out, server->session_key, text->data, text->len) : FAULT_READY;
}
