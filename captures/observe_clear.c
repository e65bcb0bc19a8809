/* What stands in clear: hellos, certificates before TLS 1.3, key exchange, tickets, identities. */
#include "captures/observe_parts.h"
#include "harness/wire/certificate_list.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts of peers ---- */

void append_printable(char *out, size_t room, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    size_t at = strlen(out);
    for (size_t i = 0; i < len; i++) {
        bool plain = from[i] >= 0x20 && from[i] < 0x7F && from[i] != '\\';
        size_t need = plain ? 1 : 4;
        if (at + need >= room)
            return;
        if (plain)
            out[at] = (char)from[i];
        else
            snprintf(out + at, room - at, "\\x%02x", from[i]);
        at += need;
        out[at] = '\0';
    }
}

static void append_item(char *out, size_t room, const void *bytes, size_t len)
{
    if (out[0] != '\0')
        append_printable(out, room, ",", 1);
    append_printable(out, room, bytes, len);
}

/* ---- hellos ---- */

static void count_grease(struct id_list *list)
{
    for (size_t i = 0; i < list->num_ids; i++)
        list->num_grease += is_grease(list->ids[i]);
}

static void read_list(struct id_list *out, const struct hello *hello, uint16_t type,
                      size_t prefix_len)
{
    const struct extension *extension = hello_extension_const(hello, type);
    if (extension != NULL)
        out->num_ids = extension_list(out->ids, extension, prefix_len);
    count_grease(out);
}

static struct reader body_of(const struct hello *hello, uint16_t type)
{
    const struct extension *extension = hello_extension_const(hello, type);
    if (extension == NULL)
        return reader_of(NULL, 0);
    return reader_of(extension->body.data, extension->body.len);
}

/* RFC 7301 section 3.1. */
static void read_protocols(char out[OBSERVE_TEXT_MAX], const struct hello *hello)
{
    struct reader body = body_of(hello, EXTENSION_ALPN);
    struct reader list = reader_block(&body, 2);
    while (list.len > 0 && !list.failed) {
        struct reader name = reader_block(&list, 1);
        if (!name.failed)
            append_item(out, OBSERVE_TEXT_MAX, name.data, name.len);
    }
}

/* RFC 8446 section 4.2.11; RFC 5054 section 2.8.1. */
static void read_identities(struct observed_client_hello *out, const struct hello *hello)
{
    enum { EXTENSION_SRP = 12 };
    struct reader body = body_of(hello, EXTENSION_PRE_SHARED_KEY);
    struct reader list = reader_block(&body, 2);
    struct reader identity = reader_block(&list, 2);
    if (!identity.failed)
        append_printable(out->psk_identity, OBSERVE_TEXT_MAX, identity.data, identity.len);
    struct reader srp = body_of(hello, EXTENSION_SRP);
    struct reader user = reader_block(&srp, 1);
    if (!user.failed)
        append_printable(out->user, OBSERVE_TEXT_MAX, user.data, user.len);
}

static void read_client_hello(struct observed_client_hello *out, const struct hello *hello)
{
    size_t len;
    out->legacy_version = hello->legacy_version;
    out->num_extensions = hello->num_extensions;
    out->session_id_len = hello->session_id_len;
    out->ticket_len = body_of(hello, EXTENSION_SESSION_TICKET).len;
    out->early_data = hello_extension_const(hello, EXTENSION_EARLY_DATA) != NULL;
    out->has_versions = hello_extension_const(hello, EXTENSION_SUPPORTED_VERSIONS) != NULL;
    memcpy(out->suites.ids, hello->suites, hello->num_suites * sizeof hello->suites[0]);
    out->suites.num_ids = hello->num_suites;
    count_grease(&out->suites);
    out->versions.num_ids = hello_versions(out->versions.ids, hello);
    count_grease(&out->versions);
    out->key_shares.num_ids = hello_key_share_groups(out->key_shares.ids, hello);
    count_grease(&out->key_shares);
    read_list(&out->groups, hello, EXTENSION_SUPPORTED_GROUPS, 2);
    read_list(&out->schemes, hello, EXTENSION_SIGNATURE_ALGORITHMS, 2);
    const uint8_t *name = hello_server_name(hello, &len);
    if (name != NULL)
        append_printable(out->server_name, sizeof out->server_name, name, len);
    read_protocols(out->protocols, hello);
    read_identities(out, hello);
}

static enum downgrade_sentinel sentinel_of(const uint8_t random[HELLO_RANDOM_LEN])
{
    const uint8_t *tail = random + HELLO_RANDOM_LEN - 8;
    if (memcmp(tail, "DOWNGRD", 7) != 0 || tail[7] > 1)
        return SENTINEL_NONE;
    return tail[7] == 1 ? SENTINEL_TLS12 : SENTINEL_BELOW;
}

static void read_server_hello(struct observed_server_hello *out, const struct hello *hello)
{
    size_t len;
    out->legacy_version = hello->legacy_version;
    out->session_id_len = hello->session_id_len;
    out->pre_shared_key = hello_extension_const(hello, EXTENSION_PRE_SHARED_KEY) != NULL;
    memcpy(out->random, hello->random, sizeof out->random);
    out->sentinel = sentinel_of(hello->random);
    const uint8_t *protocol = hello_first_protocol(hello, &len);
    if (protocol != NULL)
        append_printable(out->protocol, sizeof out->protocol, protocol, len);
}

/* Of several hellos the first of the client counts, which a HelloRetryRequest may follow, and the
 * first of the server that is none. */
