/* Attacks on records under protection: changed, repeated, left out, put into another order, cut;
 * and on the record layer's bounds. */
#include "harness/wire/record.h"
#include "matrix/relay/attacks_parts.h"

enum { TYPE_AT = 0 };

/* Messages of a TLS 1.3 server's protected flight behind EncryptedExtensions and, where there is
 * one, CertificateRequest. */
enum flight_message { FLIGHT_CERTIFICATE, FLIGHT_CERTIFICATE_VERIFY, FLIGHT_FINISHED };

/* In a record that holds the flight whole: how far from its end a byte of each message lies, for
 * any signature (RFC 8446 section 4.4.3: above 60 bytes) and hash (32 or 48 bytes). */
static size_t distance_from_end(enum flight_message message, size_t len)
{
    enum { TAG_AND_TYPE_LEN = 17, FINISHED_LEN_MAX = 4 + 48, INSIDE = 8 };
    static const size_t distances[] = {
        [FLIGHT_CERTIFICATE_VERIFY] = TAG_AND_TYPE_LEN + FINISHED_LEN_MAX + INSIDE,
        [FLIGHT_FINISHED] = TAG_AND_TYPE_LEN + INSIDE,
    };
    return message == FLIGHT_CERTIFICATE ? len / 2 : distances[message];
}

/* Flips a bit in the message `value` of the server's flight, whether it comes in one record or in
 * one for each message: the first that is as long as only a certificate makes it, tells. Called for
 * record after record; the stash holds how many came since that one. */
static void act_flip_in_flight(struct tamper *tamper)
{
    enum { WITH_CERTIFICATE_LEN = 260 };
    enum flight_message message = (enum flight_message)tamper->step->value;
    struct writer *unit = tamper->unit, *since = tamper->stash;
    bool whole = tamper->step->at.index == 0;
    if (since->len == 0 && unit->len < WITH_CERTIFICATE_LEN)
        return;
    if ((since->len == 0 && whole) || since->len == message)
        unit->data[unit->len - 1 -
                   distance_from_end(whole ? message : FLIGHT_CERTIFICATE, unit->len)] ^= 1;
    writer_u8(since, 0);
}

/* Takes a byte off the record's end and says so in its header. */
static void act_shorten(struct tamper *tamper)
{
    struct writer *unit = tamper->unit;
    if (unit->len <= RECORD_HEADER_LEN)
        return;
    size_t len = --unit->len - RECORD_HEADER_LEN;
    unit->data[RECORD_HEADER_LEN - 2] = (uint8_t)(len >> 8);
    unit->data[RECORD_HEADER_LEN - 1] = (uint8_t)len;
}

/* The record becomes one without content. */
static void act_empty(struct tamper *tamper)
{
    uint8_t type = tamper->unit->len > 0 ? tamper->unit->data[TYPE_AT] : 0;
    record_write(tamper->replace, type, tamper->record_version, NULL, 0);
}

/* The outer type of the record becomes `value`. */
static void act_retype(struct tamper *tamper)
{
    if (tamper->unit->len > 0)
        tamper->unit->data[TYPE_AT] = (uint8_t)tamper->step->value;
}

static void write_zeros(struct writer *out, uint8_t type, uint16_t version, size_t len)
{
    writer_u8(out, type);
    writer_u16(out, version);
    size_t mark = writer_open(out, 2);
    for (size_t i = 0; i < len; i++)
        writer_u8(out, 0);
    writer_close(out, mark, 2);
}

/* A record that is one byte longer than its version allows under protection (RFC 8446 section 5.2;
 * RFC 5246 section 6.2.3), in front. */
static void act_oversize(struct tamper *tamper)
{
    size_t expansion = tamper->version == TLS13 ? 256 : 2048;
    write_zeros(tamper->before, CONTENT_APPLICATION_DATA, tamper->record_version,
                RECORD_PLAINTEXT_MAX + expansion + 1);
}

/* Likewise in clear (RFC 8446 section 5.1; RFC 5246 section 6.2.1), of type `value`. */
static void act_oversize_clear(struct tamper *tamper)
{
    write_zeros(tamper->before, (uint8_t)tamper->step->value, tamper->record_version,
                RECORD_PLAINTEXT_MAX + 1);
}

/* ---- what must happen ---- */

/* RFC 8446 section 5.2; RFC 5246 section 6.2.3.3 and, of a MAC, 7.2.2. The server's first record
 * under protection is part of its handshake; before TLS 1.3 it is its Finished, behind which its
 * own handshake is done. */
static const struct attack_expectation client_bad_mac[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS_LATE) },
    { 0 },
};

