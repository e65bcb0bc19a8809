/* Sessions of TLS 1.3 that are taken up again (RFC 8446 sections 2.2, 4.2.11 and 4.6.1), where the
 * endpoint says so. A ticket is the session itself, in clear: this peer hides nothing. */
#include "peers/careless/careless.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

enum {
    BINDER_LEN = HASH_LEN,
    BINDERS_LEN = 2 + 1 + BINDER_LEN, /* of one identity */
    PSK_DHE_KE = 1,
    MARK_LEN = 16,
    TICKET_LEN = MARK_LEN + HASH_LEN,
    LIFETIME_S = 7200,
};

static const uint8_t mark[MARK_LEN] = "a session of us";

/* ---- binders ---- */

/* Over the transcript before the message, and the message without its binders. */
static int make_binder(conn *c, uint8_t out[BINDER_LEN], const uint8_t psk[HASH_LEN],
                       const uint8_t *before, size_t before_len, const uint8_t *message,
                       size_t message_len)
{
    uint8_t early[HASH_LEN], empty[HASH_LEN], key[HASH_LEN], digest[HASH_LEN];
    struct writer covered;
    writer_init(&covered, TRANSCRIPT_MAX);
    writer_bytes(&covered, before, before_len);
    writer_bytes(&covered, message, message_len);
    bool done = !covered.failed && hash(digest, covered.data, covered.len) == 0 &&
                hash(empty, "", 0) == 0 && mac(early, NULL, 0, psk, HASH_LEN) == 0 &&
                hkdf_expand_label(key, HASH_LEN, early, "res binder", empty, HASH_LEN) == 0 &&
                hkdf_expand_label(key, HASH_LEN, key, "finished", NULL, 0) == 0 &&
                mac(out, key, HASH_LEN, digest, HASH_LEN) == 0;
    writer_fini(&covered);
    return done ? 0 : refuse(c, ALERT_INTERNAL_ERROR, "binder");
}

/* ---- the client ---- */

bool offers_session(const conn *c)
{
    const struct session *session = c->context->session;
    return c->role == ROLE_CLIENT && session != NULL && session->ticket.len > 0 &&
           c->endpoint.max_version >= TLS13;
}

void add_session(struct hello *hello, const conn *c)
{
    static const uint8_t modes[] = { 1, PSK_DHE_KE };
    const struct session *session = c->context->session;
    struct writer body;
    if (session == NULL || c->endpoint.max_version < TLS13)
        return;
    hello_add_extension(hello, EXTENSION_PSK_KEY_EXCHANGE_MODES, modes, sizeof modes);
    if (!offers_session(c))
        return;
    writer_init(&body, UINT16_MAX);
    size_t identities = writer_open(&body, 2);
    size_t identity = writer_open(&body, 2);
    writer_bytes(&body, session->ticket.data, session->ticket.len);
    writer_close(&body, identity, 2);
    writer_u16(&body, (uint16_t)(session->age_add >> 16)); /* its age is nothing */
    writer_u16(&body, (uint16_t)session->age_add);
    writer_close(&body, identities, 2);
    writer_u16(&body, BINDERS_LEN - 2);
    writer_u8(&body, BINDER_LEN);
    for (size_t i = 0; i < BINDER_LEN; i++)
        writer_u8(&body, 0); /* put_binder() */
    hello_add_extension(hello, EXTENSION_PRE_SHARED_KEY, body.data, body.len);
    writer_fini(&body);
}

void put_binder(conn *c, uint8_t *message, size_t len)
{
    static const uint8_t form[] = { 0, BINDERS_LEN - 2, BINDER_LEN };
    if (len < HANDSHAKE_HEADER_LEN + BINDERS_LEN || message[0] != HANDSHAKE_CLIENT_HELLO ||
        !offers_session(c) || memcmp(message + len - BINDERS_LEN, form, sizeof form) != 0)
        return;
    make_binder(c, message + len - BINDER_LEN, c->context->session->psk, c->transcript.data,
                c->transcript.len, message, len - BINDERS_LEN);
}

int take_session(conn *c, const struct hello *hello)
{
    const struct extension *extension = hello_extension_const(hello, EXTENSION_PRE_SHARED_KEY);
    if (extension == NULL)
        return 0;
    struct reader body = reader_of(extension->body.data, extension->body.len);
    uint16_t chosen = reader_u16(&body);
    if (!reader_done(&body))
        return refuse(c, ALERT_DECODE_ERROR, "a pre_shared_key that does not parse");
    if (chosen != 0 || c->context->session == NULL)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "an identity that was not offered");
    memcpy(c->psk, c->context->session->psk, HASH_LEN);
    c->resumed = true;
    return 0;
}

/* ---- the server ---- */

