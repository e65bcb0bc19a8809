/* Groups: OpenSSL takes numbers of its object table, or names where a group has no such number; and
 * DHE parameters apart from them. */
#include "peers/libssl/dialect.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

/* clang-format off */
static const struct {
    uint16_t group;
    int nid;
} nids[] = {
    { 0x0001, NID_sect163k1 },
    { 0x0002, NID_sect163r1 },
    { 0x0003, NID_sect163r2 },
    { 0x0004, NID_sect193r1 },
    { 0x0005, NID_sect193r2 },
    { 0x0006, NID_sect233k1 },
    { 0x0007, NID_sect233r1 },
    { 0x0008, NID_sect239k1 },
    { 0x0009, NID_sect283k1 },
    { 0x000A, NID_sect283r1 },
    { 0x000B, NID_sect409k1 },
    { 0x000C, NID_sect409r1 },
    { 0x000D, NID_sect571k1 },
    { 0x000E, NID_sect571r1 },
    { 0x000F, NID_secp160k1 },
    { 0x0010, NID_secp160r1 },
    { 0x0011, NID_secp160r2 },
    { 0x0012, NID_secp192k1 },
    { 0x0013, NID_X9_62_prime192v1 },
    { 0x0014, NID_secp224k1 },
    { 0x0015, NID_secp224r1 },
    { 0x0016, NID_secp256k1 },
    { 0x0017, NID_X9_62_prime256v1 },
    { 0x0018, NID_secp384r1 },
    { 0x0019, NID_secp521r1 },
    { 0x001A, NID_brainpoolP256r1 },
    { 0x001B, NID_brainpoolP384r1 },
    { 0x001C, NID_brainpoolP512r1 },
    { 0x001D, NID_X25519 },
    { 0x001E, NID_X448 },
#ifdef NID_brainpoolP256r1tls13 /* OpenSSL 3.2 */
    { 0x001F, NID_brainpoolP256r1tls13 },
    { 0x0020, NID_brainpoolP384r1tls13 },
    { 0x0021, NID_brainpoolP512r1tls13 },
#endif
    { 0x0100, NID_ffdhe2048 },
    { 0x0101, NID_ffdhe3072 },
    { 0x0102, NID_ffdhe4096 },
    { 0x0103, NID_ffdhe6144 },
    { 0x0104, NID_ffdhe8192 },
};
/* clang-format on */

enum { NUM_NIDS = sizeof nids / sizeof nids[0], DEFAULT_DHE_GROUP = 0x0100 };

static int nid_of(uint16_t group)
{
    for (size_t i = 0; i < NUM_NIDS; i++)
        if (nids[i].group == group)
            return nids[i].nid;
    return NID_undef;
}

/* What is negotiated without such a number is told by the registry's, marked. */
static uint16_t group_of(int nid)
{
    if ((nid & TLSEXT_nid_unknown) != 0)
        return (uint16_t)(nid & 0xFFFF);
    for (size_t i = 0; i < NUM_NIDS; i++)
        if (nids[i].nid == nid)
            return nids[i].group;
    return 0;
}

static bool is_ffdhe(uint16_t group)
{
    const struct group *row = group_by_id(group);
    return row != NULL && row->kind == GROUP_FFDHE;
}

/* By names, those of the registry, which are the library's too. */
static bool set_names(SSL_CTX *ctx, const uint16_t *group_ids, size_t num_ids)
{
    char names[CONFIG_GROUPS_MAX * NAME_MAX_LEN] = "";
    for (size_t i = 0; i < num_ids; i++) {
        const struct group *row = group_by_id(group_ids[i]);
        size_t used = strlen(names);
        if (row == NULL)
            return false;
        snprintf(names + used, sizeof names - used, "%s%s", used == 0 ? "" : ":", row->name);
    }
    return SSL_CTX_set1_groups_list(ctx, names) == 1;
}

