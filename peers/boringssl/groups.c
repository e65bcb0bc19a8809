/* Groups: BoringSSL is told numbers of its object table and tells numbers of the registry. It has
 * no FFDHE. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/nid.h>

/* clang-format off */
static const struct {
    uint16_t group;
    int nid;
} nids[] = {
    { SSL_CURVE_SECP224R1, NID_secp224r1 },
    { SSL_CURVE_SECP256R1, NID_X9_62_prime256v1 },
    { SSL_CURVE_SECP384R1, NID_secp384r1 },
    { SSL_CURVE_SECP521R1, NID_secp521r1 },
    { SSL_CURVE_X25519, NID_X25519 },
/* What has come and gone from one API to the next. */
#ifdef NID_CECPQ2
    { 0x4138, NID_CECPQ2 },
#endif
#ifdef NID_X25519Kyber768
    { 0x6399, NID_X25519Kyber768 },
#endif
#ifdef NID_X25519Kyber768Draft00
    { 0x6399, NID_X25519Kyber768Draft00 },
#endif
#ifdef NID_X25519MLKEM768
    { 0x11EC, NID_X25519MLKEM768 },
#endif
};
/* clang-format on */

static int nid_of(uint16_t group)
{
    for (size_t i = 0; i < sizeof nids / sizeof nids[0]; i++)
        if (nids[i].group == group)
            return nids[i].nid;
    return NID_undef;
}

bool dialect_has_group(uint16_t version, uint16_t group)
{
    (void)version; /* the library's versions of each group include the registry's */
    int nid = nid_of(group);
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    bool accepted = nid != NID_undef && ctx != NULL && SSL_CTX_set1_curves(ctx, &nid, 1) == 1;
    SSL_CTX_free(ctx);
    return accepted;
}

int dialect_set_groups(SSL_CTX *ctx, const uint16_t *group_ids, size_t num_ids, struct error *err)
{
    int list[CONFIG_GROUPS_MAX];
    for (size_t i = 0; i < num_ids; i++) {
        list[i] = nid_of(group_ids[i]);
        if (list[i] == NID_undef)
            return error_set(err, ERROR_USAGE, "no group 0x%04x", group_ids[i]);
    }
    if (num_ids > 0 && SSL_CTX_set1_curves(ctx, list, num_ids) != 1)
        return libssl_error(err, ERROR_USAGE, "groups");
    return 0;
}

void dialect_note_step(struct stack_connection *connection)
{
    (void)connection; /* it forgets nothing that is reported */
}

uint16_t dialect_negotiated_group(const struct stack_connection *connection)
{
    return SSL_get_curve_id(connection->ssl);
}
