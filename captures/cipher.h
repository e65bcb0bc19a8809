/* Record protection undone: what each cipher suite does to a record (RFC 5246 section 6.2.3, RFC
 * 8446 section 5.2, RFC 7366, 5288, 6655, 7905, 6367, 6209), by libcrypto. For tls_decrypt.c.
 *
 * Everything is verified: a record is only ever opened with the MAC or tag that it wants. */
#ifndef TLSMATRIX_CAPTURES_CIPHER_H
#define TLSMATRIX_CAPTURES_CIPHER_H

#include "harness/wire/registry.h"

#include <openssl/evp.h>

enum {
    CIPHER_KEY_MAX = 32,
    CIPHER_IV_MAX = 16,
    CIPHER_MAC_MAX = 48,
    CIPHER_HASH_MAX = 48,
    CIPHER_OVERHEAD_MAX = 512, /* what a content may be shorter than its fragment, and then some */
};

struct cipher; /* a row of the table */

/* What a suite uses in a version. */
struct suite_parts {
    const struct cipher *cipher;
    const char *mac;  /* digest of the HMAC, as libcrypto names it; NULL: AEAD */
    const char *hash; /* of the PRF or of HKDF; NULL: MD5 and SHA-1 (TLS before 1.2) */
    size_t mac_len;
};

/* NULL, or why records of this suite cannot be opened (a static text). */
const char *suite_parts_of(struct suite_parts *out, const struct suite *suite, uint16_t version);

size_t cipher_key_len(const struct cipher *cipher);
/* How much IV the key block of TLS 1.2 and before holds, or of 1.3 "iv" gives. */
size_t cipher_iv_len(const struct cipher *cipher, uint16_t version);
/* What each record carries before its content: explicit nonce, or IV of CBC. */
size_t cipher_record_iv_len(const struct cipher *cipher, uint16_t version);
/* Of AEAD; 0 else. */
size_t cipher_tag_len(const struct cipher *cipher);
/* Of CBC; 0 else. */
size_t cipher_block_len(const struct cipher *cipher);

/* One direction under one key. */
struct cipher_state {
    struct suite_parts parts;
    uint16_t version; /* negotiated */
    bool encrypt_then_mac;
    uint64_t seq;
    EVP_CIPHER_CTX *context; /* keyed; owned */
    uint8_t key[CIPHER_KEY_MAX];
    uint8_t iv[CIPHER_IV_MAX]; /* of CBC in TLS 1.0: the last block that was sent */
    uint8_t mac_key[CIPHER_MAC_MAX];
    bool ready;
};

/* Copies keys of the lengths that the suite has; `mac_key` may be NULL for AEAD. False: libcrypto
 * refuses. */
bool cipher_state_init(struct cipher_state *state, const struct suite_parts *parts,
                       uint16_t version, bool encrypt_then_mac, const uint8_t *key,
                       const uint8_t *iv, const uint8_t *mac_key);
void cipher_state_fini(struct cipher_state *state);

/* The protected part of a record, and its header's values as on the wire. */
struct sealed {
    uint8_t type;
    uint16_t version;
    const uint8_t *data;
    size_t len;
};

/* Opens one record with the present sequence number into `out`, which has room for sealed->len +
 * CIPHER_OVERHEAD_MAX bytes; then the next number's turn comes. *len and *padding_len are those of
 * the content; in TLS 1.3 it still has its inner type and padding. False: it does not open, and
 * nothing changes but `out`. */
bool cipher_open(struct cipher_state *state, uint8_t *out, size_t *len, size_t *padding_len,
                 const struct sealed *sealed);

/* Passes over a record that does not open. */
void cipher_pass(struct cipher_state *state, const struct sealed *sealed);

/* ---- key schedule ---- */

/* RFC 5246 section 5, RFC 2246 section 5: the PRF. `label` and `seed` are a few dozen bytes. */
bool tls12_prf(uint8_t *out, size_t len, const char *hash, const uint8_t *secret, size_t secret_len,
               const char *label, const uint8_t *seed, size_t seed_len);

/* RFC 5246 section 6.3, RFC 2246 section 6.3: the key block. */
bool tls12_key_block(uint8_t *out, size_t len, const char *hash, const uint8_t *master,
                     size_t master_len, const uint8_t server_random[32],
                     const uint8_t client_random[32]);

/* RFC 8446 section 7.1: HKDF-Expand-Label; the context is at most a hash. */
bool tls13_expand_label_of(uint8_t *out, size_t len, const char *hash, const uint8_t *secret,
                           size_t secret_len, const char *label, const uint8_t *context,
                           size_t context_len);

/* The same with an empty context. */
bool tls13_expand_label(uint8_t *out, size_t len, const char *hash, const uint8_t *secret,
                        size_t secret_len, const char *label);

#endif
