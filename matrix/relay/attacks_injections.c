/* Attacks that add what nobody sent: alerts and application data in clear, ChangeCipherSpec in the
 * wrong place, records of no type that there is, bytes before the handshake. */
#include "matrix/relay/attacks_parts.h"

/* ---- what must happen ---- */

/* An alert in clear is as good as any while nothing is protected (RFC 8446 section 6.2; RFC 5246
 * section 7.2.2): the victim closes, and has no alert to send. */
static const struct attack_expectation client_told[] = {
    { IN_ALL,
      NULL,
      ATTACK_REFUSED,
      { [ROLE_CLIENT] = { .may_refuse = true, .silent = true, .stage = STAGE_HANDSHAKE },
        [ROLE_SERVER] = FOLLOWS } },
    { 0 },
};

static const struct attack_expectation server_told[] = {
    { IN_ALL,
      NULL,
      ATTACK_REFUSED,
      { [ROLE_CLIENT] = FOLLOWS,
        [ROLE_SERVER] = { .may_refuse = true,
                          .silent = true,
                          .alerts = { ALERT_UNEXPECTED_MESSAGE },
                          .stage = STAGE_HANDSHAKE } } },
    { 0 },
};

/* Where protection has begun, it is a record that cannot be deprotected (RFC 8446 section 5.2; RFC
 * 5246 section 6.2.3) or of a type that does not belong there (RFC 8446 section 5). An end that
 * still waits for the other's first protected record may take it for a real one. */
static const struct attack_expectation client_told_late[] = {
    { IN_TLS13,
      NULL,
      ATTACK_REFUSED,
      { [ROLE_CLIENT] = { .may_refuse = true,
                          .silent = true,
                          .alerts = { ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC },
                          .stage = STAGE_HANDSHAKE },
        [ROLE_SERVER] = FOLLOWS } },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS_LATE) },
    { 0 },
};

static const struct attack_expectation server_told_late[] = {
    { IN_TLS13,
      NULL,
      ATTACK_REFUSED,
      { [ROLE_CLIENT] = FOLLOWS_LATE,
        [ROLE_SERVER] = { .may_refuse = true,
                          .silent = true,
                          .alerts = { ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC },
                          .stage = STAGE_HANDSHAKE } } },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation request_undeprotectable[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation answer_undeprotectable[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC), FOLLOWS_FED) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES_LATE(ALERT_BAD_RECORD_MAC), FOLLOWS_FED) },
    { 0 },
};

/* RFC 5246 section 7.2.2: the connection can generally continue after a warning, and who does not
 * want to, says so with a fatal one. RFC 8446 section 6: user_canceled is no error either. */
static const struct attack_expectation client_warned[] = {
    { IN_ALL,
      NULL,
      ATTACK_EITHER,
      { [ROLE_CLIENT] = { .may_refuse = true,
                          .silent = true,
                          .alerts = { ALERT_UNEXPECTED_MESSAGE },
                          .stage = STAGE_HANDSHAKE },
        [ROLE_SERVER] = FOLLOWS } },
    { 0 },
};

static const struct attack_expectation server_warned[] = {
    { IN_ALL,
      NULL,
      ATTACK_EITHER,
      { [ROLE_CLIENT] = FOLLOWS,
        [ROLE_SERVER] = { .may_refuse = true,
                          .silent = true,
                          .alerts = { ALERT_UNEXPECTED_MESSAGE },
                          .stage = STAGE_HANDSHAKE } } },
    { 0 },
};

/* Application data in front of a handshake message in clear, or where protection has begun. */
static const struct attack_expectation client_data_after_hello[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

/* RFC 8446 section 5: dropped without further processing, from the first ClientHello to the peer's
 * Finished. Before TLS 1.3 it is a message out of order. */
static const struct attack_expectation change_to_client[] = {
    { IN_TLS13, NULL, ATTACK_ACCEPTED },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation change_to_server[] = {
    { IN_TLS13, NULL, ATTACK_ACCEPTED },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE)) },
    { 0 },
};

static const struct attack_expectation late_change_to_server[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS_LATE, REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation late_change_to_client[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE), FOLLOWS_FED) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES_LATE(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC), FOLLOWS_FED) },
    { 0 },
};

