/* One configuration: the priorities, parsed once, and GnuTLS's four kinds of credential objects.
 * Sessions only point at them, so a connection costs no parsing. */
#include "peers/gnutls/internal.h"

#include "harness/wire/registry.h"

#include <stdlib.h>
#include <string.h>

/* Hands the library the chain as it stands in the file; its own loader would sort it, and a
 * client would keep quiet when the server's list of CA names does not suit. */
static int retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                    gnutls_pcert_st **chain, unsigned *num_chain, gnutls_ocsp_data_st **staples,
                    unsigned *num_staples, gnutls_privkey_t *key, unsigned *flags)
{
    (void)info, (void)flags;
    struct stack_connection *connection = gnutls_session_get_ptr(session);
    struct stack_credential *credential = connection->context->credential;
    if (credential == NULL) {
        *num_chain = 0;
        return 0;
    }
    *chain = credential->chain;
    *num_chain = credential->num_chain;
    *staples = &credential->staple;
    *num_staples = credential->num_staples;
    *key = credential->key;
    return 0;
}

static bool asks_for(const struct stack_context *context, enum suite_auth auth)
{
    for (size_t i = 0; i < context->selection.num_suites; i++)
        if (suite_by_id(context->selection.suites[i])->auth == auth)
            return true;
    return false;
}

/* The first FFDHE group that is asked for, which a server uses with clients that know nothing of
 * RFC 7919; the smallest of them where no group is asked for. NULL: none. */
static const struct group_entry *dh_group(const struct selection *selection)
{
    for (size_t i = 0; i < selection->num_groups; i++) {
        const struct group_entry *group = library_group_by_id(selection->groups[i]);
        if (group->prime != NULL)
            return group;
    }
    return selection->num_groups == 0 ? library_group_by_id(0x0100) : NULL;
}

static int make_dh(struct stack_context *context)
{
    const struct group_entry *group = dh_group(&context->selection);
    if (group == NULL || context->endpoint.role != ROLE_SERVER)
        return 0;
    int code = gnutls_dh_params_init(&context->dh);
    if (code < 0)
        return code;
    return gnutls_dh_params_import_raw2(context->dh, group->prime, group->generator,
                                        *group->key_bits);
}

static int set_trust(gnutls_certificate_credentials_t certificates, const struct stack_trust *trust)
{
    int code =
        gnutls_certificate_set_x509_trust(certificates, trust->anchors, (int)trust->num_anchors);
    if (code < 0 || trust->num_crls == 0)
        return code;
    return gnutls_certificate_set_x509_crl(certificates, trust->crls, (int)trust->num_crls);
}

/* The library always asks for a staple, and judges what comes: one flag is for staples and CRLs, so
 * that an end with CRLs that was not told to check staples does all the same. */
static unsigned verify_flags(const struct endpoint *endpoint)
{
    bool checks = endpoint->check_staple || endpoint->crl_file[0] != '\0';
    return checks ? 0 : GNUTLS_VERIFY_DISABLE_CRL_CHECKS;
}

static int make_certificates(struct stack_context *context, const struct stack_trust *trust)
{
    int code = gnutls_certificate_allocate_credentials(&context->certificates);
    if (code < 0)
        return code;
    gnutls_certificate_credentials_t certificates = context->certificates;
    if (context->credential != NULL || context->endpoint.role == ROLE_CLIENT)
        gnutls_certificate_set_retrieve_function3(certificates, retrieve);
    if (context->dh != NULL)
        gnutls_certificate_set_dh_params(certificates, context->dh);
    if (context->endpoint.verify != VERIFY_NONE)
        verify_attach(certificates);
    gnutls_certificate_set_verify_flags(certificates, verify_flags(&context->endpoint));
    return trust == NULL ? 0 : set_trust(certificates, trust);
}

static int make_anon(struct stack_context *context)
{
    if (!asks_for(context, AUTH_ANON))
        return 0;
    if (context->endpoint.role == ROLE_CLIENT)
        return gnutls_anon_allocate_client_credentials(&context->anon_client);
    int code = gnutls_anon_allocate_server_credentials(&context->anon_server);
    if (code >= 0 && context->dh != NULL)
        gnutls_anon_set_server_dh_params(context->anon_server, context->dh);
    return code;
}

