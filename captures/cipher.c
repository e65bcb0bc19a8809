#include "captures/cipher.h"

#include "captures/gcm.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

enum mode { MODE_NULL, MODE_STREAM, MODE_CBC, MODE_GCM, MODE_CCM, MODE_POLY1305, MODE_OWN_GCM };

struct cipher {
    const char *name;      /* as in the names of suites */
    const char *algorithm; /* as libcrypto names it; of MODE_OWN_GCM: CTR, which it is built on */
    enum mode mode;
    uint8_t key_len;
    uint8_t block_len; /* CBC */
    uint8_t tag_len;   /* AEAD */
};

enum {
    NONCE_LEN = 12,
    IMPLICIT_IV_LEN = 4, /* of GCM and CCM in TLS 1.2 (RFC 5288 section 3) … */
    EXPLICIT_IV_LEN = 8, /* … and what each record carries */
};

/* A name that begins like another stands before it. */
static const struct cipher ciphers[] = {
    { "NULL", NULL, MODE_NULL, .key_len = 0 },
    { "RC4_128", "RC4", MODE_STREAM, .key_len = 16 },
    { "DES_CBC", "DES-CBC", MODE_CBC, .key_len = 8, .block_len = 8 },
    { "3DES_EDE_CBC", "DES-EDE3-CBC", MODE_CBC, .key_len = 24, .block_len = 8 },
    { "IDEA_CBC", "IDEA-CBC", MODE_CBC, .key_len = 16, .block_len = 8 },
    { "SEED_CBC", "SEED-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "AES_128_CBC", "AES-128-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "AES_256_CBC", "AES-256-CBC", MODE_CBC, .key_len = 32, .block_len = 16 },
    { "CAMELLIA_128_CBC", "CAMELLIA-128-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "CAMELLIA_256_CBC", "CAMELLIA-256-CBC", MODE_CBC, .key_len = 32, .block_len = 16 },
    { "ARIA_128_CBC", "ARIA-128-CBC", MODE_CBC, .key_len = 16, .block_len = 16 },
    { "ARIA_256_CBC", "ARIA-256-CBC", MODE_CBC, .key_len = 32, .block_len = 16 },
    { "AES_128_GCM", "AES-128-GCM", MODE_GCM, .key_len = 16, .tag_len = 16 },
    { "AES_256_GCM", "AES-256-GCM", MODE_GCM, .key_len = 32, .tag_len = 16 },
    { "ARIA_128_GCM", "ARIA-128-GCM", MODE_GCM, .key_len = 16, .tag_len = 16 },
    { "ARIA_256_GCM", "ARIA-256-GCM", MODE_GCM, .key_len = 32, .tag_len = 16 },
    { "CAMELLIA_128_GCM", "CAMELLIA-128-CTR", MODE_OWN_GCM, .key_len = 16, .tag_len = 16 },
    { "CAMELLIA_256_GCM", "CAMELLIA-256-CTR", MODE_OWN_GCM, .key_len = 32, .tag_len = 16 },
    { "AES_128_CCM_8", "AES-128-CCM", MODE_CCM, .key_len = 16, .tag_len = 8 },
    { "AES_256_CCM_8", "AES-256-CCM", MODE_CCM, .key_len = 32, .tag_len = 8 },
    { "AES_128_CCM", "AES-128-CCM", MODE_CCM, .key_len = 16, .tag_len = 16 },
    { "AES_256_CCM", "AES-256-CCM", MODE_CCM, .key_len = 32, .tag_len = 16 },
    { "CHACHA20_POLY1305", "ChaCha20-Poly1305", MODE_POLY1305, .key_len = 32, .tag_len = 16 },
};

static const struct hash {
    const char *name; /* behind the cipher in the names of suites */
    const char *algorithm;
    size_t len;
} hashes[] = {
    { "_SHA384", "SHA384", 48 }, { "_SHA256", "SHA256", 32 }, { "_SHA", "SHA1", 20 },
    { "_MD5", "MD5", 16 },       { "", "SHA256", 32 }, /* CCM of TLS 1.2 (RFC 6655 section 3) */
};

enum { NUM_CIPHERS = sizeof ciphers / sizeof ciphers[0] };

/* Of the process: a library context of our own, in which the legacy provider does nobody harm. */
static struct {
    OSSL_LIB_CTX *context;
    EVP_CIPHER *ciphers[NUM_CIPHERS];
    EVP_KDF *prf, *hkdf;
} library;

static void open_library(void)
{
    library.context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(library.context, "default");
    OSSL_PROVIDER_load(library.context, "legacy"); /* a minimal system may lack it */
    for (size_t i = 0; i < NUM_CIPHERS; i++)
        if (ciphers[i].algorithm != NULL)
            library.ciphers[i] = EVP_CIPHER_fetch(library.context, ciphers[i].algorithm, NULL);
    library.prf = EVP_KDF_fetch(library.context, "TLS1-PRF", NULL);
    library.hkdf = EVP_KDF_fetch(library.context, "HKDF", NULL);
}

static void need_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
}

/* ---- suites ---- */

static const struct hash *hash_of(const char *rest)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        if (strcmp(hashes[i].name, rest) == 0)
            return &hashes[i];
    return NULL;
}

static const char *prf_of(const struct hash *hash, uint16_t version)
{
    if (version < TLS12)
        return NULL;
    return strcmp(hash->algorithm, "SHA384") == 0 ? "SHA384" : "SHA256";
}

