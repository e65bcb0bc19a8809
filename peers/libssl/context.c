/* From an endpoint's configuration to an SSL_CTX that thousands of connections share. */
#include "peers/common/alerts.h"
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct version_range {
    uint16_t min;
    uint16_t max;
};

/* Neither library lets its list for TLS <= 1.2 say anything about TLS 1.3 nor the other way
 * round, so an end that is told suites of one world only is kept out of the other by version. */
static struct version_range usable_versions(const struct endpoint *endpoint)
{
    struct version_range range = { endpoint->min_version, endpoint->max_version };
    bool tls13 = false, older = false;
    for (size_t i = 0; i < endpoint->num_suites; i++) {
        const struct suite *suite = suite_by_id(endpoint->suites[i]);
        if (suite != NULL && suite->kx == KX_TLS13)
            tls13 = true;
        else
            older = true;
    }
    if (older && !tls13 && range.max > TLS12)
        range.max = TLS12;
    if (tls13 && !older && range.min < TLS13)
        range.min = TLS13;
    return range;
}

static int set_versions(SSL_CTX *ctx, const struct endpoint *endpoint, struct error *err)
{
    struct version_range range = usable_versions(endpoint);
    if (range.min > range.max)
        return error_set(err, ERROR_USAGE, "no suite asked for belongs to %s..%s",
                         version_name(endpoint->min_version), version_name(endpoint->max_version));
    if (SSL_CTX_set_min_proto_version(ctx, range.min) != 1 ||
        SSL_CTX_set_max_proto_version(ctx, range.max) != 1)
        return libssl_error(err, ERROR_USAGE, "versions");
    return 0;
}

static int set_suites(SSL_CTX *ctx, const struct endpoint *endpoint, struct error *err)
{
    for (size_t i = 0; i < endpoint->num_suites; i++) {
        const struct suite *suite = suite_by_id(endpoint->suites[i]);
        if (!dialect_has_suite(endpoint->suites[i]))
            return error_set(err, ERROR_USAGE, "no suite %s (0x%04x)",
                             suite == NULL ? "of this number" : suite->name, endpoint->suites[i]);
    }
    if (endpoint->num_suites == 0)
        return 0;
    return dialect_set_suites(ctx, endpoint->suites, endpoint->num_suites, err);
}

static int set_leaf_and_key(struct stack_context *context, struct error *err)
{
    const struct stack_credential *credential = context->credential;
    if (credential->wrong_key)
        return dialect_set_wrong_key(context, err);
    if (SSL_CTX_use_certificate(context->ctx, credential->leaf) != 1 ||
        SSL_CTX_use_PrivateKey(context->ctx, credential->key) != 1)
        return libssl_error(err, ERROR_USAGE, "credential");
    return 0;
}

static int set_credential(struct stack_context *context, struct error *err)
{
    const struct stack_credential *credential = context->credential;
    if (credential == NULL)
        return 0;
    if (set_leaf_and_key(context, err) != 0)
        return -1;
    if (SSL_CTX_set1_chain(context->ctx, credential->intermediates) != 1)
        return libssl_error(err, ERROR_USAGE, "credential");
    /* No server of this family asks a client for a staple, so a client has no use for one. */
    if (credential->staple == NULL || context->endpoint.role == ROLE_CLIENT)
        return 0;
    return dialect_set_staple(context, err);
}

/* Replaces the library's own verification: remembers what the other end presented even where it
 * is refused, and does no work where nobody asked for verification. */
static int verify_chain(X509_STORE_CTX *store_ctx, void *unused)
{
    (void)unused;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct stack_connection *connection = libssl_connection(ssl);
    X509 *leaf = X509_STORE_CTX_get0_cert(store_ctx);
    if (leaf != NULL && connection->peer_leaf == NULL) {
        X509_up_ref(leaf);
        connection->peer_leaf = leaf;
    }
    if (connection->context->endpoint.verify == VERIFY_NONE)
        return 1;
    dialect_keep_verify_policy(store_ctx);
    int accepted = X509_verify_cert(store_ctx);
    connection->verified = true;
    connection->verify_code = X509_STORE_CTX_get_error(store_ctx);
    return accepted > 0 || connection->context->endpoint.late_verify;
}

