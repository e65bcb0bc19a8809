#include "peers/careless/protection.h"

#include "harness/wire/registry.h"

#include <openssl/rand.h>
#include <string.h>

enum {
    EXTRA12_LEN = 13 /* additional_data, and what a MAC begins with (RFC 5246 section 6.2.3) */
};

static void put_sequence(uint8_t out[SEQUENCE_LEN], uint64_t sequence)
{
    for (size_t i = SEQUENCE_LEN; i > 0; i--, sequence >>= 8)
        out[i - 1] = (uint8_t)sequence;
}

static void extra12(uint8_t out[EXTRA12_LEN], uint64_t sequence, uint8_t type, size_t len)
{
    put_sequence(out, sequence);
    uint8_t *rest = out + SEQUENCE_LEN;
    rest[0] = type;
    rest[1] = TLS12 >> 8;
    rest[2] = TLS12 & 0xFF;
    rest[3] = (uint8_t)(len >> 8);
    rest[4] = (uint8_t)len;
}

/* The nonce is the number over the IV where nothing of it is sent (RFC 8446 section 5.3, RFC 7905
 * section 2), else the two parts behind each other (RFC 5288 section 3). */
static void make_nonce(uint8_t out[NONCE_LEN], const struct protection *p, uint16_t version,
                       const uint8_t *explicit, uint64_t sequence)
{
    uint8_t number[SEQUENCE_LEN];
    memcpy(out, p->iv, NONCE_LEN);
    if (version != TLS13 && p->cipher->explicit_len > 0) {
        memcpy(out + p->cipher->fixed_len, explicit, p->cipher->explicit_len);
        return;
    }
    put_sequence(number, sequence);
    for (size_t i = 0; i < SEQUENCE_LEN; i++)
        out[NONCE_LEN - SEQUENCE_LEN + i] ^= number[i];
}

/* ---- AEAD ---- */

static int protect13(struct writer *out, struct protection *p, uint8_t type, const void *data,
                     size_t len)
{
    uint8_t inner[AEAD_CONTENT_MAX + INNER_TYPE_LEN], nonce[NONCE_LEN];
    uint8_t sealed[sizeof inner + TAG_LEN];
    size_t sealed_len = len + INNER_TYPE_LEN + TAG_LEN;
    uint8_t header[] = { CONTENT_APPLICATION_DATA, TLS12 >> 8, TLS12 & 0xFF,
                         (uint8_t)(sealed_len >> 8), (uint8_t)sealed_len };
    if (len > 0)
        memcpy(inner, data, len);
    inner[len] = type;
    make_nonce(nonce, p, TLS13, NULL, p->sequence++);
    if (seal(sealed, p->cipher->evp(), p->key, nonce, header, sizeof header, inner,
             len + INNER_TYPE_LEN) != 0)
        return -1;
    writer_bytes(out, header, sizeof header);
    writer_bytes(out, sealed, sealed_len);
    return 0;
}

static int protect12(struct writer *out, struct protection *p, uint8_t type, const void *data,
                     size_t len, bool same_nonce)
{
    uint8_t sealed[SEQUENCE_LEN + AEAD_CONTENT_MAX + TAG_LEN];
    uint8_t nonce[NONCE_LEN], extra[EXTRA12_LEN];
    size_t explicit_len = p->cipher->explicit_len;
    put_sequence(sealed, same_nonce ? 7 : p->sequence);
    make_nonce(nonce, p, TLS12, sealed, p->sequence);
    extra12(extra, p->sequence++, type, len);
    if (seal(sealed + explicit_len, p->cipher->evp(), p->key, nonce, extra, sizeof extra, data,
             len) != 0)
        return -1;
    record_write(out, type, TLS12, sealed, explicit_len + len + TAG_LEN);
    return 0;
}

static int open_aead(uint8_t *out, size_t *out_len, const struct protection *p, uint16_t version,
                     const struct record *record, uint64_t sequence)
{
    uint8_t nonce[NONCE_LEN], extra[EXTRA12_LEN];
    bool tls13 = version == TLS13;
    size_t explicit_len = tls13 ? 0 : p->cipher->explicit_len;
    *out_len = record->fragment_len - explicit_len - TAG_LEN;
    make_nonce(nonce, p, version, record->fragment, sequence);
    extra12(extra, sequence, record->type, *out_len);
    return open_sealed(out, p->cipher->evp(), p->key, nonce, tls13 ? record->data : extra,
                       tls13 ? (size_t)RECORD_HEADER_LEN : sizeof extra,
                       record->fragment + explicit_len, *out_len);
}

/* ---- CBC ---- */

/* Over what stands before it: `len` is of the content, or (RFC 7366 section 3) of all that is
 * encrypted, with the IV. */