/* RFC 8446 section 5: any other value is an unexpected_message. RFC 5246 section 7.1 knows one
 * value only, and no alert for another. */
static const struct attack_expectation bad_change[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR, ALERT_ILLEGAL_PARAMETER),
           FOLLOWS) },
    { 0 },
};

/* What is no TLS has no right to an answer in TLS; who gives one, may choose. */
#define NOT_TLS_ALERTS                                                                             \
    {                                                                                              \
        ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR, ALERT_PROTOCOL_VERSION,                      \
            ALERT_RECORD_OVERFLOW, ALERT_HANDSHAKE_FAILURE                                         \
    }
static const struct attack_expectation server_not_tls[] = {
    { IN_ALL,
      NULL,
      ATTACK_REFUSED,
      { [ROLE_CLIENT] = FOLLOWS,
        [ROLE_SERVER] = { .may_refuse = true,
                          .silent = true,
                          .alerts = NOT_TLS_ALERTS,
                          .stage = STAGE_HANDSHAKE } } },
    { 0 },
};

static const struct attack_expectation client_not_tls[] = {
    { IN_ALL,
      NULL,
      ATTACK_REFUSED,
      { [ROLE_CLIENT] = { .may_refuse = true,
                          .silent = true,
                          .alerts = NOT_TLS_ALERTS,
                          .stage = STAGE_HANDSHAKE },
        [ROLE_SERVER] = FOLLOWS } },
    { 0 },
};

/* MUST NOT be sent (RFC 8446 section 5.1; RFC 5246 section 6.2.1); what to do about one that comes,
 * no text says. */