static int make_psk_client(struct stack_context *context)
{
    int code = gnutls_psk_allocate_client_credentials(&context->psk_client);
    if (code < 0)
        return code;
    gnutls_datum_t key = { context->endpoint.psk, (unsigned)context->endpoint.psk_len };
    return gnutls_psk_set_client_credentials(context->psk_client, context->endpoint.psk_identity,
                                             &key, GNUTLS_PSK_KEY_RAW);
}

static int make_psk_server(struct stack_context *context)
{
    int code = gnutls_psk_allocate_server_credentials(&context->psk_server);
    if (code < 0)
        return code;
    gnutls_psk_set_server_credentials_function(context->psk_server, psk_lookup);
    if (context->dh != NULL)
        gnutls_psk_set_server_dh_params(context->psk_server, context->dh);
    return 0;
}

static int make_psk(struct stack_context *context)
{
    if (context->endpoint.psk_len == 0)
        return 0;
    return context->endpoint.role == ROLE_CLIENT ? make_psk_client(context)
                                                 : make_psk_server(context);
}

static int make_srp(struct stack_context *context)
{
    const struct endpoint *endpoint = &context->endpoint;
    if (endpoint->srp_user[0] == '\0')
        return 0;
    if (endpoint->role == ROLE_CLIENT) {
        int code = gnutls_srp_allocate_client_credentials(&context->srp_client);
        return code < 0 ? code
                        : gnutls_srp_set_client_credentials(context->srp_client, endpoint->srp_user,
                                                            endpoint->srp_password);
    }
    int code = gnutls_srp_allocate_server_credentials(&context->srp_server);
    if (code >= 0)
        gnutls_srp_set_server_credentials_function(context->srp_server, srp_lookup);
    return code;
}

static bool key_suits(gnutls_pk_algorithm_t pk, const struct suite *suite)
{
    switch (suite->auth) {
    case AUTH_RSA: /* an RSASSA-PSS key signs and does not decrypt */
        return pk == GNUTLS_PK_RSA ||
               (pk == GNUTLS_PK_RSA_PSS && (suite->kx == KX_DHE || suite->kx == KX_ECDHE));
    case AUTH_ECDSA:
        return pk == GNUTLS_PK_ECDSA || pk == GNUTLS_PK_EDDSA_ED25519 ||
               pk == GNUTLS_PK_EDDSA_ED448;
    case AUTH_DSS:
        return pk == GNUTLS_PK_DSA;
    default:
        return true;
    }
}

/* Could this server ever select the suite with what it has? */
static bool serves(const struct stack_context *context, const struct suite *suite)
{
    bool psk = context->endpoint.psk_len > 0;
    if (suite->kx == KX_SRP && context->endpoint.srp_user[0] == '\0')
        return false;
    if ((suite->auth == AUTH_PSK || suite->kx == KX_RSA_PSK) && !psk)
        return false;
    /* What TLS 1.3 does without a certificate is for the library to show. */
    if (suite->auth == AUTH_ANON || suite->auth == AUTH_PSK || suite->auth == AUTH_TLS13)
        return true;
    return context->credential != NULL &&
           key_suits((gnutls_pk_algorithm_t)gnutls_privkey_get_pk_algorithm(
                         context->credential->key, NULL),
                     suite);
}

/* Takes away what this server could not select anyway, unless that is all: the fewer suites, the
 * fewer of their product were not asked for. */
static void keep_what_serves(struct stack_context *context)
{
    struct selection *selection = &context->selection;
    size_t num = 0;
    uint16_t kept[CONFIG_SUITES_MAX];
    for (size_t i = 0; i < selection->num_suites; i++)
        if (serves(context, suite_by_id(selection->suites[i])))
            kept[num++] = selection->suites[i];
    if (num == 0)
        return;
    memcpy(selection->suites, kept, num * sizeof kept[0]);
    selection->num_suites = num;
}

static int make_priorities(struct stack_context *context, struct error *err)
{
    char string[SELECTION_LEN];
    const char *position = NULL;
    selection_string(string, &context->selection);
    int code = gnutls_priority_init(&context->priorities, string, &position);
    if (code == GNUTLS_E_NO_PRIORITIES_WERE_SET || code == GNUTLS_E_INVALID_REQUEST)
        return error_set(err, ERROR_USAGE, "GnuTLS cannot be configured so: %s, at \"%.80s\"",
                         gnutls_strerror(code), position != NULL ? position : "");
    if (code < 0)
        return library_error(err, "priorities", code);
    context->exact = selection_is_exact(&context->selection);
    return 0;
}