static int ssl_verify_mode(const struct endpoint *endpoint)
{
    static const int modes[] = {
        [VERIFY_NONE] = SSL_VERIFY_NONE,
        [VERIFY_REQUEST] = SSL_VERIFY_PEER,
        [VERIFY_REQUIRE] = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    };
    return modes[endpoint->verify];
}

static int set_peer_name(X509_VERIFY_PARAM *param, const struct endpoint *endpoint,
                         struct error *err)
{
    const char *name = endpoint->peer_name;
    if (endpoint->role != ROLE_CLIENT || name[0] == '\0')
        return 0;
    int set = libssl_is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
                                      : X509_VERIFY_PARAM_set1_host(param, name, strlen(name));
    return set == 1 ? 0 : libssl_error(err, ERROR_USAGE, "name %s", name);
}

static int set_revocation(struct stack_context *context, struct error *err)
{
    const struct endpoint *endpoint = &context->endpoint;
    if (endpoint->crl_file[0] != '\0')
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->ctx),
                                    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    if (!endpoint->check_staple || endpoint->verify == VERIFY_NONE)
        return 0;
    if (endpoint->role == ROLE_SERVER)
        return error_set(err, ERROR_USAGE, "a server of this library asks for no staple");
    return dialect_check_staples(context, err);
}

static int set_verification(struct stack_context *context, struct error *err)
{
    SSL_CTX *ctx = context->ctx;
    const struct endpoint *endpoint = &context->endpoint;
    const struct stack_trust *trust = context->trust;
    SSL_CTX_set_verify(ctx, ssl_verify_mode(endpoint), NULL);
    SSL_CTX_set_cert_verify_callback(ctx, verify_chain, NULL);
    if (trust != NULL && SSL_CTX_set1_verify_cert_store(ctx, trust->store) != 1)
        return libssl_error(err, ERROR_HARNESS, "trust anchors");
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)endpoint->verify_time);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set_flags(param, (endpoint->partial_chain ? X509_V_FLAG_PARTIAL_CHAIN : 0) |
                                           (endpoint->strict ? X509_V_FLAG_X509_STRICT : 0));
    return set_peer_name(param, endpoint, err) != 0 ? -1 : set_revocation(context, err);
}

/* TLS <= 1.2 (RFC 4279). The key goes out only where `max_len` has room for it. */
static unsigned copy_psk(const struct endpoint *endpoint, unsigned char *key, unsigned max_len)
{
    if (endpoint->psk_len > max_len)
        return 0;
    memcpy(key, endpoint->psk, endpoint->psk_len);
    return (unsigned)endpoint->psk_len;
}

static unsigned psk_client(SSL *ssl, const char *hint, char *identity, unsigned identity_len,
                           unsigned char *key, unsigned key_len)
{
    (void)hint;
    const struct endpoint *endpoint = &libssl_connection(ssl)->context->endpoint;
    if (strlen(endpoint->psk_identity) >= identity_len)
        return 0;
    strcpy(identity, endpoint->psk_identity);
    return copy_psk(endpoint, key, key_len);
}

static unsigned psk_server(SSL *ssl, const char *identity, unsigned char *key, unsigned key_len)
{
    const struct endpoint *endpoint = &libssl_connection(ssl)->context->endpoint;
    if (identity == NULL || strcmp(identity, endpoint->psk_identity) != 0)
        return 0;
    return copy_psk(endpoint, key, key_len);
}

static int set_psk(struct stack_context *context, struct error *err)
{
    if (context->endpoint.psk_len == 0)
        return 0;
    if (context->endpoint.role == ROLE_CLIENT)
        SSL_CTX_set_psk_client_callback(context->ctx, psk_client);
    else
        SSL_CTX_set_psk_server_callback(context->ctx, psk_server);
    if (usable_versions(&context->endpoint).max < TLS13)
        return 0;
    return dialect_set_psk13(context, err);
}

static int set_srp(struct stack_context *context, struct error *err)
{
    return context->endpoint.srp_user[0] == '\0' ? 0 : dialect_set_srp(context, err);
}

/* 0 while it is still open: SSL_version() names the highest that this end would take then. */
static uint16_t negotiated_version(const SSL *ssl)
{
    return SSL_get_current_cipher(ssl) != NULL ? (uint16_t)SSL_version(ssl) : 0;
}

