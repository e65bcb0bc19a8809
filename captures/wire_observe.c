#include "captures/wire_observe.h"

#include "harness/wire/certificate_list.h"
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

enum { ALERT_LEVEL_FATAL = 2, CURVE_TYPE_NAMED = 3 /* RFC 8422 section 5.4 */ };

/* ---- records ---- */

static void count_application(struct wire_end *end, const struct tls_record *record,
                              const struct tls_state *state)
{
    bool opaque = record->protection == PROTECTION_OPAQUE;
    size_t len = opaque ? record->fragment_len : record->content_len;
    if (record->content_type != CONTENT_APPLICATION_DATA || len == 0)
        return;
    if (opaque && (state->version == TLS13 || state->version == 0))
        return; /* it may be anything */
    if (end->application_records++ == 0)
        end->first_application = record->first;
    end->application_bytes += record->content_len;
    if (record->early)
        end->early_bytes += record->content_len;
}

void wire_observe_record(struct wire_observer *observer, const struct tls_record *record,
                         const struct tls_state *state)
{
    struct wire_end *end = &observer->facts.end[record->from];
    end->num_records++;
    end->num_hurt += record->hurt;
    if (record->type == CONTENT_CHANGE_CIPHER_SPEC)
        end->sent_change_cipher_spec = true;
    if (record->version == 0x0002)
        end->sent_hello = true;
    if (record->protection == PROTECTION_OPAQUE) {
        end->num_opaque++;
        end->opaque_bytes += record->fragment_len;
        if (observer->facts.why_not[0] == '\0')
            snprintf(observer->facts.why_not, sizeof observer->facts.why_not, "%s", record->why);
    }
    count_application(end, record, state);
}

/* ---- messages ---- */

static void observe_server_hello(struct wire_observer *observer, const struct tls_message *message)
{
    struct hello hello;
    uint16_t shares[HELLO_LIST_MAX];
    if (hello_read(&hello, message->type, message->body, message->len, NULL) < 0)
        return;
    if (hello.kind == HELLO_SERVER) {
        observer->facts.group = hello_key_share_groups(shares, &hello) == 1 ? shares[0] : 0;
        observer->facts.resumed = hello_chosen_version(&hello) == TLS13 &&
                                  hello_extension_const(&hello, EXTENSION_PRE_SHARED_KEY) != NULL;
    }
    hello_fini(&hello);
}

/* EncryptedExtensions: RFC 8446 sections 4.3.1 and 4.2.10. */
static bool accepts_early_data(const struct tls_message *message)
{
    struct reader reader = reader_of(message->body, message->len);
    struct reader extensions = reader_block(&reader, 2);
    bool found = false;
    while (!extensions.failed && extensions.len > 0) {
        found |= reader_u16(&extensions) == EXTENSION_EARLY_DATA;
        reader_block(&extensions, 2);
    }
    return found && !extensions.failed;
}

/* RFC 8446 section 4.4.2; RFC 5246 section 7.4.2. */
static void observe_certificate(struct wire_end *end, const struct tls_message *message,
                                uint16_t version)
{
    struct certificate_list list =
        certificate_list_of(message->body, message->len, version == TLS13);
    struct reader certificate;
    if (end->certificate != CERTIFICATE_UNSEEN)
        return; /* of a renegotiation, or later authentication: the first is the fact */
    end->certificate = list.entries.len == 0 ? CERTIFICATE_EMPTY : CERTIFICATE_SENT;
    while (certificate_list_next(&list, &certificate)) {
        if (end->num_certificates++ == 0)
            EVP_Digest(certificate.data, certificate.len, end->certificate_sha256, NULL,
                       EVP_sha256(), NULL);
    }
}

/* The prime of a group of RFC 7919 as libcrypto has it; NULL. The caller owns it. */
static BIGNUM *prime_of(const struct group *group)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)group->name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    EVP_PKEY *key = NULL;
    BIGNUM *prime = NULL;
    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEY_PARAMETERS, (OSSL_PARAM *)params) == 1)
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_P, &prime);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    return prime;
}

/* Before TLS 1.3 a group of RFC 7919 shows by its prime (section 3). */
static uint16_t group_of_prime(const uint8_t *bytes, size_t len)
{
    uint16_t found = 0;
    BIGNUM *prime = BN_bin2bn(bytes, len > 1024 ? 1024 : (int)len, NULL);
    for (size_t i = 0; i < num_groups && found == 0; i++) {
        BIGNUM *known = groups[i].kind == GROUP_FFDHE ? prime_of(&groups[i]) : NULL;
        if (known != NULL && prime != NULL && BN_cmp(prime, known) == 0)
            found = groups[i].id;
        BN_free(known);
    }
    BN_free(prime);
    return found;
}

/* RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279 sections 3 and 4, RFC 5489 section 2. */
static void observe_key_exchange(struct wire_facts *facts, const struct tls_message *message,
                                 const struct tls_state *state)
{
    const struct suite *suite = suite_by_id(state->suite);
    struct reader reader = reader_of(message->body, message->len);
    if (suite == NULL || (suite->kx != KX_ECDHE && suite->kx != KX_DHE))
        return;
    if (suite->auth == AUTH_PSK)
        reader_block(&reader, 2); /* identity hint */
    if (suite->kx == KX_ECDHE) {
        if (reader_u8(&reader) != CURVE_TYPE_NAMED)
            return;
        facts->group = reader_u16(&reader);
        reader_block(&reader, 1);
    } else {
        struct reader prime = reader_block(&reader, 2);
        reader_block(&reader, 2);
        reader_block(&reader, 2);
        if (!prime.failed && prime.len > 0)
            facts->group = group_of_prime(prime.data, prime.len);
    }
    bool is_signed = suite->auth != AUTH_PSK && suite->auth != AUTH_ANON;
    if (is_signed && state->version == TLS12)
        facts->signature_scheme = reader_u16(&reader);
}

