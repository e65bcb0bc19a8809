/* Attacks on the ServerHello: choices that the client did not offer, forged HelloRetryRequests, and
 * bad form. */
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "matrix/relay/attacks_parts.h"

#include <string.h>

/* The ClientHello that an earlier step has stashed; the caller owes hello_fini() after true. */
static bool offer_of(struct hello *offer, const struct tamper *tamper)
{
    return hello_read(offer, HANDSHAKE_CLIENT_HELLO, tamper->stash->data, tamper->stash->len,
                      NULL) == 0;
}

/* ---- suites and groups ---- */

/* A suite of this version whose being offered is `offered`, and that is not the chosen one. */
static uint16_t find_suite(const struct hello *offer, uint16_t version, bool offered,
                           uint16_t chosen)
{
    for (size_t i = 0; i < num_suites; i++)
        if (suite_allows_version(&suites[i], version) && suites[i].id != chosen &&
            hello_offers_suite(offer, suites[i].id) == offered)
            return suites[i].id;
    return chosen;
}

/* Chooses another suite: one that the client has offered if `value` is set, else one that not. */
static void choose_suite(struct hello *hello, const struct tamper *tamper)
{
    struct hello offer;
    if (!offer_of(&offer, tamper))
        return;
    hello->suites[0] =
        find_suite(&offer, hello_chosen_version(hello), tamper->step->value != 0, hello->suites[0]);
    hello_fini(&offer);
}

/* What a client has to say about a group. */
enum group_offer { GROUP_UNKNOWN, GROUP_SUPPORTED, GROUP_SHARED };

static enum group_offer offer_of_group(const struct hello *offer, uint16_t group)
{
    uint16_t list[HELLO_LIST_MAX];
    if (id_listed(list, hello_key_share_groups(list, offer), group))
        return GROUP_SHARED;
    const struct extension *supported = hello_extension_const(offer, EXTENSION_SUPPORTED_GROUPS);
    return id_listed(list, extension_list(list, supported, 2), group) ? GROUP_SUPPORTED
                                                                      : GROUP_UNKNOWN;
}

/* 0: there is none. */
static uint16_t find_group(const struct tamper *tamper, enum group_offer wanted)
{
    struct hello offer;
    uint16_t found = 0;
    if (!offer_of(&offer, tamper))
        return 0;
    for (size_t i = 0; i < num_groups && found == 0; i++)
        if (groups[i].max_version == TLS13 && offer_of_group(&offer, groups[i].id) == wanted)
            found = groups[i].id;
    hello_fini(&offer);
    return found;
}

/* The group of the server's key share becomes one that the client did not offer. */
static void choose_group(struct hello *hello, const struct tamper *tamper)
{
    struct extension *share = hello_extension(hello, EXTENSION_KEY_SHARE);
    uint16_t group = find_group(tamper, GROUP_UNKNOWN);
    if (share == NULL || share->body.len < 2 || group == 0)
        return;
    share->body.data[0] = (uint8_t)(group >> 8);
    share->body.data[1] = (uint8_t)group;
}

/* ---- HelloRetryRequest ---- */

/* The ServerHello becomes a HelloRetryRequest for this group. */
static void make_retry(struct hello *hello, uint16_t group)
{
    uint8_t body[] = { (uint8_t)(group >> 8), (uint8_t)group };
    struct extension *share = hello_extension(hello, EXTENSION_KEY_SHARE);
    memcpy(hello->random, hello_retry_random, HELLO_RANDOM_LEN);
    if (share != NULL)
        extension_set(share, body, sizeof body);
}

/* For a group of which the client says `value`, an enum group_offer. */
static void forge_retry(struct hello *hello, const struct tamper *tamper)
{
    uint16_t group = find_group(tamper, (enum group_offer)tamper->step->value);
    if (group != 0)
        make_retry(hello, group);
}

static void act_forge_retry(struct tamper *tamper)
{
    act_on_hello(tamper, forge_retry);
}

/* And once more. */
static void act_forge_two_retries(struct tamper *tamper)
{
    act_forge_retry(tamper);
    if (hello_is_retry(tamper->unit->data, tamper->unit->len))
        act_duplicate(tamper);
}

/* ---- other fields ---- */

static void set_compression(struct hello *hello, const struct tamper *tamper)
{
    hello->compressions[0] = (uint8_t)tamper->step->value;
}

static HELLO_ACTION(choose_suite) static HELLO_ACTION(choose_group) static HELLO_ACTION(
    set_compression)

    /* ---- what must happen ---- */

    /* RFC 8446 section 4.1.3. RFC 5246 section 7.4.1.3 leaves the alert open. */
    static const struct attack_expectation suite_not_offered[] = {
        { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
        { BEFORE_TLS13, NULL, ATTACK_REFUSED,
          ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE), FOLLOWS) },
        { 0 },
    };

