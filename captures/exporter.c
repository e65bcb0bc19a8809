#include "captures/exporter.h"

#include "captures/cipher.h"

#include <openssl/evp.h>
#include <string.h>

/* RFC 8446 section 7.5. */
static bool tls13_value(uint8_t *out, size_t len, const char *hash, const struct secret *master,
                        const char *label)
{
    uint8_t secret[EVP_MAX_MD_SIZE], empty[EVP_MAX_MD_SIZE];
    unsigned hash_len;
    const EVP_MD *digest = EVP_get_digestbyname(hash);
    if (digest == NULL || EVP_Digest("", 0, empty, &hash_len, digest, NULL) != 1)
        return false;
    return tls13_expand_label_of(secret, hash_len, hash, master->bytes, master->len, label, empty,
                                 hash_len) &&
           tls13_expand_label_of(out, len, hash, secret, hash_len, "exporter", empty, hash_len);
}

/* RFC 5705 section 4: a context that is empty is not one that is absent. */
static bool tls12_value(uint8_t *out, size_t len, const char *hash, const struct secret *master,
                        const struct tls_state *state, const char *label)
{
    uint8_t seed[2 * KEYLOG_RANDOM_LEN + 2] = { 0 }; /* behind the randoms: the context's length */
    memcpy(seed, state->client_random, KEYLOG_RANDOM_LEN);
    memcpy(seed + KEYLOG_RANDOM_LEN, state->server_random, KEYLOG_RANDOM_LEN);
    return tls12_prf(out, len, hash, master->bytes, master->len, label, seed, sizeof seed);
}

bool exporter_value(uint8_t *out, size_t len, const struct keylog *keylog,
                    const struct tls_state *state, const char *label)
{
    struct suite_parts parts;
    const struct suite *suite = suite_by_id(state->suite);
    enum secret_label from = state->version == TLS13 ? SECRET_EXPORTER : SECRET_MASTER;
    const struct secret *secret = keylog_find(keylog, from, state->client_random);
    if (secret == NULL || suite == NULL || !state->has_server_hello ||
        suite_parts_of(&parts, suite, state->version) != NULL)
        return false;
    if (state->version == TLS13)
        return tls13_value(out, len, parts.hash, secret, label);
    return tls12_value(out, len, parts.hash, secret, state, label);
}