static void note_progress(const SSL *ssl, int where, int value)
{
    if (where == SSL_CB_ACCEPT_LOOP)
        dialect_note_step(libssl_connection(ssl));
    if ((where & SSL_CB_ALERT) == 0 ||
        !alert_is_error(negotiated_version(ssl), value >> 8, value & 0xFF))
        return;
    struct facts *facts = libssl_connection(ssl)->facts;
    *((where & SSL_CB_READ) != 0 ? &facts->alert_received : &facts->alert_sent) = value & 0xFF;
}

static void note_keys(const SSL *ssl, const char *line)
{
    struct stack_connection *connection = libssl_connection(ssl);
    size_t used = strlen(connection->facts->keylog);
    size_t needed = strlen(line) + sizeof "\n";
    if (!connection->keylog || used + needed > sizeof connection->facts->keylog)
        return;
    strcat(strcat(connection->facts->keylog + used, line), "\n");
}

/* Nothing that would outlive a connection or change it behind the case's back. */
static void set_habits(SSL_CTX *ctx, bool server_order)
{
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (server_order)
        SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_info_callback(ctx, note_progress);
    SSL_CTX_set_keylog_callback(ctx, note_keys);
}

/* The first one is kept, as bytes: an SSL_SESSION itself learns what becomes of its connections. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct stack_context *context = (struct stack_context *)libssl_connection(ssl)->context;
    int len = context->session == NULL ? i2d_SSL_SESSION(session, NULL) : 0;
    unsigned char *at = len > 0 ? OPENSSL_malloc((size_t)len) : NULL;
    if (at == NULL)
        return 0;
    context->session = at;
    context->session_len = (size_t)len;
    i2d_SSL_SESSION(session, &at);
    return 0;
}

/* Tickets under keys that are always the same, so that an instrument's connections are, too; no
 * cache, which would grow. */
static int set_sessions(struct stack_context *context, struct error *err)
{
    enum { TICKET_KEYS_MAX = 128 };
    static const unsigned char id[] = "tlsmatrix";
    unsigned char keys[TICKET_KEYS_MAX];
    SSL_CTX *ctx = context->ctx;
    if (!context->endpoint.sessions)
        return 0;
    memset(keys, 'k', sizeof keys);
    long len = SSL_CTX_get_tlsext_ticket_keys(ctx, NULL, 0);
    SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 1);
    if (len <= 0 || len > TICKET_KEYS_MAX || SSL_CTX_set_tlsext_ticket_keys(ctx, keys, len) != 1 ||
        SSL_CTX_set_session_id_context(ctx, id, sizeof id) != 1)
        return libssl_error(err, ERROR_HARNESS, "sessions");
    if (context->endpoint.role == ROLE_SERVER)
        return 0;
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep_session);
    return 0;
}

static int configure(struct stack_context *context, struct error *err)
{
    const struct endpoint *endpoint = &context->endpoint;
    SSL_CTX *ctx = context->ctx;
    set_habits(ctx, endpoint->server_order);
    if (dialect_allow_everything(ctx, err) != 0 || set_suites(ctx, endpoint, err) != 0 ||
        set_versions(ctx, endpoint, err) != 0 ||
        dialect_set_groups(ctx, endpoint->groups, endpoint->num_groups, err) != 0 ||
        set_credential(context, err) != 0 || set_verification(context, err) != 0 ||
        libssl_set_names(context, err) != 0 || set_psk(context, err) != 0 ||
        set_sessions(context, err) != 0)
        return -1;
    return set_srp(context, err);
}

int libssl_context_new(struct stack_context **out, const struct endpoint *endpoint,
                       struct stack_credential *credential, struct stack_trust *trust,
                       struct error *err)
{
    ERR_clear_error();
    struct stack_context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return error_errno(err, "context");
    context->endpoint = *endpoint;
    context->credential = credential;
    context->trust = trust;
    context->ctx = SSL_CTX_new(TLS_method());
    if (context->ctx == NULL) {
        libssl_error(err, ERROR_HARNESS, "SSL_CTX_new");
        goto fail;
    }
    if (configure(context, err) != 0)
        goto fail;
    *out = context;
    return 0;
fail:
    libssl_context_free(context);
    return -1;
}

void libssl_context_free(struct stack_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ctx);
    OPENSSL_free(context->session);
    free(context);
}