/* RFC 8446 section 4.2.11: a client looks whether the suite is of the PSK's hash. */
static const struct attack_expectation suite_swapped[] = {
    { IN_TLS13, when_psk, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { IN_TLS13, when_any_suite, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation illegal_tls13[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { 0 },
};

/* A second ClientHello comes to a server that waits for Finished, and behind the HelloRetryRequest
 * the server's protected flight to a client that waits for ServerHello. */
static const struct attack_expectation retry_unasked[] = {
    { IN_TLS13, when_any_group, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE),
           REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation compression_chosen[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE, ALERT_DECODE_ERROR),
           FOLLOWS) },
    { 0 },
};

static const struct attack_expectation extension_not_offered[] = {
    { IN_ALL, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNSUPPORTED_EXTENSION), FOLLOWS) },
    { 0 },
};

/* Recognised, and not specified for this message: illegal_parameter by RFC 8446 section 4.2,
 * unsupported_extension by section 6.2. */
static const struct attack_expectation extension_misplaced[] = {
    { IN_TLS13, when_client_verifies, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_UNSUPPORTED_EXTENSION), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation session_id_changed[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

static const struct attack_expectation random_flipped[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { BEFORE_TLS13, when_key_exchange_is_signed, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECRYPT_ERROR), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

static const struct attack_expectation renegotiation_info_gone[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_HANDSHAKE_FAILURE), REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

static const struct attack_expectation flag_toggled[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNSUPPORTED_EXTENSION, ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* In TLS 1.3 it comes where only protected records are expected: an unexpected type (RFC 8446
 * section 5), and one that cannot be deprotected (section 6.2). */
static const struct attack_expectation hello_twice[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE, ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_UNEXPECTED_MESSAGE), FOLLOWS) },
    { 0 },
};

/* MUST NOT be (RFC 8446 section 4.2, RFC 5246 section 7.4.1.4); the alert is free, and no text has
 * the client look for it: who does not is saved by the transcript. */
static const struct attack_expectation extension_twice[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_UNSUPPORTED_EXTENSION,
                   ALERT_BAD_RECORD_MAC),
           FOLLOWS) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_UNSUPPORTED_EXTENSION),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

#define STASH_OFFER                                                                                \
    {                                                                                              \
        AT_CLIENT_HELLO, act_stash                                                                 \
    }

