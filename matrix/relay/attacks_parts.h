/* What the families of attacks share: actions, expectations, and words to write rows with. */
#ifndef TLSMATRIX_MATRIX_RELAY_ATTACKS_PARTS_H
#define TLSMATRIX_MATRIX_RELAY_ATTACKS_PARTS_H

#include "harness/wire/hello.h"
#include "matrix/relay/attacks.h"

/* ---- points ---- */

#define AT_START(role)                                                                             \
    {                                                                                              \
        .from = ROLE_##role, .kind = POINT_START                                                   \
    }
#define AT_MESSAGE(role, name)                                                                     \
    {                                                                                              \
        .from = ROLE_##role, .kind = POINT_MESSAGE, .message = (name)                              \
    }
#define AT_CHANGE(role)                                                                            \
    {                                                                                              \
        .from = ROLE_##role, .kind = POINT_CHANGE                                                  \
    }
#define AT_PROTECTED(role, n)                                                                      \
    {                                                                                              \
        .from = ROLE_##role, .kind = POINT_PROTECTED, .index = (n)                                 \
    }
#define AT_APPLICATION(role)                                                                       \
    {                                                                                              \
        .from = ROLE_##role, .kind = POINT_APPLICATION                                             \
    }
#define AT_CLOSE(role)                                                                             \
    {                                                                                              \
        .from = ROLE_##role, .kind = POINT_CLOSE                                                   \
    }
#define AT_CLIENT_HELLO AT_MESSAGE(CLIENT, HANDSHAKE_CLIENT_HELLO)
#define AT_SERVER_HELLO AT_MESSAGE(SERVER, HANDSHAKE_SERVER_HELLO)

/* ---- ends ---- */

/* An end in the handshake that may refuse with these alerts, or follows the other. */
#define REFUSES(...)                                                                               \
    {                                                                                              \
        .may_refuse = true, .alerts = { __VA_ARGS__ }, .stage = STAGE_HANDSHAKE                    \
    }
#define FOLLOWS                                                                                    \
    {                                                                                              \
        .stage = STAGE_HANDSHAKE                                                                   \
    }
/* The same behind the handshake. */
#define REFUSES_LATE(...)                                                                          \
    {                                                                                              \
        .may_refuse = true, .alerts = { __VA_ARGS__ }, .stage = STAGE_CLOSE,                       \
        .handshake_may_finish = true, .may_write = true                                            \
    }
#define FOLLOWS_LATE                                                                               \
    {                                                                                              \
        .stage = STAGE_CLOSE, .handshake_may_finish = true, .may_write = true                      \
    }
/* And data from the other end may have come before the attack. */
#define REFUSES_FED(...)                                                                           \
    {                                                                                              \
        .may_refuse = true, .alerts = { __VA_ARGS__ }, .stage = STAGE_CLOSE,                       \
        .handshake_may_finish = true, .may_write = true, .may_receive = true                       \
    }
#define FOLLOWS_FED                                                                                \
    {                                                                                              \
        .stage = STAGE_CLOSE, .handshake_may_finish = true, .may_write = true, .may_receive = true \
    }

#define ENDS(client, server)                                                                       \
    {                                                                                              \
        [ROLE_CLIENT] = client, [ROLE_SERVER] = server                                             \
    }

/* ---- predicates ---- */

bool when_psk(const struct matrix_case *c, uint16_t version);
bool when_no_psk(const struct matrix_case *c, uint16_t version);
bool when_client_verifies(const struct matrix_case *c, uint16_t version);
bool when_client_certificate(const struct matrix_case *c, uint16_t version);
/* The server could go lower than what would be negotiated, and so could the client; with
 * whatever suite and group there are. */
bool when_both_go_lower(const struct matrix_case *c, uint16_t version);
bool when_only_server_goes_lower(const struct matrix_case *c, uint16_t version);
/* The server's lowest version is the one that would be negotiated. */
bool when_server_is_at_lowest(const struct matrix_case *c, uint16_t version);
bool when_client_is_at_lowest(const struct matrix_case *c, uint16_t version);
/* The server's best version is above what would be negotiated. */
bool when_server_has_better(const struct matrix_case *c, uint16_t version);
bool when_client_has_tls13(const struct matrix_case *c, uint16_t version);
/* ServerKeyExchange comes, signed: (EC)DHE with a certificate. */
bool when_key_exchange_is_signed(const struct matrix_case *c, uint16_t version);
bool when_any_suite(const struct matrix_case *c, uint16_t version);
bool when_any_group(const struct matrix_case *c, uint16_t version);
bool when_ephemeral(const struct matrix_case *c, uint16_t version);
/* No finite field: whether a changed share in one is still a good one is a matter of chance. */
bool when_no_dhe(const struct matrix_case *c, uint16_t version);
/* A curve is used, so that the client says which it has. */
bool when_curve(const struct matrix_case *c, uint16_t version);