static void take_hello(struct observation *seen, const struct tls_message *message)
{
    struct hello hello;
    if (hello_read(&hello, message->type, message->body, message->len, NULL) < 0)
        return;
    if (hello.kind == HELLO_CLIENT && seen->client.place.packet == 0) {
        read_client_hello(&seen->client, &hello);
        seen->client.place = message->first;
    } else if (hello.kind == HELLO_SERVER && seen->server.place.packet == 0) {
        read_server_hello(&seen->server, &hello);
        seen->server.place = message->last;
    }
    hello_fini(&hello);
}

/* ---- certificates ---- */

static void name_text(char out[OBSERVE_TEXT_MAX], const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    if (bio == NULL)
        return;
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    long len = BIO_get_mem_data(bio, &text);
    if (len > 0)
        append_printable(out, OBSERVE_TEXT_MAX, text, (size_t)len);
    BIO_free(bio);
}

static void time_text(char out[24], const ASN1_TIME *time)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) == 1)
        strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void key_text(char out[64], const X509 *certificate)
{
    char group[32];
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL)
        snprintf(out, 64, "unknown");
    else if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1)
        snprintf(out, 64, "%s %s", EVP_PKEY_get0_type_name(key), group);
    else
        snprintf(out, 64, "%s %d", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
}

static void alternative_names(char out[OBSERVE_TEXT_MAX], const X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        int type;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
        if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI)
            append_item(out, OBSERVE_TEXT_MAX, ASN1_STRING_get0_data(value),
                        (size_t)ASN1_STRING_length(value));
    }
    GENERAL_NAMES_free(names);
}

static void read_certificate(struct observed_certificate *out, const uint8_t *der, size_t len)
{
    X509 *certificate = d2i_X509(NULL, &der, (long)len);
    out->der_len = len;
    out->unreadable = certificate == NULL;
    if (certificate == NULL)
        return;
    name_text(out->subject, X509_get_subject_name(certificate));
    name_text(out->issuer, X509_get_issuer_name(certificate));
    time_text(out->not_before, X509_get0_notBefore(certificate));
    time_text(out->not_after, X509_get0_notAfter(certificate));
    key_text(out->key, certificate);
    alternative_names(out->names, certificate);
    X509_free(certificate);
}

/* RFC 5246 section 7.4.2. */
struct observed_chain *observe_chain(const struct tls_message *message)
{
    struct observed_chain *chain = calloc(1, sizeof *chain);
    struct certificate_list list = certificate_list_of(message->body, message->len, false);
    struct reader certificate;
    if (chain == NULL)
        return NULL;
    chain->place = message->last;
    chain->message_len = message->len;
    while (certificate_list_next(&list, &certificate)) {
        chain->num_certificates++;
        if (chain->num_kept < OBSERVE_CERTIFICATES_MAX)
            read_certificate(&chain->certificates[chain->num_kept++], certificate.data,
                             certificate.len);
    }
    return chain;
}

/* ---- key exchange ---- */

/* RFC 5246 section 7.4.3: the prime of finite-field DHE. */
static unsigned prime_bits(const struct suite *suite, struct reader reader)
{
    if (suite == NULL || suite->kx != KX_DHE)
        return 0;
    if (suite->auth == AUTH_PSK)
        reader_block(&reader, 2);
    struct reader prime = reader_block(&reader, 2);
    while (prime.len > 0 && prime.data[0] == 0)
        reader_u8(&prime);
    if (prime.failed || prime.len == 0)
        return 0;
    return (unsigned)(prime.len * 8) - (unsigned)(__builtin_clz(prime.data[0]) - 24);
}

/* RFC 4279 section 2: who has a pre-shared key says his name aloud. */
static void take_client_exchange(struct observation *seen, const struct tls_message *message,
                                 const struct suite *suite)
{
    struct reader reader = reader_of(message->body, message->len);
    seen->client_exchange.place = message->last;
    seen->client_exchange.message_len = message->len;
    if (suite == NULL || (suite->auth != AUTH_PSK && suite->kx != KX_RSA_PSK))
        return;
    struct reader identity = reader_block(&reader, 2);
    if (!identity.failed && seen->psk_identity[0] == '\0')
        append_printable(seen->psk_identity, OBSERVE_TEXT_MAX, identity.data, identity.len);
}

static void take_server_exchange(struct observation *seen, const struct tls_message *message,
                                 const struct suite *suite)
{
    seen->server_exchange.place = message->last;
    seen->server_exchange.message_len = message->len;
    seen->server_exchange.prime_bits = prime_bits(suite, reader_of(message->body, message->len));
}

/* RFC 5077 section 3.3: lifetime, then the ticket. */
static void take_ticket(struct observation *seen, const struct tls_message *message)
{
    struct reader reader = reader_of(message->body, message->len);
    reader_bytes(&reader, 4);
    struct reader ticket = reader_block(&reader, 2);
    if (ticket.failed || seen->ticket.packet != 0)
        return;
    seen->ticket = message->last;
    seen->ticket_len = ticket.len;
}

void observe_message(struct observation *seen, const struct tls_message *message,
                     const struct tls_state *state)
{
    const struct suite *suite = suite_by_id(state->suite);
    struct observed_end *end = &seen->end[message->from];
    switch (message->type) {
    case HANDSHAKE_CLIENT_HELLO:
    case HANDSHAKE_SERVER_HELLO:
        take_hello(seen, message);
        break;
    case HANDSHAKE_CERTIFICATE:
        if (end->chain == NULL)
            end->chain = observe_chain(message);
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        seen->certificate_requested = true;
        break;
    case HANDSHAKE_SERVER_KEY_EXCHANGE:
        take_server_exchange(seen, message, suite);
        break;
    case HANDSHAKE_CLIENT_KEY_EXCHANGE:
        take_client_exchange(seen, message, suite);
        break;
    case HANDSHAKE_NEW_SESSION_TICKET:
        take_ticket(seen, message);
        break;
    default:
        break;
    }
}