/* Behind the exchange: what was to be said has been said, but the end is not clean. */
static const struct attack_expectation server_close_bad_mac[] = {
    { IN_ALL, NULL, ATTACK_CUT, ENDS(FOLLOWS_FED, REFUSES_FED(ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* The client has closed its direction before, and may send nothing more in it (RFC 8446 section
 * 6.1; RFC 5246 section 7.2.1). */
static const struct attack_expectation client_close_bad_mac[] = {
    { IN_ALL,
      NULL,
      ATTACK_CUT,
      { [ROLE_CLIENT] = { .may_refuse = true,
                          .silent = true,
                          .alerts = { ALERT_BAD_RECORD_MAC },
                          .stage = STAGE_CLOSE,
                          .handshake_may_finish = true,
                          .may_write = true,
                          .may_receive = true },
        [ROLE_SERVER] = FOLLOWS_FED } },
    { 0 },
};

static const struct attack_expectation flight_bad_mac[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation server_bad_mac_tls13[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS_LATE, REFUSES(ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* The type is covered by the protection (RFC 8446 section 5.2; RFC 5246 section 6.2.3.3), and a
 * type that does not belong there an unexpected message (RFC 8446 section 5; RFC 5246 section 6).
 */
static const struct attack_expectation server_type_changed[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS_LATE, REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation request_type_changed[] = {
    { IN_ALL, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* Nothing that could be deprotected; some call that a matter of form. */
static const struct attack_expectation request_empty[] = {
    { IN_ALL, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_BAD_RECORD_MAC, ALERT_DECODE_ERROR)) },
    { 0 },
};

static const struct attack_expectation answer_empty[] = {
    { IN_ALL, NULL, ATTACK_REFUSED,
      ENDS(REFUSES_LATE(ALERT_BAD_RECORD_MAC, ALERT_DECODE_ERROR), FOLLOWS_FED) },
    { 0 },
};

/* Before TLS 1.3 it is application data, too, where Finished is due (RFC 5246 section 6). */
static const struct attack_expectation server_overflow[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS_LATE, REFUSES(ALERT_RECORD_OVERFLOW)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_RECORD_OVERFLOW, ALERT_UNEXPECTED_MESSAGE)) },
    { 0 },
};

static const struct attack_expectation client_overflow[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_RECORD_OVERFLOW), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_RECORD_OVERFLOW, ALERT_UNEXPECTED_MESSAGE), FOLLOWS_LATE) },
    { 0 },
};

/* Before TLS 1.3 record_overflow is for what is longer by far (RFC 5246 section 7.2.2), and no text
 * says what a byte too many is; nor that it is looked at before what it holds. */
#define LONGER_BY_A_BYTE                                                                           \
    ALERT_RECORD_OVERFLOW, ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER,  \
        ALERT_DECOMPRESSION_FAILURE

static const struct attack_expectation clear_overflow_client[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_RECORD_OVERFLOW), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(LONGER_BY_A_BYTE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation clear_overflow_server[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_RECORD_OVERFLOW)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(LONGER_BY_A_BYTE)) },
    { 0 },
};

/* Behind ChangeCipherSpec the first record is to be protected, and so it is not; before it
 * ciphertext is read as a message, of any type and length. */
#define OUT_OF_ORDER ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER

static const struct attack_expectation client_change_order[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(OUT_OF_ORDER), FOLLOWS_LATE) },
    { 0 },
};

static const struct attack_expectation server_change_order[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(OUT_OF_ORDER)) },
    { 0 },
};

#define MAC_TEXT "RFC 8446 section 5.2; RFC 5246 sections 6.2.3 and 7.2.2"

/* Before TLS 1.3 the first record under protection is Finished. */
#define CLIENT_FINISHED AT_PROTECTED(CLIENT, 0)
#define SERVER_FINISHED AT_PROTECTED(SERVER, 0)

/* A flight of one record for each message has five of them, with CertificateRequest. */
#define FLIP_IN_FLIGHT(which)                                                                      \
    {                                                                                              \
        { AT_PROTECTED(SERVER, 0), act_flip_in_flight, .value = (which) },                         \
            { AT_PROTECTED(SERVER, 1), act_flip_in_flight, .value = (which) },                     \
            { AT_PROTECTED(SERVER, 2), act_flip_in_flight, .value = (which) },                     \
            { AT_PROTECTED(SERVER, 3), act_flip_in_flight, .value = (which) },                     \
        {                                                                                          \
            AT_PROTECTED(SERVER, 4), act_flip_in_flight, .value = (which)                          \
        }                                                                                          \
    }

