/* Attacks on the choice of the version: downgrades, with and without what protects against them. */
#include "matrix/relay/attacks_parts.h"

#include <string.h>

enum { SENTINEL_LEN = 8 };

/* The last bytes of ServerHello.random where a server that could do better negotiates TLS 1.2, and
 * the others for TLS 1.1 and below (RFC 8446 section 4.1.3). */
static const uint8_t sentinel_tls12[SENTINEL_LEN] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D', 1 };
static const uint8_t innocent[SENTINEL_LEN] = { 'i', 'n', 'n', 'o', 'c', 'e', 'n', 't' };

/* ---- ClientHello ---- */

static uint16_t highest(const struct hello *hello)
{
    uint16_t versions[HELLO_LIST_MAX], best = 0;
    size_t num = hello_versions(versions, hello);
    for (size_t i = 0; i < num; i++)
        if (!is_grease(versions[i]) && versions[i] > best)
            best = versions[i];
    return best;
}

/* As a client would say hello that has nothing better than the version below its best. */
static void lower(struct hello *hello, const struct tamper *tamper)
{
    uint16_t target = (uint16_t)(highest(hello) - 1);
    (void)tamper;
    if (target < SSL30)
        return;
    hello->legacy_version = target;
    hello_remove_extension(hello, EXTENSION_SUPPORTED_VERSIONS);
}

static void lower_with_scsv(struct hello *hello, const struct tamper *tamper)
{
    lower(hello, tamper);
    if (hello->num_suites < HELLO_SUITES_MAX)
        hello->suites[hello->num_suites++] = SCSV_FALLBACK;
}

static void add_scsv(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    if (hello->num_suites < HELLO_SUITES_MAX)
        hello->suites[hello->num_suites++] = SCSV_FALLBACK;
}

static void strip_versions(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    hello_remove_extension(hello, EXTENSION_SUPPORTED_VERSIONS);
}

static void offer_unknown(struct hello *hello, const struct tamper *tamper)
{
    static const uint16_t only[] = { 0x0305 };
    struct extension *versions = hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS);
    (void)tamper;
    if (versions != NULL)
        extension_set_list(versions, only, 1, 1);
    else
        hello->legacy_version = SSL30;
}

static void act_lower(struct tamper *tamper)
{
    act_on_hello(tamper, lower);
}

static void act_lower_with_scsv(struct tamper *tamper)
{
    act_on_hello(tamper, lower_with_scsv);
}

static void act_add_scsv(struct tamper *tamper)
{
    act_on_hello(tamper, add_scsv);
}

static void act_strip_versions(struct tamper *tamper)
{
    act_on_hello(tamper, strip_versions);
}

static void act_offer_unknown(struct tamper *tamper)
{
    act_on_hello(tamper, offer_unknown);
}

/* ---- ServerHello ---- */

/* The end of the random: `data`. */
static void end_random(struct hello *hello, const struct tamper *tamper)
{
    memcpy(hello->random + HELLO_RANDOM_LEN - SENTINEL_LEN, tamper->step->data, SENTINEL_LEN);
}

/* One version lower than the server chose, everything else as it is. */
static void answer_lower(struct hello *hello, const struct tamper *tamper)
{
    if (hello_remove_extension(hello, EXTENSION_SUPPORTED_VERSIONS))
        hello->legacy_version = TLS12;
    else
        hello->legacy_version--;
    (void)tamper;
}

/* A suite of TLS 1.2 that this ClientHello offers; 0: none. */
static uint16_t tls12_suite(const struct hello *offer)
{
    for (size_t i = 0; i < offer->num_suites; i++) {
        const struct suite *suite = suite_by_id(offer->suites[i]);
        if (suite != NULL && suite_allows_version(suite, TLS12))
            return suite->id;
    }
    return 0;
}

static void answer_tls12(struct hello *hello, const struct hello *offer, uint16_t suite)
{
    static const uint8_t no_renegotiation[] = { 0 };
    hello_fini(hello); /* its extensions */
    hello->legacy_version = TLS12;
    hello->session_id_len = 0; /* an echo would resume a session */
    hello->suites[0] = suite;
    if (hello_has_renegotiation_info(offer))
        hello_add_extension(hello, EXTENSION_RENEGOTIATION_INFO, no_renegotiation,
                            sizeof no_renegotiation);
    if (hello_has_flag(offer, EXTENSION_EXTENDED_MASTER_SECRET))
        hello_add_extension(hello, EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
}

/* What a server that knows TLS 1.2 only would have answered to the stashed ClientHello; the end of
 * the random is `data`. */
static void forge_tls12(struct hello *hello, const struct tamper *tamper)
{
    struct hello offer;
    if (hello_read(&offer, HANDSHAKE_CLIENT_HELLO, tamper->stash->data, tamper->stash->len, NULL) <
        0)
        return;
    uint16_t suite = tls12_suite(&offer);
    if (suite != 0) {
        answer_tls12(hello, &offer, suite);
        end_random(hello, tamper);
    }
    hello_fini(&offer);
}

/* supported_versions, or where there is none legacy_version, becomes `value`. */
static void answer_version(struct hello *hello, const struct tamper *tamper)
{
    uint16_t version = (uint16_t)tamper->step->value;
    uint8_t body[] = { (uint8_t)(version >> 8), (uint8_t)version };
    struct extension *chosen = hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS);
    if (chosen != NULL)
        extension_set(chosen, body, sizeof body);
    else
        hello->legacy_version = version;
}

