#include "captures/cipher.h"

#include "captures/cipher_parts.h"
#include "captures/gcm.h"

#include <openssl/core_names.h>
#include <string.h>

static bool key_context(struct cipher_state *state)
{
    const struct cipher *cipher = state->parts.cipher;
    EVP_CIPHER_CTX *context = state->context;
    if (cipher->mode == MODE_NULL || cipher->mode == MODE_OWN_GCM)
        return true;
    if (EVP_DecryptInit_ex2(context, cipher_algorithm(cipher), NULL, NULL, NULL) != 1)
        return false;
    if (cipher->mode == MODE_STREAM && EVP_CIPHER_CTX_set_key_length(context, cipher->key_len) != 1)
        return false;
    if (cipher->mode == MODE_CCM &&
        (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, NONCE_LEN, NULL) != 1 ||
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher->tag_len, NULL) != 1))
        return false;
    return EVP_DecryptInit_ex2(context, NULL, state->key, NULL, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(context, 0) == 1;
}

bool cipher_state_init(struct cipher_state *state, const struct suite_parts *parts,
                       uint16_t version, bool encrypt_then_mac, const uint8_t *key,
                       const uint8_t *iv, const uint8_t *mac_key)
{
    cipher_state_fini(state);
    state->parts = *parts;
    state->version = version;
    state->encrypt_then_mac = encrypt_then_mac && parts->cipher->mode == MODE_CBC;
    memcpy(state->key, key, parts->cipher->key_len);
    memcpy(state->iv, iv, cipher_iv_len(parts->cipher, version));
    if (mac_key != NULL)
        memcpy(state->mac_key, mac_key, parts->mac_len);
    state->context = EVP_CIPHER_CTX_new();
    state->ready = state->context != NULL && key_context(state);
    return state->ready;
}

void cipher_state_fini(struct cipher_state *state)
{
    EVP_CIPHER_CTX_free(state->context);
    *state = (struct cipher_state){ .ready = false };
}

static void put64(uint8_t *out, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)value;
}

enum { PSEUDO_HEADER_LEN = 13 };

/* Sequence number and record header, as MAC and AEAD of TLS 1.2 take them (RFC 5246 sections
 * 6.2.3.1 and 6.2.3.3). */
static void pseudo_header(uint8_t out[PSEUDO_HEADER_LEN], const struct cipher_state *state,
                          const struct sealed *sealed, size_t len)
{
    put64(out, state->seq);
    out[8] = sealed->type;
    out[9] = (uint8_t)(sealed->version >> 8);
    out[10] = (uint8_t)sealed->version;
    out[11] = (uint8_t)(len >> 8);
    out[12] = (uint8_t)len;
}

/* ---- AEAD ---- */

struct aead_input {
    uint8_t nonce[NONCE_LEN];
    uint8_t aad[PSEUDO_HEADER_LEN];
    size_t aad_len;
    const uint8_t *text; /* encrypted */
    size_t len;
    const uint8_t *tag;
};

/* RFC 8446 sections 5.2 and 5.3; RFC 7905 section 2. */
static void mask_nonce(struct aead_input *in, const struct cipher_state *state)
{
    memset(in->nonce, 0, NONCE_LEN);
    put64(in->nonce + NONCE_LEN - 8, state->seq);
    for (size_t i = 0; i < NONCE_LEN; i++)
        in->nonce[i] ^= state->iv[i];
}

static bool prepare_aead(struct aead_input *in, const struct cipher_state *state,
                         const struct sealed *sealed)
{
    const struct cipher *cipher = state->parts.cipher;
    bool explicit = state->version < TLS13 && cipher->mode != MODE_POLY1305;
    size_t front = explicit ? EXPLICIT_IV_LEN : 0;
    if (sealed->len < front + cipher->tag_len)
        return false;
    in->text = sealed->data + front;
    in->len = sealed->len - front - cipher->tag_len;
    in->tag = in->text + in->len;
    if (explicit) {
        memcpy(in->nonce, state->iv, IMPLICIT_IV_LEN);
        memcpy(in->nonce + IMPLICIT_IV_LEN, sealed->data, EXPLICIT_IV_LEN);
    } else {
        mask_nonce(in, state);
    }
    if (state->version == TLS13) {
        uint8_t pseudo[PSEUDO_HEADER_LEN];
        pseudo_header(pseudo, state, sealed, sealed->len);
        in->aad_len = 5; /* the record's own header */
        memcpy(in->aad, pseudo + 8, in->aad_len);
    } else {
        pseudo_header(in->aad, state, sealed, in->len);
        in->aad_len = sizeof in->aad;
    }
    return true;
}

static bool open_by_libcrypto(struct cipher_state *state, uint8_t *out, const struct aead_input *in)
{
    EVP_CIPHER_CTX *context = state->context;
    const struct cipher *cipher = state->parts.cipher;
    bool ccm = cipher->mode == MODE_CCM;
    int got;
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher->tag_len, (void *)in->tag) !=
            1 ||
        EVP_DecryptInit_ex2(context, NULL, ccm ? state->key : NULL, in->nonce, NULL) != 1)
        return false;
    if (ccm && EVP_DecryptUpdate(context, NULL, &got, NULL, (int)in->len) != 1)
        return false;
    if (EVP_DecryptUpdate(context, NULL, &got, in->aad, (int)in->aad_len) != 1 ||
        EVP_DecryptUpdate(context, out, &got, in->text, (int)in->len) != 1)
        return false;
    /* CCM has verified by now, as it takes its text in one piece (RFC 3610). */
    return ccm || EVP_DecryptFinal_ex(context, out + got, &got) == 1;
}

