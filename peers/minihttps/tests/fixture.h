/* What the tests share: authorities and servers in memory, and one session taken apart. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_TESTS_FIXTURE_H
#define TLSMATRIX_PEERS_MINIHTTPS_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peers/minihttps/credentials.h"
#include "peers/minihttps/minihttps.h"

#include <stdlib.h>
#include <string.h>

#define TEST_TIME INT64_C(1754006400) /* 2025-08-01 00:00:00 UTC */
#define TEST_TEXT "100% legit!"
#define DAY       INT64_C(86400)

#define assert_fault(got, wanted)                                                                  \
    assert_string_equal(minihttps_fault_name(got), minihttps_fault_name(wanted))

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

static inline X509 *issue(const char *name, EVP_PKEY *key, const struct authority *issuer,
                          bool authority)
{
    struct issue_order order = { .name = name,
                                 .key = key,
                                 .issuer = issuer != NULL ? issuer->certificate : NULL,
                                 .issuer_key = issuer != NULL ? issuer->key : NULL,
                                 .authority = authority,
                                 .time = TEST_TIME };
    X509 *certificate = certificate_issue(&order, NULL);
    assert_non_null(certificate);
    return certificate;
}

static inline struct authority authority_new(const char *name, const struct authority *issuer)
{
    EVP_PKEY *key = key_generate();
    assert_non_null(key);
    return (struct authority){ key, issue(name, key, issuer, true) };
}

static inline void authority_free(struct authority *authority)
{
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
}

static inline struct bytes bytes_copy(const void *data, size_t len)
{
    struct bytes copy = { malloc(len + 1), len };
    assert_non_null(copy.data);
    memcpy(copy.data, data, len);
    copy.data[len] = '\0';
    return copy;
}

static inline struct bytes certificate_bytes(X509 *certificate)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    assert_true(len > 0);
    struct bytes copy = bytes_copy(der, (size_t)len);
    OPENSSL_free(der);
    return copy;
}

/* A server for the name with a key of its own, whose certificate the authority issued. */
static inline struct minihttps_identity identity_new(const char *name,
                                                     const struct authority *issuer)
{
    struct minihttps_identity identity = { .key = key_generate() };
    X509 *certificate = issue(name, identity.key, issuer, false);
    identity.certificate = certificate_bytes(certificate);
    identity.text = bytes_copy(TEST_TEXT, sizeof TEST_TEXT - 1);
    X509_free(certificate);
    return identity;
}

/* Hexadecimal to bytes; the number of them. */
static inline size_t unhex(uint8_t *out, const char *hex)
{
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len; i++) {
        char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return len;
}

#endif
