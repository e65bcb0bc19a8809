/* By hand: cipher strings and PEM files as readable text. */
#include "peers/libssl/dialect.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

/* Some libraries list these whatever the string says; it never stands for them. */
static bool is_tls13(const SSL_CIPHER *cipher)
{
    const struct suite *suite = suite_by_id(SSL_CIPHER_get_protocol_id(cipher));
    return suite != NULL && suite->kx == KX_TLS13;
}

int libssl_print_ciphers(FILE *out, const char *selection, struct error *err)
{
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    if (ctx == NULL)
        return libssl_error(err, ERROR_HARNESS, "SSL_CTX_new");
    if (SSL_CTX_set_cipher_list(ctx, selection) != 1) {
        SSL_CTX_free(ctx);
        return libssl_error(err, ERROR_USAGE, "\"%s\" selects nothing", selection);
    }
    STACK_OF(SSL_CIPHER) *chosen = SSL_CTX_get_ciphers(ctx);
    for (size_t i = 0; i < (size_t)sk_SSL_CIPHER_num(chosen); i++) {
        const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(chosen, i);
        if (is_tls13(cipher))
            continue;
        fprintf(out, "0x%04X  %-50s  %s\n", (unsigned)SSL_CIPHER_get_protocol_id(cipher),
                SSL_CIPHER_standard_name(cipher), SSL_CIPHER_get_name(cipher));
    }
    SSL_CTX_free(ctx);
    return 0;
}

static bool print_certificate(BIO *out, const unsigned char *der, long der_len)
{
    X509 *certificate = d2i_X509(NULL, &der, der_len);
    bool printed = certificate != NULL && X509_print(out, certificate) == 1;
    X509_free(certificate);
    return printed;
}

/* EdDSA keys (RFC 8410), for which BoringSSL has no text. */
static bool print_raw_key(BIO *out, const EVP_PKEY *key)
{
    unsigned char raw[64];
    size_t raw_len = sizeof raw;
    if (EVP_PKEY_get_raw_public_key(key, raw, &raw_len) != 1)
        return false;
    BIO_printf(out, "    %s, %zu bytes:\n    ", OBJ_nid2ln(EVP_PKEY_id(key)), raw_len);
    for (size_t i = 0; i < raw_len; i++)
        BIO_printf(out, "%02x", raw[i]);
    return BIO_printf(out, "\n") > 0;
}

/* Only the public half: such output ends up in logs. */
static bool print_key(BIO *out, EVP_PKEY *key, const char *title)
{
    bool printed = key != NULL && BIO_printf(out, "%s\n", title) > 0 &&
                   (print_raw_key(out, key) || EVP_PKEY_print_public(out, key, 4, NULL) == 1);
    if (printed)
        ERR_clear_error(); /* what print_raw_key() left for a key of another kind */
    EVP_PKEY_free(key);
    return printed;
}

static bool print_private_key(BIO *out, const unsigned char *der, long der_len)
{
    return print_key(out, d2i_AutoPrivateKey(NULL, &der, der_len), "Private key, its public half:");
}

static bool print_public_key(BIO *out, const unsigned char *der, long der_len)
{
    return print_key(out, d2i_PUBKEY(NULL, &der, der_len), "Public key:");
}

/* The kinds of PEM block that this understands (RFC 7468; the older key names are OpenSSL's). */
static const struct {
    const char *label;
    bool (*print)(BIO *out, const unsigned char *der, long der_len);
} blocks[] = {
    { "CERTIFICATE", print_certificate },    { "X509 CERTIFICATE", print_certificate },
    { "PRIVATE KEY", print_private_key },    { "RSA PRIVATE KEY", print_private_key },
    { "EC PRIVATE KEY", print_private_key }, { "DSA PRIVATE KEY", print_private_key },
    { "PUBLIC KEY", print_public_key },
};

static bool print_block(BIO *out, const char *label, const unsigned char *der, long der_len)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (strcmp(blocks[i].label, label) == 0)
            return blocks[i].print(out, der, der_len);
    return BIO_printf(out, "%s: %ld bytes\n", label, der_len) > 0;
}

/* Prints block after block. */
static int print_blocks(BIO *out, BIO *in, const char *path, struct error *err)
{
    char *label, *header;
    unsigned char *der;
    long der_len;
    size_t num_blocks = 0;
    while (PEM_read_bio(in, &label, &header, &der, &der_len) == 1) {
        num_blocks++;
        bool printed = print_block(out, label, der, der_len);
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_free(der);
        if (!printed)
            return libssl_error(err, ERROR_USAGE, "%s: block %zu is not readable", path,
                                num_blocks);
    }
    if (num_blocks == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return libssl_error(err, ERROR_USAGE, "%s: not a PEM file", path);
    ERR_clear_error();
    return 0;
}

int libssl_describe_file(FILE *out, const char *path, struct error *err)
{
    ERR_clear_error();
    BIO *in = BIO_new_file(path, "r");
    if (in == NULL) {
        error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
        ERR_clear_error();
        return -1;
    }
    BIO *text = BIO_new_fp(out, BIO_NOCLOSE);
    int result = text == NULL ? libssl_error(err, ERROR_HARNESS, "BIO_new_fp")
                              : print_blocks(text, in, path, err);
    BIO_free(text);
    BIO_free(in);
    return result;
}
