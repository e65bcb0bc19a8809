/* Cipher suites: OpenSSL takes names of its own, one list for TLS 1.3 and one for the rest. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

struct known_suite {
    uint16_t id;
    const char *name; /* OpenSSL's; static in the library */
};

static struct known_suite known[CAPABILITY_SUITES_MAX];
static size_t num_known;

/* Everything that the library was built with, including what its defaults leave out. */
static const char everything_old[] = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
static const char everything_tls13[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
    "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";

static void load_known(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    if (ctx == NULL || SSL_CTX_set_ciphersuites(ctx, everything_tls13) != 1 ||
        SSL_CTX_set_cipher_list(ctx, everything_old) != 1) {
        SSL_CTX_free(ctx);
        return;
    }
    STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(ctx);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers) && num_known < CAPABILITY_SUITES_MAX; i++) {
        const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ciphers, i);
        known[num_known].id = SSL_CIPHER_get_protocol_id(cipher);
        known[num_known++].name = SSL_CIPHER_get_name(cipher);
    }
    SSL_CTX_free(ctx);
}

static const char *library_name(uint16_t suite)
{
    if (num_known == 0)
        load_known();
    for (size_t i = 0; i < num_known; i++)
        if (known[i].id == suite)
            return known[i].name;
    return NULL;
}

bool dialect_has_suite(uint16_t suite)
{
    return library_name(suite) != NULL;
}

/* The longest of OpenSSL's names has 31 characters. */
enum { CIPHER_LIST_LEN = CONFIG_SUITES_MAX * 40 };

static void append(char list[CIPHER_LIST_LEN], const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, CIPHER_LIST_LEN - used, "%s%s", used == 0 ? "" : ":", name);
}

int dialect_set_suites(SSL_CTX *ctx, const uint16_t *suite_ids, size_t num_ids, struct error *err)
{
    char tls13[CIPHER_LIST_LEN] = "", old[CIPHER_LIST_LEN] = "";
    for (size_t i = 0; i < num_ids; i++) {
        const struct suite *suite = suite_by_id(suite_ids[i]);
        bool is_tls13 = suite != NULL && suite->kx == KX_TLS13;
        append(is_tls13 ? tls13 : old, library_name(suite_ids[i]));
    }
    if (SSL_CTX_set_ciphersuites(ctx, tls13) != 1)
        return libssl_error(err, ERROR_USAGE, "ciphersuites %s", tls13);
    /* An empty list is an error to OpenSSL; versions keep the old suites out then. */
    if (old[0] != '\0' && SSL_CTX_set_cipher_list(ctx, old) != 1)
        return libssl_error(err, ERROR_USAGE, "cipher list %s", old);
    return 0;
}