static const struct attack rows[] = {
    { .name = "choose-unoffered-suite",
      .text = "The ServerHello is made to choose a suite that the client did not offer.",
      .references = "RFC 8446 section 4.1.3; RFC 5246 section 7.4.1.3",
      .steps = { STASH_OFFER, { AT_SERVER_HELLO, act_choose_suite, .value = false } },
      .expectations = suite_not_offered },
    { .name = "choose-other-suite",
      .text = "The ServerHello is made to choose another of the suites that the client offered.",
      .references = "RFC 8446 sections 5.2 and 7.1",
      .steps = { STASH_OFFER, { AT_SERVER_HELLO, act_choose_suite, .value = true } },
      .min_suites = 2,
      .expectations = suite_swapped },
    { .name = "choose-unoffered-group",
      .text = "The server's key share is made one of a group that the client did not offer.",
      .references = "RFC 8446 section 4.2.8",
      .steps = { STASH_OFFER, { AT_SERVER_HELLO, act_choose_group } },
      .expectations = illegal_tls13 },
    { .name = "retry-for-unoffered-group",
      .text = "The ServerHello is replaced by a HelloRetryRequest for a group that the client did "
              "not offer.",
      .references = "RFC 8446 sections 4.1.4 and 4.2.8",
      .steps = { STASH_OFFER, { AT_SERVER_HELLO, act_forge_retry, .value = GROUP_UNKNOWN } },
      .expectations = illegal_tls13 },
    { .name = "retry-for-shared-group",
      .text = "The ServerHello is replaced by a HelloRetryRequest for a share that the client has "
              "sent already.",
      .references = "RFC 8446 sections 4.1.4 and 4.2.8",
      .steps = { STASH_OFFER, { AT_SERVER_HELLO, act_forge_retry, .value = GROUP_SHARED } },
      .expectations = illegal_tls13 },
    { .name = "retry-unasked",
      .text = "The ServerHello is replaced by a flawless HelloRetryRequest.",
      .references = "RFC 8446 sections 4.1.2, 4.1.4 and 5",
      .steps = { STASH_OFFER, { AT_SERVER_HELLO, act_forge_retry, .value = GROUP_SUPPORTED } },
      .expectations = retry_unasked },
    { .name = "retry-twice",
      .text = "The ServerHello is replaced by two HelloRetryRequests.",
      .references = "RFC 8446 section 4.1.4",
      .steps = { STASH_OFFER,
                 { AT_SERVER_HELLO, act_forge_two_retries, .value = GROUP_SUPPORTED } },
      .expectations = retry_unasked },
    { .name = "choose-compression",
      .text = "The ServerHello is made to choose DEFLATE.",
      .references = "RFC 8446 section 4.1.3; RFC 5246 section 7.4.1.3",
      .steps = { { AT_SERVER_HELLO, act_set_compression, .value = 1 } },
      .expectations = compression_chosen },
    { .name = "choose-unoffered-extension",
      .text = "The ServerHello answers an extension that the client did not send.",
      .references = "RFC 8446 section 4.2; RFC 5246 section 7.4.1.4",
      .steps = { { AT_SERVER_HELLO, act_add_extension, .value = 0x1234 } },
      .expectations = extension_not_offered },
    { .name = "misplaced-extension",
      .text = "The ServerHello answers server_name, which belongs into EncryptedExtensions.",
      .references = "RFC 8446 section 4.2",
      .steps = { { AT_SERVER_HELLO, act_add_extension, .value = EXTENSION_SERVER_NAME } },
      .expectations = extension_misplaced },
    { .name = "change-server-session-id",
      .text = "The session id of the ServerHello is changed.",
      .references = "RFC 8446 section 4.1.3; RFC 5246 section 7.4.9",
      .steps = { { AT_SERVER_HELLO, act_change_session_id } },
      .expectations = session_id_changed },
    { .name = "flip-server-hello",
      .text = "A bit of ServerHello.random is flipped.",
      .references = "RFC 8446 section 7.1; RFC 5246 sections 7.4.3, 7.4.9 and 8.1",
      .steps = { { AT_SERVER_HELLO, act_flip_random } },
      .expectations = random_flipped },
    { .name = "strip-server-renegotiation-info",
      .text = "renegotiation_info is taken out of the ServerHello.",
      .references = "RFC 5746 section 3.4; RFC 5246 section 7.4.9",
      .steps = { { AT_SERVER_HELLO, act_strip_extension, .value = EXTENSION_RENEGOTIATION_INFO } },
      .expectations = renegotiation_info_gone },
    { .name = "strip-server-extended-master-secret",
      .text = "extended_master_secret is taken out of the ServerHello, or put in where it is not.",
      .references = "RFC 7627 sections 5.2 and 5.3; RFC 5246 sections 7.4.1.4 and 7.4.9",
      .steps = { { AT_SERVER_HELLO, act_toggle_extension,
                   .value = EXTENSION_EXTENDED_MASTER_SECRET } },
      .expectations = flag_toggled },
    { .name = "strip-server-encrypt-then-mac",
      .text = "encrypt_then_mac is taken out of the ServerHello, or put in where it is not.",
      .references = "RFC 7366 section 3; RFC 5246 sections 7.4.1.4 and 7.4.9",
      .steps = { { AT_SERVER_HELLO, act_toggle_extension, .value = EXTENSION_ENCRYPT_THEN_MAC } },
      .expectations = flag_toggled },
    { .name = "repeat-server-extension",
      .text = "The first extension of the ServerHello comes a second time.",
      .references = "RFC 8446 section 4.2; RFC 5246 section 7.4.1.4",
      .steps = { { AT_SERVER_HELLO, act_repeat_extension } },
      .expectations = extension_twice },
    { .name = "append-to-server-hello",
      .text = "The ServerHello is a byte longer than what is in it.",
      .references = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
      .steps = { { AT_SERVER_HELLO, act_append, .value = 1 } },
      .expectations = client_decode_error },
    { .name = "cut-server-hello",
      .text = "The ServerHello is a byte shorter than what is in it.",
      .references = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
      .steps = { { AT_SERVER_HELLO, act_cut, .value = 1 } },
      .expectations = client_decode_error },
    { .name = "drop-server-hello",
      .text = "The ServerHello is dropped.",
      .references = "RFC 8446 sections 4.1.3 and 5; RFC 5246 section 7.4",
      .steps = { { AT_SERVER_HELLO, act_fate, .value = FATE_DROP } },
      .expectations = client_unexpected_message },
    { .name = "repeat-server-hello",
      .text = "The ServerHello comes twice.",
      .references = "RFC 8446 section 5; RFC 5246 section 7.4",
      .steps = { { AT_SERVER_HELLO, act_duplicate } },
      .expectations = hello_twice },
};

FAMILY(family_server_hello, "server-hello", rows);
