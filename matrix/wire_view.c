/* Fills a wire view: what passes is looked at record by record, so that nothing is kept of it. */
#include "matrix/wire_view.h"

#include "captures/exporter.h"
#include "harness/wire/registry.h"

#include <string.h>

enum { CONTENT_MIN = 4 }; /* shorter ones may stand in a ciphertext by chance */

/* Of the last record whose hellos are known; the same for all of them. */
static void find_exporter(struct wire_view *view, const struct tls_state *state)
{
    view->exporter_known =
        view->exporter_known ||
        (state->version != 0 && exporter_value(view->exporter, sizeof view->exporter, view->keys,
                                               state, "EXPORTER-tlsmatrix"));
}

static void note_random(struct wire_habits *habits, bool known, const uint8_t *random)
{
    if (!known)
        return;
    habits->random_known = true;
    memcpy(habits->random, random, KEYLOG_RANDOM_LEN);
}

/* The first of its kind counts: what a renegotiation repeats is no handshake's beginning. */
static void note_time(uint64_t *time_ns, struct place place)
{
    if (*time_ns == 0)
        *time_ns = place.time_ns;
}

static bool is_readable(const struct tls_record *record)
{
    if (record->content == NULL || record->content_len < CONTENT_MIN)
        return false;
    return record->protection == PROTECTION_NONE ||
           memmem(record->fragment, record->fragment_len, record->content, record->content_len) !=
               NULL;
}

/* GCM and CCM before TLS 1.3: eight bytes before the ciphertext (RFC 5288 section 3, RFC 6655
 * section 3); CBC since TLS 1.1: the IV (RFC 5246 section 6.2.3.2). */
static bool has_explicit_nonce(const struct tls_record *record, const struct tls_state *state)
{
    const struct suite *suite = suite_by_id(state->suite);
    if (suite == NULL || record->protection == PROTECTION_NONE || state->version == TLS13 ||
        record->fragment_len < NONCE_LEN)
        return false;
    if (suite->cipher == CIPHER_CBC)
        return state->version >= TLS11;
    return suite->cipher == CIPHER_AEAD && strstr(suite->name, "CHACHA20") == NULL;
}

static void note_nonce(struct wire_habits *habits, const uint8_t *nonce)
{
    for (size_t i = 0; i < habits->num_nonces; i++)
        if (memcmp(habits->nonces[i], nonce, NONCE_LEN) == 0)
            habits->nonce_repeated = true;
    if (habits->num_nonces < NONCES_WATCHED)
        memcpy(habits->nonces[habits->num_nonces++], nonce, NONCE_LEN);
}

static void on_record(void *context, const struct tls_record *record, const struct tls_state *state,
                      void **tap)
{
    struct wire_view *view = context;
    struct wire_habits *habits = &view->sent[record->from];
    (void)tap;
    note_random(&view->sent[ROLE_CLIENT], state->has_client_hello, state->client_random);
    note_random(&view->sent[ROLE_SERVER], state->has_server_hello, state->server_random);
    if (record->protection == PROTECTION_DECRYPTED)
        find_exporter(view, state);
    if (record->content_type == CONTENT_APPLICATION_DATA && is_readable(record))
        habits->data_in_clear = true;
    if (has_explicit_nonce(record, state))
        note_nonce(habits, record->fragment);
    ladder_record(&view->ladder, record);
    if (record->version == 0x0002)
        note_time(&view->hello_ns, record->first);
}

static void on_message(void *context, const struct tls_message *message,
                       const struct tls_state *state, void **tap)
{
    struct wire_view *view = context;
    (void)state, (void)tap;
    if (message->type == HANDSHAKE_CERTIFICATE && !message->under_protection)
        view->sent[message->from].certificate_in_clear = true;
    if (message->type == HANDSHAKE_CLIENT_HELLO)
        note_time(&view->hello_ns, message->first);
    if (message->type == HANDSHAKE_FINISHED)
        note_time(&view->finished_ns[message->from], message->last);
    ladder_message(&view->ladder, message);
}

/* RFC 8446 section 4.4: what a server sends after its ServerHello is encrypted, alerts too. */
static void on_alert(void *context, const struct tls_alert *alert, const struct tls_state *state,
                     void **tap)
{
    struct wire_view *view = context;
    (void)tap;
    if (alert->from == ROLE_SERVER && !alert->under_protection && state->has_server_hello &&
        state->version == TLS13)
        view->sent[ROLE_SERVER].alert_in_clear = true;
    ladder_alert(&view->ladder, alert);
}

static void on_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct wire_view *view = context;
    (void)tap;
    view->facts = *facts;
    ladder_end(&view->ladder, facts);
}

uint64_t wire_view_handshake_us(const struct wire_view *view)
{
    uint64_t client = view->finished_ns[ROLE_CLIENT], server = view->finished_ns[ROLE_SERVER];
    uint64_t last = client > server ? client : server;
    if (view->hello_ns == 0 || client == 0 || server == 0 || last < view->hello_ns)
        return 0;
    return (last - view->hello_ns) / 1000;
}

const struct analysis_sink wire_view_sink = {
    .connection = on_connection,
    .record = on_record,
    .message = on_message,
    .alert = on_alert,
};
