/* One direction's protection, and records in it (RFC 8446 section 5; RFC 5246 section 6.2.3, RFC
 * 5288, RFC 7366, RFC 7905). */
#ifndef TLSMATRIX_PEERS_CARELESS_PROTECTION_H
#define TLSMATRIX_PEERS_CARELESS_PROTECTION_H

#include "harness/wire/record.h"
#include "harness/wire/writer.h"
#include "peers/careless/crypto.h"

/* What a suite protects records with. */
struct cipher {
    const EVP_CIPHER *(*evp)(void);
    size_t key_len;
    size_t fixed_len;    /* TLS 1.2: the part of the nonce that comes from the key block */
    size_t explicit_len; /* likewise the part that stands in the record; CBC: the IV */
    size_t mac_len;      /* CBC: of the MAC and its key; 0: an AEAD */
};

struct protection {
    bool on;
    const struct cipher *cipher;
    bool mac_last; /* CBC: encrypt-then-MAC */
    uint8_t key[KEY_MAX];
    uint8_t mac_key[MAC_LEN];
    uint8_t iv[NONCE_LEN]; /* TLS 1.2: the fixed part */
    uint64_t sequence;
};

enum {
    INNER_TYPE_LEN = 1, /* TLSInnerPlaintext (RFC 8446 section 5.2) */
    /* All that a record's length can say of content, if somebody puts more than RFC 8446 allows:
     * less what each kind of protection adds. */
    AEAD_CONTENT_MAX = 0xFFFF - 8 - TAG_LEN,
    CBC_CONTENT_MAX = 0xFFFF - 2 * BLOCK_LEN - MAC_LEN,
};

/* Appends a record of this content, under the next sequence number. `same_nonce`: an explicit nonce
 * that was there before. What is longer than there is room for is cut. */
int protect(struct writer *out, struct protection *p, uint16_t version, uint8_t type,
            const void *data, size_t len, bool same_nonce);

/* Opens with this sequence number. -1: the record does not fit; what a careless end makes of it is
 * in `out` anyway, if the fragment has at least least_fragment() bytes. */
int unprotect(uint8_t out[RECORD_LEN_MAX], size_t *out_len, const struct protection *p,
              uint16_t version, const struct record *record, uint64_t sequence);

/* What is shorter cannot be protected. */
size_t least_fragment(const struct protection *p, uint16_t version);

#endif