static bool takes_dhe(const struct hello *hello)
{
    const struct extension *modes = hello_extension_const(hello, EXTENSION_PSK_KEY_EXCHANGE_MODES);
    if (modes == NULL)
        return false;
    struct reader body = reader_of(modes->body.data, modes->body.len);
    struct reader list = reader_block(&body, 1);
    return !body.failed && list.len > 0 && memchr(list.data, PSK_DHE_KE, list.len) != NULL;
}

/* The number of the first identity that is a ticket of ours; -1: none is. */
static int find_session(conn *c, struct reader identities)
{
    for (int i = 0; identities.len > 0 && !identities.failed; i++) {
        struct reader identity = reader_block(&identities, 2);
        reader_bytes(&identities, 4); /* obfuscated_ticket_age: no clock decides anything here */
        if (identities.failed || identity.len != TICKET_LEN ||
            memcmp(identity.data, mark, MARK_LEN) != 0)
            continue;
        memcpy(c->psk, identity.data + MARK_LEN, HASH_LEN);
        return i;
    }
    return -1;
}

static int judge_binder(conn *c, int number, struct reader binders, size_t binders_len)
{
    uint8_t expected[BINDER_LEN];
    struct reader binder = { .len = 0 };
    for (int i = 0; i <= number; i++)
        binder = reader_block(&binders, 1);
    if (binders.failed || binder.len != BINDER_LEN)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "a binder that does not fit its identity");
    /* The hello is in the transcript already. */
    if (make_binder(c, expected, c->psk, NULL, 0, c->transcript.data,
                    c->transcript.len - binders_len) != 0)
        return -1;
    return demand(c, CRYPTO_memcmp(binder.data, expected, BINDER_LEN) == 0, PLANT_FINISHED,
                  ALERT_DECRYPT_ERROR, "a binder that does not verify");
}

int choose_session(conn *c, const struct hello *hello)
{
    const struct extension *psk = hello_extension_const(hello, EXTENSION_PRE_SHARED_KEY);
    c->resumed = false;
    if (c->version != TLS13 || !c->endpoint.sessions || psk == NULL || !takes_dhe(hello))
        return 0;
    struct reader body = reader_of(psk->body.data, psk->body.len);
    struct reader identities = reader_block(&body, 2);
    size_t binders_len = body.len;
    struct reader binders = reader_block(&body, 2);
    if (!reader_done(&body) || identities.len == 0)
        return refuse(c, ALERT_DECODE_ERROR, "a pre_shared_key that does not parse");
    int number = find_session(c, identities);
    if (number < 0)
        return 0;
    c->resumed = true;
    c->identity = (uint16_t)number;
    return judge_binder(c, number, binders, binders_len);
}

/* ---- tickets ---- */

static int session_psk(conn *c, uint8_t out[HASH_LEN], const uint8_t *nonce, size_t nonce_len)
{
    return hkdf_expand_label(out, HASH_LEN, c->resumption_secret, "resumption", nonce, nonce_len) ==
                   0
               ? 0
               : refuse(c, ALERT_INTERNAL_ERROR, "key schedule");
}

int send_ticket13(conn *c)
{
    static const uint8_t nonce[] = { 0 };
    uint8_t psk[HASH_LEN], age_add[4];
    struct writer body;
    if (!c->endpoint.sessions)
        return 0;
    if (session_psk(c, psk, nonce, sizeof nonce) != 0 || RAND_bytes(age_add, sizeof age_add) != 1)
        return -1;
    writer_init(&body, HANDSHAKE_BODY_MAX);
    writer_u16(&body, 0);
    writer_u16(&body, LIFETIME_S);
    writer_bytes(&body, age_add, sizeof age_add);
    writer_u8(&body, sizeof nonce);
    writer_bytes(&body, nonce, sizeof nonce);
    size_t ticket = writer_open(&body, 2);
    writer_bytes(&body, mark, MARK_LEN);
    writer_bytes(&body, psk, HASH_LEN);
    writer_close(&body, ticket, 2);
    writer_u16(&body, 0); /* no extensions */
    send_message(c, HANDSHAKE_NEW_SESSION_TICKET, &body);
    writer_fini(&body);
    return 0;
}

/* The first one is kept: what a connection does must not hang on how many there were before. */
int ticket13(conn *c, const struct handshake_message *message)
{
    struct reader body = reader_of(message->body, message->len);
    struct session *session = c->context->session;
    reader_bytes(&body, 4); /* its lifetime: no clock decides anything here */
    uint32_t age_add = (uint32_t)reader_u16(&body) << 16;
    age_add |= reader_u16(&body);
    struct reader nonce = reader_block(&body, 1);
    struct reader ticket = reader_block(&body, 2);
    reader_block(&body, 2);
    if (!reader_done(&body) || ticket.len == 0)
        return refuse(c, ALERT_DECODE_ERROR, "a NewSessionTicket that does not parse");
    if (session == NULL || session->ticket.len > 0)
        return 0;
    session->age_add = age_add;
    writer_bytes(&session->ticket, ticket.data, ticket.len);
    return session_psk(c, session->psk, nonce.data, nonce.len);
}