static int record_mac(uint8_t out[MAC_LEN], const struct protection *p, uint64_t sequence,
                      uint8_t type, const uint8_t *data, size_t len)
{
    uint8_t extra[EXTRA12_LEN];
    struct writer covered;
    writer_init(&covered, EXTRA12_LEN + RECORD_LEN_MAX);
    extra12(extra, sequence, type, len);
    writer_bytes(&covered, extra, sizeof extra);
    writer_bytes(&covered, data, len);
    int result = covered.failed ? -1 : mac_sha1(out, p->mac_key, covered.data, covered.len);
    writer_fini(&covered);
    return result;
}

static int protect_cbc(struct writer *out, struct protection *p, uint8_t type, const void *data,
                       size_t len)
{
    uint8_t plain[CBC_CONTENT_MAX + MAC_LEN + BLOCK_LEN];
    uint8_t sealed[BLOCK_LEN + sizeof plain + MAC_LEN]; /* begins with the IV */
    uint64_t sequence = p->sequence++;
    if (len > 0)
        memcpy(plain, data, len);
    if (!p->mac_last) {
        if (record_mac(plain + len, p, sequence, type, plain, len) != 0)
            return -1;
        len += MAC_LEN;
    }
    size_t padding = BLOCK_LEN - len % BLOCK_LEN;
    memset(plain + len, (int)padding - 1, padding);
    len += padding;
    if (RAND_bytes(sealed, BLOCK_LEN) != 1 ||
        cbc(sealed + BLOCK_LEN, p->cipher->evp(), p->key, sealed, plain, len, true) != 0)
        return -1;
    len += BLOCK_LEN;
    if (p->mac_last) {
        if (record_mac(sealed + len, p, sequence, type, sealed, len) != 0)
            return -1;
        len += MAC_LEN;
    }
    record_write(out, type, TLS12, sealed, len);
    return 0;
}

/* Takes the padding off; -1: it is none (RFC 5246 section 6.2.3.2), or leaves less than `least`. */
static int take_padding(const uint8_t *plain, size_t *len, size_t least)
{
    size_t padding = (size_t)plain[*len - 1] + 1;
    if (padding + least > *len)
        return -1;
    for (size_t i = 1; i <= padding; i++)
        if (plain[*len - i] != padding - 1)
            return -1;
    *len -= padding;
    return 0;
}

/* Nothing here hides from a clock: what a padding oracle could ask, this peer has no secret for. */
static int open_cbc(uint8_t *out, size_t *out_len, const struct protection *p,
                    const struct record *record, uint64_t sequence)
{
    uint8_t expected[MAC_LEN];
    const uint8_t *iv = record->fragment;
    size_t covered_len = record->fragment_len - (p->mac_last ? MAC_LEN : 0);
    size_t len = covered_len - BLOCK_LEN;
    *out_len = len - len % BLOCK_LEN; /* a careless end takes what there is of whole blocks */
    if (cbc(out, p->cipher->evp(), p->key, iv, iv + BLOCK_LEN, *out_len, false) != 0 ||
        *out_len != len)
        return -1;
    if (p->mac_last) {
        bool good = record_mac(expected, p, sequence, record->type, iv, covered_len) == 0 &&
                    memcmp(expected, iv + covered_len, MAC_LEN) == 0;
        return take_padding(out, out_len, 0) == 0 && good ? 0 : -1;
    }
    if (take_padding(out, out_len, MAC_LEN) != 0)
        return -1;
    *out_len -= MAC_LEN;
    return record_mac(expected, p, sequence, record->type, out, *out_len) == 0 &&
                   memcmp(expected, out + *out_len, MAC_LEN) == 0
               ? 0
               : -1;
}

/* ---- all of them ---- */

int protect(struct writer *out, struct protection *p, uint16_t version, uint8_t type,
            const void *data, size_t len, bool same_nonce)
{
    bool block = p->cipher->mac_len > 0;
    size_t max = block ? CBC_CONTENT_MAX : AEAD_CONTENT_MAX;
    len = len < max ? len : max;
    if (block)
        return protect_cbc(out, p, type, data, len);
    return version == TLS13 ? protect13(out, p, type, data, len)
                            : protect12(out, p, type, data, len, same_nonce);
}

int unprotect(uint8_t out[RECORD_LEN_MAX], size_t *out_len, const struct protection *p,
              uint16_t version, const struct record *record, uint64_t sequence)
{
    return p->cipher->mac_len > 0 ? open_cbc(out, out_len, p, record, sequence)
                                  : open_aead(out, out_len, p, version, record, sequence);
}

size_t least_fragment(const struct protection *p, uint16_t version)
{
    enum { TWO_BLOCKS = 2 * BLOCK_LEN }; /* the least that a MAC of 20 bytes is padded to */
    if (version == TLS13)
        return TAG_LEN + INNER_TYPE_LEN;
    if (p->cipher->mac_len == 0)
        return p->cipher->explicit_len + TAG_LEN;
    return BLOCK_LEN + (p->mac_last ? BLOCK_LEN + MAC_LEN : TWO_BLOCKS);
}