void wire_observe_message(struct wire_observer *observer, const struct tls_message *message,
                          const struct tls_state *state)
{
    struct wire_facts *facts = &observer->facts;
    struct wire_end *end = &facts->end[message->from];
    struct reader reader = reader_of(message->body, message->len);
    switch (message->type) {
    case HANDSHAKE_CLIENT_HELLO:
        end->sent_hello = true;
        break;
    case HANDSHAKE_SERVER_HELLO:
        end->sent_hello = true;
        observe_server_hello(observer, message);
        break;
    case HANDSHAKE_CERTIFICATE:
        observe_certificate(end, message, state->version);
        break;
    case HANDSHAKE_ENCRYPTED_EXTENSIONS:
        facts->early_accepted = accepts_early_data(message);
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        facts->certificate_requested = true;
        break;
    case HANDSHAKE_SERVER_KEY_EXCHANGE:
        observe_key_exchange(facts, message, state);
        break;
    case HANDSHAKE_CERTIFICATE_VERIFY:
        if (message->from == ROLE_SERVER && state->version == TLS13)
            facts->signature_scheme = reader_u16(&reader);
        break;
    case HANDSHAKE_SERVER_HELLO_DONE:
        observer->server_hello_done = true;
        break;
    case HANDSHAKE_FINISHED:
        end->sent_finished = true;
        break;
    default:
        break;
    }
}

/* ---- alerts ---- */

/* In TLS 1.3 the level means nothing (RFC 8446 section 6). */
static bool ends_it(const struct tls_alert *alert, uint16_t version)
{
    if (alert->description == ALERT_CLOSE_NOTIFY || alert->description == ALERT_USER_CANCELED)
        return false;
    return version == TLS13 || alert->level == ALERT_LEVEL_FATAL;
}

void wire_observe_alert(struct wire_observer *observer, const struct tls_alert *alert,
                        const struct tls_state *state)
{
    struct wire_end *end = &observer->facts.end[alert->from];
    const struct wire_alert seen = { alert->place, alert->level, alert->description,
                                     alert->under_protection };
    end->num_alerts++;
    if (alert->description == ALERT_CLOSE_NOTIFY && end->close_notify.place.packet == 0)
        end->close_notify = seen;
    if (ends_it(alert, state->version) && end->alert.place.packet == 0)
        end->alert = seen;
}

/* ---- the end ---- */

/* Of what one end did in the same packet the first of these is the reason for the others. */
static const struct place *close_place(const struct wire_end *end, enum wire_close how)
{
    switch (how) {
    case WIRE_CLOSE_NOTIFY:
        return &end->close_notify.place;
    case WIRE_CLOSE_ALERT:
        return &end->alert.place;
    case WIRE_CLOSE_FIN:
        return &end->tcp.fin;
    default:
        return &end->tcp.rst;
    }
}

static void find_close(struct wire_facts *facts)
{
    for (int how = WIRE_CLOSE_NOTIFY; how <= WIRE_CLOSE_RST; how++)
        for (int role = 0; role < 2; role++) {
            const struct place *place = close_place(&facts->end[role], (enum wire_close)how);
            if (place->packet == 0 || (facts->closed && place->packet >= facts->closed_at.packet))
                continue;
            facts->closed = true;
            facts->closed_first = (enum role)role;
            facts->closed_how = (enum wire_close)how;
            facts->closed_at = *place;
        }
}

static void copy_end(struct wire_facts *facts, enum role role, const struct connection *connection,
                     const struct tls_state *state)
{
    enum role tcp_role = state->roles_swapped ? (enum role)(1 - role) : role;
    struct wire_end *end = &facts->end[role];
    facts->address[role] = connection->address[tcp_role];
    facts->preamble_len[role] = state->preamble_len[role];
    end->tcp = connection->sent[tcp_role];
    end->record_left = state->waiting[role] > 0;
    end->framing_lost = state->lost[role];
}

void wire_observe_end(struct wire_observer *observer, const struct connection *connection,
                      const struct tls_state *state, enum flow_end end)
{
    struct wire_facts *facts = &observer->facts;
    const struct wire_end *ends = facts->end;
    copy_end(facts, ROLE_CLIENT, connection, state);
    copy_end(facts, ROLE_SERVER, connection, state);
    facts->number = connection->number;
    facts->start_seen = connection->start_seen;
    facts->flow_end = end;
    facts->first = connection->first;
    facts->last = connection->last;
    facts->num_packets = connection->num_packets;
    facts->is_tls = state->is_tls;
    facts->sslv2_hello = state->sslv2_hello;
    facts->version = state->version;
    facts->suite = state->suite;
    facts->retried = state->retried;
    if (state->version != TLS13 && ends[ROLE_SERVER].sent_change_cipher_spec &&
        ends[ROLE_SERVER].sent_hello && !observer->server_hello_done)
        facts->resumed = true;
    facts->complete = connection->start_seen && ends[0].tcp.missing == 0 &&
                      ends[1].tcp.missing == 0 && end != FLOW_FORGOTTEN;
    facts->decrypted = ends[0].num_opaque == 0 && ends[1].num_opaque == 0;
    find_close(facts);
}
