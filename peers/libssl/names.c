/* The names and application protocols that a server takes, and a client offers. */
#include "peers/libssl/dialect.h"

#include <string.h>
#include <strings.h>

/* RFC 6066 section 3. A hello that asks for no name at all is served. */
static int check_served_name(SSL *ssl, int *alert, void *arg)
{
    const struct stack_context *context = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == NULL || strcasecmp(name, context->endpoint.served_name) == 0)
        return SSL_TLSEXT_ERR_OK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* "h2,http/1.1" as RFC 7301 section 3.1 has it: each behind its length. Returns the bytes. */
static size_t protocol_list(uint8_t out[PROTOCOLS_LEN + 1], const char *text)
{
    size_t len = 0;
    while (*text != '\0') {
        size_t one = strcspn(text, ",");
        if (one > 0 && one <= UINT8_MAX) {
            out[len++] = (uint8_t)one;
            memcpy(out + len, text, one);
            len += one;
        }
        text += one + (text[one] == ',');
    }
    return len;
}

/* The entry of `list` that is `wanted` (both with their length before them); NULL: none. */
static const uint8_t *find_protocol(const uint8_t *list, size_t len, const uint8_t *wanted)
{
    for (size_t at = 0; at < len && at + 1 + list[at] <= len; at += 1 + (size_t)list[at])
        if (list[at] == wanted[0] && memcmp(list + at, wanted, 1 + (size_t)wanted[0]) == 0)
            return list + at;
    return NULL;
}

static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned offered_len, void *arg)
{
    const struct stack_context *context = arg;
    uint8_t own[PROTOCOLS_LEN + 1];
    size_t own_len = protocol_list(own, context->endpoint.protocols);
    (void)ssl;
    for (size_t at = 0; at < own_len; at += 1 + (size_t)own[at]) {
        const uint8_t *found = find_protocol(offered, offered_len, own + at);
        if (found == NULL)
            continue;
        *out = found + 1;
        *out_len = found[0];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL; /* no_application_protocol */
}

int libssl_set_names(struct stack_context *context, struct error *err)
{
    const struct endpoint *endpoint = &context->endpoint;
    uint8_t list[PROTOCOLS_LEN + 1];
    size_t len = protocol_list(list, endpoint->protocols);
    if (endpoint->role == ROLE_CLIENT)
        return len > 0 && SSL_CTX_set_alpn_protos(context->ctx, list, (unsigned)len) != 0
                   ? libssl_error(err, ERROR_USAGE, "application protocols")
                   : 0;
    if (len > 0)
        SSL_CTX_set_alpn_select_cb(context->ctx, select_protocol, context);
    if (endpoint->served_name[0] != '\0') {
        SSL_CTX_set_tlsext_servername_callback(context->ctx, check_served_name);
        SSL_CTX_set_tlsext_servername_arg(context->ctx, context);
    }
    return 0;
}