static int make_credentials(struct stack_context *context, const struct stack_trust *trust,
                            struct error *err)
{
    int code = make_dh(context);
    if (code >= 0)
        code = make_certificates(context, trust);
    if (code >= 0)
        code = make_anon(context);
    if (code >= 0)
        code = make_psk(context);
    if (code >= 0)
        code = make_srp(context);
    return code < 0 ? library_error(err, "credentials", code) : 0;
}

int gnutls_stack_context_new(struct stack_context **out, const struct endpoint *endpoint,
                             struct stack_credential *credential, struct stack_trust *trust,
                             struct error *err)
{
    if (library_start(err) < 0)
        return -1;
    if (endpoint->partial_chain || endpoint->strict)
        return error_set(err, ERROR_USAGE, "GnuTLS knows neither partial chains nor a strict way");
    struct stack_context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return error_errno(err, "context");
    context->endpoint = *endpoint;
    context->credential = credential;
    int result = selection_of(&context->selection, endpoint, err);
    if (result == 0 && endpoint->role == ROLE_SERVER)
        keep_what_serves(context);
    if (result < 0 || make_priorities(context, err) < 0 ||
        make_credentials(context, trust, err) < 0) {
        gnutls_stack_context_free(context);
        return -1;
    }
    *out = context;
    return 0;
}

void gnutls_stack_context_free(struct stack_context *context)
{
    if (context == NULL)
        return;
    if (context->certificates != NULL)
        gnutls_certificate_free_credentials(context->certificates);
    if (context->anon_client != NULL)
        gnutls_anon_free_client_credentials(context->anon_client);
    if (context->anon_server != NULL)
        gnutls_anon_free_server_credentials(context->anon_server);
    if (context->psk_client != NULL)
        gnutls_psk_free_client_credentials(context->psk_client);
    if (context->psk_server != NULL)
        gnutls_psk_free_server_credentials(context->psk_server);
    if (context->srp_client != NULL)
        gnutls_srp_free_client_credentials(context->srp_client);
    if (context->srp_server != NULL)
        gnutls_srp_free_server_credentials(context->srp_server);
    if (context->dh != NULL)
        gnutls_dh_params_deinit(context->dh);
    if (context->priorities != NULL)
        gnutls_priority_deinit(context->priorities);
    gnutls_free(context->session.data);
    free(context);
}

static int set_credentials(const struct stack_context *context, gnutls_session_t session)
{
    bool client = context->endpoint.role == ROLE_CLIENT;
    const struct {
        gnutls_credentials_type_t type;
        void *credentials;
    } rows[] = {
        { GNUTLS_CRD_CERTIFICATE, context->certificates },
        { GNUTLS_CRD_ANON, client ? (void *)context->anon_client : (void *)context->anon_server },
        { GNUTLS_CRD_PSK, client ? (void *)context->psk_client : (void *)context->psk_server },
        { GNUTLS_CRD_SRP, client ? (void *)context->srp_client : (void *)context->srp_server },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].credentials == NULL)
            continue;
        int code = gnutls_credentials_set(session, rows[i].type, rows[i].credentials);
        if (code < 0)
            return code;
    }
    return 0;
}

int context_apply(struct stack_context *context, gnutls_session_t session, struct error *err)
{
    static const gnutls_certificate_request_t requests[] = {
        [VERIFY_NONE] = GNUTLS_CERT_IGNORE,
        [VERIFY_REQUEST] = GNUTLS_CERT_REQUEST,
        [VERIFY_REQUIRE] = GNUTLS_CERT_REQUIRE,
    };
    int code = gnutls_priority_set(session, context->priorities);
    if (code >= 0)
        code = set_credentials(context, session);
    if (code < 0)
        return library_error(err, "session", code);
    if (context->endpoint.role == ROLE_SERVER)
        gnutls_certificate_server_set_request(session, requests[context->endpoint.verify]);
    else
        gnutls_dh_set_prime_bits(session, 512);
    return 0;
}
