/* Cipher suites. BoringSSL takes a list for TLS <= 1.2 only. In TLS 1.3 a client always offers
 * AES_128_GCM, AES_256_GCM and CHACHA20_POLY1305, and a server chooses among what the client
 * offers of these three by its own preference (AES first where the processor has instructions for
 * it), whatever it is told: FEATURE_TLS13_SUITE_CHOICE is what it lacks. The other end's
 * restriction still decides. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

static const SSL_CIPHER *cipher_of(uint16_t suite)
{
    return SSL_get_cipher_by_value(suite);
}

bool dialect_has_suite(uint16_t suite)
{
    return cipher_of(suite) != NULL;
}

/* The longest of BoringSSL's names has 31 characters. */
enum { CIPHER_LIST_LEN = CONFIG_SUITES_MAX * 40 };

int dialect_set_suites(SSL_CTX *ctx, const uint16_t *suite_ids, size_t num_ids, struct error *err)
{
    char list[CIPHER_LIST_LEN] = "";
    for (size_t i = 0; i < num_ids; i++) {
        const SSL_CIPHER *cipher = cipher_of(suite_ids[i]);
        size_t used = strlen(list);
        if (SSL_CIPHER_get_min_version(cipher) < TLS13)
            snprintf(list + used, sizeof list - used, "%s%s", used == 0 ? "" : ":",
                     SSL_CIPHER_get_name(cipher));
    }
    /* An empty list is an error to BoringSSL; versions keep the old suites out then. */
    if (list[0] != '\0' && SSL_CTX_set_strict_cipher_list(ctx, list) != 1)
        return libssl_error(err, ERROR_USAGE, "cipher list %s", list);
    return 0;
}