/* ---- expectations that several attacks share ---- */

/* A ClientHello was changed into another good one, so the transcripts differ. TLS 1.3: the
 * handshake keys differ, and the client is the first to read something with them (RFC 8446 sections
 * 7.1 and 5.2); with a PSK the binder comes first (section 4.2.11). Before: the server is the first
 * to read a Finished (RFC 5246 section 7.4.9), and cannot even decrypt it where the master secret
 * covers the transcript (RFC 7627). */
extern const struct attack_expectation transcript_differs[];
/* The same without the rows for PSK, for what a PSK handshake answers otherwise. */
#define TRANSCRIPT_BEFORE_TLS13                                                                    \
    {                                                                                              \
        BEFORE_TLS13, NULL, ATTACK_REFUSED,                                                        \
            ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC))                      \
    }
/* Only the server, only the client, in the handshake, whatever the version. */
extern const struct attack_expectation server_unexpected_message[];
extern const struct attack_expectation client_unexpected_message[];
extern const struct attack_expectation server_decode_error[];
extern const struct attack_expectation client_decode_error[];
/* A record that cannot be deprotected (RFC 8446 section 5.2; RFC 5246 sections 6.2.3.3 and 7.2.2):
 * in the client's last flight, where a TLS 1.3 client is done, and may have sent its request,
 * before the server has read Finished; in place of, or behind, the first data to the server;
 * likewise to the client. */
extern const struct attack_expectation server_bad_mac[];
extern const struct attack_expectation request_bad_mac[];
extern const struct attack_expectation answer_bad_mac[];
/* Before TLS 1.3: a message out of order comes to the server. */
extern const struct attack_expectation server_out_of_order[];

/* ---- actions ---- */

/* Reads the hello in hand, lets `edit` change it, writes it back. What is no hello stays as it is.
 */
void act_on_hello(struct tamper *tamper,
                  void (*edit)(struct hello *hello, const struct tamper *tamper));

/* Defines act_EDIT(), the action that lets EDIT change the hello in hand. */
#define HELLO_ACTION(edit)                                                                         \
    void act_##edit(struct tamper *tamper)                                                         \
    {                                                                                              \
        act_on_hello(tamper, edit);                                                                \
    }

/* The extension `value` of the hello in hand: put in with the body `data`; taken out; taken out, or
 * put in where there is none. */
void act_add_extension(struct tamper *tamper);
void act_strip_extension(struct tamper *tamper);
void act_toggle_extension(struct tamper *tamper);
/* The hello's first extension stands in it twice. */
void act_repeat_extension(struct tamper *tamper);
/* Another session id; one of full length where there was none. */
void act_change_session_id(struct tamper *tamper);
/* One bit of the random, none of those that may be a downgrade signal (RFC 8446 section 4.1.3). */
void act_flip_random(struct tamper *tamper);
/* Flips the lowest bit of the byte that is `value` from the end. */
void act_flip(struct tamper *tamper);
/* Flips the lowest bit of the byte at `value`. */
void act_flip_at(struct tamper *tamper);
/* What becomes of it is `value`, an enum fate. */
void act_fate(struct tamper *tamper);
/* Puts a record of type `value` with `data` in front of it, behind it. */
void act_insert_before(struct tamper *tamper);
void act_insert_after(struct tamper *tamper);
/* Sends such a record back to where it came from. */
void act_insert_back(struct tamper *tamper);
/* Puts `data` in front of it, which are no records. */
void act_bytes_before(struct tamper *tamper);
/* Appends `value` zero bytes, cuts `value` bytes from the end: of messages. */
void act_append(struct tamper *tamper);
void act_cut(struct tamper *tamper);
/* Hands it on twice. */
void act_duplicate(struct tamper *tamper);
/* Keeps it for a later step. */
void act_stash(struct tamper *tamper);

/* Words of a step. */
#define RECORD_BYTES(...)                                                                          \
    .data = (const uint8_t[]){ __VA_ARGS__ }, .data_len = sizeof((const uint8_t[]){ __VA_ARGS__ })

extern const struct attack_family family_versions, family_client_hello, family_server_hello,
    family_messages, family_records, family_injections, family_cuts, family_shortcuts;

#define FAMILY(variable, family_name, rows)                                                        \
    const struct attack_family variable = { (family_name), (rows), sizeof(rows) / sizeof(rows)[0] }

#endif