static bool open_aead(struct cipher_state *state, uint8_t *out, size_t *len,
                      const struct sealed *sealed)
{
    struct aead_input in;
    if (!prepare_aead(&in, state, sealed))
        return false;
    *len = in.len;
    if (state->parts.cipher->mode != MODE_OWN_GCM)
        return open_by_libcrypto(state, out, &in);
    struct gcm gcm = { cipher_algorithm(state->parts.cipher), state->context, state->key };
    return gcm_open(&gcm, out, in.nonce, in.aad, in.aad_len, in.text, in.len, in.tag);
}

/* ---- HMAC ---- */

/* Compares the MAC of header and `data` with `mac`. `scratch` has room for both, and may be where
 * the data is. */
static bool mac_matches(const struct cipher_state *state, const struct sealed *sealed,
                        uint8_t *scratch, const uint8_t *data, size_t len, const uint8_t *mac)
{
    uint8_t own[EVP_MAX_MD_SIZE];
    size_t own_len = 0;
    memmove(scratch + PSEUDO_HEADER_LEN, data, len);
    pseudo_header(scratch, state, sealed, len);
    return EVP_Q_mac(cipher_library(), "HMAC", NULL, state->parts.mac, NULL, state->mac_key,
                     state->parts.mac_len, scratch, PSEUDO_HEADER_LEN + len, own, sizeof own,
                     &own_len) != NULL &&
           own_len == state->parts.mac_len && memcmp(own, mac, own_len) == 0;
}

/* Takes off the padding of CBC (RFC 5246 section 6.2.3.2). */
static bool strip_padding(const uint8_t *text, size_t *len, size_t *padding_len)
{
    if (*len == 0 || (size_t)text[*len - 1] + 1 > *len)
        return false;
    size_t padding = (size_t)text[*len - 1] + 1;
    for (size_t i = 0; i < padding; i++)
        if (text[*len - 1 - i] != padding - 1)
            return false;
    *padding_len = padding;
    *len -= padding;
    return true;
}

/* MAC, then encrypt: `out` holds content and MAC. What is in front of them is overwritten. */
static bool check_inner_mac(const struct cipher_state *state, uint8_t *text, size_t *len,
                            const struct sealed *sealed)
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    if (*len < state->parts.mac_len)
        return false;
    *len -= state->parts.mac_len;
    memcpy(mac, text + *len, state->parts.mac_len);
    if (!mac_matches(state, sealed, text, text, *len, mac))
        return false;
    memmove(text, text + PSEUDO_HEADER_LEN, *len);
    return true;
}

static bool open_cbc(struct cipher_state *state, uint8_t *out, size_t *len, size_t *padding_len,
                     const struct sealed *sealed)
{
    const size_t block_len = state->parts.cipher->block_len, mac_len = state->parts.mac_len;
    const uint8_t *iv = state->iv, *text = sealed->data;
    size_t left = sealed->len;
    int got = 0;
    if (state->encrypt_then_mac) { /* RFC 7366 section 3: over everything before it */
        if (left < mac_len)
            return false;
        left -= mac_len;
        if (!mac_matches(state, sealed, out, text, left, text + left))
            return false;
    }
    if (state->version > TLS10) {
        if (left < block_len)
            return false;
        iv = text;
        text += block_len;
        left -= block_len;
    }
    if (left == 0 || left % block_len != 0 ||
        EVP_DecryptInit_ex2(state->context, NULL, NULL, iv, NULL) != 1 ||
        EVP_DecryptUpdate(state->context, out, &got, text, (int)left) != 1 || (size_t)got != left)
        return false;
    *len = left;
    return strip_padding(out, len, padding_len) &&
           (state->encrypt_then_mac || check_inner_mac(state, out, len, sealed));
}

/* RC4 has no way back, so that a record that does not open ends it. */
static bool open_stream(struct cipher_state *state, uint8_t *out, size_t *len,
                        const struct sealed *sealed)
{
    int got = 0;
    if (state->parts.cipher->mode == MODE_NULL)
        memcpy(out, sealed->data, sealed->len);
    else if (EVP_DecryptUpdate(state->context, out, &got, sealed->data, (int)sealed->len) != 1)
        return false;
    *len = sealed->len;
    return check_inner_mac(state, out, len, sealed);
}

bool cipher_open(struct cipher_state *state, uint8_t *out, size_t *len, size_t *padding_len,
                 const struct sealed *sealed)
{
    const struct cipher *cipher = state->parts.cipher;
    bool opened;
    *padding_len = 0;
    if (!state->ready || sealed->len == 0)
        return false;
    if (cipher->tag_len > 0)
        opened = open_aead(state, out, len, sealed);
    else if (cipher->mode == MODE_CBC)
        opened = open_cbc(state, out, len, padding_len, sealed);
    else
        opened = open_stream(state, out, len, sealed);
    if (opened)
        cipher_pass(state, sealed);
    return opened;
}

void cipher_pass(struct cipher_state *state, const struct sealed *sealed)
{
    if (!state->ready)
        return;
    const struct cipher *cipher = state->parts.cipher;
    size_t end = sealed->len;
    state->seq++;
    if (cipher->mode != MODE_CBC || state->version != TLS10)
        return;
    if (state->encrypt_then_mac)
        end -= end < state->parts.mac_len ? end : state->parts.mac_len;
    if (end >= cipher->block_len)
        memcpy(state->iv, sealed->data + end - cipher->block_len, cipher->block_len);
}