/* 3.0 knows few groups by their names, so those with a number are told by it. */
static bool set_groups(SSL_CTX *ctx, const uint16_t *group_ids, size_t num_ids)
{
    int list[CONFIG_GROUPS_MAX];
    for (size_t i = 0; i < num_ids; i++) {
        list[i] = nid_of(group_ids[i]);
        if (list[i] == NID_undef)
            return set_names(ctx, group_ids, num_ids);
    }
    return SSL_CTX_set1_groups(ctx, list, (long)num_ids) == 1;
}

bool dialect_has_group(uint16_t version, uint16_t group)
{
    (void)version; /* the library's versions of each group are the registry's */
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    bool accepted = ctx != NULL && set_groups(ctx, &group, 1);
    SSL_CTX_free(ctx);
    return accepted;
}

/* Server's DHE parameters for TLS <= 1.2: the first FFDHE group asked for (RFC 7919 section 4). */
static uint16_t dhe_group(const uint16_t *group_ids, size_t num_ids)
{
    for (size_t i = 0; i < num_ids; i++)
        if (is_ffdhe(group_ids[i]))
            return group_ids[i];
    return DEFAULT_DHE_GROUP;
}

static EVP_PKEY *dhe_parameters(uint16_t group)
{
    char *name = (char *)OBJ_nid2sn(nid_of(group));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *parameters = NULL;
    EVP_PKEY_CTX *pkey_ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    if (pkey_ctx == NULL || EVP_PKEY_fromdata_init(pkey_ctx) != 1 ||
        EVP_PKEY_fromdata(pkey_ctx, &parameters, EVP_PKEY_KEY_PARAMETERS, params) != 1)
        parameters = NULL;
    EVP_PKEY_CTX_free(pkey_ctx);
    return parameters;
}

static int set_dhe_parameters(SSL_CTX *ctx, uint16_t group, struct error *err)
{
    EVP_PKEY *parameters = dhe_parameters(group);
    if (parameters == NULL || SSL_CTX_set0_tmp_dh_pkey(ctx, parameters) != 1) {
        EVP_PKEY_free(parameters);
        return libssl_error(err, ERROR_HARNESS, "DH parameters");
    }
    return 0;
}

int dialect_set_groups(SSL_CTX *ctx, const uint16_t *group_ids, size_t num_ids, struct error *err)
{
    if (num_ids > 0 && !set_groups(ctx, group_ids, num_ids))
        return libssl_error(err, ERROR_USAGE, "groups");
    return set_dhe_parameters(ctx, dhe_group(group_ids, num_ids), err);
}

/* The group of an ephemeral key, which is given up. */
static uint16_t group_of_key(EVP_PKEY *key)
{
    char name[NAME_MAX_LEN] = "";
    EVP_PKEY_get_group_name(key, name, sizeof name, NULL);
    EVP_PKEY_free(key);
    return group_of(OBJ_sn2nid(name));
}

/* A server has its ephemeral key from ServerKeyExchange until ClientKeyExchange. */
void dialect_note_step(struct stack_connection *connection)
{
    EVP_PKEY *key = NULL;
    if (SSL_get_state(connection->ssl) == TLS_ST_SW_SRVR_DONE &&
        SSL_get_tmp_key(connection->ssl, &key) == 1)
        connection->dhe_sent = group_of_key(key);
}

static uint16_t negotiated_dhe(const struct stack_connection *connection)
{
    EVP_PKEY *key = NULL;
    if (connection->context->endpoint.role == ROLE_SERVER)
        return connection->dhe_sent;
    return SSL_get_peer_tmp_key(connection->ssl, &key) == 1 ? group_of_key(key) : 0;
}

uint16_t dialect_negotiated_group(const struct stack_connection *connection)
{
    const struct suite *suite =
        suite_by_id(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(connection->ssl)));
    if (suite != NULL && suite->kx == KX_DHE)
        return negotiated_dhe(connection);
    return group_of((int)SSL_get_negotiated_group(connection->ssl));
}