static const struct attack rows[] = {
    { .name = "flip-protected-certificate",
      .text = "A bit of the server's Certificate is flipped, under protection.",
      .references = "RFC 8446 sections 4.4.2 and 5.2",
      .steps = FLIP_IN_FLIGHT(FLIGHT_CERTIFICATE),
      .expectations = flight_bad_mac },
    { .name = "flip-protected-certificate-verify",
      .text = "A bit of the server's CertificateVerify is flipped, under protection.",
      .references = "RFC 8446 sections 4.4.3 and 5.2",
      .steps = FLIP_IN_FLIGHT(FLIGHT_CERTIFICATE_VERIFY),
      .expectations = flight_bad_mac },
    { .name = "flip-protected-finished",
      .text = "A bit of the server's Finished is flipped, under protection.",
      .references = "RFC 8446 sections 4.4.4 and 5.2",
      .steps = FLIP_IN_FLIGHT(FLIGHT_FINISHED),
      .expectations = flight_bad_mac },
    { .name = "flip-server-finished",
      .text = "A bit at the end of the server's first protected record is flipped: TLS 1.3's "
              "handshake, before that Finished.",
      .references = MAC_TEXT,
      .steps = { { SERVER_FINISHED, act_flip } },
      .expectations = client_bad_mac },
    { .name = "flip-server-protected-start",
      .text = "A bit at the start of the server's first protected record is flipped.",
      .references = MAC_TEXT,
      .steps = { { SERVER_FINISHED, act_flip_at, .value = RECORD_HEADER_LEN } },
      .expectations = client_bad_mac },
    { .name = "flip-client-finished",
      .text = "A bit at the end of the client's first protected record is flipped: Finished, or in "
              "TLS 1.3 its certificate.",
      .references = MAC_TEXT,
      .steps = { { CLIENT_FINISHED, act_flip } },
      .expectations = server_bad_mac },
    { .name = "flip-client-protected-start",
      .text = "A bit at the start of the client's first protected record is flipped.",
      .references = MAC_TEXT,
      .steps = { { CLIENT_FINISHED, act_flip_at, .value = RECORD_HEADER_LEN } },
      .expectations = server_bad_mac },
    { .name = "flip-request",
      .text = "A bit of the client's application data is flipped.",
      .references = MAC_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_flip_at, .value = RECORD_HEADER_LEN } },
      .expectations = request_bad_mac },
    { .name = "flip-answer",
      .text = "A bit of the server's application data is flipped.",
      .references = MAC_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_flip_at, .value = RECORD_HEADER_LEN } },
      .expectations = answer_bad_mac },
    { .name = "flip-client-close",
      .text = "A bit of the client's close_notify is flipped.",
      .references = MAC_TEXT,
      .steps = { { AT_CLOSE(CLIENT), act_flip } },
      .expectations = server_close_bad_mac },
    { .name = "flip-server-close",
      .text = "A bit of the server's close_notify is flipped.",
      .references = MAC_TEXT,
      .steps = { { AT_CLOSE(SERVER), act_flip } },
      .expectations = client_close_bad_mac },
    { .name = "replay-server-finished",
      .text = "The server's first protected record comes twice.",
      .references = "RFC 8446 sections 5.2 and 5.3; RFC 5246 section 6.1",
      .steps = { { SERVER_FINISHED, act_duplicate } },
      .expectations = answer_bad_mac },
    { .name = "replay-client-finished",
      .text = "The client's first protected record comes twice.",
      .references = "RFC 8446 sections 5.2 and 5.3; RFC 5246 section 6.1",
      .steps = { { CLIENT_FINISHED, act_duplicate } },
      .expectations = request_bad_mac },
    { .name = "replay-request",
      .text = "The client's application data comes twice.",
      .references = "RFC 8446 sections 5.2 and 5.3; RFC 5246 section 6.1",
      .steps = { { AT_APPLICATION(CLIENT), act_duplicate } },
      .expectations = server_close_bad_mac },
    { .name = "replay-answer",
      .text = "The server's application data comes twice.",
      .references = "RFC 8446 sections 5.2 and 5.3; RFC 5246 section 6.1",
      .steps = { { AT_APPLICATION(SERVER), act_duplicate } },
      .expectations = client_close_bad_mac },
    { .name = "drop-client-finished",
      .text = "The client's first protected record is left out.",
      .references = "RFC 8446 sections 5.2 and 5.3",
      .steps = { { CLIENT_FINISHED, act_fate, .value = FATE_DROP } },
      .expectations = server_bad_mac_tls13 },
    { .name = "reorder-client-finished",
      .text = "The client's first protected record comes behind its second.",
      .references = "RFC 8446 sections 5.2 and 5.3",
      .steps = { { CLIENT_FINISHED, act_fate, .value = FATE_HOLD } },
      .expectations = server_bad_mac_tls13 },
    { .name = "reorder-client-change",
      .text = "The client's ChangeCipherSpec comes behind its Finished.",
      .references = "RFC 5246 sections 7.1 and 7.4.9",
      .steps = { { AT_CHANGE(CLIENT), act_fate, .value = FATE_HOLD } },
      .expectations = server_change_order },
    { .name = "reorder-server-change",
      .text = "The server's ChangeCipherSpec comes behind its Finished.",
      .references = "RFC 5246 sections 7.1 and 7.4.9",
      .steps = { { AT_CHANGE(SERVER), act_fate, .value = FATE_HOLD } },
      .expectations = client_change_order },
    { .name = "drop-client-change",
      .text = "The client's ChangeCipherSpec is left out.",
      .references = "RFC 5246 sections 7.1 and 7.4.9",
      .steps = { { AT_CHANGE(CLIENT), act_fate, .value = FATE_DROP } },
      .expectations = server_change_order },
    { .name = "drop-server-change",
      .text = "The server's ChangeCipherSpec is left out.",
      .references = "RFC 5246 sections 7.1 and 7.4.9",
      .steps = { { AT_CHANGE(SERVER), act_fate, .value = FATE_DROP } },
      .expectations = client_change_order },
    { .name = "shorten-server-finished",
      .text = "The server's first protected record loses its last byte.",
      .references = MAC_TEXT,
      .steps = { { SERVER_FINISHED, act_shorten } },
      .expectations = client_bad_mac },
    { .name = "shorten-client-finished",
      .text = "The client's first protected record loses its last byte.",
      .references = MAC_TEXT,
      .steps = { { CLIENT_FINISHED, act_shorten } },
      .expectations = server_bad_mac },
    { .name = "shorten-request",
      .text = "The client's application data loses its last byte.",
      .references = MAC_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_shorten } },
      .expectations = request_bad_mac },
    { .name = "shorten-answer",
      .text = "The server's application data loses its last byte.",
      .references = MAC_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_shorten } },
      .expectations = answer_bad_mac },
    { .name = "empty-request",
      .text = "The record of the client's application data has nothing in it.",
      .references = MAC_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_empty } },
      .expectations = request_empty },
    { .name = "empty-answer",
      .text = "The record of the server's application data has nothing in it.",
      .references = MAC_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_empty } },
      .expectations = answer_empty },
    { .name = "change-client-finished-type",
      .text = "The client's first protected record says that it is of an unknown type.",
      .references = "RFC 8446 sections 5 and 5.2; RFC 5246 sections 6 and 6.2.3.3",
      .steps = { { CLIENT_FINISHED, act_retype, .value = 99 } },
      .expectations = server_type_changed },
    { .name = "change-request-type",
      .text = "The client's application data says that it is a handshake message.",
      .references = "RFC 8446 sections 5 and 5.2; RFC 5246 sections 6 and 6.2.3.3",
      .steps = { { AT_APPLICATION(CLIENT), act_retype, .value = CONTENT_HANDSHAKE } },
      .expectations = request_type_changed },
    { .name = "oversize-to-server",
      .text = "A protected record that is a byte too long comes before the client's Finished.",
      .references = "RFC 8446 section 5.2; RFC 5246 sections 6.2.3 and 7.2.2",
      .steps = { { CLIENT_FINISHED, act_oversize } },
      .expectations = server_overflow },
    { .name = "oversize-to-client",
      .text = "A protected record that is a byte too long comes before the server's Finished.",
      .references = "RFC 8446 section 5.2; RFC 5246 sections 6.2.3 and 7.2.2",
      .steps = { { SERVER_FINISHED, act_oversize } },
      .expectations = client_overflow },
    { .name = "oversize-clear-to-server",
      .text = "A record in clear that is a byte too long comes before the ClientHello.",
      .references = "RFC 8446 section 5.1; RFC 5246 sections 6.2.1 and 7.2.2",
      .steps = { { AT_CLIENT_HELLO, act_oversize_clear, .value = CONTENT_HANDSHAKE } },
      .expectations = clear_overflow_server },
    { .name = "oversize-clear-to-client",
      .text = "A record in clear that is a byte too long comes before the ServerHello.",
      .references = "RFC 8446 section 5.1; RFC 5246 sections 6.2.1 and 7.2.2",
      .steps = { { AT_SERVER_HELLO, act_oversize_clear, .value = CONTENT_HANDSHAKE } },
      .expectations = clear_overflow_client },
};

FAMILY(family_records, "records", rows);
