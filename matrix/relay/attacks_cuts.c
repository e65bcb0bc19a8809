/* Attacks that cut the connection, by FIN and by RST, at each stage; and closes without
 * close_notify, which are truncations (RFC 8446 section 6.1; RFC 5246 section 7.2.1). */
#include "matrix/relay/attacks_parts.h"

/* An end that has been cut off has nobody to tell; who tries, says that something is missing. */
#define CUT_OFF                                                                                    \
    {                                                                                              \
        .may_refuse = true, .silent = true, .alerts = { ALERT_DECODE_ERROR },                      \
        .stage = STAGE_HANDSHAKE                                                                   \
    }
#define CUT_OFF_LATE                                                                               \
    {                                                                                              \
        .may_refuse = true, .silent = true, .alerts = { ALERT_DECODE_ERROR },                      \
        .stage = STAGE_CLOSE, .handshake_may_finish = true, .may_write = true                      \
    }
#define CUT_OFF_FED                                                                                \
    {                                                                                              \
        .may_refuse = true, .silent = true, .alerts = { ALERT_DECODE_ERROR },                      \
        .stage = STAGE_CLOSE, .handshake_may_finish = true, .may_write = true, .may_receive = true \
    }
#define TRUNCATED                                                                                  \
    {                                                                                              \
        .silent = true, .alerts = { ALERT_DECODE_ERROR }, .stage = STAGE_CLOSE,                    \
        .handshake_may_finish = true, .may_write = true, .may_receive = true, .truncated = true    \
    }
#define AS_IT_MAY                                                                                  \
    {                                                                                              \
        .may_refuse = true, .silent = true, .alerts = { ALERT_DECODE_ERROR }, .stage = STAGE_DONE, \
        .handshake_may_finish = true, .may_write = true, .may_receive = true                       \
    }

static const struct attack_expectation in_handshake[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(CUT_OFF, CUT_OFF) },
    { 0 },
};

/* A TLS 1.3 client is done before the server has its Finished. */
static const struct attack_expectation at_client_finished[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(CUT_OFF_LATE, CUT_OFF) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(CUT_OFF, CUT_OFF) },
    { 0 },
};

/* Before TLS 1.3 the server's Finished comes last. */
static const struct attack_expectation at_server_finished[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(CUT_OFF, CUT_OFF) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(CUT_OFF, CUT_OFF_LATE) },
    { 0 },
};

static const struct attack_expectation at_request[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(CUT_OFF_LATE, CUT_OFF_LATE) },
    { 0 },
};

/* The server has said all that it had to say, and may call that a success with a bad end. */
static const struct attack_expectation at_answer[] = {
    { IN_ALL, NULL, ATTACK_CUT, ENDS(CUT_OFF_LATE, CUT_OFF_FED) },
    { 0 },
};

static const struct attack_expectation both_truncated[] = {
    { IN_ALL, NULL, ATTACK_TRUNCATED, ENDS(TRUNCATED, TRUNCATED) },
    { 0 },
};

static const struct attack_expectation server_truncated[] = {
    { IN_ALL, NULL, ATTACK_TRUNCATED, ENDS(AS_IT_MAY, TRUNCATED) },
    { 0 },
};

static const struct attack_expectation client_truncated[] = {
    { IN_ALL, NULL, ATTACK_TRUNCATED, ENDS(TRUNCATED, AS_IT_MAY) },
    { 0 },
};

static const struct attack_expectation reset_at_close[] = {
    { IN_ALL, NULL, ATTACK_CUT, ENDS(CUT_OFF_FED, CUT_OFF_FED) },
    { 0 },
};

#define CUT(cut_name, cut_text, point, fate, what)                                                 \
    {                                                                                              \
        .name = cut_name, .text = cut_text,                                                        \
        .references = "RFC 8446 section 6.1; RFC 5246 section "                                    \
                      "7.2.1",                                                                     \
        .steps = { { point, act_fate, .value = (fate) } }, .expectations = (what)                  \
    }

static const struct attack rows[] = {
    CUT("fin-at-start", "Both ends get FIN before anything is said.", AT_START(CLIENT), FATE_CLOSE,
        in_handshake),
    CUT("fin-at-client-hello", "Both ends get FIN instead of the ClientHello.", AT_CLIENT_HELLO,
        FATE_CLOSE, in_handshake),
    CUT("fin-at-server-hello", "Both ends get FIN instead of the ServerHello.", AT_SERVER_HELLO,
        FATE_CLOSE, in_handshake),
    CUT("fin-at-server-finished",
        "Both ends get FIN instead of the server's first protected record.",
        AT_PROTECTED(SERVER, 0), FATE_CLOSE, at_server_finished),
    CUT("fin-at-client-finished",
        "Both ends get FIN instead of the client's first protected record.",
        AT_PROTECTED(CLIENT, 0), FATE_CLOSE, at_client_finished),
    CUT("fin-at-request", "Both ends get FIN instead of the client's application data.",
        AT_APPLICATION(CLIENT), FATE_CLOSE, at_request),
    CUT("fin-at-answer", "Both ends get FIN instead of the server's application data.",
        AT_APPLICATION(SERVER), FATE_CLOSE, at_answer),
    CUT("fin-at-close", "Both ends get FIN instead of the client's close_notify.", AT_CLOSE(CLIENT),
        FATE_CLOSE, both_truncated),
    CUT("rst-at-start", "Both ends get RST before anything is said.", AT_START(CLIENT), FATE_RESET,
        in_handshake),
    CUT("rst-at-client-hello", "Both ends get RST instead of the ClientHello.", AT_CLIENT_HELLO,
        FATE_RESET, in_handshake),
    CUT("rst-at-server-hello", "Both ends get RST instead of the ServerHello.", AT_SERVER_HELLO,
        FATE_RESET, in_handshake),
    CUT("rst-at-server-finished",
        "Both ends get RST instead of the server's first protected record.",
        AT_PROTECTED(SERVER, 0), FATE_RESET, at_server_finished),
    CUT("rst-at-client-finished",
        "Both ends get RST instead of the client's first protected record.",
        AT_PROTECTED(CLIENT, 0), FATE_RESET, at_client_finished),
    CUT("rst-at-request", "Both ends get RST instead of the client's application data.",
        AT_APPLICATION(CLIENT), FATE_RESET, at_request),
    CUT("rst-at-answer", "Both ends get RST instead of the server's application data.",
        AT_APPLICATION(SERVER), FATE_RESET, at_answer),
    CUT("rst-at-close", "Both ends get RST instead of the client's close_notify.", AT_CLOSE(CLIENT),
        FATE_RESET, reset_at_close),
    CUT("no-close-notify-from-client", "The server gets FIN instead of the client's close_notify.",
        AT_CLOSE(CLIENT), FATE_MUTE, server_truncated),
    CUT("no-close-notify-from-server", "The client gets FIN instead of the server's close_notify.",
        AT_CLOSE(SERVER), FATE_MUTE, client_truncated),
};

FAMILY(family_cuts, "cuts", rows);
