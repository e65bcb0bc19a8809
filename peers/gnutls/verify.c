/* Judging the other end's certificate: inside the handshake, so that a refusal is an alert of the
 * handshake, and at the moment that the endpoint gives. */
#include "peers/gnutls/internal.h"

#include "peers/gnutls/text.h"

static time_t frozen_time;

static time_t frozen_clock(time_t *out)
{
    if (out != NULL)
        *out = frozen_time;
    return frozen_time;
}

void verify_set_time(int64_t seconds)
{
    frozen_time = (time_t)seconds;
    gnutls_global_set_time_function(frozen_clock);
}

static void keep_status(struct stack_connection *connection, unsigned status)
{
    connection->verify_known = true;
    connection->verify_status = status;
    gnutls_datum_t text = { 0 };
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
        return;
    text_line(connection->verify_text, sizeof connection->verify_text, (const char *)text.data);
    gnutls_free(text.data);
}

/* Verifies the chain, the purpose (server or client authentication) and, at a client, the name. */
static int verify_peer(gnutls_session_t session)
{
    struct stack_connection *connection = gnutls_session_get_ptr(session);
    const struct endpoint *endpoint = &connection->context->endpoint;
    bool client = endpoint->role == ROLE_CLIENT;
    gnutls_typed_vdata_st demands[2] = {
        { .type = GNUTLS_DT_KEY_PURPOSE_OID,
          .data = (unsigned char *)(client ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT) },
        { .type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)endpoint->peer_name },
    };
    unsigned num_demands = client && endpoint->peer_name[0] != '\0' ? 2 : 1;
    unsigned status = 0, num_sent = 0;
    gnutls_certificate_get_peers(session, &num_sent);
    if (num_sent == 0)
        return 0; /* whether none is enough is for the request mode to say */
    int code = gnutls_certificate_verify_peers(session, demands, num_demands, &status);
    if (code < 0)
        return code;
    keep_status(connection, status);
    return status == 0 || endpoint->late_verify ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

void verify_attach(gnutls_certificate_credentials_t certificates)
{
    gnutls_certificate_set_verify_function(certificates, verify_peer);
}