static void act_end_random(struct tamper *tamper)
{
    act_on_hello(tamper, end_random);
}

static void act_answer_lower(struct tamper *tamper)
{
    act_on_hello(tamper, answer_lower);
}

static void act_forge_tls12(struct tamper *tamper)
{
    act_on_hello(tamper, forge_tls12);
}

static void act_answer_version(struct tamper *tamper)
{
    act_on_hello(tamper, answer_version);
}

/* ---- what must happen ---- */

/* A server that cannot go lower says so (RFC 8446 appendix D.2, RFC 5246 appendix E.1); where it
 * can, the client finds the sentinel (RFC 8446 section 4.1.3), or a version that it does not want
 * (appendix D.1). Only a client that knows nothing of sentinels leaves it to the Finished. */
/* A client of TLS 1.3 alone offers no suite that a server could take for TLS 1.2 (RFC 5246 section
 * 7.4.1.3); one that answered all the same would be refused for its version. */
#define ONLY_SERVER_GOES_LOWER                                                                     \
    {                                                                                              \
        IN_TLS13, when_only_server_goes_lower, ATTACK_REFUSED,                                     \
            ENDS(REFUSES(ALERT_PROTOCOL_VERSION, ALERT_ILLEGAL_PARAMETER),                         \
                 REFUSES(ALERT_HANDSHAKE_FAILURE))                                                 \
    }

static const struct attack_expectation offer_lowered[] = {
    { IN_ALL, when_server_is_at_lowest, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_PROTOCOL_VERSION)) },
    ONLY_SERVER_GOES_LOWER,
    { IN_ALL, when_only_server_goes_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_PROTOCOL_VERSION, ALERT_ILLEGAL_PARAMETER),
           REFUSES(ALERT_HANDSHAKE_FAILURE)) },
    { IN_TLS13, when_both_go_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { BEFORE_TLS13, when_both_go_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE)) },
    { 0 },
};

static const struct attack_expectation versions_stripped[] = {
    { IN_TLS13, when_server_is_at_lowest, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_PROTOCOL_VERSION)) },
    ONLY_SERVER_GOES_LOWER,
    { IN_TLS13, when_both_go_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { BEFORE_TLS13, when_client_has_tls13, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* The client cannot see that the sentinel was there, but the signature of ServerKeyExchange covers
 * the random (RFC 5246 section 7.4.3). */
static const struct attack_expectation sentinel_wiped[] = {
    { IN_TLS13, when_both_go_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECRYPT_ERROR), REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation fallback_noticed[] = {
    { IN_ALL, when_server_is_at_lowest, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_INAPPROPRIATE_FALLBACK, ALERT_PROTOCOL_VERSION)) },
    { IN_ALL, when_both_go_lower, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_INAPPROPRIATE_FALLBACK)) },
    { IN_ALL, when_only_server_goes_lower, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_INAPPROPRIATE_FALLBACK)) },
    { 0 },
};

/* Of a server that could do better than the client's best it is a fallback (RFC 7507 section 3). */
static const struct attack_expectation fallback_claimed[] = {
    { IN_ALL, when_server_has_better, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_INAPPROPRIATE_FALLBACK, ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { IN_TLS13, when_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR)) },
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

/* TLS 1.3's suite and key share stand in what now is a ServerHello of TLS 1.2, where no text names
 * the alert for a suite that does not fit. */
