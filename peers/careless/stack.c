/* What this peer can do, and what became of a connection: exactly what stands here, and no more. */
#include "peers/careless/stack.h"
#include "peers/careless/careless.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static const uint16_t all_groups[] = { GROUP_X25519, GROUP_P256 };
static const uint16_t all_schemes[] = { SCHEME_ECDSA_P256_SHA256, SCHEME_RSA_PSS_SHA256,
                                        SCHEME_RSA_PKCS1_SHA256 };
static const enum credential all_credentials[] = { CREDENTIAL_RSA2048, CREDENTIAL_RSA3072,
                                                   CREDENTIAL_RSA4096, CREDENTIAL_ECDSA_P256 };
static const enum feature all_features[] = {
    FEATURE_CLIENT_AUTH,        FEATURE_EXPORTER, FEATURE_KEYLOG,    FEATURE_VERIFY_TIME,
    FEATURE_TLS13_SUITE_CHOICE, FEATURE_CRL,      FEATURE_WRONG_KEY,
};

enum {
    NUM_GROUPS = sizeof all_groups / sizeof all_groups[0],
    NUM_SCHEMES = sizeof all_schemes / sizeof all_schemes[0],
    NUM_KINDS = sizeof all_credentials / sizeof all_credentials[0],
    NUM_ABILITIES = sizeof all_features / sizeof all_features[0],
};

static int capabilities(struct capabilities *out, struct error *err)
{
    (void)err;
    *out = (struct capabilities){ .stack = "careless",
                                  .api = "careless",
                                  .release = TLSMATRIX_VERSION,
                                  .num_signature_schemes = NUM_SCHEMES };
    snprintf(out->library, sizeof out->library, "tlsmatrix's own, on %s",
             OpenSSL_version(OPENSSL_VERSION));
    out->num_suites = own_suites(out->suites);
    memcpy(out->signature_schemes, all_schemes, sizeof all_schemes);
    for (size_t v = TLS12 - TLS10; v <= TLS13 - TLS10; v++) {
        out->versions[v] = true;
        out->num_groups[v] = NUM_GROUPS;
        memcpy(out->groups[v], all_groups, sizeof all_groups);
        for (size_t i = 0; i < NUM_KINDS; i++)
            out->credentials[v][all_credentials[i]] = true;
    }
    for (size_t i = 0; i < NUM_ABILITIES; i++)
        out->features[all_features[i]] = true;
    return 0;
}

/* ---- contexts ---- */

/* Keeps to what is asked for; what is not there cannot be asked for. */
static int narrow_list(uint16_t list[], size_t *num, const uint16_t all[], size_t num_all,
                       const char *what, struct error *err)
{
    for (size_t i = 0; i < *num; i++)
        if (!id_listed(all, num_all, list[i]))
            return error_set(err, ERROR_USAGE, "no %s 0x%04x", what, list[i]);
    if (*num > 0)
        return 0;
    memcpy(list, all, num_all * sizeof list[0]);
    *num = num_all;
    return 0;
}

/* Suites of one version only keep the end out of the other. */
static int narrow_versions(struct endpoint *e, struct error *err)
{
    bool tls12 = false, tls13 = false;
    for (size_t i = 0; i < e->num_suites; i++)
        *(suite_by_id(e->suites[i])->kx == KX_TLS13 ? &tls13 : &tls12) = true;
    uint16_t lowest = tls12 ? TLS12 : TLS13, highest = tls13 ? TLS13 : TLS12;
    if (e->min_version < lowest)
        e->min_version = lowest;
    if (e->max_version > highest)
        e->max_version = highest;
    if (e->min_version > e->max_version)
        return error_set(err, ERROR_USAGE, "no suite of this peer's belongs to these versions");
    return 0;
}