static const struct attack_expectation empty_to_client[] = {
    { IN_ALL, NULL, ATTACK_EITHER,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation empty_to_server[] = {
    { IN_ALL, NULL, ATTACK_EITHER,
      ENDS(FOLLOWS, REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_DECODE_ERROR)) },
    { 0 },
};

/* ---- what is added ---- */

#define FATAL_ALERT  .value = CONTENT_ALERT, RECORD_BYTES(2, ALERT_HANDSHAKE_FAILURE)
#define CLOSE_NOTIFY .value = CONTENT_ALERT, RECORD_BYTES(1, ALERT_CLOSE_NOTIFY)
#define WARNING      .value = CONTENT_ALERT, RECORD_BYTES(1, ALERT_USER_CANCELED)
#define CHANGE       .value = CONTENT_CHANGE_CIPHER_SPEC, RECORD_BYTES(1)
/* As long as a sealed record of some bytes, and nothing that any key would make. */
#define DATA                                                                                       \
    .value = CONTENT_APPLICATION_DATA,                                                             \
    RECORD_BYTES('a', 't', 't', 'a', 'c', 'k', 'e', 'r', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
                 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
#define UNKNOWN   .value = 99, RECORD_BYTES(0)
#define HEARTBEAT .value = CONTENT_HEARTBEAT, RECORD_BYTES(1, 0x40, 0)

#define ALERT_TEXT "RFC 8446 section 6; RFC 5246 section 7.2"
#define TYPE_TEXT  "RFC 8446 section 5; RFC 5246 section 6"
#define DATA_TEXT  "RFC 8446 sections 5 and 5.2; RFC 5246 sections 6.2.3 and 7.2.2"

static const struct attack rows[] = {
    { .name = "alert-to-client-before-server-hello",
      .text = "A fatal alert in clear comes instead of the ServerHello.",
      .references = ALERT_TEXT,
      .steps = { { AT_SERVER_HELLO, act_insert_before, FATAL_ALERT } },
      .expectations = client_told },
    { .name = "alert-to-server-before-client-hello",
      .text = "A fatal alert in clear comes before the ClientHello.",
      .references = ALERT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_insert_before, FATAL_ALERT } },
      .expectations = server_told },
    { .name = "alert-to-client-under-protection",
      .text = "A fatal alert in clear comes before the server's first protected record.",
      .references = ALERT_TEXT "; RFC 8446 section 5.2",
      .steps = { { AT_PROTECTED(SERVER, 0), act_insert_before, FATAL_ALERT } },
      .expectations = client_told_late },
    { .name = "alert-to-server-under-protection",
      .text = "A fatal alert in clear comes before the client's first protected record.",
      .references = ALERT_TEXT "; RFC 8446 section 5.2",
      .steps = { { AT_PROTECTED(CLIENT, 0), act_insert_before, FATAL_ALERT } },
      .expectations = server_told_late },
    { .name = "alert-to-server-before-request",
      .text = "A fatal alert in clear comes before the client's application data.",
      .references = DATA_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_insert_before, FATAL_ALERT } },
      .expectations = request_undeprotectable },
    { .name = "alert-to-client-before-answer",
      .text = "A fatal alert in clear comes before the server's application data.",
      .references = DATA_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_insert_before, FATAL_ALERT } },
      .expectations = answer_undeprotectable },
    { .name = "close-to-client-before-server-hello",
      .text = "close_notify in clear comes before the ServerHello.",
      .references = ALERT_TEXT,
      .steps = { { AT_SERVER_HELLO, act_insert_before, CLOSE_NOTIFY } },
      .expectations = client_told },
    { .name = "close-to-server-before-request",
      .text = "close_notify in clear comes before the client's application data.",
      .references = DATA_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_insert_before, CLOSE_NOTIFY } },
      .expectations = request_undeprotectable },
    { .name = "close-to-client-before-answer",
      .text = "close_notify in clear comes before the server's application data.",
      .references = DATA_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_insert_before, CLOSE_NOTIFY } },
      .expectations = answer_undeprotectable },
    { .name = "warning-to-client",
      .text = "A warning in clear comes before the ServerHello.",
      .references = "RFC 8446 section 6.1; RFC 5246 section 7.2.2",
      .steps = { { AT_SERVER_HELLO, act_insert_before, WARNING } },
      .expectations = client_warned },
    { .name = "warning-to-server",
      .text = "A warning in clear comes before the ClientHello.",
      .references = "RFC 8446 section 6.1; RFC 5246 section 7.2.2",
      .steps = { { AT_CLIENT_HELLO, act_insert_before, WARNING } },
      .expectations = server_warned },
    { .name = "data-to-server-before-client-hello",
      .text = "Application data in clear comes before the ClientHello.",
      .references = TYPE_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_insert_before, DATA } },
      .expectations = server_unexpected_message },
    { .name = "data-to-client-before-server-hello",
      .text = "Application data in clear comes before the ServerHello.",
      .references = TYPE_TEXT,
      .steps = { { AT_SERVER_HELLO, act_insert_before, DATA } },
      .expectations = client_unexpected_message },
    { .name = "data-to-client-after-server-hello",
      .text = "Application data that nobody protected comes behind the ServerHello.",
      .references = DATA_TEXT,
      .steps = { { AT_SERVER_HELLO, act_insert_after, DATA } },
      .expectations = client_data_after_hello },
    { .name = "data-to-server-before-finished",
      .text = "Application data that nobody protected comes before the client's Finished.",
      .references = DATA_TEXT,
      .steps = { { AT_PROTECTED(CLIENT, 0), act_insert_before, DATA } },
      .expectations = server_bad_mac },
    { .name = "data-to-server-before-request",
      .text = "Application data that nobody protected comes before the client's.",
      .references = DATA_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_insert_before, DATA } },
      .expectations = request_bad_mac },
    { .name = "data-to-client-before-answer",
      .text = "Application data that nobody protected comes before the server's.",
      .references = DATA_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_insert_before, DATA } },
      .expectations = answer_bad_mac },
    { .name = "change-to-server-before-client-hello",
      .text = "ChangeCipherSpec comes before the ClientHello.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_CLIENT_HELLO, act_insert_before, CHANGE } },
      .expectations = server_unexpected_message },
    { .name = "change-to-server-after-server-hello",
      .text = "ChangeCipherSpec comes to a server that has said its ServerHello.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_SERVER_HELLO, act_insert_back, CHANGE } },
      .expectations = change_to_server },
    { .name = "change-to-client-before-server-hello",
      .text = "ChangeCipherSpec comes before the ServerHello.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_SERVER_HELLO, act_insert_before, CHANGE } },
      .expectations = change_to_client },
    { .name = "change-to-client-after-server-hello",
      .text = "ChangeCipherSpec comes behind the ServerHello.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_SERVER_HELLO, act_insert_after, CHANGE } },
      .expectations = change_to_client },
    { .name = "change-to-server-before-request",
      .text = "ChangeCipherSpec comes before the client's application data.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_APPLICATION(CLIENT), act_insert_before, CHANGE } },
      .expectations = late_change_to_server },
    { .name = "change-to-client-before-answer",
      .text = "ChangeCipherSpec comes before the server's application data.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_APPLICATION(SERVER), act_insert_before, CHANGE } },
      .expectations = late_change_to_client },
    { .name = "change-of-other-value",
      .text = "ChangeCipherSpec of value 2 comes behind the ServerHello.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_SERVER_HELLO, act_insert_after, .value = CONTENT_CHANGE_CIPHER_SPEC,
                   RECORD_BYTES(2) } },
      .expectations = bad_change },
    { .name = "change-too-long",
      .text = "ChangeCipherSpec of two bytes comes behind the ServerHello.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.1",
      .steps = { { AT_SERVER_HELLO, act_insert_after, .value = CONTENT_CHANGE_CIPHER_SPEC,
                   RECORD_BYTES(1, 1) } },
      .expectations = bad_change },
    { .name = "unknown-type-to-server",
      .text = "A record of a type that there is not comes before the ClientHello.",
      .references = TYPE_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_insert_before, UNKNOWN } },
      .expectations = server_unexpected_message },
    { .name = "unknown-type-to-client",
      .text = "A record of a type that there is not comes before the ServerHello.",
      .references = TYPE_TEXT,
      .steps = { { AT_SERVER_HELLO, act_insert_before, UNKNOWN } },
      .expectations = client_unexpected_message },
    { .name = "unknown-type-before-request",
      .text = "A record of a type that there is not comes before the client's application data.",
      .references = TYPE_TEXT,
      .steps = { { AT_APPLICATION(CLIENT), act_insert_before, UNKNOWN } },
      .expectations = late_change_to_server },
    { .name = "unknown-type-before-answer",
      .text = "A record of a type that there is not comes before the server's application data.",
      .references = TYPE_TEXT,
      .steps = { { AT_APPLICATION(SERVER), act_insert_before, UNKNOWN } },
      .expectations = late_change_to_client },
    { .name = "heartbeat-to-client",
      .text = "A heartbeat that nobody negotiated comes before the ServerHello.",
      .references = TYPE_TEXT,
      .steps = { { AT_SERVER_HELLO, act_insert_before, HEARTBEAT } },
      .expectations = client_unexpected_message },
    { .name = "heartbeat-to-server",
      .text = "A heartbeat that nobody negotiated comes before the ClientHello.",
      .references = TYPE_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_insert_before, HEARTBEAT } },
      .expectations = server_unexpected_message },
    { .name = "empty-handshake-to-server",
      .text = "A handshake record with nothing in it comes before the ClientHello.",
      .references = "RFC 8446 section 5.1; RFC 5246 section 6.2.1",
      .steps = { { AT_CLIENT_HELLO, act_insert_before, .value = CONTENT_HANDSHAKE } },
      .expectations = empty_to_server },
    { .name = "empty-handshake-to-client",
      .text = "A handshake record with nothing in it comes before the ServerHello.",
      .references = "RFC 8446 section 5.1; RFC 5246 section 6.2.1",
      .steps = { { AT_SERVER_HELLO, act_insert_before, .value = CONTENT_HANDSHAKE } },
      .expectations = empty_to_client },
    { .name = "text-to-server-before-handshake",
      .text = "A line of a protocol before TLS comes before the ClientHello.",
      .references = "RFC 8446 section 5.1; RFC 5246 section 6.2.1",
      .steps = { { AT_START(CLIENT), act_bytes_before,
                   RECORD_BYTES('S', 'T', 'A', 'R', 'T', 'T', 'L', 'S', '\r', '\n') } },
      .expectations = server_not_tls },
    { .name = "text-to-client-before-handshake",
      .text = "A line of a protocol before TLS comes before the ServerHello.",
      .references = "RFC 8446 section 5.1; RFC 5246 section 6.2.1",
      .steps = { { AT_START(SERVER), act_bytes_before,
                   RECORD_BYTES('2', '2', '0', ' ', 'r', 'e', 'a', 'd', 'y', '\r', '\n') } },
      .expectations = client_not_tls },
};

FAMILY(family_injections, "injections", rows);