const char *suite_parts_of(struct suite_parts *out, const struct suite *suite, uint16_t version)
{
    if (suite == NULL)
        return "the suite is unknown";
    if (version < TLS10 || version > TLS13)
        return "the version is none of TLS 1.0 to 1.3";
    const char *with = strstr(suite->name, "_WITH_");
    const char *name = suite->name + strlen("TLS_");
    if (with != NULL)
        name = with + strlen("_WITH_");
    need_library();
    for (size_t i = 0; i < NUM_CIPHERS; i++) {
        size_t len = strlen(ciphers[i].name);
        const struct hash *hash =
            strncmp(name, ciphers[i].name, len) == 0 ? hash_of(name + len) : NULL;
        if (hash == NULL)
            continue;
        if (ciphers[i].algorithm != NULL && library.ciphers[i] == NULL)
            break;
        bool aead = ciphers[i].tag_len > 0;
        *out = (struct suite_parts){
            .cipher = &ciphers[i],
            .mac = aead ? NULL : hash->algorithm,
            .mac_len = aead ? 0 : hash->len,
            .hash = prf_of(hash, version),
        };
        return NULL;
    }
    return "libcrypto does not have the suite's cipher";
}

size_t cipher_key_len(const struct cipher *cipher)
{
    return cipher->key_len;
}

size_t cipher_iv_len(const struct cipher *cipher, uint16_t version)
{
    switch (cipher->mode) {
    case MODE_CBC:
        return version == TLS10 ? cipher->block_len : 0; /* later each record carries one */
    case MODE_GCM:
    case MODE_CCM:
    case MODE_OWN_GCM:
        return version == TLS13 ? NONCE_LEN : IMPLICIT_IV_LEN;
    case MODE_POLY1305:
        return NONCE_LEN;
    default:
        return 0;
    }
}

size_t cipher_record_iv_len(const struct cipher *cipher, uint16_t version)
{
    switch (cipher->mode) {
    case MODE_CBC:
        return version == TLS10 ? 0 : cipher->block_len;
    case MODE_GCM:
    case MODE_CCM:
    case MODE_OWN_GCM:
        return version == TLS13 ? 0 : EXPLICIT_IV_LEN;
    default:
        return 0;
    }
}

size_t cipher_tag_len(const struct cipher *cipher)
{
    return cipher->tag_len;
}

size_t cipher_block_len(const struct cipher *cipher)
{
    return cipher->block_len;
}

/* ---- one direction ---- */

static EVP_CIPHER *algorithm_of(const struct cipher *cipher)
{
    return library.ciphers[cipher - ciphers];
}

static bool key_context(struct cipher_state *state)
{
    const struct cipher *cipher = state->parts.cipher;
    EVP_CIPHER_CTX *context = state->context;
    if (cipher->mode == MODE_NULL || cipher->mode == MODE_OWN_GCM)
        return true;
    if (EVP_DecryptInit_ex2(context, algorithm_of(cipher), NULL, NULL, NULL) != 1)
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
    struct gcm gcm = { algorithm_of(state->parts.cipher), state->context, state->key };
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
    return EVP_Q_mac(library.context, "HMAC", NULL, state->parts.mac, NULL, state->mac_key,
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

/* ---- key schedule ---- */

enum { LABEL_MAX = 64, SEED_MAX = 128 }; /* labels and seeds are ours, none is longer */

static bool derive(EVP_KDF *kdf, uint8_t *out, size_t len, const OSSL_PARAM params[])
{
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool derived = context != NULL && EVP_KDF_derive(context, out, len, params) == 1;
    EVP_KDF_CTX_free(context);
    return derived;
}

bool tls12_prf(uint8_t *out, size_t len, const char *hash, const uint8_t *secret, size_t secret_len,
               const char *label, const uint8_t *seed, size_t seed_len)
{
    uint8_t input[LABEL_MAX + SEED_MAX];
    size_t label_len = strlen(label);
    assert(label_len <= LABEL_MAX && seed_len <= SEED_MAX);
    memcpy(input, label, label_len);
    memcpy(input + label_len, seed, seed_len);
    need_library();
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         (char *)(hash == NULL ? "MD5-SHA1" : hash), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, input, label_len + seed_len),
        OSSL_PARAM_construct_end(),
    };
    return derive(library.prf, out, len, params);
}

bool tls12_key_block(uint8_t *out, size_t len, const char *hash, const uint8_t *master,
                     size_t master_len, const uint8_t server_random[32],
                     const uint8_t client_random[32])
{
    uint8_t seed[64];
    memcpy(seed, server_random, 32);
    memcpy(seed + 32, client_random, 32);
    return tls12_prf(out, len, hash, master, master_len, "key expansion", seed, sizeof seed);
}

bool tls13_expand_label_of(uint8_t *out, size_t len, const char *hash, const uint8_t *secret,
                           size_t secret_len, const char *label, const uint8_t *context,
                           size_t context_len)
{
    uint8_t info[10 + LABEL_MAX + CIPHER_HASH_MAX];
    size_t label_len = strlen(label);
    assert(label_len <= LABEL_MAX && context_len <= CIPHER_HASH_MAX);
    need_library();
    info[0] = (uint8_t)(len >> 8);
    info[1] = (uint8_t)len;
    info[2] = (uint8_t)(6 + label_len);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    info[9 + label_len] = (uint8_t)context_len;
    memcpy(info + 10 + label_len, context, context_len);
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, 10 + label_len + context_len),
        OSSL_PARAM_construct_end(),
    };
    return derive(library.hkdf, out, len, params);
}

bool tls13_expand_label(uint8_t *out, size_t len, const char *hash, const uint8_t *secret,
                        size_t secret_len, const char *label)
{
    return tls13_expand_label_of(out, len, hash, secret, secret_len, label, (const uint8_t *)"", 0);
}