static int narrow(struct endpoint *e, struct error *err)
{
    if (e->psk_len > 0 || e->srp_user[0] != '\0' || e->check_staple)
        return error_set(err, ERROR_USAGE, "this peer has no PSK, SRP or OCSP");
    if (e->server_order || e->partial_chain || e->strict)
        return error_set(err, ERROR_USAGE, "this peer has no such policy");
    if (e->served_name[0] != '\0' || e->protocols[0] != '\0' || e->late_verify)
        return error_set(err, ERROR_USAGE,
                         "this peer serves every name, has no ALPN, and verifies within the "
                         "handshake");
    uint16_t all_suites[CONFIG_SUITES_MAX];
    size_t num_all_suites = own_suites(all_suites);
    if (narrow_list(e->suites, &e->num_suites, all_suites, num_all_suites, "suite", err) != 0 ||
        narrow_list(e->groups, &e->num_groups, all_groups, NUM_GROUPS, "group", err) != 0)
        return -1;
    return narrow_versions(e, err);
}

static void context_free(struct stack_context *context)
{
    if (context == NULL)
        return;
    if (context->session != NULL)
        writer_fini(&context->session->ticket);
    free(context->session);
    free(context);
}

static int context_new(struct stack_context **out, const struct endpoint *endpoint,
                       struct stack_credential *credential, struct stack_trust *trust,
                       struct error *err)
{
    struct stack_context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return error_errno(err, "context");
    context->endpoint = *endpoint;
    context->credential = credential;
    context->trust = trust;
    if (endpoint->sessions) {
        context->session = calloc(1, sizeof *context->session);
        if (context->session == NULL) {
            free(context);
            return error_errno(err, "context");
        }
        writer_init(&context->session->ticket, UINT16_MAX);
    }
    if (narrow(&context->endpoint, err) != 0) {
        context_free(context);
        return -1;
    }
    *out = context;
    return 0;
}

/* ---- facts ---- */

static int peer_hashes(struct stack_connection *c, uint8_t leaf[SHA256_LEN],
                       uint8_t spki[SHA256_LEN])
{
    unsigned char *der = NULL, *key = NULL;
    if (c->peer_leaf == NULL)
        return -1;
    int der_len = i2d_X509(c->peer_leaf, &der);
    int key_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c->peer_leaf), &key);
    int result = der_len > 0 && key_len > 0 && hash(leaf, der, (size_t)der_len) == 0
                     ? hash(spki, key, (size_t)key_len)
                     : -1;
    OPENSSL_free(der);
    OPENSSL_free(key);
    return result;
}

static void connection_facts(struct stack_connection *c, struct facts *facts)
{
    uint8_t spki[SHA256_LEN];
    verification_facts(c, facts);
    facts->peer_leaf_known = peer_hashes(c, facts->peer_leaf_sha256, spki) == 0;
    if (!handshake_is_over(c))
        return;
    facts->version = c->version;
    facts->resumed = c->resumed;
    facts->suite = c->suite;
    facts->group = c->group;
    facts->signature_scheme = c->scheme;
    facts->exporter_known = export_value(c, facts->exporter) == 0;
}

/* ---- by hand: nobody does ---- */

static int print_ciphers(FILE *out, const char *selection, struct error *err)
{
    (void)out, (void)selection;
    return error_set(err, ERROR_USAGE, "this peer is a worker only");
}

static int describe_file(FILE *out, const char *path, struct error *err)
{
    (void)out, (void)path;
    return error_set(err, ERROR_USAGE, "this peer is a worker only");
}

static const struct tls_stack careless_stack = {
    .name = "careless",
    .capabilities = capabilities,
    .credential_new = careless_credential_new,
    .credential_free = careless_credential_free,
    .trust_new = careless_trust_new,
    .trust_free = careless_trust_free,
    .context_new = context_new,
    .context_free = context_free,
    .connection_new = careless_connection_new,
    .connection_free = careless_connection_free,
    .handshake = careless_handshake,
    .read = careless_read,
    .write = careless_write,
    .close_notify = careless_close_notify,
    .connection_facts = connection_facts,
    .peer_hashes = peer_hashes,
    .print_ciphers = print_ciphers,
    .describe_file = describe_file,
};
const struct tls_stack *const tls_stack = &careless_stack;
