#include "captures/gcm.h"

#include <string.h>

enum { BLOCK = 16 };

/* Encrypts or decrypts with the counter beginning at `counter`. */
static bool count(const struct gcm *gcm, uint8_t *out, const uint8_t counter[BLOCK],
                  const uint8_t *in, size_t len)
{
    int got = 0;
    if (EVP_EncryptInit_ex2(gcm->context, gcm->counter_mode, gcm->key, counter, NULL) != 1)
        return false;
    return len == 0 || EVP_EncryptUpdate(gcm->context, out, &got, in, (int)len) == 1;
}

/* A block as a polynomial over GF(2): SP 800-38D section 6.3. */
struct element {
    uint64_t high, low;
};

static uint64_t load(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

static void store(uint8_t *at, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
}

static struct element multiply(struct element x, struct element y)
{
    struct element product = { 0, 0 };
    for (int i = 0; i < 128; i++) {
        uint64_t bit = (i < 64 ? x.high >> (63 - i) : x.low >> (127 - i)) & 1;
        product.high ^= y.high & -bit;
        product.low ^= y.low & -bit;
        uint64_t carry = y.low & 1;
        y.low = y.low >> 1 | y.high << 63;
        y.high = y.high >> 1 ^ (0xE100000000000000u & -carry);
    }
    return product;
}

/* Takes in `len` bytes, padded with zeros to whole blocks. */
static struct element absorb(struct element sum, struct element key, const uint8_t *data,
                             size_t len)
{
    for (; len > 0;) {
        uint8_t block[BLOCK] = { 0 };
        size_t piece = len < BLOCK ? len : BLOCK;
        memcpy(block, data, piece);
        sum.high ^= load(block);
        sum.low ^= load(block + 8);
        sum = multiply(sum, key);
        data += piece;
        len -= piece;
    }
    return sum;
}

bool gcm_open(const struct gcm *gcm, uint8_t *out, const uint8_t nonce[GCM_NONCE_LEN],
              const uint8_t *aad, size_t aad_len, const uint8_t *text, size_t len,
              const uint8_t tag[GCM_TAG_LEN])
{
    static const uint8_t zero[BLOCK];
    uint8_t counter[BLOCK] = { 0 }, hash_key[BLOCK], mask[BLOCK], lengths[BLOCK], own[BLOCK];
    memcpy(counter, nonce, GCM_NONCE_LEN);
    if (!count(gcm, hash_key, zero, zero, BLOCK)) /* the block cipher itself */
        return false;
    counter[BLOCK - 1] = 1;
    if (!count(gcm, mask, counter, zero, BLOCK))
        return false;
    struct element key = { load(hash_key), load(hash_key + 8) }, sum = { 0, 0 };
    sum = absorb(sum, key, aad, aad_len);
    sum = absorb(sum, key, text, len);
    store(lengths, (uint64_t)aad_len * 8);
    store(lengths + 8, (uint64_t)len * 8);
    sum = absorb(sum, key, lengths, sizeof lengths);
    store(own, sum.high);
    store(own + 8, sum.low);
    for (size_t i = 0; i < BLOCK; i++)
        own[i] ^= mask[i];
    counter[BLOCK - 1] = 2;
    return memcmp(own, tag, GCM_TAG_LEN) == 0 && count(gcm, out, counter, text, len);
}