static const struct attack_expectation answer_lowered[] = {
    { IN_TLS13, when_client_is_at_lowest, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_PROTOCOL_VERSION, ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE), FOLLOWS) },
    { BEFORE_TLS13, when_client_is_at_lowest, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_PROTOCOL_VERSION), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation forged_with_sentinel[] = {
    { IN_TLS13, when_both_go_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { 0 },
};

/* Nothing is wrong with it but that the server did not say it: what follows makes no sense. */
static const struct attack_expectation forged_without_sentinel[] = {
    { IN_TLS13, when_both_go_lower, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation not_offered[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_PROTOCOL_VERSION), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation too_low[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { 0 },
};

/* In supported_versions a version that there is not, which is none that is "recognized but not
 * supported" (RFC 8446 section 6.2), so that protocol_version is not alone; a server of TLS 1.2 may
 * not know the extension. Else SSL 3.0. */
static const struct attack_expectation nothing_common[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_PROTOCOL_VERSION, ALERT_HANDSHAKE_FAILURE, ALERT_INSUFFICIENT_SECURITY)) },
    { BEFORE_TLS13, when_client_has_tls13, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_PROTOCOL_VERSION, ALERT_HANDSHAKE_FAILURE, ALERT_INSUFFICIENT_SECURITY,
                   ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_PROTOCOL_VERSION)) },
    { 0 },
};

static const struct attack rows[] = {
    { .name = "lower-offered-version",
      .text = "The ClientHello is made to offer nothing better than the version below its best.",
      .references = "RFC 8446 section 4.1.3, appendix D; RFC 5246 appendix E.1",
      .steps = { { AT_CLIENT_HELLO, act_lower } },
      .expectations = offer_lowered },
    { .name = "strip-supported-versions",
      .text = "supported_versions is taken out of the ClientHello, which leaves TLS 1.2.",
      .references = "RFC 8446 sections 4.1.3 and 4.2.1",
      .steps = { { AT_CLIENT_HELLO, act_strip_versions } },
      .expectations = versions_stripped },
    { .name = "lower-and-wipe-sentinel",
      .text = "The offer is lowered, and the sentinel taken out of the server's answer to it.",
      .references = "RFC 8446 section 4.1.3; RFC 5246 section 7.4.3",
      .steps = { { AT_CLIENT_HELLO, act_lower },
                 { AT_SERVER_HELLO, act_end_random, .data = innocent } },
      .expectations = sentinel_wiped },
    { .name = "fallback-with-scsv",
      .text = "The offer is lowered as by a client that falls back and says so with "
              "TLS_FALLBACK_SCSV.",
      .references = "RFC 7507 section 3; RFC 8446 section 4.1.3",
      .steps = { { AT_CLIENT_HELLO, act_lower_with_scsv } },
      .expectations = fallback_noticed },
    { .name = "add-fallback-scsv",
      .text = "TLS_FALLBACK_SCSV is put into an offer of the client's best version.",
      .references = "RFC 7507 section 3; RFC 8446 section 4.4.4; RFC 5246 section 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_add_scsv } },
      .expectations = fallback_claimed },
    { .name = "offer-unknown-version",
      .text = "The ClientHello is made to offer no version that there is.",
      .references = "RFC 8446 sections 4.1.1, 4.2.1 and 6.2, appendix D.5; RFC 5246 appendix E.1",
      .steps = { { AT_CLIENT_HELLO, act_offer_unknown } },
      .expectations = nothing_common },
    { .name = "lower-chosen-version",
      .text = "The ServerHello is made to choose the version below the server's choice.",
      .references = "RFC 8446 sections 4.1.3 and 4.2.1, appendix D.1; RFC 5246 appendix E.1",
      .steps = { { AT_SERVER_HELLO, act_answer_lower } },
      .expectations = answer_lowered },
    { .name = "forge-tls12-answer-with-sentinel",
      .text = "The ServerHello is replaced by one of TLS 1.2 that carries the downgrade sentinel.",
      .references = "RFC 8446 section 4.1.3",
      .steps = { { AT_CLIENT_HELLO, act_stash },
                 { AT_SERVER_HELLO, act_forge_tls12, .data = sentinel_tls12 } },
      .expectations = forged_with_sentinel },
    { .name = "forge-tls12-answer",
      .text = "The ServerHello is replaced by a flawless one of TLS 1.2.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.4",
      .steps = { { AT_CLIENT_HELLO, act_stash },
                 { AT_SERVER_HELLO, act_forge_tls12, .data = innocent } },
      .expectations = forged_without_sentinel },
    { .name = "choose-unoffered-version",
      .text = "The ServerHello is made to choose a version above TLS 1.3.",
      .references = "RFC 8446 section 4.2.1; RFC 5246 appendix E.1",
      .steps = { { AT_SERVER_HELLO, act_answer_version, .value = 0x0305 } },
      .expectations = not_offered },
    { .name = "choose-tls12-by-extension",
      .text = "supported_versions of the ServerHello is made to say TLS 1.2.",
      .references = "RFC 8446 section 4.2.1",
      .steps = { { AT_SERVER_HELLO, act_answer_version, .value = TLS12 } },
      .expectations = too_low },
};

FAMILY(family_versions, "versions", rows);
