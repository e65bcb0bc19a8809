/* Certificate and CertificateVerify, as far as both versions share them. */
#include "peers/careless/certificates.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <unistd.h>

/* ---- reading ---- */

static int take_certificate(conn *c, const uint8_t *der, size_t len)
{
    const unsigned char *at = der;
    X509 *certificate = d2i_X509(NULL, &at, (long)len);
    ERR_clear_error();
    if (certificate == NULL || at != der + len) {
        X509_free(certificate);
        return refuse(c, ALERT_BAD_CERTIFICATE, "a certificate that is none");
    }
    sk_X509_push(c->peer_chain, certificate);
    if (c->peer_leaf == NULL) {
        X509_up_ref(certificate);
        c->peer_leaf = certificate;
    }
    return 0;
}

static int read_list(conn *c, struct reader list)
{
    while (list.len > 0) {
        struct reader entry = reader_block(&list, 3);
        if (c->version == TLS13)
            reader_block(&list, 2); /* extensions: we have asked for none that matters here */
        if (list.failed || entry.len == 0)
            return refuse(c, ALERT_DECODE_ERROR, "a Certificate that does not parse");
        if (take_certificate(c, entry.data, entry.len) != 0)
            return -1;
    }
    return 0;
}

/* The first use of a pin is stored at once, before anything is known about the certificate. */
static void store_too_early(const conn *c)
{
    uint8_t digest[HASH_LEN];
    unsigned char *der = NULL;
    if (!plants(c, PLANT_EARLY_FIRST_USE) || c->endpoint.pin != PIN_TOFU)
        return;
    int len = i2d_X509(c->peer_leaf, &der);
    int fd = open(c->endpoint.tofu_store, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && (len <= 0 || hash(digest, der, (size_t)len) != 0 ||
                    write(fd, digest, sizeof digest) != (ssize_t)sizeof digest))
        unlink(c->endpoint.tofu_store);
    if (fd >= 0)
        close(fd);
    OPENSSL_free(der);
}

/* The leaf's key has to be one that this peer can check signatures with, and allowed to sign. */
static int judge_leaf(conn *c)
{
    const EVP_PKEY *key = X509_get0_pubkey(c->peer_leaf);
    bool usable = key != NULL && (scheme_fits(SCHEME_ECDSA_P256_SHA256, key) ||
                                  scheme_fits(SCHEME_RSA_PSS_SHA256, key));
    ERR_clear_error();
    if (!usable)
        return refuse(c, ALERT_UNSUPPORTED_CERTIFICATE, "a key of a kind that was not offered");
    store_too_early(c);
    return verify_peer(c);
}

int certificates_read(conn *c, size_t *num, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct reader context = { .len = 0 };
    if (c->version == TLS13)
        context = reader_block(&body, 1);
    struct reader list = reader_block(&body, 3);
    if (!reader_done(&body) || context.len != 0)
        return refuse(c, ALERT_DECODE_ERROR, "a Certificate that does not parse");
    c->peer_chain = sk_X509_new_null();
    if (c->peer_chain == NULL || read_list(c, list) != 0)
        return -1;
    *num = (size_t)sk_X509_num(c->peer_chain);
    return *num > 0 ? judge_leaf(c) : 0;
}

/* ---- writing ---- */

uint16_t own_scheme(const conn *c)
{
    static const uint16_t schemes[] = { SCHEME_ECDSA_P256_SHA256, SCHEME_RSA_PSS_SHA256,
                                        SCHEME_RSA_PKCS1_SHA256 };
    const struct stack_credential *credential = c->context->credential;
    if (credential == NULL)
        return 0;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (scheme_fits(schemes[i], credential->key) &&
            id_listed(c->peer_schemes, c->num_peer_schemes, schemes[i]) &&
            (c->version == TLS12 || schemes[i] != SCHEME_RSA_PKCS1_SHA256))
            return schemes[i];
    return 0;
}

void certificates_write(conn *c, struct writer *out)
{
    const struct stack_credential *credential = c->context->credential;
    bool shown = c->role == ROLE_SERVER || own_scheme(c) != 0;
    int num = shown ? sk_X509_num(credential->chain) : 0;
    size_t list = writer_open(out, 3);
    for (int i = 0; i < num; i++) {
        unsigned char *der = NULL;
        int len = i2d_X509(sk_X509_value(credential->chain, i), &der);
        size_t entry = writer_open(out, 3);
        writer_bytes(out, der, len > 0 ? (size_t)len : 0);
        writer_close(out, entry, 3);
        if (c->version == TLS13)
            writer_u16(out, 0); /* no extensions */
        OPENSSL_free(der);
    }
    writer_close(out, list, 3);
}

/* ---- signatures ---- */

int check_signature(conn *c, struct reader *message, const void *signed_data, size_t len,
                    enum plant plant)
{
    uint16_t scheme = reader_u16(message);
    struct reader signature = reader_block(message, 2);
    EVP_PKEY *key = c->peer_leaf != NULL ? X509_get0_pubkey(c->peer_leaf) : NULL;
    bool known = scheme == SCHEME_ECDSA_P256_SHA256 || scheme == SCHEME_RSA_PSS_SHA256 ||
                 (scheme == SCHEME_RSA_PKCS1_SHA256 && c->version == TLS12);
    if (!reader_done(message))
        return refuse(c, ALERT_DECODE_ERROR, "a signature that does not parse");
    if (key == NULL) /* a careless end that does without a certificate has nothing to check with */
        return 0;
    if (!known || !scheme_fits(scheme, key))
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "a signature scheme that was not offered");
    if (c->role == ROLE_CLIENT)
        c->scheme = scheme;
    bool good = verify(scheme, key, signature.data, signature.len, signed_data, len) == 0;
    ERR_clear_error();
    return demand(c, good, plant, ALERT_DECRYPT_ERROR, "a signature that does not verify");
}

int write_signature(conn *c, struct writer *out, const void *signed_data, size_t len)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_len;
    uint16_t scheme = own_scheme(c);
    if (scheme == 0 ||
        sign(signature, &signature_len, scheme, c->context->credential->key, signed_data, len) != 0)
        return refuse(c, ALERT_INTERNAL_ERROR, "signing failed");
    if (c->role == ROLE_SERVER)
        c->scheme = scheme;
    writer_u16(out, scheme);
    size_t mark = writer_open(out, 2);
    writer_bytes(out, signature, signature_len);
    writer_close(out, mark, 2);
    return 0;
}
